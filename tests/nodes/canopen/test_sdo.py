"""Objects of a node of the canopen library, read and written over python-can's virtual bus."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from canopen.sdo.exceptions import SdoAbortedError

from flowrt.example import Stand
from flowrt.message import Event, Frame, Signals
from flowrt.running.live import RunningFlow
from nodes.canopen.objects import SdoObject, resolved
from nodes.canopen.sdo import Sdo
from tests.nodes.canopen.peer import EDS, local_node
from tests.support.bus_flow import Scenario, heard, live, until

OBJECTS = [
    {"name": "Voltage", "index": "0x2100", "subindex": 1},
    {"name": "Name", "index": "0x1008"},
    {"name": "Missing", "index": "0x5000", "type": "u16"},
    {"name": "Charge", "index": "0x2102", "subindex": 1, "access": "read and write",
     "minimum": 0, "maximum": 200},
    {"name": "Serial", "index": "0x2104", "access": "write"},
]  # fmt: skip


def play(folder: Path, scenario: Scenario, **settings: Any) -> RunningFlow:
    nodes = {
        "frames": {"type": "can/receive", "bus": "bus"},
        "set": {"type": "core/inject", "values": {"Charge": 250}, "count": 0},
        "text": {"type": "core/inject", "values": {"Serial": "RACK-0000042"}, "count": 0},
        "sdo": {
            "type": "canopen/sdo",
            "node": 5,
            "dictionary": str(EDS),
            "objects": OBJECTS,
            "every": "50 ms",
            "timeout": "300 ms",
            "retries": 0,
            **settings,
        },
        "send": {"type": "can/send", "bus": "bus"},
        "show": {"type": "core/debug", "to": "none"},
    }
    wires = ("frames sdo", "set sdo.write", "text sdo.write", "sdo.request send", "sdo show")
    return live(folder, scenario, nodes, *wires, channel="sdo")


def test_objects_are_read_whole_or_none_with_the_reason(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        rounds, alarms = heard(running, "sdo"), heard(running, "sdo", 2)
        with local_node("sdo") as node:
            node.sdo["Battery"]["Voltage"].raw = 7123
            await until(lambda: any(r.values["Voltage"] == 712.3 for r in rounds))
        assert rounds[-1] == Signals(
            rounds[-1].time,
            "canopen/5",
            {"Voltage": 712.3, "Name": "flowrt example rack", "Missing": None, "Charge": 0},
        )
        missing = next(event for event in alarms if event.source == "canopen/5.Missing")
        assert (missing.state, missing.value) == ("raised", 0x0602_0000)
        assert missing.text == (
            "Missing (0x5000 sub 0) cannot be read: 0x06020000, Object does not exist"
        )
        # the node has gone with the `with`
        await until(lambda: rounds[-1].values["Voltage"] is None)
        silent = [event for event in alarms if event.source == "canopen/5"]
        assert [event.state for event in silent][-1:] == ["raised"]
        with local_node("sdo"):
            await until(lambda: rounds[-1].values["Name"] is not None)
        assert [event.state for event in alarms if event.source == "canopen/5"][-1] == "cleared"

    play(tmp_path, scenario)


def test_values_are_written_within_their_limits_and_text_in_segments(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        rounds = heard(running, "sdo")
        with local_node("sdo") as node:
            await until(lambda: rounds and rounds[-1].values["Charge"] is not None)
            running.circuit.steps["set"].press()
            running.circuit.steps["text"].press()
            await until(lambda: 0x2104 in node.data_store)
            assert node.sdo["Limits"]["ChargeCurrent"].phys == 200
            assert node.data_store[0x2104][0] == b"RACK-0000042"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("canopen.objectdictionary.ODVariable.writable", True)  # the text, too
        running = play(tmp_path, scenario)
    assert running.circuit.steps["sdo"].counters.drops["clamped to the limits"] == 1


def test_a_value_that_does_not_fit_is_refused_with_place_and_remedy() -> None:
    row = SdoObject(name="Charge", index=0x2102, subindex=1)
    with pytest.raises(Exception, match="Charge = 7000 does not fit a u16 at 0x2102 sub 1"):
        resolved(row, EDS, 5).data(7000)


def started(sdo: Sdo) -> Stand:
    """A stand on which the first round has begun."""
    stand = Stand(sdo)
    asyncio.run(sdo.start())
    return stand


def test_an_unanswered_request_is_sent_again_then_aborted() -> None:
    stand = started(Sdo(node=5, objects=[SdoObject(name="V", index=0x2100, type="u16")], retries=1))
    stand.run_to(2.2)
    sent = [(m.time, m.data.hex()) for _, m in stand.out if isinstance(m, Frame)]
    assert sent == [
        (0.0, "4000210000000000"),
        (0.5, "4000210000000000"),
        (1.0, "8000210000000405"),
        (2.0, "4000210000000000"),  # the next round
    ]
    told = [m.text for _, m in stand.out if isinstance(m, Event)]
    assert told == ["node 5 does not answer SDO for 0.5 s (0x2100 sub 0)"]


@pytest.mark.parametrize(
    "answers",
    [
        ["4300210055000000", "4300210055000000"],
        ["41002100080000000", "0011223344556677"],
        ["4100210008000000", "0011223344556677", "0011223344556677"],
        ["4100210009000000", "0011223344556677", "1D01000000000000"],
        ["4100210000001000"],
        ["60002100" + "00" * 4],
        ["43FF210000000000"],
    ],
)
def test_nonsense_in_answers_ends_the_transfer_and_no_more(answers: list[str]) -> None:
    stand = started(Sdo(node=5, objects=[SdoObject(name="V", index=0x2100, type="u32")]))
    frames = [Frame(0.1, "v", 0x585, bytes.fromhex(text[:16])) for text in answers]
    stand.give(*frames)
    assert stand.faults == []
    rounds = [m for _, m in stand.out if isinstance(m, Signals)]
    assert [m.values["V"] for m in rounds] in ([None], [0x55], [])


def written(*given: Signals, until: float = 20.0, **settings: Any) -> list[tuple[float, str]]:
    """When and what is written to 0x2102 sub 1 of a node that takes everything."""
    row = SdoObject(
        name="Limit", index=0x2102, subindex=1, type="u16", access="write", maximum=100, fail_safe=0
    )
    stand = Stand(Sdo(node=5, objects=[row], stale_after=5.0, **settings))
    for message in given:
        stand.give(Sdo.write(message))
        stand.give(Frame(message.time, "v", 0x585, bytes.fromhex("6002210100000000")))
    stand.run_to(until)
    frames = [m for _, m in stand.out if isinstance(m, Frame) and m.data[0] == 0x2B]
    return [(m.time, m.data[4:6].hex()) for m in frames]


def test_a_value_is_written_when_it_changes_and_not_too_often() -> None:
    limits = [(0.0, 50), (0.5, 50), (0.6, 60), (1.2, 60), (2.5, 60)]
    given = [Signals(time, "ems", {"Limit": value}) for time, value in limits]
    assert written(*given, until=4.0) == [(0.0, "3200"), (1.2, "3c00")]
    again = written(*given, until=4.0, refresh_every=1.0)
    assert again == [(0.0, "3200"), (1.2, "3c00"), (2.5, "3c00")]


def test_the_fail_safe_is_written_when_the_reading_stays_out() -> None:
    told = written(Signals(1.0, "ems", {"Limit": 50}), until=6.2)
    assert told == [(1.0, "3200"), (6.0, "0000")]


def test_a_missing_type_is_a_problem() -> None:
    node = Sdo(node=5, objects=[SdoObject(name="V", index=0x2100)])
    assert list(node.problems()) == [
        ("objects[0].type", 'a "type" is needed, as there is no dictionary.')
    ]
    absent = Sdo(node=5, dictionary=Path("no.eds"), objects=[SdoObject(name="V", index=0x2100)])
    assert [setting for setting, _ in absent.problems()] == ["dictionary"]
    assert str(SdoAbortedError(0x0602_0000)).startswith("Code ")
