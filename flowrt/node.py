"""The vocabulary of a node's author: everything a pack imports.

    @node("logic/deadband", icon="filter")
    class Deadband(Transform):
        \"\"\"Drop a reading that has moved less than `width` since the last one passed on.\"\"\"

        signal: str = setting("Signal to watch.", signal=True)
        width: float = setting("Smallest change worth passing on.", minimum=0, unit_of="signal")

        _last: float | None = state(None)

        def on_message(self, message: Signals) -> Signals | None: ...

The class says everything: its fields give schema, form and help, the annotations of `on_message`
say what its ports carry, its examples run as tests. See docs/node-authoring.md.
"""

from __future__ import annotations

import dataclasses
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar, dataclass_transform

from flowrt.catalogue import Catalogue, SignalInfo, split_signal
from flowrt.clock import Clock, Timer
from flowrt.columns import (
    Array,
    Column,
    FrameTable,
    Passed,
    PassOn,
    Skim,
    Span,
    Table,
)
from flowrt.commands import Commands, is_allowed, limited, row_problems
from flowrt.errors import NodeFault, Unavailable
from flowrt.message import (
    Event,
    Frame,
    Message,
    Severity,
    Signals,
    Value,
    from_record,
    to_record,
)
from flowrt.port import ANY, Input, Kinds, Output, Sent, hints_of, kinds_in
from flowrt.setting import Duration, Hex, Secret, setting, state, state_fields

__all__ = [
    "Array",
    "Catalogue",
    "Clock",
    "Column",
    "Commands",
    "Context",
    "Duration",
    "Emit",
    "Event",
    "Example",
    "Frame",
    "FrameTable",
    "Hex",
    "Input",
    "Message",
    "Node",
    "NodeFault",
    "Output",
    "PassOn",
    "Passed",
    "Resource",
    "Result",
    "Secret",
    "Sent",
    "Severity",
    "SignalInfo",
    "Signals",
    "Sink",
    "Skim",
    "Source",
    "Span",
    "Table",
    "Timer",
    "Transform",
    "Unavailable",
    "Value",
    "from_record",
    "is_allowed",
    "limited",
    "node",
    "row_problems",
    "setting",
    "split_signal",
    "state",
    "to_record",
]

NodeClass = TypeVar("NodeClass", bound="type[Node]")
Shared = TypeVar("Shared")
Outgoing: TypeAlias = Message | Sent
"""A message, plain or addressed to a port."""
Result: TypeAlias = Outgoing | Iterable[Outgoing] | None
"""What a node may return: nothing, one message, or many; plain ones leave by the first output."""
Emit: TypeAlias = Callable[[Outgoing | Sequence[Outgoing]], Awaitable[None]]
"""How a source pushes; awaiting it is the back-pressure."""


@dataclasses.dataclass(frozen=True)
class Example:
    """Settings and messages that show what a node does; shown in help, executed by the tests.

    `given` are messages in order of time, `expect` is all that must come out; each plain (first
    port) or addressed: `alarm(Event(...))`. `until` lets the clock run on after the last one.
    """

    title: str
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    given: Sequence[Outgoing] = ()
    expect: Sequence[Outgoing] = ()
    until: float | None = None


class Context(Protocol):
    """What the engine lends a node while it runs."""

    clock: Clock
    log: logging.LoggerAdapter[logging.Logger]

    def send(self, result: Result) -> None:
        """Send messages out of the node outside `on_message`: from a timer, say."""

    def fault(self, error: Exception, message: Message | None) -> None:
        """Report and count an error of the node."""

    def drop(self, reason: str, count: int) -> None:
        """Count messages that the node gives up, by reason."""

    def status(self, text: str, ok: bool) -> None:
        """Say in a word or two how the node is: "connected", "bus off"."""

    def written(self, what: str, value: float | str) -> None:
        """Tell, for the audit log, that a set-point was written to equipment."""

    def commanded(self, what: str, value: float | str, by: str = "") -> None:
        """Tell, for the audit log, that somebody outside commanded a set-point."""

    def is_shelved(self, source: str, name: str) -> bool:
        """Whether an operator has put an alarm of this flow aside for a while."""

    def losses(self) -> dict[str, int]:
        """What the flow's nodes have lost since they were built, by `node: reason`."""

    def shared(self, kind: type[Shared]) -> Shared:
        """The one object of that class that all nodes of this runtime share."""

    def needed(self) -> frozenset[str] | None:
        """The signals of the first output that anybody can see, by name; None for all."""


