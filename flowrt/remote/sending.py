"""Puts a flow and what it needs onto a gateway; another's change there is not overwritten."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flowrt.flow.file import Flow, layout_file
from flowrt.remote.client import Client, Refused, RemoteError, Reply, in_path
from flowrt.remote.named import needs_of
from flowrt.remote.sent import Sent
from flowrt.testing.cases import file_of_tests

__all__ = ["Sending"]


@dataclass(frozen=True)
class Sending:
    """Sends to one gateway; `tell` is called with each thing that was done."""

    client: Client
    sent: Sent
    tell: Callable[[str], None]
    overwrite: bool = False

    def send(self, flow: Flow) -> None:
        """Data files first, then subflows, the flow, its tests; raises RemoteError."""
        needs = needs_of(flow)
        for name in needs.elsewhere:
            self.tell(f"not sent: {name}; the gateway must have it itself")
        for one in (*needs.subflows, flow):
            self._refuse_conflict(one)
        for name, file in needs.files.items():
            self._data_file(flow.name, name, file)
        for one in (*needs.subflows, flow):
            self._flow(one)
        self._tests(flow)
        self._layout(flow)

    # --- flows

    def _refuse_conflict(self, flow: Flow) -> None:
        """Raise RemoteError where the gateway has a version that was not sent from here."""
        there = self.client.find(_address(flow))
        if there is None or self.overwrite or _same(there, flow):
            return
        if there.tag not in self.sent.tags(self.client.url, flow.name):
            raise RemoteError(
                f'{self.client.url}: "{flow.name}" there is not a version that was sent '
                f"from here{self._last_change(flow.name)}. Take that change over, or say "
                "--overwrite; what ran stays among the revisions."
            )

    def _last_change(self, name: str) -> str:
        try:
            revisions = self.client.get(f"/api/flows/{in_path(name)}/revisions")["revisions"]
        except Refused:
            return ""
        if not revisions:
            return ""
        newest = revisions[0]
        when = datetime.fromtimestamp(newest["time"]).astimezone().strftime("%Y-%m-%d %H:%M")
        note = f': "{newest["note"]}"' if newest["note"] else ""
        return f" (last deployed by {newest['author']} at {when}{note})"

    def _flow(self, flow: Flow) -> None:
        there = self.client.find(_address(flow))
        if there is not None and _same(there, flow):
            self.sent.remember(self.client.url, flow.name, there.tag)
            return
        match = {"If-None-Match": "*"} if there is None else {"If-Match": there.tag}
        data = json.dumps(flow.document).encode()
        reply = self.client.request("PUT", _address(flow), data, match)
        self.sent.remember(self.client.url, flow.name, reply.tag)
        self.tell(f"{flow.name}: {'sent' if there is None else 'sent in place of the one there'}")

    # --- what belongs to a flow

    def _data_file(self, flow: str, name: str, file: Path) -> None:
        address = f"/api/flows/{in_path(flow)}/files/{in_path(name)}"
        data, there = file.read_bytes(), self.client.find(address)
        if there is not None and there.body == data:
            return
        headers = {"Content-Type": "application/octet-stream"}
        self.client.request("PUT", address, data, headers)
        self.tell(f"{name}: {'sent' if there is None else 'sent, the one there was different'}")

    def _tests(self, flow: Flow) -> None:
        file = file_of_tests(flow.file)
        if not file.is_file():
            return
        address = f"{_address(flow)}/tests"
        data, there = file.read_bytes(), self.client.request("GET", address)
        if json.loads(data) != there.json():
            match = {"If-Match": there.tag} if there.tag else {}
            self.client.request("PUT", address, data, match)
            self.tell(f"{file.name}: sent")

    def _layout(self, flow: Flow) -> None:
        """Send how a flow is drawn, where nobody has drawn it there."""
        file, address = layout_file(flow.file), f"{_address(flow)}/layout"
        if file.is_file() and self.client.get(address) == {}:
            self.client.request("PUT", address, file.read_bytes())


def _address(flow: Flow) -> str:
    return f"/api/flows/{in_path(flow.name)}"


def _same(there: Reply, flow: Flow) -> bool:
    """Whether a gateway's file says the same, in the same order, whatever its white space."""
    return _ordered(there.json()) == _ordered(flow.document)


def _ordered(document: Any) -> str:
    return json.dumps(document)
