"""Hands a sink what stands for it in a record, from where it was left."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

import orjson

from flowrt.errors import Unavailable
from flowrt.files.store import write_atomically
from flowrt.message import Message, from_record
from flowrt.node import Sink
from flowrt.running.step import Step

__all__ = ["Sender"]

_MOST_A_READ: Final = 1 << 18
"""Bytes of the record whose messages a sink is handed at once."""
_TRIES: Final = 3
"""How often a sink may fail in a way that nobody foresaw before the messages are dropped."""
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0


class Sender:
    """One sink's way through a record; how far it has come stands in a small file beside that."""

    def __init__(self, step: Step, sink: Sink, record: Path) -> None:
        self.step, self._sink, self._record = step, sink, record
        self._cursor = record.with_suffix(f".{quote(sink.id, safe='')}.sent")
        self._offset = int(self._cursor.read_bytes()) if self._cursor.exists() else 0
        self._mark = orjson.dumps({"node": sink.id})[1:-1]
        self._size = 0
        self._news = asyncio.Event()
        self._over = False
        self.sent = 0
        """Messages that the sink has taken."""

    @property
    def dropped(self) -> dict[str, int]:
        """What was given up, by reason."""
        return dict(self.step.counters.drops)

    def release(self, size: int) -> None:
        """So many bytes of the record may go out."""
        self._size = max(self._size, size)
        self._news.set()

    def end(self) -> None:
        """No more will be released."""
        self._over = True
        self._news.set()

    async def run(self) -> None:
        """Hand over what is released until the end of that."""
        with self._record.open("rb") as file:
            while await self._more():
                messages, end = self._read(file)
                if messages:
                    await self._write(messages)
                self._offset = end
                write_atomically(self._cursor, b"%d" % end)

    async def _more(self) -> bool:
        while self._offset >= self._size:
            if self._over:
                return False
            self._news.clear()
            await self._news.wait()
        return True

    def _read(self, file: BinaryIO) -> tuple[list[Message], int]:
        """The next messages for the sink, and where the record goes on."""
        file.seek(self._offset)
        data = file.read(min(_MOST_A_READ, self._size - self._offset))
        whole = data[: data.rfind(b"\n") + 1] or data + file.readline()
        records = [orjson.loads(line) for line in whole.splitlines() if self._mark in line]
        kinds = self._sink.inputs[0].kinds
        messages = [
            from_record(record)
            for record in records
            if record["node"] == self._sink.id and record["kind"] in kinds
        ]
        return messages, self._offset + len(whole)

    async def _write(self, messages: list[Message]) -> None:
        """Let the sink take them, however long that takes where the world is not there."""
        pause, failures = _FIRST_PAUSE, 0
        while True:
            try:
                await self._sink.write(messages)
            except (Unavailable, OSError) as error:
                self.step.fault(error, None)
            except Exception as error:  # noqa: BLE001  a sink's error is its own
                self.step.fault(error, messages[0])
                failures += 1
                if failures == _TRIES:
                    self.step.drop("failed again and again", len(messages))
                    return
            else:
                self.sent += len(messages)
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
