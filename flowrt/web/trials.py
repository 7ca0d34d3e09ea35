"""A flow's tests and replays over the API; each runs aside, against the stored flow or a draft."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import BodyPartReader, web

from flowrt.errors import FlowrtError
from flowrt.files.store import Conflict, NotFound, Store, etag, write_atomically
from flowrt.flow.file import LARGEST_FILE
from flowrt.testing.cases import file_of_tests, parse_tests
from flowrt.web.answer import answer_json
from flowrt.web.aside import Aside
from flowrt.web.bounded import bounded
from flowrt.web.problem import problem, problem_rows

__all__ = ["LARGEST_LOG", "Trials"]

LARGEST_LOG: Final = 64 * 1024**2
"""Bytes of a log to replay."""
_CHUNK: Final = 1 << 16
_UPLOAD_PATIENCE: Final = 80.0
"""Seconds a client may take to send a log; the editor waits 90 s for its answer."""
_LOG_SUFFIX: Final = re.compile(r"(\.[a-z0-9]{1,8}(\.gz)?)$")


@dataclass(frozen=True)
class Trials:
    """The handlers of tests and replays."""

    store: Store
    aside: Aside

    def routes(self) -> list[web.RouteDef]:
        """Every route of tests and replays."""
        tests = "/api/flows/{name}/tests"
        return [
            web.get(tests, self.tests),
            web.put(tests, self.put_tests),
            web.post(tests, self.run_tests),
            web.post("/api/flows/{name}/replay", self.replay),
        ]

    # --- tests

    async def tests(self, request: web.Request) -> web.Response:
        """The document of a flow's tests, with its ETag; {} where there is none."""
        data = await asyncio.to_thread(_read, self._test_file(request))
        if data is None:
            return answer_json({})
        return web.Response(
            body=data, content_type="application/json", headers={"ETag": etag(data)}
        )

    async def put_tests(self, request: web.Request) -> web.Response:
        """Store the document of a flow's tests; {} or no test in it removes the file.

        If-Match, where it is sent, holds the ETag that the document was read with.
        """
        file, data = self._test_file(request), await request.read()
        document, problems = parse_tests(data, file)
        is_empty = isinstance(document, dict) and not document.get("tests")
        if problems and not is_empty:
            rows = problem_rows(problems)
            sentences = "\n".join(map(str, problems))
            return problem(422, "The tests have problems", sentences, problems=rows)
        there = await asyncio.to_thread(_read, file)
        expected = request.headers.get("If-Match")
        if expected not in (None, "*") and expected != (etag(there) if there else None):
            raise Conflict("the tests have been changed by somebody else since you read them.")
        if is_empty:
            await asyncio.to_thread(file.unlink, missing_ok=True)
            return answer_json({})
        await asyncio.to_thread(write_atomically, file, data)
        return answer_json({}, status=200 if there else 201, ETag=etag(data))

    def _test_file(self, request: web.Request) -> Path:
        return file_of_tests(self.store.place(request.match_info["name"]))

    async def run_tests(self, request: web.Request) -> web.Response:
        """Run tests; the body may hold a draft `document` and `tests` in place of the stored."""
        body = _object(await request.read() or b"{}", "the body")
        document, tests = body.get("document"), body.get("tests")
        job = {
            "kind": "tests",
            "file": str(self._file(request, document)),
            "document": document,
            "tests": {"tests": tests} if isinstance(tests, list) else tests,
        }
        async with self.aside.place() as folder:
            return _answered(await self.aside.run(folder, job, request))

    def _file(self, request: web.Request, document: object) -> Path:
        """Where the flow stands, or would; a draft need not be stored. Raises NotFound."""
        file = self.store.place(request.match_info["name"])
        if document is None and not file.exists():
            raise NotFound(f'there is no flow "{request.match_info["name"]}".')
        return file

    # --- replay

    async def replay(self, request: web.Request) -> web.Response:
        """Replay the `log` of a multipart form through the stored flow or a draft `document`."""
        if request.content_type != "multipart/form-data":
            text = "send a form (multipart/form-data) with a file `log` and perhaps a `document`."
            raise web.HTTPUnsupportedMediaType(text=text)
        async with self.aside.place() as folder:
            try:
                async with asyncio.timeout(_UPLOAD_PATIENCE):
                    form = await _receive(request, folder)
            except TimeoutError as error:
                text = f"the log did not arrive within {_UPLOAD_PATIENCE:g} s."
                raise web.HTTPRequestTimeout(text=text) from error
            file = self._file(request, form["document"])
            job = {"kind": "replay", "file": str(file), **form}
            return _answered(await self.aside.run(folder, job, request))


async def _receive(request: web.Request, folder: Path) -> dict[str, Any]:
    """The fields of a replay's form; its log is put into the folder."""
    form: dict[str, Any] = {"document": None, "log": None, "log_name": ""}
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name not in ("document", "log"):
                raise FlowrtError("a replay's form has the parts `document` and `log`, no other.")
            if part.name == "document":
                form["document"] = await _document(part)
            else:
                form["log_name"] = part.filename or "log"
                form["log"] = _stored_name(form["log_name"])
                await _save(part, folder / form["log"])
    except ValueError as error:  # aiohttp's word for a damaged form
        raise FlowrtError(f"the form cannot be read: {error}.") from error
    if form["log"] is None:
        raise FlowrtError("the form has no log. Send a recorded CAN log as its file `log`.")
    return form


async def _document(part: BodyPartReader) -> dict[str, Any]:
    chunks = bounded(_chunks(part), LARGEST_FILE, "a flow")
    return _object(b"".join([chunk async for chunk in chunks]), "the document")


def _stored_name(name: str) -> str:
    """A name of our own that keeps the ending, by which the format of a log is told."""
    ending = _LOG_SUFFIX.search(name.lower())
    return f"log{ending[1]}" if ending else "log"


async def _save(part: BodyPartReader, file: Path) -> None:
    handle = await asyncio.to_thread(file.open, "wb")
    with handle:
        async for chunk in bounded(_chunks(part), LARGEST_LOG, "a log"):
            await asyncio.to_thread(handle.write, chunk)


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(_CHUNK):
        yield bytes(chunk)


def _object(data: bytes, what: str) -> dict[str, Any]:
    try:
        read = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise FlowrtError(f"{what} is not JSON: {error}.") from error
    if not isinstance(read, dict):
        raise FlowrtError(f"{what} must be a JSON object, not {type(read).__name__}.")
    return read


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def _answered(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")
