"""The page of a day, whole in one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from flowrt.node import Catalogue
from nodes.storage.daily.chart import MOST_LINES, chart, labels
from nodes.storage.daily.day import Day, Series
from nodes.storage.daily.matches import Matches
from nodes.storage.daily.tables import alarm_table, battery_table, loss_table, reading_table
from nodes.storage.daily.wording import clock, duration, number, percent

__all__ = ["Facts", "page"]


@dataclass(frozen=True)
class Facts:
    """What a page needs beside the day; `now` in POSIX seconds, `plots` as title and signals."""

    title: str
    zone: ZoneInfo
    now: float
    plots: Sequence[tuple[str, Matches]]
    catalogue: Catalogue

    def unit(self, series: Series) -> str:
        """The unit of a signal, as its source declares it."""
        name = f"{series.source}.{series.name}" if series.source else series.name
        unit = self.catalogue.unit(name) or self.catalogue.unit(series.name)
        return "\u00b0C" if unit == "degC" else unit


@cache
def _style() -> str:
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def page(day: Day, facts: Facts) -> str:
    """HTML that needs no other file, no script and no network."""
    until = min(day.end, facts.now)
    written = date.fromisoformat(day.date).strftime("%A, %-d %B %Y")
    body = "".join(
        [
            f"<header><h1>{escape(facts.title)}</h1><p>{written}</p>"
            f"<p class=quiet>{_hours_told(day, facts, until)}</p></header>",
            _tiles(day, until),
            _outages(day, facts),
            *_section("Alarms", alarm_table(day, facts.zone, until)),
            *_section("Batteries", battery_table(day, facts.zone, until)),
            *_section("The day", "".join(_charts(day, facts))),
            *_section("Readings", reading_table(day, facts.unit)),
            *_section("Messages lost", loss_table(day)),
            f"<footer>Written by flowrt at {clock(facts.now, facts.zone)}. "
            "A line is the mean of a pane, the band around it its lowest and highest reading. "
            f"A pane is {duration(day.pane)} long.</footer>",
        ]
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(facts.title)}, {day.date}</title><style>{_style()}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _section(title: str, content: str) -> list[str]:
    return [f"<section><h2>{title}</h2>{content}</section>"] if content else []


def _hours_told(day: Day, facts: Facts, until: float) -> str:
    told = [f"Times of {escape(facts.zone.key)}"]
    if (length := round((day.end - day.begin) / 3600)) != 24:
        told.append(f"a day of {length} hours")
    if day.since > day.begin + 1:
        told.append(f"gathered from {clock(day.since, facts.zone)}")
    if until < day.end:
        told.append(f"until {clock(until, facts.zone)}, the day so far")
    return ", ".join(told) + "."


def _outages(day: Day, facts: Facts) -> str:
    if not day.outages:
        return ""
    times = ", ".join(
        f"{clock(one.begin, facts.zone)} to {clock(one.end, facts.zone)}" for one in day.outages
    )
    return f'<p class="notice">Nothing was gathered: {times}. The gateway or the flow stood.</p>'


def _tiles(day: Day, until: float) -> str:
    tiles = [*_energy_tiles(day), *_soc_tile(day)]
    raised = sum(row.count for row in day.alarms.values())
    standing = sum(row.since is not None for row in day.alarms.values())
    tiles.append(("Alarms", str(raised), f"{standing} standing" if standing else "none standing"))
    if day.batteries:
        observed = day.observed(until)
        shares = [one.share(observed, until, day.patience) for one in day.batteries.values()]
        count = len(shares)
        word = "battery" if count == 1 else f"least of {count} batteries"
        tiles.append(("Availability", percent(min(shares)), word))
    lost = sum(day.losses.values())
    tiles.append(("Messages lost", number(lost), "see below" if lost else "nothing was lost"))
    return '<div class="tiles">' + "".join(map(_tile, tiles)) + "</div>"


def _tile(tile: tuple[str, str, str]) -> str:
    what, value, more = map(escape, tile)
    return f"<div><span>{what}</span><strong>{value}</strong><small>{more}</small></div>"


def _energy_tiles(day: Day) -> list[tuple[str, str, str]]:
    charged = [one.charged for one in day.batteries.values() if one.charged is not None]
    given = [one.discharged for one in day.batteries.values() if one.discharged is not None]
    tiles = []
    if charged:
        tiles.append(("Energy in", f"{number(sum(charged))} kWh", "charged"))
    if given:
        tiles.append(("Energy out", f"{number(sum(given))} kWh", "discharged"))
    return tiles


def _soc_tile(day: Day) -> list[tuple[str, str, str]]:
    lines = [one for one in day.series.values() if one.name == day.soc and one.panes]
    if not lines:
        return []
    low, high = min(one.low() for one in lines), max(one.high() for one in lines)
    span = number(low) if low == high else f"{number(low)} \u2013 {number(high)}"
    return [("State of charge", f"{span} %", "lowest and highest")]


def _charts(day: Day, facts: Facts) -> list[str]:
    hours = day.hours(facts.zone)
    drawn = []
    for title, matches in facts.plots:
        lines = [one for one in day.series.values() if one.panes and _fits(one, matches)]
        if lines:
            told = list(zip(labels(lines), lines, strict=True))[:MOST_LINES]
            drawn.append(chart(day, title, told, facts.unit(lines[0]), hours))
            if len(lines) > MOST_LINES:
                more = len(lines) - MOST_LINES
                drawn.append(f"<p class=quiet>{more} more are among the readings below.</p>")
    return drawn


def _fits(series: Series, matches: Matches) -> bool:
    return matches.match(series.source, series.name)
