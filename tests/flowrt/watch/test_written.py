"""Set-points are gathered: changes are told at once, within bounds; then a row a minute."""

from __future__ import annotations

from flowrt.watch.written import Written

PLACE = {"flow": "rack", "node": "pcs", "set_point": "Charge"}


class Loop:
    """Writes a set-point, and looks each second."""

    def __init__(self) -> None:
        self.written, self.now = Written(), 0.0
        self.told: list[dict[str, str | float]] = []

    def write(self, *values: float) -> None:
        for value in values:
            self.written.note("set-point written", "rack", "pcs", "Charge", value)
            self.look(1.0)

    def look(self, seconds: float) -> None:
        self.now += seconds
        self.told += [details for _, details in self.written.take(self.now)]


def test_every_change_by_hand_is_a_row() -> None:
    loop = Loop()
    loop.write(10, 10, 20, 10)
    assert loop.told == [{**PLACE, "value": value} for value in (10, 20, 10)] or loop.told == [
        {**PLACE, "value": 10},
        {**PLACE, "value": 20, "lowest": 10, "highest": 20, "times": 2},
        {**PLACE, "value": 10},
    ]


def test_a_loop_that_never_rests_is_ten_rows_then_one_a_minute_and_nothing_is_uncounted() -> None:
    loop = Loop()
    loop.write(*map(float, range(3600)))
    assert 65 <= len(loop.told) <= 72
    assert loop.told[20]["times"] == 60
    assert loop.told[20]["highest"] == loop.told[20]["value"]
    loop.told += [details for _, details in loop.written.take(loop.now, all=True)]
    assert sum(int(row.get("times", 1)) for row in loop.told) == 3600


def test_what_is_written_unchanged_is_a_row_an_hour() -> None:
    loop = Loop()
    loop.write(*[5.0] * 7201)
    assert [row.get("times", 1) for row in loop.told] == [1, 3600, 3600]


def test_who_commanded_and_texts_are_told() -> None:
    written = Written()
    written.note("set-point commanded", "rack", "hand", "Power", 10, "anna")
    written.note("set-point commanded", "rack", "hand", "Power", "handed back", "anna")
    place = {"flow": "rack", "node": "hand", "set_point": "Power"}
    assert written.take(0) == [
        ("set-point commanded", {**place, "value": "handed back", "by": "anna", "times": 2})
    ]


def test_of_too_many_set_points_the_rest_is_counted() -> None:
    written = Written()
    for number in range(1003):
        written.note("set-point written", "rack", "pcs", str(number), 1)
    told = [details for _, details in written.take(0)]
    assert len(told) == 1001
    assert told[-1] == {"flow": "", "set_point": "of too many", "times": 3}
