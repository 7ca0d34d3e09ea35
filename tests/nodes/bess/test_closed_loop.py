"""The EMS of an example drives the simulated plant of another one, over virtual buses."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from flowrt.flow.file import Flow, read_flow
from flowrt.message import Signals
from flowrt.running.engine import Engine
from tests.support.bus_flow import heard, until

EXAMPLES = Path(__file__).parents[3] / "examples"


def hurried(folder: Path, name: str, **settings: dict[str, Any]) -> Flow:
    """An example with some settings changed, so that nobody waits for the evening."""
    document = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    for node, changed in settings.items():
        document["nodes"][node].update(changed)
    (folder / f"{name}.json").write_text(json.dumps(document))
    return read_flow(folder / f"{name}.json")


def newest(messages: list[Any], name: str) -> float:
    """A signal's newest value, NaN before there is one."""
    found: list[Any] = [
        m.values[name] for m in messages if isinstance(m, Signals) and name in m.values
    ]
    return float(found[-1]) if found else float("nan")


def test_what_the_ems_asks_for_flows_and_its_silence_trips_the_inverter(tmp_path: Path) -> None:
    fast = {"every": "100 ms"}
    plant = {**fast, "modules": 2, "power": 4, "timeout": "1 s", "faults": []}
    hours = [{"begin": "00:00", "end": "24:00", "power": 2.2}]

    async def run() -> None:
        engine = Engine(tmp_path / "data")
        there = await engine.start(hurried(tmp_path, "simulated-plant", plant=plant))
        told, racks = heard(there, "plant", outlet=2), heard(there, "plant")
        day = {**fast, "hours": hours, "power": 4}
        ems = hurried(tmp_path, "ems-day", battery=fast, day=day, setpoint={**fast, "rise": 50})
        await engine.start(ems)
        try:
            await until(lambda: newest(told, "ActivePower") > 2)
            await until(lambda: newest(racks, "PackCurrent") > 10)
            await engine.stop("ems-day")
            await until(lambda: newest(told, "InverterState") == 3)
            await until(lambda: abs(newest(racks, "PackCurrent")) < 1)
        finally:
            await engine.stop_all()

    asyncio.run(run())
