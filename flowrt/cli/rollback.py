"""`flowrt rollback`: run an older revision of a flow on a gateway again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowrt.cli.gateway import at_gateway, author
from flowrt.errors import FlowrtError

if TYPE_CHECKING:
    from flowrt.remote.client import Client

__all__ = ["command"]


@click.command("rollback")
@click.argument("name")
@click.argument("revision", required=False)
@at_gateway("--to")
def command(name: str, revision: str | None, client: Client) -> int:
    """Run REVISION of the flow NAME; without one, the revision before the running one."""
    from flowrt.cli.steps import StepTable
    from flowrt.remote.deploying import Deploying

    body = {"author": author(), **({"revision": revision} if revision else {})}
    with StepTable([name]) as table:
        table.begin(name)
        try:
            answer = Deploying(client, table.step).rollback(name, **body)
        except FlowrtError as error:
            table.end(str(error), ok=False)
            raise
        table.end(f"revision {answer['revision'] or 'not kept'} runs", ok=True)
    return 0
