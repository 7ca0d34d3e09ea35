"""`flowrt check`: every problem of flows, each with its place and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from flowrt.errors import Problem

if TYPE_CHECKING:
    from flowrt.flow.check import Examined

__all__ = ["command"]


@click.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@click.option(
    "--delivery", is_flag=True, help="With --json: an object that also has what is promised."
)
def command(paths: tuple[Path, ...], as_json: bool, delivery: bool) -> int:
    """List every problem of flow files, and what is promised of messages on each way.

    A folder stands for the flows in it.
    """
    from flowrt.flow.check import examine_file
    from flowrt.flow.file import flow_files

    files = [file for path in paths for file in flow_files(path)]
    examined = [examine_file(file) for file in files]
    problems = [problem for one in examined for problem in one.problems]
    if as_json:
        rows = [_row(problem) for problem in problems]
        promised = [
            {"file": str(file), "way": way, "promise": promise}
            for file, one in zip(files, examined, strict=True)
            for way, promise in one.delivery
        ]
        click.echo(orjson.dumps({"problems": rows, "delivery": promised} if delivery else rows))
    else:
        _show(files, examined, problems)
    return 1 if problems else 0


def _row(problem: Problem) -> dict[str, str]:
    return {"file": problem.file, "place": problem.place, "sentence": problem.sentence}


def _show(files: list[Path], examined: list[Examined], problems: list[Problem]) -> None:
    for problem in problems:
        click.echo(str(problem))
    for file, one in zip(files, examined, strict=True) if not problems else ():
        for hint in one.hints:
            click.echo(f"hint: {hint}", err=True)
        for way, promise in one.delivery:
            click.echo(f"delivery: {file}: {way}: {promise}", err=True)
    counted = f"{len(files)} flow{'s' * (len(files) != 1)}"
    found = f"{len(problems)} problem{'s' * (len(problems) != 1)}" if problems else "no problem"
    click.echo(f"{counted}, {found}", err=True)