class Node:
    """What sources, transforms, sinks and resources have in common.

    Making one touches nothing outside; `start` does. It may be started again after `stop`.
    """

    type: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    inputs: ClassVar[tuple[Input, ...]] = ()
    outputs: ClassVar[tuple[Output, ...]] = ()
    examples: ClassVar[tuple[Example, ...]] = ()
    delays: ClassVar[bool] = False
    """True where what comes out does so later, so that a cycle through the node is no loop."""
    external: ClassVar[bool] = False
    """True where it touches the world outside; such a node is replaced in replay and tests."""
    control: ClassVar[bool] = False
    """True where it commands equipment."""
    guards: ClassVar[bool] = False
    """True where it holds set-points within limits: what stands behind may only narrow them."""
    catches_errors: ClassVar[bool] = False
    """True where `on_error` is to be told of the errors of the flow's other nodes."""

    id: str = ""
    context: Context

    @property
    def clock(self) -> Clock:
        """The only source of time and timers."""
        return self.context.clock

    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]:
        """A logger that knows the flow and the node."""
        return self.context.log

    def problems(self) -> Iterable[tuple[str, str]]:
        """What the schema cannot say is wrong: (setting, sentence); touches no network."""
        return ()

    def catalogue(self, incoming: Catalogue) -> Catalogue | Mapping[str, Catalogue]:
        """The signals that leave: by the first output, or by each output's name."""
        return incoming

    def wants(self) -> frozenset[int] | None:
        """The frame ids it can use (extended ones with bit 31 set); None for all."""
        return None

    def reads(self) -> frozenset[str] | None:
        """The signals that it looks at, as they are named in its settings; None for all.

        A node before it may leave the others out. Messages come all the same, perhaps empty.
        """
        return None

    def set_points(self, name: str) -> Mapping[str, bool]:
        """The names under which a set-point of that name leaves.

        True where it does so at once, as it came or nearer to zero: a flow is checked for nodes
        that widen a set-point, or hold a smaller one back, behind one that `guards`.
        """
        return {name: False}

    def summary(self) -> str:
        """The one thing that matters, for the node's card: `SOC < 20 %, clears at 22 %`.

        At most 48 characters are shown; without any, the first two required settings are.
        """
        return ""

    @property
    def address(self) -> str:
        """Where it can be reached from outside once it runs, as a URL; empty for nowhere."""
        return ""

    def on_button(self) -> None:
        """Its button was pressed; only a node that overrides this has one."""
        raise NodeFault("it has no button")

    @classmethod
    def has_button(cls) -> bool:
        """Whether it can be pressed."""
        return cls.on_button is not Node.on_button

    def figures(self) -> dict[str, float]:
        """What it measures of itself, by name: `frames_per_second`; asked while it runs.

        Must not wait, and must be cheap: every watcher asks once a second.
        """
        return {}

    def on_error(self, event: Event) -> None:
        """Take note of another node's error; `event.source` is its id."""

    async def start(self) -> None:
        """Get ready to run."""

    async def stop(self) -> None:
        """Let go of everything."""

    def snapshot(self) -> dict[str, Any]:
        """The declared state, JSON-able."""
        return {field.name: getattr(self, field.name) for field in state_fields(type(self))}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take up state that `snapshot` gave; fields it does not know stay as they are."""
        for field in state_fields(type(self)):
            if field.name in saved:
                setattr(self, field.name, saved[field.name])


class Source(Node):
    """Brings messages in. It has no input; declare its outputs."""

    external = True

    resumes: ClassVar[bool] = False
    """True where its state says how far it has come in what it reads, so that it goes on there."""

    wanted: frozenset[int] | None = None
    """Frame ids that anybody downstream can use, None for all; set before `start`."""

    def refocus(self) -> None:
        """`wanted` has changed while it runs; nothing to do where it keeps no filter of its own."""

    def take_over(self, old: Any) -> None:
        """Take what `old`, of the same type, has received and not passed on; then run in its place.

        A source that overrides this is started beside the one it replaces, so that nothing is
        missed: what came twice since then is to be taken once. One that keeps state is not.
        """
        raise NotImplementedError

    async def run(self, emit: Emit) -> None:
        """Push messages until cancelled; ending is fine, an error restarts it after a while."""
        raise NotImplementedError

    def offers(self) -> frozenset[int] | None:
        """Frame ids that it is set to take, None for whatever comes; checked against `wants`."""
        return None

    def admits(self, message: Message) -> bool:  # noqa: ARG002
        """Whether a recorded message would have come by this source, for replay."""
        return True

    def admits_rows(self, frames: FrameTable) -> Array | None:
        """A mask of the recorded frames that `admits`, in a replay in bulk; None for all."""
        if type(self).admits is Source.admits:
            return None
        import numpy as np

        return np.fromiter(map(self.admits, frames.messages()), bool, len(frames))


class Transform(Node):
    """Turns messages into messages, now or by a timer."""

    def on_message(self, message: Any) -> Result:
        """One message in; nothing, one or many out. Annotate with the kinds it takes and gives."""
        raise NotImplementedError

    def on_batch(self, batch: Sequence[Any]) -> list[Any]:
        """Many messages at once, for a hot node.

        One that overrides this must keep a bad message from taking others with it: catch, and
        call `self.context.fault(error, message)`.
        """
        raise NotImplementedError

    def columns(self) -> PassOn | Skim | None:
        """Its columnar side, for replays in bulk; None where messages come one by one."""
        return None

    def finish(self) -> Result:
        """A recorded input has ended: give out what is still held, such as an open window."""
        return None


class Sink(Node):
    """Takes messages out. It has a bounded inbox, and `write` may wait."""

    external = True

    overflow: ClassVar[str] = "drop-oldest"
    """What a full inbox does unless the wire says otherwise."""
    capacity: ClassVar[int] = 10_000
    """How many messages an inbox holds unless the wire says otherwise."""

    incoming: Catalogue = Catalogue()
    """The signals that can reach it, with units and ranges; set before `start`."""

    def acknowledged_by(self) -> str:
        """Who has taken a message when `write` returns: "the broker"; empty where none says so."""
        return ""

    async def write(self, messages: Sequence[Any]) -> None:
        """Take these out; waiting here fills the inbox. An error loses them, and counts them.

        On a wire that spills, Unavailable and OSError make them come again later; any other error
        does so a few times, after which the message is set aside.
        """
        raise NotImplementedError


class Resource(Node):
    """A bus, broker or link that several nodes share; a setting annotated with it picks one."""

    external = True
    resource_type: ClassVar[str] = ""

    async def run(self) -> None:
        """Supervised while the flow runs; an error restarts it after a while."""


@dataclass_transform(kw_only_default=True, field_specifiers=(setting, state))
def node(type: str, *, icon: str = "") -> Callable[[NodeClass], NodeClass]:
    """Make a class a node type; `type` is written here and nowhere else."""

    def decorate(made: NodeClass) -> NodeClass:
        dataclasses.dataclass(eq=False, repr=False, kw_only=True)(made)  # changes it in place
        made.type = type
        made.icon = icon
        if issubclass(made, Resource):
            made.resource_type = type
        made.inputs = _inputs(made)
        made.outputs = _outputs(made)
        return made

    return decorate


def _declared(cls: type[Node], kind: type[Any]) -> list[Any]:
    members: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        members.update(vars(base))
    return [member for member in members.values() if isinstance(member, kind)]


def _first_input(cls: type[Node]) -> Kinds | None:
    """The kinds that `on_message` or `write` is annotated with; None for a node without input."""
    if issubclass(cls, Transform):
        own = cls.on_message is not Transform.on_message
        method: Callable[..., Any] = cls.on_message if own else cls.on_batch
    elif issubclass(cls, Sink):
        method = cls.write
    else:
        return None
    first = next(name for name in inspect.signature(method).parameters if name != "self")
    return kinds_in(hints_of(method).get(first)) or ANY


def _inputs(cls: type[Node]) -> tuple[Input, ...]:
    kinds = _first_input(cls)
    further = _declared(cls, Input)
    if kinds is not None:
        first = Input("")
        first.name, first.kinds = "in", kinds
        further.insert(0, first)
    for index, port in enumerate(further):
        port.index = index
    return tuple(further)


def _outputs(cls: type[Node]) -> tuple[Output, ...]:
    declared = _declared(cls, Output)
    if not declared and issubclass(cls, Transform):
        only = Output("")
        returned = hints_of(cls.on_message).get("return")
        only.name, only.kinds, only.implied = "out", kinds_in(returned) or ANY, True
        declared = [only]
    for index, port in enumerate(declared):
        port.index = index
    return tuple(declared)
