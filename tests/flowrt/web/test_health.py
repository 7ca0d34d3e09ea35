"""The health over the API, of a gateway with a bus, a failed flow and losses."""

from __future__ import annotations

from pathlib import Path

import psutil
from aiohttp import ClientSession

from flowrt import __version__
from flowrt.message import Frame
from flowrt.running.engine import Engine
from tests.support.gateway import document, serve, until

HEARD = document(
    "heard",
    {
        "frames": {"type": "can/receive", "bus": "bus"},
        "show": {"type": "core/debug", "to": "none"},
    },
    resources={"bus": {"type": "can/bus", "interface": "virtual", "channel": "health-test"}},
)
HEARD["wires"] = [{"from": "frames", "to": "show", "overflow": "drop-oldest", "capacity": 1}]
BROKEN = document("broken", {"x": {"type": "core/injct"}})


def test_the_health_of_a_gateway(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        circuit = engine.flows["heard"].circuit
        await until(lambda: circuit.resources["bus"].state == ("connected", True))
        circuit.steps["frames"].send([Frame(0.0, "x", number, b"") for number in range(5)])
        async with http.get("/api/health") as response:
            health = await response.json()
        (bus,) = health["buses"]
        assert set(bus.pop("figures")) == {"load_percent", "frames_per_second", "kernel_drops"}
        assert bus == {
            "flow": "heard",
            "resource": "bus",
            "type": "can/bus",
            "ok": True,
            "status": "connected",
        }
        assert (health["running"], health["failed"], health["dropped"]) == (1, 1, 4)
        assert health["version"] == __version__
        assert len(health["load"]) == 3
        assert 10e6 < health["memory_bytes"] < psutil.virtual_memory().total

    serve(tmp_path, scenario, HEARD, BROKEN)
