"""Who wants which topics on a link, and telling the broker so after every connect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from paho.mqtt.client import Client, MQTTMessage, topic_matches_sub
from paho.mqtt.reasoncodes import ReasonCode

__all__ = ["Subscriber", "Subscriptions"]

_MOST_REMEMBERED: Final = 10_000
"""Topics for which the subscribers are remembered."""


class Subscriber(Protocol):
    """Takes messages of some topics; called on the loop's thread, must not wait."""

    @property
    def topics(self) -> Sequence[str]:
        """What it wants, wildcards and all."""

    @property
    def qos(self) -> int:
        """Quality of service, for all of them."""

    def take(self, topic: str, message: MQTTMessage) -> None:
        """A message of one of its topics."""

    def refused(self, topic: str, reason: str) -> None:
        """The broker will not let it have a topic."""


class Subscriptions:
    """The subscribers of one link."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._subscribers: list[Subscriber] = []
        self._asked: dict[int, Subscriber] = {}
        self._takers: dict[str, list[Subscriber]] = {}

    def add(self, subscriber: Subscriber, connected: bool) -> None:
        """A new subscriber; without a connection, the broker is told when there is one."""
        self._subscribers.append(subscriber)
        self._takers.clear()
        if connected:
            self._ask(subscriber)

    def remove(self, subscriber: Subscriber, connected: bool) -> None:
        """A subscriber leaves; topics that nobody else asked for are given up."""
        self._subscribers.remove(subscriber)
        self._takers.clear()
        wanted = {topic for other in self._subscribers for topic in other.topics}
        unwanted = [topic for topic in subscriber.topics if topic not in wanted]
        if connected and unwanted:
            self._client.unsubscribe(unwanted)

    def connected(self) -> None:
        """A new connection: the broker may have forgotten everything."""
        self._asked.clear()
        for subscriber in self._subscribers:
            self._ask(subscriber)

    def _ask(self, subscriber: Subscriber) -> None:
        wanted = [(topic, subscriber.qos) for topic in subscriber.topics]
        _, mid = self._client.subscribe(wanted)
        if mid is not None:
            self._asked[mid] = subscriber

    def answered(self, mid: int, reasons: list[ReasonCode]) -> None:
        """The broker's answer, topic by topic."""
        subscriber = self._asked.pop(mid, None)
        if subscriber is not None:
            for topic, reason in zip(subscriber.topics, reasons, strict=False):
                if reason.is_failure:
                    subscriber.refused(topic, reason.getName().lower())

    def dispatch(self, message: MQTTMessage) -> None:
        """Hand a message to whoever wants its topic."""
        topic = message.topic
        takers = self._takers.get(topic)
        if takers is None:
            if len(self._takers) >= _MOST_REMEMBERED:
                self._takers.clear()
            takers = self._takers[topic] = self._matching(topic)
        for subscriber in takers:
            subscriber.take(topic, message)

    def _matching(self, topic: str) -> list[Subscriber]:
        return [
            subscriber
            for subscriber in self._subscribers
            if any(topic_matches_sub(wanted, topic) for wanted in subscriber.topics)
        ]
