"""`flowrt nodes`: the node types there are, or everything about one."""

from __future__ import annotations

from typing import Any

import click
import orjson

__all__ = ["command"]


@click.command("nodes")
@click.argument("type", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(type: str | None, as_json: bool) -> int:
    """List node types by pack; with TYPE, its help, ports, settings and examples."""
    from flowrt import describe, registry
    from flowrt.errors import FlowrtError

    if type is None:
        types = describe.all_types()
        click.echo(orjson.dumps(types)) if as_json else _list(types)
        return 0
    try:
        described = describe.describe(registry.load(type))
    except FlowrtError as error:
        raise click.UsageError(str(error)) from error
    click.echo(orjson.dumps(described)) if as_json else _explain(described)
    return 0


def _list(types: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("type", "in", "out", "what it does"):
        table.add_column(column, overflow="fold")
    pack = ""
    for one in types:
        if one["pack"] != pack and pack:
            table.add_section()
        pack = one["pack"]
        if one["available"]:
            first_line = one["help"].split("\n")[0]
            table.add_row(one["type"], _kinds(one["inputs"]), _kinds(one["outputs"]), first_line)
        else:
            table.add_row(one["type"], "", "", one["install"], style="dim")
    Console().print(table)


def _kinds(ports: list[dict[str, str]]) -> str:
    return ", ".join(port.get("accepts") or port.get("carries", "") for port in ports)


def _explain(one: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    from flowrt.pages import node_section

    Console().print(Markdown(node_section(one, level=1)))
