"""Send a message that is written in the flow."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from flowrt.node import (
    Catalogue,
    Duration,
    Emit,
    Event,
    Example,
    Frame,
    Hex,
    Message,
    Output,
    Severity,
    SignalInfo,
    Signals,
    Source,
    node,
    setting,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class InjectedFrame:
    """A CAN frame to send."""

    id: Hex = setting("Arbitration id.", maximum=0x1FFFFFFF)
    data: str = setting(
        'Data bytes in hexadecimal, such as "5A006400".',
        default="",
        pattern="^([0-9A-Fa-f]{2}){0,64}$",
        **{"x-expects": 'at most 64 bytes, each as two hexadecimal digits, such as "5A006400"'},
    )
    channel: str = setting("Interface that it seems to come by.", default="")
    extended: bool = setting(
        "A 29 bit id; one above 0x7FF is extended anyway.", default=False, advanced=True
    )
    fd: bool = setting(
        "A CAN FD frame; one of more than 8 bytes is FD anyway.", default=False, advanced=True
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class InjectedEvent:
    """An event to send."""

    name: str = setting("What it is called.", minLength=1)
    source: str = setting("What it happened to.", default="")
    state: str = setting(
        "What became of it.",
        default="happened",
        enum=["happened", "raised", "cleared", "acknowledged"],
    )
    severity: Severity = setting("How bad it is.", default="info")
    text: str = setting("What it says.", default="")


@node("core/inject", icon="player-play")
class Inject(Source):
    """Send a message at the start, then again and again, or when its button is pressed."""

    external = False

    values: dict[str, float | int | bool | str] = setting(
        "Readings to send: signal name and value.", default=dict
    )
    source: str = setting("Source of the readings.", default="inject")
    event: InjectedEvent | None = setting("An event to send instead of readings.", default=None)
    frame: InjectedFrame | None = setting("A CAN frame to send instead of readings.", default=None)
    delay: Duration = setting("Wait this long after the start.", default=0.0)
    every: Duration | None = setting(
        "Send again this often; left out, it is sent once.", default=None
    )
    count: int | None = setting(
        "Send by itself at most so often, counted from the start; 0 leaves it to the button.",
        default=None,
        minimum=0,
    )

    out = Output("The message, stamped with the time at which it is sent.")

    examples = (
        Example("A state of charge every second", {"values": {"SOC": 55.5}, "every": "1 s"}),
        Example("A frame, once", {"frame": {"id": "0x355", "data": "5A006400"}, "delay": "2 s"}),
        Example("An event, by button only", {"event": {"name": "drill"}, "count": 0}),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Exactly one message must be given, and a period must be one."""
        given = [name for name in ("values", "event", "frame") if getattr(self, name)]
        if not given:
            yield "values", 'nothing is to be sent. Give one of "values", "event" or "frame".'
        elif len(given) > 1:
            yield given[1], f'only one message can be sent. Leave out all but "{given[0]}".'
        if self.every is not None and self.every <= 0:
            yield "every", 'must be more than 0 s. Leave it out to send once, or write "1 s".'

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """The readings it sends."""
        return Catalogue(
            SignalInfo(name, self.source, cycle=self.every, type=_type_word(value))
            for name, value in self.values.items()
        )

    def summary(self) -> str:
        """What is sent, and how often."""
        what = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        if self.event:
            what = self.event.name
        elif self.frame:
            what = f"0x{self.frame.id:X}#{self.frame.data}"
        return f"{what} every {self.every:g} s" if self.every else what

    async def run(self, emit: Emit) -> None:
        """Send by the clock."""
        await self.clock.sleep(self.delay)
        due = self.clock.now()
        sent = 0
        while self.count is None or sent < self.count:
            await emit(self._message())
            sent += 1
            if self.every is None:
                return
            due = self._next(due, self.every)
            await self.clock.sleep(due - self.clock.now())

    def _next(self, due: float, every: float) -> float:
        """The next moment; begins anew where the clock was set or too much time has passed."""
        now = self.clock.now()
        return due + every if now <= due + every <= now + every else now + every

    def on_button(self) -> None:
        """Send one now, whatever the settings say."""
        self.context.send(self._message())

    def _message(self) -> Message:
        now = self.clock.now()
        if self.event:
            return Event(now, **dataclasses.asdict(self.event))
        if self.frame:
            return _frame(now, self.frame)
        return Signals(now, self.source, dict(self.values))


def _frame(time: float, wanted: InjectedFrame) -> Frame:
    data = bytes.fromhex(wanted.data)
    return Frame(
        time,
        wanted.channel,
        wanted.id,
        data,
        extended=wanted.extended or wanted.id > 0x7FF,
        fd=wanted.fd or len(data) > 8,
    )


def _type_word(value: float | bool | str) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"
