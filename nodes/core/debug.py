"""Show messages."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Literal

from flowrt.node import Example, Message, Sink, Timer, node, setting
from nodes.core.line import line
from nodes.core.quota import Quota


@node("core/debug", icon="bug")
class Debug(Sink):
    """Show messages in the log and in the editor; the last ones are kept for whoever looks."""

    external = False

    to: Literal["log", "none"] = setting(
        "Where lines go besides the editor: the log, or nowhere.", default="log"
    )
    keep: int = setting("How many of the last messages are kept.", default=100, minimum=1)
    lines_per_second: int = setting(
        "Most lines logged in a second; those beyond are counted in a line of their own.",
        default=10,
        minimum=1,
    )

    examples = (
        Example("Into the log"),
        Example("For the editor only", {"to": "none", "keep": 1000}),
    )

    def __post_init__(self) -> None:
        self.seen = 0
        """Messages since it was made; also the number of the latest one."""
        self.suppressed = 0
        """Messages for which no line was logged."""
        self._recent: deque[Message] = deque(maxlen=self.keep)
        self._quota = Quota(self.lines_per_second)
        self._untold = 0
        self._timer: Timer | None = None

    def summary(self) -> str:
        """`last 100, logged`."""
        return f"last {self.keep}" + (", logged" if self.to == "log" else "")

    async def stop(self) -> None:
        """Say what was left out of the log."""
        if self._timer is not None:
            self._timer.cancel()
            self._tell()

    async def write(self, messages: Sequence[Message]) -> None:
        """Keep the last ones, and log as many as may be."""
        self.seen += len(messages)
        self._recent.extend(messages)
        if self.to == "log":
            self._log(messages)

    def recent(self, after: int = 0) -> list[tuple[int, str]]:
        """The last messages as (number, line), oldest first, those numbered above `after`."""
        first = self.seen - len(self._recent) + 1
        skipped = min(max(0, after + 1 - first), len(self._recent))
        kept = islice(self._recent, skipped, None)
        return [(first + skipped + index, line(message)) for index, message in enumerate(kept)]

    def _log(self, messages: Sequence[Message]) -> None:
        granted = self._quota.take(self.clock.now(), len(messages))
        for message in messages[:granted]:
            self.log.info("%s", line(message))
        left_out = len(messages) - granted
        if left_out:
            self.suppressed += left_out
            self._untold += left_out
            if self._timer is None:
                self._timer = self.clock.after(1.0, self._tell)

    def _tell(self) -> None:
        self._timer = None
        self.log.info("%d more messages, not shown", self._untold)
        self._untold = 0
