"""The tables of a day's page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Final
from zoneinfo import ZoneInfo

from nodes.storage.daily.chart import strip
from nodes.storage.daily.day import Battery, Day, Series
from nodes.storage.daily.standing import SEVERITIES, AlarmRow
from nodes.storage.daily.wording import clock, duration, number, percent

__all__ = ["alarm_table", "battery_table", "loss_table", "reading_table"]

_MOST_ROWS: Final = 200
_NONE: Final = "\u2013"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """A table; the first column heads its row, the last `numbers` columns are figures."""
    kinds = ["" if index < len(head) - numbers else ' class="n"' for index in range(len(head))]
    top = "".join(f"<th{kind}>{word}</th>" for word, kind in zip(head, kinds, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{k}>{c}</td>" for c, k in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def alarm_table(day: Day, zone: ZoneInfo, until: float) -> str:
    """Every alarm that stood that day, the worst and the longest first."""
    rows = [row for row in day.alarms.values() if row.count or row.drawn(until)]
    if not rows:
        return "<p>No alarm stood.</p>"
    rows.sort(key=lambda row: (SEVERITIES.index(row.severity), -row.lasted(until)))
    shown = [_alarm_row(day, row, zone, until) for row in rows[:_MOST_ROWS]]
    head = ("Alarm", "", "When", "First", "Last", "Raised", "Stood")
    more = len(rows) - _MOST_ROWS
    rest = f"<p class=quiet>{more} more are not shown.</p>" if more > 0 else ""
    return _table(head, shown, numbers=4) + rest


def _alarm_row(day: Day, row: AlarmRow, zone: ZoneInfo, until: float) -> list[str]:
    stamp = day.is_odd()
    name = f"<b>{escape(row.name)}</b> of {escape(row.source)}" if row.source else escape(row.name)
    text = f"<small>{escape(row.text)}</small>" if row.text else ""
    lasted = duration(row.lasted(until))
    told = f"stood for {lasted}"
    return [
        f"{name}{text}",
        f'<span class="badge {row.severity}">{row.severity}</span>',
        strip(day, row.drawn(until), row.severity, told),
        _NONE if row.first is None else clock(row.first, zone, offset=stamp),
        _NONE if row.last is None else clock(row.last, zone, offset=stamp),
        str(row.count),
        f"{lasted}{', stands' if row.since is not None else ''}",
    ]


def battery_table(day: Day, zone: ZoneInfo, until: float) -> str:
    """What each battery did, and how much of the day it was there."""
    if not day.batteries:
        return ""
    rows = [_battery_row(day, name, one, zone, until) for name, one in day.batteries.items()]
    head = ("Battery", "There", "", "Energy in", "Energy out", "SOC", "Cell spread", "Temperature")
    return _table(head, rows, numbers=6)


def _battery_row(day: Day, name: str, one: Battery, zone: ZoneInfo, until: float) -> list[str]:
    share = one.share(day.observed(until), until, day.patience)
    spans = [
        [day.begin + pane * day.pane, day.begin + (pane + 1) * day.pane]
        for pane in sorted(one.present)
    ]
    lasted = "" if one.seen is None else f"last heard at {clock(one.seen, zone)}"
    return [
        f"<b>{escape(name)}</b>",
        strip(day, _joined(spans), "there", lasted),
        percent(share),
        _NONE if one.charged is None else f"{number(one.charged)} kWh",
        _NONE if one.discharged is None else f"{number(one.discharged)} kWh",
        _span(day, name, lambda series: series.name == day.soc, "%"),
        _NONE if one.spread is None else f"{number(1000 * one.spread)} mV",
        _span(day, name, lambda series: "Temperature" in series.name, "\u00b0C"),
    ]


def _joined(spans: Iterable[list[float]]) -> list[list[float]]:
    joined: list[list[float]] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1][1] = end
        else:
            joined.append([begin, end])
    return joined


def _span(day: Day, battery: str, wanted: Callable[[Series], bool], unit: str) -> str:
    lines = [
        one
        for one in day.series.values()
        if one.source.partition("/")[0] == battery and wanted(one) and one.panes
    ]
    if not lines:
        return _NONE
    low = number(min(one.low() for one in lines))
    high = number(max(one.high() for one in lines))
    return f"{low} {unit}" if low == high else f"{low} \u2013 {high} {unit}"


def reading_table(day: Day, unit: Callable[[Series], str]) -> str:
    """Low, mean and high of what was drawn."""
    rows = [
        [
            f"<b>{escape(one.name)}</b> of {escape(one.source)}",
            *(
                f"{number(value)} {escape(unit(one))}"
                for value in (one.low(), one.mean(), one.high())
            ),
        ]
        for one in day.series.values()
        if one.panes
    ]
    return _table(("Reading", "Lowest", "Mean", "Highest"), rows, numbers=3) if rows else ""


def loss_table(day: Day) -> str:
    """Where messages were lost, and why."""
    rows = [
        [*map(escape, place.partition(": ")[::2]), number(count)]
        for place, count in sorted(day.losses.items(), key=lambda item: -item[1])
    ]
    return _table(("Node", "Why", "Messages"), rows, numbers=1) if rows else ""
