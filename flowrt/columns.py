"""Many messages at once, as columns: what travels when a log is replayed in bulk.

A table holds rows of one shape in order of arrival. Its columns are numpy arrays, computed when
first asked for: a flow that watches two signals pays for two. numpy itself is imported late, as
only a bulk replay needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, runtime_checkable

from flowrt.message import Frame, Signals, Value

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "ERROR",
    "EXTENDED",
    "FD",
    "REMOTE",
    "SWITCHED",
    "Array",
    "Column",
    "FrameTable",
    "PassOn",
    "Passed",
    "Skim",
    "Span",
    "Table",
    "ascends",
]

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

EXTENDED, FD, SWITCHED, REMOTE, ERROR = 1, 2, 4, 8, 16
"""Bits of a frame's flags; SWITCHED is the bit rate switch."""
_ABSENT: Final = None


@dataclass(slots=True, eq=False)
class FrameTable:
    """Frames by columns.

    `data` has a row of bytes for each frame, zero beyond its length; `channels` are indices into
    `names`; `keys` say the order of arrival and ascend.
    """

    times: Array
    ids: Array
    lengths: Array
    data: Array
    flags: Array
    channels: Array
    names: tuple[str, ...]
    keys: Array

    def __len__(self) -> int:
        return len(self.times)

    def rows(self, index: Any) -> FrameTable:
        """Some of the rows, by mask, slice or indices."""
        return FrameTable(
            self.times[index],
            self.ids[index],
            self.lengths[index],
            self.data[index],
            self.flags[index],
            self.channels[index],
            self.names,
            self.keys[index],
        )

    def keyed(self, keys: Array) -> FrameTable:
        """The same rows under other keys."""
        columns = (self.times, self.ids, self.lengths, self.data, self.flags, self.channels)
        return FrameTable(*columns, self.names, keys)

    def message(self, row: int) -> Frame:
        """One row as a frame."""
        return next(self.messages(row, row + 1))

    def messages(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Rows as frames."""
        part = slice(start, stop)
        width, names = self.data.shape[1], self.names
        block = self.data[part].tobytes()
        rows = zip(
            self.times[part].tolist(),
            self.channels[part].tolist(),
            self.ids[part].tolist(),
            self.lengths[part].tolist(),
            self.flags[part].tolist(),
            strict=True,
        )
        for row, (time, channel, id, length, flags) in enumerate(rows):
            data = block[row * width : row * width + length]
            if flags <= EXTENDED:
                yield Frame(time, names[channel], id, data, flags == EXTENDED)
            else:
                bits = (bool(flags & bit) for bit in (EXTENDED, FD, SWITCHED, REMOTE, ERROR))
                yield Frame(time, names[channel], id, data, *bits)

    @classmethod
    def of(cls, frames: Sequence[Frame], first: int = 0) -> FrameTable:
        """Frames as a table; `first` is the key of the first one."""
        import numpy as np

        width = max((len(frame.data) for frame in frames), default=8)
        width = 8 if width <= 8 else -(-width // 8) * 8
        block = b"".join(frame.data.ljust(width, b"\0") for frame in frames)
        index: dict[str, int] = {}
        channels = [index.setdefault(frame.channel, len(index)) for frame in frames]
        return cls(
            np.array([frame.time for frame in frames], np.float64),
            np.array([frame.id for frame in frames], np.uint32),
            np.array([len(frame.data) for frame in frames], np.uint8),
            np.frombuffer(block, np.uint8).reshape(-1, width),
            np.array([_flags(frame) for frame in frames], np.uint8),
            np.array(channels, np.uint32),
            tuple(index),
            np.arange(first, first + len(frames), dtype=np.int64),
        )


def _flags(frame: Frame) -> int:
    return (
        EXTENDED * frame.extended
        | FD * frame.fd
        | SWITCHED * frame.bitrate_switch
        | REMOTE * frame.remote
        | ERROR * frame.error
    )


@dataclass(slots=True, eq=False)
class Column:
    """The readings of one signal: int64, float64 or, where they are neither, objects.

    `missing` marks the rows that are None; None where every row has a reading.
    """

    values: Array
    missing: Array | None = None

    def rows(self, index: Any) -> Column:
        """Some of the readings."""
        return Column(self.values[index], None if self.missing is None else self.missing[index])

    def item(self, row: int) -> Value:
        """One reading as Python has it."""
        if self.missing is not None and self.missing[row]:
            return _ABSENT
        value: Value = self.values.item(row)
        return value

    def listed(self, start: int, stop: int) -> list[Value]:
        """Readings as Python has them."""
        readings: list[Value] = self.values[start:stop].tolist()
        if self.missing is not None:
            for row in self.missing[start:stop].nonzero()[0].tolist():
                readings[row] = _ABSENT
        return readings

    @property
    def is_numeric(self) -> bool:
        """Whether arithmetic on the whole column means anything; None and NaN aside."""
        return self.values.dtype != object


Lazy: TypeAlias = Callable[[], Column]
Late: TypeAlias = Callable[[], Array]


def ascends(times: Array) -> bool:
    """Whether no time is before the one ahead of it; false where one is no number."""
    return bool((times[1:] >= times[:-1]).all() and (times[:1] == times[:1]).all())


class _Times:
    """The times of some rows, read when first asked for; shared by what has the same rows."""

    __slots__ = ("_ascending", "_read", "_times")

    def __init__(self, times: Array | Late) -> None:
        self._read = times
        self._times: Array | None = None
        self._ascending: bool | None = None

    def times(self) -> Array:
        """One by row."""
        if self._times is None:
            self._times = self._read() if callable(self._read) else self._read
        return self._times

    def ascending(self) -> bool:
        """Whether they never go back."""
        if self._ascending is None:
            self._ascending = ascends(self.times())
        return self._ascending


class Table:
    """Readings of one source that all have the same signals, a row for each message.

    Keys, times and columns may be given as calls, made when they are first asked for; then
    `count` says how many rows there are.
    """

    __slots__ = ("_columns", "_count", "_keys", "_times", "alone", "memo", "names", "source")

    def __init__(
        self,
        source: str,
        keys: Array | Late,
        times: Array | Late,
        columns: Mapping[str, Column | Lazy],
        count: int | None = None,
    ) -> None:
        self.source = source
        self.names = tuple(columns)
        self.memo: dict[object, Any] = {}
        """What a node has worked out of the whole table, for itself."""
        self.alone = True
        """Whether all rows of its source, as far as they come together, are in this table."""
        self._keys = keys
        self._times = _Times(times)
        self._columns = dict(columns)
        self._count = len(self.keys) if count is None else count

    def __len__(self) -> int:
        return self._count

    @property
    def keys(self) -> Array:
        """The order of arrival among all tables; they ascend."""
        keys = self._keys
        if callable(keys):
            keys = self._keys = keys()
        return keys

    @property
    def times(self) -> Array:
        """POSIX seconds of each row."""
        return self._times.times()

    def column(self, name: str) -> Column:
        """The readings of a signal."""
        column = self._columns[name]
        if not isinstance(column, Column):
            column = self._columns[name] = column()
        return column

    @property
    def ascending(self) -> bool:
        """Whether no row is older than the one before; false where a time is no number."""
        return self._times.ascending()

    def first_at(self, time: float, start: int) -> int:
        """The first row from `start` on that is at or after a time; the length where none is."""
        if self.ascending:
            return max(start, int(self.times.searchsorted(time, "left")))
        later = self.times[start:] >= time
        return start + int(later.argmax()) if later.any() else len(self)

    def message(self, row: int) -> Signals:
        """One row as a message."""
        values = {name: self.column(name).item(row) for name in self.names}
        return Signals(self.times.item(row), self.source, values)

    def messages(self, start: int = 0, stop: int | None = None) -> Iterator[Signals]:
        """Rows as messages."""
        stop = len(self) if stop is None else stop
        columns = [self.column(name).listed(start, stop) for name in self.names]
        times: list[float] = self.times[start:stop].tolist()
        if not columns:
            yield from (Signals(time, self.source, {}) for time in times)
            return
        names, source = self.names, self.source
        for time, row in zip(times, zip(*columns, strict=True), strict=True):
            yield Signals(time, source, dict(zip(names, row, strict=True)))

    def rows(self, index: Any) -> Table:
        """Some of the rows, by mask, slice or indices."""
        columns = {name: _part(self, name, index) for name in self.names}
        return Table(self.source, self.keys[index], lambda: self.times[index], columns)

    def only(self, names: Sequence[str]) -> Table:
        """All rows, and only these signals."""
        table = self.keyed(lambda: self.keys)
        table.names = tuple(names)
        return table

    def keyed(self, keys: Array | Late) -> Table:
        """The same rows under other keys; what was read of them is shared."""
        table = Table(self.source, keys, self._times.times, {}, self._count)
        table.names, table._columns, table._times = self.names, self._columns, self._times
        return table


def _part(table: Table, name: str, index: Any) -> Lazy:
    return lambda: table.column(name).rows(index)


@dataclass(frozen=True, slots=True)
class Span:
    """The rows of a table from `start` up to `stop`."""

    table: Table
    start: int
    stop: int


@dataclass(slots=True)
class Passed:
    """What a node passes on of some tables.

    `refused` are rows of frames that it passes to no first output, by the reason to count them
    under; those without one are given to the node message by message, as they are errors.
    """

    tables: list[Table] = field(default_factory=list)
    refused: list[tuple[str, FrameTable]] = field(default_factory=list)


@runtime_checkable
class PassOn(Protocol):
    """The columnar side of a node that passes on, by its first output, some of what comes.

    Each message that leaves has the key of the one that came; the node's own state is kept as if
    the messages had come one by one. It may use neither timers nor the clock.
    """

    def pass_on(self, tables: Sequence[Any]) -> Passed:
        """What leaves when all these rows have come, in the order of their keys."""


class Skim(Protocol):
    """The columnar side of a node that mostly says nothing: it is shown only what matters to it.

    Rows that matter come to the node's `on_message` or `on_batch` one by one, in their order.
    """

    def quiet(self, table: Table, start: int) -> int:
        """How many rows from `start` on would make the node say nothing and set no timer."""

    def absorb(self, spans: Sequence[Span]) -> None:
        """Take quiet rows into the node's state, as if they had come one by one."""

    def wakes(self) -> float | None:
        """The message time from which on any row matters; None for never."""
