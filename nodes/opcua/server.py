"""An OPC UA server that shows readings and alarms."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from flowrt.node import (
    Duration,
    Event,
    Example,
    NodeFault,
    Secret,
    SignalInfo,
    Signals,
    Sink,
    Timer,
    Value,
    node,
    setting,
)
from nodes.opcua.space import Access, Reading, Space

if importlib.util.find_spec("asyncua") is None:  # it takes a second to import: not yet
    raise ModuleNotFoundError("No module named 'asyncua'", name="asyncua")

_PAUSE: Final = 10.0
"""Seconds between attempts to serve."""
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


@node("opcua/server", icon="network")
class Server(Sink):
    """Show readings and alarms by OPC UA, with units and ranges where they are known.

    A source is a folder (`rack1/State` one in another), a signal a variable with the id
    `ns=2;s=rack1/State.SOC`, an alarm a Boolean in the folder `Alarms`. A value that never came or
    is not available is Bad, a stale one Uncertain with its last value.
    """

    overflow = "latest"

    host: str = setting("Address to listen at; 0.0.0.0 for every interface.", default="127.0.0.1")
    port: int = setting("TCP port.", default=4840, minimum=1, maximum=65535)
    name: str = setting("Name of the server.", default="flowrt", minLength=1)
    security: Literal["none", "sign-and-encrypt", "both"] = setting(
        "Who is let in: plain connections, only encrypted ones (Basic256Sha256), or both.",
        default="none",
    )
    certificate: Path | None = setting(
        "The server's certificate, for encryption; PEM or DER.",
        default=None,
        file=[".pem", ".crt", ".der"],
    )
    key: Path | None = setting(
        "Its private key, PEM.", default=None, file=[".pem", ".key"], advanced=True
    )
    username: str = setting("User that clients must be; anybody, if left out.", default="")
    password: Secret | None = setting("The user's password.", default=None)
    stale_after: Duration | None = setting(
        "What has not come for so long is stale; never, if left out.", default=None
    )

    examples = (
        Example("For programs on this machine", {"stale_after": "5 s"}),
        Example(
            "Encrypted, for a SCADA on the network",
            {
                "host": "0.0.0.0",  # noqa: S104  an example
                "security": "sign-and-encrypt",
                "certificate": "pki/server.pem",
                "key": "pki/server.key",
                "username": "scada",
                "password": {"secret": "scada-password"},
            },
        ),
    )

    def __post_init__(self) -> None:
        self._space: Space | None = None
        self._timer: Timer | None = None

    def problems(self) -> Iterator[tuple[str, str]]:
        """What security needs, and what must not go in the clear."""
        if self.security != "none":
            for name in ("certificate", "key"):
                file: Path | None = getattr(self, name)
                if file is None:
                    yield name, f'is needed with "security": "{self.security}".'
                elif not file.is_file():
                    yield name, f"there is no file {file}."
        if bool(self.username) != bool(self.password):
            yield "password", 'a user needs a password. Give both "username" and "password".'
        if self.password and self.security != "sign-and-encrypt" and self.host not in _LOOPBACK:
            yield "security", 'a password could be read on the way. Set "sign-and-encrypt".'

    def summary(self) -> str:
        """Where it listens."""
        return f"{self.host}:{self.port}" + ("" if self.security == "none" else ", encrypted")

    @property
    def address(self) -> str:
        """Where clients find it, while it serves."""
        return f"opc.tcp://{self.host}:{self.port}/flowrt" if self._space else ""

    def figures(self) -> dict[str, float]:
        """Clients that have a session."""
        return {"sessions": float(self._space.sessions)} if self._space else {}

    # --- its life

    async def start(self) -> None:
        """Begin to serve; the library takes seconds to build what the standard asks for."""
        self._infos = {(info.source, info.name): info for info in self.incoming}
        self._fresh: dict[tuple[str, str], tuple[float, Reading]] = {}
        self._raised: dict[str, set[str]] = {}
        self._sweeping: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self.context.status("building the address space", True)
        self._opening = asyncio.create_task(self._open())

    async def _open(self) -> None:
        """Serve, as soon as it can be; variables of known signals are there from the start."""
        while True:
            space = Space(f"opc.tcp://{self.host}:{self.port}/flowrt", self.name, self._access())
            try:
                await space.open(list(self.incoming))
            except NodeFault as error:
                self.context.fault(error, None)
                self.context.status(str(error), False)
                await self.clock.sleep(_PAUSE)
            else:
                break
        self._space = space
        self._ready.set()
        self.context.status("serving", True)
        if self.stale_after is not None:
            self._timer = self.clock.after(self.stale_after / 4, self._sweep)

    def _access(self) -> Access:
        password = self.password.reveal() if self.password else ""
        return Access(
            *((None, None) if self.security == "none" else (self.certificate, self.key)),
            plain=self.security != "sign-and-encrypt",
            users=((self.username, password),) if self.username else (),
        )

    async def stop(self) -> None:
        """End all sessions."""
        self._opening.cancel()
        await asyncio.gather(self._opening, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        if self._sweeping is not None:
            await self._sweeping
        space, self._space = self._space, None
        if space is not None:
            await space.close()

    async def write(self, messages: Sequence[Signals | Event]) -> None:
        """Show the newest."""
        await self._ready.wait()
        assert self._space is not None
        readings: list[Reading] = []
        for message in messages:
            if isinstance(message, Event):
                readings += self._alarm(message)
            else:
                readings += self._readings(message)
        before = self._space.dropped
        await self._space.show(readings)
        if lost := self._space.dropped - before:
            self.context.drop("more variables than there may be", lost)

    def _readings(self, message: Signals) -> Iterator[Reading]:
        for name, value in message.values.items():
            key = (message.source, name)
            info = self._infos.get(key)
            if info is None:
                info = self._infos[key] = _info_of(message.source, name, value)
            missing = value is None or value != value
            reading = Reading(info, value, message.time, "missing" if missing else "good")
            if missing:
                self._fresh.pop(key, None)
            else:
                self._fresh[key] = (self.clock.now(), reading)
            yield reading

    def _alarm(self, event: Event) -> Iterator[Reading]:
        """True while any source has raised it."""
        if event.state in ("raised", "cleared"):
            sources = self._raised.setdefault(event.name, set())
            (sources.add if event.state == "raised" else sources.discard)(event.source)
            info = SignalInfo(event.name, "Alarms", type="boolean")
            yield Reading(info, bool(sources), event.time)

    # --- silence

    def _sweep(self) -> None:
        """Mark what has not come for too long."""
        assert self.stale_after is not None
        oldest = self.clock.now() - self.stale_after
        old = [key for key, (came, _) in self._fresh.items() if came < oldest]
        stale = [replace(self._fresh.pop(key)[1], state="stale") for key in old]
        space = self._space
        if stale and space is not None:
            self._sweeping = asyncio.get_running_loop().create_task(space.show(stale))
        self._timer = self.clock.after(self.stale_after / 4, self._sweep)


def _info_of(source: str, name: str, value: Value) -> SignalInfo:
    """What is known of a signal that no catalogue told."""
    return SignalInfo(name, source, type="text" if isinstance(value, str) else "number")
