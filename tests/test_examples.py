"""Every example is shown: a picture drawn from the flow as it is, a paragraph, a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowrt.flow.file import flow_files, read_flow
from flowrt.registry import known_types, shipped_flows
from flowrt.testing.cases import file_of_tests
from tests.pictures.stamp import fingerprint, picture_of, stamped

ROOT = Path(__file__).parents[1]
README = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
EXAMPLES = flow_files(ROOT / "examples")
FLOWS = [*flow_files(ROOT / "flows"), *EXAMPLES]
SECTION = re.compile(
    r"^### \[([a-z0-9-]+)\]\(\1\.json\)\n\n"
    r"!\[\1\]\(\.\./docs/pictures/\1\.png\)\n\n"
    r"(.+?)(?=\n\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
PARAGRAPHS = dict(SECTION.findall(README))


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.stem)
def test_its_picture_was_drawn_from_the_flow_as_it_is(flow: Path) -> None:
    drawn = stamped(picture_of(flow))
    assert drawn == fingerprint(flow), f"run: python -m tests.pictures {flow.stem}"


@pytest.mark.parametrize("flow", EXAMPLES, ids=lambda flow: flow.stem)
def test_it_has_a_paragraph_that_says_what_to_change_and_a_test(flow: Path) -> None:
    assert "*Yours to change*: " in PARAGRAPHS.get(flow.stem, "").replace("\n", " ")
    assert file_of_tests(flow).exists()


def test_the_page_shows_no_flow_that_is_not_there() -> None:
    assert set(PARAGRAPHS) == {flow.stem for flow in EXAMPLES}


def test_every_node_is_in_a_flow_that_ships() -> None:
    flows = [*FLOWS, *shipped_flows().values()]
    items = [read_flow(flow) for flow in flows]
    used = {
        item.type for flow in items for item in (*flow.nodes.values(), *flow.resources.values())
    }
    assert set(known_types()) - used == set()


def test_pictures_are_few_and_small() -> None:
    pictures = list((ROOT / "docs" / "pictures").iterdir())
    assert {picture.stem for picture in pictures} == {flow.stem for flow in FLOWS}
    assert sum(picture.stat().st_size for picture in pictures) < 2_000_000
