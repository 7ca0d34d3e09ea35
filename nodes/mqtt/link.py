"""One paho client, driven by the running event loop.

paho offers a thread of its own (`loop_start`) or hooks for a foreign loop. flowrt uses the hooks:
its socket is watched with `add_reader` and `add_writer`, so that publishing and receiving run on
the loop's thread, without a lock, a hand-over between threads (two context switches a message) or
a second contender for the interpreter. Both methods exist on uvloop as on asyncio's own loop.
Only `reconnect` runs in a thread, for it blocks: name look-up, TCP, TLS handshake. Until it is back
nobody else touches the client, so nothing may be published but while `up` is set.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Final, Protocol

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from flowrt.node import NodeFault
from nodes.mqtt import wording

__all__ = ["Link", "Listener"]

_READS_A_TURN: Final = 64
"""Packets taken from the socket before other tasks get a turn."""


class Listener(Protocol):
    """Who is told what happens on a link; called on the loop's thread, must not wait."""

    def link_up(self, properties: Properties | None) -> None:
        """The broker has accepted; paho sends unacknowledged messages again right after this."""

    def received(self, message: MQTTMessage) -> None:
        """A message came."""

    def subscribed(self, mid: int, reasons: list[ReasonCode]) -> None:
        """The broker has answered a subscription."""


class Link:
    """A connection that can be made again and again, with one client and its unsent messages."""

    def __init__(self, client: Client, listener: Listener) -> None:
        self.client = client
        self.up = asyncio.Event()
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._opened: Any = None
        """The socket as the connecting thread left it."""
        self._socket: Any = None
        """The socket that the loop watches."""
        self._answer: asyncio.Future[str] = self._loop.create_future()
        """Why the broker, or the network before it, said no; empty where it said yes."""
        self._end: asyncio.Future[str] = self._loop.create_future()
        self._flushed: list[asyncio.Future[None]] = []
        self._handled = 0
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_register_write
        client.on_socket_unregister_write = self._on_unregister_write

    # --- what its owner calls

    async def connect(self, patience: float) -> None:
        """Connect; raises NodeFault that says why not. `patience` is for the broker's answer."""
        self._answer = self._loop.create_future()
        self._end = self._loop.create_future()
        await self._open()
        self._watch()
        try:
            # Not wait_for: up to Python 3.11 it swallows a cancellation that meets the answer.
            async with asyncio.timeout(patience):
                refusal = await self._answer
        except TimeoutError:
            self.cut("no answer")
            refusal = f"no answer in {patience:g} s: the port is open, but is it an MQTT broker?"
        if refusal:
            raise NodeFault(refusal)

    async def _open(self) -> None:
        opening = self._loop.run_in_executor(None, self.client.reconnect)
        try:
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(self._abandon)
            raise
        except (OSError, ValueError) as error:
            raise NodeFault(wording.not_reached(error)) from error

    def _abandon(self, opening: asyncio.Future[Any]) -> None:
        """Stopped while a thread was still connecting, and now it has."""
        if opening.exception() is None:
            self._opened.close()

    async def ended(self, patience: float) -> str | None:
        """Wait for the connection to end; says why, or None when `patience` seconds have passed."""
        await asyncio.wait([self._end], timeout=patience)
        return self._end.result() if self._end.done() else None

    def cut(self, reason: str) -> None:
        """End the connection at once; the last will is sent by the broker."""
        if self._socket is not None:
            peer = self._socket
            self._forget_socket()
            peer.close()
        self._down(reason)

    def close(self, reason: str = "closed") -> None:
        """Say goodbye and let go; the last will is not sent."""
        if self.up.is_set():
            self.client.disconnect()
            self.client.loop_write()
        self.cut(reason)

    async def flush(self) -> None:
        """Return when everything published is written to the socket, or the connection is gone."""
        if self.up.is_set() and self.client.want_write():
            waiter = self._loop.create_future()
            self._flushed.append(waiter)
            await waiter

    def tend(self) -> None:
        """Keep the connection alive; to be called once a second."""
        if self.up.is_set():
            self._guard(self.client.loop_misc)

    # --- the socket; paho calls the hooks, while it connects in another thread

    def _on_socket_open(self, _client: Client, _data: Any, sock: Any) -> None:
        self._opened = sock

    def _watch(self) -> None:
        sock = self._socket = self._opened
        # Messages are small and wanted now; the window and batches keep packets few.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._loop.add_reader(sock.fileno(), self._read)
        self._loop.add_writer(sock.fileno(), self._write)  # CONNECT waits to be written

    def _on_socket_close(self, _client: Client, _data: Any, sock: Any) -> None:
        if sock is self._socket:
            self._forget_socket()

    def _forget_socket(self) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._loop.remove_writer(self._socket.fileno())
        self._socket = None

    def _on_register_write(self, _client: Client, _data: Any, sock: Any) -> None:
        if sock is self._socket:
            self._loop.add_writer(sock.fileno(), self._write)

    def _on_unregister_write(self, _client: Client, _data: Any, sock: Any) -> None:
        if sock is self._socket:
            self._loop.remove_writer(sock.fileno())
            self._wake_flushed()

    def _read(self) -> None:
        """Take packets while there are any; paho takes one at a call, and does not say whether."""
        for _ in range(_READS_A_TURN):
            if self._socket is None:
                return
            before = self._handled
            self._guard(self.client.loop_read)
            if self._handled == before and not self._decrypted():
                return
        if self._decrypted():  # a TLS socket does not become readable for what it holds already
            self._loop.call_soon(self._read)

    def _decrypted(self) -> int:
        pending: Callable[[], int] | None = getattr(self._socket, "pending", None)
        return pending() if pending else 0

    def _write(self) -> None:
        self._guard(self.client.loop_write)

    def _guard(self, call: Callable[[], object]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001  paho trips in many ways over what is no MQTT
            self.cut(f"it sent what is no MQTT ({type(error).__name__}: {error})")

    # --- what the broker says

    def _on_connect(
        self, _client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, props: Any
    ) -> None:
        self._handled += 1
        if self._answer.done():  # a second answer, or one that came too late
            return
        self._answer.set_result(wording.refused(reason) if reason.is_failure else "")
        if reason.is_failure:
            return
        self.up.set()
        self._listener.link_up(props)

    def _on_disconnect(
        self, _client: Client, _data: Any, flags: DisconnectFlags, reason: ReasonCode, _props: Any
    ) -> None:
        self._handled += 1
        self._down(wording.lost(reason, flags.is_disconnect_packet_from_server))

    def _down(self, reason: str) -> None:
        if not self._answer.done():
            self._answer.set_result(f"{reason} before the broker had answered")
        if not self._end.done():
            self._end.set_result(reason)
        self.up.clear()
        self._wake_flushed()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._handled += 1
        if self.up.is_set():
            self._listener.received(message)

    def _on_subscribe(
        self, _client: Client, _data: Any, mid: int, reasons: list[ReasonCode], _props: Any
    ) -> None:
        self._handled += 1
        self._listener.subscribed(mid, reasons)

    def acknowledged(self) -> None:
        """A packet was handled elsewhere: there may be more in the socket."""
        self._handled += 1

    def _wake_flushed(self) -> None:
        waiting, self._flushed = self._flushed, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)
