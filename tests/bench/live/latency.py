"""How long a frame takes to become an alarm outside, at 8,000 frames/s of other traffic."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.live.station import free_ports, stamped_of, station
from tests.support.mosquitto import running_mosquitto

__all__ = ["latency", "percentiles"]

_STAMPS: Final = 200
_RATE: Final = 8000


def latency(seconds: float) -> dict[str, Any]:
    """Percentiles in milliseconds: to CAN send, to an MQTT subscriber, to a Modbus poll."""
    can, modbus = free_ports(2)
    with tempfile.TemporaryDirectory() as folder, running_mosquitto(Path(folder)) as broker:
        flow = _flow(can, modbus, broker.port)
        with station([flow], [can]) as gateway:
            gateway.feed(_RATE, 1)
            listen = [f"mqtt {broker.port}", f"modbus {modbus}"]
            told = gateway.feed(_RATE, seconds, stamps=_STAMPS, listen=listen)
    return {
        **{name: percentiles(ages) for name, ages in told["ages"].items()},
        **{key: told[key] for key in ("rate", "lost", "share", "drops")},
    }


def percentiles(ages: Sequence[int]) -> dict[str, float]:
    """Of ages in microseconds, in milliseconds."""
    cuts = statistics.quantiles(ages, n=1000, method="inclusive")
    found = {"p50": cuts[499], "p99": cuts[989], "p99.9": cuts[998], "max": max(ages)}
    return {"count": len(ages)} | {name: round(one / 1000, 3) for name, one in found.items()}


def _flow(can: int, modbus: int, broker: int) -> dict[str, Any]:
    flow = stamped_of("latency", can)
    flow["resources"]["broker"] = {"type": "mqtt/broker", "host": "127.0.0.1", "port": broker}
    flow["nodes"] |= {
        "level": {"type": "logic/threshold", "signal": "Level", "above": 0.5},
        "alarms": {"type": "mqtt/publish", "broker": "broker", "topic": "bench/{name}"},
        "registers": {
            "type": "modbus/server",
            "port": modbus,
            "registers": [{"signal": "Micros", "type": "u32", "address": 0}],
        },
    }
    for wire in ("stamps level", "level.alarm alarms", "stamps registers"):
        flow["wires"].append(dict(zip(("from", "to"), wire.split(), strict=True)))
    return flow
