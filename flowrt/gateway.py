"""The flows of a gateway, on disk and running: boot, deploy, roll back, stop, start, remove.

A deploy is checked first, so that one with problems changes nothing. It takes the place of the
running flow, is looked at, and is kept as a revision. Everything here happens one at a time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, Final

from flowrt.check import Prepared, prepare
from flowrt.engine import Engine
from flowrt.errors import CheckFailed, FlowFileError, FlowrtError, WrongState
from flowrt.flow import Flow, parse_flow, read_flow
from flowrt.mend import mend
from flowrt.revisions import Revision, Revisions, revision_id
from flowrt.running import RunningFlow
from flowrt.schema import near
from flowrt.stopped import Stopped
from flowrt.store import NotFound, Store

__all__ = ["Gateway"]

_LONGEST_SETTLING: Final = 1.0
"""Seconds that the buses and links of a new flow may take to say how they are."""


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
        flow = self._runnable(name)
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

    def _runnable(self, name: str) -> Flow:
        flow = read_flow(self.store.file(name))
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

    async def deploy(self, name: str, *, author: str, note: str) -> Revision | None:
        """Run the stored flow in place of the running one, and keep it as a revision.

        Raises NotFound, WrongState, FlowFileError or CheckFailed, and leaves what runs alone. The
        answer is None where the disk did not take the revision, which is told as a fault.
        """
        async with self.engine.changing:
            return await self._deploy(self._runnable(name), author, note, store=False)

    async def rollback(self, name: str, id: str | None, *, author: str) -> Revision | None:
        """Store an older revision as the flow's file and deploy it.

        `id` None stands for the one before the running one. Raises what `deploy` does, also
        NotFound for an unknown revision, and WrongState where there is none before.
        """
        async with self.engine.changing:
            file = self.store.file(name)
            id = id or self._one_before(name)
            document = self.revisions.document(name, id)
            older = parse_flow(json.dumps(document).encode(), file)
            return await self._deploy(older, author, f"rollback to {id}", store=True)

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

    def _one_before(self, name: str) -> str:
        """The newest revision but the running one, or but the newest where none runs."""
        ids = [revision.id for revision in self.revisions.of(name)]
        current = self.running_revision(name) or (ids[0] if ids else "")
        earlier = ids[ids.index(current) + 1 :] if current in ids else ids
        before = next((id for id in earlier if id != current), None)
        if before is None:
            raise WrongState(f'"{name}" has no revision before the one that runs. Name one.')
        return before

    async def _deploy(self, flow: Flow, author: str, note: str, *, store: bool) -> Revision | None:
        watch, name = self.engine.watch, flow.name
        try:
            watch.deploy(name, "check", f"checking {_count(len(flow.nodes), 'node')}")
            prepared = await self._checked(flow)
            if store:
                self.store.write(name, flow.document, "*")
            took = "in place of the running flow" if name in self.engine.flows else "starting"
            watch.deploy(name, "swap", took)
            running = await self.engine.swap(prepared)
            watch.deploy(name, "health", await _health(running))
        except Exception as error:
            watch.deploy(name, "failed", str(error) or type(error).__name__)
            raise
        watch.clear_all(name, but=prepared.nodes)
        self._remember(name, stopped=False)
        revision = await self._keep(name, flow.document, author=author, note=note)
        watch.deploy(name, "done", f"revision {revision.id} runs" if revision else "runs")
        return revision

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
            await self._keep(name, document, author="file", note="")

    async def _keep(
        self, name: str, document: Mapping[str, Any], *, author: str, note: str
    ) -> Revision | None:
        """Keep a revision; in a thread, as the disk may be slow and flows run on."""
        record = partial(self.revisions.record, name, document, author=author, note=note)
        try:
            return await asyncio.to_thread(record)
        except OSError as error:
            self._tell(name, error)
            return None


def _unpressable(flow: Flow, node: str) -> FlowrtError:
    if node in flow.nodes:
        return WrongState(f'"{node}" is switched off. Enable and deploy it, then press again.')
    return NotFound(f'"{flow.name}" runs without a node "{node}".{near(node, flow.nodes)}')


async def _health(running: RunningFlow) -> str:
    """How a new flow's nodes say they are: `5 nodes run`, or those that are not well."""
    resources = running.circuit.resources.values()
    deadline = perf_counter() + _LONGEST_SETTLING
    while any(step.state == ("", True) for step in resources) and perf_counter() < deadline:  # noqa: ASYNC110  polled once, after a deploy
        await asyncio.sleep(0.02)
    steps = [*resources, *running.circuit.steps.values()]
    unwell = [f"{step.node.id}: {step.state[0]}" for step in steps if not step.state[1]]
    return "; ".join(unwell) or f"{_count(len(steps), 'node')} run"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
