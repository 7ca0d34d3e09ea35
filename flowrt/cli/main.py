"""The `flowrt` command: a file per sub-command, imported when it is named."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

import click

from flowrt import __version__
from flowrt.errors import CheckFailed, FlowrtError

__all__ = ["main"]

_COMMANDS: Final = {
    "run": "Run flows, headless or with the editor.",
    "check": "List every problem of flows.",
    "test": "Run the tests of flows.",
    "replay": "Replay a CAN log through a flow.",
    "sites": "Run a flow live for many sites.",
    "bench": "Measure how fast a flow runs.",
    "deploy": "Run flows on a gateway.",
    "revisions": "List what was deployed on a gateway.",
    "rollback": "Run an older revision on a gateway.",
    "status": "Show what a gateway is doing.",
    "alarms": "Acknowledge or shelve a gateway's alarms.",
    "logs": "Show a gateway's log lines.",
    "nodes": "List node types, or explain one.",
    "schema": "Print the JSON Schema of a flow file.",
    "new": "Write a new node and its test.",
    "user": "Keep users, roles and tokens.",
    "secret": "Keep the passwords that flows name.",
    "audit": "Who did what, and whether that log is whole.",
    "service": "Run as a service, from boot.",
    "doctor": "Find out what is wrong on this machine.",
    "journal": "Look into what waits on disk.",
    "docs": "Print the pages of the node types.",
}
_HIDDEN: Final = {"docs"}


class _LazyGroup(click.Group):
    """Knows its commands by name; help is listed without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in _COMMANDS if name not in _HIDDEN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"flowrt.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, _COMMANDS[name]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="flowrt")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="The least important log lines to show.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Log lines for people or for machines.  [default: text; json where `run` writes to no "
    "terminal]",
)
@click.pass_context
def _cli(context: click.Context, log_level: str, log_format: str | None) -> None:
    """A dataflow runtime for CAN gateways in battery energy storage."""
    from flowrt.logs import set_up_logging  # late: only a command needs it

    is_service = context.invoked_subcommand == "run" and not sys.stderr.isatty()
    set_up_logging(log_level, log_format or ("json" if is_service else "text"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 fine, 1 problems, 2 usage, 130 interrupted."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = _cli.main(args=arguments, prog_name="flowrt", standalone_mode=False)
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except CheckFailed as error:
        click.echo(str(error), err=True)
        return 1
    except FlowrtError as error:
        click.echo(f"flowrt: {error}", err=True)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (head, say) has seen enough; keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0
