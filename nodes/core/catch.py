"""Take up the errors of other nodes."""

from __future__ import annotations

from flowrt.node import Catalogue, Emit, Event, Example, Output, Source, node, setting
from nodes.core.quota import Quota


@node("core/catch", icon="alert-triangle")
class Catch(Source):
    """Send an event for each error of the flow's nodes.

    `source` is the id of the node that failed, `value` how many errors it has had, `text` what
    it said. Errors of the nodes behind a catch do not come back to it.
    """

    external = False
    catches_errors = True
    """The engine brings errors to nodes with this mark, by `on_error`."""

    nodes: list[str] = setting("Ids of the nodes to listen to; empty for all.", default=list)
    at_most: int = setting(
        "Most events sent in a second; those beyond are counted as dropped.",
        default=10,
        minimum=1,
    )

    out = Output("An event for each error.", carries="event")

    examples = (
        Example("Every error of the flow"),
        Example("Errors of the uplink", {"nodes": ["publish"], "at_most": 1}),
    )

    def __post_init__(self) -> None:
        self._quota = Quota(self.at_most)
        self._listened_to = frozenset(self.nodes)

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """No signals."""
        return Catalogue()

    def summary(self) -> str:
        """Whose errors."""
        return f"errors of {', '.join(self.nodes) or 'every node'}"

    async def run(self, emit: Emit) -> None:
        """Nothing to do: the engine calls `on_error`."""

    def on_error(self, error: Event) -> None:
        """Send an error on, unless there are too many."""
        if self._listened_to and error.source not in self._listened_to:
            return
        if self._quota.take(self.clock.now()):
            self.context.send(error)
        else:
            self.context.drop(f"more than {self.at_most} errors a second", 1)
