"""Places that name a data file."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrt.files.uses import uses_of

FILE = Path("/flows/dbc/rack.dbc")


@pytest.mark.parametrize(
    "text",
    ["dbc/rack.dbc", "./dbc/../dbc/rack.dbc", "/flows/dbc/rack.dbc", "${NONE:-dbc}/rack.dbc"],
)
def test_a_name_is_found_however_it_is_written(text: str) -> None:
    document = {"nodes": {"a": {"list": [{"file": text}]}}}
    assert uses_of(FILE, document, Path("/flows")) == ["nodes.a.list[0].file"]


@pytest.mark.parametrize("text", ["rack.dbc", "dbc", "", "${NONE}/rack.dbc", "dbc/rack.dbc.old"])
def test_other_texts_name_something_else(text: str) -> None:
    assert uses_of(FILE, {"nodes": {"a": {"file": text}}}, Path("/flows")) == []
