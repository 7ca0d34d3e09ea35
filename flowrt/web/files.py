"""Data files of flows over the API: list, put, get, delete."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from flowrt.errors import FlowFileError
from flowrt.files.data_files import LARGEST_DATA_FILE, MOST_DATA, DataFolder
from flowrt.files.store import Store, write_atomically
from flowrt.files.uses import uses_of
from flowrt.flow.file import load_json
from flowrt.running.engine import Engine
from flowrt.testing.cases import file_of_tests
from flowrt.web.answer import answer_json
from flowrt.web.bounded import TooLarge, bounded
from flowrt.web.problem import problem

__all__ = ["Files", "data_folder"]

_CHUNK: Final = 1 << 16


def data_folder(engine: Engine, store: Store, request: web.Request) -> DataFolder:
    """The data files of the flow that a request names, stored or not yet."""
    return DataFolder(store.place(request.match_info["name"]).parent, engine.data)


@dataclass(frozen=True)
class Files:
    """The handlers of a flow's data files."""

    engine: Engine
    store: Store

    def routes(self) -> list[web.RouteDef]:
        """Every route of data files."""
        one = "/api/flows/{name}/files/{path:.+}"
        return [
            web.get("/api/flows/{name}/files", self.files),
            web.get(one, self.file, allow_head=False),
            web.put(one, self.put_file),
            web.delete(one, self.delete_file),
        ]

    async def files(self, request: web.Request) -> web.Response:
        """The data files beside a flow, and those that packs ship."""
        folder = data_folder(self.engine, self.store, request)
        rows, cut = await asyncio.to_thread(folder.listed)
        return answer_json({"files": rows, "cut": cut})

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A data file, byte for byte."""
        folder = data_folder(self.engine, self.store, request)
        file = await asyncio.to_thread(folder.find, request.match_info["path"])
        return web.FileResponse(file, headers={"Content-Type": "application/octet-stream"})

    async def put_file(self, request: web.Request) -> web.Response:
        """Store a data file, whole or not at all; flows that run take it up when deployed."""
        path = request.match_info["path"]
        folder = data_folder(self.engine, self.store, request)
        file = folder.place(path)
        data = await _body(request)
        total = len(data) + await asyncio.to_thread(folder.bytes_beside, file)
        if total > MOST_DATA:
            return _too_many(total)
        is_new = not await asyncio.to_thread(file.exists)
        await asyncio.to_thread(write_atomically, file, data)
        return answer_json({"path": path, "bytes": len(data)}, status=201 if is_new else 200)

    async def delete_file(self, request: web.Request) -> web.Response:
        """Remove a data file that nobody names."""
        folder, path = data_folder(self.engine, self.store, request), request.match_info["path"]
        file = await asyncio.to_thread(folder.find, path)
        if file != folder.place(path):
            return problem(409, "Shipped", f'"{path}" comes with a pack. Leave it where it is.')
        rows = await asyncio.to_thread(lambda: list(self._users(file)))
        if rows:
            named = ", ".join(f"{row['flow']}: {row['place']}" for row in rows)
            detail = f'"{path}" is named by {named}. Change those first.'
            return problem(409, "The file is in use", detail, uses=rows)
        await asyncio.to_thread(file.unlink)
        return web.Response(status=204)

    def _users(self, file: Path) -> Iterator[dict[str, Any]]:
        """Rows of flow and place that name a file, stored or running."""
        documents = dict.fromkeys(
            (name, place) for name, other in self._documents() for place in uses_of(file, *other)
        )
        for name, place in documents:
            yield {"flow": name, "place": place, **_node_of(place)}

    def _documents(self) -> Iterator[tuple[str, tuple[Any, Path]]]:
        for name, running in list(self.engine.flows.items()):
            flow = running.prepared.flow
            yield name, (flow.document, flow.file.parent)
        for name, file in self.store.files().items():
            yield name, (_document(file), file.parent)
            if (tests := file_of_tests(file)).exists():
                yield name, (_document(tests), file.parent)


def _too_many(total: int) -> web.Response:
    limit, size = f"{MOST_DATA / 1024**2:g} MB", f"{total / 1024**2:.1f} MB"
    text = f"the data files of a folder may have {limit} in all, these would have {size}."
    return problem(413, "Too much", f"{text} Remove some first, or copy it to the gateway.")


async def _body(request: web.Request) -> bytes:
    """The body; raises TooLarge, before reading it where its length is told."""
    if (request.content_length or 0) > LARGEST_DATA_FILE:
        raise TooLarge("a data file", LARGEST_DATA_FILE, request.content_length or 0)
    chunks = request.content.iter_chunked(_CHUNK)
    return b"".join([part async for part in bounded(chunks, LARGEST_DATA_FILE, "a data file")])


def _document(file: Path) -> Any:
    """A JSON file; one that cannot be read names nothing."""
    try:
        return load_json(file.read_bytes(), file)[0]
    except (FlowFileError, OSError):
        return None


def _node_of(place: str) -> dict[str, str]:
    section, _, rest = place.partition(".")
    return {"node": rest.partition(".")[0]} if section == "nodes" else {}
