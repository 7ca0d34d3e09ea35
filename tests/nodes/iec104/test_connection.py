"""The link layer as a hand-written client sees it: windows, timers, and what breaks the rules."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrt.message import Signals
from nodes.iec104.apci import (
    Acknowledge,
    Control,
    Data,
    Frame,
    data_frame,
    frame_of,
    supervision_frame,
    unnumbered_frame,
)
from nodes.iec104.asdu import Asdu, asdu_of
from nodes.iec104.monitor import Monitor, MonitoredPoint
from nodes.iec104.station import Station
from tests.support.live_node import Live, running
from tests.support.ports import free_port

START, STARTED = unnumbered_frame(0x04), Control(0x08)
TEST, TESTED = unnumbered_frame(0x40), Control(0x80)


class Client:
    """Speaks frames, and obeys no rule by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def say(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))

    async def next(self, within: float = 3.0) -> Frame:
        async with asyncio.timeout(within):
            head = await self.reader.readexactly(2)
            return frame_of(await self.reader.readexactly(head[1]))

    async def silent(self, within: float = 0.15) -> bool:
        try:
            await self.next(within)
        except TimeoutError:
            return True
        return False

    async def hung_up(self, within: float = 3.0) -> bool:
        async with asyncio.timeout(within):
            return await self.reader.read() == b""


Scenario = Callable[[Client, Monitor, Live], Awaitable[None]]


def play(scenario: Scenario, **changed: Any) -> Live:
    async def run() -> Live:
        station = Station(port=free_port(), common_address=7, **changed)
        monitor = Monitor(station=station, points=[MonitoredPoint(object=1001, signal="SOC")])
        async with running(station, monitor) as live:
            streams = await asyncio.open_connection("127.0.0.1", station.port)
            await scenario(Client(*streams), monitor, live)
            streams[1].close()
        return live

    return asyncio.run(run())


def asked(type: int, cause: int = 6, station: int = 7, element: bytes = b"\x14") -> bytes:
    return Asdu(type, cause, station, b"\0\0\0" + element).as_bytes()


async def change(monitor: Monitor, *values: float) -> None:
    await monitor.write([Signals(0.0, "x", {"SOC": value}) for value in values])


def test_nothing_is_sent_before_the_start_and_after_the_stop() -> None:
    async def scenario(client: Client, monitor: Monitor, _live: Live) -> None:
        await change(monitor, 1)
        assert await client.silent()
        client.say(START)
        assert await client.next() == STARTED
        client.say(unnumbered_frame(0x10))
        assert await client.next() == Control(0x20)
        await change(monitor, 2)
        assert await client.silent()

    play(scenario, buffer=0)


def test_no_more_than_k_frames_go_unacknowledged() -> None:
    async def scenario(client: Client, monitor: Monitor, _live: Live) -> None:
        client.say(START)
        await client.next()
        await change(monitor, *range(1, 9))
        sent = [await client.next() for _ in range(3)]
        assert [frame.sent for frame in sent if isinstance(frame, Data)] == [0, 1, 2]
        assert await client.silent()
        client.say(supervision_frame(2))
        more = [await client.next() for _ in range(2)]
        assert [frame.sent for frame in more if isinstance(frame, Data)] == [3, 4]
        assert await client.silent()

    play(scenario, k=3, w=2)


def test_an_answer_acknowledges_what_it_answers() -> None:
    async def scenario(client: Client, _monitor: Monitor, _live: Live) -> None:
        client.say(START)
        await client.next()
        client.say(data_frame(0, 0, asked(107, element=b"\x55\xaa")))
        answer = await client.next()
        assert isinstance(answer, Data)
        assert answer.received == 1

    play(scenario, t2=1.0)


def test_an_unanswered_frame_ends_the_connection_after_t1() -> None:
    async def scenario(client: Client, monitor: Monitor, _live: Live) -> None:
        client.say(START)
        await client.next()
        await change(monitor, 1)
        assert isinstance(await client.next(), Data)
        assert await client.hung_up()

    play(scenario, t1=1.0, t2=0.5)


def test_a_silent_client_is_tested_after_t3_and_let_go_after_t1() -> None:
    async def scenario(client: Client, _monitor: Monitor, _live: Live) -> None:
        assert await client.next() == Control(0x40)
        client.say(unnumbered_frame(0x80))
        assert await client.next() == Control(0x40)
        assert await client.hung_up()

    play(scenario, t1=1.0, t2=0.5, t3=0.3)


def test_a_test_is_confirmed() -> None:
    async def scenario(client: Client, _monitor: Monitor, _live: Live) -> None:
        client.say(TEST)
        assert await client.next() == TESTED

    play(scenario)


