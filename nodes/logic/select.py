"""Choose signals."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from flowrt.node import Catalogue, Example, Signals, Transform, node, setting
from nodes.logic.pick import Pick

if TYPE_CHECKING:
    from nodes.logic.columns.select import SelectColumns


@node("logic/select", icon="list-checks")
class Select(Transform):
    """Pass on only the signals that are chosen; a message that nothing is left of is dropped."""

    keep: list[str] = setting(
        "Signals to pass on, such as SOC, Cell* or State.*; all where empty.",
        default=list,
        signal=True,
    )
    drop: list[str] = setting("Signals to leave out, before all.", default=list, signal=True)
    sources: list[str] = setting(
        "Sources to pass on, such as State or rack2/*; all where empty.", default=list
    )

    examples = (
        Example(
            "Only what the cloud wants",
            settings={"keep": ["SOC", "Cell*"], "drop": ["Cell2"], "sources": ["rack1/*"]},
            given=[
                Signals(0.0, "rack1/State", {"SOC": 55, "SOH": 98}),
                Signals(0.1, "rack1/Cells", {"Cell1": 3.31, "Cell2": 3.32}),
                Signals(0.2, "rack2/State", {"SOC": 56, "SOH": 97}),
                Signals(0.3, "rack1/Name", {"Manufacturer": "PYLON"}),
            ],
            expect=[
                Signals(0.0, "rack1/State", {"SOC": 55}),
                Signals(0.1, "rack1/Cells", {"Cell1": 3.31}),
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._keep = Pick(self.keep)
        self._drop = Pick(self.drop)

    def problems(self) -> Iterator[tuple[str, str]]:
        """Something must be chosen."""
        if not (self.keep or self.drop or self.sources):
            yield "", 'passes everything. Give "keep", "drop" or "sources", or remove the node.'

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """The chosen ones of what comes."""
        return Catalogue(
            (info for info in incoming if self.chosen(info.source, info.name)), open=incoming.open
        )

    def reads(self) -> frozenset[str] | None:
        """The signals that may pass."""
        return frozenset(self.keep) or None

    def set_points(self, name: str) -> dict[str, bool]:
        """As they are, where they are chosen."""
        return {name: True}

    def summary(self) -> str:
        """`SOC, Cell* without Cell2 of rack1/*`."""
        parts = [", ".join(self.keep) or "all"]
        parts += [f"without {', '.join(self.drop)}"] if self.drop else []
        parts += [f"of {', '.join(self.sources)}"] if self.sources else []
        return " ".join(parts)

    def on_message(self, message: Signals) -> Signals | None:
        """Pass on what is chosen."""
        source, values = message.source, message.values
        kept = {name: value for name, value in values.items() if self.chosen(source, name)}
        if len(kept) == len(values):
            return message if kept else None
        return Signals(message.time, source, kept) if kept else None

    def columns(self) -> SelectColumns:
        """Many messages at once."""
        from nodes.logic.columns.select import SelectColumns

        return SelectColumns(self)

    def chosen(self, source: str, name: str) -> bool:
        """Whether a signal passes."""
        if self.sources and not any(fnmatchcase(source, pattern) for pattern in self.sources):
            return False
        return self._keep(source, name) and not (self.drop and self._drop(source, name))
