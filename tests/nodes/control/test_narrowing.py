"""Nodes that say a set-point leaves them no wider keep their word, whatever comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrt.example import Stand
from flowrt.message import Signals, Value
from flowrt.node import Transform
from nodes.core.input import Entry
from nodes.core.output import Exit
from nodes.logic.change import Change
from nodes.logic.merge import Merge
from nodes.logic.select import Select

FACTORS = st.sampled_from([-0.5, 0.5, 1.0, 1.1])
CHANGES = st.builds(
    lambda scale, offset, rename: Change(scale=scale, offset=offset, rename=rename),
    st.dictionaries(st.sampled_from(["Power", "P*", "ems.Power"]), FACTORS, max_size=2),
    st.sampled_from([{}, {"SOC": 1.0}, {"Power": 1.0}]),
    st.sampled_from([{}, {"Power": "P"}, {"SOC": "Soc"}]),
)
NODES: st.SearchStrategy[Transform] = st.one_of(
    CHANGES,
    CHANGES,
    st.builds(lambda keep: Select(keep=keep, drop=["x"]), st.sampled_from([[], ["Power"], ["P*"]])),
    st.builds(
        lambda every, age: Merge(every=every, max_age=age),
        st.sampled_from([None, 1.0]),
        st.sampled_from([None, 2.0]),
    ),
    st.builds(Entry),
    st.builds(Exit),
)
READINGS = st.dictionaries(
    st.sampled_from(["Power", "SOC"]), st.floats(-1e6, 1e6), min_size=1, max_size=2
)
COMING = st.lists(st.tuples(st.floats(0, 3), READINGS), min_size=1, max_size=12)


def told(stand: Stand, name: str) -> list[Value]:
    """What has left under a name since it was looked at last."""
    messages = [message for _, message in stand.out if isinstance(message, Signals)]
    return [message.values[name] for message in messages if name in message.values]


def is_no_wider(value: Value, limit: float | None) -> bool:
    if value is None:
        return True
    assert isinstance(value, int | float)
    return limit is not None and abs(value) <= abs(limit) and value * limit >= 0


@given(NODES, COMING)
def test_what_leaves_is_at_once_no_wider_than_what_came(
    node: Transform, coming: list[tuple[float, dict[str, float]]]
) -> None:
    check(node, coming)


@pytest.mark.parametrize("name", ["Power", "P*", "ems.Power"])
@pytest.mark.parametrize("factor", [-1.0, 0.0, 0.5, 1.0, 1.1, 2.0])
@pytest.mark.parametrize("offset", [{}, {"SOC": 1.0}, {"Power": 1.0}, {"*": -1.0}])
def test_every_factor_and_offset_keeps_its_word(
    name: str, factor: float, offset: dict[str, float]
) -> None:
    for value in (-10.0, 0.0, 10.0):
        check(Change(scale={name: factor}, offset=offset), [(1.0, {"Power": value})])


def check(node: Transform, coming: list[tuple[float, dict[str, float]]]) -> None:
    """Give a node readings, and hold what leaves against what had come."""
    kept = [name for name, is_kept in node.set_points("Power").items() if is_kept]
    stand, time, newest = Stand(node), 0.0, None
    for pause, values in coming:
        time += pause
        stand.out.clear()
        stand.clock.advance(time)  # what a timer tells is of what has come until then
        assert all(is_no_wider(value, newest) for name in kept for value in told(stand, name))
        newest = values.get("Power", newest)
        stand.out.clear()
        stand.give(Signals(time, "ems", {**values}))
        for name in kept:
            left = told(stand, name)
            assert is_no_wider(left[-1] if left else None, newest)
            assert left or "Power" not in values, "a set-point was held back"
