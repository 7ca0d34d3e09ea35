"""Decoding compiled once per message and length: a generated function from bytes to readings.

Equal to cantools' `Message.decode` with choices off, several times as fast: byte-aligned signals
of the usual sizes come out of one struct, small ones out of single bytes, the rest out of the
frame as one long integer. A frame shorter than its message gets a function of its own, which
leaves out the signals whose bits are not all there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct, unpack
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from cantools.database.can import Message, Signal

__all__ = ["Decode", "MultiplexError", "absent_codes", "compile_message", "text_signal"]

Values: TypeAlias = dict[str, Any]
Decode: TypeAlias = Callable[[bytes], Values]
Tree: TypeAlias = Sequence[Any]
"""cantools' signal tree: a name, or {multiplexer: {raw value: tree}}."""

_FLOATS: Final = {16: "e", 32: "f", 64: "d"}
_SIGNED: Final = {8: "b", 16: "h", 32: "i", 64: "q"}
_UNSIGNED: Final = {8: "B", 16: "H", 32: "I", 64: "Q"}
_NOT_AVAILABLE: Final = frozenset(
    {"sna", "na", "n/a", "invalid", "notavailable", "signalnotavailable", "noinfo", "novalue"}
)
_TEXT_ATTRIBUTE: Final = "SigText"


class MultiplexError(ValueError):
    """A multiplexer has a value that the database does not know."""


def compile_message(message: Message, length: int) -> Decode:
    """A function that decodes frames of exactly `length` bytes."""
    source = _Source(message, length)
    scope: dict[str, Any] = {"unpack": unpack, "MultiplexError": MultiplexError, **source.structs}
    # The source is made of numbers and of names quoted by repr: no text is executed.
    exec(source.text, scope)  # noqa: S102
    decode: Decode = scope["decode"]
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

    def __init__(self, message: Message, length: int) -> None:
        self._message = message
        self._bits = 8 * min(length, message.length)
        self._length = length
        self._signals = {s.name: s for s in message.signals if _last_bit(s) < self._bits}
        self._functions: list[str] = []
        self.structs: dict[str, Any] = {}
        self._function("decode", message.signal_tree)
        self.text = "\n".join(self._functions)

    def _function(self, name: str, tree: Tree) -> None:
        """The function for a level of multiplexing; those of its branches come before it."""
        body = _Body(self._length)
        names = [one for item in tree for one in ([item] if isinstance(item, str) else item)]
        signals = [self._signals[name] for name in names if name in self._signals]
        for index, (order, packed) in enumerate(_aligned(signals).items()):
            self.structs[f"{name}_{index}"] = body.unpacked(f"{name}_{index}", order, packed)
        pairs = ", ".join(f"{signal.name!r}: {body.value(signal)}" for signal in signals)
        lines = [*body.prelude(), f"    values = {{{pairs}}}"]
        multiplexers = [item for item in tree if not isinstance(item, str)]
        for number, item in enumerate(multiplexers):
            for multiplexer, branches in item.items():
                if multiplexer in self._signals:
                    raw = body.raw(self._signals[multiplexer])
                    table = self._table(f"{name}_m{number}", multiplexer, branches)
                    lines += [f"    values.update({table}(({raw}), data))"]
        self._functions.append("\n".join([f"def {name}(data):", *lines, "    return values", ""]))

    def _table(self, name: str, multiplexer: str, branches: dict[int, Tree]) -> str:
        """A function that picks the branch by the multiplexer's raw value."""
        for id, tree in branches.items():
            self._function(f"{name}_{id}", tree)
        entries = ", ".join(f"{id}: {name}_{id}" for id in branches)
        known = ", ".join(map(str, branches))
        told = f"multiplexer {multiplexer} of {self._message.name} is %d, known are {known}"
        self._functions.append(
            f"{name}_branches = {{{entries}}}\n"
            f"def {name}(raw, data):\n"
            f"    branch = {name}_branches.get(raw)\n"
            f"    if branch is None: raise MultiplexError({told!r} % raw)\n"
            f"    return branch(data)\n"
        )
        return name


