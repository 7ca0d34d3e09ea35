"""Log lines for people and for machines."""

from __future__ import annotations

import json
import logging

import pytest

from flowrt.logs import _JsonFormatter, _TextFormatter


@pytest.fixture
def record() -> logging.LogRecord:
    made = logging.LogRecord("flowrt.node.x", logging.WARNING, "", 0, "low: %d", (19,), None)
    made.created = 0.25
    made.flow, made.node, made.count = "rack", "soc_low", 3
    return made


def test_a_machine_gets_one_object_a_line(record: logging.LogRecord) -> None:
    assert json.loads(_JsonFormatter().format(record)) == {
        "time": "1970-01-01T00:00:00.250+00:00",
        "level": "warning",
        "logger": "flowrt.node.x",
        "message": "low: 19",
        "flow": "rack",
        "node": "soc_low",
        "count": 3,
    }


def test_people_get_time_mark_place_text_and_count(record: logging.LogRecord) -> None:
    line = _TextFormatter().format(record)
    assert line[2::3].startswith("::")
    assert line.split()[1:] == ["!", "rack/soc_low", "low:", "19", "(3", "so", "far)"]


def test_a_bug_shows_where_it_is(record: logging.LogRecord) -> None:
    try:
        raise ZeroDivisionError("nothing to divide")
    except ZeroDivisionError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    assert "ZeroDivisionError: nothing to divide" in _TextFormatter().format(record)
    assert "test_logs.py" in json.loads(_JsonFormatter().format(record))["traceback"]
