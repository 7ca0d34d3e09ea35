"""Emergencies of CANopen nodes as alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowrt.node import Event, Example, Frame, Severity, Transform, node, setting, state
from nodes.canopen.emergency import bit_of, meaning_of, register_words
from nodes.canopen.states import id_problems

_FIRST: Final = 0x80
_MOST: Final = 254
"""Errors of a node at a time: as many as its error field 0x1003 can hold."""


@node("canopen/emcy", icon="alert-triangle")
class Emcy(Transform):
    """Raise an alarm for each emergency code (EMCY) of a node, clear it when the node says so.

    An error reset with an empty error register clears all alarms of the node; one whose register
    still shows kinds of error clears those of the other kinds. The alarm's value is the code, its
    text has the meaning by CiA 301, the error register and the maker's five bytes.
    """

    nodes: list[int] = setting(
        "Ids of nodes to listen to; all where empty.", default=list, maxItems=127
    )
    name: str = setting("Begins the source of the alarms.", default="canopen")
    severity: Severity = setting("How bad an emergency is.", default="alarm")
    severities: dict[str, Severity] = setting(
        'How bad those are whose code begins so: {"0x42": "trip", "0x81": "warning"}.',
        default=dict,
    )
    meanings: dict[str, str] = setting(
        'The device\'s own codes: {"0xFF01": "cell over-voltage"}.', default=dict
    )

    _active: dict[str, dict[str, Severity]] = state(factory=dict)

    examples = (
        Example(
            "Node 5 is too hot, then well",
            settings={"severities": {"0x42": "trip"}},
            given=[
                Frame(0.0, "can0", 0x85, bytes.fromhex("1042090100000000")),
                Frame(8.0, "can0", 0x85, bytes(8)),
            ],
            expect=[
                Event(
                    0.0,
                    "canopen/5",
                    "0x4210",
                    "raised",
                    "trip",
                    0x4210,
                    "node 5: temperature of the device (0x4210); register: generic, temperature; "
                    "0100000000",
                ),
                Event(8.0, "canopen/5", "0x4210", "cleared", "trip"),
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._meanings = {_code(key): text for key, text in self.meanings.items()}

    def problems(self) -> Iterator[tuple[str, str]]:
        """Ids that no node can have, and codes that are none."""
        yield from id_problems(self.nodes)
        for place, keys in (("severities", self.severities), ("meanings", self.meanings)):
            for key in keys:
                if _code(key) is None:
                    yield f"{place}.{key}", f'"{key}" is no code; write it like "0xFF01".'

    def wants(self) -> frozenset[int]:
        """The ids of the nodes' emergencies."""
        return frozenset(_FIRST + node for node in self.nodes or range(1, 128))

    def summary(self) -> str:
        """`emergencies of nodes 5, 6`."""
        which = f"nodes {', '.join(map(str, self.nodes))}" if self.nodes else "all nodes"
        return f"emergencies of {which}"[:48]

    def on_message(self, message: Frame) -> list[Event]:
        """Take up an emergency, or what a reset clears."""
        node = message.id - _FIRST
        if message.extended or message.error or message.remote or not 1 <= node <= 127:
            return []
        if self.nodes and node not in self.nodes:
            return []
        if len(message.data) < 3:
            self.context.drop("short emergency", 1)
            return []
        code, register = int.from_bytes(message.data[:2], "little"), message.data[2]
        active = self._active.setdefault(str(node), {})
        if code < 0x100:
            return self._cleared(message.time, node, active, register)
        return self._raised(message, node, active, code)

    def _cleared(
        self, time: float, node: int, active: dict[str, Severity], register: int
    ) -> list[Event]:
        gone = [name for name in active if not bit_of(int(name, 16)) & register]
        return [Event(time, self._source(node), n, "cleared", active.pop(n)) for n in gone]

    def _raised(
        self, message: Frame, node: int, active: dict[str, Severity], code: int
    ) -> list[Event]:
        name = f"0x{code:04X}"
        if name in active:
            return []
        if len(active) >= _MOST:
            self.context.drop("too many errors of a node", 1)
            return []
        severity = active[name] = self._severity(name)
        text = (
            f"node {node}: {self._meanings.get(code) or meaning_of(code)} ({name}); "
            f"register: {register_words(message.data[2])}; {message.data[3:8].hex().upper()}"
        )
        return [Event(message.time, self._source(node), name, "raised", severity, code, text)]

    def _source(self, node: int) -> str:
        return f"{self.name}/{node}"

    def _severity(self, name: str) -> Severity:
        """By the longest beginning that is set."""
        fitting = [key for key in self.severities if name.startswith("0x" + key[2:].upper())]
        return self.severities[max(fitting, key=len)] if fitting else self.severity


def _code(text: str) -> int | None:
    try:
        return int(text, 16) if text.lower().startswith("0x") else None
    except ValueError:
        return None
