"""Hand messages to other flows."""

from __future__ import annotations

from collections.abc import Sequence

from flowrt.node import Example, Message, Sink, node, setting
from nodes.core.links import Links


@node("core/link-out", icon="arrow-right-circle")
class LinkOut(Sink):
    """Hand messages to every link-in of the same name, in any flow of this gateway."""

    external = False

    name: str = setting("Name of the link.", minLength=1)

    examples = (Example("Decoded readings for other flows", {"name": "rack1"}),)

    def summary(self) -> str:
        """The link's name."""
        return self.name

    async def write(self, messages: Sequence[Message]) -> None:
        """Hand them over; where nobody listens they are dropped, and counted."""
        listeners = self.context.shared(Links).send(self.name, messages)
        if not listeners:
            self.context.drop(f'nobody listens to the link "{self.name}"', len(messages))
        self.context.status("" if listeners else "nobody listens", bool(listeners))
