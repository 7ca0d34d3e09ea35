"""One deploy, from its check to its revision: tested, exchanged, looked at, kept or taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Final

from flowrt.deploy.gate import Gate, Tally, tallies
from flowrt.deploy.wishes import Change
from flowrt.errors import CheckFailed, Problem, RolledBack
from flowrt.files.revisions import Revision, Revisions
from flowrt.files.store import Store
from flowrt.flow.check import Prepared, prepare
from flowrt.flow.difference import Difference, compare
from flowrt.flow.file import Flow
from flowrt.running.engine import Engine
from flowrt.running.live import RunningFlow
from flowrt.running.swap import Swap

__all__ = ["Deployment", "checked", "keep_revision"]

_LONGEST_SETTLING: Final = 1.0
"""Seconds that the buses and links of a new flow may take to say how they are."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A change on its way into the engine; each step is told, for those who watch."""

    engine: Engine
    store: Store
    revisions: Revisions
    change: Change

    async def run(self) -> str:
        """Run the new version in place of what ran; gives what has changed, in words.

        Raises CheckFailed or TestsFailed and leaves what runs alone; raises RolledBack where the
        new version did not do well and the one before runs again.
        """
        name, flow = self.change.flow.name, self.change.flow
        running = self.engine.flows.get(name)
        try:
            self._step("check", f"checking {_count(len(flow.nodes), 'node')}")
            earlier = tallies(running) if running else {}
            prepared = await checked(self.engine, flow)
            await self._test()
            difference = compare(running.prepared if running else None, prepared)
            if running is None:
                await self._begin(prepared)
            else:
                await self._exchange(running, prepared, difference, earlier)
            if self.change.restored:
                await asyncio.to_thread(self.store.put, name, flow.document)
        except Exception as error:
            self._step("failed", str(error) or type(error).__name__)
            raise
        self.engine.watch.clear_all(name, but=prepared.nodes)
        return str(difference) if running else ""

    async def keep(self, changes: str) -> Revision | None:
        """Keep what runs now as a revision; None where the disk did not take it."""
        revision = await keep_revision(self.engine, self.revisions, self.change, changes=changes)
        await self.engine.flows[self.change.flow.name].save()
        self._step("done", f"revision {revision.id} runs" if revision else "runs")
        return revision

    def _step(self, step: str, text: str) -> None:
        self.engine.watch.deploy(self.change.flow.name, step, text)

    async def _test(self) -> None:
        """Run the flow's own tests; raises TestsFailed."""
        from flowrt.deploy.tests import run_tests  # late: a start has no use for it

        if self.change.wishes.skip_tests:
            self._step("test", "the tests are skipped, as was asked for")
            return
        count = await run_tests(self.change.flow, self.engine.data / "deploying")
        if count:
            self._step("test", f"{_count(count, 'test')} passed")

    async def _begin(self, prepared: Prepared) -> None:
        """Run a flow that did not run; there is nothing to go back to."""
        self._step("swap", "starting")
        self._step("health", await _health(await self.engine.swap(prepared)))

    async def _exchange(
        self,
        running: RunningFlow,
        prepared: Prepared,
        difference: Difference,
        earlier: Mapping[str, Tally],
    ) -> None:
        """Run the new version in place of the old one; go back where it does not do well."""
        name, watch = running.name, self.engine.watch
        self._step("build", str(difference) or "nothing has changed")
        swap = Swap(running, prepared, difference)
        try:
            await swap.build()
        except BaseException:  # nothing has changed yet
            await swap.give_up()
            raise
        before = tallies(running)
        await swap.exchange(self.engine.tell_built)
        self._step("swap", f"in place of the running flow, in {1e3 * swap.seconds:.1f} ms")
        gate = Gate(running, watch, difference, earlier, before)
        seconds = self.change.wishes.health_seconds if difference else 0.0
        if seconds and (problems := await gate.judge(seconds)):
            await self._go_back(swap, problems)
            await self._keep_failed(running, problems, str(difference))
            watch.flow(name, "running")
            raise RolledBack(problems)
        settled = _LONGEST_SETTLING if difference.resources.fresh else 0.0
        self._step("health", await _health(running, settled))
        watch.flow(name, "running")

    async def _go_back(self, swap: Swap, problems: list[Problem]) -> None:
        """Let the version before run again, with what the new one has learnt unless it failed."""
        self._step("rollback", f"the version before runs again, as {_told(problems)}")
        failed = {problem.place.partition(".")[2] for problem in problems}
        back = swap.undo(distrusted=failed)
        await back.build()
        await back.exchange(self.engine.tell_built)

    async def _keep_failed(
        self, running: RunningFlow, problems: list[Problem], changes: str
    ) -> None:
        """Keep the version that failed among the revisions, and the running one as the file."""
        await keep_revision(
            self.engine, self.revisions, self.change, changes=changes, failed=_told(problems)
        )
        if self.change.restored:  # its file was not written yet
            return
        try:
            document = running.prepared.flow.document
            await asyncio.to_thread(self.store.put, running.name, document)
        except OSError as error:
            self.engine.watch.fault(running.name, "", error, 1)


async def checked(engine: Engine, flow: Flow) -> Prepared:
    """The parts of a flow; raises CheckFailed.

    In a thread, as reading a database takes a while.
    """
    running = engine.flows.get(flow.name)
    beside = running.prepared if running else None
    prepared = await asyncio.to_thread(partial(prepare, flow, running=beside))
    if prepared.problems:
        raise CheckFailed(prepared.problems)
    return prepared


async def keep_revision(
    engine: Engine, revisions: Revisions, change: Change, *, changes: str = "", failed: str = ""
) -> Revision | None:
    """Keep a revision, in a thread, as the disk may be slow and flows run on.

    None where the disk does not take it, which is told as a fault: flows must run without it.
    """
    record = partial(
        revisions.record,
        *(change.flow.name, change.flow.document),
        author=change.author,
        note=change.note,
        changes=changes,
        failed=failed,
    )
    try:
        return await asyncio.to_thread(record)
    except OSError as error:
        engine.watch.fault(change.flow.name, "", error, 1)
        return None


async def _health(running: RunningFlow, patience: float = _LONGEST_SETTLING) -> str:
    """How a new flow's nodes say they are: `5 nodes run`, or those that are not well."""
    resources = running.circuit.resources.values()
    deadline = perf_counter() + patience
    while any(step.state == ("", True) for step in resources) and perf_counter() < deadline:  # noqa: ASYNC110  polled once, after a deploy
        await asyncio.sleep(0.02)
    steps = [*resources, *running.circuit.steps.values()]
    unwell = [f"{step.node.id}: {step.state[0]}" for step in steps if not step.state[1]]
    return "; ".join(unwell) or f"{_count(len(steps), 'node')} run"


def _told(problems: list[Problem]) -> str:
    return "; ".join(f"{problem.place}: {problem.sentence}" for problem in problems)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
