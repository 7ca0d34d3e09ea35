"""What nobody looks at is not decoded; nobody can tell, and a probe sees everything."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from flowrt.flow.check import rehearsable
from flowrt.flow.file import read_flow
from flowrt.message import Frame, Message, Signals, to_record
from flowrt.observe.history import History
from flowrt.observe.probe import Output, Probes, Watcher
from flowrt.running.engine import Engine
from flowrt.running.rehearsal import Rehearsal
from nodes.can.decode import Decode
from tests.support.can import PYLONTECH

FIVE_NODES = Path(__file__).parents[1] / "bench" / "five_nodes.json"


def frames(count: int) -> list[Frame]:
    """Synthetic ones over some minutes, some of them strange."""
    made = Decode(database=PYLONTECH).synthetic(count, seed=3)
    strange = (Frame(0, "", 0x123, b"1"), Frame(0, "", 0x355, b"\x05"), Frame(0, "", 0x356, b""))
    made[50:50] = [*strange, Frame(0, "", 0x355, b"", remote=True)]
    return [
        Frame(index * 0.5, "can0", f.id, f.data, f.extended, f.fd, remote=f.remote)
        for index, f in enumerate(made)
    ]


def outcome(watched: bool) -> tuple[list[Any], dict[str, Any], list[Message]]:
    """Records, counters, and what left the decoder last."""
    records: list[Any] = []
    seen: list[Message] = []

    async def run() -> dict[str, Any]:
        rehearsal = Rehearsal(
            rehearsable(read_flow(FIVE_NODES)),
            lambda node, port, message: records.append((node, port, to_record(message))),
        )
        async with rehearsal:
            outlet = rehearsal.circuit.steps["decode"].outlets[0]
            if watched:
                outlet.targets.append(seen.extend)
            for frame in frames(2000):
                await rehearsal.give("frames", (frame,))
                if not watched and outlet.last is not None:
                    seen.append(outlet.last)
            rehearsal.finish()
        return {
            id: (step.counters.received, step.counters.sent, step.counters.drops)
            for id, step in rehearsal.circuit.steps.items()
        }

    return records, asyncio.run(run()), seen


def test_what_leaves_a_flow_is_the_same_whether_all_is_decoded_or_not() -> None:
    spared, whole = outcome(watched=False), outcome(watched=True)
    assert spared[:2] == whole[:2]
    assert len(spared[0]) > 20
    # The difference is there, where nobody sees it.
    assert max(len(m.values) for m in spared[2] if isinstance(m, Signals)) == 1
    assert max(len(m.values) for m in whole[2] if isinstance(m, Signals)) == 15


def decoded(engine: Engine) -> Signals:
    """What leaves the decoder for one frame of State."""
    steps = engine.flows["five-nodes"].circuit.steps
    steps["frames"].pass_on([Frame(0.0, "", 0x355, bytes.fromhex("5A0064001027"))])
    last = steps["decode"].outlets[0].last
    assert isinstance(last, Signals)
    return last


ALL = {"SOC": 90, "SOH": 100, "SOC_hires": 100.0}


def test_a_probe_sees_every_signal_while_it_looks(tmp_path: Path) -> None:
    async def run() -> None:
        engine = Engine(tmp_path)
        await engine.start(read_flow(FIVE_NODES))
        try:
            assert decoded(engine).values == {"SOC": 90}
            probes, watcher = Probes(engine), Watcher(8)
            probes.watch(watcher, [Output("five-nodes", "decode", "out")])
            assert decoded(engine).values == ALL
            probes.hand_out()
            (values,) = await watcher.get()
            assert values["messages"][0]["values"] == ALL
            probes.leave(watcher)
            assert decoded(engine).values == {"SOC": 90}
        finally:
            await engine.stop_all()

    asyncio.run(run())


def test_with_the_editor_on_the_first_frame_is_decoded_whole(tmp_path: Path) -> None:
    async def run() -> None:
        engine = Engine(tmp_path)
        history = asyncio.create_task(History(engine).run())
        await asyncio.sleep(0)
        await engine.start(read_flow(FIVE_NODES))
        try:
            assert decoded(engine).values == ALL
        finally:
            history.cancel()
            await engine.stop_all()

    asyncio.run(run())
