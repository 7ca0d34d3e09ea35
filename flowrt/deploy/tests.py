"""Runs a flow's tests before it is deployed: in a child process, as flows run meanwhile."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from flowrt.errors import Problem, TestsFailed
from flowrt.flow.file import Flow
from flowrt.jobs.child import answer_of, run_child
from flowrt.jobs.job import JOB, TIME_LIMIT
from flowrt.testing.cases import file_of_tests

__all__ = ["run_tests"]


async def run_tests(flow: Flow, folder: Path) -> int:
    """Run the tests beside a flow's file against this version; says how many there are.

    `folder` takes what the child reads and writes. Raises TestsFailed with every test that
    fails, FlowrtError where they cannot be run.
    """
    if not file_of_tests(flow.file).exists():
        return 0
    job = {"kind": "tests", "file": str(flow.file), "document": flow.document, "tests": None}
    place = await asyncio.to_thread(_new_folder, folder, job)
    try:
        await run_child(place, TIME_LIMIT)
        answer = orjson.loads(answer_of(place))
    except TimeoutError as error:
        text = (
            f"the tests took more than {TIME_LIMIT:g} s. Deploy with skip_tests, or shorten them."
        )
        raise TestsFailed([Problem(str(file_of_tests(flow.file)), "", text)]) from error
    finally:
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
    if not answer["passed"]:
        raise TestsFailed(list(_problems(file_of_tests(flow.file), answer)))
    return len(answer["tests"])


def _new_folder(parent: Path, job: dict[str, Any]) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(dir=parent))
    (place / JOB).write_bytes(orjson.dumps(job))
    return place


def _problems(file: Path, answer: Mapping[str, Any]) -> Iterator[Problem]:
    for index, test in enumerate(answer["tests"]):
        sentences = [failure["sentence"] for failure in test["failures"]]
        sentences += [test["error"]] if test["error"] else []
        for sentence in sentences:
            yield Problem(str(file), f"tests[{index}]", f'"{test["name"]}" fails: {sentence}')