class _Body:
    """The expressions of one function, and what has to be at hand for them."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._unpacked: dict[str, str] = {}
        self._lines: list[str] = []
        self._bytes: set[int] = set()
        self._orders: set[str] = set()

    def prelude(self) -> list[str]:
        """The lines that come before the expressions."""
        lines = [f"    b{index} = data[{index}]" for index in sorted(self._bytes)]
        lines += [
            f"    {_WORD[order]} = int.from_bytes(data, '{order.removesuffix('_endian')}')"
            for order in sorted(self._orders)
        ]
        return [*self._lines, *lines]

    def unpacked(self, name: str, order: str, signals: Sequence[Signal]) -> Any:
        """Take some aligned signals out of one struct; gives its unpacking function."""
        pattern, at = "<" if order == "little_endian" else ">", 0
        variables = []
        for signal in signals:
            begin = signal.start // 8
            pattern += "x" * (begin - at) + _code(signal)
            at = begin + signal.length // 8
            variable = f"s{len(self._unpacked)}"
            self._unpacked[signal.name] = variable
            variables.append(variable)
        self._lines.append(f"    {', '.join(variables)}, = {name}(data)")
        return Struct(pattern).unpack_from

    def value(self, signal: Signal) -> str:
        """The reading of a signal."""
        if text_signal(signal):
            begin, end = signal.start // 8, (signal.start + signal.length) // 8
            return f"data[{begin}:{end}].rstrip(b'\\0 ').decode('ascii', 'replace')"
        raw = self.raw(signal)
        scaled = f"({raw}){_scaling(signal)}"
        if absent := absent_codes(signal):
            return f"None if ({raw}) in {absent} else {scaled}"
        return scaled

    def raw(self, signal: Signal) -> str:
        """The raw number of a signal."""
        if signal.name in self._unpacked:
            return self._unpacked[signal.name]
        bits = self._unsigned(signal)
        if signal.is_float:
            pattern = f"<{_FLOATS[signal.length]}"
            packed = f"({bits}).to_bytes({signal.length // 8}, 'little')"
            return f"unpack({pattern!r}, {packed})[0]"
        if signal.is_signed:
            sign = 1 << (signal.length - 1)
            return f"(({bits}) ^ {sign}) - {sign}"
        return bits

    def _unsigned(self, signal: Signal) -> str:
        """The bits of a signal, out of one byte where they lie in one, else out of all."""
        first, last = _first_bit(signal), _last_bit(signal)
        mask = (1 << signal.length) - 1
        if first // 8 == last // 8:
            self._bytes.add(first // 8)
            word, width = f"b{first // 8}", 8
            shift = 7 - last % 8 if signal.byte_order == "big_endian" else first % 8
        else:
            self._orders.add(signal.byte_order)
            word, width = _WORD[signal.byte_order], 8 * self._length
            shift = width - last - 1 if signal.byte_order == "big_endian" else first
        shifted = f"{word} >> {shift}" if shift else word
        return shifted if shift + signal.length == width else f"{shifted} & {mask}"


_WORD: Final = {"little_endian": "n", "big_endian": "m"}


def _first_bit(signal: Signal) -> int:
    """The first bit of a signal; a big-endian one is counted in the order of transmission."""
    if signal.byte_order == "big_endian":
        return 8 * (signal.start // 8) + 7 - signal.start % 8
    return signal.start


def _last_bit(signal: Signal) -> int:
    return _first_bit(signal) + signal.length - 1


def _aligned(signals: Sequence[Signal]) -> dict[str, list[Signal]]:
    """The signals that a struct can unpack, by byte order, none overlapping another."""
    packed: dict[str, list[Signal]] = {}
    for signal in sorted(signals, key=_first_bit):
        usual = signal.length in (_FLOATS if signal.is_float else _UNSIGNED)
        if not usual or _first_bit(signal) % 8 or signal.length == 8 or text_signal(signal):
            continue
        others = packed.setdefault(signal.byte_order, [])
        if not others or _first_bit(signal) > _last_bit(others[-1]):
            others.append(signal)
    return packed


def _code(signal: Signal) -> str:
    codes = _FLOATS if signal.is_float else _SIGNED if signal.is_signed else _UNSIGNED
    return codes[signal.length]


def _scaling(signal: Signal) -> str:
    """` * scale + offset` with the number types that cantools would use; empty for none."""
    scale, offset = signal.conversion.scale, signal.conversion.offset
    if scale == 1 and offset == 0:
        return ""
    if scale == int(scale) and offset == int(offset) and not signal.is_float:
        scale, offset = int(scale), int(offset)
    plus = f" + {offset!r}" if offset or scale < 0 else ""
    return f" * {scale!r}{plus}"
