"""Rows that must be seen one by one: what is recorded, and what a node without columns takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np

from flowrt.bulk.skimmed import NEVER
from flowrt.columns import FrameTable, Table
from flowrt.message import Message
from flowrt.running.step import Push

__all__ = ["Singly"]

AnyTable: TypeAlias = Table | FrameTable


class Singly:
    """The rows of some tables in the order of their keys, each with the call that takes it."""

    def __init__(self) -> None:
        self.next = NEVER
        self._keys: list[int] = []
        self._owners: list[int] = []
        self._pushes: list[Push] = []
        self._messages: list[Iterator[Message]] = []
        self._at = 0

    def load(self, tables: Sequence[tuple[AnyTable, Push]]) -> None:
        """Begin a chunk."""
        some = [pair for pair in tables if len(pair[0])]
        self._pushes = [push for _, push in some]
        self._messages = [table.messages() for table, _ in some]
        self._keys, self._owners, self._at = [], [], 0
        if some:
            keys = np.concatenate([table.keys for table, _ in some])
            owners = np.repeat(np.arange(len(some)), [len(table) for table, _ in some])
            order = np.argsort(keys, kind="stable")
            self._keys, self._owners = keys[order].tolist(), owners[order].tolist()
        self.next = self._keys[0] if self._keys else NEVER

    def show(self) -> None:
        """Hand over the next row."""
        owner = self._owners[self._at]
        self._at += 1
        self.next = self._keys[self._at] if self._at < len(self._keys) else NEVER
        self._pushes[owner]((next(self._messages[owner]),))
