"""`flowrt logs`: the last log lines of a gateway, and those to come."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from flowrt.cli.gateway import at_gateway

if TYPE_CHECKING:
    from flowrt.remote.client import Client

__all__ = ["command"]

_LOOK_EVERY: Final = 0.5
_PAUSE: Final = 2.0
"""Seconds before a gateway that does not answer is asked again."""
_MOST: Final = 2000


@click.command("logs")
@at_gateway("--to")
@click.option("--follow", "-f", is_flag=True, help="Go on with new lines until Ctrl-C.")
@click.option(
    "--level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="The least level.",
)
@click.option("--flow", default="", help="Only lines about this flow.")
@click.option("--node", default="", help="Only lines about this node.")
@click.option(
    "--lines",
    "-n",
    type=click.IntRange(1, _MOST),
    default=200,
    show_default=True,
    help="How many of the last lines.",
)
@click.option("--json", "as_json", is_flag=True, help="Print each line as JSON.")
def command(client: Client, follow: bool, lines: int, as_json: bool, **wanted: str) -> int:
    """Print the last log lines of a gateway, oldest first."""
    asked: dict[str, Any] = {key: value for key, value in wanted.items() if value}
    found = client.get("/api/logs", **asked, limit=lines)
    _print(found["lines"], as_json)
    while follow:
        time.sleep(_LOOK_EVERY)
        found = _more(client, asked, found)
        _print(found["lines"], as_json)
    return 0


def _more(client: Client, asked: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The lines since; all of them where the gateway was started anew."""
    from flowrt.remote.client import Unreachable

    try:
        found: dict[str, Any] = client.get("/api/logs", **asked, after=before["next"], limit=_MOST)
        if found["boot"] != before["boot"]:
            click.echo("flowrt: the gateway was started anew", err=True)
            found = client.get("/api/logs", **asked, limit=_MOST)
    except Unreachable as error:
        if before["lines"] is not None:  # told once
            click.echo(f"flowrt: {error}", err=True)
        time.sleep(_PAUSE)
        return {**before, "lines": None}
    if found["missed"]:
        click.echo(f"flowrt: {found['missed']} lines came too fast to be kept", err=True)
    return found


def _print(lines: list[dict[str, Any]] | None, as_json: bool) -> None:
    from flowrt.logs.lines import TextLines

    text = TextLines()
    for row in lines or ():
        if as_json:
            click.echo(orjson.dumps(row))
        else:
            colour = {"warning": "yellow", "error": "red", "critical": "red"}.get(row["level"])
            click.echo(click.style(text.line(row), fg=colour))
