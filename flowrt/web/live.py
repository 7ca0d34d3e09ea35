"""The websocket `/api/live`: state each second, and news as it comes; bounded for each client.

A client that reads too slowly loses the oldest news, and is told how many. State is sampled when
it is sent, so watching costs a flow nothing.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import orjson
from aiohttp import WSMsgType, web

from flowrt.engine import Engine
from flowrt.watch import News, Subscription

__all__ = ["live"]

_STATE_EVERY: Final = 1.0
_HEARTBEAT: Final = 20.0
_SEND_PATIENCE: Final = 10.0
"""Seconds a client may take to read a message before it is let go."""


async def live(engine: Engine, request: web.Request) -> web.WebSocketResponse:
    """Serve one client until it leaves."""
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=4096)
    await socket.prepare(request)
    subscription = engine.watch.subscribe()
    senders = [
        asyncio.create_task(_send_states(engine, socket)),
        asyncio.create_task(_send_news(subscription, socket)),
    ]
    try:
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                break
    finally:
        engine.watch.unsubscribe(subscription)
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
    return socket


async def _send_states(engine: Engine, socket: web.WebSocketResponse) -> None:
    while True:
        await _send(socket, {"kind": "state", **engine.state()})
        await asyncio.sleep(_STATE_EVERY)


async def _send_news(subscription: Subscription, socket: web.WebSocketResponse) -> None:
    while True:
        for news in await subscription.get():
            await _send(socket, _as_message(news))
        if subscription.dropped:
            await _send(socket, {"kind": "dropped", "count": subscription.dropped})
            subscription.dropped = 0


def _as_message(news: News) -> dict[str, Any]:
    return {"kind": news.kind, "flow": news.flow, "node": news.node, "data": news.data}


async def _send(socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
    text = orjson.dumps(message, option=orjson.OPT_NON_STR_KEYS).decode()
    async with asyncio.timeout(_SEND_PATIENCE):
        await socket.send_str(text)
