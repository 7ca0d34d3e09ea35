"""`flowrt check`: every problem of flows, each with its place and remedy."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from flowrt.errors import Problem

__all__ = ["command"]


@click.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def command(paths: tuple[Path, ...], as_json: bool) -> int:
    """List every problem of flow files; a folder stands for the flows in it."""
    from flowrt.check import examine_file
    from flowrt.flow import flow_files

    files = [file for path in paths for file in flow_files(path)]
    examined = [examine_file(file) for file in files]
    problems = [problem for found, _ in examined for problem in found]
    if as_json:
        click.echo(orjson.dumps([_row(problem) for problem in problems]))
    else:
        _show(files, problems, [hint for _, hints in examined for hint in hints])
    return 1 if problems else 0


def _row(problem: Problem) -> dict[str, str]:
    return {"file": problem.file, "place": problem.place, "sentence": problem.sentence}


def _show(files: list[Path], problems: list[Problem], hints: list[str]) -> None:
    for problem in problems:
        click.echo(str(problem))
    for hint in hints if not problems else ():
        click.echo(f"hint: {hint}", err=True)
    counted = f"{len(files)} flow{'s' * (len(files) != 1)}"
    found = f"{len(problems)} problem{'s' * (len(problems) != 1)}" if problems else "no problem"
    click.echo(f"{counted}, {found}", err=True)
