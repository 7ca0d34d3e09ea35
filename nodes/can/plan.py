"""Decoding compiled once per message and length: a generated function from bytes to readings.

Equal to cantools' `Message.decode` with choices off, several times as fast: one struct reads the
words that signals lie in, signals that share a byte come ready-made out of a table of its 256
values, and each branch of a multiplexer is a function that makes all of its readings at once. A
frame shorter than its message gets a function of its own, which leaves out the signals whose bits
are not all there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from struct import Struct, unpack
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from nodes.can.bits import Word, first_bit, last_bit, packed, word_of

if TYPE_CHECKING:
    from cantools.database.can import Message, Signal

__all__ = ["Decode", "MultiplexError", "absent_codes", "compile_message", "text_signal"]

Values: TypeAlias = dict[str, Any]
Decode: TypeAlias = Callable[[bytes], Values]
Tree: TypeAlias = Sequence[Any]
"""cantools' signal tree: a name, or {multiplexer: {raw value: tree}}."""

_FLOATS: Final = {16: "e", 32: "f", 64: "d"}
_EXACT_BITS: Final = 53
"""Integers of so many bits are exact as floats."""
_NOT_AVAILABLE: Final = frozenset(
    {"sna", "na", "n/a", "invalid", "notavailable", "signalnotavailable", "noinfo", "novalue"}
)
_TEXT_ATTRIBUTE: Final = "SigText"


class MultiplexError(ValueError):
    """A multiplexer has a value that the database does not know."""


def compile_message(
    message: Message, length: int, wanted: Callable[[str], bool] = lambda _name: True
) -> Decode:
    """A function that decodes frames of exactly `length` bytes, the wanted signals of them."""
    source = _Source(message, length, wanted)
    # The source is made of numbers and of names quoted by repr: no text is executed.
    exec(source.text, source.scope)  # noqa: S102
    decode: Decode = source.scope["decode"]
    return decode


def absent_codes(signal: Signal) -> tuple[int, ...]:
    """Raw values that the database names as "not available"."""
    return tuple(
        int(raw)
        for raw, label in (signal.choices or {}).items()
        if str(label).lower().replace("_", "").replace(" ", "") in _NOT_AVAILABLE
    )


def text_signal(signal: Signal) -> bool:
    """Whether the database marks a signal as ASCII text: BA_ "SigText" SG_ ... 1."""
    attributes = signal.dbc.attributes
    return _TEXT_ATTRIBUTE in attributes and bool(attributes[_TEXT_ATTRIBUTE].value)


class _Source:
    """Writes the Python of one message's decoder."""

    def __init__(self, message: Message, length: int, wanted: Callable[[str], bool]) -> None:
        self._message = message
        self._length = length
        self._wanted = wanted
        bits = 8 * min(length, message.length)
        self._signals = {s.name: s for s in message.signals if last_bit(s) < bits}
        self._functions: list[str] = []
        self.scope: dict[str, Any] = {"unpack": unpack, "text": _text, "Branches": _Branches}
        self._function("decode", message.signal_tree, ())
        self.text = "\n".join(self._functions)

    def _function(self, name: str, tree: Tree, above: Sequence[Signal]) -> None:
        """The function for a level of multiplexing; `above` are the signals of those over it."""
        names = [one for item in tree for one in ([item] if isinstance(item, str) else item)]
        there = [self._signals[name] for name in names if name in self._signals]
        signals = [*above, *(signal for signal in there if self._wanted(signal.name))]
        branching = [
            (self._signals[multiplexer], branches)
            for item in tree
            if not isinstance(item, str)
            for multiplexer, branches in item.items()
            if multiplexer in self._signals
        ]
        if len(branching) == 1:
            ((multiplexer, branches),) = branching
            self._branches(f"{name}_b", multiplexer, branches, signals)
            body = _Body(self._length, name, self.scope)
            self._define(name, body, f"{name}_b[{body.raw(multiplexer)}](data)")
            return
        body = _Body(self._length, name, self.scope)
        pairs = [f"{signal.name!r}: {body.value(signal)}" for signal in signals]
        for number, (multiplexer, branches) in enumerate(branching):
            table = f"{name}_m{number}"
            self._branches(table, multiplexer, branches, ())
            pairs.append(f"**{table}[{body.raw(multiplexer)}](data)")
        self._define(name, body, f"{{{', '.join(pairs)}}}")

    def _define(self, name: str, body: _Body, result: str) -> None:
        self._functions.append(
            "\n".join([f"def {name}(data):", *body.lines(), f"    return {result}"])
        )

    def _branches(
        self, name: str, multiplexer: Signal, branches: dict[int, Tree], above: Sequence[Signal]
    ) -> None:
        """A table of functions by the multiplexer's raw value."""
        for id, tree in branches.items():
            self._function(f"{name}{id}", tree, above)
        known = ", ".join(map(str, branches))
        told = f"multiplexer {multiplexer.name} of {self._message.name} is %d, known are {known}"
        entries = ", ".join(f"{id}: {name}{id}" for id in branches)
        self._functions.append(f"{name} = Branches({told!r}, {{{entries}}})")


