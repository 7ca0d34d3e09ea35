"""`flowrt deploy`: send flows to a running gateway, and run them there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowrt.cli.gateway import at_gateway, author
from flowrt.errors import CheckFailed, FlowrtError

if TYPE_CHECKING:
    from flowrt.cli.steps import StepTable
    from flowrt.flow.file import Flow
    from flowrt.remote.client import Client

__all__ = ["command"]


@click.command("deploy")
@click.argument(
    "paths", metavar="FLOW...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@at_gateway("--to")
@click.option("--note", default="", help="Why; it is kept with the revision.")
@click.option("--overwrite", is_flag=True, help="Also over a version that others put there.")
@click.option("--force", is_flag=True, help="Also where the flow's tests fail on the gateway.")
@click.option(
    "--health",
    type=click.FloatRange(0, 3600),
    metavar="SECONDS",
    help="How long the new version must be well, else the one before runs again.",
)
@click.option("--no-check", is_flag=True, help="Leave the check to the gateway.")
def command(
    paths: tuple[Path, ...],
    client: Client,
    note: str,
    overwrite: bool,
    force: bool,
    health: float | None,
    no_check: bool,
) -> int:
    """Check flows here, send what the gateway lacks, deploy one after the other.

    Stops at the first that fails. Exits 0 where all run, 1 where one does not.
    """
    from flowrt.cli.steps import StepTable
    from flowrt.remote.sending import Sending
    from flowrt.remote.sent import Sent

    flows = _flows(paths)
    if not no_check:
        _check(flows)
    body: dict[str, Any] = {"author": author(), "note": note}
    body |= {"skip_tests": True} if force else {}
    body |= {"health_seconds": health} if health is not None else {}
    with StepTable([flow.name for flow in flows]) as table:
        sending = Sending(client, Sent.usual(), table.tell, overwrite)
        for flow in flows:
            _deploy(client, sending, table, flow, body)
    return 0


def _flows(paths: tuple[Path, ...]) -> list[Flow]:
    """The flows to run; subflows in folders come with those that use them."""
    from flowrt.flow.file import flow_files, read_flow

    read = [read_flow(file) for path in paths for file in flow_files(path)]
    flows = [flow for flow in read if not flow.is_subflow]
    if not flows:
        raise click.UsageError("there is no flow to deploy: subflows go with those that use them.")
    return flows


def _check(flows: list[Flow]) -> None:
    """Raise CheckFailed; secrets and the like may be the gateway's alone."""
    from flowrt.flow.check import prepare

    problems = [
        problem for flow in flows for problem in prepare(flow, needs_secrets=False).problems
    ]
    if problems:
        raise CheckFailed(problems)


def _deploy(
    client: Client, sending: Any, table: StepTable, flow: Flow, body: dict[str, Any]
) -> None:
    from flowrt.remote.deploying import Deploying

    table.begin(flow.name)
    try:
        sending.send(flow)
        answer = Deploying(client, table.step).deploy(flow.name, **body)
    except FlowrtError as error:
        table.end(str(error), ok=False)
        raise
    table.end(f"revision {answer['revision'] or 'not kept'} runs", ok=True)
