"""Payloads in the shape of others."""

from __future__ import annotations

import json

from flowrt.message import Event, Signals
from nodes.mqtt.shape import Shape, shape_problems

READING = Signals(1_772_366_400.125, "rack1", {"SOC": 55.5, "Mode": None})


def test_fields_alone_become_what_they_stand_for() -> None:
    shape = Shape('{"id": "{number}", "ts": "{time_ms}", "params": "{values}", "v": [1, "{time}"]}')
    assert json.loads(shape.fill(READING, "rack1", "rack1")) == {
        "id": "1",
        "ts": 1_772_366_400_125,
        "params": {"SOC": 55.5, "Mode": None},
        "v": [1, 1_772_366_400.125],
    }
    assert json.loads(shape.fill(READING, "rack1", "rack1"))["id"] == "2"


def test_fields_in_longer_texts_and_events() -> None:
    shape = Shape('{"at": "{time_iso}", "what": "{source} {name}", "is": "{values}"}')
    event = Event(0.5, "rack1", "low", "raised", "warning", 9, "SOC is low")
    assert json.loads(shape.fill(event, "rack1", "low")) == {
        "at": "1970-01-01T00:00:00.500Z",
        "what": "rack1 low",
        "is": {
            "name": "low",
            "state": "raised",
            "severity": "warning",
            "value": 9,
            "text": "SOC is low",
        },
    }


def test_problems_of_a_shape_are_told() -> None:
    assert [sentence[:10] for sentence in shape_problems("{")] == ["is no JSON"]
    assert list(shape_problems('"x"')) == ["must be a JSON object or list."]
    assert list(shape_problems('{"a": "{vals}"}')) == [
        "there is no field {vals}. Known: {values}, {source}, {name}, {time}, {time_ms}, "
        "{time_iso}, {number}."
    ]
