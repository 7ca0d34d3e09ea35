"""The health gate of a deploy: whether what was exchanged does its work, or is to go back.

A node that had no error before must have none now; one that had some may not have more of them.
A source must not fail, nor fall silent where it was talkative.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from flowrt.errors import Problem
from flowrt.flow.difference import Difference
from flowrt.node import Source
from flowrt.running.live import RunningFlow
from flowrt.running.step import Step
from flowrt.watch.watch import Watch

__all__ = ["Gate", "Tally", "tallies"]

_LOOK_EVERY: Final = 0.02
_MORE: Final = 2.0
"""How many times as large a share of errors may be where there were errors before."""
_SLACK: Final = 0.05
_TALKATIVE: Final = 20.0
"""Messages due during the gate, from which on it is odd that none comes."""
_RHYTHM: Final = 1.0
"""Seconds that tell nothing: many a source speaks in bursts, once a second say."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a step had done at one moment."""

    time: float
    received: int
    sent: int
    errors: int

    @property
    def share(self) -> float:
        """Errors by message."""
        return self.errors / max(self.received, 1)


def tallies(flow: RunningFlow) -> dict[str, Tally]:
    """What every step of a flow has done until now, by place: `nodes.frames`."""
    return {place: _tally(step) for place, step in _places(flow)}


class Gate:
    """Judges a flow after an exchange, for some seconds.

    `earlier` and `before` are the tallies of the old version at two moments: between them shows
    how talkative its sources were.
    """

    def __init__(
        self,
        flow: RunningFlow,
        watch: Watch,
        difference: Difference,
        earlier: Mapping[str, Tally],
        before: Mapping[str, Tally],
    ) -> None:
        self._flow = flow
        self._watch = watch
        self._earlier, self._before = earlier, before
        self._begun = perf_counter()
        nodes, resources = difference.nodes.fresh, difference.resources.fresh
        self._fresh = {f"nodes.{id}" for id in nodes} | {f"resources.{id}" for id in resources}
        self._judged = self._fresh | set(_affected(flow, difference))
        self._at_start = tallies(flow)

    async def judge(self, seconds: float) -> list[Problem]:
        """What speaks against the new version, as soon as anything does; nothing after the time."""
        while (rest := self._begun + seconds - perf_counter()) > 0:
            if problems := list(self._errors()):
                return problems
            await asyncio.sleep(min(rest, _LOOK_EVERY))
        return [*self._errors(at_end=True), *self._silent(seconds)]

    def _errors(self, *, at_end: bool = False) -> Iterator[Problem]:
        for place, step in self._steps():
            now, before = self._since_start(place, step), self._before.get(place)
            if not now.errors:
                continue
            if before is None or not before.errors:
                yield self._problem(place, f"{_count(now.errors)}: {self._last_words(step)}")
            elif at_end and now.share > _MORE * before.share + _SLACK:
                was = f"{now.share:.0%} of its messages fail, {before.share:.0%} did before"
                yield self._problem(place, f"{was}: {self._last_words(step)}")

    def _silent(self, seconds: float) -> Iterator[Problem]:
        """Sources that sent much before, and nothing since."""
        for place, step in _places(self._flow):
            earlier, before = self._earlier.get(place), self._before.get(place)
            if not isinstance(step.node, Source) or earlier is None or before is None:
                continue
            rate = (before.sent - earlier.sent) / max(before.time - earlier.time, 1e-3)
            due = rate * (seconds - _RHYTHM)
            if due > _TALKATIVE and not self._since_start(place, step).sent:
                text = f"sent {rate:.0f} messages a second before, and none in {seconds:g} s"
                yield self._problem(place, text)

    def _steps(self) -> Iterator[tuple[str, Step]]:
        return ((place, step) for place, step in _places(self._flow) if place in self._judged)

    def _since_start(self, place: str, step: Step) -> Tally:
        """What a step has done since the exchange; a fresh one has done nothing before."""
        now, start = _tally(step), self._at_start.get(place)
        if place in self._fresh or start is None:
            return now
        return Tally(
            now.time,
            now.received - start.received,
            now.sent - start.sent,
            now.errors - start.errors,
        )

    def _problem(self, place: str, sentence: str) -> Problem:
        return Problem(str(self._flow.prepared.flow.file), place, sentence)

    def _last_words(self, step: Step) -> str:
        for news in reversed(self._watch.faults):
            if (news.flow, news.node) == (self._flow.name, step.node.id):
                return str(news.data["text"])
        return step.state[0]


def _affected(flow: RunningFlow, difference: Difference) -> Iterator[str]:
    """The nodes that go on, and that messages of a new one reach."""
    graph = flow.circuit.graph
    for id in difference.nodes.fresh:
        yield from (f"nodes.{other}" for other in graph.downstream(id))


def _places(flow: RunningFlow) -> Iterator[tuple[str, Step]]:
    yield from ((f"resources.{id}", step) for id, step in flow.circuit.resources.items())
    yield from ((f"nodes.{id}", step) for id, step in flow.circuit.steps.items())


def _tally(step: Step) -> Tally:
    counters = step.counters
    return Tally(perf_counter(), counters.received, counters.sent, counters.errors)


def _count(errors: int) -> str:
    return f"{errors} error{'s' * (errors != 1)}"
