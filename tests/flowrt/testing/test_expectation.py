"""When an expectation of a flow test is met, and what it says when not."""

from __future__ import annotations

from typing import Any

import pytest

from flowrt.testing.expectation import Expectation, Failure, matches

SEEN = [
    {"time": 1.0, "kind": "event", "state": "raised", "value": 19.0},
    {"time": 5.0, "kind": "event", "state": "cleared", "value": 22.5},
]


@pytest.mark.parametrize(
    ("wanted", "got", "met"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": {"approx": 3.3, "tolerance": 0.01}}, {"a": 3.305}, True),
        ({"a": {"approx": 3.3, "tolerance": 0.01}}, {"a": 3.32}, False),
        ({"a": {"approx": 3.3}}, {"a": None}, False),
        ({"a": 0.3}, {"a": 0.1 + 0.2}, True),
        ({"a": 1}, {"a": 1.5}, False),
        ({"a": True}, {"a": 1}, False),
        ({"a": None}, {"a": None}, True),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, False),
    ],
)
def test_matches(wanted: Any, got: Any, met: bool) -> None:
    assert matches(wanted, got) is met


@pytest.mark.parametrize(
    ("entry", "met"),
    [
        ({"equals": [{"state": "raised"}, {"state": "cleared"}]}, True),
        ({"equals": [{"state": "raised"}]}, False),
        ({"equals": [{"state": "raised"}], "before": "2 s"}, True),
        ({"contains": {"value": 22.5}}, True),
        ({"contains": {"value": 22.5}, "before": "2 s"}, False),
        ({"count": 2}, True),
        ({"count": 1, "after": "2 s"}, True),
        ({"nothing": True}, False),
        ({"nothing": True, "after": "6 s"}, True),
    ],
)
def test_judgement(entry: dict[str, Any], met: bool) -> None:
    assert (Expectation.read({"port": "x.alarm", **entry}).judge(SEEN) is None) is met


def test_a_failure_says_wanted_and_got() -> None:
    failure = Expectation.read({"port": "x.alarm", "count": 1, "before": "2 s"}).judge([])
    assert failure == Failure("x.alarm", "1 messages between 0 s and 2 s", "  nothing")
