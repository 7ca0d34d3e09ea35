"""The universal checks: every node type passes them the day its file exists."""

from __future__ import annotations

import asyncio
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flowrt import registry
from flowrt.example import Stand, drive, example_node
from flowrt.flow.check import prepare
from flowrt.flow.convert import expand
from flowrt.flow.file import parse_flow
from flowrt.flow.summary import summaries
from flowrt.message import Event, Frame, Signals
from flowrt.node import Example, Node, Resource, Sent, Sink, Source, Transform
from flowrt.schema import findings, settings_schema
from flowrt.setting import help_of, setting_fields

TYPES = registry.known_types()
EXAMPLES = [
    pytest.param(cls, example, id=f"{cls.type}: {example.title}")
    for cls in map(registry.load, TYPES)
    for example in cls.examples
]
RUNNABLE = [
    param
    for param in EXAMPLES
    if issubclass(param.values[0], Transform)  # type: ignore[arg-type]
]
BAD_MESSAGES = (
    Signals(0.0, "", {}),
    Signals(float("nan"), "x", {"SOC": float("nan"), "Cell1": None, "State": "text"}),
    Event(0.0, "", ""),
    Frame(0.0, "", 0, b""),
    Frame(0.0, "can9", 0x1FFFFFFF, b"\xff" * 64, extended=True, fd=True),
    Frame(0.0, "can0", 0x7FF, b"", error=True),
    Frame(0.0, "can0", 0x7FF, b"", remote=True),
)


@pytest.mark.parametrize("name", TYPES)
def test_type_is_named_like_its_file(name: str) -> None:
    assert registry.load(name).type == name


@pytest.mark.parametrize("name", TYPES)
def test_class_and_settings_have_help(name: str) -> None:
    cls = registry.load(name)
    assert inspect.getdoc(cls)
    assert all(help_of(field).endswith((".", "?")) for field in setting_fields(cls))


@pytest.mark.parametrize("name", TYPES)
def test_schema_is_valid(name: str) -> None:
    schema = settings_schema(registry.load(name))
    Draft202012Validator.check_schema(schema)
    json.dumps(schema)


@pytest.mark.parametrize("name", TYPES)
def test_has_an_example(name: str) -> None:
    assert registry.load(name).examples


@pytest.mark.parametrize("name", TYPES)
def test_sources_declare_outputs(name: str) -> None:
    cls = registry.load(name)
    assert bool(cls.outputs) == (not issubclass(cls, Sink | Resource))


@pytest.mark.parametrize(("cls", "example"), EXAMPLES)
def test_example_settings_are_valid(cls: type[Node], example: Example) -> None:
    schema = settings_schema(cls)
    settings = expand(dict(example.settings), schema, {})
    assert findings(schema, settings, cls.type) == []


@pytest.mark.parametrize(("cls", "example"), RUNNABLE)
def test_example_is_true(cls: type[Node], example: Example) -> None:
    stand = drive(example_node(cls, example), example.given, example.until)
    assert stand.faults == []
    first = cls.outputs[0].name
    expected = [
        (item.port.name, item.message) if isinstance(item, Sent) else (first, item)
        for item in example.expect
    ]
    assert stand.out == expected


@pytest.mark.parametrize(("cls", "example"), RUNNABLE)
def test_starts_and_stops_twice(cls: type[Node], example: Example) -> None:
    async def twice() -> None:
        stand = Stand(example_node(cls, example))
        for _ in range(2):
            await stand.step.node.start()
            await stand.step.node.stop()

    asyncio.run(twice())


@pytest.mark.parametrize(("cls", "example"), RUNNABLE)
def test_bad_messages_stop_nothing(cls: type[Node], example: Example) -> None:
    taken = {kind for port in cls.inputs[:1] for kind in port.kinds}
    bad = [message for message in BAD_MESSAGES if type(message).__name__.lower() in taken]
    stand = Stand(example_node(cls, example))
    stand.give(*bad)
    assert stand.step.counters.received == len(bad)


@pytest.mark.parametrize(("cls", "example"), RUNNABLE)
def test_restored_state_gives_the_same_output(cls: type[Node], example: Example) -> None:
    given: list[Any] = list(example.given)
    for cut in range(len(given)):
        whole = drive(example_node(cls, example), given).out
        before = drive(example_node(cls, example), given[:cut])
        saved = json.loads(json.dumps(before.step.node.snapshot()))
        resumed = Stand(example_node(cls, example), before.clock.now())
        resumed.step.node.restore(saved)
        resumed.give(*given[cut:])
        assert before.out + resumed.out == whole, f"cut after {cut} messages"


@pytest.mark.parametrize(("cls", "example"), EXAMPLES)
def test_card_says_something(cls: type[Node], example: Example) -> None:
    item = {"type": cls.type, **example.settings}
    document = {"flowrt": 1, "name": "card", "nodes": {"one": item}}
    draft = parse_flow(json.dumps(document).encode(), Path("card.json"))
    phrase = summaries(draft, prepare(draft))["one"]
    assert phrase or not settings_schema(cls)["properties"]
    assert len(phrase) <= 48


def test_every_source_and_sink_is_marked() -> None:
    classes = [registry.load(name) for name in TYPES]
    assert all(issubclass(cls, Source | Transform | Sink | Resource) for cls in classes)
