"""The collector leaves alone what a gateway has loaded, and still finds cycles."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from flowrt.garbage import tame


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


class Knot:
    """Refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_was_loaded_is_no_longer_looked_at() -> None:
    tame()
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < 1_000


def test_a_cycle_that_comes_later_is_still_found() -> None:
    tame()
    knot = weakref.ref(Knot())
    assert knot() is not None
    for _ in range(gc.get_threshold()[0] + 1):  # kept, that the count of new containers grows
        kept = [[] for _ in range(2)]  # type: ignore[var-annotated]
        kept.append(kept)
        if knot() is None:
            break
    assert knot() is None
