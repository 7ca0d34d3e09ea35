"""A wire whose messages go to disk first, and are kept there until its sink has taken them.

All work on the disk is done in turns by one thread: what came, what was acknowledged, one fsync
for all of it, and what is to be read next. Whatever comes during a turn is for the next one, so
the slower the disk, the more goes with one fsync; the event loop never waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from flowrt.errors import Unavailable
from flowrt.journal import Entry, Journal, JournalOptions
from flowrt.message import Message
from flowrt.wire.pace import Pace
from flowrt.wire.policies import Drop, Policy, Wire

__all__ = ["Spill"]

_log = logging.getLogger("flowrt.wire")

_MOST_COMING: Final = 10_000
"""Messages that may wait for the disk; a disk that hangs must not fill the memory."""
_MOST_READ: Final = 1024
_FIGURES: Final = ("segments", "written", "commits", "quarantined", "damaged")
_LONGEST_WAIT: Final = 1.0
"""Seconds a source waits for the disk at most: a flow goes on without it."""
_LINGER: Final = 0.1
"""Seconds between two turns where no source waits: every fsync wears the card."""
_LATEST_NOTE: Final = 0.5
"""Seconds until acknowledgements reach the disk where nothing else does."""
_OPEN_EVERY: Final = 5.0
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0


@dataclass
class _Turn:
    """What the thread is to do, and what came of it."""

    messages: list[Message]
    acknowledged: list[Entry]
    released: list[Entry]
    poison: list[tuple[Entry, str]]
    keep: int
    read: int
    kept: list[Entry] = field(default_factory=list)
    refused: list[Message] = field(default_factory=list)
    found: list[Entry] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    trouble: OSError | None = None


class Spill(Wire):
    """A queue with a journal; `open` is called in its thread, when the wire is first used."""

    policy: Policy = "spill"

    def __init__(
        self,
        capacity: int,
        bell: asyncio.Event,
        drop: Drop,
        open: Callable[[], Journal],
        options: JournalOptions,
    ) -> None:
        super().__init__(capacity, bell, drop)
        self._use(options)
        self.journal: Journal | None = None
        self.trouble = ""
        """Why nothing goes to disk now; empty where all is well."""
        self._open = open
        self._thread = ThreadPoolExecutor(1, "journal")
        self._turn: asyncio.Task[None] | None = None
        self._turned = asyncio.Event()
        self._slow = self._closed = False
        self._open_again = self._turned_at = 0.0
        self._given = self._settled = 0
        self._coming: list[Message] = []
        self._memory: deque[Entry] = deque()
        self._read: deque[Entry] = deque()
        """What came from disk, where it does not have its turn before what comes now."""
        self._taken: list[Entry] = []
        self._acknowledged: list[Entry] = []
        self._released: list[Entry] = []
        self._poison: list[tuple[Entry, str]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._failures = self._attempts = 0
        self._most = _MOST_READ
        bell.set()

    def _use(self, options: JournalOptions) -> None:
        self.options = options
        self.waits = options.commit == "before"
        self._live = options.drain == "live-first"
        self._pace = Pace(options.pace)

    def adapt(self, capacity: int, journal: JournalOptions | None) -> None:
        """Go on with all that is queued, as the wire is set now."""
        super().adapt(capacity, journal)
        options = journal or JournalOptions()
        if options != self.options:
            self._use(options)
            if self.journal is not None:
                self.journal.use(options)

    def __len__(self) -> int:
        waiting = len(self._memory) + len(self._read) + self._given - self._settled
        return waiting + self._behind

    def figures(self) -> dict[str, Any]:
        """How the journal is, JSON-able: `bytes` and `segments` on disk, `written` ever."""
        return {
            "bytes": getattr(self.journal, "stored", 0),
            **{name: getattr(self.journal, name, 0) for name in _FIGURES},
            "limit": self.options.limit,
            "waiting": len(self),
            "uncommitted": self._given - self._settled,
            "trouble": self.trouble,
        }

    @property
    def _behind(self) -> int:
        """Messages that are on disk and not in memory."""
        return 0 if self.journal is None else self.journal.behind

    # --- in

    def put(self, batch: Sequence[Message]) -> None:
        """Take a batch; it is safe when the next turn of the disk has ended."""
        if self.options.commit == "overflow" and not self._on_disk():
            room = max(0, self.capacity - len(self._memory))
            self._memory.extend(map(Entry, batch[:room]))
            batch = batch[room:]
            self.bell.set()
        room = _MOST_COMING - len(self._coming)
        if len(batch) > room:
            self.drop("disk too slow, newest dropped", len(batch) - room)
            batch = batch[:room]
        self._coming.extend(batch)
        self._given += len(batch)
        self._note_peak()
        self._go_on()

    def _on_disk(self) -> bool:
        return self._given > self._settled or self._behind > 0

    async def room(self) -> None:
        """Return when all that was put in is on disk, or the disk is slow."""
        given = self._given
        while self._settled < given and not self._slow:
            try:
                async with asyncio.timeout(_LONGEST_WAIT):
                    await self._turned.wait()
            except TimeoutError:
                self._slow = True
                self._tell(f"the disk took longer than {_LONGEST_WAIT:g} s")

    # --- out

    def take(self, most: int) -> list[Message]:
        """The next messages; none where they must first come from disk, which rings the bell."""
        lane = self._memory or self._read
        self._taken = [lane.popleft() for _ in range(min(len(lane), most, self._most))]
        if self.options.max_age is not None:
            self._drop_old(time.time() - self.options.max_age)
        self._go_on()
        return [entry.message for entry in self._taken]

    def _drop_old(self, oldest: float) -> None:
        young = [entry for entry in self._taken if entry.message.time >= oldest]
        if len(young) < len(self._taken):
            self.drop("older than max_age", len(self._taken) - len(young))
            self._acknowledged += [e for e in self._taken if e.message.time < oldest]
            self._taken = young
            self.bell.set()

    def put_back(self, batch: Sequence[Message]) -> None:
        """What was taken last was not dealt with: it comes first again."""
        self._memory.extendleft(reversed(self._taken))
        self._taken = []

    def done(self) -> None:
        """What was taken last is with whoever it is for: it may go from disk."""
        self._acknowledged += self._taken
        self._taken = []
        self._failures = self._attempts = 0
        self._most = min(2 * self._most, _MOST_READ)
        self._later(_LATEST_NOTE)

    async def failed(self, batch: Sequence[Message], error: Exception) -> bool:
        """Let it come again after a pause; a message that alone will not go is set aside.

        Halves the batch until the one that cannot be written is alone.
        """
        outage = isinstance(error, Unavailable | OSError)
        if not outage and len(batch) > 1:
            self._most = len(batch) // 2
            self.put_back(batch)
            return True
        self._attempts += not outage
        if self._attempts >= self.options.attempts:
            self._set_aside(error)
            return False
        self.put_back(batch)
        pause = min(_FIRST_PAUSE * 2**self._failures, _LONGEST_PAUSE)
        self._failures = min(self._failures + 1, 16)
        await asyncio.sleep(pause)
        return True

    def _set_aside(self, error: Exception) -> None:
        """Give up one message; pauses do not begin anew, lest an outage set all aside at once."""
        reason = f"{type(error).__name__}: {error}"
        self._poison += [(entry, reason) for entry in self._taken]
        self.drop(f"set aside after {self._attempts} attempts", len(self._taken))
        self._taken = []
        self._attempts = 0
        self._go_on()

    # --- turns of the disk

    def _later(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self._closed or (self._timer and self._timer.when() <= loop.time() + seconds):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(seconds, self._in_time)

    def _in_time(self) -> None:
        self._timer = None
        self._go_on(note=bool(self._acknowledged))

    def _go_on(self, note: bool = False) -> None:
        """Begin a turn where there is anything to do, and none is under way."""
        if self._turn is not None or self._closed:
            return
        read = self._wanted()
        unopened = self.journal is None and not self.trouble
        urgent = self._is_due() or self._released or self._poison or read or unopened
        if urgent or note or len(self._acknowledged) >= _MOST_READ:
            self._turn = asyncio.get_running_loop().create_task(self._take_turn(read))

    def _is_due(self) -> bool:
        """Whether what came is to go to disk now; where nobody waits, more may come first."""
        if not self._coming or self.waits or len(self._coming) >= _MOST_READ:
            return bool(self._coming)
        left = self._turned_at + _LINGER - time.monotonic()
        if left > 0:
            self._later(left)
        return left <= 0

    def _wanted(self) -> int:
        """How many messages to read from disk: as many as the pace allows, before they lack."""
        if not self._behind or len(self._memory) + len(self._read) >= _MOST_READ:
            return 0
        allowed = self._pace.allowed(_MOST_READ)
        if not allowed:
            self._later(self._pace.next)
        return allowed

    def _next_turn(self, read: int) -> _Turn:
        keep = _MOST_COMING if self._live else max(0, self.capacity - len(self._memory))
        turn = _Turn(
            self._coming, self._acknowledged, self._released, self._poison, keep, read
        )  # fmt: skip
        self._coming, self._acknowledged, self._released, self._poison = [], [], [], []
        return turn

    async def _take_turn(self, read: int) -> None:
        turn = self._next_turn(read)
        self._turned_at = time.monotonic()
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._work, turn)
        except Exception as error:  # noqa: BLE001  whatever it was, the flow goes on, and it is counted
            _log.exception("a turn of the journal failed")
            turn.trouble = OSError(str(error) or type(error).__name__)
            turn.refused = turn.messages[len(turn.kept) :]
        finally:
            self._turn = None
        self._settle(turn)
        self._go_on()

    def _work(self, turn: _Turn) -> None:
        """A turn, in the thread."""
        try:
            journal = self.journal = self._opened() if self.journal is None else self.journal
        except OSError as error:
            turn.trouble, turn.refused = error, turn.messages
            return
        journal.acknowledge(turn.acknowledged)
        journal.release(turn.released)
        turn.kept, turn.refused = journal.append(turn.messages, turn.keep)
        turn.trouble = journal.trouble
        try:
            while turn.poison:
                entry, reason = turn.poison[0]
                journal.quarantine([entry], reason)
                del turn.poison[0]
            journal.commit()
        except OSError as error:
            turn.trouble = error
            journal.release([entry for entry, _ in turn.poison if entry.end])
        turn.found = journal.read(turn.read)
        turn.lost, journal.lost = journal.lost, Counter()

    def _opened(self) -> Journal:
        """The journal; where that fails it is tried again, but not at every turn."""
        if time.monotonic() < self._open_again:
            raise OSError(self.trouble.removeprefix("journal: "))
        self._open_again = time.monotonic() + _OPEN_EVERY
        return self._open()

    def _settle(self, turn: _Turn) -> None:
        """Take up what the thread has done."""
        self._tell(_words(turn.trouble))
        self._slow = False
        self._memory.extend(turn.kept)
        for reason, count in turn.lost.items():
            self.drop(reason, count)
        self._keep_in_memory(turn)
        (self._read if self._live else self._memory).extend(turn.found)
        self._pace.used(len(turn.found))
        while self._live and len(self._memory) > self.capacity:
            self._evict(self._memory.popleft())
        self._settled += len(turn.messages)
        self._turned.set()
        self._turned = asyncio.Event()
        if self._memory or self._read:
            self.bell.set()

    def _keep_in_memory(self, turn: _Turn) -> None:
        """What the disk refuses goes on from memory, as long as nothing on disk is before it."""
        room = 0 if self._behind or turn.found else max(0, self.capacity - len(self._memory))
        self._memory.extend(map(Entry, turn.refused[:room]))
        if (left := len(turn.refused) - room) > 0:
            self.drop(f"{self.trouble}, newest dropped", left)

    def _evict(self, entry: Entry) -> None:
        if entry.end:
            self._released.append(entry)
        else:
            self.drop("queue full, oldest dropped", 1)

    def _tell(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            _log.warning("journal: %s", trouble or "all is well again")

    # --- the end

    def let_go(self) -> None:
        """Let go of the journal, so that it can be opened again."""
        self._closing = asyncio.get_running_loop().create_task(self.close())

    async def close(self) -> int:
        """Keep everything for the next start; says how many messages the disk would not have."""
        while self._turn is not None:
            await asyncio.wait([self._turn])
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._coming[:0] = [entry.message for entry in self._memory if not entry.end]
        self._memory.clear()
        left = await asyncio.get_running_loop().run_in_executor(self._thread, self._finish)
        self._thread.shutdown(wait=False)
        return left

    def _finish(self) -> int:
        turn = self._next_turn(0)
        turn.keep = 0
        if self.journal is None and not turn.messages:
            return 0
        self._work(turn)
        if self.journal is not None:
            self.journal.close()
        return len(turn.refused)


def _words(error: OSError | None) -> str:
    return "" if error is None else f"journal: {(error.strerror or str(error)).lower()}"
