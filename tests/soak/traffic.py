"""The traffic of a full bus, as the text of a node that the gateway under test installs."""

from __future__ import annotations

__all__ = ["TRAFFIC"]

TRAFFIC = '''"""A full bus: the frames of a rack, 9,000 a second."""

import itertools

from flowrt.node import Emit, Frame, Output, Source, node, setting

_IDS = (0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E)
_PAUSE = 0.01


@node("soak/traffic")
class Traffic(Source):
    """Sends the frames of a rack, its state of charge going up and down."""

    frames = Output("Frames.", carries="frame")

    per_second: int = setting("How many.", default=9000)

    external = False
    _is_over = False

    def on_button(self) -> None:
        """It is enough."""
        self._is_over = True

    async def run(self, emit: Emit) -> None:
        due, owed = self.clock.steady(), 0.0
        for turn in itertools.count():
            if self._is_over:
                return
            owed += self.per_second * _PAUSE
            batch = [self._frame(turn, index) for index in range(int(owed))]
            owed -= len(batch)
            await emit(batch)
            due = max(due + _PAUSE, self.clock.steady() - 1.0)
            await self.clock.sleep(due - self.clock.steady())

    def _frame(self, turn: int, index: int) -> Frame:
        id = _IDS[index % len(_IDS)]
        charge = abs(turn % 4000 - 2000) // 20
        value = charge if id == 0x355 else 500 + (turn + index) % 50
        data = value.to_bytes(2, "little") * 4
        return Frame(self.clock.now(), "", id, data)
'''
