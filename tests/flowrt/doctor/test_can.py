"""What is said of a CAN interface, by what `ip -json -details link show` prints of it."""

from __future__ import annotations

from typing import Any

import pytest

from flowrt.doctor.can import interface_finding


def link(state: str, restart: int = 100) -> dict[str, Any]:
    timing = {"bitrate": 250000, "sample_point": "0.875"}
    data = {"state": state, "restart_ms": restart, "bittiming": timing}
    return {"ifname": "can0", "txqlen": 10, "linkinfo": {"info_kind": "can", "info_data": data}}


@pytest.mark.parametrize(
    ("is_up", "told", "level", "found", "remedy"),
    [
        (
            *(True, link("ERROR-ACTIVE"), "ok"),
            *("up, 250000 bit/s, ERROR-ACTIVE, sends from a queue of 10", ""),
        ),
        (
            *(False, link("STOPPED"), "warn"),
            "down, 250000 bit/s, STOPPED, sends from a queue of 10",
            "ip link set can0 up type can bitrate 250000",
        ),
        (
            *(True, link("BUS-OFF"), "warn"),
            "up, 250000 bit/s, BUS-OFF, sends from a queue of 10",
            "Check wiring, termination and bit rate; ip link set can0 type can restart",
        ),
        (
            *(True, link("ERROR-ACTIVE", 0), "ok"),
            "up, 250000 bit/s, ERROR-ACTIVE, sends from a queue of 10",
            "It stays off after a bus-off: ip link set can0 type can restart-ms 100",
        ),
        (False, {"linkinfo": {"info_kind": "vcan"}}, "warn", "down", "ip link set can0 up"),
        (False, {}, "warn", "down", "ip link set can0 up type can bitrate 500000"),
    ],
)
def test_an_interface_is_judged(
    is_up: bool, told: dict[str, Any], level: str, found: str, remedy: str
) -> None:
    finding = interface_finding("can0", is_up, told)
    assert (finding.level, finding.found, finding.remedy) == (level, found, remedy)
