"""`make performance`: prints docs/performance.md, its figures and its plots, from out/bench.json.

python -m tests.bench.page [RESULT.json]
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.bench.goals import Verdict, verdicts

__all__ = ["FIGURES", "PAGE", "render"]

_ROOT: Final = Path(__file__).parents[2]
PAGE: Final = _ROOT / "docs" / "performance.md"
FIGURES: Final = _ROOT / "docs" / "performance" / "figures.json"
_PLOTTER: Final = Path(__file__).with_name("plots.py")
_LEAST: Final = 0.02
"""Part of the time that a function takes at least to be told."""
_NAMES: Final = {
    "hand": "one Python loop, written by hand",
    "live": "**flowrt**, headless",
    "watched": "**flowrt**, every output watched",
    "replay": "**flowrt**, replay, log in memory",
    "node-red native": "Node-RED 4.1, nodes written by hand",
    "node-red functions": "Node-RED 4.1, function nodes",
}


def render(result: Mapping[str, Any]) -> str:
    """The page; a section that was not measured is left out."""
    parts = [_HEAD.format(**_facts(result)), *_goals(result)]
    for name, section in _SECTIONS.items():
        if name in result:
            parts += ["", *section(result[name])]
    return "\n".join(parts) + "\n"


def _facts(result: Mapping[str, Any]) -> dict[str, Any]:
    day = datetime.fromtimestamp(result["time"], UTC).strftime("%-d %B %Y")
    return {"day": day, "python": result["python"], "cores": result["cores"]}


_HEAD: Final = """\
# Performance

Printed by `make performance` from what `make bench` measured on {day}:
Python {python}, {cores} cores. What is compared is measured in one run, taking turns, and medians
are told; a section that is compared with nothing may have been measured again by itself. A core's
frames/s are frames by second of processor time, so that what else the machine does matters little.
"""


def _prose(text: str) -> list[str]:
    """A paragraph, wrapped as the other pages are."""
    return textwrap.wrap(text, 112, break_long_words=False, break_on_hyphens=False)


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table; all columns but the first are numbers."""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _goals(result: Mapping[str, Any]) -> Iterator[str]:
    yield "## Goals"
    yield ""
    judged = verdicts(result)
    rows = [(one.goal.what, one.figure_text, one.goal.limit_text, one.verdict) for one in judged]
    yield from _rows(("what", "measured", "goal", ""), rows)
    yield ""
    yield from _prose(_missed([one for one in judged if not one.met]))


def _missed(some: Sequence[Verdict]) -> str:
    """What is said of the goals that are missed, with the profile that shows why."""
    if not some:
        return "Every goal that was measured is met. Where the time goes: see the profiles below."
    told = [
        f"{one.goal.what} ({_NAMES[one.goal.profile]})" if one.goal.profile else one.goal.what
        for one in some
    ]
    return (
        f"Missed: {'; '.join(told)}. Where the time goes in the runs that stand in brackets, the "
        "profiles below show."
    )


