"""A flow goes on where its checkpoint was: windows, latches, alarms, positions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowrt.message import to_record
from flowrt.node import Node
from flowrt.running.live import RunningFlow
from flowrt.state.checkpoint import Checkpoints
from flowrt.watch.watch import Watch
from nodes.logic.aggregate import Aggregate
from nodes.logic.threshold import Threshold
from tests.support.flows import Count, Double, Drip, Keep, Pairs, prepared
from tests.support.gateway import until

TOTAL = 2000


def nodes(keep: Keep, total: int = TOTAL) -> dict[str, Node]:
    """A source with a position, windows, a latch that rises once, and a sink."""
    window = Aggregate(signals=["n"], every=7.0, functions=["min", "max", "mean", "count"])
    latch = Threshold(signal="n", above=500, latch=True)
    # Stamped ahead of the clock, so that windows close by the messages alone.
    count = Count(total=total, batch=3, pace=0.0005, epoch=4e9)
    return {"count": count, "window": window, "latch": latch, "keep": keep}


WIRES = ("count window", "count latch", "window keep", "latch.alarm keep")


async def life(
    folder: Path, made: Mapping[str, Node], *, until_sent: int, crash: bool = False
) -> Watch:
    """Run until so much was sent; then stop, or end as by a kill right after a checkpoint."""
    watch = Watch()
    flow = RunningFlow(prepared(made, *WIRES), watch, data=folder, save_every=0.02)
    await flow.start()
    counters = flow.circuit.steps["count"].counters
    await until(lambda: counters.sent >= until_sent or flow.sources_ended(), 40)
    if crash:
        await flow.save()
        await asyncio.to_thread(_freeze, folder)
    await flow.stop()
    if crash:
        await asyncio.to_thread(_thaw, folder)
    return watch


def _freeze(folder: Path) -> None:
    for file in (folder / "state").glob("*.json"):
        file.with_suffix(".kept").write_bytes(file.read_bytes())


def _thaw(folder: Path) -> None:
    for file in (folder / "state").glob("*.kept"):
        file.replace(file.with_suffix(".json"))


def lines(*keeps: Keep) -> list[bytes]:
    got = [message for keep in keeps for message in keep.got]
    return [json.dumps(to_record(message)).encode() for message in got]  # type: ignore[arg-type]


def test_stops_and_starts_give_the_same_bytes_as_one_run(tmp_path: Path) -> None:
    whole = Keep()
    asyncio.run(life(tmp_path / "whole", nodes(whole), until_sent=TOTAL))
    parts = [Keep() for _ in range(4)]
    for keep, ends in zip(parts, (300, 400, 600, TOTAL), strict=True):
        asyncio.run(life(tmp_path / "parts", nodes(keep), until_sent=ends))
    assert lines(*parts) == lines(whole)
    assert len(lines(whole)) > 250


def test_after_a_crash_everything_from_the_checkpoint_on_comes_again_and_no_more(
    tmp_path: Path,
) -> None:
    whole = Keep()
    asyncio.run(life(tmp_path / "whole", nodes(whole), until_sent=TOTAL))
    first, second = Keep(), Keep()
    asyncio.run(life(tmp_path / "parts", nodes(first), until_sent=700, crash=True))
    asyncio.run(life(tmp_path / "parts", nodes(second), until_sent=TOTAL))
    expected, before, after = lines(whole), lines(first), lines(second)
    assert before == expected[: len(before)]
    assert after == expected[-len(after) :]
    assert len(before) + len(after) >= len(expected)


def test_latches_and_alarms_with_who_saw_them_stand_again(tmp_path: Path) -> None:
    async def first() -> None:
        watch = Watch()
        flow = RunningFlow(prepared(nodes(Keep()), *WIRES), watch, data=tmp_path, save_every=0.02)
        await flow.start()
        await until(lambda: len(watch.alarms) == 1, 40)
        watch.acknowledge("made-by-hand", "count", "latch", "ada")
        await flow.save()
        await asyncio.to_thread(_freeze, tmp_path)
        await flow.stop()
        await asyncio.to_thread(_thaw, tmp_path)

    asyncio.run(first())
    keep = Keep()
    watch = asyncio.run(life(tmp_path, nodes(keep), until_sent=TOTAL))
    (alarm,) = watch.alarms.standing()
    assert alarm.acknowledged is not None
    assert (alarm.node, alarm.acknowledged.by) == ("latch", "ada")
    assert not any(getattr(message, "state", "") == "raised" for message in keep.got)


def test_a_position_waits_for_the_sink(tmp_path: Path) -> None:
    """A checkpoint may not be ahead of what was written, or a crash would lose that."""
    slow = Keep(pause=0.05)
    seen: list[tuple[int, int]] = []

    async def scenario() -> None:
        made = {"count": Count(total=10_000, batch=3, pace=0.001), "keep": slow}
        flow = RunningFlow(prepared(made, "count keep"), Watch(), data=tmp_path, save_every=0.01)
        await flow.start()
        file = tmp_path / "state" / "made-by-hand.json"
        while len(seen) < 5:
            await asyncio.sleep(0.02)
            found = await asyncio.to_thread(Checkpoints(file).read)
            if found.number:
                seen.append((found.nodes["count"]["state"]["next"], len(slow.got)))
        await flow.stop(0.1)

    asyncio.run(scenario())
    assert all(position <= written for position, written in seen)
    assert seen[-1][0] > 0


def test_nothing_is_written_while_nothing_changes(tmp_path: Path) -> None:
    async def scenario() -> int:
        flow = RunningFlow(
            prepared({"count": Count(total=3), "pairs": Pairs()}, "count pairs"),
            Watch(),
            data=tmp_path,
            save_every=0.01,
        )
        await flow.start()
        await until(lambda: flow.saver.checkpoints.number > 0)
        await asyncio.sleep(0.1)
        number = flow.saver.checkpoints.number
        await asyncio.sleep(0.2)
        assert flow.saver.checkpoints.number == number
        await flow.stop()
        return number

    assert asyncio.run(scenario()) < 4


def test_what_the_disk_refuses_is_told_and_the_flow_runs_on(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")

    async def scenario() -> tuple[list[Any], int]:
        watch, keep = Watch(), Keep()
        flow = RunningFlow(
            prepared({"drip": Drip(), "keep": keep}, "drip keep"),
            watch,
            data=tmp_path,
            save_every=0.01,
        )
        await flow.start()
        await until(lambda: len(keep.got) > 50 and bool(watch.faults))
        await flow.stop()
        return [news.node for news in watch.faults], len(keep.got)

    faults, got = asyncio.run(scenario())
    assert set(faults) == {""}
    assert got > 50


def test_a_node_that_cannot_tell_its_state_keeps_no_other_from_being_saved(tmp_path: Path) -> None:
    class Mute(Double):
        def snapshot(self) -> dict[str, Any]:
            return {"what": object()}

    async def scenario() -> list[str]:
        watch = Watch()
        made = {"drip": Drip(), "mute": Mute(), "keep": Keep()}
        flow = RunningFlow(prepared(made, "drip mute", "mute keep"), watch, data=tmp_path)
        await flow.start()
        await flow.save()
        await flow.save()
        await flow.stop()
        return [news.node for news in watch.faults]

    assert asyncio.run(scenario()) == ["mute"]
    saved = Checkpoints(tmp_path / "state" / "made-by-hand.json").read()
    assert set(saved.nodes) == {"drip"}
