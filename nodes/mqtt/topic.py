"""Topics: templates that messages fill in, and filters that subscribers use."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from flowrt.node import NodeFault

__all__ = ["TopicTemplate", "filter_problem", "template_problems"]

_LONGEST: Final = 65_535
"""Bytes in a topic: MQTT writes its length in 16 bits."""
_UNFIT: Final = re.compile(r"[+#\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""What no topic may hold (wildcards, NUL, half surrogates) or should not (control characters)."""


class TopicTemplate:
    """`site1/{source}`: a topic with fields; `fixed` ones are known before any message."""

    def __init__(self, text: str, **fixed: str) -> None:
        self.text = text
        self._fixed = fixed
        parts = list(string.Formatter().parse(text))
        self.fields = frozenset(name for _, name, _, _ in parts if name is not None)
        self._parts = [(literal, name or "") for literal, name, _, _ in parts]
        self._fill = lru_cache(maxsize=4096)(self._filled)

    def fill(self, **values: str) -> str:
        """The topic; a character that is illegal in topics becomes `_`. Raises NodeFault."""
        return self._fill(tuple(values.items()))

    def _filled(self, values: tuple[tuple[str, str], ...]) -> str:
        given = {**self._fixed, **dict(values)}
        known = {"": "", **{name: _UNFIT.sub("_", value) for name, value in given.items()}}
        topic = "".join(literal + known[name] for literal, name in self._parts)
        if not 0 < len(topic.encode()) <= _LONGEST:
            raise NodeFault(
                f'the topic "{self.text}" filled in is {len(topic.encode())} bytes long; '
                f"MQTT takes 1 to {_LONGEST}. Change the topic."
            )
        return topic


def template_problems(text: str, known: Sequence[str]) -> Iterator[str]:
    """What is wrong with a template, in sentences; `known` are the fields it may have."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        yield f'"{text}" cannot be read: {error}. Write fields like {{{known[0]}}}.'
        return
    if not text:
        yield "a topic may not be empty."
    for literal, name, spec, conversion in parts:
        if wrong := sorted(set(_UNFIT.findall(literal))):
            yield f"a topic to publish to cannot hold {', '.join(map(repr, wrong))}."
        if name is not None and (name not in known or spec or conversion):
            written = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            yield f"there is no field {{{written}}}. Known: {', '.join(map(_braced, known))}."


def _braced(name: str) -> str:
    return f"{{{name}}}"


def filter_problem(text: str) -> str | None:
    """What is wrong with a topic filter such as `site1/+/SOC`, in a sentence."""
    levels = text.split("/")
    if not text or "\0" in text or len(text.encode()) > _LONGEST:
        return f"a topic must have 1 to {_LONGEST} bytes, and no NUL."
    if any("#" in level for level in levels[:-1]) or ("#" in levels[-1] and levels[-1] != "#"):
        return f'"{text}": # must be the last level, by itself, as in site1/#.'
    if any("+" in level and level != "+" for level in levels):
        return f'"{text}": + must be a level by itself, as in site1/+/SOC.'
    return None
