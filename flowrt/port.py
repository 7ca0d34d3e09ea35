"""Where messages enter and leave a node, and which kinds a port takes."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

import msgspec

from flowrt.message import Event, Frame, Message, Signals

__all__ = [
    "ANY",
    "Carries",
    "Input",
    "Kinds",
    "Output",
    "Port",
    "Sent",
    "kinds_in",
    "kinds_of",
    "words",
]

Carries: TypeAlias = Literal["frame", "signals", "event", "any"]
Kinds: TypeAlias = frozenset[str]

_CLASS_KINDS: Final[dict[Any, str]] = {Frame: "frame", Signals: "signals", Event: "event"}
KIND_CLASSES: Final = {kind: cls for cls, kind in _CLASS_KINDS.items()}
ANY: Final[Kinds] = frozenset(KIND_CLASSES)


class Port:
    """A named port; its name is that of the class attribute that holds it."""

    def __init__(self, help: str, *, carries: Carries | tuple[Carries, ...] = "any") -> None:
        self.help = help
        self.kinds = kinds_of(carries)
        self.name = ""
        self.index = 0
        self.implied = False

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __call__(self, message: Message) -> Sent:
        """Address a message to this port."""
        return Sent(self, message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {words(self.kinds)})"


class Output(Port):
    """A named output; `return self.alarm(event)` sends a message out of it."""


class Input(Port):
    """A further input beside the first; input `acknowledge` calls the method `on_acknowledge`."""


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A message addressed to one port."""

    port: Port
    message: Message


def kinds_of(carries: Carries | tuple[Carries, ...]) -> Kinds:
    """The set of message kinds that a port's `carries` means."""
    names = (carries,) if isinstance(carries, str) else carries
    return ANY if "any" in names else frozenset(names)


def kinds_in(annotation: Any) -> Kinds:
    """The message kinds an annotation mentions: `list[Signals] | None` means signals."""
    if annotation in _CLASS_KINDS:
        return frozenset({_CLASS_KINDS[annotation]})
    arguments = typing.get_args(annotation)
    found = [kinds_in(argument) for argument in arguments if not isinstance(argument, str)]
    return frozenset().union(*found)


def words(kinds: Kinds) -> str:
    """Kinds as a flow's reader knows them: `signals`, `signals|event`, `any`."""
    return "any" if kinds == ANY else "|".join(kind for kind in KIND_CLASSES if kind in kinds)


def hints_of(function: Callable[..., Any]) -> dict[str, Any]:
    """A method's annotations, also where they are written as text."""
    if isinstance(function, types.FunctionType):
        return typing.get_type_hints(function)
    return {}
