"""What can go wrong, as one tree.

FlowrtError
├── FlowFileError      a flow file cannot be read at all (missing, too large, not JSON)
├── CheckFailed        a flow has problems; carries every one of them
│   ├── TestsFailed    its tests fail
│   └── RolledBack     it did not do well when it ran, and the version before runs again
├── TypeUnknown        no pack has a node or resource of that type
├── TypeUnavailable    the type exists, but a library it needs is not installed
├── SecretMissing      a secret is named, but nothing holds its value
├── WrongState         what is asked does not fit what runs now
├── LogFileError       a recorded log cannot be read
├── DatabaseError      a CAN database cannot be read
├── TestFileError      a flow test cannot be read
├── RequestRefused     what the API was asked cannot be understood
├── NoSuchAlarm        an alarm that is to be acknowledged does not stand, or is already
├── AccountRefused     an account, a role, a password or a token cannot be as it is asked
├── AccountsDamaged    the file of accounts cannot be trusted, so nobody comes in
└── NodeFault          a node cannot do its work now; says why and what would help
    └── Unavailable    it cannot now, but may later: what it was given is not lost yet

Every message names the place, the limit, the value, then the remedy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "AccountRefused",
    "AccountsDamaged",
    "CheckFailed",
    "DatabaseError",
    "FlowFileError",
    "FlowrtError",
    "LogFileError",
    "NoSuchAlarm",
    "NodeFault",
    "Problem",
    "RequestRefused",
    "RolledBack",
    "SecretMissing",
    "TestFileError",
    "TestsFailed",
    "TypeUnavailable",
    "TypeUnknown",
    "Unavailable",
    "WrongState",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a flow: where it is, and a sentence with its remedy.

    `place` is a path such as `nodes.soc_low.below`; empty for the file as a whole.
    """

    file: str
    place: str
    sentence: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.place, self.sentence) if part)


class FlowrtError(Exception):
    """The root of every error flowrt raises on purpose."""


class FlowFileError(FlowrtError):
    """A flow file cannot be read at all."""


class CheckFailed(FlowrtError):
    """A flow has problems; `problems` holds every one."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class TestsFailed(CheckFailed):
    """A flow's tests fail; `problems` holds every test that does."""

    __test__ = False


class RolledBack(CheckFailed):
    """A new version did not do well; the one before runs again. `problems` say why."""


class TypeUnknown(FlowrtError):
    """No pack has a node or resource of that type."""


class TypeUnavailable(FlowrtError):
    """The type exists, but a library it needs is not installed."""


class SecretMissing(FlowrtError):
    """A secret is named, but nothing holds its value."""


class WrongState(FlowrtError):
    """What is asked does not fit what runs now: a flow that is stopped, a node without button."""


class LogFileError(FlowrtError):
    """A recorded log cannot be read."""


class DatabaseError(FlowrtError):
    """A CAN database cannot be read."""


class TestFileError(FlowrtError):
    """A flow test cannot be read."""

    __test__ = False


class RequestRefused(FlowrtError):
    """What the API was asked cannot be understood; says what would be."""


class NoSuchAlarm(FlowrtError):
    """An alarm that is to be acknowledged does not stand, or is acknowledged already."""


class AccountRefused(FlowrtError):
    """An account, a role, a password or a token cannot be as it is asked; says what would be."""


class AccountsDamaged(FlowrtError):
    """The file of accounts cannot be trusted, so nobody comes in."""


class NodeFault(FlowrtError):
    """A node cannot do its work now; says why and what would help."""


class Unavailable(NodeFault):
    """The world outside cannot be reached now, but may be later; nothing is lost yet."""
