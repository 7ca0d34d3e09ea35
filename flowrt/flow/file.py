"""A flow file as dataclasses: what is written in it, before anything is made of it.

Reading is tolerant: whatever is well formed is kept, and every structural problem is listed, so
that `check` can tell all problems at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flowrt.errors import FlowFileError, Problem
from flowrt.flow.schema import FLOW_SCHEMA
from flowrt.schema import Finding, findings

__all__ = [
    "LARGEST_FILE",
    "Flow",
    "Item",
    "WireSpec",
    "flow_files",
    "flow_name",
    "is_flow_file",
    "layout_file",
    "parse_flow",
    "read_flow",
]

LARGEST_FILE: Final = 4 * 1024 * 1024
"""Bytes. The largest flow anyone drew is far smaller; a larger file is a mistake or an attack."""


@dataclass(frozen=True, slots=True)
class Item:
    """A node or a resource as written: its type, and its settings unchecked."""

    id: str
    type: str
    settings: Mapping[str, Any]
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class WireSpec:
    """A wire as written; a port is None where only the node is named."""

    source: str
    output: str | None
    target: str
    input: str | None
    overflow: str | None = None
    capacity: int | None = None
    place: str = ""
    journal: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow as written. `file` is where it came from; relative paths start beside it."""

    name: str
    file: Path
    description: str = ""
    resources: Mapping[str, Item] = field(default_factory=dict)
    nodes: Mapping[str, Item] = field(default_factory=dict)
    wires: tuple[WireSpec, ...] = ()
    problems: tuple[Problem, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_subflow(self) -> bool:
        """Whether it is made to be used by other flows, and does not run by itself."""
        return "parameters" in self.document


def flow_files(path: Path) -> list[Path]:
    """The flow files that a path names: itself, or those in a folder, by name.

    A shell's `flows/*.json` names tests and layouts, too: they are no flows either way.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    return [file for file in files if is_flow_file(file)]


def is_flow_file(file: Path) -> bool:
    """Whether a file is by its name a flow, and not the tests or the layout beside one."""
    return not file.name.endswith((".test.json", ".layout.json"))


def layout_file(flow_file: Path) -> Path:
    """Where the drawing of a flow is kept: `rack.layout.json` beside `rack.json`."""
    return flow_file.with_name(f"{flow_file.stem}.layout.json")


def read_flow(path: Path) -> Flow:
    """Read a flow file; raises FlowFileError where it cannot be read at all."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise FlowFileError(
                f"{path}: a flow file may have {LARGEST_FILE // 1024**2} MB at most, this one has "
                f"{size / 1024**2:.1f} MB. Is it a log or a record?"
            )
        data = path.read_bytes()
    except OSError as error:
        raise FlowFileError(f"{path}: cannot be read: {error.strerror}.") from error
    return parse_flow(data, path)


def flow_name(data: bytes, file: Path) -> str:
    """The name of a flow, of which nothing else is looked at; raises what `parse_flow` does."""
    return _name(_document(data, file)[0], file)


def _name(document: Mapping[str, Any], file: Path) -> str:
    return str(document.get("name", file.stem))


def _document(data: bytes, file: Path) -> tuple[dict[str, Any], list[Problem]]:
    document, duplicates = load_json(data, file)
    if not isinstance(document, dict):
        raise FlowFileError(
            f"{file}: a flow file holds a JSON object that begins with "
            f'{{"flowrt": 1, "name": ...}}, not {type(document).__name__}.'
        )
    return document, duplicates


def parse_flow(data: bytes, file: Path) -> Flow:
    """A flow from the bytes of its file; raises FlowFileError where they are not JSON."""
    document, duplicates = _document(data, file)
    found = [*duplicates, *(_problem(finding, file) for finding in _structure(document))]
    return Flow(
        name=_name(document, file),
        file=file,
        description=str(document.get("description", "")),
        resources=_items(document.get("resources")),
        nodes=_items(document.get("nodes")),
        wires=_wires(document.get("wires")),
        problems=tuple(found),
        document=document,
    )


def load_json(data: bytes, file: Path) -> tuple[Any, list[Problem]]:
    """A JSON document, and a problem for each key that stands twice in one object."""
    duplicates: list[Problem] = []

    def no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for key, value in pairs:
            if key in seen:
                sentence = f'"{key}" is written twice in one object. Rename or remove one.'
                duplicates.append(Problem(str(file), key, sentence))
            seen[key] = value
        return seen

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=no_twins), duplicates
    except UnicodeDecodeError as error:
        raise FlowFileError(
            f"{file}: byte {error.start} (0x{data[error.start]:02X}) is not UTF-8 text. "
            "Is this a JSON file?"
        ) from error
    except json.JSONDecodeError as error:
        end = " The file ends too early." if error.pos >= len(error.doc.rstrip()) else ""
        raise FlowFileError(
            f"{file}: line {error.lineno}, column {error.colno}: {error.msg}.{end}"
        ) from error
    except RecursionError as error:
        raise FlowFileError(f"{file}: is nested too deeply to be a flow.") from error


def _structure(document: Mapping[str, Any]) -> list[Finding]:
    return findings(FLOW_SCHEMA, document, "a flow file")


def _problem(finding: Finding, file: Path) -> Problem:
    return Problem(str(file), finding.place, finding.sentence)


def _items(section: Any) -> dict[str, Item]:
    """The well-formed entries of `nodes` or `resources`."""
    items = section.items() if isinstance(section, dict) else ()
    return {
        id: Item(
            id,
            entry["type"],
            {key: value for key, value in entry.items() if key not in ("type", "enabled")},
            entry.get("enabled", True) is not False,
        )
        for id, entry in items
        if isinstance(entry, dict) and isinstance(entry.get("type"), str)
    }


def _wires(section: Any) -> tuple[WireSpec, ...]:
    entries = enumerate(section) if isinstance(section, list) else ()
    return tuple(
        _wire(entry, index)
        for index, entry in entries
        if isinstance(entry, dict)
        and isinstance(entry.get("from"), str)
        and isinstance(entry.get("to"), str)
    )


def _wire(entry: Mapping[str, Any], index: int) -> WireSpec:
    source, _, output = entry["from"].partition(".")
    target, _, input_ = entry["to"].partition(".")
    overflow, capacity = entry.get("overflow"), entry.get("capacity")
    journal = entry.get("journal")
    return WireSpec(
        source,
        output or None,
        target,
        input_ or None,
        overflow if isinstance(overflow, str) else None,
        capacity if isinstance(capacity, int) and capacity > 0 else None,
        f"wires[{index}]",
        journal if isinstance(journal, dict) else None,
    )
