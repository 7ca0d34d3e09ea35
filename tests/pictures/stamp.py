"""What a picture was drawn from, kept in the picture itself as a text of the PNG format."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flowrt.flow.file import layout_file

__all__ = ["fingerprint", "picture_of", "stamp", "stamped"]

_PICTURES: Final = Path(__file__).parents[2] / "docs" / "pictures"
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEYWORD: Final = b"Source\0"


def picture_of(flow: Path) -> Path:
    """Where the picture of a flow is kept."""
    return _PICTURES / f"{flow.stem}.png"


def fingerprint(flow: Path) -> str:
    """What is drawn: the flow's file, and where its nodes stand."""
    layout = layout_file(flow)
    drawn = flow.read_bytes() + (layout.read_bytes() if layout.exists() else b"")
    return hashlib.sha256(drawn).hexdigest()[:16]


def stamp(png: bytes, text: str) -> bytes:
    """The same picture with a text in it."""
    body = b"tEXt" + _KEYWORD + text.encode("latin-1")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = 8 + 4 + 4 + 13 + 4  # behind the header, which is always first and as long
    return png[:end] + chunk + png[end:]


def stamped(picture: Path) -> str | None:
    """That text; None where there is no such picture, or no text in it."""
    if not picture.exists():
        return None
    texts = (data for kind, data in _chunks(picture.read_bytes()) if kind == b"tEXt")
    return next((t.removeprefix(_KEYWORD).decode() for t in texts if t.startswith(_KEYWORD)), None)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12
