"""What a shard is to do: a site's flow, or one part of it, and where its files are."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

__all__ = ["Post"]


@dataclass(frozen=True, slots=True)
class Post:
    """Shard `index` of `count` of a site; `environment` fills in ${NAME} in its flow."""

    flow: Path
    site: str
    folder: Path
    index: int = 0
    count: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    connect: tuple[str, ...] = ()
    """Sinks that really write."""

    @property
    def name(self) -> str:
        """What its files are called: the site, with the shard where there are several."""
        site = quote(self.site, safe=" ")
        return site if self.count == 1 else f"{site}.{self.index + 1}-of-{self.count}"

    def other_splits(self) -> list[Path]:
        """Checkpoints of the site from when it had more shards, or fewer."""
        site = glob.escape(quote(self.site, safe=" "))
        found = {
            *self.folder.glob(f"{site}.checkpoint"),
            *self.folder.glob(f"{site}.*-of-*.checkpoint"),
        }
        ours = {replace(self, index=index).checkpoint for index in range(self.count)}
        return sorted(found - ours)

    @property
    def record(self) -> Path:
        """What reached its sinks, as JSON lines."""
        return self.folder / f"{self.name}.jsonl"

    @property
    def checkpoint(self) -> Path:
        """How far it has come, and what its nodes remember."""
        return self.folder / f"{self.name}.checkpoint"
