"""Flow files with anything in them: problems or a stated error, and never a bug."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrt.errors import FlowFileError
from flowrt.flow.check import prepare
from flowrt.flow.file import flow_files, parse_flow
from flowrt.flow.hints import hints
from flowrt.flow.summary import summaries

ROOT = Path(__file__).parents[2]
FILES = [*flow_files(ROOT / "flows"), *flow_files(ROOT / "examples")]
FLOWS = [(file, json.loads(file.read_text())) for file in FILES]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["", "..", "/etc/passwd", "${HOME}", "${", "a.b.c", "1 s", "-5", "core/debug"]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
    st.just({"secret": "none-such"}),
    st.just({"secret": "../../etc/passwd"}),
)
PLACES = st.lists(st.integers(0, 30), min_size=1, max_size=5)


def changed(document: Any, places: list[int], value: Any) -> Any:
    """The document with a value put somewhere; `places` picks the way down."""
    document = deepcopy(document)
    inside = document
    for depth, place in enumerate(places):
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        if not keys:
            break
        key = keys[place % len(keys)]
        if depth == len(places) - 1 or not isinstance(inside[key], dict | list):
            inside[key] = value
            break
        inside = inside[key]
    return document


def look_at(data: bytes, file: Path) -> None:
    """All that the runtime asks of a flow before it runs it."""
    try:
        flow = parse_flow(data, file)
    except FlowFileError:
        return
    assert all(problem.sentence for problem in prepare(flow).problems)
    prepared = prepare(flow, needs_secrets=False)
    summaries(flow, prepared)
    hints(prepared)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(FLOWS), st.lists(st.tuples(PLACES, ODD), min_size=1, max_size=4))
def test_a_flow_with_odd_values_has_problems_or_is_sound(
    flow: tuple[Path, Any], changes: list[tuple[list[int], Any]]
) -> None:
    file, document = flow
    for places, value in changes:
        document = changed(document, places, value)
    look_at(json.dumps(document).encode("utf-8", "surrogatepass"), file)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_bytes_are_told_to_be_no_flow(data: bytes) -> None:
    look_at(data, Path("any.json"))


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(FLOWS),
    st.lists(st.tuples(st.floats(0, 0.999), st.binary(max_size=4)), min_size=1, max_size=5),
)
def test_a_damaged_file_is_told(flow: tuple[Path, Any], damage: list[tuple[float, bytes]]) -> None:
    data = bytearray(flow[0].read_bytes())
    for part, put in damage:
        at = int(part * len(data))
        data[at : at + len(put) or at + 1] = put
    look_at(bytes(data), flow[0])
