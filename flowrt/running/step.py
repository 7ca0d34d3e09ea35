"""One node in its place in a running flow, called in batches and joined to others by plain calls.

A batch enters at a source's step and runs through every transform down to the sinks' inlets
before `push` returns: no task, no queue and no copy in between. Live engine, replay and flow
tests all use this class, so they give the same output.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any, Final, TypeAlias, TypeVar

from flowrt.clock import Clock, Timer
from flowrt.errors import NodeFault
from flowrt.message import Message
from flowrt.node import Node, Result, Sent, Transform
from flowrt.port import KIND_CLASSES
from flowrt.watch.written import Deed

__all__ = ["Counters", "Outlet", "Push", "Step"]

Push: TypeAlias = Callable[[Sequence[Message]], None]
Shared = TypeVar("Shared")


@dataclass(slots=True)
class Counters:
    """What a node has done since it was built; `busy_ns` is time in its own code."""

    received: int = 0
    sent: int = 0
    errors: int = 0
    busy_ns: int = 0
    drops: dict[str, int] = field(default_factory=dict)

    def drop(self, reason: str, count: int = 1) -> None:
        """Count messages lost at this node, by reason."""
        self.drops[reason] = self.drops.get(reason, 0) + count


class Outlet:
    """An output of a running node: where its batches go, and the last message for watchers."""

    __slots__ = ("last", "name", "sent", "targets")

    def __init__(self, name: str) -> None:
        self.name = name
        self.targets: list[Push] = []
        self.sent = 0
        self.last: Message | None = None

    def push(self, batch: Sequence[Message]) -> None:
        """Hand a batch to every wire; the batch is shared, so nobody may change it."""
        self.sent += len(batch)
        self.last = batch[-1]
        for target in self.targets:
            target(batch)


class Step:
    """A node in its place: calls it, keeps its errors to itself, counts, passes on the result.

    It is also the node's context: clock, timers, sending out of turn, faults and drops.
    """

    def __init__(
        self,
        node: Node,
        clock: Clock,
        *,
        on_fault: Callable[[Step, Exception, Message | None], None],
        on_status: Callable[[Step, str, bool], None],
        on_written: Callable[[Step, Deed, str, float | str, str], None] = lambda *_: None,
        losses: Callable[[], dict[str, int]] = dict,
        is_shelved: Callable[[str, str], bool] = lambda _source, _name: False,
        shared: dict[type, Any],
        log: logging.LoggerAdapter[logging.Logger],
    ) -> None:
        self.node = node
        self.log = log
        self.clock: Clock = _StepClock(self, clock)
        self.counters = Counters()
        self.outlets = [Outlet(output.name) for output in node.outputs]
        self.state = ("", True)
        self.split = False
        """Pass messages on one by one: branches that leave here meet again."""
        self._on_fault = on_fault
        self._on_status = on_status
        self._on_written = on_written
        self.losses = losses
        """What the flow's nodes have lost, by `node: reason`."""
        self.is_shelved = is_shelved
        """Whether an alarm of the flow, by source and name, is shelved."""
        self._shared = shared
        self._needed: frozenset[str] | None = None
        self._wires = 0
        self.timers: set[_StepTimer] = set()
        node.context = self
        # A node with the one implied output has no Output object to address a message to.
        self._unaddressed = len(node.outputs) == 1 and node.outputs[0].implied
        self._handlers = [self._handler(port.name) for port in node.inputs]

    # --- the way in

    def inlet(self, port: int, coming: frozenset[str]) -> Push:
        """The call that takes batches at an input; filters kinds that the input does not take."""
        return self.filtered(port, coming, self._inlet(port))

    def filtered(self, port: int, coming: frozenset[str], push: Push) -> Push:
        """The same call, without the kinds that an input does not take, which are counted."""
        accepted = self.node.inputs[port].kinds
        if coming <= accepted:
            return push
        classes = tuple(KIND_CLASSES[kind] for kind in accepted)

        def push_filtered(batch: Sequence[Message]) -> None:
            fitting = [message for message in batch if isinstance(message, classes)]
            if len(fitting) < len(batch):
                self.drop("kind not taken", len(batch) - len(fitting))
            if fitting:
                push(fitting)

        return push_filtered

    def _inlet(self, port: int) -> Push:
        if port == 0 and isinstance(self.node, Transform) and _overrides_batch(self.node):
            return self._push_whole
        handler = self._handlers[port]
        return lambda batch: self._push_each(handler, batch)

    def _handler(self, port: str) -> Callable[[Any], Result]:
        name = "on_message" if port == "in" else f"on_{port}"
        handler: Callable[[Any], Result] = getattr(self.node, name, _takes_none)
        return handler

    def _push_whole(self, batch: Sequence[Message]) -> None:
        assert isinstance(self.node, Transform)
        self.counters.received += len(batch)
        begun = perf_counter_ns()
        try:
            result = self.node.on_batch(batch)
        except Exception as error:  # noqa: BLE001  a node's error is counted, never the flow's end
            self.counters.errors += len(batch) - 1
            self.fault(error, batch[0])
            return
        finally:
            self.counters.busy_ns += perf_counter_ns() - begun
        if result:
            self.pass_on(result)

    def _push_each(self, handler: Callable[[Any], Result], batch: Sequence[Message]) -> None:
        self.counters.received += len(batch)
        out: list[Any] = []
        begun = perf_counter_ns()
        for message in batch:
            try:
                result = handler(message)
                if result is None:
                    continue
                if type(result) in _SINGLE:
                    out.append(result)
                else:
                    out.extend(result)  # type: ignore[arg-type]
            except Exception as error:  # noqa: BLE001  one error loses one message
                self.fault(error, message)
        self.counters.busy_ns += perf_counter_ns() - begun
        if out:
            self.pass_on(out)

    # --- the way out

    def pass_on(self, out: Sequence[Any]) -> None:
        """Send messages out, each by the output it is addressed to, else by the first."""
        self.counters.sent += len(out)
        if self.split and len(out) > 1:
            for message in out:
                self._route((message,))
        else:
            self._route(out)

    def _route(self, out: Sequence[Any]) -> None:
        # One look at the types, in C, is cheaper than sorting messages that need no sorting.
        if self._unaddressed or Sent not in set(map(type, out)):
            self.outlets[0].push(out)
            return
        lanes: list[list[Message]] = [[] for _ in self.outlets]
        for message in out:
            if type(message) is Sent:
                lanes[message.port.index].append(message.message)
            else:
                lanes[0].append(message)
        for outlet, lane in zip(self.outlets, lanes, strict=True):
            if lane:
                outlet.push(lane)

    def spare(self, needed: frozenset[str] | None, wires: int) -> None:
        """Let the node leave out what nobody behind it looks at; None for nothing.

        `wires` leave by the first outlet; whoever else hangs there is a watcher.
        """
        self._needed = needed
        self._wires = wires

    def finish(self) -> None:
        """Tell a transform that a recorded input has ended."""
        if isinstance(self.node, Transform):
            self.guard(lambda: self.send(self.node.finish()))  # type: ignore[attr-defined]

    def guard(self, call: Callable[[], None]) -> None:
        """Call into the node; an error is reported at the node and goes no further."""
        begun = perf_counter_ns()
        try:
            call()
        except Exception as error:  # noqa: BLE001  a timer's error is the node's, not the flow's
            self.fault(error, None)
        finally:
            self.counters.busy_ns += perf_counter_ns() - begun

    def press(self) -> None:
        """Press the node's button; raises NodeFault where that fails, which counts as an error."""
        try:
            self.node.on_button()
        except Exception as error:
            self.fault(error, None)
            raise NodeFault(f"{self.node.id}: {str(error) or type(error).__name__}.") from error

    def figures(self) -> dict[str, float]:
        """What the node measures of itself; nothing where it fails, which is reported."""
        try:
            return self.node.figures()
        except Exception as error:  # noqa: BLE001  who watches a flow must not harm it
            self.fault(error, None)
            return {}

    def cancel_timers(self) -> None:
        """Forget every pending timer of the node."""
        for timer in tuple(self.timers):
            timer.cancel()

    # --- the node's context

    def send(self, result: Result) -> None:
        """Send messages out of turn: from a timer or a callback."""
        out = _listed(result)
        if out:
            self.pass_on(out)

    def fault(self, error: Exception, message: Message | None) -> None:
        """Count an error and report it at the node."""
        self.counters.errors += 1
        self._on_fault(self, error, message)

    def drop(self, reason: str, count: int = 1) -> None:
        """Count messages that the node gives up."""
        self.counters.drop(reason, count)

    def status(self, text: str, ok: bool = True) -> None:
        """Take note of how the node says it is."""
        if self.state != (text, ok):
            self.state = (text, ok)
            self._on_status(self, text, ok)

    def written(self, what: str, value: float | str) -> None:
        """Take note of a set-point that the node wrote to equipment."""
        self._on_written(self, "set-point written", what, value, "")

    def commanded(self, what: str, value: float | str, by: str = "") -> None:
        """Take note of a set-point that somebody outside commanded."""
        self._on_written(self, "set-point commanded", what, value, by)

    def needed(self) -> frozenset[str] | None:
        """The signals of the first output that anybody sees; None for all: somebody watches."""
        if self._needed is None or len(self.outlets[0].targets) > self._wires:
            return None
        return self._needed

    def shared(self, kind: type[Shared]) -> Shared:
        """The one object of that class in this runtime."""
        if kind not in self._shared:
            self._shared[kind] = kind()
        found: Shared = self._shared[kind]
        return found


