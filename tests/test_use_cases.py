"""The fifteen things that a gateway is bought for are flows that ship, and their tests pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowrt.flow.file import read_flow
from flowrt.testing.flow_tests import run_tests

EXAMPLES = Path(__file__).parents[1] / "examples"
ROW = re.compile(r"^\| (\d+) \| [^|]+ \| \[([a-z0-9-]+)\]\(\2\.json\) \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall((EXAMPLES / "README.md").read_text(encoding="utf-8"))


def test_there_are_fifteen() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 16))


@pytest.mark.parametrize(("flow", "types"), [row[1:] for row in ROWS], ids=[r[1] for r in ROWS])
def test_it_passes_and_uses_the_nodes_that_are_named(flow: str, types: str) -> None:
    file = EXAMPLES / f"{flow}.json"
    used = {node.type for node in read_flow(file).nodes.values()}
    assert set(re.findall(r"`([a-z0-9-]+/[a-z0-9-]+)`", types)) <= used
    outcomes = list(run_tests(file))
    assert outcomes
    assert [outcome for outcome in outcomes if not outcome.passed] == []
