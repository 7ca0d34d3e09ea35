"""The audit log: a chain in which every change is found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from flowrt import audit
from flowrt.audit import Audit, records, verify


def write(folder: Path, *what: str) -> Audit:
    log = Audit(folder)
    for one in what:
        log.note("ana", one, flow="rack")
    asyncio.run(log.flush())
    return log


def lines(folder: Path) -> list[bytes]:
    return (folder / "000001.jsonl").read_bytes().splitlines(keepends=True)


def test_what_is_noted_is_kept_in_order_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    write(tmp_path, "login", "deploy")
    write(tmp_path, "logout")
    found = [(record["number"], record["who"], record["what"]) for record in records(tmp_path)]
    assert found == [(1, "ana", "login"), (2, "ana", "deploy"), (3, "ana", "logout")]
    verdict = verify(tmp_path)
    assert (verdict.count, verdict.problems) == (3, [])
    assert verify(tmp_path, verdict.head).problems == []


CHANGES: list[tuple[Callable[[bytes, bytes, bytes], list[bytes]], str]] = [
    (lambda a, b, c: [a, b.replace(b"ana", b"eve"), c], "line 2 was changed"),
    (lambda a, b, c: [a, c], "line 2 does not follow the record before it"),
    (lambda a, b, c: [b, a, c], "line 1 is number 2"),
    (lambda a, b, c: [a, b, b, c], "line 3 does not follow"),
    (lambda a, b, c: [a, b"{}\n", b, c], "line 2 was changed"),
    (lambda a, b, c: [b, c], "line 1 is number 2, and what comes before it is missing"),
]


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_every_change_is_found(
    change: Callable[[bytes, bytes, bytes], list[bytes]], told: str, tmp_path: Path
) -> None:
    write(tmp_path, "login", "deploy", "logout")
    (tmp_path / "000001.jsonl").write_bytes(b"".join(change(*lines(tmp_path))))
    assert verify(tmp_path).problems[0].startswith(f"000001.jsonl: {told}")


def test_an_end_that_was_cut_off_is_found_by_a_hash_kept_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, "login", "deploy")
    head = verify(tmp_path).head
    (tmp_path / "000001.jsonl").write_bytes(lines(tmp_path)[0])
    assert verify(tmp_path).problems == []
    assert "the end was cut off" in verify(tmp_path, head).problems[0]


def test_a_line_that_a_power_cut_left_unfinished_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "login", "deploy")
    torn = b"".join(lines(tmp_path))[:-10]
    (tmp_path / "000001.jsonl").write_bytes(torn)
    write(tmp_path, "logout")
    assert [record["what"] for record in records(tmp_path)] == ["login", "logout"]
    assert (verify(tmp_path).count, verify(tmp_path).problems) == (2, [])
    assert (tmp_path / "000001.jsonl").read_bytes() == torn


def test_old_files_go_and_the_chain_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_LARGEST", 500)
    monkeypatch.setattr(audit, "_KEPT", 3)
    for number in range(20):
        write(tmp_path, f"deploy {number}")
    assert len(list(tmp_path.glob("*.jsonl"))) == 3
    assert verify(tmp_path).problems == []
    assert list(records(tmp_path))[-1]["number"] == 20


def test_a_disk_that_refuses_keeps_records_waiting_and_tells_what_was_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(audit, "_MOST_WAITING", 2)
    folder = tmp_path / "audit"
    folder.write_text("in the way")
    log = Audit(folder)
    for one in ("a", "b", "c"):
        log.note("ana", one)
        asyncio.run(log.flush())
    assert "cannot be written" in caplog.text
    folder.unlink()
    asyncio.run(log.flush())
    found = [(record["what"], record["details"]) for record in records(folder)]
    assert found == [("a", {}), ("b", {}), ("lost", {"records": 1})]


def test_what_is_no_text_or_too_long_is_kept_as_well_as_can_be(tmp_path: Path) -> None:
    log = Audit(tmp_path)
    log.note("\ud800", "x" * 1000, path=Path("a"))
    asyncio.run(log.flush())
    (record,) = records(tmp_path)
    assert (record["who"], len(record["what"]), record["details"]) == ("?", 200, {"path": "a"})


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    write(tmp_path / "audit", "login")
    assert (tmp_path / "audit" / "000001.jsonl").stat().st_mode & 0o077 == 0
