"""Flow files in a folder: ETags, conflicts, atomic writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowrt.errors import FlowFileError
from flowrt.files.store import Conflict, NotFound, Store, write_atomically

DOCUMENT = {"flowrt": 1, "name": "rack", "nodes": {}}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store((tmp_path,))


def test_a_flow_that_was_written_can_be_read(store: Store) -> None:
    tag = store.write("rack", DOCUMENT, None)
    data, read_tag = store.read("rack")
    assert (json.loads(data), read_tag) == (DOCUMENT, tag)


def test_a_write_over_somebody_elses_is_refused(store: Store) -> None:
    tag = store.write("rack", DOCUMENT, None)
    store.write("rack", {**DOCUMENT, "description": "theirs"}, tag)
    with pytest.raises(Conflict, match='"rack" has been changed by somebody else'):
        store.write("rack", {**DOCUMENT, "description": "mine"}, tag)
    assert b"theirs" in store.read("rack")[0]


def test_a_new_flow_does_not_replace_one(store: Store) -> None:
    store.write("rack", DOCUMENT, None)
    with pytest.raises(Conflict):
        store.write("rack", DOCUMENT, None)


@pytest.mark.parametrize("name", ["../evil", "", "A", "a/b", "a.test"])
def test_a_name_cannot_leave_the_folder(store: Store, name: str) -> None:
    with pytest.raises(FlowFileError, match="cannot be a flow's name"):
        store.write(name, DOCUMENT, None)


def test_a_deleted_flow_is_gone(store: Store) -> None:
    store.write("rack", DOCUMENT, None)
    store.delete("rack")
    with pytest.raises(NotFound, match='there is no flow "rack"'):
        store.read("rack")


def test_flows_go_by_the_name_they_say(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "broken.json").write_text("{")
    assert {name: file.name for name, file in store.files().items()} == {
        "broken": "broken.json",
        "rack": "file.json",
    }


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"old")
    with pytest.raises(TypeError):
        write_atomically(file, "text")  # type: ignore[arg-type]
    assert [(f.name, f.read_bytes()) for f in tmp_path.iterdir()] == [("x", b"old")]


def test_a_file_that_is_given_another_name_goes_by_that_at_once(store: Store) -> None:
    store.write("rack", DOCUMENT, None)
    assert list(store.files()) == ["rack"]
    file = store.file("rack")
    write_atomically(file, json.dumps({**DOCUMENT, "name": "cell"}).encode())
    assert list(store.files()) == ["cell"]
    write_atomically(file, b"no JSON")
    assert store.files() == {"rack": file}


def test_a_file_that_has_not_changed_is_not_read_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("rack", DOCUMENT, None)
    files = store.files()
    monkeypatch.setattr(Path, "read_bytes", lambda file: pytest.fail(f"{file} was read"))
    assert store.files() == files
