"""Topic templates and filters."""

from __future__ import annotations

import pytest

from flowrt.node import NodeFault
from nodes.mqtt.topic import TopicTemplate, filter_problem, template_problems


def test_fields_are_filled_in() -> None:
    topic = TopicTemplate("site1/{flow}/{source}/{signal}", flow="rack")
    assert topic.fill(source="rack2/State", signal="SOC") == "site1/rack/rack2/State/SOC"


@pytest.mark.parametrize("bad", ["a+b", "a#b", "a\0b", "a\nb", "a\ud800b"])
def test_characters_no_topic_may_hold_are_replaced(bad: str) -> None:
    assert TopicTemplate("x/{source}").fill(source=bad) == "x/a_b"


def test_doubled_braces_stand_for_themselves() -> None:
    assert TopicTemplate("a/{{b}}").fill() == "a/{b}"


@pytest.mark.parametrize("source", ["", "x" * 70_000])
def test_a_topic_that_mqtt_cannot_carry_is_refused(source: str) -> None:
    with pytest.raises(NodeFault, match=f"is {len(source)} bytes long; MQTT takes 1 to 65535"):
        TopicTemplate("{source}").fill(source=source)


def test_unknown_fields_are_problems() -> None:
    assert list(template_problems("a/{sorce}/{source!r}", ("source", "name"))) == [
        "there is no field {sorce}. Known: {source}, {name}.",
        "there is no field {source!r}. Known: {source}, {name}.",
    ]


def test_wildcards_are_problems() -> None:
    assert list(template_problems("a/+/{source}/#", ("source",))) == [
        "a topic to publish to cannot hold '+'.",
        "a topic to publish to cannot hold '#'.",
    ]


def test_a_lone_brace_is_a_problem() -> None:
    (sentence,) = template_problems("a/{source", ("source",))
    assert sentence.startswith('"a/{source" cannot be read: ')


@pytest.mark.parametrize("good", ["a", "a/+/b", "#", "a/#", "+/+", "/a", "$SYS/#"])
def test_good_filters_have_no_problem(good: str) -> None:
    assert filter_problem(good) is None


@pytest.mark.parametrize("bad", ["", "a/#/b", "a#", "a/b+", "+a/b", "a\0", "x" * 65_536])
def test_bad_filters_are_problems(bad: str) -> None:
    assert filter_problem(bad) is not None
