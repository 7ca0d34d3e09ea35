"""Answers in JSON, and reading what a request asks for."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import orjson
from aiohttp import web

from flowrt.errors import RequestRefused

__all__ = ["answer_json", "body_as", "whole_number"]

T = TypeVar("T")


def answer_json(data: Any, status: int = 200, **headers: str) -> web.Response:
    """A JSON response; numbers that JSON does not know (NaN) become null."""
    body = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


async def body_as(request: web.Request, kind: type[T]) -> T:
    """The JSON body as a struct; raises RequestRefused that names the place."""
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        fields = ", ".join(field.name for field in msgspec.structs.fields(kind))  # type: ignore[arg-type]
        raise RequestRefused(f"the body: {error}. Send a JSON object of: {fields}.") from error


def whole_number(request: web.Request, name: str, default: int, most: int) -> int:
    """A parameter of the address from 1 to `most`; raises RequestRefused."""
    text = request.query.get(name, str(default))
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most:
        return int(text)
    raise RequestRefused(f'{name} is "{text[:40]}", but must be a whole number from 1 to {most}.')
