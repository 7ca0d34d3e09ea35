"""Runs flow tests: `x.test.json` beside `x.json` says what is given and what must come out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from flowrt.errors import CheckFailed, FlowFileError, LogFileError, TestFileError
from flowrt.flow.check import Prepared, rehearsable
from flowrt.flow.file import Flow, flow_files, read_flow
from flowrt.message import Message, to_record
from flowrt.running.rehearsal import Rehearsal
from flowrt.testing.cases import Case, file_of_tests, read_case, read_test_file
from flowrt.testing.expectation import Failure

__all__ = ["Outcome", "find_tests", "run_cases", "run_tests"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test's result; `error` is why it could not run at all."""

    flow: Path
    name: str
    seconds: float = 0.0
    given: str = ""
    failures: tuple[Failure, ...] = ()
    error: str = ""

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return not self.failures and not self.error


def find_tests(path: Path) -> list[Path]:
    """The flows that a path names and that have tests, by name; a test file names its flow."""
    if path.name.endswith(".test.json"):
        return [path.with_name(path.name.removesuffix(".test.json") + ".json")]
    flows = flow_files(path)
    return flows if not path.is_dir() else [flow for flow in flows if file_of_tests(flow).exists()]


def run_tests(flow: Path) -> Iterator[Outcome]:
    """Run a flow's tests, one after the other; what cannot be read is an outcome as well."""
    try:
        entries = read_test_file(file_of_tests(flow))
        read = read_flow(flow)
    except (TestFileError, FlowFileError) as error:
        yield Outcome(flow, "the test file", error=str(error))
        return
    yield from run_cases(read, entries)


def run_cases(flow: Flow, entries: Sequence[Mapping[str, Any]]) -> Iterator[Outcome]:
    """Run tests of a flow, which need not be stored; an outcome for each entry, in order."""
    for entry in entries:
        yield _run(flow, entry)


def _run(flow: Flow, entry: Mapping[str, Any]) -> Outcome:
    begun = perf_counter()
    given = f"{len(entry['given'])} given"
    try:
        prepared = rehearsable(flow)
        case = read_case(prepared, entry, flow.file)
        asyncio.run(_rehearse(prepared, case))
    except (CheckFailed, LogFileError, TestFileError) as error:
        seconds = perf_counter() - begun
        return Outcome(flow.file, entry["name"], seconds, given, error=str(error))
    failures = [wanted.judge(case.seen[wanted.port]) for wanted in case.expect]
    return Outcome(
        flow.file,
        entry["name"],
        perf_counter() - begun,
        _given_text(case),
        tuple(failure for failure in failures if failure),
    )


async def _rehearse(prepared: Prepared, case: Case) -> None:
    sinks = set(prepared.graph.sinks())

    def record(id: str, port: str, message: Message) -> None:
        line = {**to_record(message), "time": round(message.time - case.start, 9)}
        for name in (f"{id}.{port}", id) if id in sinks else (f"{id}.{port}",):
            if name in case.seen:
                case.seen[name].append(line)

    rehearsal = Rehearsal(prepared, record, case.start)
    for id, _, _ in case.given:
        rehearsal.silence(id)
    heard = {edge.source for edge in prepared.graph.edges}
    for expectation in case.expect:
        case.seen.setdefault(expectation.port, [])
    for port in case.seen:
        id, _, name = port.partition(".")
        index = next((o.index for o in prepared.nodes[id].outputs if o.name == name), None)
        if index is not None and (id in heard or index > 0):  # else it is recorded anyway
            rehearsal.tap(id, name, record)
    async with rehearsal:
        for id, index, message in case.given:
            await rehearsal.give(id, (message,), index)
        await rehearsal.run_to(case.start + case.until)
        if case.finish:
            rehearsal.finish()


def _given_text(case: Case) -> str:
    if not case.given:
        return "nothing"
    shown = [f"{m.time - case.start:g} s at {id}: {to_record(m)}" for id, _, m in case.given[:3]]
    more = len(case.given) - len(shown)
    return "\n".join(shown) + (f"\n... and {more} more" if more > 0 else "")
