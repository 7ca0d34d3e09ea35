"""What the state and the metrics tell of nodes, resources and wires."""

from __future__ import annotations

from pathlib import Path

import can
from aiohttp import ClientSession

from flowrt.message import Frame
from flowrt.running.engine import Engine
from tests.support.gateway import document, serve, until

BUS = {"type": "can/bus", "interface": "virtual", "channel": "state-test", "bitrate": 250_000}
HEARD = document(
    "heard",
    {
        "frames": {"type": "can/receive", "bus": "bus"},
        "show": {"type": "core/debug", "to": "none"},
    },
    resources={"bus": BUS},
)
HEARD["wires"] = [{"from": "frames", "to": "show", "overflow": "drop-oldest", "capacity": 1}]


async def hear(engine: Engine, count: int) -> None:
    """Let a burst of frames come by the bus."""
    circuit = engine.flows["heard"].circuit
    await until(lambda: circuit.resources["bus"].state == ("connected", True))
    with can.Bus(interface="virtual", channel="state-test") as peer:
        for number in range(count):
            peer.send(can.Message(arbitration_id=number, is_extended_id=False))
        await until(lambda: circuit.steps["frames"].counters.sent == count)


def test_the_state_has_what_the_editor_shows(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        await hear(engine, 1)
        frames_step = engine.flows["heard"].circuit.steps["frames"]
        frames_step.send([Frame(0.0, "x", number, b"") for number in range(5)])
        async with http.get("/api/state") as response:
            flow = (await response.json())["flows"]["heard"]
        bus, frames, (wire,) = flow["resources"]["bus"], flow["nodes"]["frames"], flow["wires"]
        assert set(bus["figures"]) == {"load_percent", "frames_per_second", "kernel_drops"}
        assert set(frames) == {
            *("type", "status", "ok", "received", "sent", "errors", "drops", "busy_seconds"),
            *("outputs", "figures"),
        }
        assert frames["outputs"]["out"]["last"]["kind"] == "frame"
        assert set(wire) == {
            *("from", "to", "overflow", "capacity", "queued", "peak", "dropped"),
        }
        assert wire["dropped"] == sum(flow["nodes"]["show"]["drops"].values()) == 4

    serve(tmp_path, scenario, HEARD)


def test_figures_are_metrics(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        await hear(engine, 1)
        async with http.get("/metrics") as response:
            lines = (await response.text()).splitlines()
        labels = 'figure="kernel_drops",flow="heard",node="bus",type="can/bus"'
        assert f"flowrt_node_figure{{{labels}}} 0.0" in lines

    serve(tmp_path, scenario, HEARD)


def test_a_journal_is_told_by_state_metrics_and_health(tmp_path: Path) -> None:
    ticking = document(
        "ticking",
        {
            "tick": {"type": "core/inject", "values": {"SOC": 50}, "every": "10 ms", "count": 5},
            "show": {"type": "core/debug", "to": "none"},
        },
    )
    ticking["wires"] = [{"from": "tick", "to": "show", "overflow": "spill"}]

    async def scenario(http: ClientSession, engine: Engine) -> None:
        await until(lambda: engine.flows["ticking"].circuit.steps["show"].counters.sent == 5)
        async with http.get("/api/state") as response:
            (wire,) = (await response.json())["flows"]["ticking"]["wires"]
        journal = wire["journal"]
        assert (journal["quarantined"], journal["damaged"], journal["trouble"]) == (0, 0, "")
        assert 0 < journal["bytes"] <= journal["written"] < 2000 < journal["limit"]
        async with http.get("/metrics") as response:
            lines = (await response.text()).splitlines()
        (limit,) = (line for line in lines if line.startswith("flowrt_journal_limit_bytes{"))
        assert 'flow="ticking"' in limit
        assert limit.endswith(" 6.7108864e+07")
        assert any(line.startswith("flowrt_journal_written_bytes_total{") for line in lines)
        async with http.get("/api/health") as response:
            assert (await response.json())["journal_bytes"] >= journal["bytes"]

    serve(tmp_path, scenario, ticking)
