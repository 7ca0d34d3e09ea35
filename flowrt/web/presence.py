"""Who else looks at this gateway, and at which flow, as clients of the live socket say."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, Any, Final

import msgspec

__all__ = ["NOWHERE", "Place", "Presence"]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The flow that somebody has open, and whether they changed it without deploying it yet."""

    flow: Annotated[str, msgspec.Meta(max_length=200)] = ""
    edits: bool = False


NOWHERE: Final = Place()


class Presence:
    """The clients that are connected; each is told of the others, never of itself."""

    def __init__(self) -> None:
        self._people: dict[Hashable, tuple[str, Place]] = {}

    def come(self, client: Hashable, who: str, place: Place = NOWHERE) -> None:
        """A client has come, or has gone to another flow; `who` is an account or an address."""
        self._people[client] = who, place

    def leave(self, client: Hashable) -> None:
        """A client has gone."""
        self._people.pop(client, None)

    def others(self, client: Hashable) -> list[dict[str, Any]]:
        """Everybody but this client, in the order in which they came; JSON-able."""
        return [
            {"who": who, "flow": place.flow, "edits": place.edits}
            for one, (who, place) in self._people.items()
            if one is not client
        ]
