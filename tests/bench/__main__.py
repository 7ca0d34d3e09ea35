"""`make bench`: everything that docs/performance.md tells, measured in one run.

    python -m tests.bench [--quick] [SECTION...]

Without a section, all of them. `--quick` is to see that it works; its figures are poor.

Peers and flowrt take turns, and medians are compared: the machine's speed changes from minute to
minute, ratios hardly do. The result is a table here and out/bench.json, from which
`make performance` prints the page.
"""

from __future__ import annotations

import compileall
import json
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from time import time
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.bench.bulk import reading
from tests.bench.decoding import databases, decoding
from tests.bench.five_nodes import five_nodes, profiles
from tests.bench.growth import by_flows, by_nodes, by_signals
from tests.bench.live.latency import latency
from tests.bench.live.loads import by_rate, four_buses, many_flows
from tests.bench.live.power_cut import power_cut
from tests.bench.live.start import start
from tests.bench.live.watching import watching
from tests.bench.peers_setup import Peers, install
from tests.bench.table import table

_ROOT: Final = Path(__file__).parents[2]
OUT: Final = Path("out/bench.json")
Section = Callable[[Callable[[str], None]], Any]


def sections(peers: Peers, *, quick: bool) -> dict[str, Section]:
    """What is measured, by name; each is told how to say what it is at."""
    rounds, seconds = (1, 2.0) if quick else (5, 10.0)
    return {
        "five_nodes": lambda say: _five_nodes(peers, rounds, say),
        "profiles": lambda _say: _profiles(),
        "reading": lambda say: reading(min(rounds, 3), say),
        "decoding": lambda say: _decoding(rounds, say),
        "latency": lambda _say: latency(3 * seconds),
        "four_buses": lambda _say: four_buses(seconds),
        "many_flows": lambda _say: many_flows(50, seconds),
        "watching": lambda _say: watching(seconds),
        "start": lambda _say: {
            "headless": [start(editor=False) for _ in range(rounds)],
            "editor": [start(editor=True) for _ in range(rounds)],
        },
        "power_cut": lambda _say: power_cut(min(rounds, 3)),
        "by_rate": lambda _say: by_rate(seconds / 2),
        "by_nodes": lambda _say: by_nodes(rounds),
        "by_signals": lambda _say: by_signals(rounds),
        "by_flows": lambda _say: by_flows(rounds),
    }


def _five_nodes(peers: Peers, rounds: int, say: Callable[[str], None]) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return five_nodes(peers, rounds, Path(folder), say)


def _profiles() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return profiles(Path(folder))


def _decoding(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    found = {}
    for path in databases():
        say(path.stem)
        found[path.stem] = decoding(path, 2 * rounds + 1)
    return found


def main(arguments: list[str]) -> int:
    """Measure, show, write; 1 where a section failed, which does not keep the others from it."""
    quick, names = "--quick" in arguments, [one for one in arguments if not one.startswith("-")]
    console = Console()
    _compile()
    with console.status("installing Node-RED, bytewax, reactivex and streamz into out/peers"):
        peers = install(OUT.parent.absolute() / "peers")
    result = _kept(names) | _machine() | {"quick": quick, "missing": peers.missing}
    failed = _measure(sections(peers, quick=quick), names, result, console)
    OUT.write_text(json.dumps(result, indent=1))
    console.print(table(result))
    console.print(f"written: {OUT}. Print docs/performance.md from it with: make performance")
    return 1 if failed else 0


def _compile() -> None:
    """Have bytecode of everything, as an installed package has; nothing compiles while measured."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for folder in ("flowrt", "nodes", "tests/bench", "tests/support"):
        compileall.compile_dir(_ROOT / folder, quiet=1)


def _kept(names: list[str]) -> dict[str, Any]:
    """What was measured before, where only some sections are measured now."""
    return json.loads(OUT.read_text()) if names and OUT.exists() else {}


def _measure(
    wanted: dict[str, Section],
    names: list[str],
    result: dict[str, Any],
    console: Console,
) -> list[str]:
    chosen = {name: run for name, run in wanted.items() if not names or name in names}
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    failed = []
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(chosen))

        def say(name: str, at: str) -> None:
            progress.update(task, description=f"{name}: {at}")

        for name, run in chosen.items():
            progress.update(task, description=name)
            try:
                result[name] = run(partial(say, name))
            except Exception:  # noqa: BLE001  one section's end is not that of the others
                failed.append(name)
                console.print(f"[red]{name} failed[/red]\n{traceback.format_exc()}")
            progress.advance(task)
    return failed


def _machine() -> dict[str, Any]:
    return {
        "time": time(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
