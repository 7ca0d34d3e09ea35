"""`flowrt user`: users, their roles, and tokens for machines, also while the gateway runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from flowrt.accounts.accounts import Accounts

__all__ = ["command"]

_ROLES: Final = ("viewer", "operator", "integrator", "administrator")
_role = click.option(
    "--role", type=click.Choice(_ROLES), default="viewer", show_default=True, help="What it may do."
)
_url = click.option(
    "--url", default="http://127.0.0.1:8420", show_default=True, help="Where the gateway answers."
)


@click.group("user")
def command() -> None:
    """Keep users and tokens; the gateway sees each change at once."""


def _with_accounts(run: Callable[..., None]) -> Callable[..., None]:
    """Give a command the accounts of --data as its first argument."""

    @click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        help="The gateway's data folder.  [default: as for flowrt run]",
    )
    @wraps(run)
    def with_accounts(data: Path | None, **rest: Any) -> None:
        from flowrt.accounts.accounts import Accounts
        from flowrt.cli.run import data_folder

        run(Accounts.of(data or data_folder()), **rest)

    return with_accounts


@command.command("add")
@click.argument("name")
@_role
@_url
@_with_accounts
def _add(accounts: Accounts, name: str, role: str, url: str) -> None:
    """Make a user; prints the link where they set their password."""
    from flowrt.accounts.role import Role

    _show_link(accounts.add(name, Role.named(role)), url)


@command.command("invite")
@click.argument("name")
@_url
@_with_accounts
def _invite(accounts: Accounts, name: str, url: str) -> None:
    """Print a new link for a user, say for a password that was forgotten."""
    _show_link(accounts.invite(name), url)


@command.command("passwd")
@click.argument("name")
@_with_accounts
def _passwd(accounts: Accounts, name: str) -> None:
    """Set a user's password, which is asked for, or read from a pipe."""
    accounts.set_password(name, _password())
    click.echo(f"{name} has a new password, and is logged out everywhere")


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


@command.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(_ROLES))
@_with_accounts
def _role_of(accounts: Accounts, name: str, role: str) -> None:
    """Give a user another role."""
    from flowrt.accounts.role import Role

    accounts.set_role(name, Role.named(role))
    click.echo(f"{name} is {role}")


@command.command("remove")
@click.argument("name")
@_with_accounts
def _remove(accounts: Accounts, name: str) -> None:
    """Forget a user, who is logged out by it."""
    accounts.remove(name)
    click.echo(f"{name} is removed")


@command.command("token")
@click.argument("name")
@_role
@click.option("--days", type=click.FloatRange(0, min_open=True), default=365, show_default=True)
@click.option("--never", is_flag=True, help="It does not end.")
@click.option("--flow", "flows", multiple=True, help="Only for this flow; may be given again.")
@_with_accounts
def _token(
    accounts: Accounts, name: str, role: str, days: float, never: bool, flows: tuple[str, ...]
) -> None:
    """Make a token for a machine, and print it: it is not shown again."""
    from flowrt.accounts.role import Role

    click.echo(accounts.add_token(name, Role.named(role), None if never else days, flows))


@command.command("revoke")
@click.argument("name")
@_with_accounts
def _revoke(accounts: Accounts, name: str) -> None:
    """Make a token void."""
    accounts.revoke(name)
    click.echo(f"the token {name} is void")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@_with_accounts
def _list(accounts: Accounts, as_json: bool) -> None:
    """List users and tokens."""
    import orjson

    from flowrt.accounts.listing import listing

    rows = listing(accounts)
    if as_json:
        click.echo(orjson.dumps(rows))
        return
    for user in rows["users"]:
        click.echo(f"{user['name']:<20} {user['role']:<14} {_how(user)}")
    for token in rows["tokens"]:
        flows = "" if token["flows"] is None else f"for {', '.join(token['flows'])}, "
        click.echo(f"{token['name']:<20} {token['role']:<14} token, {flows}{_until(token['ends'])}")


def _how(user: dict[str, Any]) -> str:
    return "password" if user["has_password"] else "no password yet: flowrt user invite"


def _until(ends: float | None) -> str:
    if ends is None:
        return "does not end"
    return f"until {datetime.fromtimestamp(ends, UTC):%Y-%m-%d}"


def _show_link(code: str, url: str) -> None:
    from flowrt.accounts.accounts import INVITE_SECONDS

    click.echo(f"{url.rstrip('/')}/#invite={code}")
    click.echo(f"good once, for {INVITE_SECONDS / 3600:g} h", err=True)
