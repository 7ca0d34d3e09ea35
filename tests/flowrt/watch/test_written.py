"""Set-points are gathered: the first write is told at once, then a row a minute."""

from __future__ import annotations

from flowrt.watch.written import Written


def test_the_first_write_is_told_and_then_one_row_a_minute() -> None:
    written = Written()
    place = {"flow": "rack", "node": "pcs", "set_point": "Charge"}
    written.note("rack", "pcs", "Charge", 10)
    assert written.take(0) == [{**place, "value": 10}]
    assert written.take(1) == []
    for value in (30, 5, 20):
        written.note("rack", "pcs", "Charge", value)
    assert written.take(59) == []
    assert written.take(60) == [{**place, "value": 20, "lowest": 5, "highest": 30, "writes": 3}]
    assert written.take(200) == []


def test_it_holds_a_thousand_and_forgets_the_one_written_longest_ago() -> None:
    written = Written()
    for number in range(1001):
        written.note("rack", "pcs", str(number), 1)
    told = [row["set_point"] for row in written.take(0)]
    assert (len(told), told[0]) == (1000, "1")
