"""JSON answers of the API."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

__all__ = ["answer_json"]


def answer_json(data: Any, status: int = 200, **headers: str) -> web.Response:
    """Data as a response of type application/json."""
    body = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)
