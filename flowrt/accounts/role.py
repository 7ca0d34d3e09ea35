"""Roles, each of which may do all that those below it may."""

from __future__ import annotations

from enum import IntEnum

from flowrt.errors import AccountRefused

__all__ = ["Role"]


class Role(IntEnum):
    """What somebody is here for."""

    VIEWER = 1
    """Looks."""
    OPERATOR = 2
    """Acknowledges alarms, presses buttons."""
    INTEGRATOR = 3
    """Draws, tests and deploys flows."""
    ADMINISTRATOR = 4
    """Keeps users and reads the audit log."""

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> Role:
        """The role of that name; raises AccountRefused."""
        for role in cls:
            if str(role) == name:
                return role
        known = ", ".join(map(str, cls))
        raise AccountRefused(f'"{name[:40]}" is no role. There are {known}.')
