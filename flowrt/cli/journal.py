"""`flowrt journal`: what waits on disk, whether it is sound, and how to get it out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click
import orjson

if TYPE_CHECKING:
    from flowrt.journal.look import Damage, Look

__all__ = ["command"]

_COLUMNS: Final = (
    "journal", "waiting", "size", "oldest", "newest", "written", "set aside", "damaged",
)  # fmt: skip


@click.group("journal")
def command() -> None:
    """Look into the journals of wires that spill; also while a gateway runs."""


def _common(function: Callable[..., int]) -> Callable[..., int]:
    data = click.option("--data", type=click.Path(path_type=Path), help="The data folder.")
    as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    return data(as_json(function))


@command.command("list")
@_common
def list_(data: Path | None, as_json: bool) -> int:
    """List the journals there are."""
    from flowrt.journal.look import look

    looks = [look(name, folder) for name, folder in _journals(data).items()]
    if as_json:
        click.echo(orjson.dumps([asdict(one) for one in looks]))
    else:
        _table(_COLUMNS, map(_row, looks))
    return 0


@command.command("inspect")
@click.argument("name")
@click.option("--first", default=5, show_default=True, help="How many waiting messages to show.")
@_common
def inspect(name: str, first: int, data: Path | None, as_json: bool) -> int:
    """Show the segments of one journal, and the messages that are next."""
    from itertools import islice

    from flowrt.journal.look import look, messages, segments
    from flowrt.message import to_record

    name, folder = _one(name, data)
    rows = [asdict(one) for one in segments(folder)]
    waiting = [to_record(message) for message in islice(messages(folder), first)]
    if as_json:
        shown = {**asdict(look(name, folder)), "segments": rows, "first": waiting}
        click.echo(orjson.dumps(shown))
        return 0
    _table(_COLUMNS, [_row(look(name, folder))])
    _table(list(rows[0]) if rows else [], (list(map(str, row.values())) for row in rows))
    for record in waiting:
        click.echo(orjson.dumps(record))
    return 0


@command.command("verify")
@click.argument("names", nargs=-1)
@_common
def verify(names: tuple[str, ...], data: Path | None, as_json: bool) -> int:
    """Read every byte of journals and check it; exits 1 where something is damaged."""
    from flowrt.journal import look

    chosen = dict(_one(name, data) for name in names) if names else _journals(data)
    found = {name: look.verify(folder) for name, folder in chosen.items()}
    if as_json:
        click.echo(
            orjson.dumps({name: [asdict(one) for one in some] for name, some in found.items()})
        )
    else:
        _tell(found)
    return int(any(not one.torn for some in found.values() for one in some))


@command.command("export")
@click.argument("name")
@click.option("--every", is_flag=True, help="Also what was acknowledged and is still on disk.")
@click.option("--quarantined", is_flag=True, help="Instead, what could not be written.")
@click.option("-o", "--output", type=click.File("wb"), default="-", help="A file; else stdout.")
@click.option("--data", type=click.Path(path_type=Path), help="The data folder.")
def export(name: str, every: bool, quarantined: bool, output: BinaryIO, data: Path | None) -> int:
    """Write what waits in a journal as JSON lines, and leave it there."""
    from flowrt.journal import look
    from flowrt.message import to_record

    _, folder = _one(name, data)
    lines: Iterable[bytes] = (
        look.quarantined(folder)
        if quarantined
        else (orjson.dumps(to_record(message)) for message in look.messages(folder, every=every))
    )
    count = 0
    for line in lines:
        output.write(line + b"\n")
        count += 1
    click.echo(f"{count} message{'s' * (count != 1)}", err=True)
    return 0


def _journals(data: Path | None) -> dict[str, Path]:
    from flowrt.cli.run import data_folder
    from flowrt.journal.look import journals_in

    return journals_in(data or data_folder())


def _one(name: str, data: Path | None) -> tuple[str, Path]:
    """The journal that a name, or a part of one, means."""
    journals = _journals(data)
    found = [name] if name in journals else [one for one in journals if name in one]
    if len(found) != 1:
        known = ", ".join(found or journals) or "none"
        meant = "fits several" if found else "is not there"
        raise click.UsageError(f'a journal "{name}" {meant}. There: {known}.')
    return found[0], journals[found[0]]


def _row(one: Look) -> list[str]:
    return [
        one.name,
        f"{one.waiting:,}",
        _size(one.bytes),
        _time(one.oldest),
        _time(one.newest),
        _size(one.written),
        str(one.quarantined),
        str(one.damaged),
    ]


def _size(count: float) -> str:
    return f"{count / 1024**2:,.1f} MB" if count >= 1024**2 else f"{count / 1024:,.1f} kB"


def _time(time: float | None) -> str:
    if time is None:
        return ""
    try:
        return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError, OSError):  # a source's clock may say anything
        return f"{time:g}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _tell(found: dict[str, list[Damage]]) -> None:
    for name, some in found.items():
        for one in some:
            what = "not whole yet, or torn" if one.torn else "damaged"
            click.echo(f"{name}: {one.segment}: bytes {one.start} to {one.end}: {what}")
        if not some:
            click.echo(f"{name}: sound")
    if not found:
        click.echo("there are no journals", err=True)
