"""Decoding many frames at once: a numpy expression for each signal that somebody asks for.

Equal to the row decoder to the last digit and type. What numpy cannot say exactly (texts, whole
numbers beyond 53 bits, signals over nine bytes) is decoded row by row into a column of objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from flowrt.node import Array, Column, FrameTable, Passed, Table
from nodes.can.bits import first_bit, last_bit
from nodes.can.plan import absent_codes, compile_message, text_signal

if TYPE_CHECKING:
    from cantools.database.can import Message, Signal

    from nodes.can.decode import Decode
    from nodes.can.plan import Decode as Decoder

Known: TypeAlias = "tuple[Message, str, Callable[[str], bool]]"
"""A message, its source, and which of its signals are wanted."""

_EXTENDED, _REMOTE, _ERROR = 1, 8, 16
_LENGTH_BITS: Final = 7
"""Shapes are numbered by id and length; so many bits are the length's."""
_STANDARD_IDS: Final = 0x800
_STANDARD: Final = _STANDARD_IDS << _LENGTH_BITS
_FEW: Final = 16
"""Shapes whose rows are found one shape after the other faster than by sorting."""
_UNSEEN: Final = -1
_EXACT: Final = 53
"""Bits of a whole number that a float holds."""
_FLOATS: Final = {16: "<f2", 32: "<f4", 64: "<f8"}
_UNSIGNED: Final = {16: "<u2", 32: "<u4", 64: "<u8"}


class _Shape:
    """Frames of one id and length: how they are decoded, or that the database has none."""

    def __init__(self, known: Known | None, length: int) -> None:
        self.known = known
        self.length = length
        self.names: dict[tuple[Any, ...], tuple[str, ...]] = {}
        """The signals in their order, by the raw values of the multiplexers."""
        if known is None:
            return
        self.message, self.source, self._wanted = known
        bits = 8 * min(length, self.message.length)
        there = [one for one in self.message.signals if last_bit(one) < bits]
        self.signals = {signal.name: signal for signal in there}
        self.tree = self.message.signal_tree
        self.branches = any(isinstance(item, dict) for item in self.tree)
        if not self.branches:
            names = [name for name in self.tree if name in self.signals and self._wanted(name)]
            self.names[()] = tuple(names)

    @cached_property
    def decode(self) -> Decoder:
        """The row decoder; to compile it takes milliseconds, and most shapes never need it."""
        return compile_message(self.message, self.length, self._wanted)


