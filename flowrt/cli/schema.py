"""`flowrt schema`: the JSON Schema of a flow file, for an IDE or another tool."""

from __future__ import annotations

import click
import orjson

__all__ = ["command"]


@click.command("schema")
def command() -> int:
    """Print the JSON Schema of a flow file, with the settings of every type."""
    from flowrt.describe import full_flow_schema

    click.echo(orjson.dumps(full_flow_schema(), option=orjson.OPT_INDENT_2))
    return 0
