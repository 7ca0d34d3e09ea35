"""Log lines for people and for machines."""

from __future__ import annotations

import json
import logging

import pytest

from flowrt.logs.lines import JsonLines, TextLines, WithPriority


@pytest.fixture
def record() -> logging.LogRecord:
    made = logging.LogRecord("flowrt.node.x", logging.WARNING, "", 0, "low: %d", (19,), None)
    made.created = 0.25
    made.flow, made.node, made.count = "rack", "soc_low", 3
    return made


def test_a_machine_gets_one_object_a_line(record: logging.LogRecord) -> None:
    assert json.loads(JsonLines().format(record)) == {
        "time": "1970-01-01T00:00:00.250+00:00",
        "level": "warning",
        "logger": "flowrt.node.x",
        "message": "low: 19",
        "flow": "rack",
        "node": "soc_low",
        "count": 3,
    }


def test_people_get_time_mark_place_text_and_count(record: logging.LogRecord) -> None:
    line = TextLines().format(record)
    assert line[2::3].startswith("::")
    assert line.split()[1:] == ["!", "rack/soc_low", "low:", "19", "(3", "so", "far)"]


def test_a_bug_shows_where_it_is(record: logging.LogRecord) -> None:
    try:
        raise ZeroDivisionError("nothing to divide")
    except ZeroDivisionError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    assert "ZeroDivisionError: nothing to divide" in TextLines().format(record)
    assert "test_lines.py" in json.loads(JsonLines().format(record))["traceback"]


def test_what_would_command_a_terminal_is_shown_instead(record: logging.LogRecord) -> None:
    record.msg, record.args = "topic \x1b[2J\nis %s", ("bad\x07",)
    assert "topic \\x1b[2J\nis bad\\x07" in TextLines().format(record)


def test_the_journal_gets_the_priority_of_each_line(record: logging.LogRecord) -> None:
    record.msg, record.args = "two\nlines", ()
    first, second = WithPriority(TextLines()).format(record).split("\n")
    assert (first[:3], second) == ("<4>", "<4>lines (3 so far)")
