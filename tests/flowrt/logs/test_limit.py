"""No origin fills the log, and what was left out is told."""

from __future__ import annotations

import logging

from flowrt.logs.limit import BURST, Limited


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(f"{getattr(record, 'node', '')} {record.getMessage()}".strip())


class Clock:
    time = 0.0

    def __call__(self) -> float:
        return self.time


def record(node: str, text: str = "x") -> logging.LogRecord:
    made = logging.LogRecord("flowrt.node", logging.WARNING, "", 0, text, None, None)
    made.flow, made.node = "rack", node
    return made


def limited() -> tuple[Limited, list[str], Clock]:
    clock, kept = Clock(), Kept()
    return Limited(kept, clock), kept.texts, clock


def test_a_burst_passes_and_the_rest_is_counted() -> None:
    handler, texts, clock = limited()
    for _ in range(BURST + 500):
        handler.handle(record("a"))
    assert texts == ["a x"] * BURST
    clock.time = 1.0
    handler.handle(record("a", "again"))
    assert texts[BURST:] == ["a suppressed 500 lines", "a again"]


def test_another_origin_is_not_held_back() -> None:
    handler, texts, _ = limited()
    for _ in range(BURST + 1):
        handler.handle(record("a"))
    handler.handle(record("b"))
    assert texts[-1] == "b x"


def test_one_line_a_second_passes_for_good() -> None:
    handler, texts, clock = limited()
    for second in range(600):
        clock.time = float(second)
        handler.handle(record("a"))
    assert texts == ["a x"] * 600


def test_what_was_left_out_is_told_also_where_nothing_more_comes() -> None:
    handler, texts, clock = limited()
    for _ in range(BURST + 1):
        handler.handle(record("a"))
    clock.time = 9.0
    handler.tell_due()
    assert texts[BURST:] == []
    clock.time = 10.0
    handler.tell_due()
    handler.tell_due()
    assert texts[BURST:] == ["a suppressed 1 line"]


def test_the_end_tells_everything() -> None:
    handler, texts, _ = limited()
    for _ in range(BURST + 2):
        handler.handle(record("a"))
    handler.flush()
    assert texts[BURST:] == ["a suppressed 2 lines"]


def test_origins_beyond_the_bound_are_told_and_forgotten() -> None:
    handler, texts, _ = limited()
    for _ in range(BURST + 3):
        handler.handle(record("first"))
    for number in range(1000):
        handler.handle(record(f"n{number}"))
    assert "first suppressed 3 lines" in texts
    assert len(handler._origins) == 1000
