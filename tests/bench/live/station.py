"""A gateway in a process of its own, with feeders and listeners in others."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.support.ports import free_port

__all__ = ["Station", "five_nodes_of", "free_ports", "stamped_of", "station"]

_ROOT: Final = Path(__file__).parents[3]
_DATABASE: Final = str(Path(__file__).with_name("bench.dbc"))
_PATIENCE: Final = 60
_SETTLED: Final = 0.5
"""Seconds after the last frame at which nothing is under way any more."""


class Station:
    """A running gateway: feed it, and ask it what it did."""

    def __init__(self, process: subprocess.Popen[str], ports: Sequence[int]) -> None:
        self._process = process
        self.ports = ports

    def report(self) -> dict[str, Any]:
        """What it has done since its start; see tests/bench/live/gateway.py."""
        assert self._process.stdin is not None
        self._process.stdin.write("report\n")
        self._process.stdin.flush()
        return _line_of(self._process)

    def feed(
        self, rate: float, seconds: float, *, stamps: float = 0, listen: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Send frames, and say what they cost: processor share, losses, memory, ages.

        `listen` are listeners' kinds and ports: "mqtt 1883".
        """
        ears = {kind: _start("listener", *kind.split(), str(seconds + 1)) for kind in listen}
        before = self.report()
        ports = [str(port) for port in self.ports]
        told = _result(_start("feeder", str(rate), str(seconds), str(stamps), *ports))
        time.sleep(_SETTLED)
        after = self.report()
        taken = _sum(after) - _sum(before)
        return {
            **told,
            "rate": told["sent"] / told["seconds"],
            "received": taken,
            "lost": told["sent"] - taken,
            "share": (after["cpu"] - before["cpu"]) / told["seconds"],
            "cpu_us_a_frame": (after["cpu"] - before["cpu"]) / max(1, taken) * 1e6,
            "drops": {k: v for k, v in after["drops"].items() if "unknown id" not in k},
            "memory": after["memory"],
            "ages": {"can": after["ages"][len(before["ages"]) :]}
            | {k.split()[0]: _result(e) for k, e in ears.items()},
        }


def _sum(report: Mapping[str, Any]) -> int:
    """Frames that reached a decoder."""
    return sum(count for id, count in report["received"].items() if id.startswith("decode"))


@contextmanager
def station(
    flows: Sequence[Mapping[str, Any]], ports: Sequence[int], editor: int | None = None
) -> Iterator[Station]:
    """A gateway that runs these flows, until the end of the block."""
    with tempfile.TemporaryDirectory() as folder:
        for flow in flows:
            (Path(folder) / f"{flow['name']}.json").write_text(json.dumps(flow))
        options = [] if editor is None else [str(editor)]
        process = _start("gateway", folder, *options, stdin=subprocess.PIPE)
        try:
            ready = _line_of(process)
            if any(ready["failed"].values()):
                raise RuntimeError(f"flows failed: {ready['failed']}")
            yield Station(process, ports)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(_PATIENCE)


def _start(module: str, *arguments: str, stdin: int | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"tests.bench.live.{module}", *arguments]
    return subprocess.Popen(
        command,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=_ROOT,
    )


def _line_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args!r} ended with {process.wait()}")
    facts: dict[str, Any] = json.loads(line)
    return facts


def _result(process: subprocess.Popen[str]) -> Any:
    out, _ = process.communicate(timeout=120)
    return json.loads(out.splitlines()[-1])


def five_nodes_of(name: str, ports: Sequence[int]) -> dict[str, Any]:
    """The five-node flow on one bus or several, as a document."""
    nodes: dict[str, Any] = {
        "decode": {"type": "can/decode", "database": "dbc/pylontech-lv.dbc"},
        "soc_low": {"type": "logic/threshold", "signal": "SOC", "below": 20, "hysteresis": 2},
        "minute": {"type": "logic/aggregate", "signals": ["PackVoltage"], "every": "60 s"},
        "publish": {"type": "core/debug", "to": "none"},
    }
    wires = ["decode soc_low", "decode minute", "soc_low.alarm publish", "minute publish"]
    for index, _ in enumerate(ports):
        nodes[f"frames{index}"] = {"type": "can/receive", "bus": f"bus{index}"}
        wires.append(f"frames{index} decode")
    return {
        "flowrt": 1,
        "name": name,
        "resources": {
            f"bus{index}": {"type": "can/bus", "channel": str(port)}
            for index, port in enumerate(ports)
        },
        "nodes": nodes,
        "wires": [dict(zip(("from", "to"), wire.split(), strict=True)) for wire in wires],
    }


def stamped_of(name: str, port: int) -> dict[str, Any]:
    """The five-node flow, which also sends frames that hold their time of sending on again."""
    flow = five_nodes_of(name, [port])
    flow["nodes"] |= {
        "stamps": {"type": "can/decode", "database": _DATABASE, "messages": ["Stamp"]},
        "encode": {"type": "can/encode", "database": _DATABASE},
        "send": {"type": "can/send", "bus": "bus0"},
    }
    for wire in ("frames0 stamps", "stamps encode", "encode send"):
        flow["wires"].append(dict(zip(("from", "to"), wire.split(), strict=True)))
    return flow


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now."""
    return [free_port() for _ in range(count)]
