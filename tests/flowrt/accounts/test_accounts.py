"""Users, invitations and tokens, in the file that the gateway and the command line share."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from flowrt.accounts.accounts import FIRST, INVITE_SECONDS, Accounts
from flowrt.accounts.identity import Identity
from flowrt.accounts.role import Role
from flowrt.errors import AccountRefused, AccountsDamaged

WORDS = "blue tram over nine hills"
OTHER = "seven quiet lamps in rain"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(tmp_path: Path, clock: Clock) -> Accounts:
    return Accounts.of(tmp_path, clock)


def test_the_first_start_invites_an_administrator(accounts: Accounts) -> None:
    code = accounts.first()
    assert code is not None
    assert accounts.accept(code, WORDS) == FIRST
    user = accounts.verify(FIRST, WORDS)
    assert (user.role if user else "") == "administrator"
    assert accounts.first() is None


def test_a_link_that_nobody_followed_is_made_anew(accounts: Accounts) -> None:
    old, new = accounts.first(), accounts.first()
    assert old is not None
    assert new is not None
    with pytest.raises(AccountRefused, match="used already, or is too old"):
        accounts.accept(old, WORDS)
    assert accounts.accept(new, WORDS) == FIRST


def test_a_link_is_good_once(accounts: Accounts) -> None:
    code = accounts.add("ana", Role.OPERATOR)
    accounts.accept(code, WORDS)
    with pytest.raises(AccountRefused, match="flowrt user invite NAME"):
        accounts.accept(code, OTHER)
    assert accounts.verify("ana", WORDS)


def test_a_link_ends(accounts: Accounts, clock: Clock) -> None:
    code = accounts.add("ana", Role.OPERATOR)
    clock.now += INVITE_SECONDS
    with pytest.raises(AccountRefused, match="too old"):
        accounts.accept(code, WORDS)


def test_an_open_link_leaves_the_password_until_it_is_followed(accounts: Accounts) -> None:
    accounts.accept(accounts.add("ana", Role.OPERATOR), WORDS)
    code = accounts.invite("ana")
    assert accounts.verify("ana", WORDS)
    accounts.accept(code, OTHER)
    assert accounts.verify("ana", OTHER)
    assert accounts.verify("ana", WORDS) is None


@pytest.mark.parametrize(
    ("name", "password"), [("ana", OTHER), ("ana", ""), ("bob", WORDS), ("", ""), ("new", "")]
)
def test_who_is_not_known_is_nobody(name: str, password: str, accounts: Accounts) -> None:
    accounts.accept(accounts.add("ana", Role.OPERATOR), WORDS)
    accounts.add("new", Role.VIEWER)
    assert accounts.verify(name, password) is None


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "12 to 256 characters, this one has 5"),
        ("x" * 257, "this one has 257"),
        ("abababababab", "easily guessed"),
        ("banana-ana-1", "the user's name"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(
    password: str, says: str, accounts: Accounts
) -> None:
    code = accounts.add("ana", Role.OPERATOR)
    with pytest.raises(AccountRefused, match=says):
        accounts.accept(code, password)
    assert accounts.accept(code, WORDS) == "ana"


def test_the_last_administrator_stays(accounts: Accounts) -> None:
    accounts.first()
    with pytest.raises(AccountRefused, match="no administrator"):
        accounts.remove(FIRST)
    with pytest.raises(AccountRefused, match="no administrator"):
        accounts.set_role(FIRST, Role.INTEGRATOR)
    accounts.add("ana", Role.ADMINISTRATOR)
    accounts.remove(FIRST)
    assert list(accounts.users) == ["ana"]


@pytest.mark.parametrize("name", ["", "Ana", "a b", "../x", "x" * 41, "ana\n"])
def test_a_name_is_plain(name: str, accounts: Accounts) -> None:
    with pytest.raises(AccountRefused, match="is no name for a user"):
        accounts.add(name, Role.VIEWER)


def test_a_name_is_given_once(accounts: Accounts) -> None:
    accounts.add("ana", Role.VIEWER)
    with pytest.raises(AccountRefused, match='there is a user "ana" already'):
        accounts.add("ana", Role.VIEWER)


def test_an_unknown_user_is_told_who_there_is(accounts: Accounts) -> None:
    accounts.add("ana", Role.VIEWER)
    with pytest.raises(AccountRefused, match=r'no user "bob"\. Users: ana'):
        accounts.invite("bob")


def test_an_unknown_role_is_told_the_roles() -> None:
    with pytest.raises(AccountRefused, match=r'"root" is no role\. There are viewer, operator'):
        Role.named("root")


def test_a_token_is_somebody_until_it_ends(accounts: Accounts, clock: Clock) -> None:
    token = accounts.add_token("ci", Role.INTEGRATOR, 30, ["rack"])
    who = Identity("ci", Role.INTEGRATOR, "token", frozenset({"rack"}))
    assert accounts.by_token(token) == who
    clock.now += 30 * 86400
    assert accounts.by_token(token) is None


def test_a_token_without_an_end_is_good_until_it_is_revoked(
    accounts: Accounts, clock: Clock
) -> None:
    token = accounts.add_token("ci", Role.VIEWER, None)
    clock.now += 1e9
    assert accounts.by_token(token) == Identity("ci", Role.VIEWER, "token", None)
    accounts.revoke("ci")
    assert accounts.by_token(token) is None
    with pytest.raises(AccountRefused, match='no token "ci"'):
        accounts.revoke("ci")


@pytest.mark.parametrize("text", ["", "flowrt_ci_", "ci", "flowrt_ci_" + "0" * 48, "\0", "é" * 99])
def test_what_is_no_token_is_nobody(text: str, accounts: Accounts) -> None:
    accounts.add_token("ci", Role.VIEWER, 1)
    assert accounts.by_token(text) is None


def test_the_file_holds_nothing_to_log_in_with_and_is_the_owners_alone(
    accounts: Accounts, tmp_path: Path
) -> None:
    code = accounts.add("ana", Role.OPERATOR)
    token = accounts.add_token("ci", Role.VIEWER, 1)
    accounts.accept(code, WORDS)
    open_code = accounts.invite("ana")
    file = tmp_path / "accounts.json"
    text = file.read_text()
    assert [secret for secret in (WORDS, token, token[-48:], open_code) if secret in text] == []
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_change_from_outside_is_seen(accounts: Accounts, tmp_path: Path) -> None:
    accounts.add("ana", Role.VIEWER)
    assert accounts.users["ana"].role == "viewer"
    Accounts.of(tmp_path).add("root", Role.ADMINISTRATOR)
    Accounts.of(tmp_path).set_role("ana", Role.OPERATOR)
    assert accounts.users["ana"].role == "operator"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"users": {"a": {}}}', '{"user": {}}'])
def test_a_damaged_file_lets_nobody_in_and_is_left_alone(text: str, tmp_path: Path) -> None:
    file = tmp_path / "accounts.json"
    file.write_text(text)
    file.chmod(0o600)
    for use in (Accounts.of(tmp_path).first, lambda: Accounts.of(tmp_path).verify("a", "b")):
        with pytest.raises(AccountsDamaged, match=r"is damaged: .* move it away"):
            use()
    assert file.read_text() == text


def test_a_file_that_others_can_read_is_not_trusted(accounts: Accounts, tmp_path: Path) -> None:
    accounts.add("ana", Role.VIEWER)
    (tmp_path / "accounts.json").chmod(0o644)
    with pytest.raises(AccountsDamaged, match="Run: chmod 600"):
        Accounts.of(tmp_path).first()


def test_a_change_that_fails_changes_nothing(accounts: Accounts, tmp_path: Path) -> None:
    accounts.first()
    before = json.loads((tmp_path / "accounts.json").read_text())
    with pytest.raises(AccountRefused):
        accounts.remove(FIRST)
    assert json.loads((tmp_path / "accounts.json").read_text()) == before
    assert list(accounts.users) == [FIRST]
