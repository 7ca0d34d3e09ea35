"""What is promised of messages, from the queues on their way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowrt.flow.check import prepare
from flowrt.flow.file import parse_flow
from flowrt.flow.promise import promises
from tests.support.command import flowrt

RESOURCES = {"cloud": {"type": "mqtt/broker", "host": "127.0.0.1"}}


def flow(qos: int = 1, between: dict[str, Any] | None = None, **wire: Any) -> dict[str, Any]:
    """A reading that goes through a node to a broker, over a wire as given."""
    return {
        "flowrt": 1,
        "name": "rack",
        "resources": RESOURCES,
        "nodes": {
            "tick": {"type": "core/inject", "values": {"SOC": 50}},
            "less": between or {"type": "logic/deadband", "signal": "SOC", "width": 1},
            "publish": {"type": "mqtt/publish", "broker": "cloud", "qos": qos},
            "show": {"type": "core/debug", "to": "none"},
        },
        "wires": [
            {"from": "tick", "to": "less"},
            {"from": "less", "to": "publish", **wire},
            {"from": "less", "to": "show"},
        ],
    }


def told(document: dict[str, Any]) -> dict[str, str]:
    prepared = prepare(parse_flow(json.dumps(document).encode(), Path("rack.json")))
    assert prepared.problems == []
    return {promise.way: str(promise) for promise in promises(prepared.graph)}


ON_DISK = "kept on disk up to 64 MB, then the oldest are dropped, counted"


@pytest.mark.parametrize(
    ("wire", "promise"),
    [
        (
            {},
            "at most once: messages beyond 10,000 are dropped, oldest first, counted; "
            "what waits is lost at a power cut.",
        ),
        (
            {"overflow": "block", "capacity": 50},
            "at most once: a full queue of 50 makes the source wait; "
            "what waits is lost at a power cut.",
        ),
        (
            {"overflow": "spill"},
            f"at least once: {ON_DISK}; each is kept until the broker (QoS 1) has taken it, "
            "and may come twice after a restart.",
        ),
        (
            {"overflow": "spill", "journal": {"max_age": "2 d", "full": "refuse"}},
            "at least once: kept on disk up to 64 MB, then what comes is refused, counted; "
            "dropped when older than 2 d, counted; each is kept until the broker (QoS 1) has "
            "taken it, and may come twice after a restart.",
        ),
        (
            {"overflow": "spill", "qos": 0},
            f"at most once: {ON_DISK}; what is on its way from publish, which gets no answer is "
            "lost at a power cut.",
        ),
        (
            {"overflow": "spill", "journal": {"commit": "overflow"}},
            f"at most once: {ON_DISK}; up to 10,000 messages in memory is lost at a power cut.",
        ),
        (
            {"overflow": "spill", "between": {"type": "core/delay", "by": "1 s"}},
            f"at most once: {ON_DISK}; what less holds back is lost at a power cut.",
        ),
    ],
)
def test_a_way_is_promised_what_its_weakest_part_keeps(wire: dict[str, Any], promise: str) -> None:
    assert told(flow(**wire)) == {"tick → publish": promise}


def test_check_tells_promises_and_counts_none_as_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "rack.json"
    file.write_text(json.dumps(flow(overflow="spill")))
    plain = flowrt("check", file)
    assert (plain.returncode, plain.stdout) == (0, "")
    assert f"delivery: {file}: tick → publish: at least once: " in plain.stderr
    assert json.loads(flowrt("check", file, "--json").stdout) == []
    both = json.loads(flowrt("check", file, "--json", "--delivery").stdout)
    assert [row["way"] for row in both["delivery"]] == ["tick → publish"]


@pytest.mark.parametrize(
    ("wire", "place", "sentence"),
    [
        (
            {"overflow": "block", "journal": {}},
            "wires[1].journal",
            'only a wire with "overflow": "spill" has one. Add that, or remove this.',
        ),
        (
            {"overflow": "spill", "journal": {"drain": "live-first", "commit": "overflow"}},
            "wires[1].journal.commit",
            '"overflow" leaves on disk what is newest, so "live-first" cannot be. '
            'Choose "before" or "behind".',
        ),
    ],
)
def test_a_journal_that_cannot_be_is_told(wire: dict[str, Any], place: str, sentence: str) -> None:
    prepared = prepare(parse_flow(json.dumps(flow(**wire)).encode(), Path("rack.json")))
    assert [(one.place, one.sentence) for one in prepared.problems] == [(place, sentence)]


def test_wrong_values_of_a_journal_are_told_at_once() -> None:
    journal = {"limit_mb": 0, "max_age": "soon", "drain": "newest", "size": 1}
    document = flow(overflow="spill", journal=journal)
    flow_read = parse_flow(json.dumps(document).encode(), Path("rack.json"))
    assert len(flow_read.problems) == 4
