"""`flowrt new`: write a new node and its test."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path
from typing import Final

import click

from flowrt.errors import FlowrtError

__all__ = ["command"]

_NAME: Final = re.compile(r"^([a-z][a-z0-9-]*)/([a-z][a-z0-9-]*)$")


@click.command("new")
@click.argument("name", metavar="PACK/NODE")
@click.option(
    "--kind",
    type=click.Choice(["source", "transform", "sink"]),
    default="transform",
    show_default=True,
    help="What it is to be.",
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that holds `nodes` and `tests`.  [default: flowrt's own source, else here]",
)
def command(name: str, kind: str, into: Path | None) -> int:
    """Write nodes/PACK/NODE.py and its test; nothing else has to be edited."""
    match = _NAME.match(name)
    if match is None:
        raise click.UsageError(
            f'"{name}" is no PACK/NODE such as logic/hysteresis: lower-case letters, digits and -.'
        )
    pack, node = match.groups()
    root = into or _source_folder()
    written = _write(root, pack, node, kind)
    for file in written:
        click.echo(f"wrote {file}")
    click.echo(
        f"\nNext: edit it, then run\n  python -m pytest {written[-1]}\n  flowrt nodes {name}"
    )
    return 0


def _source_folder() -> Path:
    """The checkout that the package `nodes` runs from, where it can be written; else here."""
    spec = importlib.util.find_spec("nodes")
    for place in (spec.submodule_search_locations or []) if spec else []:
        root = Path(place).parent
        if (root / "pyproject.toml").exists() and os.access(place, os.W_OK):
            return root
    return Path()


def _write(root: Path, pack: str, node: str, kind: str) -> list[Path]:
    module = node.replace("-", "_")
    package = pack.replace("-", "_")
    source = root / "nodes" / package / f"{module}.py"
    test = root / "tests" / "nodes" / package / f"test_{module}.py"
    for file in (source, test):
        if file.exists():
            raise FlowrtError(f"{file} is there already. Choose another name, or remove it.")
    words = {
        "type": f"{pack}/{node}",
        "class": _class_name(node),
        "module": module,
        "pack": package,
    }
    contents = {source: _template(kind), test: _template(f"test_{kind}")}
    init = source.with_name("__init__.py")
    if not init.exists():
        contents[init] = '"""The <pack> pack."""\n'
    for file, template in contents.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_filled(template, words), encoding="utf-8")
    return [source, test]


def _class_name(node: str) -> str:
    return "".join(part.capitalize() for part in node.split("-"))


def _filled(template: str, words: dict[str, str]) -> str:
    for key, word in words.items():
        template = template.replace(f"<{key}>", word)
    return template


def _template(name: str) -> str:
    return (Path(__file__).parent / "templates" / f"{name}.py.txt").read_text(encoding="utf-8")
