"""The list of flows over the API: what each is called, what it is for, and whether it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flowrt.errors import FlowFileError
from flowrt.files.store import Store, etag
from flowrt.flow.file import Flow, parse_flow
from flowrt.running.engine import Engine
from flowrt.web.problem import problem_rows

__all__ = ["flow_rows"]


def flow_rows(engine: Engine, store: Store) -> list[dict[str, Any]]:
    """A row a flow, in the order of the files; `problems` is why a flow failed to start."""
    return [_row(engine, name, file) for name, file in store.files().items()]


def _row(engine: Engine, name: str, file: Path) -> dict[str, Any]:
    flow, tag = _read(file)
    return {
        "name": name,
        "file": file.name,
        "state": engine.state_of(name),
        "description": flow.description if flow else "",
        "subflow": flow.is_subflow if flow else False,
        "etag": tag,
        "problems": problem_rows(engine.failed.get(name, ())),
    }


def _read(file: Path) -> tuple[Flow | None, str]:
    """A flow and the tag of its file, as far as it can be read: the row says why it failed."""
    data = b""
    try:
        data = file.read_bytes()
        return parse_flow(data, file), etag(data)
    except (FlowFileError, OSError):
        return None, etag(data)
