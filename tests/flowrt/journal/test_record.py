"""Records: framing, and what is left of them behind damage."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowrt.journal.record import frame, records

PAYLOADS = st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=12)


def sound(data: bytes) -> list[bytes]:
    return [record.payload for record in records(data, 0) if record.payload is not None]


@given(PAYLOADS)
def test_what_was_framed_is_read(payloads: list[bytes]) -> None:
    assert sound(b"".join(map(frame, payloads))) == payloads


@given(PAYLOADS, st.data())
def test_one_flipped_bit_costs_one_record(payloads: list[bytes], data: st.DataObject) -> None:
    frames = list(map(frame, payloads))
    hit = data.draw(st.integers(0, len(frames) - 1))
    flipped = bytearray(frames[hit])
    bit = data.draw(st.integers(0, len(flipped) * 8 - 1))
    flipped[bit // 8] ^= 1 << bit % 8
    frames[hit] = bytes(flipped)
    assert sound(b"".join(frames)) == payloads[:hit] + payloads[hit + 1 :]


@given(PAYLOADS, st.data())
def test_a_torn_end_costs_what_was_torn(payloads: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(map(frame, payloads))
    cut = data.draw(st.integers(0, len(whole)))
    kept = sound(whole[:cut])
    assert kept == payloads[: len(kept)]
    assert len(b"".join(map(frame, kept))) > cut - 8 - len(payloads[len(kept) - len(payloads)])


def test_stretches_cover_every_byte() -> None:
    data = frame(b"one") + b"\xff" * 20 + frame(b"two")
    assert [(r.start, r.end) for r in records(data, 0)] == [(0, 11), (11, 31), (31, 42)]
