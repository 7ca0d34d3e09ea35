"""The alarms of a gateway: which stand, who has seen them, and what became of them lately."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any, Final, TypeAlias

from msgspec import structs

from flowrt.errors import NoSuchAlarm
from flowrt.message import Event, to_record
from flowrt.watch.shelf import Shelf, Shelving

__all__ = ["KEPT", "Acknowledgement", "Alarm", "Alarms"]

_log = logging.getLogger("flowrt.alarms")
_MOST_STANDING: Final = 1000
KEPT: Final = 1000
"""How many changes are remembered."""

_Key: TypeAlias = tuple[str, str, str]
"""Flow, source, name: what an alarm is told apart by."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has seen an alarm, and when in POSIX seconds."""

    by: str
    time: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm at one moment; `event` is its newest, `node` the one that sent it."""

    flow: str
    node: str
    event: Event
    acknowledged: Acknowledgement | None = None
    shelved: Shelving | None = None

    def row(self) -> dict[str, Any]:
        """As the API gives it: the event's record, and where it comes from."""
        seen = None if self.acknowledged is None else asdict(self.acknowledged)
        return {
            "flow": self.flow,
            "node": self.node,
            **to_record(self.event),
            "acknowledged": seen,
            "shelved": None if self.shelved is None else self.shelved.row(),
        }


class Alarms:
    """Keeps the alarms that stand, and the last changes of any; both are bounded."""

    def __init__(self) -> None:
        self._standing: dict[_Key, Alarm] = {}
        self._history: deque[Alarm] = deque(maxlen=KEPT)
        self.shelf = Shelf()

    def __len__(self) -> int:
        return len(self._standing)

    def standing(self) -> list[Alarm]:
        """The alarms that are raised now, oldest first."""
        return list(self._standing.values())

    def of(self, flow: str) -> list[Alarm]:
        """The alarms of a flow that are raised now."""
        return [alarm for alarm in self._standing.values() if alarm.flow == flow]

    def history(self, limit: int = KEPT) -> Iterable[Alarm]:
        """What was raised, cleared and acknowledged, newest first."""
        return islice(reversed(self._history), limit)

    # --- what happens to them

    def stand(self, alarm: Alarm) -> None:
        """Take up an alarm that stood before a restart."""
        key = (alarm.flow, alarm.event.source, alarm.event.name)
        self._keep(key, replace(alarm, shelved=self.shelf.get(*key)))

    def note(self, flow: str, node: str, event: Event) -> Alarm | None:
        """Take an event that left a node; None where it changes nothing."""
        key = (flow, event.source, event.name)
        if event.state == "acknowledged":
            return self._acknowledged_by_node(key, node, event)
        alarm = Alarm(flow, node, event, shelved=self.shelf.get(*key))
        if event.state == "raised":
            self._keep(key, alarm)
        elif event.state == "cleared":
            if before := self._standing.pop(key, None):
                alarm = replace(alarm, acknowledged=before.acknowledged)
        else:  # what merely happened is news, and no alarm
            return alarm
        self._history.append(alarm)
        return alarm

    def _keep(self, key: _Key, alarm: Alarm) -> None:
        if len(self._standing) >= _MOST_STANDING and key not in self._standing:
            _log.error("more than %d alarms stand; the oldest is no longer listed", _MOST_STANDING)
            del self._standing[next(iter(self._standing))]
        self._standing[key] = alarm

    def _acknowledged_by_node(self, key: _Key, node: str, event: Event) -> Alarm | None:
        """A node tells that its alarm was acknowledged; often the answer to `acknowledge`."""
        alarm = self._standing.get(key)
        if alarm is None or alarm.acknowledged is not None:
            return None
        return self._mark(key, alarm, Acknowledgement(node, event.time))

    def acknowledge(self, flow: str, source: str, name: str, seen: Acknowledgement) -> Alarm:
        """Mark a standing alarm as seen; raises NoSuchAlarm where there is none to mark."""
        key = (flow, source, name)
        alarm = self._standing.get(key)
        if alarm is None:
            raise NoSuchAlarm(
                f'no alarm "{name}" of "{source}" stands in the flow "{flow}". '
                "It may have cleared meanwhile: read the alarms again."
            )
        if (before := alarm.acknowledged) is not None:
            raise NoSuchAlarm(
                f'the alarm "{name}" of "{source}" in the flow "{flow}" was acknowledged by '
                f'"{before.by}" already. Nothing is left to do.'
            )
        return self._mark(key, alarm, seen)

    def _mark(self, key: _Key, alarm: Alarm, seen: Acknowledgement) -> Alarm:
        """What stands stays raised; that it was acknowledged is a change of its own."""
        self._standing[key] = replace(alarm, acknowledged=seen)
        event = structs.replace(alarm.event, time=seen.time, state="acknowledged")
        change = Alarm(alarm.flow, alarm.node, event, seen, alarm.shelved)
        self._history.append(change)
        return change

    # --- shelving

    def shelve(self, shelving: Shelving) -> Alarm:
        """Put an alarm aside that stands, or did lately; raises NoSuchAlarm for any other."""
        known = self._standing.get(shelving.key) or self._lately(shelving.key)
        if known is None:
            raise NoSuchAlarm(
                f'no alarm "{shelving.name}" of "{shelving.source}" stands in the flow '
                f'"{shelving.flow}", or did lately. Read the alarms again.'
            )
        self.shelf.put(shelving)
        text = f"shelved by {shelving.by}: {shelving.reason}"
        return self._reshelved(known, shelving, "shelved", shelving.time, text)

    def unshelve(self, flow: str, source: str, name: str, time: float, why: str) -> Alarm:
        """Take an alarm back from the shelf; raises NoSuchAlarm where it is not there."""
        shelving = self.shelf.take(flow, source, name)
        known = self._standing.get(shelving.key) or self._lately(shelving.key)
        alarm = known or Alarm(flow, "", Event(time, source, name))
        return self._reshelved(alarm, None, "unshelved", time, why)

    def _reshelved(
        self, alarm: Alarm, shelving: Shelving | None, state: str, time: float, text: str
    ) -> Alarm:
        """What stands stays raised; that it was shelved, or came back, is a change of its own."""
        key = (alarm.flow, alarm.event.source, alarm.event.name)
        if (standing := self._standing.get(key)) is not None:
            self._standing[key] = replace(standing, shelved=shelving)
        event = structs.replace(alarm.event, time=time, state=state, text=text)
        change = Alarm(alarm.flow, alarm.node, event, alarm.acknowledged, shelving)
        self._history.append(change)
        return change

    def _lately(self, key: _Key) -> Alarm | None:
        return next(
            (
                alarm
                for alarm in reversed(self._history)
                if (alarm.flow, alarm.event.source, alarm.event.name) == key
            ),
            None,
        )
