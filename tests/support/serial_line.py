"""A serial line without hardware: two pseudo terminals with a thread that carries bytes between."""

from __future__ import annotations

import os
import select
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["serial_line"]


@contextmanager
def serial_line() -> Iterator[tuple[str, str]]:
    """The device names of the line's two ends."""
    pairs = [os.openpty() for _ in range(2)]
    for pair in pairs:
        for end in pair:
            tty.setraw(end)
    masters = [master for master, _ in pairs]
    stopping = threading.Event()
    carrier = threading.Thread(target=_carry, args=(masters, stopping), daemon=True)
    carrier.start()
    try:
        yield os.ttyname(pairs[0][1]), os.ttyname(pairs[1][1])
    finally:
        stopping.set()
        carrier.join(2)
        for pair in pairs:
            for end in pair:
                os.close(end)


def _carry(masters: list[int], stopping: threading.Event) -> None:
    other = {masters[0]: masters[1], masters[1]: masters[0]}
    while not stopping.is_set():
        readable, _, _ = select.select(masters, [], [], 0.05)
        for end in readable:
            os.write(other[end], os.read(end, 1024))
