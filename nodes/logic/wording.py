"""Texts with fields, `{signal} is {value} {unit}`, filled in without reaching into anything.

`str.format` would follow `{value.__class__}`; here a field is a word of a fixed list or a problem.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from string import Formatter
from typing import Any

from nodes.logic.quantity import number

__all__ = ["fill", "wording_problem"]


def wording_problem(template: str, fields: Collection[str]) -> str | None:
    """What is wrong with a template, with its remedy; None where all is well."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        return f'"{template}" cannot be read: {error}. Write a brace that is meant as "{{{{".'
    for _, field, spec, conversion in parts:
        if field is None:
            continue
        if field not in fields:
            return f'"{{{field}}}" is not a field. Known: {", ".join(sorted(fields))}.'
        if conversion or "{" in (spec or ""):
            return f'"{{{field}}}" may only have a plain format, such as "{{{field}:.1f}}".'
    return None


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The template with its fields filled in; raises ValueError where a format does not fit."""
    filled = []
    for literal, field, spec, _ in Formatter().parse(template):
        filled.append(literal)
        if field is not None:
            value = values[field]
            filled.append(format(value, spec) if spec else number(value))
    return "".join(filled)
