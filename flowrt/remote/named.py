"""The files that a flow needs beside it: databases, logs of its tests, subflows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowrt.errors import FlowFileError, FlowrtError
from flowrt.files.data_files import DataFolder, FileNameRefused
from flowrt.flow.convert import Unset, expand
from flowrt.flow.file import Flow, load_json, read_flow
from flowrt.flow.subflow import SUBFLOW_TYPE
from flowrt.registry import load
from flowrt.schema import settings_schema
from flowrt.testing.cases import file_of_tests

__all__ = ["Needs", "needs_of"]


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be on the gateway for a flow to run: data files by name, and subflows.

    `elsewhere` are names of files that the API cannot put: the gateway must have them itself.
    """

    files: dict[str, Path]
    subflows: tuple[Flow, ...]
    elsewhere: tuple[str, ...]


def needs_of(flow: Flow) -> Needs:
    """What a flow needs of what is here; what packs ship is left out, as a gateway has it."""
    subflows = {one.name: one for one in _subflows(flow, {flow.name})}
    names = dict.fromkeys(
        name for one in (flow, *subflows.values()) for name in (*_read_by(one), *_logs(one))
    )
    folder = DataFolder(flow.file.parent, flow.file.parent / ".none")
    here = [name for name in names if (flow.file.parent / name).is_file()]
    refused = {name for name in here if not _can_be_put(folder, name)}
    files = {name: flow.file.parent / name for name in here if name not in refused}
    return Needs(files, tuple(subflows.values()), tuple(sorted(refused)))


def _can_be_put(folder: DataFolder, name: str) -> bool:
    try:
        folder.place(name)
    except FileNameRefused:
        return False
    return True


def _read_by(flow: Flow) -> Iterator[str]:
    """The files that settings name to be read; not those that nodes write."""
    for item in (*flow.nodes.values(), *flow.resources.values()):
        try:
            properties = settings_schema(load(item.type)).get("properties", {})
        except FlowrtError:  # a subflow, or a type that only the gateway has
            continue
        for key, value in item.settings.items():
            if "x-file" in properties.get(key, {}) and isinstance(value, str):
                yield from _expanded(value)


def _expanded(text: str) -> Iterator[str]:
    try:
        yield str(expand(text, {}, os.environ))
    except Unset:  # a variable of the gateway: so is the file
        return


def _logs(flow: Flow) -> Iterator[str]:
    """The recorded logs that a flow's tests are given."""
    try:
        document = load_json(file_of_tests(flow.file).read_bytes(), flow.file)[0]
    except (OSError, FlowFileError):
        return
    for test in document.get("tests", ()) if isinstance(document, dict) else ():
        yield from _strings(test, "log")


def _strings(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get(key), str):
            yield value[key]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _strings(item, key)


def _subflows(flow: Flow, seen: set[str]) -> Iterator[Flow]:
    """The subflows in files beside the flow, those that others use first."""
    for item in flow.nodes.values():
        match = SUBFLOW_TYPE.match(item.type)
        file = flow.file.with_name(f"{match[1]}.json") if match else None
        if match is None or file is None or not file.is_file() or match[1] in seen:
            continue
        seen.add(match[1])
        inner = read_flow(file)
        yield from _subflows(inner, seen)
        yield inner
