"""Every flow that ships is sound, has tests, passes them, and gives the same bytes every time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flowrt.flow.check import check_file
from flowrt.flow.file import flow_files, read_flow
from flowrt.message import Frame
from flowrt.replay import Replay
from flowrt.testing.cases import file_of_tests
from flowrt.testing.flow_tests import run_tests

ROOT = Path(__file__).parents[1]
FOLDERS = ("flows", "examples", "nodes/bess/flows")
FLOWS = [file for folder in FOLDERS for file in flow_files(ROOT / folder)]
IDS = [flow.stem for flow in FLOWS]


@pytest.mark.parametrize("flow", FLOWS, ids=IDS)
def test_it_has_no_problem(flow: Path) -> None:
    assert check_file(flow) == []


@pytest.mark.parametrize("flow", FLOWS, ids=IDS)
def test_it_is_named_like_its_file_and_described(flow: Path) -> None:
    read = read_flow(flow)
    assert read.name == flow.stem
    assert read.description


@pytest.mark.parametrize("flow", FLOWS, ids=IDS)
def test_its_tests_pass(flow: Path) -> None:
    if read_flow(flow).is_subflow:  # tested where it is used
        return
    assert file_of_tests(flow).exists()
    outcomes = list(run_tests(flow))
    assert outcomes
    assert [outcome for outcome in outcomes if not outcome.passed] == []


def test_a_hundred_replays_give_the_same_bytes() -> None:
    frames = [
        Frame(index * 0.25, "can0", id, bytes((index * 7 + n) % 256 for n in range(8)))
        for index in range(100)
        for id in (0x351, 0x355, 0x356, 0x359)
    ]

    def recorded() -> bytes:
        lines: list[bytes] = []
        replay = Replay(read_flow(ROOT / "flows" / "rack-to-ems.json"), lines.append)
        asyncio.run(replay.run(frames))
        return b"\n".join(lines)

    outputs = {recorded() for _ in range(100)}
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000
