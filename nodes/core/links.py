"""The meeting place of link-out and link-in: one object in a runtime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from flowrt.node import Message

__all__ = ["Links", "Listener"]

Listener: TypeAlias = Callable[[Sequence[Message]], None]
"""Takes a batch; must not wait, nor change it."""


class Links:
    """Who listens to which link, by name."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {}

    def join(self, name: str, listener: Listener) -> None:
        """Begin to listen."""
        self._listeners.setdefault(name, []).append(listener)

    def leave(self, name: str, listener: Listener) -> None:
        """Listen no longer."""
        self._listeners[name].remove(listener)
        if not self._listeners[name]:
            del self._listeners[name]

    def send(self, name: str, messages: Sequence[Message]) -> int:
        """Hand a batch to everyone who listens; says how many they are."""
        listeners = self._listeners.get(name, ())
        for listener in listeners:
            listener(messages)
        return len(listeners)
