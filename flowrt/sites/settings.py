"""What stands in a file of sites, as dataclasses; its schema and its help come out of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flowrt.setting import Duration, Secret, setting
from flowrt.sites.inputs.piece import REMEMBERED

__all__ = ["Inputs", "Mqtt", "Nats", "Site", "Sites", "Workers"]

_MOST_A_BATCH = 10_000


@dataclass(frozen=True, kw_only=True)
class Mqtt:
    """An MQTT 5 broker that the sites publish their frames to, QoS 1."""

    host: str = setting("Name or address of the broker.", minLength=1)
    port: int | None = setting(
        "TCP port; left out: 1883, with TLS 8883.", default=None, minimum=1, maximum=65_535
    )
    client_id: str = setting(
        "Name of the session that the broker keeps for this centre; no other client may have it.",
        minLength=1,
    )
    topic: str = setting(
        "Topic that a site publishes to; the level {site} is its name.",
        default="sites/{site}/frames",
    )
    username: str = setting("User name.", default="")
    password: Secret | None = setting("Password.", default=None)
    tls: bool = setting("Encrypt, and check the broker's certificate.", default=False)
    ca_file: Path | None = setting(
        "Certificate of the authority that signed the broker's, PEM.", default=None
    )
    certificate: Path | None = setting("Certificate of this client, PEM.", default=None)
    key: Path | None = setting("Private key of this client, PEM.", default=None)
    keepalive: Duration = setting(
        "Longest silence; a broker silent for longer counts as lost.",
        default=30.0,
        minimum=5,
        maximum=65_535,
    )
    session_expiry: Duration = setting(
        "How long the broker keeps what comes while this centre is away.",
        default=86_400.0,
        minimum=1,
        maximum=4_294_967_295,
    )
    receive_maximum: int = setting(
        "How many messages may be unacknowledged at a time.",
        default=2000,
        minimum=20,
        maximum=REMEMBERED,
    )


@dataclass(frozen=True, kw_only=True)
class Nats:
    """A JetStream of NATS that holds the sites' frames."""

    servers: list[str] = setting("URLs such as nats://10.0.0.5:4222.", minItems=1)
    stream: str = setting("Name of the stream; it must be there.", minLength=1)
    durable: str = setting(
        "Name of this centre at the server; its consumers are called so, with a number.",
        pattern="^[A-Za-z0-9_-]+$",
    )
    subject: str = setting(
        "Subject that a site publishes to; the token {site} is its name.",
        default="sites.{site}.frames",
    )
    username: str = setting("User name.", default="")
    password: Secret | None = setting("Password.", default=None)
    token: Secret | None = setting("A token, in place of user and password.", default=None)
    ca_file: Path | None = setting(
        "Certificate of the authority that signed the server's, PEM.", default=None
    )
    receive_maximum: int = setting(
        "How many messages may be unacknowledged at a time.",
        default=2000,
        minimum=20,
        maximum=REMEMBERED,
    )


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Where the frames come from: one of these."""

    mqtt: Mqtt | None = setting("An MQTT 5 broker.", default=None)
    nats: Nats | None = setting("A JetStream of NATS.", default=None)
    lines: bool = setting("Lines of JSON by standard input.", default=False)


@dataclass(frozen=True, kw_only=True)
class Workers:
    """Where the flows run."""

    executor: Literal["here", "ray"] = setting(
        "In this process, or as Ray's actors.", default="here"
    )
    count: int | None = setting(
        "Cores of the Ray cluster that is started here; left out, all.", default=None, minimum=1
    )
    cluster: str = setting("Address of a running Ray cluster to work on.", default="")


@dataclass(frozen=True, kw_only=True)
class Site:
    """What is particular to a site."""

    flow: Path | None = setting("Its own flow.", default=None)
    shards: int | None = setting("Actors among which its flow is split.", default=None, minimum=1)
    connect: list[str] | None = setting("Sinks of its flow that really write.", default=None)
    environment: dict[str, str] = setting(
        "Values for ${NAME} in its flow; ${SITE} is its name.", default=dict
    )


@dataclass(frozen=True, kw_only=True)
class Sites:
    """A file of sites."""

    flowrt_sites: Literal[1] = setting("Version of this format.")
    flow: Path = setting("Flow that every site runs, unless it names its own.")
    data: Path = setting(
        "Folder of the sites' records and checkpoints; all workers must see it.",
        default=Path("sites"),
    )
    input: Inputs = setting("Where the frames come from.")
    workers: Workers | None = setting(
        "Where the flows run; left out, in this process.", default=None
    )
    batch: int = setting(
        "Most frames a batch; one is sent after 200 ms in any case.",
        default=500,
        minimum=1,
        maximum=_MOST_A_BATCH,
    )
    shards: int = setting("Actors among which each site's flow is split.", default=1, minimum=1)
    connect: list[str] = setting(
        "Sinks of the flow that really write; the others are recorded only.", default=list
    )
    environment: dict[str, str] = setting("Values for ${NAME} in every flow.", default=dict)
    sites: dict[str, Site] = setting(
        "The sites by name; left out, whichever sends frames is one.", default=dict
    )
