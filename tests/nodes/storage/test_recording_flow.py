"""The recorders in a running flow."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from flowrt.flow.file import read_flow
from flowrt.running.engine import Engine

FLOW = {
    "flowrt": 1,
    "name": "recorded",
    "nodes": {
        "ticks": {"type": "core/inject", "values": {"SOC": 55.5}, "every": "1 ms", "count": 20},
        "lines": {"type": "storage/jsonl", "file": "log/x.jsonl"},
        "table": {"type": "storage/csv", "file": "log/x.csv", "signals": ["SOC"]},
        "database": {"type": "storage/sqlite", "file": "log/x.db", "keep": "1 h"},
    },
    "wires": [{"from": "ticks", "to": sink} for sink in ("lines", "table", "database")],
}


async def run(file: Path) -> dict[str, dict[str, int]]:
    """Run the flow for a moment; what was dropped, by node."""
    engine = Engine(file.parent / "data")
    flow = await engine.start(read_flow(file))
    await asyncio.sleep(0.1)
    await engine.stop_all()
    return {id: step.counters.drops for id, step in flow.circuit.steps.items()}


def test_all_that_was_sent_is_on_disk_after_the_stop(tmp_path: Path) -> None:
    (tmp_path / "recorded.json").write_text(json.dumps(FLOW))
    drops = asyncio.run(run(tmp_path / "recorded.json"))
    with closing(sqlite3.connect(tmp_path / "log" / "x.db")) as connection:
        rows = connection.execute("SELECT source, name, value FROM signals").fetchall()
    assert rows == [("inject", "SOC", 55.5)] * 20
    assert len((tmp_path / "log" / "x.csv").read_text().splitlines()) == 21
    assert len((tmp_path / "log" / "x.jsonl").read_text().splitlines()) == 20
    assert not any(drops.values())


def test_no_log_of_a_database_stays_behind_after_a_stop(tmp_path: Path) -> None:
    (tmp_path / "recorded.json").write_text(json.dumps(FLOW))
    asyncio.run(run(tmp_path / "recorded.json"))
    assert sorted(file.name for file in (tmp_path / "log").iterdir()) == [
        "x.csv",
        "x.db",
        "x.jsonl",
    ]
