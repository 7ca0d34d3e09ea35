"""The JSON object in a request's body, or a sentence that says what is wrong with it."""

from __future__ import annotations

from typing import Any, Final

import orjson
from aiohttp import web

from flowrt.errors import FlowrtError
from flowrt.schema import findings

__all__ = ["BadBody", "BodyTooLarge", "read_fields", "read_object"]

_FEW: Final = 64 * 1024
"""Bytes of a body that holds some fields."""


class BadBody(FlowrtError):
    """The body is not what the request needs."""


class BodyTooLarge(BadBody):
    """The body has more bytes than it may have."""


async def read_object(request: web.Request, largest: int) -> dict[str, Any]:
    """A JSON object of at most `largest` bytes; raises BadBody."""
    data = await request.read()
    if len(data) > largest:
        limit, size = f"{largest // 1024:,} kB", f"{len(data) / 1024:,.0f} kB"
        raise BodyTooLarge(f"the body may have {limit} at most, this one has {size}.")
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadBody(f"the body is not JSON: {error}.") from error
    if not isinstance(found, dict):
        kind = type(found).__name__
        raise BadBody(f"the body must be a JSON object such as {{}}, not {kind}.")
    return found


async def read_fields(request: web.Request, schema: dict[str, Any]) -> dict[str, Any]:
    """The fields of a small object that fits a schema, {} for no body; raises BadBody."""
    if not (await request.read()).strip():
        return {}
    given = await read_object(request, _FEW)
    if found := findings(schema, given, "the body"):
        raise BadBody("\n".join(f"{one.place or 'body'}: {one.sentence}" for one in found))
    return given
