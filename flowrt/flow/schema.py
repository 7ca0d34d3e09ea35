"""The JSON Schema of a flow file: its structure, and with `full` each type's settings, too."""

from __future__ import annotations

from typing import Any, Final

from flowrt.journal import JOURNAL_SCHEMA
from flowrt.wire import POLICIES

__all__ = ["FLOW_SCHEMA"]

_ID: Final = "^[A-Za-z_][A-Za-z0-9_-]*$"
_ITEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"type": "string", "description": "Such as can/receive; see `flowrt nodes`."},
        "enabled": {"type": "boolean", "description": "false leaves it out of the running flow."},
    },
}
_ITEMS: Final[dict[str, Any]] = {
    "type": "object",
    "propertyNames": {
        "pattern": _ID,
        "x-expects": "an id of letters, digits, _ and -, that begins with a letter",
    },
    "additionalProperties": _ITEM,
}
_END: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": r"^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_]*)?$",
    "x-expects": 'a node such as "decode", or its port such as "soc_low.alarm"',
}
FLOW_SCHEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "flowrt flow",
    "type": "object",
    "required": ["flowrt", "name", "nodes"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string"},
        "flowrt": {"const": 1, "description": "The version of the format.", "x-expects": "1"},
        "name": {
            "type": "string",
            "pattern": "^[a-z0-9][a-z0-9_-]*$",
            "x-expects": "a name of lower-case letters, digits, - and _",
        },
        "description": {"type": "string"},
        "parameters": {
            "type": "object",
            "description": "For a flow that others use as flow/NAME: its settings.",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"description": {"type": "string"}, "default": {}},
            },
        },
        "resources": _ITEMS,
        "nodes": _ITEMS,
        "wires": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["from", "to"],
                "additionalProperties": False,
                "properties": {
                    "from": _END,
                    "to": _END,
                    "overflow": {"enum": list(POLICIES)},
                    "capacity": {"type": "integer", "minimum": 1, "maximum": 10_000_000},
                    "journal": JOURNAL_SCHEMA,
                },
            },
        },
    },
}