class DecodeColumns:
    """The columnar side of can/decode."""

    def __init__(self, node: Decode) -> None:
        self._node = node
        self._shapes: list[_Shape] = []
        self._standard = np.full(_STANDARD, _UNSEEN, np.int16)
        self._extended: dict[int, int] = {}

    def pass_on(self, tables: Sequence[FrameTable]) -> Passed:
        """Tables of readings, one for each message, length and branch of a multiplexer."""
        passed = Passed()
        for frames in tables:
            self._decode(frames, passed)
        return passed

    def _decode(self, frames: FrameTable, passed: Passed) -> None:
        if frames.flags.any():
            frames = self._sound(frames, passed)
        for number, rows, count in self._by_shape(self._numbers(frames)):
            self._decode_shape(self._shapes[number], frames, rows, count, passed)

    def _sound(self, frames: FrameTable, passed: Passed) -> FrameTable:
        """The frames that have data."""
        odd = (frames.flags & (_REMOTE | _ERROR)) != 0
        if not odd.any():
            return frames
        error = (frames.flags & _ERROR) != 0
        passed.refused += _some("error frame", frames, error)
        passed.refused += _some("remote frame", frames, odd & ~error)
        return frames.rows(~odd)

    def _by_shape(self, numbers: Array) -> Iterator[tuple[int, Callable[[], Array], int]]:
        """The shapes that occur, how to find their rows, and how many these are."""
        shapes = range(len(self._shapes))
        if len(shapes) <= _FEW:  # rows that nobody asks for are counted and never sought
            masks = [numbers == number for number in shapes]
            for number, mask in zip(shapes, masks, strict=True):
                if count := int(np.count_nonzero(mask)):
                    yield number, partial(np.flatnonzero, mask), count
            return
        order = np.argsort(numbers, kind="stable")  # a radix sort, as the numbers have 16 bits
        ends = np.cumsum(np.bincount(numbers, minlength=len(shapes))).tolist()
        for number, start, stop in zip(shapes, [0, *ends], ends, strict=False):
            if stop > start:
                yield number, partial(order.__getitem__, slice(start, stop)), stop - start

    def _numbers(self, frames: FrameTable) -> Array:
        """The number of each frame's shape."""
        flagged = bool(frames.flags.any())
        if not flagged and len(frames) and int(frames.ids.max()) < _STANDARD_IDS:
            return self._standard_numbers((frames.ids << _LENGTH_BITS) | frames.lengths)
        codes = frames.ids.astype(np.int64) << _LENGTH_BITS | frames.lengths
        extended = (frames.flags & _EXTENDED) != 0
        numbers = np.empty(len(codes), np.int16)
        standard = ~extended & (codes < _STANDARD)
        numbers[standard] = self._standard_numbers(codes[standard])
        others = codes[~standard] * 2 + extended[~standard]
        unique, inverse = np.unique(others, return_inverse=True)
        numbered = [self._extended_number(code) for code in unique.tolist()]
        numbers[~standard] = np.array(numbered, np.int16)[inverse]
        return numbers

    def _standard_numbers(self, codes: Array) -> Array:
        numbers = self._standard.take(codes)
        if len(numbers) and numbers.min() == _UNSEEN:
            # Not by np.unique, whose first call loads numpy.ma: as long as 200,000 frames take.
            for code in np.flatnonzero(np.bincount(codes[numbers == _UNSEEN])).tolist():
                self._standard[code] = self._add(code, extended=False)
            numbers = self._standard.take(codes)
        return numbers

    def _extended_number(self, code: int) -> int:
        if code not in self._extended:
            self._extended[code] = self._add(code >> 1, extended=bool(code & 1))
        return self._extended[code]

    def _add(self, code: int, *, extended: bool) -> int:
        id, length = code >> _LENGTH_BITS, code & (1 << _LENGTH_BITS) - 1
        self._shapes.append(_Shape(self._node.known(id, extended=extended), length))
        return len(self._shapes) - 1

    def _decode_shape(
        self,
        shape: _Shape,
        frames: FrameTable,
        rows: Callable[[], Array],
        count: int,
        passed: Passed,
    ) -> None:
        if shape.known is None:
            passed.refused.append(("unknown id", frames.rows(rows())))
            return
        whole = _Bits(frames.data, rows, count, shape)
        if not shape.branches:
            passed.tables.append(self._table(shape, frames, whole, ()))
            return
        for branch, part in _branches(shape.tree, shape, whole, ()):
            if branch is None:
                passed.refused.append(("", frames.rows(part.rows)))
            else:
                passed.tables.append(self._table(shape, frames, part, branch))

    def _table(
        self, shape: _Shape, frames: FrameTable, bits: _Bits, branch: tuple[Any, ...]
    ) -> Table:
        names = shape.names.get(branch)
        if names is None:
            names = shape.names[branch] = tuple(bits.sample())
        columns = {name: partial(_column, shape.signals[name], bits) for name in names}
        return Table(
            shape.source,
            lambda: frames.keys[bits.rows],
            lambda: frames.times[bits.rows],
            columns,
            len(bits),
        )


def _some(reason: str, frames: FrameTable, mask: Array) -> list[tuple[str, FrameTable]]:
    return [(reason, frames.rows(mask))] if mask.any() else []


def _branches(
    tree: Sequence[Any], shape: _Shape, bits: _Bits, branch: tuple[Any, ...]
) -> Iterator[tuple[tuple[Any, ...] | None, _Bits]]:
    """The rows cut up by the raw values of the multiplexers; those of an unknown one have None."""
    levels = [item for item in tree if isinstance(item, dict)]
    if not levels:
        yield branch, bits
        return
    (name, known), *others = [pair for level in levels for pair in level.items()]
    rest = [{other: branches} for other, branches in others]
    if name not in shape.signals:
        yield from _branches(rest, shape, bits, branch)
        return
    raw = _raw(shape.signals[name], bits)
    for value in np.unique(raw).tolist():
        part = bits.part(raw == value)
        if value in known:
            below = [item for item in known[value] if isinstance(item, dict)]
            yield from _branches([*below, *rest], shape, part, (*branch, name, value))
        else:
            yield None, part


