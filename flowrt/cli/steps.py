"""What a deploy is doing: a table that moves where a person watches, else a line a step."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import click

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

__all__ = ["StepTable"]

_MARKS: Final = {"waiting": "·", "going": "…", "ok": "✓", "failed": "✗"}
_COLOURS: Final = {"waiting": "dim", "going": "cyan", "ok": "green", "failed": "red"}


class StepTable:
    """A row a flow: how it is, its step, what the gateway says of it."""

    def __init__(self, flows: list[str]) -> None:
        self._rows = dict.fromkeys(flows, ("waiting", "", ""))
        self._flow = ""
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if sys.stdout.isatty():
            from rich.live import Live

            self._live = Live(self._table(), refresh_per_second=8)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    # --- what happens

    def begin(self, flow: str) -> None:
        """This flow's turn."""
        self._flow = flow
        self._put("going", "send", "")

    def tell(self, text: str) -> None:
        """Something was sent, or could not be."""
        self._say(text)
        self._put("going", "send", text)

    def step(self, step: str, text: str) -> None:
        """The gateway goes on: check, swap, health, ..."""
        self._say(f"{self._flow}: {step}: {text}")
        if step not in ("done", "failed"):  # the answer says it better
            self._put("going", step, text)

    def end(self, text: str, *, ok: bool) -> None:
        """The flow runs, or does not; an error is printed by whoever gets it."""
        if ok:
            self._say(f"{self._flow}: {text}")
        self._put("ok" if ok else "failed", "", text if ok else "")

    # --- how it shows

    def _say(self, text: str) -> None:
        if self._live is None:
            click.echo(text)

    def _put(self, state: str, step: str, text: str) -> None:
        self._rows[self._flow] = (state, step, text)
        if self._live is not None:
            self._live.update(self._table())

    def _table(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, show_header=False)
        for flow, (state, step, text) in self._rows.items():
            mark = Text(_MARKS[state], style=_COLOURS[state])
            table.add_row(mark, flow, Text(step, style="cyan"), Text(text))
        return table
