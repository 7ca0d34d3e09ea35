"""The flows of a gateway, on disk and running: boot, deploy, roll back, stop, start, remove.

A deploy is checked and tested first, so that one with problems changes nothing. It takes the place
of the running flow, is looked at for some seconds, and is kept as a revision, or goes back by
itself. Everything here happens one at a time.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Final

from flowrt.deploy.gate import Gate, Tally, tallies
from flowrt.errors import (
    CheckFailed,
    FlowFileError,
    FlowrtError,
    Problem,
    RolledBack,
    WrongState,
)
from flowrt.files.mend import mend
from flowrt.files.revisions import Revision, Revisions, revision_id
from flowrt.files.store import NotFound, Store
from flowrt.flow.check import Prepared, prepare
from flowrt.flow.difference import Difference, compare
from flowrt.flow.file import Flow, parse_flow, read_flow
from flowrt.running.engine import Engine
from flowrt.running.live import RunningFlow
from flowrt.running.swap import Swap
from flowrt.schema import near
from flowrt.state.stopped import Stopped

__all__ = ["HEALTH_VARIABLE", "Gateway", "Wishes"]

_LONGEST_SETTLING: Final = 1.0
"""Seconds that the buses and links of a new flow may take to say how they are."""


HEALTH_VARIABLE: Final = "FLOWRT_HEALTH_SECONDS"
_HEALTH_SECONDS: Final = 3.0
"""How long a new version is looked at before it is kept."""


def usual_health_seconds() -> float:
    """How long, unless a deploy says otherwise; raises FlowrtError for what is no number."""
    text = os.environ.get(HEALTH_VARIABLE) or str(_HEALTH_SECONDS)
    try:
        return max(0.0, float(text))
    except ValueError as error:
        raise FlowrtError(
            f'{HEALTH_VARIABLE} is "{text}", no number of seconds. Set it to 3, say, or unset it.'
        ) from error


@dataclass(frozen=True, slots=True)
class Wishes:
    """How somebody wants a deploy to be done.

    A version is looked at for `health_seconds` before it is kept; 0 keeps it at once.
    """

    health_seconds: float = field(default_factory=usual_health_seconds)
    skip_tests: bool = False


@dataclass(frozen=True, slots=True)
class _Change:
    """What is to be deployed, and for whom; `restored` where it is not the flow's file yet."""

    flow: Flow
    author: str
    note: str
    wishes: Wishes
    restored: bool


