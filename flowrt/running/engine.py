"""All flows of a gateway: start, stop, replace, and what each is doing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowrt.condition import Condition
from flowrt.errors import CheckFailed, FlowFileError, FlowrtError, Problem
from flowrt.events.log import EventLog
from flowrt.flow.check import Prepared, prepare
from flowrt.flow.difference import compare
from flowrt.flow.file import Flow, read_flow
from flowrt.running.live import RunningFlow
from flowrt.running.snapshot import flow_state
from flowrt.running.swap import Swap
from flowrt.watch.watch import Watch

__all__ = ["Engine"]

_log = logging.getLogger("flowrt.engine")


@dataclass
class Engine:
    """Runs flows side by side; what goes wrong with one leaves the others alone.

    `data` is the folder for what must outlive a restart.
    """

    data: Path
    watch: Watch = field(default_factory=Watch)
    condition: Condition = field(default_factory=Condition)
    events: EventLog | None = None
    """The history on disk, where one is kept."""
    flows: dict[str, RunningFlow] = field(default_factory=dict)
    failed: dict[str, list[Problem]] = field(default_factory=dict)
    save_every: float = 10.0
    """Seconds between two checkpoints of a flow's state; 0 for none but at its stop."""
    booting: bool = False
    """The flows of the gateway are being started: it is not ready yet."""
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever starts, stops or replaces flows, so that one change is whole at a time."""
    built: list[Callable[[RunningFlow], None]] = field(default_factory=list)
    """Called with each flow that is about to start, while nothing has passed it yet."""
    _shared: dict[type, Any] = field(default_factory=dict)

    async def start_files(self, files: list[Path]) -> None:
        """Start every flow file that has no problem; the others are listed in `failed`."""
        for file in files:
            name = file.stem
            try:
                flow = read_flow(file)
                name = name if flow.name in self.flows else flow.name
                if not flow.is_subflow:
                    await self.start(flow)
            except CheckFailed as error:
                self._refuse(name, error.problems)
            except FlowFileError as error:
                self._refuse(file.stem, [Problem("", "", str(error))])

    def _refuse(self, name: str, problems: tuple[Problem, ...] | list[Problem]) -> None:
        self.failed[name] = list(problems)
        for problem in problems:
            _log.error("%s", problem, extra={"flow": name})

    async def start(self, flow: Flow) -> RunningFlow:
        """Start a flow; raises CheckFailed where it has problems or its name is taken."""
        prepared = prepare(flow)
        if flow.name in self.flows:
            other = self.flows[flow.name].prepared.flow.file
            prepared.report("name", f'a flow "{flow.name}" runs already, from {other}. Rename one.')
        if prepared.problems:
            raise CheckFailed(prepared.problems)
        return await self._run(prepared)

    async def _run(self, prepared: Prepared) -> RunningFlow:
        running = RunningFlow(
            prepared,
            self.watch,
            data=self.data,
            shared=self._shared,
            save_every=self.save_every,
        )
        self.flows[running.name] = running
        self.failed.pop(running.name, None)
        self.condition.safe_mode = ""  # somebody has decided to go on
        self.tell_built(running)
        await running.start()
        self.watch.flow(running.name, "running")
        return running

    async def stop(self, name: str, patience: float = 5.0) -> None:
        """Drain and stop one flow; raises FlowrtError where none of that name runs."""
        running = self.flows.pop(name, None)
        if running is None:
            raise FlowrtError(f'no flow "{name}" is running.')
        await running.stop(patience)
        self.watch.flow(name, "stopped")

    async def replace(self, flow: Flow) -> RunningFlow:
        """Run a flow in place of the one of its name; raises CheckFailed and leaves that alone."""
        running = self.flows.get(flow.name)
        prepared = prepare(flow, running=running.prepared if running else None)
        if prepared.problems:
            raise CheckFailed(prepared.problems)
        return await self.swap(prepared)

    async def swap(self, prepared: Prepared) -> RunningFlow:
        """Run what was checked, and has no problem, in place of the flow of its name.

        A flow that runs goes on with whatever is the same.
        """
        running = self.flows.get(prepared.flow.name)
        if running is None:
            return await self._run(prepared)
        swap = self.exchange(running, prepared)
        await swap.build()
        await swap.exchange(self.tell_built)
        return running

    def exchange(self, running: RunningFlow, prepared: Prepared) -> Swap:
        """The exchange that makes a flow run another version, not begun yet."""
        return Swap(running, prepared, compare(running.prepared, prepared))

    def tell_built(self, running: RunningFlow) -> None:
        """Let those who watch find the flow's new parts before a message passes them."""
        for tell in self.built:
            tell(running)

    async def stop_all(self, patience: float = 5.0) -> None:
        """Drain and stop every flow, side by side."""
        await asyncio.gather(*(self.stop(name, patience) for name in list(self.flows)))

    def state_of(self, name: str) -> str:
        """Whether a flow is running, failed (its problems are in `failed`) or stopped."""
        if name in self.flows:
            return "running"
        return "failed" if name in self.failed else "stopped"

    def state(self) -> dict[str, Any]:
        """What every flow and node is doing, JSON-able."""
        return {
            "flows": {
                **{name: flow_state(running) for name, running in self.flows.items()},
                **{
                    name: {"state": "failed", "problems": [str(problem) for problem in problems]}
                    for name, problems in self.failed.items()
                },
            },
            "safe_mode": self.condition.safe_mode or None,
        }
