"""Readings and events as CSV: a line for each reading, message or event."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from flowrt.node import Event, Signals, Value, split_signal
from nodes.storage.buffered import in_turns

__all__ = ["TIME_FORMATS", "EventTable", "LongTable", "Selection", "WideTable"]


def _iso(time: float) -> str:
    try:
        moment = datetime.fromtimestamp(time, UTC)
    except (ValueError, OverflowError, OSError):  # not a time of this world
        return repr(time)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


TIME_FORMATS: Final[dict[str, Callable[[float], str]]] = {"iso": _iso, "posix": repr}
"""How the column `time` is written, by the word in the settings."""


class Selection:
    """Which readings are wanted: `SOC` of any source, `State.SOC` of one; no names for all."""

    def __init__(self, names: Iterable[str]) -> None:
        self.wanted = [split_signal(name) for name in names]
        self._names = {name for source, name in self.wanted if source is None}
        self._pairs = {pair for pair in self.wanted if pair[0] is not None}

    def columns(self) -> list[str]:
        """The names of the signals, each once, as written."""
        return list(dict.fromkeys(name for _, name in self.wanted))

    def of(self, message: Signals) -> dict[str, Value]:
        """The wanted readings of a message."""
        if not self.wanted:
            return message.values
        return {
            name: value
            for name, value in message.values.items()
            if name in self._names or (message.source, name) in self._pairs
        }


class LongTable:
    """A line for each reading: time, source, signal, value. Takes any signal at any time."""

    def __init__(self, selection: Selection, time: Callable[[float], str]) -> None:
        self._selection = selection
        self._time = time

    def header(self, messages: Sequence[Signals], first_line: bytes) -> bytes:
        """Always the same."""
        return b"time,source,signal,value"

    def lines(self, messages: Sequence[Signals]) -> bytes:
        """A line for each reading."""
        return _csv(self._rows(messages))

    def _rows(self, messages: Sequence[Signals]) -> Iterator[tuple[Any, ...]]:
        for message in messages:
            time = self._time(message.time)
            for name, value in self._selection.of(message).items():
                yield time, message.source, name, _cell(value)


class WideTable:
    """A line for each message, a column for each signal; a new signal begins a new file."""

    def __init__(self, selection: Selection, time: Callable[[float], str]) -> None:
        self._selection = selection
        self._time = time
        self._columns: dict[str, None] = dict.fromkeys(selection.columns())

    def header(self, messages: Sequence[Signals], first_line: bytes) -> bytes:
        """The signals of the file, then those that are new."""
        if not self._selection.wanted:
            self._columns |= dict.fromkeys(_columns_of(first_line))
            for part in in_turns(messages):
                for message in part:
                    self._columns |= dict.fromkeys(message.values)
        return _csv([("time", "source", *self._columns)]).rstrip(b"\n")

    def lines(self, messages: Sequence[Signals]) -> bytes:
        """A line for each message that has any of the signals."""
        return _csv(self._rows(messages))

    def _rows(self, messages: Sequence[Signals]) -> Iterator[tuple[Any, ...]]:
        for message in messages:
            values = self._selection.of(message)
            if values:
                cells = [_cell(values.get(column)) for column in self._columns]
                yield (self._time(message.time), message.source, *cells)


class EventTable:
    """A line for each event."""

    def header(self, messages: Sequence[Event], first_line: bytes) -> bytes:
        """Always the same."""
        return b"time,source,name,state,severity,value,text"

    def lines(self, messages: Sequence[Event]) -> bytes:
        """A line for each event."""
        return _csv(
            (
                *(_iso(event.time), event.source, event.name, event.state),
                *(event.severity, _cell(event.value), event.text),
            )
            for event in messages
        )


def _columns_of(header: bytes) -> list[str]:
    """The signals of a wide table's header; none of anything else."""
    cells = next(csv.reader([header.decode("utf-8", "replace")]), [])
    return cells[2:] if cells[:2] == ["time", "source"] and cells[2:] != ["signal", "value"] else []


def _cell(value: Value) -> Value:
    """A reading as CSV has it: one that is not available is an empty cell."""
    return str(value).lower() if isinstance(value, bool) else value


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "backslashreplace")
