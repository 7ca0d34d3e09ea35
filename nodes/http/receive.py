"""Take messages that others post."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final

import orjson

from flowrt.node import (
    Catalogue,
    Emit,
    Event,
    Example,
    Frame,
    NodeFault,
    Output,
    Secret,
    Sent,
    SignalInfo,
    Signals,
    Source,
    from_record,
    node,
    setting,
)

if TYPE_CHECKING:
    from aiohttp import web

_LARGEST: Final = 1_000_000
"""Bytes of a body that is taken."""
_KEYS: Final = 10_000
"""Idempotency keys remembered."""
_AT_ONCE: Final = 64
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


@node("http/receive", icon="download")
class Receive(Source):
    """Take readings and events that others post as JSON.

    The body is an object of readings (`{"SOC": 50}`, the source is the last level of the path), or
    a list of flowrt's records as http/post sends them, but for frames. What cannot be read is
    answered with 400, a full queue with 503; a body with an Idempotency-Key that came before is
    not taken twice.
    """

    host: str = setting("Address to listen at; 0.0.0.0 for every interface.", default="127.0.0.1")
    port: int = setting("TCP port.", minimum=1, maximum=65535)
    path: str = setting(
        "Path; what comes below it is taken, too.", default="/readings", pattern=r"^/[^{}]*$"
    )
    token: Secret | None = setting("Wanted as `Authorization: Bearer ...`.", default=None)
    signals: list[str] = setting(
        "The signals that come; left out, any may, and names are not checked.", default=list
    )
    queue: int = setting("Messages that may wait.", default=10_000, minimum=1, advanced=True)

    out = Output("Readings that were posted.", carries="signals")
    events = Output("Events that were posted.", carries="event")

    examples = (
        Example("Readings of a weather service", {"port": 8500, "path": "/weather"}),
        Example("With a token", {"port": 8500, "token": {"secret": "hook-token"}}),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Without a token anybody on the network could post."""
        if self.token is None and self.host not in _LOOPBACK:
            yield "token", "anybody who reaches this address could post. Give one."

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """What is expected; where nothing is said, anything."""
        expected = [SignalInfo(name) for name in self.signals]
        return {"out": Catalogue(expected, open=not expected)}

    def summary(self) -> str:
        """Where it listens."""
        return f"{self.host}:{self.port}{self.path}"

    @property
    def address(self) -> str:
        """Where others post."""
        return f"http://{self.summary()}"

    # --- its life

    async def start(self) -> None:
        """Listen."""
        from aiohttp import web

        self._waiting: deque[Signals | Sent] = deque()
        self._bell = asyncio.Event()
        self._keys: OrderedDict[str, None] = OrderedDict()
        app = web.Application(client_max_size=_LARGEST)
        below = self.path.rstrip("/") + "/{source:.*}"
        app.add_routes([web.post(self.path, self._take), web.post(below, self._take)])
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise NodeFault(
                f"{self.host}:{self.port} cannot be listened at: {error.strerror}. "
                "Choose another port, or end the program that has it"
            ) from error
        self.context.status("listening", True)

    async def stop(self) -> None:
        """Close the connections, and count what was not read."""
        await self._runner.cleanup()
        if self._waiting:
            self.context.drop("stopped with messages queued", len(self._waiting))

    async def run(self, emit: Emit) -> None:
        """Send what was posted."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            while self._waiting:
                some = min(len(self._waiting), _AT_ONCE)
                await emit([self._waiting.popleft() for _ in range(some)])
                await asyncio.sleep(0)

    # --- requests

    async def _take(self, request: web.Request) -> web.Response:
        from aiohttp import web

        if not self._may(request.headers.get("Authorization", "")):
            return web.Response(status=401, text="a token is wanted")
        key = request.headers.get("Idempotency-Key", "")
        if key and key in self._keys:
            return web.Response(text="taken before")
        try:
            messages = self._messages(await request.read(), request.match_info.get("source", ""))
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            self.context.drop("unreadable", 1)
            return web.Response(status=400, text=f"cannot be read: {error}")
        if len(self._waiting) + len(messages) > self.queue:
            self.context.drop("queue full, refused", len(messages))
            return web.Response(status=503, text="queue full", headers={"Retry-After": "1"})
        self._remember(key)
        self._waiting.extend(messages)
        self._bell.set()
        return web.Response(text=f"{len(messages)} taken")

    def _may(self, authorization: str) -> bool:
        if self.token is None:
            return True
        return compare_digest(authorization.encode(), f"Bearer {self.token.reveal()}".encode())

    def _remember(self, key: str) -> None:
        if key:
            self._keys[key] = None
            if len(self._keys) > _KEYS:
                self._keys.popitem(last=False)

    def _messages(self, body: bytes, source: str) -> list[Signals | Sent]:
        content: Any = orjson.loads(body)
        if isinstance(content, list):
            return [self._message(record) for record in content]
        if not isinstance(content, dict):
            raise TypeError("neither an object nor a list")
        if "kind" in content and "time" in content:
            return [self._message(content)]
        if wrong := [name for name, value in content.items() if isinstance(value, dict | list)]:
            raise ValueError(f"{wrong[0]} is no plain value")
        name = source or self.path.strip("/").rpartition("/")[2] or self.id
        return [Signals(self.clock.now(), name, content)]

    def _message(self, record: Any) -> Signals | Sent:
        if not isinstance(record, dict):
            raise TypeError("a record is no object")
        message = from_record(record)
        if isinstance(message, Frame):
            raise TypeError("frames are not taken")
        return self.events(message) if isinstance(message, Event) else message
