"""What a client of the live socket asks for."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from flowrt.errors import RequestRefused
from flowrt.probe import MOST_WATCHED, Output

__all__ = ["LARGEST_WISH", "outputs_wished"]

LARGEST_WISH: Final = 64 * 1024
"""Bytes a client may send at once; 64 outputs with names of 200 letters fit."""
_REMEDY: Final = (
    f'Send {{"watch": [{{"flow": ..., "node": ..., "port": ...}}, ...]}}, '
    f"at most {MOST_WATCHED} outputs."
)


class _Wish(msgspec.Struct, forbid_unknown_fields=True):
    watch: Annotated[list[Output], msgspec.Meta(max_length=MOST_WATCHED)]


def outputs_wished(text: str | bytes) -> list[Output]:
    """The outputs that a client wants to watch; raises RequestRefused."""
    try:
        return msgspec.json.decode(text, type=_Wish).watch
    except (msgspec.DecodeError, UnicodeError) as error:
        raise RequestRefused(f"{error}. {_REMEDY}") from error
