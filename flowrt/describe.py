"""Node types in words and JSON: for `flowrt nodes`, the API, the editor and the docs."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Sequence
from typing import Any, Final

from flowrt import registry
from flowrt.flow.schema import FLOW_SCHEMA
from flowrt.message import Message, to_record
from flowrt.node import Example, Node, Resource, Sent, Sink, Source
from flowrt.port import Port, words
from flowrt.schema import settings_schema

__all__ = ["all_types", "describe", "full_flow_schema", "kind_of"]

_FILLED_IN: Final = {"type": "string", "pattern": r"\$\{.+\}"}


def all_types() -> list[dict[str, Any]]:
    """Every known type; one that cannot be loaded says what to install."""
    return [
        describe(item) if isinstance(item, type) else _missing(item)
        for item in registry.available()
    ]


def describe(cls: type[Node]) -> dict[str, Any]:
    """A node type, JSON-able."""
    return {
        "type": cls.type,
        "pack": cls.type.partition("/")[0],
        "kind": kind_of(cls),
        "help": inspect.getdoc(cls) or "",
        "icon": cls.icon,
        "inputs": [_port(port, "accepts") for port in cls.inputs],
        "outputs": [_port(port, "carries") for port in cls.outputs],
        "settings": settings_schema(cls),
        "examples": [_example(cls, example) for example in cls.examples],
        "available": True,
        "install": None,
        "control": cls.control,
        "external": cls.external,
        "delays": cls.delays,
        "button": cls.has_button(),
    }


def full_flow_schema() -> dict[str, Any]:
    """The JSON Schema of a flow file, with the settings of every type that is available."""
    classes = [item for item in registry.available() if isinstance(item, type)]
    schema = copy.deepcopy(FLOW_SCHEMA)
    schema["$defs"] = {cls.type: _item_schema(cls) for cls in classes}
    for section, of_resources in (("resources", True), ("nodes", False)):
        names = [cls.type for cls in classes if issubclass(cls, Resource) == of_resources]
        item = schema["properties"][section]["additionalProperties"]
        item["allOf"] = [
            {
                "if": {"properties": {"type": {"const": name}}},
                "then": {"$ref": f"#/$defs/{name.replace('/', '~1')}"},
            }
            for name in names
        ]
    return schema


def _item_schema(cls: type[Node]) -> dict[str, Any]:
    """A type's settings as they stand in a flow, beside `type` and `enabled`."""
    settings = settings_schema(cls)
    properties = {name: _or_filled_in(schema) for name, schema in settings["properties"].items()}
    common = {"type": {"const": cls.type}, "enabled": {"type": "boolean"}}
    return {
        **settings,
        "description": inspect.getdoc(cls) or "",
        "properties": {**common, **properties},
    }


def _or_filled_in(schema: dict[str, Any]) -> dict[str, Any]:
    """A setting, or a text such as ${PORT:-502} that the environment makes one."""
    if schema.get("type") == "string":
        return schema
    return {"description": schema["description"], "anyOf": [schema, _FILLED_IN]}


def kind_of(cls: type[Node]) -> str:
    """source, transform, sink or resource."""
    roles: list[tuple[type[Node], str]] = [
        (Source, "source"),
        (Sink, "sink"),
        (Resource, "resource"),
    ]
    return next((word for role, word in roles if issubclass(cls, role)), "transform")


def _missing(item: registry.Missing) -> dict[str, Any]:
    return {
        "type": item.type,
        "pack": item.type.partition("/")[0],
        "available": False,
        "install": item.reason,
    }


def _port(port: Port, verb: str) -> dict[str, str]:
    return {"name": port.name, verb: words(port.kinds), "help": port.help}


def _example(cls: type[Node], example: Example) -> dict[str, Any]:
    return {
        "title": example.title,
        "node": {"type": cls.type, **example.settings},
        "given": _messages(example.given),
        "expect": _messages(example.expect),
    }


def _messages(items: Sequence[Message | Sent]) -> list[dict[str, Any]]:
    """Each message as a record; an addressed one names its port."""
    return [
        {"port": item.port.name, **to_record(item.message)}
        if isinstance(item, Sent)
        else to_record(item)
        for item in items
    ]