class _Bits:
    """The bytes of the frames of one shape, gathered when first needed."""

    def __init__(self, data: Array, rows: Callable[[], Array], count: int, shape: _Shape) -> None:
        self._all = data
        self._find = rows
        self._count = count
        self._shape = shape
        self._words: dict[str, Array] = {}
        self._decoded: list[Mapping[str, Any]] | None = None

    def __len__(self) -> int:
        return self._count

    @cached_property
    def rows(self) -> Array:
        """Where they are among all frames."""
        return self._find()

    def part(self, mask: Array) -> _Bits:
        """Some of the rows."""
        rows = self.rows[mask]
        return _Bits(self._all, lambda: rows, len(rows), self._shape)

    def sample(self) -> Mapping[str, Any]:
        """The first row as the row decoder reads it."""
        return self._decode(self._all[self.rows[0]])

    def _decode(self, row: Array) -> Mapping[str, Any]:
        return self._shape.decode(row[: self._shape.length].tobytes())

    @cached_property
    def data(self) -> Array:
        """The bytes of each row."""
        words = np.ascontiguousarray(self._all).view(np.uint64)  # a row is moved as a few words
        return words.take(self.rows, axis=0).view(np.uint8)

    def word(self, begin: int, count: int, order: str) -> Array:
        """Bytes as one number of 64 bits, in the order of their significance."""
        key = f"{begin}:{count}{order}"
        if key not in self._words:
            data = self.data
            if data.shape[1] != 8 or count != 8:
                padded = np.zeros((len(data), 8), np.uint8)
                place = slice(0, count) if order == "<" else slice(8 - count, 8)
                padded[:, place] = data[:, begin : begin + count]
                data = padded
            self._words[key] = data.view(f"{order}u8")[:, 0].astype(np.uint64)
        return self._words[key]

    def objects(self, name: str) -> Column:
        """A signal by the row decoder."""
        if self._decoded is None:
            self._decoded = [self._decode(row) for row in self.data]
        values = np.empty(len(self.rows), object)
        values[:] = [decoded[name] for decoded in self._decoded]
        return Column(values)


def _column(signal: Signal, bits: _Bits) -> Column:
    """The readings of a signal."""
    first, last = first_bit(signal), last_bit(signal)
    if text_signal(signal) or last // 8 - first // 8 >= 8:
        return bits.objects(signal.name)
    if not signal.is_float and not _is_exact(signal):
        return bits.objects(signal.name)
    raw = _raw(signal, bits)
    absent = absent_codes(signal)
    missing = np.isin(raw, absent) if absent else None
    return Column(_scaled(signal, raw), missing if missing is not None and missing.any() else None)


def _is_exact(signal: Signal) -> bool:
    """Whether every raw and scaled value of a whole number is one that 53 bits hold."""
    scale, offset = signal.conversion.scale, signal.conversion.offset
    whole = scale == int(scale) and offset == int(offset)
    largest = 2.0**signal.length * (abs(scale) if whole else 1) + (abs(offset) if whole else 0)
    return largest <= 2.0**_EXACT


def _raw(signal: Signal, bits: _Bits) -> Array:
    """The raw numbers of a signal: int64, or float64."""
    word = _unsigned(signal, bits)
    if signal.is_float:
        narrow = word.astype(_UNSIGNED[signal.length]).view(_FLOATS[signal.length])
        with np.errstate(invalid="ignore"):  # a signalling NaN is a NaN, too
            return narrow.astype(np.float64)
    raw = word.view(np.int64)
    if signal.is_signed and signal.length < 64:
        sign = 1 << (signal.length - 1)
        return (raw ^ sign) - sign
    return raw


def _unsigned(signal: Signal, bits: _Bits) -> Array:
    first, last = first_bit(signal), last_bit(signal)
    big = signal.byte_order == "big_endian"
    begin, count = 0, 8
    if bits.data.shape[1] != 8:
        begin, count = first // 8, last // 8 - first // 8 + 1
    word = bits.word(begin, count, ">" if big else "<")
    # Both orders end up in the low bytes of a word: a big-endian one is padded in front.
    shift = 8 * (begin + count) - last - 1 if big else first - 8 * begin
    shifted = word >> np.uint64(shift) if shift else word
    return shifted if signal.length == 64 else shifted & np.uint64((1 << signal.length) - 1)


def _scaled(signal: Signal, raw: Array) -> Array:
    """`raw * scale + offset` in the order and the number types of the row decoder."""
    scale, offset = signal.conversion.scale, signal.conversion.offset
    if scale == 1 and offset == 0:
        return raw
    if scale == int(scale) and offset == int(offset) and not signal.is_float:
        scale, offset = int(scale), int(offset)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled: Array = raw * scale
        return scaled + offset if offset or scale < 0 else scaled
