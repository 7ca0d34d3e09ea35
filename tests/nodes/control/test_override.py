"""An operator takes over for a while, within limits, and all of it is told."""

from __future__ import annotations

import json
from typing import Any

from flowrt.example import Stand
from flowrt.message import Event, Signals
from nodes.control.override import Override


def stand(**settings: Any) -> Stand:
    return Stand(Override(signal="Power", hold=10.0, source="chosen", **settings))


def command(one: Stand, time: float, value: object) -> None:
    node: Any = one.step.node
    one.give(node.command(Signals(time, "anna", {"Command": value})))  # type: ignore[dict-item]


def texts(one: Stand) -> list[str]:
    return [m.text for _, m in one.out if isinstance(m, Event)]


def values(one: Stand) -> list[Any]:
    return [m.values["Power"] for _, m in one.out if isinstance(m, Signals)]


def test_null_hands_back() -> None:
    one = stand()
    command(one, 0.5, 7)
    command(one, 0.6, None)
    one.give(Signals(0.7, "schedule", {"Power": 3.0}))
    assert values(one) == [7, 3]
    assert texts(one)[-1] == "Power by anna has ended: handed back"


def test_a_command_is_clamped_and_counted() -> None:
    one = stand(minimum=-5.0, maximum=5.0)
    command(one, 0.5, -70)
    assert values(one) == [-5]
    assert one.step.counters.drops == {"clamped to the limits": 1}


def test_a_text_commands_nothing() -> None:
    one = stand()
    command(one, 0.5, "full power")
    assert values(one) == []
    assert one.step.counters.drops == {"no number": 1}


def test_a_restart_goes_on_with_a_command_until_its_end() -> None:
    one = stand()
    command(one, 0.5, 7)
    other = stand()
    other.clock.advance(4)
    other.step.node.restore(json.loads(json.dumps(one.step.node.snapshot())))
    other.run_to(12)
    assert values(other) == [7] * 6  # at 5 to 10 s
    assert texts(other) == ["Power by anna has ended: after 10 s"]
