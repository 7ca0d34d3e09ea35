"""What a client of the live socket asks for."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from flowrt.errors import RequestRefused
from flowrt.observe.probe import MOST_WATCHED, Output
from flowrt.web.presence import NOWHERE, Place

__all__ = ["LARGEST_WISH", "Wish", "read_wish"]

LARGEST_WISH: Final = 64 * 1024
"""Bytes a client may send at once; 64 outputs with names of 200 letters fit."""
_REMEDY: Final = (
    f'Send {{"watch": [{{"flow": ..., "node": ..., "port": ...}}, ...]}}, '
    f'at most {MOST_WATCHED} outputs; perhaps also "at": {{"flow": ..., "edits": true}}.'
)


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    """The outputs that a client wants to watch, and the flow at which it is."""

    watch: Annotated[list[Output], msgspec.Meta(max_length=MOST_WATCHED)]
    at: Place = NOWHERE


def read_wish(text: str | bytes) -> Wish:
    """What a client sent; raises RequestRefused."""
    try:
        return msgspec.json.decode(text, type=Wish)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise RequestRefused(f"{error}. {_REMEDY}") from error
