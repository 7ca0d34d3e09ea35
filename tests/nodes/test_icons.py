"""The icon that a node names is one that the editor draws."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowrt import registry

ICONS = Path(__file__).parents[2] / "editor/src/canvas/icons.tsx"
ENTRY = re.compile(r'^  "?([a-z0-9-]+)"?: Icon', re.MULTILINE)


@pytest.mark.parametrize("name", registry.known_types())
def test_the_editor_has_the_icon(name: str) -> None:
    icon = registry.load(name).icon
    assert icon in ("", *ENTRY.findall(ICONS.read_text(encoding="utf-8")))
