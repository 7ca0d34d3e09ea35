"""core/catch."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from flowrt.example import Stand
from flowrt.flow.file import read_flow
from flowrt.node import Event
from flowrt.running.engine import Engine
from nodes.core.catch import Catch
from nodes.core.debug import Debug


def error(source: str, time: float = 0.0) -> Event:
    return Event(time, source, "error", severity="warning", value=1, text="it broke")


def test_sends_errors_on() -> None:
    stand = Stand(catch := Catch())
    catch.on_error(error("publish"))
    assert stand.out == [("out", error("publish"))]


def test_listens_only_to_the_nodes_named() -> None:
    stand = Stand(catch := Catch(nodes=["publish"]))
    catch.on_error(error("decode"))
    catch.on_error(error("publish"))
    assert stand.out == [("out", error("publish"))]
    assert stand.step.counters.drops == {}


def test_too_many_errors_are_dropped_and_counted() -> None:
    stand = Stand(catch := Catch(at_most=2))
    for _ in range(5):
        catch.on_error(error("a"))
    stand.run_to(1.0)
    catch.on_error(error("b"))
    assert [message.source for _, message in stand.out if isinstance(message, Event)] == [
        "a",
        "a",
        "b",
    ]
    assert stand.step.counters.drops == {"more than 2 errors a second": 3}


def test_gets_the_errors_of_a_running_flow(tmp_path: Path) -> None:
    flow = {
        "flowrt": 1,
        "name": "faulty",
        "nodes": {
            "broken": {"type": "storage/jsonl", "file": "a-file/x.jsonl"},
            "once": {"type": "core/inject", "values": {"n": 1}},
            "errors": {"type": "core/catch"},
            "show": {"type": "core/debug", "to": "none"},
        },
        "wires": [{"from": "once", "to": "broken"}, {"from": "errors", "to": "show"}],
    }
    (tmp_path / "a-file").write_text("so no folder of this name can be made")
    (tmp_path / "faulty.json").write_text(json.dumps(flow))
    lines = asyncio.run(_shown(tmp_path, "faulty"))
    assert lines
    assert "broken error happened (warning) value=1" in lines[0]


async def _shown(folder: Path, name: str) -> list[str]:
    """What the flow's node `show` has seen after a moment."""
    engine = Engine(folder / "data")
    running = await engine.start(read_flow(folder / f"{name}.json"))
    show = running.circuit.steps["show"].node
    assert isinstance(show, Debug)
    for _ in range(100):
        await asyncio.sleep(0.01)
        if show.seen:
            break
    await engine.stop_all()
    return [line for _, line in show.recent()]
