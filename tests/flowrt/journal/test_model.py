"""Any sequence of append, read, acknowledge, release, commit, restart and crash, against lists."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from flowrt.journal import Entry, Journal, JournalOptions
from tests.support.journals import all_of, crash, number_of, numbered


class Model(RuleBasedStateMachine):
    """The journal beside the plain lists that it must agree with."""

    limit = 64 * 1024 * 1024
    drain = "oldest-first"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.restarts = self.next = 0
        self.wanted: set[int] = set()
        self.synced: set[int] = set()
        self.held: list[Entry] = []
        self.sizes: list[tuple[int, int]] = []
        self.accepted = self.acknowledged = self.lost = 0
        self.open()

    def open(self) -> None:
        options = JournalOptions(limit=self.limit, drain=self.drain)
        self.journal = Journal(self.folder / str(self.restarts), options)
        self.remember_sizes()

    def remember_sizes(self) -> None:
        self.sizes = list(self.journal._log.sizes.items())

    @rule(count=st.integers(1, 40), size=st.integers(0, 300), keep=st.integers(0, 20))
    def append(self, count: int, size: int, keep: int) -> None:
        numbers = range(self.next, self.next + count)
        kept, refused = self.journal.append(numbered(numbers, size), keep)
        assert not refused
        assert [number_of(entry.message) for entry in kept] == list(numbers)[: len(kept)]
        self.next += count
        self.accepted += count
        self.held += kept
        self.wanted.update(numbers)

    @rule(most=st.integers(1, 60))
    def read(self, most: int) -> None:
        self.held += self.journal.read(most)

    @precondition(lambda self: self.held)
    @rule(count=st.integers(1, 50))
    def acknowledge(self, count: int) -> None:
        taken, self.held = self.held[:count], self.held[count:]
        self.journal.acknowledge(taken)
        self.acknowledged += len(taken)
        self.wanted.difference_update(number_of(entry.message) for entry in taken)

    @precondition(lambda self: self.held)
    @rule()
    def release(self) -> None:
        self.journal.release(self.held)
        self.held = []

    @rule(mark=st.booleans())
    def commit(self, mark: bool) -> None:
        if mark:
            self.journal._marked_at = float("-inf")
        self.journal.commit()
        self.remember_sizes()
        self.synced = set(self.wanted)

    @rule()
    def restart(self) -> None:
        self.journal.close()
        shutil.copytree(self.folder / str(self.restarts), self.folder / str(self.restarts + 1))
        self.restarts += 1
        self.held = []
        self.lost += sum(self.journal.lost.values())
        self.open()
        self.synced = set(self.wanted)

    @rule(cut=st.floats(0, 1))
    def crash(self, cut: float) -> None:
        self.restarts += 1
        crash(self.journal, self.folder / str(self.restarts), self.sizes, cut)
        self.open()
        self.held = self.journal.read(10**6)
        self.check_after_crash([number_of(entry.message) for entry in self.held])

    def check_after_crash(self, there: list[int]) -> None:
        assert there == sorted(set(there)), "in order, and nothing twice"
        assert self.synced & self.wanted <= set(there), "what was safe and is wanted is there"
        assert set(there) <= set(range(self.next)), "nothing was made up"
        self.wanted, self.synced = set(there), set(there)

    @invariant()
    def nothing_is_uncounted(self) -> None:
        assert len(self.journal) == len(self.wanted)

    @invariant()
    def a_reader_gets_what_is_wanted(self) -> None:
        assert {number_of(entry.message) for entry in self.held} <= self.wanted

    def teardown(self) -> None:
        self.journal.release(self.held)
        assert set(all_of(self.journal)) == self.wanted
        self.journal._log.close()
        shutil.rmtree(self.folder)


class Bounded(Model):
    """With a limit, what is dropped must be counted to the last message."""

    limit = 16 * 1024

    @rule(cut=st.floats(0, 1))
    def crash(self, cut: float) -> None:
        """A crash makes messages come again, which cannot be counted; see Model."""

    @invariant()
    def nothing_is_uncounted(self) -> None:
        lost = self.lost + sum(self.journal.lost.values())
        assert len(self.journal) + self.acknowledged + lost == self.accepted

    @invariant()
    def it_stays_below_its_limit(self) -> None:
        assert self.journal.stored <= self.limit + 4096  # a mark may come on top

    @rule()
    def restart(self) -> None:
        self.acknowledged += len(self.held)  # may have been dropped while they were in memory
        self.journal.acknowledge(self.held)
        super().restart()

    def teardown(self) -> None:
        self.journal._log.close()
        shutil.rmtree(self.folder)


class LiveFirst(Model):
    """The same, where what comes now goes before what waited."""

    drain = "live-first"


_BRIEF = settings(max_examples=20, stateful_step_count=30, deadline=None, print_blob=True)
TestModel = Model.TestCase
TestModel.settings = _BRIEF
TestBounded = Bounded.TestCase
TestBounded.settings = _BRIEF
TestLiveFirst = LiveFirst.TestCase
TestLiveFirst.settings = _BRIEF
