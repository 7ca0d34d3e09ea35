"""What is going on: statuses, faults and alarms, for the log, the API and the editor.

Whoever watches has a bounded queue of their own; a slow watcher loses news, counted, and never
slows a flow.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flowrt.errors import FlowrtError
from flowrt.message import Event, Message, to_record

__all__ = ["News", "Subscription", "Watch"]

_log = logging.getLogger("flowrt.watch")
_QUIET_SECONDS: Final = 10.0
"""A node that fails again within this time is counted, and logged once."""
_KEPT_FAULTS: Final = 100
_MOST_ALARMS: Final = 1000


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened: `kind` is status, fault, alarm, flow or deploy."""

    kind: str
    flow: str
    node: str
    data: dict[str, Any] = field(default_factory=dict)


class Subscription:
    """A watcher's bounded queue."""

    def __init__(self, capacity: int) -> None:
        self._queue: deque[News] = deque(maxlen=capacity)
        self._bell = asyncio.Event()
        self.dropped = 0

    def put(self, news: News) -> None:
        """Take news; the oldest is lost, counted, where there is no room."""
        if len(self._queue) == self._queue.maxlen:
            self.dropped += 1
        self._queue.append(news)
        self._bell.set()

    async def get(self) -> list[News]:
        """Wait for news; everything there is."""
        await self._bell.wait()
        self._bell.clear()
        taken = list(self._queue)
        self._queue.clear()
        return taken


class Watch:
    """Collects news from running flows and hands it on."""

    def __init__(self) -> None:
        self.alarms: dict[tuple[str, str, str], Event] = {}
        self.faults: deque[News] = deque(maxlen=_KEPT_FAULTS)
        self._subscriptions: set[Subscription] = set()
        self._logged: dict[tuple[str, str], float] = {}

    def subscribe(self, capacity: int = 1000) -> Subscription:
        """A new watcher."""
        subscription = Subscription(capacity)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a watcher."""
        self._subscriptions.discard(subscription)

    def _publish(self, news: News) -> None:
        for subscription in self._subscriptions:
            subscription.put(news)

    def flow(self, flow: str, state: str) -> None:
        """A flow started, stopped or failed."""
        _log.info("%s", state, extra={"flow": flow})
        self._publish(News("flow", flow, "", {"state": state}))

    def deploy(self, flow: str, step: str, text: str) -> None:
        """A deploy goes on: `step` is check, swap, health, done or failed."""
        level = logging.ERROR if step == "failed" else logging.INFO
        _log.log(level, "deploy, %s: %s", step, text, extra={"flow": flow})
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

    def events(self, flow: str, batch: Iterable[Message]) -> None:
        """Events left a node: keep the list of alarms, and pass them on."""
        for message in batch:
            if isinstance(message, Event):
                self._alarm(flow, message)

    def _alarm(self, flow: str, event: Event) -> None:
        key = (flow, event.source, event.name)
        if event.state == "raised":
            self._keep(key, event)
        elif event.state == "cleared":
            self.alarms.pop(key, None)
        self._publish(News("alarm", flow, event.name, to_record(event)))

    def _keep(self, key: tuple[str, str, str], event: Event) -> None:
        if len(self.alarms) >= _MOST_ALARMS and key not in self.alarms:
            _log.error("more than %d alarms stand; the oldest is no longer listed", _MOST_ALARMS)
            del self.alarms[next(iter(self.alarms))]
        self.alarms[key] = event

    def standing(self) -> Sequence[tuple[str, Event]]:
        """The alarms that are raised now, oldest first, each with its flow."""
        return [(flow, event) for (flow, _, _), event in self.alarms.items()]
