"""Request bodies with a limit of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

__all__ = ["TooLarge", "bounded"]


class TooLarge(web.HTTPRequestEntityTooLarge):
    """A body has more bytes than this route takes."""

    def __init__(self, what: str, limit: int, size: int) -> None:
        text = (
            f"{what} may have {limit / 1024**2:g} MB at most, this one has "
            f"{size / 1024**2:.1f} MB or more. Cut it into parts, or copy it to the gateway."
        )
        super().__init__(limit, size, text=text)


async def bounded(chunks: AsyncIterator[bytes], limit: int, what: str) -> AsyncIterator[bytes]:
    """Chunks as they come; raises TooLarge with the first byte beyond `limit`."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLarge(what, limit, size)
        yield chunk
