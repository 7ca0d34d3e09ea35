"""Objects of a CANopen node, read in turn and written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
    Frame,
    Hex,
    Input,
    NodeFault,
    Output,
    Result,
    Sent,
    Severity,
    SignalInfo,
    Signals,
    Timer,
    Transform,
    Value,
    node,
    setting,
    state,
)
from nodes.canopen.dictionary import import_canopen, load_dictionary
from nodes.canopen.objects import Resolved, SdoObject, resolved
from nodes.canopen.transfer import Download, Transfer, TransferError, Upload, abort_frame
from nodes.canopen.writing import Writing

_TIMED_OUT: Final = 0x0504_0000
_SILENT: Final = "silent"


@node("canopen/sdo", icon="refresh")
class Sdo(Transform):
    """Read objects of a node every so often, and write those that may be, by SDO.

    Frames of the bus come in, and requests go out to can/send. One transfer runs at a time, also
    in segments. A node that does not answer, and an object that it aborts, are alarms with the
    abort's meaning; such readings are None. What is written goes when it changes or is due again,
    within the object's limits. When its reading stays out, the fail-safe value is written; when
    the flow stops, nothing is: give can/send a fail-safe frame for that. Needs
    `pip install 'flowrt[protocols]'`.
    """

    control = True

    node: int = setting("Id of the node.", minimum=1, maximum=127)
    objects: list[SdoObject] = setting("What is read and written.", minItems=1)
    dictionary: Path | None = setting(
        "Object dictionary that has types, factors and units.", file=".eds .dcf", default=None
    )
    every: Duration = setting("How often all is read.", default=1.0, exclusiveMinimum=0)
    timeout: Duration = setting("How long an answer may take.", default=0.5, exclusiveMinimum=0)
    retries: int = setting("How often an unanswered transfer is begun anew.", default=1, minimum=0)
    at_most_every: Duration = setting("Least time between two writes of an object.", default=1.0)
    refresh_every: Duration | None = setting(
        "Write an unchanged value again this often; never where left out.", default=None
    )
    stale_after: Duration | None = setting(
        "Silence of a reading after which its fail-safe value is written.", default=None
    )
    source: str = setting("Source of the readings; canopen/ID where empty.", default="")
    request_id: Hex | None = setting(
        "Id of requests; 0x600 + the node where left out.", default=None, advanced=True
    )
    answer_id: Hex | None = setting(
        "Id of answers; 0x580 + the node where left out.", default=None, advanced=True
    )

    write = Input("Readings by name, for the objects that may be written.", carries="signals")
    out = Output("All that was read, once a round.", carries="signals")
    request = Output("Requests for can/send.", carries="frame")
    alarm = Output("The node silent, an object aborted; and well again.", carries="event")

    _failing: dict[str, int] = state(factory=dict)
    """Object, or silence -> abort code."""

    examples = (
        Example(
            "Two objects of node 5, each second",
            settings={
                "node": 5,
                "objects": [
                    {"name": "Voltage", "index": "0x2100", "subindex": 1, "type": "u16"},
                    {"name": "Serial", "index": "0x2104", "type": "text"},
                ],
            },
        ),
    )

    def __post_init__(self) -> None:
        self._rows: dict[str, Resolved] | None = None
        self._reads: deque[Resolved] = deque()
        self._writing = Writing(
            self, self.at_most_every, self.refresh_every, self.stale_after, self._next
        )
        self._written: Value = None
        self._round: dict[str, Value] | None = None
        self._transfer: Transfer | None = None
        self._row: Resolved | None = None
        self._tries = 0
        self._patience: Timer | None = None
        self._beat: Timer | None = None

    # --- what is known before it runs

    def problems(self) -> Iterator[tuple[str, str]]:
        """A dictionary that is missing or broken; rows that cannot be meant."""
        try:
            if self.dictionary is not None:
                load_dictionary(self.dictionary, self.node)
        except NodeFault as error:
            yield "dictionary", str(error)
            return
        names: set[str] = set()
        for place, row in enumerate(self.objects):
            if row.name in names:
                yield f"objects[{place}].name", f'"{row.name}" is there already. Rename one.'
            names.add(row.name)
            if row.scale == 0:
                yield f"objects[{place}].scale", "must not be 0."
            if row.fail_safe is not None and (self.stale_after is None or row.access == "read"):
                yield f"objects[{place}].fail_safe", 'needs "stale_after", and access to write.'
            try:
                resolved(row, self.dictionary, self.node)
            except NodeFault as error:
                yield f"objects[{place}].type", f"{error}."

    def _table(self) -> dict[str, Resolved]:
        if self._rows is None:
            self._rows = {
                row.name: resolved(row, self.dictionary, self.node) for row in self.objects
            }
        return self._rows

    def wants(self) -> frozenset[int]:
        """The id of answers."""
        id = self._answers
        return frozenset({id | 0x8000_0000 if id > 0x7FF else id})

    def reads(self) -> frozenset[str]:
        """The names of the objects that may be written."""
        return frozenset(row.name for row in self.objects if "write" in row.access)

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """A signal for each object that is read."""
        return {
            "out": Catalogue(
                SignalInfo(
                    row.name,
                    self._source,
                    row.unit,
                    row.row.minimum,
                    row.row.maximum,
                    cycle=self.every,
                    type="string" if row.type in ("text", "bytes") else "number",
                )
                for row in self._table().values()
                if "read" in row.row.access
            )
        }

    def summary(self) -> str:
        """`node 5, 3 objects every 1 s`."""
        count = len(self.objects)
        return f"node {self.node}, {count} object{'s' * (count != 1)} every {self.every:g} s"

    @property
    def _source(self) -> str:
        return self.source or f"canopen/{self.node}"

    @property
    def _requests(self) -> int:
        return 0x600 + self.node if self.request_id is None else self.request_id

    @property
    def _answers(self) -> int:
        return 0x580 + self.node if self.answer_id is None else self.answer_id

    # --- rounds

    async def start(self) -> None:
        """Begin to read."""
        import_canopen()
        self._table()
        self._begin_round()

    async def stop(self) -> None:
        """Give up what is under way."""
        self._calm()
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None
        self._writing.stop()
        self._reads.clear()
        self._transfer = self._row = self._round = None

    def _begin_round(self) -> None:
        self._beat = self.clock.after(self.every, self._begin_round)
        if self._round is not None:
            self.context.drop("round skipped: the one before is not done", 1)
            return
        self._round = {}
        self._reads.extend(r for r in self._table().values() if "read" in r.row.access)
        self._next()

    def _next(self) -> None:
        """Begin the next transfer, a write before all reads; give the round when it is done."""
        while self._transfer is None:
            if wanted := self._writing.take():
                self._begin_write(*wanted)
            elif self._reads:
                self._row = self._reads.popleft()
                self._begin(Upload(self._row.row.index, self._row.row.subindex))
            else:
                if self._round:
                    self.context.send(Signals(self.clock.now(), self._source, self._round))
                self._round = None
                return

    def _begin_write(self, row: Resolved, value: Value) -> None:
        try:
            data = row.data(value)
        except (NodeFault, ValueError) as error:
            self.context.drop("not written", 1)
            self.context.fault(error, None)
            return
        self._row = row
        self._written = value
        self._begin(Download(row.row.index, row.row.subindex, data))

    def _begin(self, transfer: Transfer) -> None:
        self._transfer, self._tries = transfer, 0
        self._ask(transfer.begin())

    def _ask(self, data: bytes) -> None:
        self._calm()
        self._patience = self.clock.after(self.timeout, self._timed_out)
        self.context.send(self._request(data))

    def _request(self, data: bytes) -> Sent:
        id = self._requests
        return self.request(Frame(self.clock.now(), "", id, data, extended=id > 0x7FF))

    def _calm(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    # --- answers

    def on_message(self, message: Frame) -> Result:
        """Go on with the transfer."""
        transfer, id = self._transfer, self._answers
        if transfer is None or message.id != id or message.extended != (id > 0x7FF):
            return None
        if message.error or message.remote or len(message.data) != 8:
            return None
        self._well(_SILENT, f"node {self.node} answers again")
        try:
            asked = transfer.take(message.data)
        except TransferError as error:
            self._fail(error)
            return None
        if transfer.done:
            self._finish(transfer)
        elif asked is not None:
            self._ask(asked)
        return None

    def on_write(self, message: Signals) -> None:
        """Take up what is to be written; a newer value replaces one that waits."""
        for name, row in self._table().items():
            value = message.values.get(name)
            if value is not None and "write" in row.row.access:
                self._writing.offer(row, value)
        self._next()

    def _finish(self, transfer: Transfer) -> None:
        row = self._end()
        self._well(row.name, f"{row.name} is well again")
        if isinstance(transfer, Upload):
            try:
                value = row.value(transfer.data)
            except NodeFault as error:
                self.context.fault(error, None)
                value = None
            self._keep(row.name, value)
        else:
            self._writing.done(row, self._written)
        self._next()

    def _end(self) -> Resolved:
        self._calm()
        row, self._transfer, self._row = self._row, None, None
        assert row is not None
        return row

    def _keep(self, name: str, value: Value) -> None:
        if self._round is not None:
            self._round[name] = value

    # --- what goes wrong

    def _timed_out(self) -> None:
        transfer, row = self._transfer, self._row
        if transfer is None or row is None:
            return
        self._tries += 1
        if self._tries <= self.retries:
            tries = self._tries
            again = (
                Upload(row.row.index, row.row.subindex)
                if isinstance(transfer, Upload)
                else Download(row.row.index, row.row.subindex, row.data(self._written))
            )
            self._begin(again)
            self._tries = tries
            return
        self._fail(TransferError(_TIMED_OUT))

    def _fail(self, error: TransferError) -> None:
        """The node told that it will not, did not answer, or answered nonsense."""
        transfer = self._transfer
        row = self._end()
        if not error.told:
            self.context.send(
                self._request(abort_frame(row.row.index, row.row.subindex, error.code))
            )
        if isinstance(transfer, Download):
            self.context.drop("not written", 1)
        else:
            self._keep(row.name, None)
        if error.code == _TIMED_OUT and not error.told:
            text = f"node {self.node} does not answer SDO for {self.timeout:g} s ({row.place})"
            self._ill(_SILENT, error.code, text)
            self._give_up_round()
        else:
            what = "written" if isinstance(transfer, Download) else "read"
            text = f"{row.name} ({row.place}) cannot be {what}: {_told(error.code)}"
            self._ill(row.name, error.code, text)
        self._next()

    def _give_up_round(self) -> None:
        """A silent node is not asked for the rest: that would only take longer."""
        for row in self._reads:
            self._keep(row.name, None)
        self._reads.clear()
        self._writing.give_up()

    def _ill(self, what: str, code: int, text: str) -> None:
        if self._failing.get(what) != code:
            self._failing[what] = code
            self._tell(what, "raised", code, text)

    def _well(self, what: str, text: str) -> None:
        if self._failing.pop(what, None) is not None:
            self._tell(what, "cleared", None, text)

    def _tell(self, what: str, state: str, code: int | None, text: str) -> None:
        source = self._source if what == _SILENT else f"{self._source}.{what}"
        severity: Severity = "alarm" if what == _SILENT else "warning"
        event = Event(self.clock.now(), source, "sdo", state, severity, code, text)
        self.context.send(self.alarm(event))


def _told(code: int) -> str:
    """An abort code in words."""
    import_canopen()
    from canopen.sdo.exceptions import SdoAbortedError

    return str(SdoAbortedError(code)).removeprefix("Code ")
