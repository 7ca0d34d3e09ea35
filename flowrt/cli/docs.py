"""`flowrt docs`: print the pages of the node types into a folder."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command("docs", hidden=True)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> int:
    """Print docs/nodes: a page a pack, and what packs print beside."""
    from flowrt.describe import all_types
    from flowrt.pages import pages
    from flowrt.registry import further_pages

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    for name, text in {**pages(all_types()), **further_pages()}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0
