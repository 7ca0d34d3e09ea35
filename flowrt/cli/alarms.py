"""`flowrt alarms`: the alarms of a gateway, to acknowledge or to put aside for a while."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
import orjson

from flowrt.cli.gateway import at_gateway, author

if TYPE_CHECKING:
    from flowrt.remote.client import Client

__all__ = ["command"]


@click.group("alarms")
def command() -> None:
    """List the alarms of a gateway, acknowledge them, or shelve them for a while."""


@command.command("show")
@at_gateway("--to")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def show(client: Client, as_json: bool) -> int:
    """List the alarms that stand, and those that are shelved."""
    standing, shelved = client.get("/api/alarms"), client.get("/api/alarms/shelved")
    if as_json:
        click.echo(orjson.dumps({"standing": standing, "shelved": shelved}))
        return 0
    for row in standing:
        click.echo(_standing(row))
    known = [_named(row) for row in standing]
    for row in shelved:
        if _named(row) not in known:
            click.echo(f"{'cleared':8} {_told(row)}, {_shelved(row)}")
    if not standing and not shelved:
        click.echo("no alarm stands")
    return 0


@command.command("acknowledge")
@click.argument("flow")
@click.argument("source")
@click.argument("name")
@at_gateway("--to")
def acknowledge(flow: str, source: str, name: str, client: Client) -> int:
    """Say that the alarm NAME of SOURCE in a FLOW was seen."""
    client.send("POST", "/api/alarms/acknowledge", _body(flow, source, name))
    return 0


@command.command("shelve")
@click.argument("flow")
@click.argument("source")
@click.argument("name")
@click.option("--for", "duration", required=True, help='How long: "30 min", "8 h"; 24 h at most.')
@click.option("--reason", required=True, help="Why; kept in the history and the audit log.")
@at_gateway("--to")
def shelve(flow: str, source: str, name: str, duration: str, reason: str, client: Client) -> int:
    """Put the alarm NAME of SOURCE in a FLOW aside; it comes back by itself."""
    body = {**_body(flow, source, name), "duration": duration, "reason": reason}
    client.send("POST", "/api/alarms/shelve", body)
    return 0


@command.command("unshelve")
@click.argument("flow")
@click.argument("source")
@click.argument("name")
@at_gateway("--to")
def unshelve(flow: str, source: str, name: str, client: Client) -> int:
    """Take the alarm NAME of SOURCE in a FLOW back from the shelf."""
    client.send("POST", "/api/alarms/unshelve", _body(flow, source, name))
    return 0


def _body(flow: str, source: str, name: str) -> dict[str, str]:
    return {"flow": flow, "source": source, "name": name, "by": author()}


def _named(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["flow"], row["source"], row["name"]


def _standing(row: dict[str, Any]) -> str:
    words = [f"{row['severity']:8} {_told(row)} since {_at(row['time'])}"]
    words += [row["text"]] if row["text"] else []
    if seen := row["acknowledged"]:
        words.append(f"seen by {seen['by']}")
    if row["shelved"]:
        words.append(_shelved(row["shelved"]))
    return ", ".join(words)


def _told(row: dict[str, Any]) -> str:
    return f'{row["flow"]} "{row["source"]}" "{row["name"]}"'


def _shelved(row: dict[str, Any]) -> str:
    return f"shelved by {row['by']} until {_at(row['until'])}: {row['reason']}"


def _at(time: float) -> str:
    return datetime.fromtimestamp(time).astimezone().strftime("%Y-%m-%d %H:%M:%S")
