"""An OPC UA server with its address space, on a thread and an event loop of its own.

asyncua builds the standard's few thousand nodes in one go at the start, which would hold up every
flow of the runtime for a second; so it has a loop to itself, and is told by coroutines.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from flowrt.node import NodeFault, SignalInfo, Value
from nodes.opcua.units import UNITS_URI, unit_id

Server: TypeAlias = Any
Node: TypeAlias = Any
User: TypeAlias = Any
"""asyncua's; its type hints are stricter than its own examples, so they are not used."""
__all__ = ["Access", "Reading", "Space"]

T = TypeVar("T")
_URI: Final = "urn:flowrt"
_MOST_VARIABLES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read, and how it is encrypted."""

    certificate: Path | None = None
    key: Path | None = None
    plain: bool = True
    users: tuple[tuple[str, str], ...] = ()
    """Names and passwords; anybody, where there are none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A value for a variable; `state` is "good", "stale" or "missing"."""

    info: SignalInfo
    value: Value
    time: float
    state: str = "good"


class Space:
    """The server between `open` and `close`."""

    def __init__(self, endpoint: str, name: str, access: Access) -> None:
        self._endpoint = endpoint
        self._name = name
        self._access = access
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="opcua", daemon=True)
        self._server: Server | None = None
        self._variables: dict[tuple[str, str], tuple[Node, int]] = {}
        self._folders: dict[str, Node] = {}
        self._last: dict[tuple[str, str], Value] = {}
        self.dropped = 0
        """Readings of variables beyond the most there may be."""

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _there(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work on the server's loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    # --- what its owner calls

    async def open(self, signals: Sequence[SignalInfo]) -> None:
        """Serve variables for these signals; raises NodeFault where it cannot."""
        self._thread.start()
        try:
            await self._there(self._open(signals))
        except (OSError, ValueError) as error:
            await self.close()
            raise NodeFault(
                f"{self._endpoint} cannot be served: {error}. "
                "Is the port taken, or a certificate not to be read?"
            ) from error
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End all sessions."""
        if self._thread.is_alive():
            await self._there(self._close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            await asyncio.to_thread(self._thread.join)
        if not self._loop.is_closed():
            self._loop.close()

    async def show(self, readings: Sequence[Reading]) -> None:
        """Show newer values."""
        await self._there(self._show(readings))

    @property
    def sessions(self) -> int:
        """How many clients have one."""
        transport = self._server and self._server.bserver
        return len(transport.clients) if transport else 0

    # --- on the server's loop

    async def _open(self, signals: Sequence[SignalInfo]) -> None:
        from asyncua import server as library

        users: Any = _Users(self._access) if self._access.users else None
        server: Server = library.Server(user_manager=users)  # type: ignore[attr-defined]
        await server.init()
        server.set_endpoint(self._endpoint)
        server.set_server_name(self._name)
        await self._secure(server)
        self._index = await server.register_namespace(_URI)
        self._server = server
        for info in signals:
            await self._variable(info, None)
        await server.start()

    async def _secure(self, server: Server) -> None:
        ua = _ua()
        policies = [ua.SecurityPolicyType.NoSecurity] if self._access.plain else []
        if self._access.certificate and self._access.key:
            policies += [
                ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
                ua.SecurityPolicyType.Basic256Sha256_Sign,
            ]
            certificate, key = self._access.certificate, self._access.key
            await server.load_certificate(str(certificate), _format(certificate))
            await server.load_private_key(str(key), None, _format(key))
            await server.set_application_uri(_URI)
        server.set_security_policy(policies)
        if self._access.users:
            server.set_identity_tokens([ua.UserNameIdentityToken])

    async def _close(self) -> None:
        if self._server is not None and self._server.bserver is not None:
            await self._server.stop()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _show(self, readings: Sequence[Reading]) -> None:
        ua = _ua()
        assert self._server is not None
        statuses = {
            "good": ua.StatusCodes.Good,
            "stale": ua.StatusCodes.UncertainLastUsableValue,
            "missing": ua.StatusCodes.BadDataUnavailable,
        }
        for reading in readings:
            key = (reading.info.source, reading.info.name)
            known = self._variables.get(key) or await self._variable(reading.info, reading.value)
            if known is None:
                self.dropped += 1
                continue
            if reading.state == "good":
                self._last[key] = reading.value
            value = _variant(self._last.get(key), known[1])
            told = ua.DataValue(
                value,
                ua.StatusCode(ua.UInt32(statuses[reading.state])),
                SourceTimestamp=_moment(reading.time),
                ServerTimestamp=datetime.now(UTC),
            )
            await self._server.write_attribute_value(known[0].nodeid, told)

    # --- variables

    async def _variable(self, info: SignalInfo, value: Value) -> tuple[Node, int] | None:
        ua = _ua()
        if len(self._variables) >= _MOST_VARIABLES:
            return None
        kind = _kind_of(info, value)
        folder = await self._folder(info.source)
        id = ua.NodeId(info.qualified, self._index)
        variable = await folder.add_variable(
            id, ua.QualifiedName(info.name, self._index), _variant(None, kind)
        )
        await self._describe(variable, info)
        waiting = ua.StatusCode(ua.UInt32(ua.StatusCodes.BadWaitingForInitialData))
        await variable.write_value(ua.DataValue(_variant(None, kind), waiting))
        made = self._variables[info.source, info.name] = (variable, kind)
        return made

    async def _describe(self, variable: Node, info: SignalInfo) -> None:
        """Unit and range, as AnalogItemType has them."""
        ua = _ua()
        if info.unit:
            text = ua.LocalizedText(info.unit)
            unit = ua.EUInformation(UNITS_URI, unit_id(info.unit), text, text)
            await variable.add_property(0, "EngineeringUnits", unit)
        if info.minimum is not None and info.maximum is not None:
            limits = ua.Range(Low=float(info.minimum), High=float(info.maximum))
            await variable.add_property(0, "EURange", limits)

    async def _folder(self, source: str) -> Node:
        """The folder of a source, in those of the levels above it."""
        assert self._server is not None
        if not source:
            return self._server.nodes.objects
        if source not in self._folders:
            ua = _ua()
            above, _, name = source.rpartition("/")
            parent = await self._folder(above)
            id = ua.NodeId(f"{source}/", self._index)
            made = await parent.add_folder(id, ua.QualifiedName(name, self._index))
            self._folders[source] = made
        return self._folders[source]


class _Users:
    """Lets in who knows a password."""

    def __init__(self, access: Access) -> None:
        self._users = dict(access.users)

    def get_user(
        self, _server: Any, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """The user, or nobody."""
        from hmac import compare_digest

        from asyncua.crypto import permission_rules as rules

        wanted = self._users.get(username or "")
        given = (password or "").encode()
        if wanted is None or not compare_digest(wanted.encode(), given):
            return None
        return rules.User(role=rules.UserRole.User, name=username)


def _ua() -> Any:
    """OPC UA's types."""
    from asyncua import ua

    return ua


def _format(file: Path) -> str:
    """How a certificate or key is written."""
    return "PEM" if file.read_bytes().startswith(b"-----BEGIN") else "DER"


def _kind_of(info: SignalInfo, value: Value) -> int:
    ua = _ua()
    if isinstance(value, bool) or info.type == "boolean":
        kind = ua.VariantType.Boolean
    elif isinstance(value, str) or info.type == "text":
        kind = ua.VariantType.String
    else:
        kind = ua.VariantType.Double
    return int(kind.value)


def _variant(value: Value, kind: int) -> Any:
    """A value of the variable's type; zero or empty where there is none of that type."""
    ua = _ua()
    type = ua.VariantType(kind)
    if type is ua.VariantType.Boolean:
        return ua.Variant(bool(value), type)
    if type is ua.VariantType.String:
        return ua.Variant("" if value is None else str(value), type)
    number = value if isinstance(value, int | float) else 0.0
    return ua.Variant(float(number), type)


def _moment(time: float) -> datetime:
    try:
        return datetime.fromtimestamp(time, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)
