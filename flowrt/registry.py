"""Finds node types: `logic/stale-watch` is the file stale_watch.py of the pack `logic`.

Packs are the sub-packages of every package named by an entry point of the group `flowrt.packs`.
A type is imported when it is first named, so a gateway pays only for what its flows use.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flowrt.errors import TypeUnavailable, TypeUnknown
from flowrt.node import Node
from flowrt.schema import near

__all__ = [
    "PACKS_GROUP",
    "Missing",
    "available",
    "data_file",
    "data_files",
    "entry_points",
    "further_pages",
    "known_types",
    "load",
    "packs",
    "shipped_flows",
]

PACKS_GROUP = "flowrt.packs"


@dataclass(frozen=True, slots=True)
class Missing:
    """A type that cannot be loaded here, and what to do about it."""

    type: str
    reason: str


@functools.cache
def packs() -> dict[str, str]:
    """Pack name -> the package that holds its nodes, built in ones first."""
    found: dict[str, str] = {}
    for root in entry_points(PACKS_GROUP):
        spec = importlib.util.find_spec(root.value)
        locations = list(spec.submodule_search_locations or []) if spec else []
        for module in pkgutil.iter_modules(locations):
            if module.ispkg:
                found.setdefault(module.name.replace("_", "-"), f"{root.value}.{module.name}")
    return found


def entry_points(group: str) -> list[importlib.metadata.EntryPoint]:
    """The entry points of a group, flowrt's own first, then by name."""
    found = importlib.metadata.entry_points(group=group)
    return sorted(found, key=lambda point: (point.name != "flowrt", point.name))


@functools.cache
def known_types() -> tuple[str, ...]:
    """Every type that has a file, loadable or not, by pack and name."""
    return tuple(sorted(_type_files()))


def _type_files() -> Iterator[str]:
    for pack, package in packs().items():
        for folder in _folders(package):
            for file in folder.glob("*.py"):
                if not file.stem.startswith("_") and _declares(file, pack):
                    yield f"{pack}/{file.stem.replace('_', '-')}"


def _declares(file: Path, pack: str) -> bool:
    """Whether a file of a pack is a node and not a helper; told without importing it."""
    name = f"{pack}/{file.stem.replace('_', '-')}"
    return f'@node("{name}"' in file.read_text(encoding="utf-8")


def _folders(package: str) -> list[Path]:
    spec = importlib.util.find_spec(package)
    return [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []


@functools.cache
def load(type: str) -> type[Node]:
    """The class of a type; raises TypeUnknown or TypeUnavailable, each with its remedy."""
    pack, _, name = type.partition("/")
    if type not in known_types():
        raise TypeUnknown(f'no pack has a node "{type}".{near(type, known_types())}')
    module_name = f"{packs()[pack]}.{name.replace('-', '_')}"
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise TypeUnavailable(f"{type} cannot be loaded: {_remedy(pack, error)}") from error
    for member in vars(module).values():
        if isinstance(member, _NodeMeta) and issubclass(member, Node) and member.type == type:
            return member
    raise TypeUnknown(f'{module_name} holds no class marked @node("{type}")')


_NodeMeta = type(Node)


def _remedy(pack: str, error: ImportError) -> str:
    """What to install; a pack's `INSTALL` maps modules to what pip calls them."""
    library = (error.name or "").partition(".")[0]
    if not library:
        return str(error)
    names: dict[str, str] = getattr(importlib.import_module(packs()[pack]), "INSTALL", {})
    wanted = names.get(library, library)
    return f'the library "{library}" is missing. Install it: pip install {wanted}'


def available() -> Iterator[type[Node] | Missing]:
    """Every known type: its class, or why it is greyed out."""
    for name in known_types():
        try:
            yield load(name)
        except TypeUnavailable as error:
            yield Missing(name, str(error))


def further_pages() -> dict[str, str]:
    """File name -> Markdown of what packs print beside their nodes; a pack's `PAGES` names it."""
    made: dict[str, str] = {}
    for package in packs().values():
        named: dict[str, str] = getattr(importlib.import_module(package), "PAGES", {})
        for name, place in named.items():
            module, _, function = place.partition(":")
            made[name] = getattr(importlib.import_module(module), function)()
    return made


def data_file(relative: Path) -> Path | None:
    """A file that a pack ships, such as `dbc/pylontech-lv.dbc`; None where no pack has it."""
    for package in packs().values():
        for folder in _folders(package):
            if (folder / relative).is_file():
                return folder / relative
    return None


@functools.cache
def data_files() -> dict[str, Path]:
    """Every file in a folder of a pack, by the name that a flow gives it; code left out."""
    found: dict[str, Path] = {}
    for package in packs().values():
        for folder in _folders(package):
            for file in sorted(folder.glob("*/**/*")):
                name = file.relative_to(folder).as_posix()
                if file.is_file() and file.suffix != ".py" and "__pycache__" not in name:
                    found.setdefault(name, file)
    return found


def shipped_flows() -> dict[str, Path]:
    """Flow name -> its file in the folder `flows` of a pack: subflows for any flow to use."""
    return {
        file.stem: file
        for name, file in data_files().items()
        if name.startswith("flows/") and file.suffix == ".json"
    }
