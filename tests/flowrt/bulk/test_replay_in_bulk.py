"""A replay by columns records what a replay frame by frame records: all of it, in that order."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from flowrt.columns import FrameTable
from flowrt.errors import CheckFailed
from flowrt.flow.file import flow_files, read_flow
from flowrt.message import Frame
from flowrt.replay import Replay
from nodes.can.logs import read
from tests.support.can import SHARED, needs_shared

EXAMPLES = flow_files(Path(__file__).parents[3] / "examples")
FLOWS = flow_files(Path(__file__).parents[3] / "flows")

DBC = """VERSION ""
NS_ :
BS_:
BU_: A
BO_ 256 State: 8 A
 SG_ SOC : 0|8@1+ (1,0) [0|100] "%" A
 SG_ U : 8|16@1+ (0.01,0) [0|60] "V" A
 SG_ Mode : 24|4@1+ (1,0) [0|15] "" A
 SG_ I : 39|16@0- (0.1,0) [-3000|3000] "A" A
BO_ 257 Cells: 8 A
 SG_ Group M : 0|8@1+ (1,0) [0|3] "" A
 SG_ Cell1 m0 : 8|16@1+ (0.001,0) [0|5] "V" A
 SG_ Cell2 m1 : 8|16@1+ (0.001,0) [0|5] "V" A
 SG_ T : 56|8@1- (1,-40) [-40|100] "degC" A
BO_ 2566848512 Far: 4 A
 SG_ U : 0|32@1+ (0.001,0) [0|60] "V" A
