"""The flows of a gateway, on disk and running: boot, deploy, roll back, stop, start, remove.

A deploy is checked and tested first, so that one with problems changes nothing. It takes the place
of the running flow, is looked at for some seconds, and is kept as a revision, or goes back by
itself. Everything here happens one at a time.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from flowrt.deploy.deployment import Deployment, checked, keep_revision
from flowrt.deploy.wishes import Change, Wishes
from flowrt.errors import (
    FlowFileError,
    FlowrtError,
    WrongState,
)
from flowrt.files.mend import mend
from flowrt.files.revisions import Revision, Revisions, revision_id
from flowrt.files.store import NotFound, Store
from flowrt.flow.file import Flow, parse_flow, read_flow
from flowrt.running.engine import Engine
from flowrt.running.live import RunningFlow
from flowrt.schema import near
from flowrt.state.stopped import Stopped

__all__ = ["Gateway"]


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
                await self._keep_if_new(await self.engine.swap(await checked(self.engine, flow)))
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
            change = Change(flow, author, note, wishes or Wishes(), restored=False)
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
            change = Change(older, author, note, wishes or Wishes(), restored=True)
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

    async def _deploy(self, change: Change) -> Revision | None:
        deployment = Deployment(self.engine, self.store, self.revisions, change)
        changes = await deployment.run()
        self._remember(change.flow.name, stopped=False)
        return await deployment.keep(changes)

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
            change = Change(running.prepared.flow, "file", "", Wishes(), restored=False)
            await keep_revision(self.engine, self.revisions, change)


def _unpressable(flow: Flow, node: str) -> FlowrtError:
    if node in flow.nodes:
        return WrongState(f'"{node}" is switched off. Enable and deploy it, then press again.')
    return NotFound(f'"{flow.name}" runs without a node "{node}".{near(node, flow.nodes)}')
