"""Answers of text go out compressed where the client takes that: JSON shrinks to a tenth."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from flowrt.web.problem import Handler

__all__ = ["accepts_gzip", "compress_middleware", "is_text"]

_WORTH_IT: Final = 1000
"""Bytes. A smaller answer fits one packet anyway."""
_REFUSED: Final = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")


def accepts_gzip(request: web.Request) -> bool:
    """Whether Accept-Encoding names gzip, and not with a weight of 0."""
    for part in request.headers.get("Accept-Encoding", "").split(","):
        coding, _, weight = part.partition(";")
        if coding.strip().lower() == "gzip":
            return _REFUSED.fullmatch(weight) is None
    return False


def is_text(content_type: str) -> bool:
    """Whether a media type is text, which compresses well; images and fonts are packed already."""
    return content_type.startswith("text/") or content_type.endswith(
        ("json", "javascript", "+xml", "/xml")
    )


@web.middleware
async def compress_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Compress text that is whole in memory; streams, files and sockets go as they are.

    A strong ETag stays as it is: clients send it back as If-Match, which a weak one never fits.
    """
    response = await handler(request)
    if not isinstance(response, web.Response) or not is_text(response.content_type):
        return response
    response.headers["Vary"] = "Accept-Encoding"
    if _is_large(response) and accepts_gzip(request):
        response.enable_compression(web.ContentCoding.gzip)
    return response


def _is_large(response: web.Response) -> bool:
    body = response.body
    packed = "Content-Encoding" in response.headers
    return not packed and isinstance(body, bytes) and len(body) > _WORTH_IT
