"""The live socket under any message: it answers or closes, and the flows go on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, WSMsgType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrt.running.engine import Engine
from tests.support.gateway import TICK, serve, until

BUSY = {
    **TICK,
    "nodes": {**TICK["nodes"], "inject": {**TICK["nodes"]["inject"], "every": "20 ms"}},
}
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["watch", "flow", "node", "port", "at", "x"]), inner, max_size=4
        ),
    ),
    max_leaves=10,
)
MESSAGE = st.one_of(
    st.text(max_size=50), st.binary(max_size=50), JSON.map(json.dumps), st.just("[" * 5000)
)


async def say(http: ClientSession, messages: list[str | bytes]) -> None:
    async with http.ws_connect("/api/live") as live:
        for message in messages:
            send: Any = live.send_str if isinstance(message, str) else live.send_bytes
            await send(message)
        await live.send_str('{"watch": []}')
        while not live.closed:
            answer = await live.receive(timeout=10)
            assert answer.type in (WSMsgType.TEXT, WSMsgType.CLOSE, WSMsgType.CLOSED)
            if answer.type is WSMsgType.TEXT and json.loads(answer.data)["kind"] == "state":
                return


def test_no_message_harms_the_socket_of_another_or_a_flow(tmp_path: Path) -> None:
    @settings(
        max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(MESSAGE, min_size=1, max_size=10))
    def collect(messages: list[str | bytes]) -> None:
        said.append(messages)

    said: list[list[str | bytes]] = []
    collect()

    async def scenario(http: ClientSession, engine: Engine) -> None:
        for messages in said:
            await say(http, messages)
        counters = engine.flows["tick"].circuit.steps["inject"].counters
        before = counters.sent
        await until(lambda: counters.sent > before)
        await asyncio.sleep(0)
        assert not engine.flows["tick"].circuit.steps["show"].counters.errors

    serve(tmp_path, scenario, BUSY)
    assert len(said) >= 60
