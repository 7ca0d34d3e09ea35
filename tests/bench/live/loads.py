"""What load costs a live gateway: processor share, losses, memory."""

from __future__ import annotations

from typing import Any, Final

from tests.bench.live.station import five_nodes_of, free_ports, station

__all__ = ["by_rate", "four_buses", "many_flows"]

RATES: Final = (1000, 2000, 4000, 8000, 16_000, 32_000)
_SATURATED: Final = 9000
"""Frames a second of a 1 Mbit/s bus with 8 bytes each, stuffed."""
_KEPT: Final = ("rate", "received", "lost", "share", "cpu_us_a_frame", "drops", "memory")


def by_rate(seconds: float) -> list[dict[str, Any]]:
    """One bus, one five-node flow, ever more frames a second."""
    (port,) = free_ports(1)
    with station([five_nodes_of("five", [port])], [port]) as gateway:
        gateway.feed(1000, 1)
        return [_kept(gateway.feed(rate, seconds)) for rate in RATES]


def four_buses(seconds: float) -> dict[str, Any]:
    """Four saturated 1 Mbit/s buses into one five-node flow."""
    ports = free_ports(4)
    with station([five_nodes_of("four", ports)], ports) as gateway:
        gateway.feed(1000, 1)
        return _kept(gateway.feed(4 * _SATURATED, seconds))


def many_flows(count: int, seconds: float) -> dict[str, Any]:
    """Flows side by side, each with a bus of its own; 8,000 frames/s in all."""
    ports = free_ports(count)
    flows = [five_nodes_of(f"five{index}", [port]) for index, port in enumerate(ports)]
    with station(flows, ports) as gateway:
        gateway.feed(1000, 1)
        return _kept(gateway.feed(8000, seconds))


def _kept(told: dict[str, Any]) -> dict[str, Any]:
    return {key: told[key] for key in _KEPT}
