"""One message as one compact line of text, for people."""

from __future__ import annotations

from typing import Final

from flowrt.node import Event, Frame, Message, Signals, Value

__all__ = ["line"]

_LONGEST: Final = 500
"""Characters; a poll of a whole rack would fill a screen."""


def line(message: Message) -> str:
    """`1700000000.000 State SOC=55.2 SOH=99`, cut short where it is very long."""
    text = f"{message.time:.3f} {_body(message)}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _body(message: Message) -> str:
    if isinstance(message, Frame):
        return _frame(message)
    if isinstance(message, Signals):
        readings = (f"{_plain(name)}={_value(value)}" for name, value in message.values.items())
        return " ".join((_plain(message.source), *readings))
    return _event(message)


def _frame(frame: Frame) -> str:
    """As candump writes it: `can0 355#5A006400`, `##` for CAN FD, `R` for a remote frame."""
    id = f"{frame.id:08X}" if frame.extended else f"{frame.id:03X}"
    data = "R" if frame.remote else frame.data.hex().upper()
    mark = "##" if frame.fd else "#"
    return f"{_plain(frame.channel)} {id}{mark}{data}" + (" error frame" if frame.error else "")


def _event(event: Event) -> str:
    parts = [f"{_plain(event.source)} {_plain(event.name)} {event.state} ({event.severity})"]
    if event.value is not None:
        parts.append(f"value={_value(event.value)}")
    if event.text:
        parts.append(_plain(event.text))
    return " ".join(parts)


def _value(value: Value) -> str:
    if value is None:
        return "n/a"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str) else f"{value:.10g}"


def _plain(text: str) -> str:
    """Text from outside must not break the line, nor steer a terminal."""
    return text if text.isprintable() else repr(text)
