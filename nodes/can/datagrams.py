"""Reads many CAN frames by one system call: recvmmsg(2), which Python's socket does not have.

A frame by a system call of its own costs 2.5 times as much.
"""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Iterator
from struct import Struct
from typing import Any, Final, TypeAlias

__all__ = ["AT_ONCE", "FD_SIZE", "Datagram", "Datagrams"]

Datagram: TypeAlias = tuple[int, int, bytes, int, float, int]
"""Id with flags, FD flags, data, size of the struct, POSIX seconds, drops so far (0: unknown)."""

AT_ONCE: Final = 64
CLASSIC_SIZE: Final = 16
FD_SIZE: Final = 72
"""struct can_frame and canfd_frame (linux/can.h)."""
_DO_NOT_WAIT: Final = int(socket.MSG_DONTWAIT)
_ROOM_FOR_CONTROL: Final = 64
_SO_TIMESTAMPNS: Final = 35
_SO_RXQ_OVFL: Final = 40
_CLASSIC: Final = Struct("=IBB2x8s56x").iter_unpack
_ANY: Final = Struct("=IBB2x64s").iter_unpack
# Two struct cmsghdr: a timespec, which the kernel puts first, and the count of drops, if any.
_CONTROL_LAYOUT: Final = Struct("@Nii ll Nii I")
_CONTROL: Final = Struct(
    f"{_CONTROL_LAYOUT.format}{_ROOM_FOR_CONTROL - _CONTROL_LAYOUT.size}x"
).iter_unpack


class _Part(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))


class _Head(ctypes.Structure):
    """struct msghdr."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_size", ctypes.c_uint32),
        ("parts", ctypes.POINTER(_Part)),
        ("part_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_size", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Counted(ctypes.Structure):
    """struct mmsghdr: a message, and how many bytes came."""

    _fields_ = (("head", _Head), ("size", ctypes.c_uint))


_AFTER_SIZE: Final = ctypes.sizeof(_Counted) - _Counted.size.offset - ctypes.sizeof(ctypes.c_uint)
_SIZES: Final = Struct(f"={_Counted.size.offset}xI{_AFTER_SIZE}x").iter_unpack


class Datagrams:
    """The buffers for the frames of one socket, used over and over."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._receive: Any = ctypes.CDLL(None, use_errno=True).recvmmsg
        self._data = ctypes.create_string_buffer(AT_ONCE * FD_SIZE)
        self._control = ctypes.create_string_buffer(AT_ONCE * _ROOM_FOR_CONTROL)
        self._parts = (_Part * AT_ONCE)()
        self._written = ctypes.create_string_buffer(AT_ONCE * ctypes.sizeof(_Counted))
        self._heads = (_Counted * AT_ONCE).from_buffer(self._written)
        for index in range(AT_ONCE):
            self._point(index)
        self._fresh = bytes(self._heads)
        self._views = tuple(memoryview(one) for one in (self._data, self._control, self._written))

    def _point(self, index: int) -> None:
        """Where a datagram's bytes and what the kernel says of it are to be put."""
        part, head = self._parts[index], self._heads[index].head
        part.base, part.size = ctypes.addressof(self._data) + index * FD_SIZE, FD_SIZE
        head.parts, head.part_count = ctypes.pointer(part), 1
        head.control = ctypes.addressof(self._control) + index * _ROOM_FOR_CONTROL
        head.control_size = _ROOM_FOR_CONTROL

    def receive(self) -> list[Datagram]:
        """What has come, up to 64 frames; raises BlockingIOError for nothing, else OSError."""
        # The kernel writes over what it was given, and not where it has nothing to say.
        ctypes.memmove(self._heads, self._fresh, len(self._fresh))
        ctypes.memset(self._control, 0, len(self._control))
        count = self._receive(self._socket.fileno(), self._heads, AT_ONCE, _DO_NOT_WAIT, None)
        if count < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return list(self._taken(count))

    def _taken(self, count: int) -> Iterator[Datagram]:
        data, control, heads = self._views
        sizes = [size for (size,) in _SIZES(heads[: count * ctypes.sizeof(_Counted)])]
        unpack = _CLASSIC if max(sizes) == CLASSIC_SIZE else _ANY
        frames = unpack(data[: count * FD_SIZE])
        told = _CONTROL(control[: count * _ROOM_FOR_CONTROL])
        for (word, length, flags, payload), size, (
            *_,
            kind,
            seconds,
            nanoseconds,
            _,
            _,
            second_kind,
            drops,
        ) in zip(frames, sizes, told, strict=True):
            time = seconds + nanoseconds * 1e-9 if kind == _SO_TIMESTAMPNS else 0.0
            yield (
                word,
                flags,
                payload[:length],
                size,
                time,
                drops if second_kind == _SO_RXQ_OVFL else 0,
            )
