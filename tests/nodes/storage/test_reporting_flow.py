"""storage/report in a running flow: what the flow lost is on the page, and so after a restart."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from flowrt.flow.file import read_flow
from flowrt.running.engine import Engine
from tests.support.sinks import until

FLOW = {
    "flowrt": 1,
    "name": "reported",
    "nodes": {
        "ticks": {"type": "core/inject", "values": {"SOC": 55.5}, "every": "1 ms", "count": 20},
        "slow": {"type": "core/rate-limit", "limit": 1, "per": "1 h"},
        "report": {"type": "storage/report", "folder": "pages"},
    },
    "wires": [{"from": "ticks", "to": "slow"}, {"from": "slow", "to": "report"}],
}


async def run(file: Path) -> str:
    """Run the flow for a moment and press the report's button; the page."""
    engine = Engine(file.parent / "data")
    flow = await engine.start(read_flow(file))
    slow = flow.circuit.steps["slow"].counters
    await until(lambda: slow.received == 20)
    flow.circuit.steps["report"].press()
    await engine.stop_all()
    (page,) = (file.parent / "pages").iterdir()
    return page.read_text(encoding="utf-8").replace("\u202f", " ")


def test_the_page_tells_what_the_flow_lost_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "reported.json"
    file.write_text(json.dumps(FLOW))
    first, second = (asyncio.run(run(file)) for _ in range(2))
    assert "<td>slow</td><td>more than 1 in 3600 s</td>" in first
    assert '<td class="n">19</td>' in first
    assert '<td class="n">39</td>' in second
