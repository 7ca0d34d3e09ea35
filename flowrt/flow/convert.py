"""Settings as they stand in a flow -> the typed values that a node's class is made with."""

from __future__ import annotations

import dataclasses
import os
import re
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from flowrt.errors import SecretMissing
from flowrt.node import Node, Resource
from flowrt.registry import data_file
from flowrt.secret_store.find import secret_value
from flowrt.setting import Marker, Secret

__all__ = ["Converter", "Unset", "expand"]

Table = TypeVar("Table")
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


class Unset(ValueError):
    """`${NAME}` has no value and no default."""


def expand(value: Any, schema: Mapping[str, Any], environment: Mapping[str, str]) -> Any:
    """Fill in `${NAME}` and `${NAME:-default}` in every text of a setting; raises Unset.

    Text that was filled in becomes a number or a boolean where the schema wants one.
    """
    if isinstance(value, str):
        if "${" not in value:
            return value
        filled = _REFERENCE.sub(lambda match: _value_of(match, environment), value)
        return _as_scalar(filled, schema)
    if isinstance(value, list):
        return [expand(item, schema.get("items", {}), environment) for item in value]
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        other = schema.get("additionalProperties")
        rest = other if isinstance(other, dict) else {}
        return {key: expand(item, inner.get(key, rest), environment) for key, item in value.items()}
    return value


def _value_of(match: re.Match[str], environment: Mapping[str, str]) -> str:
    name, default = match[1], match[2]
    value = environment.get(name) or default
    if value is None:
        raise Unset(
            f"the environment variable {name} is not set. "
            f"Set it, or give a default: ${{{name}:-value}}"
        )
    return value


def _as_scalar(text: str, schema: Mapping[str, Any]) -> Any:
    wanted = schema.get("type", "string")
    if wanted == "string" or (isinstance(wanted, list) and "string" in wanted):
        return text
    if wanted == "boolean":
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
            text.lower(), text
        )
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


@dataclasses.dataclass(frozen=True, slots=True)
class Converter:
    """Makes node settings; `folder` is where relative paths start, `resource` looks one up."""

    folder: Path
    resource: Callable[[str], Resource]
    environment: Mapping[str, str] = dataclasses.field(default_factory=lambda: os.environ)
    needs_secrets: bool = True
    """False where nothing connects, as in a replay: a secret without value is then empty."""

    def node(self, cls: type[Node], settings: Mapping[str, Any]) -> Node:
        """A node from its checked and expanded settings."""
        return self.table(cls, settings)

    def table(self, cls: type[Table], settings: Mapping[str, Any]) -> Table:
        """A dataclass of settings from what was checked and expanded."""
        return cls(**self._fields(cls, settings))

    def _fields(self, cls: type, settings: Mapping[str, Any]) -> dict[str, Any]:
        hints = typing.get_type_hints(cls, include_extras=True)
        return {name: self._value(hints[name], value) for name, value in settings.items()}

    def _value(self, hint: Any, value: Any) -> Any:
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Annotated:
            return next(a for a in arguments[1:] if isinstance(a, Marker)).parse(value)
        if origin in (typing.Union, types.UnionType):
            members = [member for member in arguments if member is not types.NoneType]
            return self._value(self._member(members, value), value)
        if origin is list:
            return [self._value(arguments[0], item) for item in value]
        if origin is tuple:
            return tuple(self._value(arguments[0], item) for item in value)
        if origin is dict:
            return {key: self._value(arguments[1], item) for key, item in value.items()}
        if hint is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        return self._object(hint, value) if isinstance(hint, type) else value

    def _member(self, members: list[Any], value: Any) -> Any:
        """The member of a union that a value is meant for."""
        if isinstance(value, dict):
            tables = [m for m in members if dataclasses.is_dataclass(m) or m is Secret]
            return tables[0] if tables else members[0]
        if isinstance(value, list):
            return next((m for m in members if typing.get_origin(m) in (list, tuple)), members[0])
        exact = [m for m in members if m is type(value)]
        return exact[0] if exact else members[0]

    def _object(self, hint: type, value: Any) -> Any:
        if issubclass(hint, Path):
            return self.path(value)
        if issubclass(hint, Secret):
            return self._secret(value["secret"])
        if issubclass(hint, Resource):
            return self.resource(value)
        if dataclasses.is_dataclass(hint) and isinstance(value, dict):
            return hint(**self._fields(hint, value))
        return value

    def _secret(self, name: str) -> Secret:
        try:
            return Secret(name, secret_value(name, self.environment))
        except SecretMissing:
            if self.needs_secrets:
                raise
            return Secret(name, "")

    def path(self, text: str) -> Path:
        """A path relative to the flow's folder; else one that a pack ships; else the former."""
        path = self.folder / text
        if not path.exists() and not Path(text).is_absolute():
            return data_file(Path(text)) or path
        return path