def _profiles(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Where the time goes"
    yield ""
    yield from _prose(
        "The running function, looked at every 4 ms of processor time in the five-node flow; what "
        "numpy and other C code does counts for the function that called it. "
        "Each table ends where a function has less than 2%."
    )
    for kind, rows in found.items():
        yield ""
        shown = [
            (f"`{row['function']}` of {row['file']}", f"{row['share']:.0%}")
            for row in rows
            if row["share"] >= _LEAST
        ]
        yield from _rows((_NAMES[kind], "share"), shown)


def _reading(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Reading logs"
    yield ""
    yield from _prose(
        "Frames a second of a core, equal to python-can's frame by frame "
        "(`tests/nodes/can/readers`). The last column is a whole replay of the five-node flow from "
        "the file."
    )
    yield ""
    rows = [
        (
            f"`{suffix}`",
            f"{one['ours']:,.0f}",
            f"{one['theirs']:,.0f}",
            f"{one['ratio']:.1f}x",
            f"{one['replay']:,.0f}",
        )
        for suffix, one in found.items()
    ]
    yield from _rows(("log", "flowrt", "python-can", "faster", "replay from the file"), rows)


def _power_cut(found: Sequence[float]) -> Iterator[str]:
    yield "## After a power cut"
    yield ""
    yield from _prose(
        "A gateway with the editor is killed by SIGKILL at work and started again: "
        f"{min(found):.2f} to {max(found):.2f} s until it decodes the next frame. What is kept "
        "through it, docs/reliability.md tells."
    )


def _five_nodes(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## The five-node flow"
    yield ""
    yield from _prose(
        "Frame, DBC decode, threshold with hysteresis, aggregate by the minute, sink; "
        "the same frames for all. "
        "Headless, flowrt decodes only the signals that a node behind looks at; while "
        "somebody watches, all, "
        "as the hand-written loop and every peer do."
    )
    yield ""
    rows = [
        (
            _NAMES.get(name, name),
            f"{one['frames_per_core_second']:,.0f}",
            f"{one['frames_per_second']:,.0f}",
            f"{one['part_of_hand']:.2f}",
        )
        for name, one in sorted(found.items(), key=lambda item: -item[1]["part_of_hand"])
    ]
    yield from _rows(("who", "frames/s of a core", "frames/s", "part of by hand"), rows)
    yield ""
    yield "![The five-node flow](performance/five-nodes.svg)"


def _decoding(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Decoding"
    yield ""
    yield from _prose(
        "Every message of each database, choices off, equal bit for bit "
        "(`tests/nodes/can/test_plan.py`, "
        "`tests/acceptance/test_every_dbc.py`). The last column is the whole node, which "
        "also finds the message "
        "by its id and makes the readings, against cantools finding it by id and "
        "decoding it."
    )
    yield ""
    rows = [
        (
            name,
            f"{one['messages']}",
            f"{one['cantools_us']:.2f}",
            f"{one['flowrt_us']:.2f}",
            f"{one['ratio']:.1f}x",
            f"{one['node_ratio']:.1f}x",
        )
        for name, one in found.items()
    ]
    head = ("database", "messages", "cantools us", "flowrt us", "faster", "node by id")
    yield from _rows(head, rows)


def _latency(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Latency"
    yield ""
    yield from _prose(
        f"At {found['rate']:,.0f} frames/s, in milliseconds, sockets and other processes "
        "included: from sending "
        "a frame to the frame that answers it being handed to the kernel; from the "
        "kernel's stamp of a frame to "
        "the alarm at a subscriber of a local mosquitto; from sending a frame to a "
        "Modbus poll, one each "
        "millisecond, that shows it."
    )
    yield ""
    rows = [
        (
            name,
            f"{found[key]['count']:,}",
            *(f"{found[key][cut]:.2f}" for cut in ("p50", "p99", "p99.9", "max")),
        )
        for key, name in (("can", "CAN send"), ("mqtt", "MQTT"), ("modbus", "Modbus poll"))
    ]
    yield from _rows(("to", "samples", "p50", "p99", "p99.9", "max"), rows)
    yield ""
    yield from _prose(
        f"Frames lost: {found['lost']}. The gateway took {found['share']:.0%} of a core."
    )


def _four_buses(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Four saturated buses"
    yield ""
    yield from _prose(
        f"{found['rate']:,.0f} frames/s from four sockets into one five-node flow: "
        f"{found['share']:.0%} of a core, "
        f"{found['lost']} of {found['received'] + found['lost']:,} frames lost."
    )


def _many_flows(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Fifty flows"
    yield ""
    yield from _prose(
        f"Fifty five-node flows, each with a bus of its own, {found['rate']:,.0f} "
        "frames/s in all: "
        f"{found['share']:.0%} of a core, {found['memory'] / 1e6:.0f} MB, {found['lost']} "
        "frames lost."
    )


def _watching(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Editors, and a redeploy"
    yield ""
    yield from _prose("At 8,000 frames/s through the five-node flow, as part of a core:")
    yield ""
    rows = [
        ("headless", f"{found['headless']:.1%}", f"{found['memory_headless'] / 1e6:.0f}"),
        ("web server, nobody there", f"{found['editor']:.1%}", ""),
        (
            "five clients that watch every output",
            f"{found['watched']:.1%}",
            f"{found['memory_watched'] / 1e6:.0f}",
        ),
    ]
    yield from _rows(("", "share", "MB"), rows)
    redeploy = found["redeploy"]
    yield ""
    yield from _prose(
        f"A setting changed and deployed meanwhile: {redeploy['lost']} frames lost, and none "
        f"waited longer than {redeploy['longest_wait_ms']:.1f} ms from its sending to the frame "
        "that answers it. Checking, storing and deploying over the API took "
        f"{redeploy['seconds'] * 1000:.0f} ms."
    )


def _start(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Start and memory"
    yield ""
    rows = [
        (
            {"headless": "`flowrt run --no-editor`", "editor": "`flowrt run`"}[kind],
            f"{_median(runs, 'seconds'):.2f}",
            f"{_median(runs, 'memory') / 1e6:.0f}",
        )
        for kind, runs in found.items()
    ]
    yield from _rows(("five nodes", "seconds to the first decoded frame", "MB when idle"), rows)


def _median(runs: Sequence[Mapping[str, float]], key: str) -> float:
    return sorted(one[key] for one in runs)[len(runs) // 2]


def _growth(title: str, note: str, plot: str) -> Any:
    def section(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        yield f"## Growth with {title}"
        yield ""
        yield from _prose(note)
        yield ""
        if "share" in found[0]:
            by_rate = [
                (
                    f"{one['rate']:,.0f}",
                    f"{one['share']:.1%}",
                    f"{one['cpu_us_a_frame']:.1f}",
                    f"{one['lost']}",
                )
                for one in found
            ]
            yield from _rows((title, "of a core", "us a frame", "lost"), by_rate)
        else:
            rows = [
                (f"{one['n']:,}", f"{one['ns_a_frame'] / 1000:,.2f}", f"{one['build_ms']:,.0f}")
                for one in found
            ]
            yield from _rows((title, "us a frame", "ms to read, check and build"), rows)
        yield ""
        yield f"![Growth with {title}](performance/{plot}.svg)"

    return section


_SECTIONS: Final = {
    "five_nodes": _five_nodes,
    "profiles": _profiles,
    "reading": _reading,
    "decoding": _decoding,
    "latency": _latency,
    "four_buses": _four_buses,
    "many_flows": _many_flows,
    "watching": _watching,
    "start": _start,
    "power_cut": _power_cut,
    "by_rate": _growth(
        "frames/s",
        "Live, from a socket. At low rates a wake-up serves one frame, at high ones many, so a "
        "frame gets cheaper.",
        "by-rate",
    ),
    "by_nodes": _growth(
        "nodes",
        "So many thresholds behind one decoder, every frame to all of them: linear in the nodes, "
        "to run and to build.",
        "by-nodes",
    ),
    "by_signals": _growth(
        "signals",
        "A database of so many signals, all decoded, a frame of each message in turn. A frame "
        "costs the same but for the processor's cache, which 10,000 signals' decoders outgrow.",
        "by-signals",
    ),
    "by_flows": _growth(
        "flows",
        "Five-node flows side by side, the same frames shared out among them. The work a frame "
        "is the same (7.0 calls of functions with one flow, 7.4 with fifty); that it takes longer "
        "is the processor's cache, in which fifty flows' decoders, windows and alarms do not stay "
        "from one frame to the next. Reading, checking and building is linear.",
        "by-flows",
    ),
}


def main(arguments: Sequence[str]) -> None:
    """Write the page, keep the figures beside it, draw the plots."""
    source = Path(arguments[0]) if arguments else _ROOT / "out" / "bench.json"
    FIGURES.parent.mkdir(exist_ok=True)
    shutil.copy(source, FIGURES)
    PAGE.write_text(render(json.loads(FIGURES.read_text())))
    python = _ROOT / "out" / "peers" / "venv" / "bin" / "python"
    subprocess.run([str(python), str(_PLOTTER), str(FIGURES), str(FIGURES.parent)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
