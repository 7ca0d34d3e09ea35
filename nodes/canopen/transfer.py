"""One SDO transfer (CiA 301), as a client: expedited or in segments, read or written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from struct import Struct
from typing import Final

__all__ = ["Download", "Transfer", "TransferError", "Upload", "abort_frame"]

_HEAD: Final = Struct("<BHB")
_LONG: Final = Struct("<I")
_UPLOAD, _DOWNLOAD = 0x40, 0x20
_UPLOADED, _DOWNLOADED = 0x40, 0x60
_SEGMENT_ASKED, _SEGMENT_UPLOADED = 0x60, 0x00
_SEGMENT_DOWNLOADED: Final = 0x20
_ABORT: Final = 0x80
_EXPEDITED, _SIZED, _TOGGLE, _LAST = 2, 1, 0x10, 1
_UNKNOWN_COMMAND, _TOGGLED_WRONG = 0x0504_0001, 0x0503_0000
_OUT_OF_MEMORY, _WRONG_LENGTH = 0x0504_0005, 0x0607_0010
_LONGEST: Final = 64 * 1024
"""Bytes of an object; a node that sends more is aborted."""


class TransferError(Exception):
    """A transfer that failed; `code` is the abort code, `told` whether the node gave it."""

    def __init__(self, code: int, *, told: bool = False) -> None:
        super().__init__(f"0x{code:08X}")
        self.code = code
        self.told = told


class Transfer(ABC):
    """What both ways have in common.

    `begin()` gives the first request; `take(answer)` the next one, or None when it is done, and
    raises TransferError. What does not belong to the transfer leaves it as it is.
    """

    def __init__(self, index: int, subindex: int) -> None:
        self.index = index
        self.subindex = subindex
        self.done = False
        self._toggle = 0
        self._open = False

    @abstractmethod
    def begin(self) -> bytes:
        """The first request."""

    def take(self, answer: bytes) -> bytes | None:
        """The next request."""
        if answer[0] == _ABORT:
            raise TransferError(_LONG.unpack_from(answer, 4)[0], told=True)
        if self._open:
            return self._segment(answer)
        command, index, subindex = _HEAD.unpack_from(answer)
        if (index, subindex) != (self.index, self.subindex):
            raise TransferError(_UNKNOWN_COMMAND)
        return self._begun(command, answer)

    @abstractmethod
    def _begun(self, command: int, answer: bytes) -> bytes | None:
        """Take the answer to the first request."""

    @abstractmethod
    def _segment(self, answer: bytes) -> bytes | None:
        """Take the answer to a segment's."""

    def _head(self, command: int, rest: bytes = b"") -> bytes:
        return (_HEAD.pack(command, self.index, self.subindex) + rest).ljust(8, b"\0")

    def _check(self, command: int, expected: int) -> None:
        if command & 0xE0 != expected:
            raise TransferError(_UNKNOWN_COMMAND)
        if command & _TOGGLE != self._toggle:
            raise TransferError(_TOGGLED_WRONG)
        self._toggle ^= _TOGGLE


class Upload(Transfer):
    """Reads an object; its bytes are in `data` when it is done."""

    def __init__(self, index: int, subindex: int) -> None:
        super().__init__(index, subindex)
        self.data = b""
        self._size: int | None = None

    def begin(self) -> bytes:
        """Ask for the object."""
        return self._head(_UPLOAD)

    def _begun(self, command: int, answer: bytes) -> bytes | None:
        if command & 0xE0 != _UPLOADED:
            raise TransferError(_UNKNOWN_COMMAND)
        if command & _EXPEDITED:
            unused = command >> 2 & 3 if command & _SIZED else 0
            self.data, self.done = answer[4 : 8 - unused], True
            return None
        self._size = _LONG.unpack_from(answer, 4)[0] if command & _SIZED else None
        if (self._size or 0) > _LONGEST:
            raise TransferError(_OUT_OF_MEMORY)
        self._open = True
        return bytes((_SEGMENT_ASKED, 0, 0, 0, 0, 0, 0, 0))

    def _segment(self, answer: bytes) -> bytes | None:
        command = answer[0]
        self._check(command, _SEGMENT_UPLOADED)
        self.data += answer[1 : 8 - (command >> 1 & 7)]
        if len(self.data) > _LONGEST:
            raise TransferError(_OUT_OF_MEMORY)
        if not command & _LAST:
            return bytes((_SEGMENT_ASKED | self._toggle, 0, 0, 0, 0, 0, 0, 0))
        if self._size not in (None, len(self.data)):
            raise TransferError(_WRONG_LENGTH)
        self.done = True
        return None


class Download(Transfer):
    """Writes an object."""

    def __init__(self, index: int, subindex: int, data: bytes) -> None:
        super().__init__(index, subindex)
        self._data = data
        self._at = 0

    def begin(self) -> bytes:
        """Announce the bytes, or send them where they are four at most."""
        size = len(self._data)
        if 1 <= size <= 4:
            return self._head(_DOWNLOAD | _EXPEDITED | _SIZED | 4 - size << 2, self._data)
        return self._head(_DOWNLOAD | _SIZED, _LONG.pack(size))

    def _begun(self, command: int, answer: bytes) -> bytes | None:
        if command != _DOWNLOADED:
            raise TransferError(_UNKNOWN_COMMAND)
        if 1 <= len(self._data) <= 4:
            self.done = True
            return None
        self._open = True
        return self._next()

    def _segment(self, answer: bytes) -> bytes | None:
        self._check(answer[0], _SEGMENT_DOWNLOADED)
        if self._at >= len(self._data):
            self.done = True
            return None
        return self._next()

    def _next(self) -> bytes:
        part = self._data[self._at : self._at + 7]
        self._at += len(part)
        last = _LAST if self._at >= len(self._data) else 0
        return bytes((self._toggle | 7 - len(part) << 1 | last,)) + part.ljust(7, b"\0")


def abort_frame(index: int, subindex: int, code: int) -> bytes:
    """The request that ends a transfer."""
    return _HEAD.pack(_ABORT, index, subindex) + _LONG.pack(code)
