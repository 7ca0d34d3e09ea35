"""`flowrt service`: run as a service of systemd, from boot."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from flowrt.service.unit import Plan

__all__ = ["command"]

_OPTIONS: Final = (
    click.argument("paths", nargs=-1, type=click.Path(path_type=Path)),
    click.option("--user", default="flowrt", show_default=True, help="Whom it runs as."),
    click.option(
        "--bind", default="127.0.0.1:8420", show_default=True, help="Where the editor answers."
    ),
    click.option(
        "--can",
        "bitrates",
        multiple=True,
        metavar="IF=BITRATE",
        help="Set up this CAN interface at each start; may be given more than once.",
    ),
    click.option(
        "--secret",
        "secrets",
        multiple=True,
        metavar="NAME",
        help="A credential beyond those that the flows name.",
    ),
    click.option("--serial", is_flag=True, help="Allow serial ports: slcan, Modbus RTU."),
    click.option("--memory", default="512M", show_default=True, help="The most memory."),
    click.option("--cpu", default="150%", show_default=True, help="The most of the processors."),
)


@click.group("service")
def command() -> None:
    """Run flows as a service of systemd, from boot."""


def _planned(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of a plan, and the plan."""

    @functools.wraps(command)
    def with_plan(root: Path | None = None, **options: Any) -> int:
        plan = _plan(**options)
        return command(plan) if root is None else command(plan, root)

    wrapped: Callable[..., int] = with_plan
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _plan(
    paths: tuple[Path, ...],
    bitrates: tuple[str, ...],
    secrets: tuple[str, ...],
    **more: Any,
) -> Plan:
    from flowrt.doctor.flows import secrets_of
    from flowrt.service.unit import Plan

    named = dict.fromkeys([*secrets_of(paths), *secrets])
    return Plan(
        program=Path(sys.argv[0]).absolute(),
        flows=tuple(path.absolute() for path in paths) or None,
        bitrates=tuple(map(_bitrate, bitrates)),
        secrets=tuple(named),
        **more,
    )


def _bitrate(text: str) -> tuple[str, int]:
    interface, _, rate = text.partition("=")
    if not interface.isalnum() or not rate.isdigit():
        raise click.BadParameter(f'"{text}" is no IF=BITRATE such as can0=500000.')
    return interface, int(rate)


@command.command("print")
@_planned
def print_unit(plan: Plan) -> int:
    """Print the unit for flows in PATHS, or in a folder of its own, /var/lib/flowrt/flows."""
    from flowrt.service.unit import unit_text

    click.echo(unit_text(plan), nl=False)
    return 0


@command.command("install")
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("/"),
    show_default=True,
    help="Where the machine's files are: the folder of an image that is being made.",
)
@_planned
def install(plan: Plan, root: Path) -> int:
    """Write the unit, its user and its limits, and let systemd know."""
    from flowrt.service.install import Installation

    installation = Installation(plan, root)
    for file in installation.write():
        click.echo(f"wrote {file}")
    for done in installation.take_up():
        click.echo(f"ran   {done}")
    if plan.program.is_relative_to("/home") or plan.program.is_relative_to("/root"):
        click.echo(f"flowrt: {plan.program} is hidden from services; install it in /opt", err=True)
    flows = " ".join(map(str, plan.flows or ("/var/lib/flowrt/flows",)))
    click.echo(f"flows {flows}")
    for name in plan.secrets:
        click.echo(f"put the secret {name} into {plan.secrets_folder / name} (chmod 600)")
    click.echo("start it now and at every boot: systemctl enable --now flowrt")
    return 0
