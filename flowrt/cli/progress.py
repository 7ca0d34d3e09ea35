"""A progress bar on stderr, where a person is watching."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flowrt.sites.share import Share

__all__ = ["live_line", "progress_bar", "share_bar"]

_LOOK_EVERY: Final = 0.5


@contextmanager
def progress_bar(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar that is told how many are done; a pulse where the total is unknown."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def share_bar(what: str, share: Share) -> Iterator[None]:
    """A bar of the part that is done and the time that is left, for what asks nobody."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    over = threading.Event()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=share.total or None)

        def watch() -> None:
            while not over.wait(_LOOK_EVERY):
                progress.update(task, completed=share.done())

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        try:
            yield
        finally:
            over.set()
            watching.join()


@contextmanager
def live_line() -> Iterator[Callable[[int, int], None]]:
    """A line that is told how many sites there are, and frames have come; shows frames/s."""
    if not sys.stderr.isatty():
        yield lambda _sites, _frames: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TaskProgressColumn, TextColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[sites]} sites, {task.completed:,.0f} frames"),
        TaskProgressColumn(show_speed=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None, sites=0)
        yield lambda sites, frames: progress.update(task, completed=frames, sites=sites)
