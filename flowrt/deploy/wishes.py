"""What is to be deployed, and how somebody wants it done."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

from flowrt.errors import FlowrtError
from flowrt.flow.file import Flow

__all__ = ["HEALTH_VARIABLE", "Change", "Wishes"]

HEALTH_VARIABLE: Final = "FLOWRT_HEALTH_SECONDS"
_HEALTH_SECONDS: Final = 3.0
"""How long a new version is looked at before it is kept."""


def usual_health_seconds() -> float:
    """How long, unless a deploy says otherwise; raises FlowrtError for what is no number."""
    text = os.environ.get(HEALTH_VARIABLE) or str(_HEALTH_SECONDS)
    try:
        return max(0.0, float(text))
    except ValueError as error:
        raise FlowrtError(
            f'{HEALTH_VARIABLE} is "{text}", no number of seconds. Set it to 3, say, or unset it.'
        ) from error


@dataclass(frozen=True, slots=True)
class Wishes:
    """How somebody wants a deploy to be done.

    A version is looked at for `health_seconds` before it is kept; 0 keeps it at once.
    """

    health_seconds: float = field(default_factory=usual_health_seconds)
    skip_tests: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be deployed, and for whom; `restored` where it is not the flow's file yet."""

    flow: Flow
    author: str
    note: str
    wishes: Wishes
    restored: bool
