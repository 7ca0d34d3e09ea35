"""What is going on: statuses, faults and alarms, for the log, the API and the editor.

Whoever watches has a bounded queue of their own; a slow watcher loses news, counted, and never
slows a flow.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from msgspec import structs

from flowrt.errors import FlowrtError
from flowrt.message import Event, Message
from flowrt.watch.alarms import Acknowledgement, Alarm, Alarms
from flowrt.watch.shelf import Shelving
from flowrt.watch.written import Written

__all__ = ["News", "Subscription", "Watch"]

_log = logging.getLogger("flowrt.watch")
Item = TypeVar("Item")
_QUIET_SECONDS: Final = 10.0
"""A node that fails again within this time is counted, and logged once."""
_KEPT_FAULTS: Final = 100
_LONGEST_PAUSE: Final = 60.0
"""Seconds between looks at the shelf, as a clock may be set meanwhile."""


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened: `kind` is status, fault, alarm, flow or deploy."""

    kind: str
    flow: str
    node: str
    data: dict[str, Any] = field(default_factory=dict)


class Subscription(Generic[Item]):
    """A watcher's bounded queue; `kinds` are those of the news it is for, None for all."""

    def __init__(self, capacity: int, kinds: frozenset[str] | None = None) -> None:
        self.kinds = kinds
        self._queue: deque[Item] = deque(maxlen=capacity)
        self._bell = asyncio.Event()
        self.dropped = 0

    def put(self, item: Item) -> None:
        """Take one more; the oldest is lost, counted, where there is no room."""
        if len(self._queue) == self._queue.maxlen:
            self.dropped += 1
        self._queue.append(item)
        self._bell.set()

    async def get(self) -> list[Item]:
        """Wait for something; everything there is."""
        await self._bell.wait()
        return self.take()

    def take(self) -> list[Item]:
        """Everything there is, without waiting."""
        self._bell.clear()
        taken = list(self._queue)
        self._queue.clear()
        return taken


class Watch:
    """Collects news from running flows and hands it on."""

    def __init__(self) -> None:
        self.alarms = Alarms()
        self.written = Written()
        """Set-points that nodes wrote, for the audit log."""
        self.faults: deque[News] = deque(maxlen=_KEPT_FAULTS)
        self._subscriptions: set[Subscription[News]] = set()
        self._logged: dict[tuple[str, str], float] = {}
        self._shelf_timer: asyncio.TimerHandle | None = None

    def subscribe(
        self, capacity: int = 1000, kinds: frozenset[str] | None = None
    ) -> Subscription[News]:
        """A new watcher, of all news or of some kinds."""
        subscription = Subscription[News](capacity, kinds)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription[News]) -> None:
        """Forget a watcher."""
        self._subscriptions.discard(subscription)

    def _publish(self, news: News) -> None:
        for subscription in self._subscriptions:
            if subscription.kinds is None or news.kind in subscription.kinds:
                subscription.put(news)

    def flow(self, flow: str, state: str) -> None:
        """A flow started, stopped or failed."""
        _log.info("%s", state, extra={"flow": flow})
        self._publish(News("flow", flow, "", {"state": state}))

    def deploy(self, flow: str, step: str, text: str) -> None:
        """A deploy goes on.

        `step` is check, test, build, swap, health, done, rollback or failed.
        """
        level = logging.ERROR if step in ("failed", "rollback") else logging.INFO
        _log.log(level, "deploy, %s: %s", step, text, extra={"flow": flow, "step": step})
        self._publish(News("deploy", flow, "", {"step": step, "text": text}))

    def status(self, flow: str, node: str, text: str, ok: bool) -> None:
        """A node says how it is."""
        level = logging.INFO if ok else logging.WARNING
        _log.log(level, "%s", text, extra={"flow": flow, "node": node})
        self._publish(News("status", flow, node, {"text": text, "ok": ok}))

    def fault(self, flow: str, node: str, error: Exception, count: int) -> None:
        """A node failed; logged at most once in ten seconds, with the count so far."""
        text = str(error) or type(error).__name__
        news = News("fault", flow, node, {"text": text, "count": count})
        self.faults.append(news)
        self._publish(news)
        now = time.monotonic()
        if now - self._logged.get((flow, node), -_QUIET_SECONDS) < _QUIET_SECONDS:
            return
        self._logged[flow, node] = now
        # A fault flowrt foresaw speaks for itself; anything else is a bug and shows where.
        foreseen = isinstance(error, FlowrtError | OSError)
        extra = {"flow": flow, "node": node, "count": count}
        _log.error("%s", text, extra=extra, exc_info=None if foreseen else error)

    def events(self, flow: str, batch: Iterable[Message], node: str = "") -> None:
        """Events left a node: keep the list of alarms, and pass them on."""
        for message in batch:
            if isinstance(message, Event):
                self._tell(self.alarms.note(flow, node or message.name, message))

    def acknowledge(self, flow: str, source: str, name: str, by: str) -> Alarm:
        """Somebody has seen a standing alarm; raises NoSuchAlarm where there is none."""
        seen = Acknowledgement(by, time.time())
        alarm = self.alarms.acknowledge(flow, source, name, seen)
        _log.info("acknowledged by %s: %s", by, name, extra={"flow": flow, "node": alarm.node})
        self._tell(alarm)
        return alarm

    def shelve(self, shelving: Shelving) -> Alarm:
        """Somebody puts an alarm aside for a while; raises NoSuchAlarm."""
        alarm = self.alarms.shelve(shelving)
        extra = {"flow": shelving.flow, "node": alarm.node}
        _log.info("%s: %s", shelving.name, alarm.event.text, extra=extra)
        self._tell(alarm)
        self.wait_for_shelf()
        return alarm

    def unshelve(self, flow: str, source: str, name: str, by: str) -> Alarm:
        """Somebody takes an alarm back from the shelf; raises NoSuchAlarm."""
        alarm = self.alarms.unshelve(flow, source, name, time.time(), f"taken back by {by}")
        _log.info("%s: %s", name, alarm.event.text, extra={"flow": flow, "node": alarm.node})
        self._tell(alarm)
        self.wait_for_shelf()
        return alarm

    def wait_for_shelf(self) -> None:
        """Let the next shelved alarm come back when its time is over."""
        if self._shelf_timer is not None:
            self._shelf_timer.cancel()
            self._shelf_timer = None
        if (end := self.alarms.shelf.next_end()) is not None:
            pause = min(max(end - time.time(), 0.0), _LONGEST_PAUSE)
            loop = asyncio.get_running_loop()
            self._shelf_timer = loop.call_later(pause, self._take_back)

    def _take_back(self) -> None:
        now = time.time()
        for shelving in self.alarms.shelf.ended(now):
            alarm = self.alarms.unshelve(*shelving.key, now, "its time on the shelf is over")
            self._tell(alarm)
        self.wait_for_shelf()

    def clear_all(self, flow: str, *, but: Container[str] = ()) -> None:
        """Clear the alarms of a flow's nodes that are no more, all `but` those of these."""
        for alarm in self.alarms.of(flow):
            if alarm.node not in but:
                text = f"{alarm.node} is no longer there"
                ended = structs.replace(alarm.event, time=time.time(), state="cleared", text=text)
                self._tell(self.alarms.note(flow, alarm.node, ended))

    def _tell(self, alarm: Alarm | None) -> None:
        if alarm is not None:
            self._publish(News("alarm", alarm.flow, alarm.node, alarm.row()))
