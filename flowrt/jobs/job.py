"""One job of a child process, read from a folder and answered there.

Run as `python -m flowrt.jobs.job FOLDER`. A job is `tests` or `replay` of a flow, stored or draft;
nothing is connected.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from flowrt.errors import CheckFailed, FlowrtError
from flowrt.flow.file import Flow, parse_flow, read_flow
from flowrt.message import Frame
from flowrt.replay import Replay, read_log
from flowrt.testing.cases import file_of_tests, parse_tests, read_test_file
from flowrt.testing.expectation import Failure
from flowrt.testing.flow_tests import Outcome, run_cases

__all__ = ["ANSWER", "JOB", "REFUSED", "TIME_LIMIT", "main"]

JOB: Final = "job.json"
ANSWER: Final = "answer.json"
REFUSED: Final = "refused.json"
TIME_LIMIT: Final = 60.0
"""Seconds a job may take."""
MOST_RECORDS: Final = 5000
"""Record lines of a replay that are answered: the first ones."""
_LONGEST_TEXT: Final = 4000
"""Characters of what came at a port instead."""
_LARGEST_WRITTEN: Final = 256 * 1024**2
_NICE: Final = 10
_FIRST_TO_GO: Final = "1000"
"""The kernel's score for whom to kill where memory runs out: this process, not the gateway."""


def main(folder: Path) -> None:
    """Do the job in a folder."""
    _be_modest()
    job = orjson.loads((folder / JOB).read_bytes())
    try:
        answer = _KINDS[job["kind"]](job, folder)
    except FlowrtError as error:
        problems = error.problems if isinstance(error, CheckFailed) else ()
        refusal = {"text": str(error), "problems": [asdict(problem) for problem in problems]}
        (folder / REFUSED).write_bytes(orjson.dumps(refusal))
    else:
        whole = orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS)
        (folder / "part").write_bytes(whole)
        (folder / "part").rename(folder / ANSWER)


def _be_modest() -> None:
    """Give way to the gateway, and end even where it is no longer there to end this."""
    os.nice(_NICE)
    signal.alarm(int(TIME_LIMIT) + 5)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_WRITTEN, _LARGEST_WRITTEN))
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        score.write_text(_FIRST_TO_GO)


def _flow(job: dict[str, Any]) -> Flow:
    """The draft that the job brings, as if it stood in the flow's file; else the file."""
    file = Path(job["file"])
    if job["document"] is None:
        return read_flow(file)
    return parse_flow(orjson.dumps(job["document"]), file)


# --- tests


def _tests(job: dict[str, Any], _folder: Path) -> dict[str, Any]:
    """Run the tests that the job brings, else those beside the flow."""
    flow = _flow(job)
    entries = _entries(job, file_of_tests(flow.file))
    outcomes = list(run_cases(flow, entries))
    return {
        "passed": all(outcome.passed for outcome in outcomes),
        "tests": [
            _outcome_row(outcome, entry) for outcome, entry in zip(outcomes, entries, strict=True)
        ],
    }


def _entries(job: dict[str, Any], file: Path) -> list[dict[str, Any]]:
    if job["tests"] is None:
        return read_test_file(file)
    document, problems = parse_tests(orjson.dumps(job["tests"]), file)
    if problems:
        raise CheckFailed(problems)
    entries: list[dict[str, Any]] = document["tests"]
    return entries


def _outcome_row(outcome: Outcome, entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "passed": outcome.passed,
        "seconds": outcome.seconds,
        "given": len(entry["given"]),
        "error": outcome.error or None,
        "failures": [_failure_row(failure) for failure in outcome.failures],
    }


def _failure_row(failure: Failure) -> dict[str, str]:
    wanted, got = _shortened(failure.wanted), _shortened(failure.got)
    return {
        "sentence": f"at {failure.port}: wanted {wanted}\ngot:\n{got}",
        "node": failure.port.partition(".")[0],
        "port": failure.port,
        "wanted": wanted,
        "got": got,
    }


def _shortened(text: str) -> str:
    more = len(text) - _LONGEST_TEXT
    return text if more <= 0 else f"{text[:_LONGEST_TEXT]}\n  ... and {more} characters more"


# --- replay


class _Span:
    """Frames on their way, and the times of the first and the last one."""

    def __init__(self, frames: Iterator[Frame]) -> None:
        self._frames = frames
        self.first: float | None = None
        self.last: float | None = None

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._frames:
            self.first = frame.time if self.first is None else self.first
            self.last = frame.time
            yield frame


def _replay(job: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Replay the log that stands in the folder."""
    lines: list[bytes] = []

    def record(line: bytes) -> None:
        if len(lines) < MOST_RECORDS:
            lines.append(line)

    log = folder / job["log"]
    span = _Span(read_log(log))
    try:
        summary = asyncio.run(Replay(_flow(job), record).run(span))
    except CheckFailed:
        raise
    except FlowrtError as error:  # named as the client named it: this folder is nobody's business
        raise FlowrtError(str(error).replace(str(log), job["log_name"])) from error
    recorded = summary.recorded.total()
    return {
        "summary": summary.as_dict(),
        "records": [orjson.Fragment(line) for line in lines],
        "recorded": recorded,
        "cut": recorded > len(lines),
        "first": span.first,
        "last": span.last,
    }


_KINDS: Final[dict[str, Callable[[dict[str, Any], Path], dict[str, Any]]]] = {
    "tests": _tests,
    "replay": _replay,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
