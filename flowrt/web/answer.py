"""Answers in JSON."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

__all__ = ["json_answer"]


def json_answer(data: Any, status: int = 200, **headers: str) -> web.Response:
    """A response whose body is `data`; keyword arguments are its headers."""
    body = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)
