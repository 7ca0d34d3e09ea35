"""Lines over a day as an SVG that stretches with the page; its words are HTML and do not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Final

from nodes.storage.daily.day import Day, Series
from nodes.storage.daily.wording import number

__all__ = ["MOST_LINES", "chart", "labels", "strip"]

MOST_LINES: Final = 8
"""As many colours as can be told apart."""
_WIDE: Final = 1000
_HIGH: Final = 200


def chart(
    day: Day,
    title: str,
    lines: Sequence[tuple[str, Series]],
    unit: str,
    hours: Sequence[tuple[float, str]],
) -> str:
    """A plot with its legend: a line of means in a band from low to high for each series."""
    steps = _steps(min(s.low() for _, s in lines), max(s.high() for _, s in lines))
    low, high = steps[0], steps[-1]

    def y_of(value: float) -> float:
        return _HIGH * (1 - (value - low) / (high - low))

    drawn = "".join(_line(day, series, index, y_of) for index, (_, series) in enumerate(lines))
    grid = "".join(f'<line x2="{_WIDE}" y1="{y_of(y):.1f}" y2="{y_of(y):.1f}"/>' for y in steps)
    grid += "".join(
        f'<line x1="{x:.1f}" x2="{x:.1f}" y2="{_HIGH}"/>'
        for x in (_x(day, moment) for moment, _ in hours)
    )
    told = escape(f"{title}: " + ", ".join(f"{name} {_span(one, unit)}" for name, one in lines))
    return (
        f"<figure><figcaption><h3>{escape(title)}</h3><span>{escape(unit)}</span></figcaption>"
        f'<div class="plot"><svg viewBox="0 0 {_WIDE} {_HIGH}" preserveAspectRatio="none" '
        f'role="img" aria-label="{told}"><g class="grid">{grid}</g>{drawn}</svg>'
        f"{_y_words(steps, y_of)}</div>{hour_words(day, hours)}{_legend(lines, unit)}</figure>"
    )


def _line(day: Day, series: Series, index: int, y_of: object) -> str:
    assert callable(y_of)
    parts = []
    for run in _runs(series):
        xs = [_x(day, day.begin + (pane + 0.5) * day.pane) for pane in run]
        xs = [
            _x(day, day.begin + run[0] * day.pane),
            *xs,
            _x(day, min(day.begin + (run[-1] + 1) * day.pane, day.end)),
        ]
        panes = [series.panes[pane] for pane in (run[0], *run, run[-1])]
        lows = [f"{x:.1f},{y_of(pane[0]):.1f}" for x, pane in zip(xs, panes, strict=True)]
        highs = [f"{x:.1f},{y_of(pane[1]):.1f}" for x, pane in zip(xs, panes, strict=True)]
        means = [
            f"{x:.1f},{y_of(pane[2] / pane[3]):.1f}" for x, pane in zip(xs, panes, strict=True)
        ]
        parts.append(f'<polygon points="{" ".join([*lows, *reversed(highs)])}"/>')
        parts.append(f'<polyline points="{" ".join(means)}"/>')
    return f'<g class="c{index}">{"".join(parts)}</g>'


def _runs(series: Series) -> Iterator[list[int]]:
    """The panes in rows without a gap."""
    panes = sorted(series.panes)
    run = panes[:1]
    for before, pane in pairwise(panes):
        if pane != before + 1:
            yield run
            run = []
        run.append(pane)
    if run:
        yield run


def _x(day: Day, moment: float) -> float:
    return _WIDE * (moment - day.begin) / (day.end - day.begin)


def _steps(low: float, high: float) -> list[float]:
    """Round values that enclose a range, three to six of them."""
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 2.5, 5, 10) if s * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


def _y_words(steps: Sequence[float], y_of: object) -> str:
    assert callable(y_of)
    return (
        '<div class="y">'
        + "".join(
            f'<span style="top:{100 * y_of(step) / _HIGH:.2f}%">{number(step)}</span>'
            for step in steps
        )
        + "</div>"
    )


def hour_words(day: Day, hours: Sequence[tuple[float, str]]) -> str:
    """The hours under a plot."""
    return (
        '<div class="x">'
        + "".join(
            f'<span style="left:{_x(day, moment) / 10:.2f}%">{word}</span>'
            for moment, word in hours
        )
        + "</div>"
    )


def labels(lines: Sequence[Series]) -> list[str]:
    """What tells lines apart: source, name, or both."""
    sources, names = {one.source for one in lines}, {one.name for one in lines}
    if len(names) == 1:
        return [one.source or one.name for one in lines]
    if len(sources) == 1:
        return [one.name for one in lines]
    return [f"{one.source} {one.name}" for one in lines]


def _legend(lines: Sequence[tuple[str, Series]], unit: str) -> str:
    return (
        '<ul class="legend">'
        + "".join(
            f'<li class="c{index}"><i></i>{escape(name)} <b>{_span(series, unit)}</b></li>'
            for index, (name, series) in enumerate(lines)
        )
        + "</ul>"
    )


def _span(series: Series, unit: str) -> str:
    low, high = number(series.low()), number(series.high())
    span = low if low == high else f"{low} to {high}"
    return escape(f"{span} {unit}".rstrip())


def strip(day: Day, spans: Sequence[Sequence[float]], kind: str, told: str) -> str:
    """A bar of the day with the spans in which something was so."""
    rects = []
    for begin, end in spans:
        x = _x(day, max(begin, day.begin))
        width = max(_x(day, min(end, day.end)) - x, 4.0)
        rects.append(f'<rect x="{min(x, _WIDE - 4):.1f}" width="{width:.1f}" height="10"/>')
    return (
        f'<svg class="strip {kind}" viewBox="0 0 {_WIDE} 10" preserveAspectRatio="none" '
        f'role="img" aria-label="{escape(told)}">{"".join(rects)}</svg>'
    )
