"""Process data of a CANopen node as readings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flowrt.node import (
    Catalogue,
    Example,
    Frame,
    NodeFault,
    SignalInfo,
    Signals,
    Transform,
    node,
    setting,
)
from nodes.canopen.dictionary import load_dictionary
from nodes.canopen.mapping import Pdo, mapped


@node("canopen/pdo", icon="binary-tree")
class PdoDecode(Transform):
    """Decode the PDOs of a node by the mapping of its EDS or DCF: a message of readings a frame.

    TPDO1 is what the node sends, RPDO1 what it is sent. Units and factors come from the lines
    `Unit=` and `Factor=` of the file, which are no standard, but may be added with a text editor.
    A member of a record is named like `Battery_Voltage`. Needs `pip install 'flowrt[protocols]'`.
    """

    dictionary: Path = setting("Object dictionary of the device.", file=".eds .dcf")
    node: int = setting("Id of the node.", minimum=1, maximum=127)
    source: str = setting(
        'Put before the PDO\'s name in the source: "rack2" gives rack2/TPDO1.', default=""
    )
    pdos: list[str] = setting(
        "Decode only these, like TPDO1; empty for all that the file enables.", default=list
    )

    examples = (
        Example(
            "What node 5 sends by itself",
            settings={"dictionary": "eds/rack.eds", "node": 5},
            given=[Frame(0.0, "can0", 0x185, bytes.fromhex("88131AFF4E640500"))],
            expect=[
                Signals(
                    0.0,
                    "TPDO1",
                    {
                        "Battery_Voltage": 500.0,
                        "Battery_Current": -23.0,
                        "Battery_StateOfCharge": 78,
                        "Battery_StateOfHealth": 100,
                        "Battery_State": 5,
                    },
                )
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._by_id: dict[tuple[int, bool], tuple[str, Pdo]] | None = None

    def _chosen(self) -> dict[tuple[int, bool], tuple[str, Pdo]]:
        """The source and layout of each id that is decoded."""
        if self._by_id is None:
            self._by_id = {
                (pdo.id, pdo.extended): (self._source_of(pdo), pdo)
                for pdo in mapped(load_dictionary(self.dictionary, self.node))
                if not self.pdos or pdo.name in self.pdos
            }
        return self._by_id

    def _source_of(self, pdo: Pdo) -> str:
        return f"{self.source}/{pdo.name}" if self.source else pdo.name

    def problems(self) -> Iterator[tuple[str, str]]:
        """A dictionary that is missing, broken or without a mapping; PDOs that it lacks."""
        try:
            names = [pdo.name for pdo in mapped(load_dictionary(self.dictionary, self.node))]
        except NodeFault as error:
            yield "dictionary", str(error)
            return
        if not names:
            yield "dictionary", f"{self.dictionary.name} enables no PDO. Take the device's DCF."
        for index, name in enumerate(self.pdos):
            if names and name not in names:
                known = ", ".join(names)
                yield (
                    f"pdos[{index}]",
                    f'"{name}" is not in {self.dictionary.name}: it has {known}.',
                )

    def wants(self) -> frozenset[int]:
        """The ids of the PDOs."""
        return frozenset(id | 0x8000_0000 if far else id for id, far in self._chosen())

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """Every variable that is mapped."""
        return Catalogue(
            SignalInfo(field.name, source, field.unit, field.minimum, field.maximum)
            for source, pdo in self._chosen().values()
            for field in pdo.fields
        )

    def summary(self) -> str:
        """`node 5 by rack.eds`."""
        return f"node {self.node} by {self.dictionary.name}"

    async def start(self) -> None:
        """Read the dictionary before the first frame comes."""
        self._chosen()

    def on_message(self, message: Frame) -> Signals | None:
        """Decode one frame."""
        found = self._chosen().get((message.id, message.extended))
        if found is None or message.error or message.remote:
            return None
        source, pdo = found
        if len(message.data) < pdo.length:
            self.context.drop("shorter than its mapping", 1)
            return None
        return Signals(message.time, source, pdo.decode(message.data))
