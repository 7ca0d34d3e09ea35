"""What each node of a draft does as it is set, in a few words: the line on its card."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from flowrt.flow.build import Prepared
from flowrt.flow.file import Flow, Item
from flowrt.node import Node
from flowrt.schema import settings_schema

__all__ = ["summaries"]

_log = logging.getLogger(__name__)
_LONGEST: Final = 48
"""Characters that fit a card."""


def summaries(draft: Flow, prepared: Prepared) -> dict[str, str]:
    """Node id -> a phrase, empty where nothing is worth saying; whatever is wrong with the draft.

    A node says its own; one that does not, or that cannot be made, is told by its settings.
    """
    return {id: _shortened(_phrase(item, prepared)) for id, item in draft.nodes.items()}


def _phrase(item: Item, prepared: Prepared) -> str:
    node = prepared.nodes.get(item.id)
    own = _own(node) if node else ""
    return own or _by_settings(item.settings, prepared.classes.get(item.id))


def _own(node: Node) -> str:
    try:
        return node.summary()
    except Exception as error:  # noqa: BLE001  `problems` says what is wrong; a card cannot
        _log.debug("%s: no summary: %s", node.id, error)
        return ""


def _by_settings(settings: Mapping[str, Any], cls: type[Node] | None) -> str:
    """The first two required settings as written; where none is, the first two with their names."""
    required = settings_schema(cls).get("required", ()) if cls else ()
    words = [word for name in required if (word := _word(settings.get(name)))]
    named = [f"{name} {word}" for name, value in settings.items() if (word := _word(value))]
    return ", ".join((words or named)[:2])


def _word(value: Any) -> str:
    """A plain value as text, a list of such joined; empty for what takes more than words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list):
        return ", ".join(word for item in value if (word := _word(item)))
    return ""


def _shortened(phrase: str) -> str:
    text = " ".join(phrase.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
