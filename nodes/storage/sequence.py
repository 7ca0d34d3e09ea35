"""Record the sequence of events as CSV."""

from __future__ import annotations

from collections.abc import Sequence as Messages

from flowrt.node import Event, Example, node
from nodes.storage.rotating import Lines, RotatingSink
from nodes.storage.table import EventTable


@node("storage/sequence", icon="list-checks")
class Sequence(RotatingSink):
    """Record events as CSV: a line each, with its time in UTC to the millisecond.

    Put events/first-out before it, so that events of sources that are not equally quick stand in
    the order of their stamps, and those of an incident say which came first.
    """

    examples = (Example("What happened, in order", {"file": "log/sequence.csv"}),)

    async def write(self, messages: Messages[Event]) -> None:
        """Gather them for the next flush."""
        await super().write(messages)

    def make_lines(self) -> Lines:
        """A line an event."""
        return EventTable()
