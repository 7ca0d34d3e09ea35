"""`flowrt doctor`: what is wrong on this machine, and what would help."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import orjson

if TYPE_CHECKING:
    from flowrt.doctor import Finding

__all__ = ["command"]

_STYLES: Final = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command("doctor")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), default=None, help="The data folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--clear-safe-mode",
    is_flag=True,
    help="Forget the starts that crashed: the next one runs its flows.",
)
def command(
    paths: tuple[Path, ...], data: Path | None, as_json: bool, clear_safe_mode: bool
) -> int:
    """Look at Python, libraries, CAN, ports, disk, the last starts, and flows (default: flows).

    Exits 1 where something must be mended.
    """
    from flowrt.cli.run import data_folder
    from flowrt.doctor import examine

    folder = data or data_folder()
    if clear_safe_mode:
        _clear(folder)
    findings = examine(folder, paths or _usual())
    if as_json:
        click.echo(orjson.dumps([asdict(finding) for finding in findings]))
    else:
        _show(findings)
    return int(any(finding.level == "fail" for finding in findings))


def _usual() -> tuple[Path, ...]:
    return tuple(path for path in (Path("flows"),) if path.is_dir())


def _clear(data: Path) -> None:
    from flowrt.service.boots import clear_safe_mode

    done = clear_safe_mode(data)
    text = "forgotten: the next start runs its flows" if done else "there was nothing to forget"
    click.echo(f"safe mode: {text}", err=True)


def _show(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        style = _STYLES[finding.level]
        table.add_row(
            Text(finding.level, style=style),
            *map(Text, (finding.what, finding.found, finding.remedy)),
        )
    Console().print(table)
