"""What is wrong in a file of tests is told, all of it, before anything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flowrt.testing.cases import parse_tests


def told(event: dict[str, Any]) -> list[str]:
    """The problems of a test that gives an event."""
    test = {"name": "n", "given": [{"port": "a", "event": event}], "expect": []}
    test["expect"] = [{"port": "b", "count": 1}]
    return [str(one) for one in parse_tests(json.dumps({"tests": [test]}).encode(), Path("f"))[1]]


def test_an_event_has_the_fields_of_events() -> None:
    assert told({"name": "x", "state": "raised", "severity": "trip", "value": None}) == []


def test_the_time_of_an_event_is_its_entrys() -> None:
    (problem,) = told({"name": "x", "time": 1.0})
    assert '"time"' in problem


def test_a_severity_that_there_is_not() -> None:
    (problem,) = told({"severity": "warnig"})
    assert "warnig" in problem
