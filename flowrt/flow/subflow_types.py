"""Subflows that packs ship, described like node types, so that an editor offers them, too."""

from __future__ import annotations

from typing import Any, Final

from flowrt.flow.file import Flow, read_flow
from flowrt.registry import shipped_flows

__all__ = ["shipped_types"]

_SCALARS: Final = {str: "string", bool: "boolean", int: "number", float: "number", list: "array"}


def shipped_types() -> list[dict[str, Any]]:
    """Every subflow of a pack as `describe` gives a node type: parameters are its settings."""
    return [_described(name, read_flow(file)) for name, file in shipped_flows().items()]


def _described(name: str, flow: Flow) -> dict[str, Any]:
    return {
        "type": f"flow/{name}",
        "pack": "flow",
        "kind": "transform",
        "help": flow.description,
        "icon": "binary-tree-2",
        "inputs": _ports(flow, "core/input", "accepts"),
        "outputs": _ports(flow, "core/output", "carries"),
        "settings": _settings(flow.document["parameters"]),
        "examples": [],
        "available": True,
        "install": None,
        "control": False,
        "external": False,
        "delays": False,
    }


def _ports(flow: Flow, type: str, verb: str) -> list[dict[str, str]]:
    ports = [item.id for item in flow.nodes.values() if item.type == type]
    return [{"name": id, verb: "any", "help": ""} for id in ports]


def _settings(parameters: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _setting(one) for name, one in parameters.items()},
        "required": [name for name, one in parameters.items() if "default" not in one],
    }


def _setting(parameter: dict[str, Any]) -> dict[str, Any]:
    """A parameter as a setting; its default tells its type, without one anything goes."""
    described: dict[str, Any] = {"description": parameter.get("description", "")}
    if "default" in parameter:
        default = parameter["default"]
        described["default"] = default
        if type(default) in _SCALARS:
            described["type"] = _SCALARS[type(default)]
    return described
