"""The page of `flowrt status`: the gateway, its flows, their nodes, its alarms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from flowrt.remote.situation import NodeRow, Situation

__all__ = ["status_page"]

_COLOURS: Final = {"running": "green", "stopped": "dim", "failed": "red"}
_SEVERITIES: Final = {"trip": "red", "alarm": "red", "warning": "yellow"}


def status_page(now: Situation, before: Situation) -> RenderableType:
    """What a person wants to know at a glance."""
    parts: list[RenderableType] = [_gateway(now)]
    if now.safe_mode:
        parts.append(Text(f"safe mode: {now.safe_mode}; no flow was started", style="bold red"))
    nodes = list(now.nodes(before))
    for flow in now.flows:
        parts += ["", *_flow(flow, [row for row in nodes if row.flow == flow["name"]])]
    parts += ["", _alarms(now.alarms)]
    return Group(*parts)


def _gateway(now: Situation) -> Text:
    health = now.health
    hours = health["uptime_seconds"] / 3600
    return Text(
        f"{health['host']} at {now.url}: flowrt {health['version']}, up {hours:.1f} h, "
        f"{health['cpu_percent']:g} % of a core, {health['memory_bytes'] / 1e6:.0f} MB, "
        f"{health['disk_free_bytes'] / 1e9:.1f} GB free, {health['dropped']} dropped"
    )


def _flow(flow: dict[str, Any], nodes: list[NodeRow]) -> Iterator[RenderableType]:
    state = "subflow" if flow["subflow"] else flow["state"]
    title = Text.assemble((flow["name"], "bold"), " ", (state, _COLOURS.get(state, "dim")))
    yield title
    for problem in flow["problems"]:
        yield Text(f"  {problem['place']}: {problem['sentence']}", style="red")
    if nodes:
        yield _nodes(nodes)


def _nodes(rows: list[NodeRow]) -> Table:
    table = Table(box=None, pad_edge=True)
    for title, side in (("node", "left"), ("type", "left"), ("in/s", "right"), ("out/s", "right")):
        table.add_column(title, justify=side)  # type: ignore[arg-type]
    table.add_column("errors", justify="right")
    table.add_column("drops")
    table.add_column("status")
    for row in rows:
        drops = ", ".join(f"{count} {reason}" for reason, count in row.drops.items())
        table.add_row(
            Text(row.node),
            Text(row.type, style="dim"),
            f"{row.in_rate:g}",
            f"{row.out_rate:g}",
            Text(str(row.errors), style="red" if row.errors else "dim"),
            Text(drops, style="yellow"),
            Text(row.status, style="" if row.ok else "red"),
        )
    return table


def _alarms(alarms: list[dict[str, Any]]) -> RenderableType:
    if not alarms:
        return Text("no alarm stands", style="dim")
    table = Table(box=None, pad_edge=False, show_header=False)
    for alarm in alarms:
        when = datetime.fromtimestamp(alarm["time"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        seen = alarm["acknowledged"]
        table.add_row(
            Text(alarm["severity"], style=_SEVERITIES.get(alarm["severity"], "")),
            when,
            Text(f"{alarm['flow']}/{alarm['node']}"),
            Text(alarm["text"] or alarm["name"]),
            Text(f"seen by {seen['by']}" if seen else "", style="dim"),
        )
    return table
