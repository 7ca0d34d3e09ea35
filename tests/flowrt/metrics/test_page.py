"""The page of metrics, read by Prometheus' own parser: whole, explained, and without doubles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from flowrt.events.log import EventLog
from flowrt.running.engine import Engine
from tests.support.gateway import document, serve, until

LOUD = document(
    "loud",
    {
        "inject": {"type": "core/inject", "values": {"SOC": 5}, "every": "10 ms"},
        "low": {"type": "logic/threshold", "signal": "SOC", "below": 20, "text": 'it\'s "low"\n'},
        "show": {"type": "core/debug", "to": "none"},
        "keep": {"type": "storage/jsonl", "file": "out.jsonl"},
    },
    *("inject low", "low show", "low keep"),
)
LOUD["wires"].append({"from": "inject", "to": "keep", "overflow": "spill"})


async def read(http: ClientSession) -> dict[str, Metric]:
    async with http.get("/metrics") as response:
        assert response.status == 200
        text = await response.text()
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    return {family.name: family for family in families}


def values(family: Metric, label: str) -> dict[str, float]:
    return {sample.labels[label]: sample.value for sample in family.samples}


def look(folder: Path, *flows: dict[str, Any]) -> dict[str, Metric]:
    found: dict[str, Metric] = {}

    async def scenario(http: ClientSession, engine: Engine) -> None:
        engine.events = EventLog(engine.watch, folder)
        sent = engine.flows["loud"].circuit.steps["inject"].counters
        await until(lambda: sent.sent > 20)
        await engine.events.flush()
        found.update(await read(http))
        engine.events.close()

    serve(folder, scenario, *flows)
    return found


def test_every_family_has_help_and_no_sample_comes_twice(tmp_path: Path) -> None:
    for family in look(tmp_path, LOUD).values():
        assert family.documentation, family.name
        samples = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in family.samples]
        assert len(set(samples)) == len(samples), family.name


def test_nodes_wires_journals_process_and_runtime_are_there(tmp_path: Path) -> None:
    found = look(tmp_path, LOUD)
    assert values(found["flowrt_node_received"], "node")["low"] > 10
    assert values(found["flowrt_node_ok"], "node")["keep"] == 1
    wires = [sample.labels for sample in found["flowrt_wire_queued"].samples]
    assert {"inject", "low"} == {one["source"] for one in wires if one["target"] == "keep"}
    assert values(found["flowrt_journal_limit_bytes"], "source").keys() == {"inject"}
    assert values(found["flowrt_flow_running"], "flow") == {"loud": 1}
    assert values(found["flowrt_alarms"], "severity") == {"alarm": 1}
    assert found["process_resident_memory_bytes"].samples[0].value > 1e7
    for name in ("flowrt_safe_mode", "flowrt_stuck_flows", "flowrt_events_lost"):
        assert [sample.value for sample in found[name].samples] == [0], name
    assert found["flowrt_loop_lag_seconds"].samples[0].value >= 0
    assert "flowrt_info" in found


def test_two_wires_between_the_same_nodes_are_told_apart(tmp_path: Path) -> None:
    latched = document(
        "loud",
        {
            "inject": {"type": "core/inject", "values": {"SOC": 5}, "every": "10 ms"},
            "low": {"type": "logic/threshold", "signal": "SOC", "below": 20, "latch": True},
            "button": {
                "type": "core/inject",
                "event": {"name": "low", "state": "acknowledged"},
            },
        },
        *("inject low", "button low.acknowledge"),
    )
    for wire in latched["wires"]:
        wire["overflow"] = "block"
    found = look(tmp_path, latched)
    inputs = [sample.labels["input"] for sample in found["flowrt_wire_capacity"].samples]
    assert sorted(inputs) == ["acknowledge", "in"]
