"""The figures of docs/scaling.md are those of its last printed run."""

from __future__ import annotations

import json
import re

from tests.bench.sites_page import FIGURES, PAGE, figures_on, render


def test_the_figures_are_what_was_measured() -> None:
    printed = render(json.loads(FIGURES.read_text()))
    assert figures_on(PAGE.read_text()) == printed, "stale: python -m tests.bench.sites --print"
    plots = re.findall(r"scaling/(.*?\.svg)", printed)
    assert sorted(plots) == sorted(file.name for file in FIGURES.parent.glob("*.svg"))


def test_tables_are_whole() -> None:
    printed = render(json.loads(FIGURES.read_text()))
    tables = re.findall(r"(?:^\|.*\n)+", printed, re.MULTILINE)
    assert len(tables) == 4
    assert all(len({row.count("|") for row in table.splitlines()}) == 1 for table in tables)
