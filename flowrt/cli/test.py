"""`flowrt test`: the tests of flows, under a virtual clock."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flowrt.testing.flow_tests import Outcome

__all__ = ["command"]


@click.command("test")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--junit", type=click.Path(path_type=Path), help="Also write a JUnit XML report.")
def command(paths: tuple[Path, ...], junit: Path | None) -> int:
    """Run the tests beside flow files (NAME.test.json); a folder stands for the flows in it."""
    from flowrt.testing.flow_tests import find_tests, run_tests

    outcomes: list[Outcome] = []
    for flow in (flow for path in paths for flow in find_tests(path)):
        for outcome in run_tests(flow):
            outcomes.append(outcome)
            _show(outcome)
    if junit is not None:
        _write_junit(outcomes, junit)
    failed = sum(not outcome.passed for outcome in outcomes)
    click.echo(f"{len(outcomes) - failed} passed, {failed} failed")
    if not outcomes:
        click.echo(
            "flowrt: there is no test here. Write NAME.test.json beside NAME.json.", err=True
        )
    return 1 if failed or not outcomes else 0


def _show(outcome: Outcome) -> None:
    mark = click.style("ok  ", fg="green") if outcome.passed else click.style("FAIL", fg="red")
    click.echo(f"{mark} {outcome.flow.stem}: {outcome.name} ({outcome.seconds * 1000:.0f} ms)")
    if not outcome.passed:
        click.echo(indent(_story(outcome), "     "))


def _story(outcome: Outcome) -> str:
    """Given, wanted and got of everything that failed."""
    if outcome.error:
        return outcome.error
    parts = [f"given:\n{indent(outcome.given, '  ')}"]
    for failure in outcome.failures:
        parts.append(f"at {failure.port}")
        parts.append(f"wanted {failure.wanted}")
        parts.append(f"got:\n{failure.got}")
    return "\n".join(parts)


def _write_junit(outcomes: list[Outcome], file: Path) -> None:
    suite = ET.Element(
        "testsuite",
        name="flowrt",
        tests=str(len(outcomes)),
        failures=str(sum(bool(outcome.failures) for outcome in outcomes)),
        errors=str(sum(bool(outcome.error) for outcome in outcomes)),
        time=f"{sum(outcome.seconds for outcome in outcomes):.3f}",
    )
    for outcome in outcomes:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=outcome.flow.stem,
            name=outcome.name,
            time=f"{outcome.seconds:.3f}",
        )
        if not outcome.passed:
            kind = "error" if outcome.error else "failure"
            ET.SubElement(case, kind, message=kind).text = _story(outcome)
    file.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(suite).write(file, encoding="utf-8", xml_declaration=True)
