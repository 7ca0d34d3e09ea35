"""Requests to a gateway's web API; what is refused comes as one error that says what would help."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from flowrt.errors import FlowrtError

__all__ = ["Client", "Refused", "RemoteError", "Reply", "Unreachable", "in_path"]

_PATIENCE: Final = 30.0
_LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_ACCESS: Final = {
    401: "It wants a token: set FLOWRT_TOKEN, or name a file with --token-file. "
    "An administrator makes one there: flowrt user token",
    403: "The token's role may not do this. Ask an administrator for one that may",
}


class RemoteError(FlowrtError):
    """A gateway elsewhere does not do what it was asked."""


class Unreachable(RemoteError):
    """Nothing answers there."""


class Refused(RemoteError):
    """The gateway says no; `status` is HTTP's, `problems` are a flow's, as the API gives them."""

    def __init__(
        self, status: int, text: str, problems: tuple[Mapping[str, str], ...] = ()
    ) -> None:
        super().__init__(text)
        self.status = status
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Reply:
    """What a gateway answered."""

    status: int
    body: bytes
    tag: str = ""
    """The ETag, if there is one."""

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Client:
    """A gateway at `url`; `ca` is a file with the certificate that it must show for https."""

    url: str
    token: str = field(default="", repr=False)
    ca: Path | None = None

    @property
    def is_open_line(self) -> bool:
        """Whether a token would travel where others can read it."""
        parts = urlsplit(self.url)
        return parts.scheme == "http" and parts.hostname not in _LOCAL

    def get(self, path: str, **query: str | int) -> Any:
        """What a route answers; raises Unreachable and Refused."""
        asked = f"?{urlencode(query)}" if query else ""
        return self.request("GET", path + asked).json()

    def find(self, path: str) -> Reply | None:
        """What stands at a route; None where nothing does."""
        try:
            return self.request("GET", path)
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def send(self, method: str, path: str, body: Any = None, patience: float = _PATIENCE) -> Any:
        """Send JSON, and read the answer."""
        data = None if body is None else json.dumps(body).encode()
        reply = self.request(method, path, data, {}, patience)
        return reply.json() if reply.body else None

    def request(
        self,
        method: str,
        path: str,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        patience: float = _PATIENCE,
    ) -> Reply:
        """One request; raises Unreachable and Refused."""
        request = urllib.request.Request(  # noqa: S310  http and https only, see _opener
            self.url + path, data, {**self._headers(data), **(headers or {})}, method=method
        )
        try:
            with self._opener().open(request, timeout=patience) as answer:
                return Reply(answer.status, answer.read(), answer.headers.get("ETag", ""))
        except urllib.error.HTTPError as error:
            raise self._refused(error) from error
        except urllib.error.URLError as error:
            raise Unreachable(self._silence(error.reason)) from error
        except (OSError, HTTPException) as error:
            raise Unreachable(self._silence(error)) from error

    def _headers(self, data: bytes | None) -> dict[str, str]:
        headers = {"User-Agent": "flowrt"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if data is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def _opener(self) -> urllib.request.OpenerDirector:
        """Without redirects, which would carry the token elsewhere; no proxy for what is here."""
        here = urlsplit(self.url).hostname in _LOCAL
        context = ssl.create_default_context(cafile=self.ca and str(self.ca))
        opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler({} if here else None),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
        ):
            opener.add_handler(handler)
        return opener

    # --- what goes wrong

    def _silence(self, reason: object) -> str:
        if isinstance(reason, ssl.SSLCertVerificationError):
            return (
                f"{self.url}: its certificate is not one that is known here "
                f"({reason.verify_message}). Name the file that it must match: --ca-file FILE."
            )
        if isinstance(reason, TimeoutError):
            return (
                f"{self.url}: no answer in time. Is the gateway overloaded, or a firewall between?"
            )
        words = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        return f"{self.url}: nothing answers ({words}). Does flowrt run there? Name it by --to URL."

    def _refused(self, error: urllib.error.HTTPError) -> Refused:
        details = _details(error.read())
        text = str(details.get("detail") or details.get("title") or error.reason)
        if error.code in _ACCESS:
            text = f"{text.rstrip('.')}. {_ACCESS[error.code]}."
        elif 300 <= error.code < 400:
            text = (
                f"it wants to be asked at {error.headers.get('Location')}. Name that by --to URL."
            )
        problems = details.get("problems")
        rows = problems if isinstance(problems, list) else []
        return Refused(error.code, f"{self.url}: {text}", tuple(rows))


def _details(body: bytes) -> dict[str, Any]:
    """The problem details of an answer; nothing where it is something else."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def in_path(name: str) -> str:
    """A name as a part of an address, its slashes kept."""
    return quote(name, safe="/")
