"""A picture knows from what it was drawn."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

from tests.pictures.stamp import fingerprint, stamp, stamped


def a_picture() -> bytes:
    """One grey pixel."""
    chunks = ((b"IHDR", b"\0\0\0\1\0\0\0\1\10\0\0\0\0"), (b"IDAT", zlib.compress(b"\0\x80")))
    made = b"\x89PNG\r\n\x1a\n"
    for kind, data in (*chunks, (b"IEND", b"")):
        made += len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
    return made


def test_what_is_stamped_is_read_again(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    assert stamped(picture) is None
    picture.write_bytes(a_picture())
    assert stamped(picture) is None
    picture.write_bytes(stamp(a_picture(), "0123"))
    assert stamped(picture) == "0123"
    assert picture.read_bytes().endswith(a_picture()[33:])


def test_a_change_of_the_flow_or_its_layout_is_another_fingerprint(tmp_path: Path) -> None:
    flow = tmp_path / "a.json"
    flow.write_text("{}")
    first = fingerprint(flow)
    (tmp_path / "a.layout.json").write_text(json.dumps({"nodes": {}}))
    second = fingerprint(flow)
    flow.write_text("{ }")
    assert len({first, second, fingerprint(flow)}) == 3
