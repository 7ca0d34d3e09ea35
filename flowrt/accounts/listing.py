"""Users and tokens as rows, without anything to log in with."""

from __future__ import annotations

from typing import Any

from flowrt.accounts.accounts import Accounts

__all__ = ["listing"]


def listing(accounts: Accounts) -> dict[str, list[dict[str, Any]]]:
    """`users` and `tokens`; `ends` in POSIX seconds, None for never; `flows` None for all."""
    users = [
        {"name": name, "role": user.role, "has_password": bool(user.password)}
        for name, user in accounts.users.items()
    ]
    tokens = [
        {"name": name, "role": token.role, "ends": token.ends, "flows": token.flows}
        for name, token in accounts.tokens.items()
    ]
    return {"users": users, "tokens": tokens}
