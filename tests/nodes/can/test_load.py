"""How busy a bus is: counted frames, and what an interface of this machine says."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from flowrt.message import Frame
from nodes.can.load import Counted, Load, interface_traffic


class Watch:
    """A watch that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def frames(count: int, length: int = 8) -> list[Frame]:
    return [Frame(0.0, "can0", 0x351, bytes(length))] * count


def test_full_frames_load_a_bus_as_the_standard_says() -> None:
    watch, counted = Watch(), Counted()
    load = Load(counted, 250_000, watch)
    counted.add(frames(1000))
    watch.seconds += 2
    assert load.figures() == {"load_percent": 22.2, "frames_per_second": 500.0}  # 111 bits each


def test_a_bus_of_unknown_rate_is_taken_for_500_kbit() -> None:
    watch, counted = Watch(), Counted()
    load = Load(counted, None, watch)
    counted.add(frames(1000, length=0))
    watch.seconds += 1
    assert load.figures()["load_percent"] == 9.4


def test_who_asks_at_once_gets_the_figures_of_before() -> None:
    watch, counted = Watch(), Counted()
    load = Load(counted, None, watch)
    counted.add(frames(10))
    watch.seconds += 1
    first = load.figures()
    watch.seconds += 0.1
    assert load.figures() == first
    watch.seconds += 0.9
    assert load.figures()["frames_per_second"] == 0.0


def test_counters_that_begin_anew_give_no_negative_rate() -> None:
    def counters() -> Iterator[tuple[int, int]]:
        yield (1000, 8000)
        yield (3, 24)

    watch, values = Watch(), counters()
    load = Load(lambda: next(values), None, watch)
    watch.seconds += 1
    assert load.figures() == {"load_percent": 0.0, "frames_per_second": 0.0}


def test_an_interface_counts_for_itself() -> None:
    frames_before, bytes_before = interface_traffic("lo")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _ in range(10):
            sock.sendto(b"12345678", ("127.0.0.1", 9))
    frames_after, bytes_after = interface_traffic("lo")
    assert frames_after >= frames_before + 10
    assert bytes_after >= bytes_before + 80


def test_an_interface_that_is_not_there_is_told() -> None:
    with pytest.raises(FileNotFoundError):
        interface_traffic("can99")
