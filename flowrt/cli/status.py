"""`flowrt status`: what a gateway is doing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from flowrt.cli.gateway import at_gateway

if TYPE_CHECKING:
    from flowrt.remote.client import Client

__all__ = ["command"]

_BETWEEN: Final = 1.0
"""Seconds between the two looks that rates are taken from."""


@click.command("status")
@at_gateway("--to")
@click.option("--watch", is_flag=True, help="Show it anew each second until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, once.")
def command(client: Client, watch: bool, as_json: bool) -> int:
    """Show flows, nodes with their rates and drops, and alarms; exits 1 where a flow failed."""
    from flowrt.remote.situation import Situation

    before = Situation.of(client)
    time.sleep(_BETWEEN)
    now = Situation.of(client)
    if as_json:
        click.echo(orjson.dumps(now.document(before)))
    elif watch:
        _watch(client, before, now)
    else:
        _show(now, before)
    return 0 if now.is_well else 1


def _show(now: Any, before: Any) -> None:
    from rich.console import Console

    from flowrt.cli.status_page import status_page

    Console().print(status_page(now, before))


def _watch(client: Client, before: Any, now: Any) -> None:
    """Until Ctrl-C; a gateway that does not answer for a while is waited for."""
    from rich.live import Live

    from flowrt.cli.status_page import status_page
    from flowrt.remote.client import Unreachable
    from flowrt.remote.situation import Situation

    with Live(status_page(now, before), refresh_per_second=4, screen=False) as live:
        while True:
            time.sleep(_BETWEEN)
            try:
                before, now = now, Situation.of(client)
            except Unreachable as error:
                live.update(f"[red]{error}[/]")
            else:
                live.update(status_page(now, before))