@pytest.mark.parametrize(
    "frames",
    [
        (b"\x69\x04\x01\x00\x00\x00",),
        (b"\x68\x02\x01\x00",),
        (data_frame(0, 0, asked(100)),),  # before STARTDT
        (START, data_frame(1, 0, asked(100))),  # a frame is missing
        (START, data_frame(0, 5, asked(100))),  # acknowledges what was never sent
        (START, data_frame(0, 0, b"\x64\x01")),  # half an ASDU
        (unnumbered_frame(0x0C),),  # two functions at once
    ],
)
def test_a_client_that_breaks_the_rules_is_let_go_and_others_go_on(
    frames: tuple[bytes, ...],
) -> None:
    async def scenario(client: Client, monitor: Monitor, _live: Live) -> None:
        client.say(*frames)
        assert (await client.reader.read())[:1] in (b"", b"\x68")
        streams = await asyncio.open_connection("127.0.0.1", monitor.station.port)
        other = Client(*streams)
        other.say(START)
        assert await other.next() == STARTED
        streams[1].close()

    play(scenario)


@pytest.mark.parametrize(
    ("request_", "cause"),
    [
        (asked(99), 44),
        (asked(100, cause=3), 45),
        (asked(100, station=8), 46),
        (Asdu(102, 5, 7, b"\x05\0\0\0").as_bytes(), 47),
        (asked(50, element=b"\0\0\0\0\0"), 47),
        (asked(101), 44),
    ],
)
def test_what_it_cannot_do_is_answered_with_the_reason(request_: bytes, cause: int) -> None:
    async def scenario(client: Client, _monitor: Monitor, _live: Live) -> None:
        client.say(START, data_frame(0, 0, request_))
        await client.next()
        frame = await client.next()
        assert isinstance(frame, Data)
        answer = asdu_of(frame.asdu)
        assert (answer.cause, answer.negative) == (cause, True)

    play(scenario)


def test_a_point_can_be_read_by_itself() -> None:
    async def scenario(client: Client, monitor: Monitor, _live: Live) -> None:
        await change(monitor, 42)
        read = Asdu(102, 5, 7, (1001).to_bytes(3, "little") + b"\0").as_bytes()
        client.say(START, data_frame(0, 0, read))
        await client.next()
        frame = await client.next()
        assert isinstance(frame, Data)
        assert frame.asdu[-5:] == b"\0\0\x28\x42\0"

    play(scenario, buffer=0)


def test_more_clients_than_allowed_are_turned_away() -> None:
    async def scenario(client: Client, monitor: Monitor, live: Live) -> None:
        client.say(TEST)
        await client.next()
        streams = await asyncio.open_connection("127.0.0.1", monitor.station.port)
        assert await Client(*streams).hung_up()
        streams[1].close()
        assert live.drops(monitor.station) == {"clients turned away": 1}

    play(scenario, clients=1)


def test_a_thousand_points_take_their_turns() -> None:
    async def run() -> list[int]:
        station = Station(port=free_port(), common_address=7)
        points = [MonitoredPoint(object=n, signal=f"s{n}") for n in range(1, 1001)]
        found: list[int] = []
        async with running(station, Monitor(station=station, points=points)):
            streams = await asyncio.open_connection("127.0.0.1", station.port)
            client = Client(*streams)
            client.say(START, data_frame(0, 0, asked(100)))
            count = 0
            while True:
                frame = await client.next()
                if not isinstance(frame, Data):
                    continue
                count += 1
                client.say(supervision_frame(count))
                answer = asdu_of(frame.asdu)
                if answer.cause == 10:
                    break
                if answer.cause == 20:
                    size = len(answer.objects) // answer.count
                    found += [
                        int.from_bytes(answer.objects[at : at + 3], "little")
                        for at in range(0, len(answer.objects), size)
                    ]
            streams[1].close()
        return found

    assert asyncio.run(run()) == list(range(1, 1001))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.binary(min_size=1, max_size=30), max_size=4))
def test_no_bytes_stop_the_station(bodies: list[bytes]) -> None:
    async def run() -> None:
        station = Station(port=free_port(), common_address=7)
        async with running(station):
            frames = b"".join(b"\x68" + bytes([len(body)]) + body for body in bodies)
            reader, writer = await asyncio.open_connection("127.0.0.1", station.port)
            writer.write(START + frames)
            writer.write_eof()
            await reader.read()
            writer.close()
            streams = await asyncio.open_connection("127.0.0.1", station.port)
            client = Client(*streams)
            client.say(TEST)
            assert await client.next() == TESTED
            streams[1].close()

    asyncio.run(run())


def test_a_port_that_is_taken_is_told() -> None:
    async def run() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            station = Station(port=taken.getsockname()[1])
            Live().add(station)
            with pytest.raises(Exception, match="cannot be listened at"):
                await station.start()

    asyncio.run(run())


def test_frames_are_read_as_they_are_written() -> None:
    assert frame_of(data_frame(300, 200, b"abc")[2:]) == Data(300, 200, b"abc")
    assert frame_of(supervision_frame(32767)[2:]) == Acknowledge(32767)
    assert frame_of(unnumbered_frame(0x40)[2:]) == Control(0x40)