class _Branches(dict[int, Decode]):
    """Functions by a multiplexer's raw value; raises MultiplexError for one that is not there."""

    def __init__(self, told: str, branches: dict[int, Decode]) -> None:
        super().__init__(branches)
        self._told = told

    def __missing__(self, raw: int) -> Decode:
        raise MultiplexError(self._told % raw)


class _Body:
    """The expressions of one function, and the lines that have to come before them."""

    def __init__(self, length: int, name: str, scope: dict[str, Any]) -> None:
        self._length = length
        self._name = name
        self._scope = scope
        self._words: dict[Word, str] = {}
        self._bytes: dict[int, dict[str, Signal]] = {}
        """Byte -> variable -> signal: what comes out of tables."""

    def lines(self) -> list[str]:
        """Reading of words and tables; asked when every expression has been."""
        for at in self._bytes:
            self._word(_byte(at))
        read = [self._unpacking(*row) for row in packed(self._words, self._length)]
        return [*read, *(self._lookup(at, sharing) for at, sharing in self._bytes.items())]

    def _unpacking(self, pattern: str, words: Sequence[Word]) -> str:
        names = ", ".join(self._words[word] for word in words)
        if pattern.strip("<>x") == "B":
            return f"    {names} = data[{words[0].at}]"
        function = f"u_{pattern.replace('<', 'l').replace('>', 'b')}"
        self._scope[function] = Struct(pattern).unpack
        return f"    {names}, = {function}(data)"

    def _lookup(self, at: int, sharing: dict[str, Signal]) -> str:
        table = f"{self._name}_t{at}"
        self._scope[table] = _table(tuple(map(_layout, sharing.values())))
        return f"    {', '.join(sharing)} = {table}[{self._words[_byte(at)]}]"

    def _word(self, word: Word) -> str:
        return self._words.setdefault(word, f"w{len(self._words)}")

    def value(self, signal: Signal) -> str:
        """The reading of a signal."""
        if text_signal(signal):
            begin, end = signal.start // 8, (signal.start + signal.length) // 8
            return f"text(data[{begin}:{end}])"
        first, last = first_bit(signal), last_bit(signal)
        if first // 8 == last // 8 and not (signal.length == 8 and _plain(signal)):
            sharing = self._bytes.setdefault(first // 8, {})
            variable = f"v{first // 8}_{len(sharing)}"
            sharing[variable] = signal
            return variable
        return _reading(self.raw(signal), signal)

    def raw(self, signal: Signal) -> str:
        """The raw number of a signal."""
        found = word_of(signal, self._length)
        if found is None:
            return self._off_words(signal)
        word, shift = found
        whole = word.size * 8 == shift + signal.length
        if signal.is_signed and not whole:
            return _signed(_cut(self._word(word), shift, signal.length, whole=False), signal)
        return _cut(self._word(word), shift, signal.length, whole=whole)

    def _off_words(self, signal: Signal) -> str:
        """A signal that no word holds: out of its bytes as one long integer."""
        begin, end = first_bit(signal) // 8, last_bit(signal) // 8 + 1
        big = signal.byte_order == "big_endian"
        shift = 8 * end - 1 - last_bit(signal) if big else first_bit(signal) - 8 * begin
        number = f"int.from_bytes(data[{begin}:{end}], {'big' if big else 'little'!r})"
        bits = _cut(number, shift, signal.length, whole=shift + signal.length == 8 * (end - begin))
        if signal.is_float:
            packed_bits = f"({bits}).to_bytes({signal.length // 8}, 'little')"
            return f"unpack('<{_FLOATS[signal.length]}', {packed_bits})[0]"
        return _signed(bits, signal) if signal.is_signed else bits


@functools.lru_cache(maxsize=1024)
def _text(data: bytes) -> str:
    """ASCII up to its padding; names and serial numbers come again and again."""
    return data.rstrip(b"\0 ").decode("ascii", "replace")


def _byte(at: int) -> Word:
    return Word(at, 1, "B", "<")


def _cut(word: str, shift: int, length: int, *, whole: bool) -> str:
    """Some bits of a word; the mask is not needed where they reach to its top."""
    shifted = f"{word} >> {shift}" if shift else word
    return shifted if whole else f"{shifted} & {(1 << length) - 1}"


def _signed(bits: str, signal: Signal) -> str:
    sign = 1 << (signal.length - 1)
    return f"({bits} ^ {sign}) - {sign}"


def _plain(signal: Signal) -> bool:
    return _scaling(signal) == ("", "") and not absent_codes(signal)


def _reading(raw: str, signal: Signal) -> str:
    """The reading that a raw number means."""
    times, plus = _scaling(signal)
    absent = absent_codes(signal)
    number = f"({raw})" if " " in raw else raw
    if not absent:
        return f"{times}{number}{plus}" if times or plus else raw
    test = f"(n := {raw}) == {absent[0]}" if len(absent) == 1 else f"(n := {raw}) in {absent}"
    return f"None if {test} else {times}n{plus}"


def _scaling(signal: Signal) -> tuple[str, str]:
    """`scale * ` and ` + offset` with the types that cantools' result has; empty for none.

    Written this way round, and with both as floats where that is exact, for the speed of it.
    """
    scale, offset = signal.conversion.scale, signal.conversion.offset
    if scale == 1 and offset == 0:
        return "", ""
    if scale == int(scale) and offset == int(offset) and not signal.is_float:
        scale, offset = int(scale), int(offset)
    elif signal.length <= _EXACT_BITS and float(scale) == scale and float(offset) == offset:
        scale, offset = float(scale), float(offset)
    # Adding even 0 makes 0 of the -0.0 that a negative scale, or a float, may give.
    plus = f" + {offset!r}" if offset or scale < 0 or signal.is_float else ""
    return f"{scale!r} * ", plus


# --- tables

Layout: TypeAlias = tuple[int, str]
"""What a table is made of for one signal: nothing of its name, so that tables are shared."""


def _layout(signal: Signal) -> Layout:
    """How far to shift the byte, and the expression of the reading from the shifted byte."""
    big, first, last = signal.byte_order == "big_endian", first_bit(signal), last_bit(signal)
    shift = 7 - last % 8 if big else first % 8
    bits = f"b & {(1 << signal.length) - 1}"
    return shift, _reading(_signed(bits, signal) if signal.is_signed else bits, signal)


@functools.lru_cache(maxsize=4096)
def _table(layouts: tuple[Layout, ...]) -> list[Any]:
    """The reading of every value that a byte may have; tuples of them where there are several."""
    columns = [_column(*layout) for layout in layouts]
    return list(columns[0] if len(columns) == 1 else zip(*columns, strict=True))


def _column(shift: int, reading: str) -> Iterator[Any]:
    read = eval(f"lambda b: {reading}")  # noqa: S307  made of numbers, see `_layout`
    return (read(byte >> shift) for byte in range(256))
