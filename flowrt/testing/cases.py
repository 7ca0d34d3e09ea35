"""The file of a flow's tests: its schema, and its entries as messages and expectations.

See docs/flow-tests.md for the format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_args

from flowrt.errors import Problem, TestFileError
from flowrt.flow.check import Prepared
from flowrt.flow.file import load_json
from flowrt.message import Event, Frame, Message, Severity, Signals
from flowrt.replay import read_log
from flowrt.schema import findings, near
from flowrt.setting import DURATION, parse_duration
from flowrt.testing.expectation import Expectation

__all__ = ["TEST_SCHEMA", "Case", "file_of_tests", "parse_tests", "read_case", "read_test_file"]

_DURATION: Final = {key: value for key, value in DURATION.schema.items() if key != "x-type"}
_RECORD: Final = {"type": "object"}
_EVENT: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **{name: {"type": "string"} for name in ("source", "name", "state", "text")},
        "severity": {"enum": list(get_args(Severity))},
        "value": {},
    },
}
"""An event's fields, but its time: that is the entry's `at`."""
TEST_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["tests"],
    "additionalProperties": False,
    "properties": {
        "flowrt": {"const": 1},
        "tests": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "given", "expect"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "start": {"type": "number", "description": "POSIX seconds at 0 s."},
                    "given": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {
                                "port": {"type": "string"},
                                "at": _DURATION,
                                "frame": {"type": "string"},
                                "channel": {"type": "string"},
                                "signals": {"type": "object"},
                                "source": {"type": "string"},
                                "event": _EVENT,
                                "log": {"type": "string"},
                            },
                            "required": ["port"],
                        },
                    },
                    "until": _DURATION,
                    "finish": {"type": "boolean"},
                    "expect": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["port"],
                            "additionalProperties": False,
                            "properties": {
                                "port": {"type": "string"},
                                "equals": {"type": "array", "items": _RECORD},
                                "contains": _RECORD,
                                "count": {"type": "integer", "minimum": 0},
                                "nothing": {"const": True},
                                "after": _DURATION,
                                "before": _DURATION,
                            },
                            "oneOf": [
                                {"required": [what]}
                                for what in ("equals", "contains", "count", "nothing")
                            ],
                        },
                    },
                },
            },
        },
    },
}
_FRAME_TEXT: Final = re.compile(r"^([0-9A-Fa-f]{3}|[0-9A-Fa-f]{8})(#|##)([0-9A-Fa-f]*)$")


@dataclass
class Case:
    """A test as read, ready to run."""

    given: list[tuple[str, int, Message]]
    expect: list[Expectation]
    until: float
    start: float
    finish: bool
    seen: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def file_of_tests(flow: Path) -> Path:
    """Where a flow's tests stand."""
    return flow.with_name(f"{flow.stem}.test.json")


def read_test_file(path: Path) -> list[dict[str, Any]]:
    """The entries of a test file; raises TestFileError with every problem."""
    if not path.exists():
        raise TestFileError(f"{path}: is missing. Write what the flow is given and must give.")
    document, problems = parse_tests(path.read_bytes(), path)
    if problems:
        raise TestFileError("\n".join(map(str, problems)))
    tests: list[dict[str, Any]] = document["tests"]
    return tests


def parse_tests(data: bytes, path: Path) -> tuple[Any, list[Problem]]:
    """The document of a test file and its problems; raises FlowFileError where it is not JSON."""
    document, problems = load_json(data, path)
    problems += [
        Problem(str(path), finding.place, finding.sentence)
        for finding in findings(TEST_SCHEMA, document, "a flow test")
    ]
    return document, problems


def read_case(prepared: Prepared, entry: Mapping[str, Any], flow: Path) -> Case:
    """A test of a flow, ready to run; raises TestFileError."""
    start = float(entry.get("start", 0.0))
    given = [item for one in entry["given"] for item in _given(prepared, one, start, flow)]
    given.sort(key=lambda item: item[2].time)
    expect = [
        Expectation.read({**one, "port": _full_port(prepared, one["port"])})
        for one in entry["expect"]
    ]
    last = given[-1][2].time - start if given else 0.0
    bounds = [wanted.before for wanted in expect if wanted.before != float("inf")]
    until = parse_duration(entry["until"]) if "until" in entry else max([last, *bounds])
    return Case(given, expect, until, start, entry.get("finish", False))


def _full_port(prepared: Prepared, text: str) -> str:
    """`soc_low` as `soc_low.alarm`: an output, or a sink's input; raises TestFileError."""
    id, _, name = text.partition(".")
    if id not in prepared.nodes:
        raise TestFileError(f'there is no node "{id}".{near(id, prepared.nodes)}')
    ports = [port.name for port in prepared.nodes[id].outputs or prepared.nodes[id].inputs]
    if name and name not in ports:
        raise TestFileError(f'"{id}" has no port "{name}".{near(name, ports)}')
    return f"{id}.{name or ports[0]}"


def _given(
    prepared: Prepared, entry: Mapping[str, Any], start: float, flow: Path
) -> Iterator[tuple[str, int, Message]]:
    """The messages of one entry of `given`, each with the node and output they leave by."""
    id, _, name = _full_port(prepared, entry["port"]).partition(".")
    outputs = {output.name: output.index for output in prepared.nodes[id].outputs}
    if name not in outputs:
        raise TestFileError(f'"{id}" is a sink: messages are given at an output.')
    time = start + parse_duration(entry.get("at", 0.0))
    if "log" in entry:
        for frame in read_log(flow.parent / entry["log"]):
            yield id, outputs[name], frame
    else:
        yield id, outputs[name], _message(entry, time)


def _message(entry: Mapping[str, Any], time: float) -> Message:
    if "frame" in entry:
        return _frame(entry["frame"], time, entry.get("channel", ""))
    if "signals" in entry:
        return Signals(time, entry.get("source", ""), dict(entry["signals"]))
    if "event" in entry:
        fields = {"source": entry.get("source", ""), "name": "test", **entry["event"]}
        return Event(time, **fields)
    raise TestFileError('an entry of "given" needs one of: frame, signals, event, log.')


def _frame(text: str, time: float, channel: str) -> Frame:
    """A frame as candump writes it: 355#5A006400, 18FF50E5#00, 123##3001122 for CAN FD."""
    match = _FRAME_TEXT.match(text)
    if match is None:
        raise TestFileError(
            f'"{text}" is no frame. Write it like 355#5A006400 (hexadecimal id, then data).'
        )
    fd = match[2] == "##"
    digits = match[3][1:] if fd else match[3]  # the first digit of FD data holds its flags
    try:
        data = bytes.fromhex(digits)
    except ValueError as error:
        raise TestFileError(f'"{text}": the data has half a byte at its end.') from error
    return Frame(time, channel, int(match[1], 16), data, extended=len(match[1]) > 3, fd=fd)
