"""The last lines are kept, by number."""

from __future__ import annotations

import logging

from flowrt.logs.recent import KEPT, Recent, Wanted


def put(recent: Recent, text: str, level: int = logging.INFO, flow: str = "rack") -> None:
    made = logging.LogRecord("flowrt.x", level, "", 0, text, None, None)
    made.flow = flow
    recent.handle(made)


def texts(recent: Recent, limit: int = 10, **wanted: object) -> list[str]:
    found = recent.lines(Wanted(**wanted), limit)  # type: ignore[arg-type]
    return [row["message"] for row in found["lines"]]


def test_lines_are_chosen_by_level_flow_and_number() -> None:
    recent = Recent()
    put(recent, "a")
    put(recent, "b", logging.ERROR)
    put(recent, "c", flow="other")
    assert texts(recent) == ["a", "b", "c"]
    assert texts(recent, level=logging.WARNING) == ["b"]
    assert texts(recent, flow="other") == ["c"]
    assert texts(recent, after=1) == ["b", "c"]
    assert texts(recent, limit=1) == ["c"]


def test_old_lines_make_room_and_are_counted_as_missed() -> None:
    recent = Recent()
    for number in range(KEPT + 5):
        put(recent, str(number))
    answer = recent.lines(Wanted(after=2), KEPT)
    assert (answer["missed"], answer["next"], len(answer["lines"])) == (3, KEPT + 5, KEPT)


def test_a_number_from_another_run_gives_everything() -> None:
    recent = Recent()
    put(recent, "a")
    assert texts(recent, after=4711) == ["a"]
    assert recent.boot != Recent().boot


def test_a_long_message_is_cut() -> None:
    recent = Recent()
    put(recent, "x" * 100_000)
    assert len(texts(recent)[0]) == 4000