VAL_ 256 Mode 1 "run" 15 "SNA";
"""


def log(seed: int, length: int) -> list[Frame]:
    """Frames as a bus brings them, and as it should not: short, foreign, late, not decodable."""
    rng, time, frames = random.Random(seed), 1_000_000.0, []
    soc = 50
    for _ in range(length):
        time += rng.choice((0.0, 0.001, 0.01, 0.1, 0.1, 2.0 * (rng.random() < 0.02)))
        if rng.random() < 0.003:
            time -= rng.choice((0.05, 0.7, 3.0, 70.0))
        soc = min(100, max(0, soc + rng.choice((-3, -1, 0, 0, 1, 3))))
        id = rng.choice((256, 256, 257, 257, 0x18FF0000 & 0x1FFFFFFF, 5))
        data = bytes(
            (
                soc if id == 256 else rng.choice((0, 1, 1, 7 if rng.random() < 0.02 else 0)),
                rng.randrange(256),
                rng.choice((12, 13, 19)),
                rng.choice((0, 1, 15)),
                *rng.randbytes(3),
                rng.randrange(60, 70),
            )
        )
        if id == 0x18FF0000:
            data = data[:4]
        length_ = rng.choice((8, 8, 8, 8, 8, rng.randrange(9)))
        flags = {"remote": rng.random() < 0.005, "error": rng.random() < 0.005}
        frames.append(
            Frame(round(time, 6), rng.choice("ab"), id, data[:length_], id > 0x7FF, **flags)
        )
    return frames


def outcome(flow: Any, frames: list[Frame], chunk: int | None) -> tuple[Any, ...]:
    """Records, states, drops, errors and the rest; frame by frame where there is no chunk."""
    records: list[bytes] = []
    replay = Replay(flow, records.append)
    if chunk is None:
        summary = asyncio.run(replay.run(frames))
    else:
        tables = [
            FrameTable.of(frames[first : first + chunk]) for first in range(0, len(frames), chunk)
        ]
        summary = asyncio.run(replay.run_tables(tables))
    counted = {
        "frames": summary.frames,
        "fed": summary.fed,
        "unclaimed": summary.unclaimed,
        "log_seconds": summary.log_seconds,
        "drops": summary.drops,
        "errors": summary.errors,
        "recorded": summary.recorded,
    }
    return records, replay.states, counted, summary.by


def compare(flow: Any, frames: list[Frame], chunks: tuple[int, ...]) -> str:
    records, states, counted, _ = outcome(flow, frames, None)
    by = ""
    for chunk in chunks:
        *got, by = outcome(flow, frames, chunk)
        assert got[0] == records, f"chunks of {chunk}"
        assert got[1] == states
        assert got[2] == counted
    return by


# --- random flows

WIDTHS = st.sampled_from([0.0, 0.05, 0.5, 3.0])
LOGIC = st.one_of(
    st.builds(
        lambda signal, below, hysteresis, on, off, latch: {
            "type": "logic/threshold",
            "signal": signal,
            "below": below,
            "hysteresis": hysteresis,
            "on_delay": on,
            "off_delay": off,
            "latch": latch,
        },
        st.sampled_from(["*.SOC", "*.T", "*.U"]),
        st.sampled_from([33.0, 45, 50.1]),
        st.sampled_from([0.0, 2.0]),
        st.sampled_from(["0 s", "0 s", "300 ms"]),
        st.sampled_from(["0 s", "1 s"]),
        st.booleans(),
    ),
    st.builds(
        lambda value: {"type": "logic/threshold", "signal": "*.Mode", "equals": value},
        st.sampled_from([1, 15, "run"]),
    ),
    st.builds(
        lambda signals, every, window, functions: {
            "type": "logic/aggregate",
            "signals": signals,
            "every": f"{every} s",
            "window": f"{every * window} s",
            "functions": functions,
        },
        st.sampled_from([[], ["*.U"], ["*.SOC", "*.T"], ["*.Cell*"]]),
        st.sampled_from([1, 10, 60]),
        st.sampled_from([1, 3]),
        st.sampled_from([["mean", "std", "rate"], ["min", "max", "count", "first", "last", "sum"]]),
    ),
    st.builds(
        lambda signals, count, hop: {
            "type": "logic/aggregate",
            "signals": signals,
            "count": count * hop,
            "hop": hop,
        },
        st.sampled_from([[], ["*.U"]]),
        st.integers(1, 3),
        st.sampled_from([1, 7, 300]),
    ),
    st.builds(
        lambda signal, width, heart: {
            "type": "logic/deadband",
            "signal": signal,
            "width": width,
            **({"at_least_every": "5 s"} if heart else {}),
        },
        st.sampled_from(["*", "*.U", "*.SOC", "*.Cell*", "*.Mode"]),
        WIDTHS,
        st.booleans(),
    ),
    st.builds(
        lambda signal, percent: {"type": "logic/deadband", "signal": signal, "percent": percent},
        st.sampled_from(["*.U", "*.I"]),
        st.sampled_from([0.1, 5]),
    ),
    st.builds(
        lambda keep, drop: {"type": "logic/select", "keep": keep, "drop": drop},
        st.sampled_from([["*"], ["*.U", "*.SOC"], ["*.Cell*", "*.T"]]),
        st.sampled_from([[], ["*.Group"]]),
    ),
    st.builds(
        lambda every, take: {"type": "logic/sample", "every": every, "take": take},
        st.sampled_from(["100 ms", "1 s", "60 s"]),
        st.sampled_from(["first", "last"]),
    ),
    st.just({"type": "logic/stale-watch", "sources": ["*"], "after": "1 s"}),
    st.just({"type": "logic/merge", "names": "qualified", "max_age": "1.5 s", "source": "all"}),
)


@st.composite
def flows(draw: st.DrawFn) -> dict[str, Any]:
    """Receivers, decoders, and a few logic nodes, each behind some that come before it."""
    nodes: dict[str, Any] = {"rx": {"type": "can/receive", "bus": "bus"}}
    if draw(st.booleans()):
        nodes["rx2"] = {"type": "can/receive", "bus": "bus", "ids": ["0x100", "0x18FF0000"]}
    receivers = list(nodes)
    wires = []
    for index in range(draw(st.integers(1, 2))):
        source = f"rack{index}" if draw(st.booleans()) else ""
        nodes[f"decode{index}"] = {"type": "can/decode", "database": "x.dbc", "source": source}
        chosen = sorted(draw(st.sets(st.sampled_from(receivers), min_size=1)))
        wires += [{"from": receiver, "to": f"decode{index}"} for receiver in chosen]
    givers = [id for id in nodes if id.startswith("decode")]
    for index in range(draw(st.integers(1, 5))):
        id = f"logic{index}"
        nodes[id] = draw(LOGIC)
        chosen = sorted(draw(st.sets(st.sampled_from(givers), min_size=1, max_size=2)))
        wires += [{"from": giver, "to": id} for giver in chosen]
        if nodes[id]["type"] not in ("logic/threshold", "logic/stale-watch"):
            givers.append(id)
    nodes["out"] = {"type": "core/debug", "to": "none"}
    heard = {wire["from"] for wire in wires}
    logic = [id for id in nodes if id.startswith("logic")]
    recorded = [id for id in logic if id not in heard or draw(st.booleans())]
    wires += [{"from": id, "to": "out"} for id in recorded]
    if draw(st.integers(0, 4)) == 0:
        wires.append({"from": "decode0.undecodable", "to": "out"})
    bus = {"type": "can/bus", "interface": "virtual", "channel": "x"}
    return {
        "flowrt": 1,
        "name": "random",
        "resources": {"bus": bus},
        "nodes": nodes,
        "wires": wires,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("flows")
    (made / "x.dbc").write_text(DBC)
    return made


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking a whole flow takes minutes
    suppress_health_check=list(HealthCheck),
)
@given(written=flows(), seed=st.integers(0, 2**32), chunk=st.sampled_from([37, 500, 5000]))
@pytest.mark.timeout(300)
def test_random_flows_over_random_logs(
    written: dict[str, Any], seed: int, chunk: int, folder: Path
) -> None:
    file = folder / "random.json"
    file.write_text(json.dumps(written))
    try:
        compare(read_flow(file), log(seed, 1000), (chunk,))
    except CheckFailed:  # such as two decoders whose signals cannot be told apart
        reject()


@needs_shared
@pytest.mark.parametrize("file", [*EXAMPLES, *FLOWS], ids=lambda file: file.stem)
@pytest.mark.parametrize("recorded", ["savvycan/GVRET_Log.csv", "savvycan/candump.log"])
def test_every_flow_over_public_logs(file: Path, recorded: str) -> None:
    flow = read_flow(file)
    if '"can/receive"' not in file.read_text():
        return
    compare(flow, list(read(SHARED / recorded))[:4000], (1000,))


@needs_shared
def test_a_subflow_goes_by_columns() -> None:
    flow = read_flow(next(file for file in EXAMPLES if "flow/soc-guard" in file.read_text()))
    assert compare(flow, list(read(SHARED / "savvycan/GVRET_Log.csv"))[:500], (100,)) == "columns"
