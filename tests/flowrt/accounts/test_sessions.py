"""Sessions: found by their code, over in time, and still there after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrt.accounts.accounts import Accounts
from flowrt.accounts.identity import Identity
from flowrt.accounts.role import Role
from flowrt.accounts.sessions import LONGEST, LONGEST_IDLE, Sessions

WORDS = "blue tram over nine hills"
ANA = Identity("ana", Role.OPERATOR, "session")


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(tmp_path: Path, clock: Clock) -> Sessions:
    accounts = Accounts.of(tmp_path, clock)
    accounts.first()
    accounts.accept(accounts.add("ana", Role.OPERATOR), WORDS)
    return Sessions(tmp_path / "sessions.json", accounts, clock)


def test_a_session_is_found_until_it_ends(sessions: Sessions) -> None:
    code = sessions.begin("ana")
    assert (sessions.find(code), sessions.find("x"), sessions.find("")) == (ANA, None, None)
    sessions.end(code)
    assert sessions.find(code) is None


def test_one_that_is_not_used_ends_and_looking_in_the_background_is_no_use(
    sessions: Sessions, clock: Clock
) -> None:
    used, idle = sessions.begin("ana"), sessions.begin("ana")
    for _ in range(2):
        clock.now += LONGEST_IDLE / 2
        sessions.find(used)
        found = sessions.find(idle, is_use=False)
    assert (sessions.find(used), found) == (ANA, None)


def test_every_session_ends_some_day(sessions: Sessions, clock: Clock) -> None:
    code = sessions.begin("ana")
    for _ in range(int(LONGEST / LONGEST_IDLE * 2) - 1):
        clock.now += LONGEST_IDLE / 2
        assert sessions.find(code) == ANA
    clock.now += LONGEST_IDLE / 2
    assert sessions.find(code) is None


def test_a_restart_logs_nobody_out_and_the_file_has_no_code(
    sessions: Sessions, clock: Clock
) -> None:
    code = sessions.begin("ana")
    sessions.write(sessions.data())
    again = Sessions(sessions.file, sessions.accounts, clock)
    assert again.find(code) == ANA
    assert code not in sessions.file.read_text()
    assert sessions.file.stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_read_logs_everybody_out(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    sessions.file.write_text("{")
    assert Sessions(sessions.file, sessions.accounts).data() == b"{}"
    assert "everybody has to log in again" in caplog.text


def test_a_new_password_or_the_end_of_the_user_ends_the_sessions(sessions: Sessions) -> None:
    code = sessions.begin("ana")
    sessions.accounts.set_password("ana", "seven quiet lamps in rain")
    assert sessions.find(code) is None
    code = sessions.begin("ana")
    sessions.accounts.remove("ana")
    assert sessions.find(code) is None


def test_another_role_counts_at_once(sessions: Sessions) -> None:
    code = sessions.begin("ana")
    sessions.accounts.set_role("ana", Role.VIEWER)
    assert sessions.find(code) == Identity("ana", Role.VIEWER, "session")


def test_the_oldest_of_twenty_sessions_of_one_user_goes(sessions: Sessions, clock: Clock) -> None:
    codes = []
    for number in range(21):
        clock.now += 1
        codes.append(sessions.begin("ana"))
        assert sessions.data().count(b'"user"') == min(number + 1, 20)
    assert [sessions.find(code) is None for code in codes] == [True] + 20 * [False]
