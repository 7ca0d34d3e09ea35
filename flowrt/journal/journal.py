"""A journal: messages go in at one end, and out of the other when they were taken and acknowledged.

It blocks on the disk and is called by one thread at a time; `flowrt.wire.spill` drives it.
"""

from __future__ import annotations

import contextlib
import errno
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from flowrt.journal.aside import keep_damaged, keep_poison
from flowrt.journal.codec import pack, unpack
from flowrt.journal.log import FULL, SegmentLog
from flowrt.journal.mark import Mark, is_mark
from flowrt.journal.options import JournalOptions
from flowrt.journal.record import Record, frame, records
from flowrt.journal.recovery import recover
from flowrt.journal.segment import BEGIN, byte_of, number_of, position
from flowrt.journal.spans import Spans
from flowrt.message import Message

__all__ = ["Entry", "Journal"]

_AT_ONCE: Final = 256
"""Messages that go to disk with one write."""
_DISK_FULL: Final = "disk full, oldest dropped"
_TOO_OLD: Final = "older than max_age"
_AGE_EVERY: Final = 60.0
_MARK_EVERY: Final = 0.5
"""Seconds; what was acknowledged since the last mark comes a second time after a kill."""


class Entry(NamedTuple):
    """A message and the stretch of the journal that it takes up; an empty one is not on disk."""

    message: Message
    start: int = 0
    end: int = 0


