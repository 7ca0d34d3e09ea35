"""storage/sequence."""

from __future__ import annotations

from pathlib import Path

from flowrt.node import Event
from nodes.storage.sequence import Sequence
from tests.support.sinks import NOON, record


def test_each_event_is_a_line_with_its_millisecond(tmp_path: Path) -> None:
    events = [
        Event(NOON + 0.0006, "rack1", "high", "raised", "trip", 3.66, "first out: 3.66 V"),
        Event(NOON + 0.0124, "string", "contactor", "raised", "trip", True, '2nd, "open"'),
        Event(NOON + 1.5, "rack1", "high", "cleared", "trip", None),
    ]
    record(Sequence(file=tmp_path / "x.csv", daily=False), events[:1], events[1:])
    assert (tmp_path / "x.csv").read_text() == (
        "time,source,name,state,severity,value,text\n"
        "2026-03-01T12:00:00.000Z,rack1,high,raised,trip,3.66,first out: 3.66 V\n"
        '2026-03-01T12:00:00.012Z,string,contactor,raised,trip,true,"2nd, ""open"""\n'
        "2026-03-01T12:00:01.500Z,rack1,high,cleared,trip,,\n"
    )
