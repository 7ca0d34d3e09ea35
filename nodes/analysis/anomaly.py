"""How odd each module is beside its siblings, learned as it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
    NodeFault,
    Output,
    Sent,
    Severity,
    SignalInfo,
    Signals,
    Transform,
    node,
    setting,
)
from nodes.analysis.readings import Together, has_room
from nodes.analysis.siblings import Siblings

if TYPE_CHECKING:
    from river.anomaly import HalfSpaceTrees


@dataclass(slots=True)
class _Module:
    """A module's model, and the samples from which it can be made again.

    A half-space forest is what its last two windows of samples made of it, so these are kept in
    place of the forest itself.
    """

    model: HalfSpaceTrees
    samples: list[list[float]] = field(default_factory=list)
    learned: int = 0
    next: float = 0.0
    odd_since: float | None = None
    calm_since: float | None = None
    raised: bool = False
    baseline: list[float] = field(default_factory=list)


@node("analysis/anomaly", icon="gauge")
class Anomaly(Transform):
    """Score how odd a module's deviation from its siblings is, from 0 to 1; one model a module.

    What is judged is each signal less the median of all modules, so that neither load nor season
    matters. Half-space trees learn with each sample and forget after two windows; a sample that
    is odd is not learned. What a module has always been, it may be: its own usual deviation in
    the first window is its zero. Needs `pip install 'flowrt[analysis]'`.
    """

    signals: dict[str, float] = setting(
        "Signals, and the deviation that is full scale: Module*.CellVoltageMin by 0.05 V.",
        signal=True,
        minProperties=1,
    )
    every: Duration = setting("How often a module is judged.", default=10.0, exclusiveMinimum=0)
    window: int = setting("Samples in a window.", default=120, minimum=10, maximum=2000)
    trees: int = setting("Trees in a forest.", default=15, minimum=1, maximum=100, advanced=True)
    height: int = setting("Height of a tree.", default=6, minimum=1, maximum=12, advanced=True)
    above: float = setting("Score that is odd.", default=0.6, minimum=0, maximum=1)
    on_delay: Duration = setting("How long it must be odd.", default=60.0)
    off_delay: Duration = setting("How long it must not be, to clear.", default=300.0)
    severity: Severity = setting("How bad it is.", default="warning")

    out = Output("AnomalyScore of a module, None while it learns.", carries="signals")
    alarm = Output("Raised and cleared, by module.", carries="event")

    examples = (
        Example(
            "While it learns there is no score",
            settings={"signals": {"CellTemperatureMax": 5}},
            given=[Signals(0.0, "Module1", {"CellTemperatureMax": 25.0})],
        ),
    )

    def __post_init__(self) -> None:
        self._read = Together(*self.signals)
        self._siblings = [Siblings(60.0) for _ in self.signals]
        self._modules: dict[str, _Module] = {}

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """A score of each module."""
        found = [incoming.find(name) for name in self.signals]
        sources = {info.source for infos in found for info in infos}
        scores = (
            SignalInfo("AnomalyScore", source, "", 0, 1, cycle=self.every)
            for source in sorted(sources)
        )
        return {"out": Catalogue(scores, open=incoming.open)}

    def reads(self) -> frozenset[str]:
        """What is judged."""
        return frozenset(self.signals)

    def summary(self) -> str:
        """`CellTemperatureMax, odd above 0.6`."""
        return f"{', '.join(self.signals)}, odd above {self.above:g}"

    async def start(self) -> None:
        """Fail at once where the library is not there."""
        _forest(self)

    # --- messages

    def on_message(self, message: Signals) -> list[Signals | Sent]:
        """Note readings of all; judge a module when it is due."""
        time, source = message.time, message.source
        values = self._read(message)
        if values is None:
            return []
        deviations = self._deviations(source, time, values)
        module = self._module(source)
        if deviations is None or module is None:
            return []
        if time < module.next <= time + self.every:
            return []
        module.next = time + self.every
        return self._judged(source, module, deviations, time)

    def _deviations(self, source: str, time: float, values: list[float]) -> list[float] | None:
        found = []
        widths = self.signals.values()
        for siblings, value, width in zip(self._siblings, values, widths, strict=True):
            usual = siblings.median()
            siblings.note(source, time, value)
            if usual is not None:
                found.append(round((value - usual) / width, 4))
        return found if len(found) == len(values) else None

    def _module(self, source: str) -> _Module | None:
        if not has_room(self._modules, source, self.context, "modules"):
            return None
        if source not in self._modules:
            self._modules[source] = _Module(_forest(self))
        return self._modules[source]

    # --- judging

    def _judged(
        self, source: str, module: _Module, deviations: list[float], time: float
    ) -> list[Signals | Sent]:
        if len(module.samples) < self.window and not module.baseline:
            module.samples.append(deviations)
            if len(module.samples) == self.window:
                self._settle(module)
            return [Signals(time, source, {"AnomalyScore": None})]
        sample = self._sample(module, deviations)
        score = self._score(module, sample)
        if score <= self.above:
            self._learn(module, sample)
        out: list[Signals | Sent] = [Signals(time, source, {"AnomalyScore": round(score, 4)})]
        return out + self._alarms(source, module, score, time)

    def _settle(self, module: _Module) -> None:
        """The first window is complete: its mean is the module's zero, and it is learned."""
        columns = list(zip(*module.samples, strict=True))
        module.baseline = [round(sum(column) / len(column), 4) for column in columns]
        first, module.samples = module.samples, []
        for deviations in first:
            self._learn(module, self._sample(module, deviations))

    def _sample(self, module: _Module, deviations: list[float]) -> list[float]:
        """Deviations beyond its zero, 0.5 for none, within 0 and 1."""
        pairs = zip(deviations, module.baseline, strict=True)
        return [min(max(round(0.5 + (now - usual) / 2, 4), 0.0), 1.0) for now, usual in pairs]

    def _score(self, module: _Module, sample: list[float]) -> float:
        features = dict(enumerate(sample))
        return float(module.model.score_one(features))  # type: ignore[no-untyped-call]

    def _learn(self, module: _Module, sample: list[float]) -> None:
        module.model.learn_one(dict(enumerate(sample)))  # type: ignore[no-untyped-call]
        module.learned += 1
        module.samples.append(sample)
        if module.learned % self.window == 0:  # the window before the last is forgotten
            del module.samples[: -self.window]

    def _alarms(self, source: str, module: _Module, score: float, time: float) -> list[Sent]:
        odd = score > self.above
        if odd == module.raised:
            module.odd_since = module.calm_since = None
            return []
        since = module.odd_since if odd else module.calm_since
        since = time if since is None or since > time else since
        module.odd_since, module.calm_since = (since, None) if odd else (None, since)
        if time - since < (self.on_delay if odd else self.off_delay):
            return []
        module.raised, module.odd_since, module.calm_since = odd, None, None
        state = "raised" if odd else "cleared"
        text = f"{source} is {'unlike' if odd else 'like'} its siblings, score {score:.2f}"
        return [self.alarm(Event(time, source, self.id, state, self.severity, score, text))]

    # --- state

    def snapshot(self) -> dict[str, Any]:
        """The samples that made each model, its zero and its alarm."""
        modules = {}
        for source, one in self._modules.items():
            alarm = [one.odd_since, one.calm_since, one.raised]
            modules[source] = [one.samples, one.learned, one.next, one.baseline, *alarm]
        return {"modules": modules, "siblings": [one.saved() for one in self._siblings]}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Make the models again; other signals or windows begin anew."""
        for source, (samples, learned, due, baseline, *alarm) in saved.get("modules", {}).items():
            module = _Module(_forest(self), next=due, baseline=baseline)
            module.odd_since, module.calm_since, module.raised = alarm
            if baseline:
                module.learned = learned - len(samples)
                for sample in samples:
                    self._learn(module, sample)
            else:
                module.samples = [list(sample) for sample in samples]
            self._modules[source] = module
        for siblings, kept in zip(self._siblings, saved.get("siblings", ()), strict=False):
            siblings.take_up(kept)


def _forest(node: Anomaly) -> HalfSpaceTrees:
    try:
        from river.anomaly import HalfSpaceTrees
    except ImportError as error:
        raise NodeFault("river is not here. Install it: pip install 'flowrt[analysis]'") from error
    return HalfSpaceTrees(n_trees=node.trees, height=node.height, window_size=node.window, seed=1)
