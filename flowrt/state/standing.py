"""Alarms that stand again after a restart, as a node that goes on raises none again."""

from __future__ import annotations

from collections.abc import Container, Iterable

from flowrt.watch.alarms import Alarm
from flowrt.watch.shelf import Shelving
from flowrt.watch.watch import Watch

__all__ = ["stand_again"]


def stand_again(
    saved: Iterable[Alarm],
    flow: str,
    watch: Watch,
    nodes: Container[str],
    shelved: Iterable[Shelving] = (),
) -> None:
    """Let alarms stand again whose nodes are there; those of others are told as cleared.

    What was shelved stays so until its time is over.
    """
    watch.alarms.shelf.restore(shelved)
    watch.wait_for_shelf()
    if not watch.alarms.of(flow):
        for alarm in saved:
            watch.alarms.stand(alarm)
    watch.clear_all(flow, but=nodes)
