"""The websocket `/api/live`: state each second, news, values of watched outputs, who else looks.

All is bounded for each client: one that reads too slowly loses the oldest, and is told how many.
State is sampled when it is sent, so watching costs a flow nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from flowrt.errors import RequestRefused
from flowrt.observe.probe import MOST_WATCHED, Probes, Watcher
from flowrt.running.engine import Engine
from flowrt.watch.watch import News, Subscription
from flowrt.web.background import run_beside
from flowrt.web.guard import is_still_in, signed
from flowrt.web.presence import Presence
from flowrt.web.problem import problem
from flowrt.web.wishes import LARGEST_WISH, read_wish

__all__ = ["add_routes"]

_log = logging.getLogger("flowrt.web")
_STATE_EVERY: Final = 1.0
_HEARTBEAT: Final = 20.0
_SEND_PATIENCE: Final = 10.0
"""Seconds a client may take to read a message before it is let go."""
_MOST_ANSWERS: Final = 4 * MOST_WATCHED
"""Messages of values that may wait for a client: those of two seconds."""
_MOST_CLIENTS: Final = 64


def add_routes(app: web.Application, engine: Engine) -> None:
    """Serve `/api/live`."""
    probes = Probes(engine)
    presence = Presence()
    clients: set[_Client] = set()

    async def live(request: web.Request) -> web.StreamResponse:
        if len(clients) >= _MOST_CLIENTS:
            detail = f"{_MOST_CLIENTS} clients watch already, and no more may. Close one."
            return problem(503, "Too many watchers", detail)
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=LARGEST_WISH)
        client = _Client(engine, probes, presence, request, socket)
        clients.add(client)
        try:
            await socket.prepare(request)
            await client.serve()
        finally:
            clients.remove(client)
        return socket

    async def say_goodbye(_app: web.Application) -> None:
        """Nobody who watches may hold up the end."""
        goodbyes = [client.socket.close(code=WSCloseCode.GOING_AWAY) for client in clients]
        await asyncio.gather(*goodbyes)

    run_beside(app, "probes", probes.run)
    app.on_shutdown.append(say_goodbye)
    app.router.add_get("/api/live", live)


class _Client:
    """Somebody who watches."""

    def __init__(
        self,
        engine: Engine,
        probes: Probes,
        presence: Presence,
        request: web.Request,
        socket: web.WebSocketResponse,
    ) -> None:
        self.socket = socket
        self._engine = engine
        self._probes = probes
        self._presence = presence
        self._request = request
        self._news = engine.watch.subscribe()
        self._answers: Watcher = Subscription(_MOST_ANSWERS)

    async def serve(self) -> None:
        """Send and listen until the client leaves."""
        self._presence.come(self, self._who)
        senders = [
            asyncio.create_task(self._patiently(send))
            for send in (self._send_states, self._send_news, self._send_answers)
        ]
        try:
            await self._listen()
        finally:
            self._engine.watch.unsubscribe(self._news)
            self._probes.leave(self._answers)
            self._presence.leave(self)
            for sender in senders:
                sender.cancel()
            await asyncio.wait(senders)

    @property
    def _who(self) -> str:
        return signed(self._request, None, self._request.remote or "")

    # --- what it says

    async def _listen(self) -> None:
        async for message in self.socket:
            if message.type is WSMsgType.ERROR:
                return
            try:
                wish = read_wish(message.data)
                self._probes.watch(self._answers, wish.watch)
                self._presence.come(self, self._who, wish.at)
            except RequestRefused as refusal:
                self._answers.put({"kind": "problem", "detail": str(refusal)})

    # --- what it is sent

    async def _patiently(self, send: Callable[[], Awaitable[None]]) -> None:
        """Let go of a client that does not read, or has gone."""
        try:
            await send()
        except (TimeoutError, ConnectionError) as error:
            _log.info("a watcher at %s was let go: %r", self._request.remote, error)
        except Exception:  # noqa: BLE001  a client cannot be left without state
            _log.exception("a watcher at %s cannot be served", self._request.remote)
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _send_states(self) -> None:
        told: list[dict[str, Any]] | None = None
        while is_still_in(self._request):
            await self._send({"kind": "state", **self._engine.state()})
            if (others := self._presence.others(self)) != told:
                await self._send({"kind": "people", "people": others})
                told = others
            await asyncio.sleep(_STATE_EVERY)
        await self.socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"log in")

    async def _send_news(self) -> None:
        while True:
            for news in await self._news.get():
                await self._send(_as_message(news))
            await self._tell_dropped(self._news)

    async def _send_answers(self) -> None:
        while True:
            for answer in await self._answers.get():
                await self._send(answer)
            await self._tell_dropped(self._answers)

    async def _tell_dropped(self, queue: Subscription[Any]) -> None:
        if queue.dropped:
            count, queue.dropped = queue.dropped, 0
            await self._send({"kind": "dropped", "count": count})

    async def _send(self, message: dict[str, Any]) -> None:
        text = orjson.dumps(message, option=orjson.OPT_NON_STR_KEYS).decode()
        async with asyncio.timeout(_SEND_PATIENCE):
            await self.socket.send_str(text)


def _as_message(news: News) -> dict[str, Any]:
    return {"kind": news.kind, "flow": news.flow, "node": news.node, "data": news.data}
