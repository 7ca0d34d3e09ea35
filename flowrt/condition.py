"""How the runtime itself is: whether it goes on, and whether it may run flows."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Condition"]


@dataclass(slots=True)
class Condition:
    """Told by whoever finds out; read by the API, metrics and the service manager."""

    safe_mode: str = ""
    """Why no flow was started; empty where flows run as they should."""
    stuck: dict[str, str] = field(default_factory=dict)
    """Flow -> why it goes on no more."""
    loop_lag: float = 0.0
    """Seconds that the event loop was late at the last look."""
