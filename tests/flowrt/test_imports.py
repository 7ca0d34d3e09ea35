"""Imports point down only, and each library has one home."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LADDER = (
    {"errors", "message", "setting", "catalogue", "clock", "condition", "garbage", "__init__"},
    {"columns", "commands", "parquet", "executor", "secret_store"},
    {"port", "schema", "journal", "logs"},
    {"node", "wire", "watch"},
    {"registry"},
    {"flow"},
    {"describe", "events", "files"},
    {"accounts", "audit", "state"},
    {"running"},
    {"bulk", "observe", "service"},
    {"replay"},
    {"sites", "testing"},
    {"bench", "example", "metrics", "jobs"},
    {"pages"},
    {"deploy"},
    {"gateway"},
    {"web", "remote", "doctor"},
    {"cli"},
    {"__main__"},
)
HOMES = {
    "networkx": {"flowrt/flow/graph.py"},
    "jsonschema": {"flowrt/schema.py"},
    "aiohttp": {"flowrt/web", "nodes/http"},
    "can": {"nodes/can"},
    "cantools": {"nodes/can"},
    "pymodbus": {"nodes/modbus"},
    "paho": {"nodes/mqtt", "flowrt/sites/inputs"},
    "asyncua": {"nodes/opcua"},
    "nats": {"flowrt/sites/inputs"},
    "canopen": {"nodes/canopen"},
}
FILES = [
    pytest.param(path, id=str(path.relative_to(ROOT)))
    for top in ("flowrt", "nodes")
    for path in sorted((ROOT / top).rglob("*.py"))
]


@cache
def parsed(path: Path) -> ast.Module:
    """A file's tree.

    Python 3.11 cannot parse while a finalizer does, as one does that formats a traceback; so
    nothing is collected meanwhile.
    """
    gc.disable()
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    finally:
        gc.enable()


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at the top or late."""
    for statement in ast.walk(parsed(path)):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            joined = [f"{statement.module}.{alias.name}" for alias in statement.names]
            yield from joined if statement.module in ("flowrt", "nodes") else [statement.module]


def rung(part: str) -> int:
    if part.startswith("__version"):
        return 0
    return next(index for index, parts in enumerate(LADDER) if part in parts)


def room(path: Path) -> str:
    relative = path.relative_to(ROOT)
    return relative.parts[1].removesuffix(".py")


@pytest.mark.parametrize("path", FILES)
def test_imports_point_down(path: Path) -> None:
    if path.relative_to(ROOT).parts[0] != "flowrt":
        return
    own = rung(room(path))
    imported = {name.split(".")[1] for name in imports(path) if name.startswith("flowrt.")}
    assert {name for name in imported - {room(path)} if rung(name) >= own} == set()


@pytest.mark.parametrize("path", FILES)
def test_each_library_stays_at_home(path: Path) -> None:
    relative = str(path.relative_to(ROOT))
    astray = {
        name
        for name in imports(path)
        if (homes := HOMES.get(name.partition(".")[0]))
        and not any(relative.startswith(home) for home in homes)
    }
    assert astray == set()


@pytest.mark.parametrize("path", FILES)
def test_packs_know_only_the_vocabulary(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    if parts[0] != "nodes":
        return
    foreign = {
        name
        for name in imports(path)
        if name.partition(".")[0] in ("flowrt", "nodes")
        and name != "flowrt.node"
        and not name.startswith(f"nodes.{parts[1]}")
    }
    assert foreign == set()


@pytest.mark.parametrize("path", FILES)
def test_the_runtime_names_no_pack(path: Path) -> None:
    if path.relative_to(ROOT).parts[0] == "flowrt":
        assert {name for name in imports(path) if name.partition(".")[0] == "nodes"} == set()
