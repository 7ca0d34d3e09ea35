"""A flow file damaged by a power cut or a worn card: set aside, and the last good version runs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from flowrt.files.mend import mend
from flowrt.files.revisions import Revisions
from flowrt.files.store import Store
from flowrt.gateway import Gateway
from flowrt.running.engine import Engine
from tests.support.gateway import TICK

BAD = {**TICK, "description": "rolled back"}


def folders(folder: Path) -> tuple[Store, Revisions]:
    return Store((folder,)), Revisions(folder / "data" / "revisions")


@pytest.mark.parametrize("damage", [b"", b"\0" * 512, b'{"flowrt": 1, "na', b"\xff\xfe", b"[]"])
def test_a_damaged_file_is_set_aside_and_the_last_good_version_put_there(
    damage: bytes, tmp_path: Path
) -> None:
    store, revisions = folders(tmp_path)
    revisions.record("tick", TICK, author="ana", note="")
    revisions.record("tick", BAD, author="ana", note="", failed="it raised errors")
    (tmp_path / "tick.json").write_bytes(damage)
    (mended,) = mend(store, revisions)
    assert mended.aside.name.startswith("tick.json.damaged-20")
    assert mended.aside.read_bytes() == damage
    assert json.loads((tmp_path / "tick.json").read_bytes()) == TICK
    assert not list(mend(store, revisions))
    assert set(store.files()) == {"tick"}


def test_a_sound_file_and_one_without_revision_stay_as_they_are(tmp_path: Path) -> None:
    store, revisions = folders(tmp_path)
    revisions.record("tick", TICK, author="ana", note="")
    (tmp_path / "tick.json").write_text('{"flowrt": 1, "name": "tick", "nodes": 7}')
    (tmp_path / "rack.json").write_bytes(b"{")
    assert list(mend(store, revisions)) == []
    assert (tmp_path / "rack.json").read_bytes() == b"{"


def test_a_damaged_revision_is_passed_over(tmp_path: Path) -> None:
    _, revisions = folders(tmp_path)
    revisions.record("tick", TICK, author="ana", note="")
    newest = revisions.record("tick", {**TICK, "description": "second"}, author="ana", note="")
    (revisions.folder / "tick" / f"{newest.id}.json").write_bytes(b"\0\0")
    assert revisions.last_good("tick") == TICK


def test_a_boot_runs_the_last_good_version_and_tells(tmp_path: Path) -> None:
    store, revisions = folders(tmp_path)
    revisions.record("tick", TICK, author="ana", note="")
    (tmp_path / "tick.json").write_bytes(b"\0\0\0")

    async def scenario() -> list[str]:
        gateway = Gateway(Engine(tmp_path / "data"), store)
        await gateway.boot()
        assert gateway.engine.flows["tick"].prepared.flow.document == TICK
        await gateway.engine.stop_all()
        return [news.data["text"] for news in gateway.engine.watch.faults]

    (told,) = asyncio.run(scenario())
    assert "the file was damaged and is kept as tick.json.damaged-" in told
