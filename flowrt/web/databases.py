"""CAN databases over the API: messages, signals, and where their bits are."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from flowrt.errors import DatabaseError
from flowrt.files.databases import read_database
from flowrt.files.store import Store
from flowrt.running.engine import Engine
from flowrt.web.answer import answer_json
from flowrt.web.files import data_folder

__all__ = ["Databases"]


@dataclass(frozen=True)
class Databases:
    """The handler of a flow's databases."""

    engine: Engine
    store: Store

    def routes(self) -> list[web.RouteDef]:
        """The route of databases."""
        return [web.get("/api/flows/{name}/databases/{path:.+}", self.database)]

    async def database(self, request: web.Request) -> web.Response:
        """A database that the flow names or could name."""
        folder, path = data_folder(self.engine, self.store, request), request.match_info["path"]
        file = await asyncio.to_thread(folder.find, path)
        try:
            described = await asyncio.to_thread(read_database, file)
        except DatabaseError as error:
            raise _named(error, file, path) from error
        return answer_json(described)


def _named(error: DatabaseError, file: Path, path: str) -> DatabaseError:
    """The error with the file's name as a flow writes it: the gateway's folders are its own."""
    return DatabaseError(str(error).replace(str(file), path))
