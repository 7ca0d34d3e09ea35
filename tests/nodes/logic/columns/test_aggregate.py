"""Readings that an aggregate takes in by whole buffers are those it takes in one by one."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrt.columns import Column, Span, Table
from flowrt.example import Stand
from nodes.logic.aggregate import Aggregate
from nodes.logic.tally import Function

EVERYTHING: list[Function] = ["min", "max", "mean", "sum", "count", "first", "last", "std", "rate"]
ODD = st.sampled_from([0.0, -0.0, float("nan"), float("inf"), 1e301, -3.5])


def aggregate() -> Stand:
    return Stand(Aggregate(signals=["V", "I"], every=60.0, functions=EVERYTHING))


def by_rows(table: Table) -> Any:
    stand = aggregate()
    stand.give(*table.messages())
    return stand.step.node.snapshot(), stand.step.counters.drops


def by_spans(table: Table, cuts: list[int]) -> Any:
    stand = aggregate()
    stand.give(table.message(0))
    side: Any = stand.step.node.columns()  # type: ignore[attr-defined]
    edges = sorted({1, len(table), *cuts})
    for start, stop in itertools.pairwise(edges):
        assert side.quiet(table, start) >= stop - start
        side.absorb([Span(table, start, stop)])
    return stand.step.node.snapshot(), stand.step.counters.drops


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(2, 1500),
    odd=st.dictionaries(st.integers(0, 1499), ODD, max_size=4),
    absent=st.sets(st.integers(0, 1499), max_size=2),
    whole=st.booleans(),
    cuts=st.lists(st.integers(1, 1499), max_size=3),
    seed=st.integers(0, 99),
)
def test_spans_and_rows_leave_the_same_state(
    count: int, odd: dict[int, float], absent: set[int], whole: bool, cuts: list[int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    volts = rng.choice([0.0, -0.0, 3.25, 51.3], count) if whole else rng.normal(0, 1, count)
    for row, value in odd.items():
        volts[row % count] = value
    missing = np.isin(np.arange(count), list(absent))
    columns = {
        "I": Column(rng.integers(-5, 5, count)),
        "V": Column(volts, missing if missing.any() else None),
    }
    table = Table("Measure", np.arange(count), np.linspace(0.0, 59.0, count), columns)
    cuts = [cut for cut in cuts if cut < count]
    assert repr(by_spans(table, cuts)) == repr(by_rows(table))
