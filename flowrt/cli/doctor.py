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
@click.option("--data", type=click.Path(path_type=Path), default=None, help="The data folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(data: Path | None, as_json: bool) -> int:
    """Look at Python, libraries, CAN, ports, disk; exits 1 where something must be mended."""
    from flowrt.cli.run import data_folder
    from flowrt.doctor import examine

    findings = examine(data or data_folder())
    if as_json:
        click.echo(orjson.dumps([asdict(finding) for finding in findings]))
    else:
        _show(findings)
    return int(any(finding.level == "fail" for finding in findings))


def _show(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        style = _STYLES[finding.level]
        table.add_row(f"[{style}]{finding.level}[/]", finding.what, finding.found, finding.remedy)
    Console().print(table)
