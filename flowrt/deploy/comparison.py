"""What reached a sink in two versions of a flow: how much, how much the same, what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import orjson

from flowrt.message import Message, to_record

__all__ = ["MOST_COMPARED", "Side", "compared"]

MOST_COMPARED: Final = 20_000
"""Messages of a sink that are kept of each version; what comes beyond is only counted."""
_MOST_SHOWN: Final = 10
_Record: TypeAlias = dict[str, Any]


class Side:
    """What reaches a sink in one version."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.count = 0

    def take(self, batch: Sequence[Message]) -> None:
        """Take a batch as a wire does."""
        self.count += len(batch)
        room = MOST_COMPARED - len(self.messages)
        if room > 0:
            self.messages.extend(batch[:room])


def compared(running: Side, shadow: Side) -> dict[str, Any]:
    """Counts, and the first differences in the order of time; JSON-able.

    Where one version told more than is kept, both are compared up to the same length.
    """
    length = MOST_COMPARED
    if MOST_COMPARED in (len(running.messages), len(shadow.messages)):
        length = min(len(running.messages), len(shadow.messages))
    ours, theirs = _lines(running.messages[:length]), _lines(shadow.messages[:length])
    missing, extra = ours - theirs, theirs - ours
    return {
        "running": running.count,
        "shadow": shadow.count,
        "same": (ours & theirs).total(),
        "compared": max(ours.total(), theirs.total()),
        "differ": max(missing.total(), extra.total()),
        "differences": _pairs(missing, extra)[:_MOST_SHOWN],
    }


def _lines(messages: Iterable[Message]) -> Counter[bytes]:
    return Counter(
        orjson.dumps(to_record(message), option=orjson.OPT_NON_STR_KEYS) for message in messages
    )


def _pairs(missing: Counter[bytes], extra: Counter[bytes]) -> list[dict[str, _Record | None]]:
    """What only one version told, beside what the other told of the same moment and source."""
    left, right = _by_key(missing), _by_key(extra)
    pairs: list[tuple[Any, _Record | None, _Record | None]] = []
    for key in left.keys() | right.keys():
        mine, its = left.get(key, []), right.get(key, [])
        both = range(max(len(mine), len(its)))
        pairs += [(key, _at(mine, index), _at(its, index)) for index in both]
    pairs.sort(key=lambda pair: pair[0])
    return [{"running": mine, "shadow": its} for _, mine, its in pairs]


def _by_key(lines: Counter[bytes]) -> dict[tuple[float, str], list[_Record]]:
    found: dict[tuple[float, str], list[_Record]] = {}
    for line in lines.elements():
        record = orjson.loads(line)
        stream = (record.get(name, "") for name in ("kind", "source", "channel", "id", "name"))
        key = (record.get("time") or 0.0, "/".join(map(str, stream)))
        found.setdefault(key, []).append(record)
    return found


def _at(records: list[_Record], index: int) -> _Record | None:
    return records[index] if index < len(records) else None
