"""What is wrong with the settings of a broker that a schema cannot say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nodes.mqtt.embedded import EMBEDDED, MISSING, installed
from nodes.mqtt.topic import template_problems

if TYPE_CHECKING:
    from nodes.mqtt.broker import Broker

__all__ = ["broker_problems"]

_WILL_FIELDS: Final = ("client", "flow", "node")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def broker_problems(broker: Broker) -> Iterator[tuple[str, str]]:
    """Each as setting and sentence; looks at files, touches no network."""
    yield from _session(broker)
    yield from _tls(broker)
    yield from _will(broker)


def _session(broker: Broker) -> Iterator[tuple[str, str]]:
    if broker.host == EMBEDDED and not installed():
        yield "host", MISSING
    if not broker.clean_session and not broker.client_id:
        yield "client_id", "a kept session needs a name that stays. Give one."


def _tls(broker: Broker) -> Iterator[tuple[str, str]]:
    if broker.host == EMBEDDED and broker.tls:
        yield "tls", "the embedded broker has no TLS. Leave it out."
    for name in ("ca_file", "certificate", "key"):
        file: Path | None = getattr(broker, name)
        if file and not broker.tls:
            yield name, 'is of no use without TLS. Set "tls": true.'
        elif file and not file.is_file():
            yield name, f"there is no file {file}."
    if bool(broker.certificate) != bool(broker.key):
        yield "key", 'a certificate needs its key. Give both "certificate" and "key".'
    if broker.insecure and broker.host not in _LOOPBACK:
        yield (
            "insecure",
            f"anybody on the way to {broker.host} could read and forge everything. Leave it out, "
            'and put the broker\'s own certificate into "ca_file".',
        )


def _will(broker: Broker) -> Iterator[tuple[str, str]]:
    if broker.last_will and broker.status_topic:
        yield "last_will", 'MQTT has one last will; "status_topic" is one. Leave one out.'
    if broker.last_will:
        for sentence in template_problems(broker.last_will.topic, _WILL_FIELDS):
            yield "last_will.topic", sentence
    if broker.status_topic:
        for sentence in template_problems(broker.status_topic, _WILL_FIELDS):
            yield "status_topic", sentence
