"""What editors cost a gateway, and what a redeploy does to its frames; at 8,000 frames/s."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from aiohttp import ClientSession

from tests.bench.live.station import Station, five_nodes_of, free_ports, stamped_of, station

__all__ = ["watching"]

_RATE: Final = 8000
_STAMPS: Final = 500
_LONGEST_DEPLOY: Final = 8.0
_CLIENTS: Final = 5
_OUTPUTS: Final = ("frames0.out", "decode.out", "soc_low.alarm", "minute.out")


def watching(seconds: float) -> dict[str, Any]:
    """Processor share without an editor, with one that nobody watches, and with five clients."""
    port, editor = free_ports(2)
    with station([five_nodes_of("five", [port])], [port]) as gateway:
        gateway.feed(_RATE, 1)
        headless = gateway.feed(_RATE, seconds)
    with station([five_nodes_of("five", [port])], [port], editor) as gateway:
        gateway.feed(_RATE, 1)
        alone = gateway.feed(_RATE, seconds)
        watched, messages = asyncio.run(_watched(gateway, editor, seconds))
    with station([stamped_of("five", port)], [port], editor) as gateway:
        gateway.feed(_RATE, 1)
        redeployed = asyncio.run(_redeployed(gateway, editor, seconds))
    return {
        "headless": headless["share"],
        "editor": alone["share"],
        "watched": watched["share"],
        "memory_headless": headless["memory"],
        "memory_watched": watched["memory"],
        "lost": headless["lost"] + alone["lost"] + watched["lost"],
        "messages_a_client": messages,
        "redeploy": redeployed,
    }


async def _watched(gateway: Station, editor: int, seconds: float) -> tuple[dict[str, Any], int]:
    """Every client watches every output."""
    wish = [
        dict(zip(("flow", "node", "port"), ("five", *one.split(".")), strict=True))
        for one in _OUTPUTS
    ]
    counts = [0] * _CLIENTS

    async def watch(http: ClientSession, index: int) -> None:
        async with http.ws_connect(f"http://127.0.0.1:{editor}/api/live", max_msg_size=0) as socket:
            await socket.send_json({"watch": wish})
            async for _ in socket:
                counts[index] += 1

    async with ClientSession() as http:
        clients = [asyncio.create_task(watch(http, index)) for index in range(_CLIENTS)]
        await asyncio.sleep(1)
        told = await asyncio.to_thread(gateway.feed, _RATE, seconds)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
    return told, min(counts)


async def _redeployed(gateway: Station, editor: int, seconds: float) -> dict[str, Any]:
    """One setting of one node changes while frames come; what gets lost, and how long it takes."""
    base = f"http://127.0.0.1:{editor}/api/flows/five"
    lasting = seconds + _LONGEST_DEPLOY
    feed = asyncio.to_thread(gateway.feed, _RATE, lasting, stamps=_STAMPS)
    feeding = asyncio.create_task(feed)
    await asyncio.sleep(min(1.0, seconds / 2))
    async with ClientSession() as http:
        async with http.get(base) as answer:
            flow, tag = json.loads(await answer.text()), answer.headers["ETag"]
        flow["nodes"]["soc_low"]["below"] = 25
        begun = asyncio.get_running_loop().time()
        async with http.put(base, json=flow, headers={"If-Match": tag}) as answer:
            answer.raise_for_status()
        async with http.post(f"{base}/deploy", json={}) as answer:
            said = await answer.text()
            answer.raise_for_status()
        took = asyncio.get_running_loop().time() - begun
    if feeding.done():
        raise RuntimeError(f"the deploy took {took:.1f} s, longer than frames were sent")
    told = await feeding
    return {
        "lost": told["lost"],
        "seconds": took,
        "longest_wait_ms": max(told["ages"]["can"]) / 1000,
        "drops": told["drops"],
        "answer": said[:200],
    }
