"""Writing to a device that is away for a while, through a wire that spills."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flowrt.flow.graph import Edge
from flowrt.running.live import RunningFlow
from flowrt.watch.watch import Watch
from nodes.modbus.link import Link
from nodes.modbus.write import Write, WrittenRegister
from tests.support.flows import Count, prepared
from tests.support.live_node import eventually
from tests.support.modbus import device
from tests.support.ports import closed_port


def test_what_an_absent_device_missed_is_written_when_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowrt.wire.spill._FIRST_PAUSE", 0.02)

    async def scenario() -> list[tuple[int, list[int]]]:
        with closed_port() as port:
            link = Link(host="127.0.0.1", port=port, timeout=0.3)
            link.id = "line"
            write = Write(link=link, registers=[WrittenRegister(signal="n", address=5, type="u16")])
            made = prepared(
                {"count": Count(total=6), "write": write},
                Edge("count", 0, "write", 0, overflow="spill"),
            )
            made.resources = {"line": link}
            flow = RunningFlow(made, Watch(), data=tmp_path)
            await flow.start()
            counters = flow.circuit.steps["write"].counters
            await eventually(lambda: counters.errors > 1)
        async with device() as inverter:
            link.port = inverter.port
            await eventually(lambda: len(inverter.writes) == 6)
            await flow.stop()
        assert counters.drops == {}
        return inverter.writes

    assert asyncio.run(scenario()) == [(5, [n]) for n in range(6)]
