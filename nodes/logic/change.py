"""Readings renamed, scaled and computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Literal

from flowrt.node import (
    Catalogue,
    Example,
    NodeFault,
    SignalInfo,
    Signals,
    Transform,
    Value,
    node,
    setting,
    split_signal,
)
from nodes.logic.expression import Expression, ExpressionError, Missing, unknown_names
from nodes.logic.pick import MOST_SERIES, Pick, is_pattern


@node("logic/change", icon="function-square")
class Change(Transform):
    """Scale signals, compute new ones from those of the same message, then rename.

    A result whose operand is missing or not available is left out and counted. To compute from
    signals of several sources, put a logic/merge before.
    """

    scale: dict[str, float] = setting(
        "Factor by signal or pattern, before `offset`: Cell* by 0.001 for mV to V.",
        default=dict,
        signal=True,
    )
    offset: dict[str, float] = setting(
        "Added to the scaled reading, by signal or pattern.", default=dict, signal=True
    )
    compute: dict[str, str] = setting(
        'New signals by expression: PackVoltage * PackCurrent, or spread("Cell*"). Functions are '
        "min, max, sum, mean, spread, count, abs, round, sqrt, exp, log, floor, ceil and clamp.",
        default=dict,
    )
    rename: dict[str, str] = setting(
        "New name by signal, after all else.", default=dict, signal=True
    )
    units: dict[str, str] = setting("Unit by name of what leaves.", default=dict)
    keep: Literal["all", "listed"] = setting(
        "Pass on every signal, or only those named here.", default="all"
    )

    examples = (
        Example(
            "Power in kW beside what it comes from",
            settings={
                "compute": {"Power": "PackVoltage * PackCurrent / 1000"},
                "units": {"Power": "kW"},
            },
            given=[Signals(0.0, "Measure", {"PackVoltage": 50.0, "PackCurrent": -20.0})],
            expect=[
                Signals(
                    *(0.0, "Measure"),
                    values={"PackVoltage": 50.0, "PackCurrent": -20.0, "Power": -1.0},
                )
            ],
        ),
        Example(
            "Cell voltages in mV to V, and their spread",
            settings={
                "scale": {"Cell*": 0.5},
                "compute": {"CellSpread": 'spread("Cell*")'},
                "rename": {"Cell1": "First"},
            },
            given=[Signals(0.0, "Cells", {"Cell1": 6.5, "Cell2": 7.0, "SOC": 55})],
            expect=[
                Signals(0.0, "Cells", {"First": 3.25, "Cell2": 3.5, "SOC": 55, "CellSpread": 0.25})
            ],
        ),
        Example(
            "Charging current positive, whatever the battery says",
            settings={"scale": {"Current": -1}, "rename": {"Current": "I"}, "keep": "listed"},
            given=[Signals(0.0, "Pack", {"Current": 20, "SOC": 55}), Signals(0.1, "Name", {})],
            expect=[Signals(0.0, "Pack", {"I": -20.0})],
        ),
    )

    def __post_init__(self) -> None:
        self._scales = [(Pick([name]), factor) for name, factor in self.scale.items()]
        self._offsets = [(Pick([name]), added) for name, added in self.offset.items()]
        self._listed = Pick([*self.scale, *self.offset, *self.rename])
        self._lists = bool(self.scale or self.offset or self.rename)
        self._linear: dict[tuple[str, str], tuple[float, float] | None] = {}
        self._incoming = Catalogue(open=True)
        self._broken: dict[str, str] = {}
        self._expressions = dict(self._parse())

    def _parse(self) -> Iterator[tuple[str, Expression]]:
        for name, text in self.compute.items():
            try:
                yield name, Expression(text)
            except ExpressionError as error:
                self._broken[name] = str(error)

    # --- what is known before it runs

    def problems(self) -> Iterator[tuple[str, str]]:
        """Expressions that cannot be read or never computed, and names that clash."""
        for name, sentence in self._broken.items():
            yield f"compute.{name}", sentence
        before: list[str] = []
        for name, expression in self._expressions.items():
            for sentence in unknown_names(expression, self._incoming, before):
                yield f"compute.{name}", sentence
            yield from self._apart(name, expression, before)
            before.append(name)
        yield from self._clashes()

    def _apart(
        self, name: str, expression: Expression, before: list[str]
    ) -> Iterator[tuple[str, str]]:
        """Operands that exist, but never come in one message."""
        if self._incoming.open:
            return
        operands = sorted(expression.names.difference(before))
        sources = [{info.source for info in self._incoming.find(each)} for each in operands]
        if len(sources) > 1 and all(sources) and not set.intersection(*sources):
            yield (
                f"compute.{name}",
                f"{' and '.join(operands)} come in different messages, of "
                f"{' and '.join(sorted(set.union(*sources)))}. Put a logic/merge before.",
            )

    def _clashes(self) -> Iterator[tuple[str, str]]:
        seen: dict[str, str] = {}
        for old, new in self.rename.items():
            if is_pattern(old):
                yield f"rename.{old}", "is a pattern, but only one signal can have the new name."
            elif new in seen and split_signal(old)[0] == split_signal(seen[new])[0]:
                yield f"rename.{old}", f'"{new}" is the new name of "{seen[new]}" already.'
            seen[new] = old

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """What leaves, with its new names, ranges and units."""
        self._incoming = incoming
        made = [
            self._changed(info)
            for info in incoming
            if self.keep == "all" or self._is_listed(info.source, info.name)
        ]
        for source in sorted({info.source for info in incoming}):
            names = {info.name for info in incoming if info.source == source}
            for name, expression in self._expressions.items():
                if expression.concerns(source, names):
                    made.append(self._computed(source, name))
                    names.add(name)
        return Catalogue(made, open=incoming.open)

    def _changed(self, info: SignalInfo) -> SignalInfo:
        name = self._new_name(info.source, info.name)
        unit = self.units.get(name, info.unit)
        linear = self._line(info.source, info.name)
        if linear is None:
            return replace(info, name=name, unit=unit)
        ends = (info.minimum, info.maximum)
        low, high = (None if end is None else end * linear[0] + linear[1] for end in ends)
        if linear[0] < 0:
            low, high = high, low
        return replace(info, name=name, unit=unit, minimum=low, maximum=high, choices={})

    def _computed(self, source: str, name: str) -> SignalInfo:
        renamed = self._new_name(source, name)
        return SignalInfo(renamed, source, self.units.get(renamed, ""))

    def set_points(self, name: str) -> dict[str, bool]:
        """Narrowed by a factor from 0 to 1; whatever else is computed of one may be wider."""
        computed = [each for each, text in self._expressions.items() if _reads(text, name)]
        kept = name not in self._expressions and all(
            0 <= factor <= 1 for old, factor in self.scale.items() if _may_mean(old, name)
        )
        kept = kept and not any(_may_mean(old, name) for old in self.offset)
        found = {self._renamed(each): False for each in computed}
        return {self._renamed(name): kept, **found}

    def _renamed(self, name: str) -> str:
        return next((new for old, new in self.rename.items() if split_signal(old)[1] == name), name)

    def summary(self) -> str:
        """`Power = PackVoltage * PackCurrent, Cell* x 0.001`."""
        parts = [f"{name} = {text}" for name, text in self.compute.items()]
        parts += [f"{name} x {factor:g}" for name, factor in self.scale.items()]
        parts += [f"{name} {added:+g}" for name, added in self.offset.items()]
        parts += [f"{old} as {new}" for old, new in self.rename.items()]
        return ", ".join(parts)

    # --- messages

    def on_message(self, message: Signals) -> Signals | None:
        """Change one message; nothing leaves where nothing is left."""
        source, values = message.source, message.values
        if self._scales or self._offsets:
            values = {name: self._scaled(source, name, value) for name, value in values.items()}
        computed = self._compute(message, values) if self._expressions else {}
        if self.keep == "listed":
            values = {
                name: value for name, value in values.items() if self._is_listed(source, name)
            }
        if computed:
            values = {**values, **computed}
        if self.rename:
            values = {self._new_name(source, name): value for name, value in values.items()}
        if values is message.values:
            return message
        return Signals(message.time, source, values) if values else None

    def _compute(self, message: Signals, values: dict[str, Value]) -> dict[str, Value]:
        """The results; one expression may use those before it."""
        known = dict(values)
        computed: dict[str, Value] = {}
        for name, expression in self._expressions.items():
            if not expression.concerns(message.source, known):
                continue
            try:
                known[name] = computed[name] = expression(message.source, known)
            except Missing:
                self.context.drop("missing operand", 1)
            except NodeFault as error:
                self.context.fault(NodeFault(f"compute.{name}: {error}"), message)
        return computed

    def _scaled(self, source: str, name: str, value: Value) -> Value:
        linear = self._line(source, name)
        if linear is None or not isinstance(value, int | float):
            return value
        return value * linear[0] + linear[1]

    def _line(self, source: str, name: str) -> tuple[float, float] | None:
        """Factor and offset of a signal; None where it stays as it is."""
        key = (source, name)
        if key not in self._linear:
            if len(self._linear) >= MOST_SERIES:
                self._linear.clear()
            factors = [factor for pick, factor in self._scales if pick(source, name)]
            added = [offset for pick, offset in self._offsets if pick(source, name)]
            line = (factors[0] if factors else 1.0, added[0] if added else 0.0)
            self._linear[key] = line if factors or added else None
        return self._linear[key]

    def _is_listed(self, source: str, name: str) -> bool:
        return self._lists and self._listed(source, name)

    def _new_name(self, source: str, name: str) -> str:
        if not self.rename:
            return name
        return self.rename.get(f"{source}.{name}") or self.rename.get(name, name)


def _may_mean(pattern: str, name: str) -> bool:
    return fnmatchcase(name, split_signal(pattern)[1])


def _reads(expression: Expression, name: str) -> bool:
    return any(_may_mean(each, name) for each in (*expression.names, *expression.patterns))
