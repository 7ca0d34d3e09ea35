"""`flowrt revisions`: what was deployed on a gateway."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
import orjson

from flowrt.cli.gateway import at_gateway

if TYPE_CHECKING:
    from flowrt.remote.client import Client

__all__ = ["command"]


@click.command("revisions")
@click.argument("name")
@at_gateway("--of", "--to")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def command(name: str, client: Client, as_json: bool) -> int:
    """List the revisions of the flow NAME, newest first; * runs, ✗ was rolled back by itself."""
    from flowrt.remote.client import in_path

    rows = client.get(f"/api/flows/{in_path(name)}/revisions")["revisions"]
    if as_json:
        click.echo(orjson.dumps(rows))
    else:
        _show(name, rows)
    return 0


def _show(name: str, rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        click.echo(f"{name} was not deployed yet.", err=True)
        return
    table = Table(box=None, pad_edge=False)
    for title in ("", "revision", "time", "author", "note", "changes"):
        table.add_column(title, overflow="fold")
    for row in rows:
        when = datetime.fromtimestamp(row["time"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        changes = f"rolled back: {row['failed']}" if row["failed"] else row["changes"]
        mark = "*" if row["running"] else "✗" if row["failed"] else ""
        cells = (mark, row["id"], when, row["author"], row["note"], changes)
        table.add_row(*map(Text, cells))
    Console().print(table)
