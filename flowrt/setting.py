"""How a node declares its settings and its state, and the types a setting may have.

A setting is an annotated field of a node class; its annotation, its help and its limits are
written there and nowhere else. JSON Schema, form, help page and checks come out of them.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar, overload

__all__ = [
    "DURATION",
    "HEX",
    "Duration",
    "Hex",
    "Marker",
    "Secret",
    "help_of",
    "keywords_of",
    "parse_duration",
    "parse_hex",
    "setting",
    "setting_fields",
    "state",
    "state_fields",
]

T = TypeVar("T")
_REQUIRED: Final[Any] = dataclasses.MISSING
_SECONDS: Final = {
    "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0,
}  # fmt: skip
_DURATION_TEXT: Final = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*(us|ms|s|min|h|d)\s*$")
_HEX_TEXT: Final = re.compile(r"^0[xX][0-9a-fA-F]+$")


@dataclasses.dataclass(frozen=True, eq=False)
class Marker:
    """A setting type with a JSON form of its own: its schema and how its text is read."""

    schema: dict[str, Any]
    parse: Callable[[Any], Any]


def parse_duration(value: float | str) -> float:
    """Seconds from a number of seconds or a text such as "500 ms"; raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    match = _DURATION_TEXT.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'"{value}" is no duration; write it like "500 ms", "10 s" or "5 min"')
    return float(match[1]) * _SECONDS[match[2]]


def parse_hex(value: int | str) -> int:
    """An integer from itself or from text such as "0x355"; raises ValueError."""
    return value if isinstance(value, int) else int(value, 16)


DURATION: Final = Marker(
    {
        "type": ["string", "number"],
        "pattern": _DURATION_TEXT.pattern,
        "minimum": 0,
        "x-type": "duration",
        "x-expects": 'a duration such as "500 ms", "10 s" or "5 min", or a number of seconds',
    },
    parse_duration,
)
HEX: Final = Marker(
    {
        "type": ["integer", "string"],
        "pattern": _HEX_TEXT.pattern,
        "minimum": 0,
        "x-type": "hex",
        "x-expects": 'a whole number, or hexadecimal text such as "0x355"',
    },
    parse_hex,
)

Duration: TypeAlias = Annotated[float, DURATION]
"""A setting in seconds, written in a flow as "500 ms", "10 s", "5 min", "1 h" or a number."""

Hex: TypeAlias = Annotated[int, HEX]
"""An integer setting that may be written as "0x355", such as an arbitration id."""


class Secret:
    """A value that is never printed; in a flow it is a name: {"secret": "cloud-password"}."""

    __slots__ = ("_value", "name")

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self.name!r})"


def setting(help: str, *, default: Any = _REQUIRED, **keywords: Any) -> Any:
    """Declare a setting of a node.

    Args:
        help: one sentence, shown in the form and the docs.
        default: the value when the flow leaves it out; without one the setting is required.
            A list, dict or table default is given as a callable such as `list`.
        keywords: JSON Schema's (`minimum`, `maxLength`, `minItems` ...), and flowrt's own:
            `unit`, `unit_of` (name of the signal setting whose unit it has), `signal` (picked
            from the catalogue), `file` (accepted suffixes), `multiline`, `advanced`, `title`.
    """
    metadata = {"help": help, "keywords": keywords}
    if callable(default) and not isinstance(default, os.PathLike):
        return dataclasses.field(default_factory=default, metadata=metadata, kw_only=True)
    return dataclasses.field(default=default, metadata=metadata, kw_only=True)


@overload
def state(initial: T, *, init: Literal[False] = False) -> T: ...
@overload
def state(*, factory: Callable[[], T], init: Literal[False] = False) -> T: ...
def state(initial: Any = None, *, factory: Any = None, init: Literal[False] = False) -> Any:
    """Declare state of a node: kept in checkpoints, so JSON-able values only."""
    metadata = {"state": True}
    if factory is not None:
        return dataclasses.field(default_factory=factory, init=init, metadata=metadata)
    return dataclasses.field(default=initial, init=init, metadata=metadata)


def setting_fields(cls: type) -> list[dataclasses.Field[Any]]:
    """The settings of a node class or table, in the order they are written."""
    return [field for field in dataclasses.fields(cls) if "help" in field.metadata]


def state_fields(cls: type) -> list[dataclasses.Field[Any]]:
    """The declared state of a node class."""
    return [field for field in dataclasses.fields(cls) if "state" in field.metadata]


def help_of(field: dataclasses.Field[Any]) -> str:
    """The setting's help sentence."""
    text: str = field.metadata["help"]
    return text


def keywords_of(field: dataclasses.Field[Any]) -> dict[str, Any]:
    """The setting's keywords as given to `setting`."""
    keywords: dict[str, Any] = field.metadata["keywords"]
    return keywords
