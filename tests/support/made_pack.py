"""A pack of nodes as an installed package, found by its entry point like any other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

__all__ = ["make_pack"]


def make_pack(site: Path, pack: str, nodes: Mapping[str, str]) -> None:
    """Write a package whose one pack has these files; put `site` on PYTHONPATH to install it."""
    package = site / f"{pack}_nodes"
    (package / pack).mkdir(parents=True)
    for folder in (package, package / pack):
        (folder / "__init__.py").write_text('"""Nodes of a test."""\n')
    for name, text in nodes.items():
        (package / pack / f"{name}.py").write_text(text)
    info = site / f"{pack}_nodes-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {pack}-nodes\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[flowrt.packs]\n{pack} = {pack}_nodes\n")
