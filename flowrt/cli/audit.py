"""`flowrt audit`: who did what, and whether the log is whole."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from pathlib import Path

import click

__all__ = ["command"]

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The gateway's data folder.  [default: as for flowrt run]",
)


@click.group("audit")
def command() -> None:
    """Read the log of logins, deploys, acknowledgements and set-points, and check it."""


@command.command("show")
@click.option("--last", type=click.IntRange(1), default=50, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
@_data
def _show(last: int, as_json: bool, data: Path | None) -> None:
    """Print the newest records, oldest first."""
    import orjson

    from flowrt.audit import records

    for record in deque(records(_folder(data)), maxlen=last):
        if as_json:
            click.echo(orjson.dumps(record))
            continue
        time = datetime.fromtimestamp(record["time"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        details = " ".join(f"{name}={value}" for name, value in record["details"].items())
        click.echo(f"{time}  {record['who']:<16} {record['what']:<20} {details}")


@command.command("verify")
@click.option("--head", default="", help="A hash that an earlier check gave; it must be there.")
@_data
def _verify(head: str, data: Path | None) -> int:
    """Follow the chain; exits 1 where a record was changed, moved or taken out."""
    from flowrt.audit import verify

    found = verify(_folder(data), head)
    for problem in found.problems:
        click.echo(problem, err=True)
    if not found.problems:
        click.echo(f"{found.count} records, each follows the one before. The newest: {found.head}")
    return int(bool(found.problems))


def _folder(data: Path | None) -> Path:
    from flowrt.cli.run import data_folder

    return (data or data_folder()) / "audit"