class _StepClock:
    """The clock as one node sees it: its timers are guarded, and end with the node."""

    def __init__(self, step: Step, clock: Clock) -> None:
        self._step = step
        self._clock = clock
        self.now = clock.now
        self.steady = clock.steady
        self.sleep = clock.sleep

    def after(self, seconds: float, call: Callable[[], None]) -> Timer:
        timer = _StepTimer(self._step, call)
        timer.timer = self._clock.after(seconds, timer.fire)
        self._step.timers.add(timer)
        return timer


class _StepTimer:
    __slots__ = ("call", "step", "timer")

    timer: Timer

    def __init__(self, step: Step, call: Callable[[], None]) -> None:
        self.step = step
        self.call = call

    def fire(self) -> None:
        self.step.timers.discard(self)
        self.step.guard(self.call)

    def cancel(self) -> None:
        self.step.timers.discard(self)
        self.timer.cancel()


_SINGLE: Final = frozenset({*KIND_CLASSES.values(), Sent})


def _listed(result: Result) -> Sequence[Any]:
    if result is None:
        return ()
    if type(result) in _SINGLE:
        return (result,)
    return result if isinstance(result, list) else list(result)  # type: ignore[arg-type]


def _overrides_batch(node: Transform) -> bool:
    return type(node).on_batch is not Transform.on_batch


def _takes_none(_message: Any) -> Result:
    return None
