"""A small broker inside this process, for demonstrations: amqtt at 127.0.0.1."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import weakref
from typing import TYPE_CHECKING, Any, Final

from flowrt.node import NodeFault

if TYPE_CHECKING:
    from amqtt.broker import Broker  # type: ignore[import-untyped]

__all__ = ["EMBEDDED", "HOST", "MISSING", "EmbeddedBrokers", "installed"]

EMBEDDED: Final = "embedded"
"""The host name that means a broker of our own."""
HOST: Final = "127.0.0.1"
MISSING: Final = (
    'the host "embedded" needs the library "amqtt". Install it: pip install \'flowrt[demo]\', '
    "or name a broker."
)


def installed() -> bool:
    """Whether the library is there; told without importing it, which takes 0.1 s."""
    return importlib.util.find_spec("amqtt") is not None


class EmbeddedBrokers:
    """The brokers inside this runtime by port, each shared by whoever asked for it."""

    def __init__(self) -> None:
        self._running: dict[int, Broker] = {}
        self._users: dict[int, int] = {}
        self._lock = asyncio.Lock()

    async def acquire(self, port: int) -> None:
        """See to it that one listens; raises NodeFault where that cannot be."""
        async with self._lock:
            if port not in self._running:
                self._running[port] = await _started(port)
            self._users[port] = self._users.get(port, 0) + 1

    async def release(self, port: int) -> None:
        """Needed no longer by one user; the last one stops it."""
        async with self._lock:
            self._users[port] -= 1
            if not self._users[port]:
                await _stop(self._running.pop(port))


async def _stop(broker: Broker) -> None:
    """Shut down, and close the connections that amqtt's shutdown leaves open."""
    await broker.shutdown()
    for writer in broker.writers:
        writer.close()
    await asyncio.gather(
        *(writer.wait_closed() for writer in broker.writers), return_exceptions=True
    )


def _tidy_broker() -> type[Broker]:
    """Amqtt's broker, but it remembers its connections."""
    from amqtt.broker import Broker

    class TidyBroker(Broker):  # type: ignore[misc]
        """A broker whose connections can be closed."""

        def __init__(self, config: dict[str, Any]) -> None:
            super().__init__(config)
            self.writers: weakref.WeakSet[asyncio.StreamWriter] = weakref.WeakSet()

        async def stream_connected(
            self,
            reader: asyncio.StreamReader,
            writer: asyncio.StreamWriter,
            listener_name: str,
        ) -> None:
            self.writers.add(writer)
            try:
                await super().stream_connected(reader, writer, listener_name)
            finally:
                writer.close()

    return TidyBroker


async def _started(port: int) -> Broker:
    if not installed():
        raise NodeFault(MISSING)
    from amqtt.errors import BrokerError  # type: ignore[import-untyped]

    for noisy in ("amqtt", "transitions"):  # what matters comes as an error; clients come and go
        logging.getLogger(noisy).setLevel(logging.CRITICAL + 1)
    broker = _tidy_broker()(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{port}"}},
            "plugins": {
                "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
            },
        }
    )
    try:
        await broker.start()
    except BrokerError as error:
        raise NodeFault(
            f"{HOST}:{port} cannot be listened at: {_cause(error)}. Choose another port, or name "
            "the broker that listens there as the host."
        ) from error
    return broker


def _cause(error: Exception) -> str:
    cause = error.__cause__
    return cause.strerror or str(cause) if isinstance(cause, OSError) else str(error)
