"""Which alarms stand, who has seen them, and what became of them."""

from __future__ import annotations

import pytest

from flowrt.errors import NoSuchAlarm
from flowrt.message import Event
from flowrt.watch.alarms import KEPT, Acknowledgement, Alarms
from flowrt.watch.shelf import Shelving

SEEN = Acknowledgement("anna", 7.0)


def event(state: str, source: str = "State", time: float = 0.0) -> Event:
    return Event(time, source, "soc_low", state, "warning", 19)


def raised(*sources: str) -> Alarms:
    alarms = Alarms()
    for source in sources:
        alarms.note("rack", "low", event("raised", source))
    return alarms


def changes(alarms: Alarms) -> list[tuple[str, float]]:
    return [(alarm.event.state, alarm.event.time) for alarm in alarms.history()]


def test_an_alarm_stands_until_it_is_cleared() -> None:
    alarms = raised("State", "other")
    assert [alarm.event.source for alarm in alarms.standing()] == ["State", "other"]
    alarms.note("rack", "low", event("cleared"))
    assert [alarm.event.source for alarm in alarms.standing()] == ["other"]


def test_an_acknowledged_alarm_stands_on_and_says_who_has_seen_it() -> None:
    alarms = raised("State")
    alarms.acknowledge("rack", "State", "soc_low", SEEN)
    (row,) = [alarm.row() for alarm in alarms.standing()]
    assert row == {
        "flow": "rack",
        "node": "low",
        "kind": "event",
        "time": 0.0,
        "source": "State",
        "name": "soc_low",
        "state": "raised",
        "severity": "warning",
        "value": 19,
        "text": "",
        "acknowledged": {"by": "anna", "time": 7.0},
        "shelved": None,
    }


def test_the_history_tells_each_change_newest_first() -> None:
    alarms = raised("State")
    alarms.acknowledge("rack", "State", "soc_low", SEEN)
    alarms.note("rack", "low", event("cleared", time=9.0))
    assert changes(alarms) == [("cleared", 9.0), ("acknowledged", 7.0), ("raised", 0.0)]
    assert [alarm.acknowledged for alarm in alarms.history(2)] == [SEEN, SEEN]


def test_what_merely_happened_is_no_alarm() -> None:
    alarms = Alarms()
    assert alarms.note("rack", "catch", event("happened")) is not None
    assert (len(alarms), changes(alarms)) == (0, [])


def test_a_node_that_acknowledges_by_itself_marks_its_alarm_once() -> None:
    alarms = raised("State")
    assert alarms.note("rack", "low", event("acknowledged", time=3.0)) is not None
    assert alarms.note("rack", "low", event("acknowledged", time=4.0)) is None
    assert alarms.standing()[0].acknowledged == Acknowledgement("low", 3.0)
    assert changes(alarms) == [("acknowledged", 3.0), ("raised", 0.0)]


def test_only_what_stands_can_be_acknowledged_and_once() -> None:
    alarms = raised("State")
    with pytest.raises(NoSuchAlarm, match='no alarm "soc_low" of "other" stands'):
        alarms.acknowledge("rack", "other", "soc_low", SEEN)
    alarms.acknowledge("rack", "State", "soc_low", SEEN)
    with pytest.raises(NoSuchAlarm, match='acknowledged by "anna" already'):
        alarms.acknowledge("rack", "State", "soc_low", SEEN)


def test_an_alarm_that_comes_again_has_not_been_seen() -> None:
    alarms = raised("State")
    alarms.acknowledge("rack", "State", "soc_low", SEEN)
    alarms.note("rack", "low", event("cleared"))
    alarms.note("rack", "low", event("raised"))
    assert alarms.standing()[0].acknowledged is None


def test_lists_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    alarms = raised(*(str(number) for number in range(1500)))
    assert (len(alarms), len(list(alarms.history()))) == (1000, KEPT)
    assert alarms.standing()[0].event.source == "500"
    assert "more than 1000 alarms stand" in caplog.messages[0]


# --- shelving

SHELVED = Shelving("rack", "State", "soc_low", "anna", 8.0, 68.0, "sensor")


def test_a_shelved_alarm_is_marked_also_when_it_is_raised_again() -> None:
    alarms = raised("State", "other")
    alarms.shelve(SHELVED)
    alarms.note("rack", "low", event("cleared"))
    alarms.note("rack", "low", event("raised"))
    assert {a.event.source: a.shelved for a in alarms.standing()} == {
        "other": None,
        "State": SHELVED,
    }
    row = alarms.standing()[1].row()
    assert row["shelved"] == {"by": "anna", "time": 8.0, "until": 68.0, "reason": "sensor"}


def test_shelving_and_taking_back_are_changes_of_their_own() -> None:
    alarms = raised("State")
    alarms.shelve(SHELVED)
    alarms.unshelve("rack", "State", "soc_low", 9.0, "taken back by otto")
    assert [(a.event.state, a.event.text) for a in alarms.history()] == [
        ("unshelved", "taken back by otto"),
        ("shelved", "shelved by anna: sensor"),
        ("raised", ""),
    ]
    assert alarms.standing()[0].shelved is None


def test_one_that_chatters_is_shelved_although_it_has_just_cleared() -> None:
    alarms = raised("State")
    alarms.note("rack", "low", event("cleared"))
    alarms.shelve(SHELVED)
    assert list(alarms.shelf) == [SHELVED]


def test_what_nobody_knows_is_neither_shelved_nor_taken_back() -> None:
    alarms = raised("other")
    with pytest.raises(NoSuchAlarm, match="stands in the flow"):
        alarms.shelve(SHELVED)
    with pytest.raises(NoSuchAlarm, match="is not shelved"):
        alarms.unshelve("rack", "other", "soc_low", 1.0, "")
