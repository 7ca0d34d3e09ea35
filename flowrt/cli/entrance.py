"""Where the gateway answers, and how it is entered: the options of `flowrt run` for that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowrt.errors import FlowrtError

if TYPE_CHECKING:
    import ssl

    from flowrt.files.store import Store
    from flowrt.running.engine import Engine
    from flowrt.web.app import Server

__all__ = ["Entrance", "entrance_options", "way_in"]

_PEM = click.Path(exists=True, dir_okay=False, path_type=Path)
_OPTIONS = (
    click.option(
        "--bind",
        default="127.0.0.1:8420",
        show_default=True,
        metavar="HOST:PORT",
        help="Where the editor and the API answer.",
    ),
    click.option(
        "--open",
        "is_open",
        is_flag=True,
        help="No login: whoever is on this machine may do everything. Only on a loopback address.",
    ),
    click.option(
        "--tls", is_flag=True, help="Answer by https, with a certificate made at the first start."
    ),
    click.option("--certificate", type=_PEM, help="Answer by https with this certificate (PEM)."),
    click.option("--key", type=_PEM, help="The key of --certificate (PEM)."),
)


@dataclass(frozen=True)
class Entrance:
    """The options, checked; raises click.UsageError for what does not go together."""

    host: str
    port: int
    is_open: bool
    tls: bool
    certificate: Path | None
    key: Path | None

    @classmethod
    def of(
        cls, bind: str, is_open: bool, tls: bool, certificate: Path | None, key: Path | None
    ) -> Entrance:
        """From the options as they were given."""
        if (certificate is None) is not (key is None):
            raise click.UsageError("--certificate and --key belong together. Give both, or --tls.")
        host, port = _address(bind)
        if is_open:
            _must_be_loopback(host)
        return cls(host, port, is_open, tls or certificate is not None, certificate, key)

    async def serve(self, engine: Engine, store: Store) -> Server:
        """A server that listens."""
        from flowrt.web.app import Server
        from flowrt.web.doors import Doors

        context = self._context(engine.data)
        doors = Doors.of(engine.data, is_open=self.is_open, is_secure=context is not None)
        server = Server(engine, store, doors, self.host, self.port, tls=context)
        try:
            await server.start()
        except OSError as error:
            raise FlowrtError(
                f"{self.host}:{self.port} cannot be listened at: {error.strerror}. "
                "Choose another with --bind HOST:PORT."
            ) from error
        return server

    def _context(self, data: Path) -> ssl.SSLContext | None:
        if not self.tls:
            return None
        from flowrt.web.certificate import context_of, own_certificate

        if self.certificate is not None and self.key is not None:
            return context_of(self.certificate, self.key)
        return context_of(*own_certificate(data / "tls", self.host))


def entrance_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def way_in(server: Server, entrance: Entrance) -> list[str]:
    """How to log in; the first time a link, which is for the screen and not for the log."""
    if entrance.is_open:
        return ["login      none: whoever is on this machine may do everything (--open)"]
    return [f"login      {_login(server)}", *_line(server, entrance)]


def _login(server: Server) -> str:
    from flowrt.accounts.accounts import INVITE_SECONDS

    accounts = server.doors.accounts
    try:
        code = accounts.first()
    except FlowrtError as error:
        return f"{click.style('impossible', fg='red')}: {error}"
    if code is None:
        return f"{len(accounts.users)} users; more with: flowrt user add"
    return f"{server.url}/#invite={code}  (good once, for {INVITE_SECONDS / 3600:g} h)"


def _line(server: Server, entrance: Entrance) -> list[str]:
    """What there is to know of the line that a password travels by."""
    from flowrt.web.guard import LOOPBACK

    if not entrance.tls:
        is_far = entrance.host not in LOOPBACK
        return ["warning    passwords cross the network in clear: add --tls"] if is_far else []
    if entrance.certificate is not None:
        return []
    from flowrt.web.certificate import fingerprint

    own = server.doors.accounts.file.file.parent / "tls" / "certificate.pem"
    return [f"its own certificate, to compare: SHA-256 {fingerprint(own)}"]


def _address(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise click.BadParameter(f'"{bind}" is no HOST:PORT such as 0.0.0.0:8420.')
    return host.strip("[]"), int(port)


def _must_be_loopback(host: str) -> None:
    from flowrt.web.guard import LOOPBACK

    if host not in LOOPBACK:
        raise click.UsageError(
            f"--open lets everybody in, so it may be bound to {', '.join(sorted(LOOPBACK))} only, "
            f"not to {host}. Leave out --open, and make users with: flowrt user add."
        )
