"""Where the bits of a signal are in a frame, and the words that a struct can read them from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cantools.database.can import Signal

__all__ = ["Word", "first_bit", "last_bit", "packed", "word_of"]

_UNSIGNED: Final = {1: "B", 2: "H", 4: "I", 8: "Q"}
_SIGNED: Final = {1: "b", 2: "h", 4: "i", 8: "q"}
_FLOATS: Final = {2: "e", 4: "f", 8: "d"}


def first_bit(signal: Signal) -> int:
    """The first bit of a signal; a big-endian one is counted in the order of transmission."""
    if signal.byte_order == "big_endian":
        return 8 * (signal.start // 8) + 7 - signal.start % 8
    return signal.start


def last_bit(signal: Signal) -> int:
    """The last bit of a signal, counted as the first one is."""
    return first_bit(signal) + signal.length - 1


@dataclass(frozen=True, slots=True)
class Word:
    """Some bytes that struct reads as one number: 1, 2, 4 or 8 of them, from `at`."""

    at: int
    size: int
    code: str
    order: str
    """`<` or `>`."""

    @property
    def end(self) -> int:
        """The byte behind it."""
        return self.at + self.size


def word_of(signal: Signal, length: int) -> tuple[Word, int] | None:
    """The word that holds a signal in a frame of `length` bytes, and by how much to shift it right.

    The word is signed or a float where no bit of it is left after the shift but the signal's.
    None where no word holds it: more than eight bytes, too near to the end, floats off a byte's
    boundary.
    """
    big = signal.byte_order == "big_endian"
    first, last = first_bit(signal), last_bit(signal)
    size = next((size for size in _UNSIGNED if last // 8 - first // 8 < size), 0)
    if not size or size > length:
        return None
    at = min(first // 8, length - size)
    shift = 8 * (at + size) - 1 - last if big else first - 8 * at
    at_top = shift + signal.length == 8 * size
    if signal.is_float and (shift or not at_top):
        return None
    codes = _FLOATS if signal.is_float else _SIGNED if signal.is_signed and at_top else _UNSIGNED
    return Word(at, size, codes[size], ">" if big else "<"), shift


def packed(words: Iterable[Word], length: int) -> list[tuple[str, Sequence[Word]]]:
    """Structs that read all words of a frame of `length` bytes: (pattern, words in their order).

    Words that overlap, or differ in their byte order, go to different structs; a single byte goes
    wherever there is a gap.
    """
    rows: list[list[Word]] = []
    for word in sorted(set(words), key=lambda word: (word.size == 1, word.at, word.size)):
        row = next((row for row in rows if all(_together(word, other) for other in row)), None)
        if row is None:
            rows.append(row := [])
        row.append(word)
    return [_struct(sorted(row, key=lambda word: word.at), length) for row in rows]


def _together(word: Word, other: Word) -> bool:
    apart = word.end <= other.at or other.end <= word.at
    return apart and (word.order == other.order or 1 in (word.size, other.size))


def _struct(row: Sequence[Word], length: int) -> tuple[str, Sequence[Word]]:
    order = next((word.order for word in row if word.size > 1), "<")
    pattern, at = order, 0
    for word in row:
        pattern += "x" * (word.at - at) + word.code
        at = word.end
    return pattern + "x" * (length - at), row
