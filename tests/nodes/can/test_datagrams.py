"""Many frames by one system call, from real sockets of the kernel."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator

import pytest

from nodes.can.datagrams import AT_ONCE, Datagrams

RXQ_OVFL, TIMESTAMPNS = 40, 35
CLASSIC, FD = struct.Struct("=IB3x8s"), struct.Struct("=IBB2x64s")


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A sender and a receiver that stamps and counts, as a CAN socket does."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
    ):
        receiver.bind(("127.0.0.1", 0))
        for option in (RXQ_OVFL, TIMESTAMPNS):
            receiver.setsockopt(socket.SOL_SOCKET, option, 1)
        sender.connect(receiver.getsockname())
        yield sender, receiver


Pair = tuple[socket.socket, socket.socket]


def test_frames_of_both_sizes_come_in_order_with_the_kernels_time(pair: Pair) -> None:
    sender, receiver = pair
    begun = time.time()
    sender.send(CLASSIC.pack(0x123, 3, b"abcdefgh"))
    sender.send(FD.pack(0x8000_0456, 12, 1, b"0123456789abcdef"))
    sender.send(CLASSIC.pack(0x7FF, 0, b""))
    received = Datagrams(receiver).receive()
    assert [one[:4] for one in received] == [
        (0x123, 0, b"abc", 16),
        (0x8000_0456, 1, b"0123456789ab", 72),
        (0x7FF, 0, b"", 16),
    ]
    times = [stamp for *_, stamp, _ in received]
    assert begun - 0.01 < times[0] <= times[1] <= times[2] < time.time() + 0.01
    assert [drops for *_, drops in received] == [0, 0, 0]


def test_more_than_fit_come_at_the_next_calls(pair: Pair) -> None:
    sender, receiver = pair
    datagrams, ids = Datagrams(receiver), list(range(AT_ONCE + 10))
    for id in ids:
        sender.send(CLASSIC.pack(id, 1, bytes([id])))
    first, second = datagrams.receive(), datagrams.receive()
    assert (len(first), len(second)) == (AT_ONCE, 10)
    assert [(one[0], one[2]) for one in first + second] == [(id, bytes([id])) for id in ids]


def test_nothing_there_is_told_as_by_python(pair: Pair) -> None:
    with pytest.raises(BlockingIOError):
        Datagrams(pair[1]).receive()


def test_a_socket_that_fails_is_told_with_its_error(pair: Pair) -> None:
    datagrams = Datagrams(pair[1])
    pair[1].close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        datagrams.receive()


def test_what_the_kernel_drops_is_counted(pair: Pair) -> None:
    sender, receiver = pair
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sent = 200
    for _ in range(sent):
        sender.send(CLASSIC.pack(1, 0, b""))
    datagrams, kept = Datagrams(receiver), 0
    while kept < sent:
        try:
            kept += len(datagrams.receive())
        except BlockingIOError:
            break
    sender.send(CLASSIC.pack(2, 0, b""))  # the count comes with the next one
    ((*_, drops),) = datagrams.receive()
    assert 0 < kept < sent
    assert drops == sent - kept
