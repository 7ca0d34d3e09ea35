"""Deploys on a gateway, told step by step as they go on there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from flowrt.remote.client import Client, Refused, RemoteError, in_path

__all__ = ["Deploying"]

_LOOK_EVERY: Final = 0.15
_PATIENCE: Final = 300.0
"""Seconds that a deploy may take; its health gate waits for new nodes to prove themselves."""


@dataclass(frozen=True)
class Deploying:
    """Asks for a deploy, and calls `tell` with the name and the text of each step."""

    client: Client
    tell: Callable[[str, str], None]

    def deploy(self, name: str, **body: Any) -> dict[str, Any]:
        """Run the stored flow; the answer has its `state` and `revision`. Raises RemoteError."""
        return self._followed(name, "deploy", body)

    def rollback(self, name: str, **body: Any) -> dict[str, Any]:
        """Run a revision; answers and raises as `deploy` does."""
        return self._followed(name, "rollback", body)

    def _followed(self, name: str, action: str, body: dict[str, Any]) -> dict[str, Any]:
        address = f"/api/flows/{in_path(name)}/{action}"
        patience = _PATIENCE + float(body.get("health_seconds", 0))
        steps = _Steps(self.client, name)
        with ThreadPoolExecutor(1) as aside:
            answer: Future[dict[str, Any]] = aside.submit(
                self.client.send, "POST", address, body, patience
            )
            while not answer.done():
                self._tell_new(steps)
                time.sleep(_LOOK_EVERY)
            self._tell_new(steps)
            return answer.result()

    def _tell_new(self, steps: _Steps) -> None:
        for step, text in steps.new():
            self.tell(step, text)


class _Steps:
    """The steps of a flow's deploys that were not told yet, from the gateway's log."""

    def __init__(self, client: Client, flow: str) -> None:
        self._client = client
        self._flow = flow
        self._after: int | None = self._newest()

    def _newest(self) -> int | None:
        """The last line so far; None where the log may not be read, or is not there."""
        try:
            return int(self._client.get("/api/logs", flow=self._flow, limit=1)["next"])
        except Refused:
            return None

    def new(self) -> Iterator[tuple[str, str]]:
        if self._after is None:
            return
        try:
            found = self._client.get("/api/logs", flow=self._flow, after=self._after)
        except RemoteError:  # a busy gateway; the next look, or the answer itself, tells
            return
        self._after = found["next"]
        for line in found["lines"]:
            if "step" in line:
                text = line["message"].removeprefix(f"deploy, {line['step']}: ")
                yield line["step"], text
