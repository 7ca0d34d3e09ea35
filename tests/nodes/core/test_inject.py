"""core/inject."""

from __future__ import annotations

import asyncio
from typing import Any

from flowrt.example import Stand
from flowrt.node import Catalogue, Event, Frame, Signals
from flowrt.schema import findings, settings_schema
from nodes.core.inject import Inject, InjectedEvent, InjectedFrame


def run(inject: Inject, until: float, busy: float = 0.0) -> list[Any]:
    """What it sends by itself, under a virtual clock; each sending takes `busy` seconds."""
    stand = Stand(inject)

    async def emit(message: Any) -> None:
        stand.step.send(message)
        await stand.clock.sleep(busy)

    async def session() -> None:
        stand.clock.runner_started()
        task = asyncio.create_task(inject.run(emit))
        task.add_done_callback(lambda _: stand.clock.runner_ended())
        await stand.clock.run_to(until)
        task.cancel()

    asyncio.run(session())
    return [message for _, message in stand.out]


def test_sends_once_after_the_delay() -> None:
    sent = run(Inject(values={"SOC": 50.0}, delay=2.0), until=100.0)
    assert sent == [Signals(2.0, "inject", {"SOC": 50.0})]


def test_sends_again_and_again() -> None:
    sent = run(Inject(values={"SOC": 50.0}, every=0.5), until=2.2)
    assert [message.time for message in sent] == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_a_flow_that_is_slow_to_take_does_not_shift_the_period() -> None:
    sent = run(Inject(values={"SOC": 50.0}, every=0.5), until=2.2, busy=0.25)
    assert [message.time for message in sent] == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_a_flow_that_is_too_slow_gets_no_burst_afterwards() -> None:
    sent = run(Inject(values={"SOC": 50.0}, every=0.5), until=4.0, busy=1.0)
    assert [message.time for message in sent] == [0.0, 1.5, 3.0]


def test_stops_when_it_has_sent_enough() -> None:
    sent = run(Inject(values={"SOC": 50.0}, every=1.0, count=3), until=100.0)
    assert [message.time for message in sent] == [0.0, 1.0, 2.0]


def test_a_count_of_none_leaves_it_to_the_button() -> None:
    inject = Inject(event=InjectedEvent(name="drill", severity="alarm"), count=0)
    assert run(inject, until=100.0) == []
    stand = Stand(inject, start=7.0)
    inject.on_button()
    assert stand.out == [("out", Event(7.0, "", "drill", severity="alarm"))]


def test_a_large_id_makes_an_extended_frame_and_much_data_an_fd_frame() -> None:
    frame = InjectedFrame(id=0x18FF50E5, data="00" * 12, channel="can0")
    sent = run(Inject(frame=frame), until=1.0)
    assert sent == [Frame(0.0, "can0", 0x18FF50E5, bytes(12), extended=True, fd=True)]


def test_the_catalogue_names_what_it_sends() -> None:
    inject = Inject(values={"SOC": 50.0, "State": "run", "On": True}, source="bms", every=1.0)
    made = {(s.source, s.name, s.type, s.cycle) for s in inject.catalogue(Catalogue())}
    assert made == {
        ("bms", "SOC", "number", 1.0),
        ("bms", "State", "string", 1.0),
        ("bms", "On", "boolean", 1.0),
    }


def test_what_cannot_be_sent_is_a_problem() -> None:
    frame = InjectedFrame(id=1)
    assert [place for place, _ in Inject().problems()] == ["values"]
    assert [place for place, _ in Inject(values={"n": 1}, frame=frame).problems()] == ["frame"]
    assert [place for place, _ in Inject(frame=frame, every=0.0).problems()] == ["every"]


def test_half_a_byte_is_refused_in_words() -> None:
    (finding,) = findings(settings_schema(Inject), {"frame": {"id": 1, "data": "5"}}, "core/inject")
    assert (finding.place, finding.sentence) == (
        "frame.data",
        'must be at most 64 bytes, each as two hexadecimal digits, such as "5A006400", not "5".',
    )
