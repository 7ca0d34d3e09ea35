"""`flowrt secret`: values that flows name, encrypted at rest."""

from __future__ import annotations

import os
import sys

import click

from flowrt.errors import FlowrtError

__all__ = ["command"]


@click.group("secret")
def command() -> None:
    """Keep the passwords that flows name; their values are never shown."""


@command.command("key")
def _key() -> None:
    """Make the key, once; keep a copy elsewhere: without it every sealed secret is lost."""
    from flowrt.files.store import write_atomically
    from flowrt.secret_store.sealed import key_file, new_key

    file = key_file(os.environ)
    if file.exists():
        raise FlowrtError(f"{file} is there already, and what it sealed needs it. Move it away.")
    write_atomically(file, new_key())
    click.echo(f"made {file}, which only you can read")


@command.command("set")
@click.argument("name")
def _set(name: str) -> None:
    """Seal a value, which is asked for, or read from a pipe."""
    from flowrt.files.store import write_atomically
    from flowrt.secret_store.find import secret_folder, well_named
    from flowrt.secret_store.sealed import SUFFIX, key_file, sealed

    well_named(name)
    value = _value()
    if not value:
        raise FlowrtError("the value is empty. Give one, or: flowrt secret remove")
    file = secret_folder(os.environ) / f"{name}{SUFFIX}"
    write_atomically(file, sealed(name, value, key_file(os.environ)))
    click.echo(f"sealed {file}")
    if file.with_suffix("").is_file():
        click.echo(f"remove the plain file, which is no longer used: {file.with_suffix('')}")


@command.command("list")
def _list() -> None:
    """List the names, and how each is kept."""
    from flowrt.secret_store.find import secret_folder
    from flowrt.secret_store.sealed import SUFFIX

    folder = secret_folder(os.environ)
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        is_sealed = file.name.endswith(SUFFIX)
        click.echo(f"{file.name.removesuffix(SUFFIX):<30} {'sealed' if is_sealed else 'plain'}")


@command.command("remove")
@click.argument("name")
def _remove(name: str) -> None:
    """Forget a secret, sealed or plain."""
    from flowrt.secret_store.find import secret_folder, well_named
    from flowrt.secret_store.sealed import SUFFIX

    well_named(name)
    files = [secret_folder(os.environ) / f"{name}{ending}" for ending in (SUFFIX, "")]
    there = [file for file in files if file.is_file()]
    if not there:
        raise FlowrtError(f'there is no secret "{name}" in {files[0].parent}.')
    for file in there:
        file.unlink()
        click.echo(f"removed {file}")


def _value() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Value", hide_input=True, confirmation_prompt=True))
    return sys.stdin.read().rstrip("\n")
