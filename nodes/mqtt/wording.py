"""Why a connection failed, in words for the card of a broker."""

from __future__ import annotations

import socket
import ssl
from typing import Final

from paho.mqtt.reasoncodes import ReasonCode

__all__ = ["lost", "not_reached", "refused"]

_LOST: Final = {
    "Unspecified error": "the connection was lost",
    "Keep alive timeout": "the broker went silent",
    "Protocol error": "it sent what is no MQTT",
    "Malformed packet": "it sent what is no MQTT",
}
"""paho's reasons for an end that the broker did not announce."""


def refused(reason: ReasonCode) -> str:
    """The broker answered, and said no: `refused: bad user name or password`."""
    return f"refused: {_small(reason)}"


def lost(reason: ReasonCode, announced: bool) -> str:
    """A connection that stood has ended; `announced` where the broker said so itself."""
    if announced:
        return f"closed by the broker: {_small(reason)}"
    return _LOST.get(reason.getName(), _small(reason))


def _small(reason: ReasonCode) -> str:
    name = reason.getName()
    return name[:1].lower() + name[1:]


def not_reached(error: OSError | ValueError) -> str:
    """No connection came about at all: network, name, or TLS."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: the broker's certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: no handshake: {error.reason or error}"
    if isinstance(error, socket.gaierror | ValueError):  # ValueError: a name DNS cannot write
        return "not reached: no such host"
    if isinstance(error, TimeoutError):
        return "not reached: no answer"
    return f"not reached: {(error.strerror or str(error)).lower()}"
