"""The options that say which gateway a command is about, and with what token."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from flowrt.remote.client import Client

__all__ = ["at_gateway", "author"]

Command = TypeVar("Command", bound=Callable[..., Any])
_USUAL: Final = "http://127.0.0.1:8420"


def at_gateway(*names: str) -> Callable[[Command], Callable[..., Any]]:
    """Give a command the options of a gateway, and a `client` for it; `names` of the first one."""
    options = (
        click.option(
            *(names or ("--to",)),
            "url",
            envvar="FLOWRT_URL",
            default=_USUAL,
            show_default=True,
            metavar="URL",
            help="The gateway; also $FLOWRT_URL.",
        ),
        click.option(
            "--token-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A file with the token to show; else $FLOWRT_TOKEN.",
        ),
        click.option(
            "--ca-file",
            envvar="FLOWRT_CA_FILE",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="The certificate that an https gateway must match; also $FLOWRT_CA_FILE.",
        ),
    )

    def decorate(command: Command) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_client(
            *args: Any, url: str, token_file: Path | None, ca_file: Path | None, **more: Any
        ) -> Any:
            return command(*args, client=_client(url, token_file, ca_file), **more)

        wrapped: Callable[..., Any] = with_client
        for option in reversed(options):
            wrapped = option(wrapped)
        return wrapped

    return decorate


def _client(url: str, token_file: Path | None, ca_file: Path | None) -> Client:
    from flowrt.remote.client import Client

    client = Client(_address(url), _token(token_file), ca_file)
    if client.token and client.is_open_line:
        text = f"flowrt: the token travels to {client.url} for all to read. Use https."
        click.echo(text, err=True)
    return client


def _address(url: str) -> str:
    whole = url if "://" in url else f"http://{url}"
    parts = urlsplit(whole)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise click.BadParameter(f'"{url}" is no URL such as {_USUAL}.')
    return whole.rstrip("/")


def _token(file: Path | None) -> str:
    if file is None:
        return os.environ.get("FLOWRT_TOKEN", "").strip()
    if file.stat().st_mode & 0o077:
        raise click.BadParameter(f"{file} can be read by others. Run: chmod 600 {file}")
    return file.read_text(encoding="utf-8").strip()


def author() -> str:
    """Who deploys, where the gateway does not know it by a token."""
    import getpass
    import socket

    return f"{getpass.getuser()}@{socket.gethostname()}"[:100]