@dataclass(frozen=True)
class Gateway:
    """Flow files, their revisions, and the engine that runs them."""

    engine: Engine
    store: Store

    @property
    def revisions(self) -> Revisions:
        """What was deployed."""
        return Revisions(self.engine.data / "revisions")

    @property
    def stopped(self) -> Stopped:
        """What is not started at boot."""
        return Stopped(self.engine.data / "stopped.json")

    # --- starting and stopping

    async def boot(self) -> list[str]:
        """Start every flow that was not stopped by hand; gives the names of those that were.

        A version that is not the newest revision came as a file, and is kept as one.
        """
        await self._mend()
        stored = self.store.files()
        stopped = self.stopped.names() & stored.keys()
        files = [file for name, file in stored.items() if name not in stopped]
        async with self.engine.changing:
            await self.engine.start_files(files)
            for flow in list(self.engine.flows.values()):
                await self._keep_if_new(flow)
        return sorted(stopped)

    async def _mend(self) -> None:
        """Put the last good revision in the place of each damaged file; told loudly."""
        try:
            mended = await asyncio.to_thread(lambda: list(mend(self.store, self.revisions)))
        except OSError as error:
            self._tell("", error)
            return
        for one in mended:
            self.engine.watch.fault(one.flow, "", FlowFileError(str(one)), 1)

    async def start(self, name: str) -> None:
        """Start a stored flow, now and at every boot; raises NotFound, CheckFailed, WrongState."""
        flow = await self._runnable(name)
        async with self.engine.changing:
            if name not in self.engine.flows:
                await self._keep_if_new(await self.engine.swap(await self._checked(flow)))
            self._remember(name, stopped=False)

    async def stop(self, name: str) -> None:
        """Stop a flow, also for the next boot; raises NotFound."""
        if name not in self.engine.flows:  # one that runs can be stopped without its file
            self.store.file(name)
        async with self.engine.changing:
            await self._end(name)
            self._remember(name, stopped=True)

    async def remove(self, name: str) -> None:
        """Stop a flow and delete its file and layout; its revisions stay; raises NotFound."""
        async with self.engine.changing:
            self.store.delete(name)
            await self._end(name)
            self.engine.watch.clear_all(name)
            self._remember(name, stopped=False)

    async def _end(self, name: str) -> None:
        self.engine.failed.pop(name, None)
        if name in self.engine.flows:
            await self.engine.stop(name)

    def press(self, name: str, node: str) -> None:
        """Press a running node's button; raises NotFound, WrongState, NodeFault."""
        self.store.file(name)
        running = self.engine.flows.get(name)
        if running is None:
            raise WrongState(f'"{name}" does not run. Start or deploy it, then press again.')
        step = running.circuit.steps.get(node)
        if step is None:
            raise _unpressable(running.prepared.flow, node)
        if not step.node.has_button():
            raise WrongState(f'"{node}" is a {step.node.type}, which has no button.')
        step.press()

    async def _runnable(self, name: str) -> Flow:
        """The stored flow; in a thread, as a large file takes a while and flows run on."""
        flow = await asyncio.to_thread(lambda: read_flow(self.store.file(name)))
        if flow.is_subflow:
            raise WrongState(f'"{name}" is a subflow: it runs inside of the flows that use it.')
        return flow

    def _remember(self, name: str, *, stopped: bool) -> None:
        try:
            (self.stopped.add if stopped else self.stopped.discard)(name)
        except OSError as error:
            self._tell(name, error)

    def _tell(self, name: str, error: OSError) -> None:
        """Report what the disk refuses; flows must run, and stop, without it."""
        self.engine.watch.fault(name, "", error, 1)

    # --- deploying

    async def deploy(
        self, name: str, *, author: str, note: str, wishes: Wishes | None = None
    ) -> Revision | None:
        """Run the stored flow in place of the running one, and keep it as a revision.

        Raises NotFound, WrongState, FlowFileError, CheckFailed or TestsFailed and leaves what runs
        alone; raises RolledBack where the new version did not do well and the one before runs
        again. The answer is None where the disk did not take the revision, told as a fault.
        """
        async with self.engine.changing:
            flow = await self._runnable(name)
            change = _Change(flow, author, note, wishes or Wishes(), restored=False)
            return await self._deploy(change)

    async def rollback(
        self, name: str, id: str | None, *, author: str, wishes: Wishes | None = None
    ) -> Revision | None:
        """Deploy an older revision, and store it as the flow's file once it has done well.

        `id` None stands for the one before the running one. Raises what `deploy` does, also
        NotFound for an unknown revision, and WrongState where there is none before.
        """
        async with self.engine.changing:
            file = self.store.file(name)
            id = id or self._one_before(name)
            document = self.revisions.document(name, id)
            older = await asyncio.to_thread(parse_flow, json.dumps(document).encode(), file)
            note = f"rollback to {id}"
            change = _Change(older, author, note, wishes or Wishes(), restored=True)
            return await self._deploy(change)

    def _one_before(self, name: str) -> str:
        """The newest revision but the running one, or but the newest where none runs."""
        ids = [revision.id for revision in self.revisions.kept(name)]
        current = self.running_revision(name) or (ids[0] if ids else "")
        earlier = ids[ids.index(current) + 1 :] if current in ids else ids
        before = next((id for id in earlier if id != current), None)
        if before is None:
            raise WrongState(f'"{name}" has no revision before the one that runs. Name one.')
        return before

    async def _deploy(self, change: _Change) -> Revision | None:
        name, flow = change.flow.name, change.flow
        running = self.engine.flows.get(name)
        try:
            self._step(name, "check", f"checking {_count(len(flow.nodes), 'node')}")
            earlier = tallies(running) if running else {}
            prepared = await self._checked(flow)
            await self._test(change)
            difference = compare(running.prepared if running else None, prepared)
            if running is None:
                await self._begin(prepared)
            else:
                await self._exchange(running, prepared, difference, change, earlier)
            if change.restored:
                await asyncio.to_thread(self.store.put, name, flow.document)
        except Exception as error:
            self._step(name, "failed", str(error) or type(error).__name__)
            raise
        self.engine.watch.clear_all(name, but=prepared.nodes)
        self._remember(name, stopped=False)
        revision = await self._keep(change, changes=str(difference) if running else "")
        await self.engine.flows[name].save()
        self._step(name, "done", f"revision {revision.id} runs" if revision else "runs")
        return revision

    def _step(self, name: str, step: str, text: str) -> None:
        self.engine.watch.deploy(name, step, text)

    async def _checked(self, flow: Flow) -> Prepared:
        """The parts of a flow; raises CheckFailed.

        In a thread, as reading a database takes a while.
        """
        running = self.engine.flows.get(flow.name)
        beside = running.prepared if running else None
        prepared = await asyncio.to_thread(partial(prepare, flow, running=beside))
        if prepared.problems:
            raise CheckFailed(prepared.problems)
        return prepared

    async def _test(self, change: _Change) -> None:
        """Run the flow's own tests; raises TestsFailed."""
        from flowrt.deploy.tests import run_tests  # late: a start has no use for it

        name = change.flow.name
        if change.wishes.skip_tests:
            self._step(name, "test", "the tests are skipped, as was asked for")
            return
        count = await run_tests(change.flow, self.engine.data / "deploying")
        if count:
            self._step(name, "test", f"{_count(count, 'test')} passed")

    async def _begin(self, prepared: Prepared) -> None:
        """Run a flow that did not run; there is nothing to go back to."""
        name = prepared.flow.name
        self._step(name, "swap", "starting")
        self._step(name, "health", await _health(await self.engine.swap(prepared)))

    async def _exchange(
        self,
        running: RunningFlow,
        prepared: Prepared,
        difference: Difference,
        change: _Change,
        earlier: Mapping[str, Tally],
    ) -> None:
        """Run the new version in place of the old one; go back where it does not do well."""
        name, watch = running.name, self.engine.watch
        self._step(name, "build", str(difference) or "nothing has changed")
        swap = Swap(running, prepared, difference)
        try:
            await swap.build()
        except BaseException:  # nothing has changed yet
            await swap.give_up()
            raise
        before = tallies(running)
        await swap.exchange(self.engine.tell_built)
        self._step(name, "swap", f"in place of the running flow, in {1e3 * swap.seconds:.1f} ms")
        gate = Gate(running, watch, difference, earlier, before)
        seconds = change.wishes.health_seconds if difference else 0.0
        if seconds and (problems := await gate.judge(seconds)):
            await self._go_back(running, swap, problems)
            await self._keep_failed(change, problems, str(difference))
            watch.flow(name, "running")
            raise RolledBack(problems)
        settled = _LONGEST_SETTLING if difference.resources.fresh else 0.0
        self._step(name, "health", await _health(running, settled))
        watch.flow(name, "running")

    async def _go_back(self, running: RunningFlow, swap: Swap, problems: list[Problem]) -> None:
        """Let the version before run again, with what the new one has learnt unless it failed."""
        why = "; ".join(f"{problem.place}: {problem.sentence}" for problem in problems)
        self._step(running.name, "rollback", f"the version before runs again, as {why}")
        failed = {problem.place.partition(".")[2] for problem in problems}
        back = swap.undo(distrusted=failed)
        await back.build()
        await back.exchange(self.engine.tell_built)

    async def _keep_failed(self, change: _Change, problems: list[Problem], changes: str) -> None:
        """Keep the version that failed among the revisions, and the running one as the file."""
        name, running = change.flow.name, self.engine.flows[change.flow.name]
        failed = "; ".join(f"{problem.place}: {problem.sentence}" for problem in problems)
        await self._keep(change, changes=changes, failed=failed)
        if change.restored:  # its file was not written yet
            return
        try:
            document = running.prepared.flow.document
            await asyncio.to_thread(self.store.put, name, document)
        except OSError as error:
            self._tell(name, error)

    # --- revisions

    def running_revision(self, name: str) -> str | None:
        """The id of the version that runs; None where none does."""
        running = self.engine.flows.get(name)
        return revision_id(running.prepared.flow.document) if running else None

    async def _keep_if_new(self, running: RunningFlow) -> None:
        """Keep a version that came as a file, unless it is the newest revision."""
        name, document = running.name, running.prepared.flow.document
        try:
            newest = [revision.id for revision in self.revisions.kept(name)[:1]]
        except OSError as error:
            self._tell(name, error)
            return
        if newest != [revision_id(document)]:
            await self._keep(_Change(running.prepared.flow, "file", "", Wishes(), restored=False))

    async def _keep(
        self, change: _Change, *, changes: str = "", failed: str = ""
    ) -> Revision | None:
        """Keep a revision; in a thread, as the disk may be slow and flows run on."""
        name = change.flow.name
        record = partial(
            self.revisions.record,
            *(name, change.flow.document),
            author=change.author,
            note=change.note,
            changes=changes,
            failed=failed,
        )
        try:
            return await asyncio.to_thread(record)
        except OSError as error:
            self._tell(name, error)
            return None


def _unpressable(flow: Flow, node: str) -> FlowrtError:
    if node in flow.nodes:
        return WrongState(f'"{node}" is switched off. Enable and deploy it, then press again.')
    return NotFound(f'"{flow.name}" runs without a node "{node}".{near(node, flow.nodes)}')


async def _health(running: RunningFlow, patience: float = _LONGEST_SETTLING) -> str:
    """How a new flow's nodes say they are: `5 nodes run`, or those that are not well."""
    resources = running.circuit.resources.values()
    deadline = perf_counter() + patience
    while any(step.state == ("", True) for step in resources) and perf_counter() < deadline:  # noqa: ASYNC110  polled once, after a deploy
        await asyncio.sleep(0.02)
    steps = [*resources, *running.circuit.steps.values()]
    unwell = [f"{step.node.id}: {step.state[0]}" for step in steps if not step.state[1]]
    return "; ".join(unwell) or f"{_count(len(steps), 'node')} run"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
