"""Node types as Markdown: the pages of docs/nodes, and what `flowrt nodes TYPE` shows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Any

__all__ = ["node_section", "pages", "type_words"]

_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "table",
    "array": "list",
}
_BOUNDS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
}


def pages(types: Iterable[dict[str, Any]]) -> dict[str, str]:
    """File name -> Markdown: a page a pack, and an index."""
    found = sorted(
        (one for one in types if one["available"]), key=lambda one: (one["pack"], one["type"])
    )
    made = {
        f"{pack}.md": _page(pack, list(members))
        for pack, members in groupby(found, key=lambda one: one["pack"])
    }
    return {"README.md": _index(found), **made}


def _index(types: list[dict[str, Any]]) -> str:
    rows = [
        f"| [{one['type']}]({one['pack']}.md#{_anchor(one['type'])}) | {one['kind']} | "
        f"{_first_line(one)} |"
        for one in types
    ]
    head = [
        "# Node types",
        "",
        "Printed from the nodes by `make docs`.",
        "",
        "| type | role | what it does |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def _anchor(type: str) -> str:
    return type.replace("/", "")


def _first_line(one: dict[str, Any]) -> str:
    line: str = one["help"].split("\n")[0]
    return line


def _page(pack: str, members: list[dict[str, Any]]) -> str:
    sections = [node_section(one, level=2) for one in members]
    return "\n".join([f"# {pack}", "", "Printed from the nodes by `make docs`.", "", *sections])


def node_section(one: dict[str, Any], level: int) -> str:
    """All about one type."""
    hashes = "#" * level
    parts = [f"{hashes} {one['type']}", "", one["help"], "", *_ports(one), *_settings(one)]
    for example in one["examples"]:
        node = json.dumps(example["node"], indent=2, ensure_ascii=False)
        parts += [f"Example: {example['title']}", "", "```json", node, "```", ""]
    return "\n".join(parts)


def _ports(one: dict[str, Any]) -> list[str]:
    lines = [
        f"- {side} `{port['name']}`: {port.get('accepts') or port.get('carries')}"
        + (f". {port['help']}" if port["help"] else "")
        for side, ports in (("in", one["inputs"]), ("out", one["outputs"]))
        for port in ports
    ]
    return [*lines, ""] if lines else []


def _settings(one: dict[str, Any]) -> list[str]:
    schema = one["settings"]
    if not schema["properties"]:
        return []
    head = ["| setting | type | default | meaning |", "|---|---|---|---|"]
    return [*head, *_rows(schema, ""), ""]


def _rows(schema: dict[str, Any], prefix: str) -> list[str]:
    """A row a setting; the columns of a table follow it, indented by its name."""
    rows = []
    for name, setting in schema["properties"].items():
        required = name in schema.get("required", ())
        default = "required" if required else _default(setting)
        meaning = setting["description"].replace("|", "\\|")
        rows.append(f"| `{prefix}{name}` | {type_words(setting)} | {default} | {meaning} |")
        inner = setting.get("items", setting)
        if isinstance(inner, dict) and "properties" in inner and inner.get("x-type") != "secret":
            rows += _rows(inner, f"{prefix}{name}[].")
    return rows


def _default(setting: dict[str, Any]) -> str:
    if "default" not in setting:
        return ""
    unit = " s" if setting.get("x-type") == "duration" else ""
    return f"`{json.dumps(setting['default'], ensure_ascii=False)}`{unit}"


def type_words(setting: dict[str, Any]) -> str:
    """A setting's type, limits and unit in words."""
    if resource := setting.get("x-resource"):
        return f"{resource} resource"
    if "enum" in setting:
        return " \\| ".join(f"`{choice}`" for choice in setting["enum"])
    if special := setting.get("x-type"):
        return str(special)
    if "anyOf" in setting:
        return " or ".join(type_words(option) for option in setting["anyOf"])
    kinds = setting.get("type", "anything")
    words = " or ".join(
        _WORDS.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)
    )
    if kinds == "array":
        words = f"list of {type_words(setting.get('items', {}))}"
    limits = [text.format(setting[key]) for key, text in _BOUNDS.items() if key in setting]
    unit = f" {setting['x-unit']}" if "x-unit" in setting else ""
    return f"{words}{unit}" + (f", {', '.join(limits)}" if limits else "")
