"""Typed settings as JSON Schema, and jsonschema's findings as sentences, all at once.

The only module that imports jsonschema, and that only when something is validated: the import
costs 0.1 s.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import json
import types
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flowrt.setting import Marker, Secret, help_of, keywords_of, setting_fields

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

__all__ = ["Finding", "findings", "near", "quote", "settings_schema"]

_SCALARS: Final = {str: "string", int: "integer", float: "number", bool: "boolean"}
_WORDS: Final = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_FEW: Final = 12
"""How many words fit one line of a sentence."""
_AS_GOOD: Final = 0.1
"""Difference in likeness within which a second guess is worth naming."""
_OWN_KEYWORDS: Final = frozenset(
    {"unit", "unit_of", "signal", "file", "multiline", "advanced", "ports"}
)
_BOUNDS: Final = {
    "minimum": "{} or more",
    "maximum": "{} or less",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minItems": "a list of {} or more",
    "maxItems": "a list of {} at most",
    "minLength": "a text of {} or more characters",
    "maxLength": "a text of {} characters at most",
}
SECRET_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"secret": {"type": "string", "minLength": 1}},
    "required": ["secret"],
    "additionalProperties": False,
    "x-type": "secret",
    "x-expects": 'the name of a secret such as {"secret": "cloud-password"}; '
    "the value itself must not stand in a flow",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """A place inside the validated value (keys and indexes) and what is wrong there."""

    path: tuple[str | int, ...]
    sentence: str

    @property
    def place(self) -> str:
        """The path as text: `registers[3].signal`."""
        text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.path)
        return text.removeprefix(".")


def settings_schema(cls: type) -> dict[str, Any]:
    """The JSON Schema of a node class's settings, or of a table row's; do not change it."""
    return _settings_schema(cls)


@functools.cache
def _settings_schema(cls: type) -> dict[str, Any]:
    hints = typing.get_type_hints(cls, include_extras=True)
    properties: dict[str, Any] = {}
    required = []
    for field in setting_fields(cls):
        properties[field.name] = _field_schema(field, hints[field.name])
        if field.default is field.default_factory is dataclasses.MISSING:
            required.append(field.name)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _field_schema(field: dataclasses.Field[Any], hint: Any) -> dict[str, Any]:
    schema = {**type_schema(hint), "description": help_of(field)}
    for keyword, value in keywords_of(field).items():
        key = f"x-{keyword.replace('_', '-')}" if keyword in _OWN_KEYWORDS else keyword
        schema[key] = value
    default = field.default
    if field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    if default is not dataclasses.MISSING and default is not None and default not in ([], {}):
        schema["default"] = str(default) if isinstance(default, Path) else default
    return schema


def type_schema(hint: Any) -> dict[str, Any]:
    """The JSON Schema of one annotation; raises TypeError for one that no setting may have."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}
    if origin is typing.Annotated:
        marker = next(item for item in arguments[1:] if isinstance(item, Marker))
        return dict(marker.schema)
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin in (typing.Union, types.UnionType):
        return _union_schema(arguments)
    if origin in (list, tuple):
        return {"type": "array", "items": type_schema(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": type_schema(arguments[1])}
    return _class_schema(hint)


def _union_schema(members: Iterable[Any]) -> dict[str, Any]:
    """A union: absent stands for None; scalars share a `type` list, the rest `anyOf`."""
    schemas = [type_schema(member) for member in members if member is not types.NoneType]
    if len(schemas) == 1:
        return schemas[0]
    if all(set(schema) == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]}
    return {"anyOf": schemas}


def _class_schema(hint: Any) -> dict[str, Any]:
    if isinstance(hint, type):
        if issubclass(hint, Path):
            return {"type": "string", "minLength": 1, "x-type": "file"}
        if issubclass(hint, Secret):
            return dict(SECRET_SCHEMA)
        if resource_type := getattr(hint, "resource_type", None):
            return {"type": "string", "x-resource": resource_type}
        if dataclasses.is_dataclass(hint):
            return dict(settings_schema(hint))
    raise TypeError(f"{hint!r} cannot be the type of a setting; see docs/nodes-authoring.md")


def findings(schema: dict[str, Any], value: Any, owner: str) -> list[Finding]:
    """Everything in which `value` differs from `schema`; `owner` is what the settings are of."""
    from jsonschema import Draft202012Validator  # late: 0.1 s

    errors = Draft202012Validator(schema).iter_errors(value)
    found = [finding for error in errors for finding in _findings(error, owner)]
    return sorted(found, key=lambda finding: tuple(map(str, finding.path)))


def _findings(error: ValidationError, owner: str) -> Iterator[Finding]:
    path = tuple(error.absolute_path)
    schema = error.schema if isinstance(error.schema, dict) else {}
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(schema.get("properties", {}))
        for key in sorted(set(error.instance) - set(known)):
            yield Finding((*path, key), f'"{key}" is not a setting of {owner}.{near(key, known)}')
    elif error.validator == "required" and isinstance(error.instance, dict):
        name = _missing(error)
        description = schema.get("properties", {}).get(name, {}).get("description", "")
        yield Finding(path, f'{owner} needs "{name}"' + (f": {description}" if description else ""))
    else:
        yield Finding(path, _sentence(error, schema))


def _missing(error: ValidationError) -> str:
    required: list[str] = error.validator_value  # type: ignore[assignment]
    return next(name for name in required if repr(name) in error.message)


def _sentence(error: ValidationError, schema: dict[str, Any]) -> str:
    if schema.get("x-type") == "secret":  # the value may be the secret itself
        return f"must be {schema['x-expects']}."
    got, limit = quote(error.instance), error.validator_value
    hint = ""
    if "x-expects" in schema:
        expected = schema["x-expects"]
    elif (bound := _BOUNDS.get(str(error.validator))) is not None:
        expected = bound.format(f"{limit} {schema.get('x-unit', '')}".rstrip())
    elif error.validator == "type":
        names = limit if isinstance(limit, list) else [limit]
        expected = " or ".join(_WORDS[str(name)] for name in names)
    elif error.validator == "enum" and isinstance(limit, list):
        expected, hint = (
            f"one of {', '.join(map(quote, limit))}",
            near(error.instance, limit, list_all=False),
        )
    elif error.validator in ("anyOf", "oneOf"):
        expected = " or ".join(_WORDS.get(str(s.get("type")), "a table") for s in _options(limit))
    else:
        return f"{error.message}."
    return f"must be {expected}, not {got}.{hint}"


def _options(limit: Any) -> list[dict[str, Any]]:
    return [option for option in limit if isinstance(option, dict)]


def quote(value: Any) -> str:
    """A value as JSON text, cut short where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def near(word: Any, known: Iterable[Any], *, list_all: bool = True) -> str:
    """` Did you mean "high"?` where a known word is near, else where few are known, all of them."""
    choices = {str(choice).lower(): str(choice) for choice in known}
    close = difflib.get_close_matches(str(word).lower(), choices, n=3, cutoff=0.6)
    if close:
        best = _likeness(word, close[0])
        named = [quote(choices[one]) for one in close if best - _likeness(word, one) < _AS_GOOD]
        return f" Did you mean {' or '.join(named)}?"
    if list_all and 0 < len(choices) <= _FEW:
        return f" Known: {', '.join(map(quote, choices.values()))}."
    return ""


def _likeness(word: Any, other: str) -> float:
    return difflib.SequenceMatcher(None, str(word).lower(), other).ratio()