class Journal:
    """Opened where it was left; raises OSError where the folder cannot be used.

    `lost` counts what had to be dropped by reason, for whoever asks and clears it.
    """

    def __init__(
        self, folder: Path, options: JournalOptions | None = None, patience: float = 0.0
    ) -> None:
        self.use(options or JournalOptions())
        self.lost: Counter[str] = Counter()
        self.quarantined = self.damaged = self.commits = self.behind = self.held = 0
        self.wanted = Spans()
        self._backlog = Spans()
        self._written = 0
        self._acknowledged = False
        self._marked_at = self._aged_at = 0.0
        self._claimed = 0
        """Where the newest message ends, and the stretch of the next one begins."""
        self.trouble: OSError | None = None
        """Why the last messages were refused."""
        self._log = SegmentLog(folder, patience)
        try:
            self._recover()
        except OSError:
            self._log.close()
            raise

    def use(self, options: JournalOptions) -> None:
        """Go on as it is set now."""
        self.options = options
        self._live = options.drain == "live-first"

    def __len__(self) -> int:
        """Messages that nobody has acknowledged."""
        return self.behind + self.held

    @property
    def stored(self) -> int:
        """Bytes on disk."""
        return self._log.size

    @property
    def segments(self) -> int:
        """Files on disk."""
        return len(self._log.sizes)

    @property
    def written(self) -> int:
        """Bytes written since the journal was made, over all restarts."""
        return self._written + self._log.written

    # --- in

    def append(self, messages: Sequence[Message], keep: int) -> tuple[list[Entry], list[Message]]:
        """Put messages at the end: those kept in memory, at most `keep`, and those refused.

        What is not kept is read later. Nothing is safe from a power cut before `commit`.
        """
        kept: list[Entry] = []
        done = 0
        for chunk, parts in self._chunks(messages):
            try:
                entries = self._write(chunk, parts)
            except OSError as error:
                self.trouble = error
                return kept, list(messages[done:])
            done += len(chunk)
            self.trouble = None
            room = max(0, keep - len(kept)) if self._live or not self._backlog else 0
            kept += entries[:room]
            self.held += len(entries[:room])
            self._leave(entries[room:])
        return kept, []

    def _chunks(self, messages: Sequence[Message]) -> Iterator[tuple[list[Message], list[bytes]]]:
        """Messages and their records, so many at a time that a segment holds them."""
        chunk: list[Message] = []
        parts: list[bytes] = []
        size = 0
        for message in messages:
            part = frame(pack(message))
            if parts and (size + len(part) > self.options.segment or len(parts) >= _AT_ONCE):
                yield chunk, parts
                chunk, parts, size = [], [], 0
            chunk.append(message)
            parts.append(part)
            size += len(part)
        if parts:
            yield chunk, parts

    def _write(self, chunk: list[Message], parts: list[bytes]) -> list[Entry]:
        block = b"".join(parts)
        self._make_room(len(block))
        if self._log.fill and self._log.fill + len(block) > self.options.segment:
            self._insist(self._roll)
        self._insist(lambda: self._log.append(block))
        number, at = number_of(self._log.tail), byte_of(self._log.tail) - len(block)
        entries: list[Entry] = []
        for message, part in zip(chunk, parts, strict=True):
            at += len(part)
            end = position(number, at)
            entries.append(Entry(message, self._claimed, end))
            self._claimed = end
        self.wanted.add(entries[0].start, entries[-1].end)
        return entries

    def _make_room(self, needed: int) -> None:
        """Drop old segments until there is room below the limit; raises OSError where none is."""
        while self._log.size + needed > self.options.limit:
            reason = "journal full, oldest dropped"
            if self.options.full != "drop-oldest" or not self._drop_oldest(reason):
                raise OSError(errno.ENOSPC, "full")

    def _insist(self, write: Callable[[], None]) -> None:
        """Write; on a full disk, drop own old segments for it; raises OSError in the end."""
        while True:
            try:
                write()
            except OSError as error:
                may_drop = error.errno in FULL and self.options.full == "drop-oldest"
                if not may_drop or not self._drop_oldest(_DISK_FULL):
                    raise
            else:
                return

    def _roll(self) -> None:
        self._log.roll(frame(msgspec.msgpack.encode(self._mark())))

    def _drop_oldest(self, reason: str) -> bool:
        """Give up the oldest segment; False where there is only one."""
        number = min(self._log.sizes)
        if len(self._log.sizes) < 2:
            return False
        end = position(number + 1, 0)
        lost = sum(1 for _ in self._records_wanted(number))
        self._log.remove(number)
        self.wanted.remove(0, end)
        self._backlog.remove(0, end)
        self.behind = max(0, self.behind - lost) if self._backlog else 0
        if lost:
            self.lost[reason] += lost
        return True

    def _records_wanted(self, number: int) -> Iterator[Record]:
        """The messages of a segment that are yet to be read."""
        data = self._log.load(number, self._log.sizes[number]) or b""
        stretches = [(s, e) for s, e in self._backlog if s < position(number + 1, 0)]
        for record in records(data, BEGIN):
            at = position(number, record.end)
            sound = record.payload is not None and not is_mark(record.payload)
            if sound and any(start < at <= end for start, end in stretches):
                yield record

    # --- out

    def read(self, most: int) -> list[Entry]:
        """The oldest messages that are not in memory; too old ones are dropped, counted."""
        found: list[Entry] = []
        while self._backlog and len(found) < most:
            start, end = self._backlog.first
            upto = self._read_stretch(start, end, most, found)
            self._backlog.remove(start, upto)
        self.behind -= len(found)
        self.held += len(found)
        if not self._backlog:
            self._nothing_behind()
        return self._young(found)

    def _read_stretch(self, start: int, end: int, most: int, found: list[Entry]) -> int:
        """Read from one segment; gives the position up to which nothing is left to read."""
        number = number_of(start)
        stop = byte_of(end) if number_of(end) == number else self._log.sizes.get(number, 0)
        data = self._log.load(number, stop)
        if data is None:
            later = [other for other in self._log.sizes if other > number]
            upto = min(end, position(min(later), 0)) if later else end
            self.wanted.remove(start, upto)
            return upto
        claimed = start
        for record in records(data, max(byte_of(start), BEGIN)):
            if record.start >= stop:
                break
            if len(found) >= most:
                return claimed
            message = self._message(number, data, record)
            if message is not None:
                found.append(Entry(message, claimed, position(number, record.end)))
                claimed = position(number, record.end)
        upto = min(end, position(number + 1, 0))
        self.wanted.remove(claimed, upto)
        return upto

    def _message(self, number: int, data: bytes, record: Record) -> Message | None:
        """The message of a record; None for a mark, and for damage, which is set aside."""
        if record.payload is not None:
            if is_mark(record.payload):
                return None
            if (message := unpack(record.payload)) is not None:
                return message
        self._set_aside(number, data, record.start, record.end)
        return None

    def _nothing_behind(self) -> None:
        """All is read; what was counted and not found had been damaged."""
        self._log.forget_loaded()
        if self.behind > 0:
            self.lost["damaged on disk"] += self.behind
        self.behind = 0

    def _young(self, entries: list[Entry]) -> list[Entry]:
        if self.options.max_age is None:
            return entries
        oldest = time.time() - self.options.max_age
        old = [entry for entry in entries if entry.message.time < oldest]
        if old:
            self.acknowledge(old)
            self.lost[_TOO_OLD] += len(old)
            entries = [entry for entry in entries if entry.message.time >= oldest]
        return entries

    def acknowledge(self, entries: Iterable[Entry]) -> None:
        """These need not be kept any longer."""
        start = end = -1
        for entry in entries:
            self.held -= entry.end > 0
            if entry.start != end:
                self.wanted.remove(start, end)
                start = entry.start
            end = entry.end
        self.wanted.remove(start, end)
        self._acknowledged = True

    def release(self, entries: Sequence[Entry]) -> None:
        """These are no longer in memory: they will be read again."""
        self.held -= len(entries)
        self._leave(entries)

    def _leave(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self._backlog.add(entry.start, entry.end)
        self.behind += len(entries)

    def quarantine(self, entries: Sequence[Entry], reason: str) -> None:
        """Set messages aside that cannot be written wherever they are for; raises OSError."""
        messages = [entry.message for entry in entries]
        keep_poison(self._log.folder, messages, reason, time.time())
        self.quarantined += len(entries)
        self.acknowledge(entries)

    # --- on disk

    def commit(self) -> None:
        """Return when what was appended outlives a power cut; raises OSError.

        What was acknowledged is noted at times, and its segments are removed.
        """
        if self._acknowledged and time.monotonic() - self._marked_at >= _MARK_EVERY:
            self._note()
        if self._log.dirty:
            self.commits += 1
            self._log.sync()
        self._remove_finished()
        if self.options.max_age is not None:
            self._drop_aged(self.options.max_age)

    def _drop_aged(self, most: float) -> None:
        """Drop whole segments that nothing was written to for so long."""
        if time.monotonic() - self._aged_at < _AGE_EVERY:
            return
        self._aged_at = time.monotonic()
        while time.time() - self._log.oldest_change() > most and self._drop_oldest(_TOO_OLD):
            pass

    def _note(self) -> None:
        with contextlib.suppress(OSError):  # a full disk; the next commit notes it
            self._log.append(frame(msgspec.msgpack.encode(self._mark())))
            self._acknowledged = False
            self._marked_at = time.monotonic()

    def _mark(self) -> Mark:
        counted = (self.written, self.commits, self.quarantined, self.damaged)
        return Mark(list(self.wanted), len(self), *counted)

    def _remove_finished(self) -> None:
        for number in list(self._log.sizes)[:-1]:
            if self.wanted.meet(position(number, 0), position(number + 1, 0)):
                return
            self._log.remove(number)

    def close(self) -> None:
        """Keep what is left for the next start, and let go of the folder."""
        try:
            self._marked_at, self._acknowledged = 0.0, True
            if not len(self) and self._log.fill > _AT_ONCE:
                self._roll()  # an emptied journal takes up next to nothing
            self.commit()
        finally:
            self._log.close()

    # --- opening

    def _recover(self) -> None:
        """Go on from the newest mark, and what follows it."""
        numbers = list(self._log.sizes)
        left = recover(self._log.sizes, lambda number: self._log.load(number, 0) or b"")
        self.wanted, self.behind, self._written = left.wanted, left.count, left.written
        self.commits, self.quarantined = left.mark.commits, left.mark.quarantined
        self.damaged = left.mark.damaged
        self._log.open_newest()
        if numbers:
            self._cut_tail(numbers[-1], left.sound)
        self._backlog = Spans(self.wanted)
        self._log.forget_loaded()
        if not self._log.fill:
            self._log.append(frame(msgspec.msgpack.encode(self._mark())))
        self._claimed = self._log.tail
        self._remove_finished()

    def _cut_tail(self, number: int, sound: int) -> None:
        """Set aside a record that was being written when the power went."""
        data = self._log.load(number, 0) or b""
        if len(data) > sound:
            self._set_aside(number, data, sound, len(data))
            self._log.cut(max(sound, BEGIN))

    def _set_aside(self, number: int, data: bytes, start: int, end: int) -> None:
        self.damaged += 1
        with contextlib.suppress(OSError):  # a full disk: it is counted all the same
            keep_damaged(self._log.folder, f"{number:010d}-{start}", data[start:end])
