"""Messages as lines."""

from __future__ import annotations

import pytest

from flowrt.node import Event, Frame, Message, Signals
from nodes.core.line import line


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (Signals(1.5, "State", {"SOC": 55.25, "On": True}), "1.500 State SOC=55.25 On=true"),
        (Signals(0.0, "State", {"SOC": None, "Mode": "run"}), "0.000 State SOC=n/a Mode='run'"),
        (Frame(0.0, "can0", 0x55, b"\x5a\x00"), "0.000 can0 055#5A00"),
        (Frame(0.0, "can0", 1, b"", extended=True, remote=True), "0.000 can0 00000001#R"),
        (Frame(0.0, "can0", 1, b"\x01", fd=True), "0.000 can0 001##01"),
        (Frame(0.0, "can0", 1, b"", error=True), "0.000 can0 001# error frame"),
        (
            Event(0.0, "rack1", "soc_low", "raised", "alarm", 19.5, "SOC < 20 %"),
            "0.000 rack1 soc_low raised (alarm) value=19.5 SOC < 20 %",
        ),
    ],
)
def test_a_message_is_one_line(message: Message, text: str) -> None:
    assert line(message) == text


def test_control_characters_are_shown_not_sent() -> None:
    text = line(Event(0.0, "a\nb", "c\x1b[2J", text="\r"))
    assert text == r"0.000 'a\nb' 'c\x1b[2J' happened (info) '\r'"


def test_a_very_long_line_is_cut() -> None:
    text = line(Signals(0.0, "s", {f"Cell{n}": 3.3 for n in range(400)}))
    assert len(text) == 503
    assert text.endswith("...")
