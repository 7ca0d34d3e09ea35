"""logic/select by columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flowrt.node import Passed, Table

if TYPE_CHECKING:
    from nodes.logic.select import Select


class SelectColumns:
    """Passes on the chosen columns of each table."""

    def __init__(self, node: Select) -> None:
        self._chosen = node.chosen

    def pass_on(self, tables: Sequence[Table]) -> Passed:
        """Tables with the chosen signals; none where nothing is left."""
        passed = Passed()
        for table in tables:
            names = [name for name in table.names if self._chosen(table.source, name)]
            if names:
                passed.tables.append(table.only(names))
        return passed
