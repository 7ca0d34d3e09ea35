"""The columnar side of a node that passes on all that comes."""

from __future__ import annotations

from collections.abc import Sequence

from flowrt.node import Passed, Table

__all__ = ["Through"]


class Through:
    """Passes on every table as it is."""

    def pass_on(self, tables: Sequence[Table]) -> Passed:
        """The same tables."""
        return Passed(list(tables))
