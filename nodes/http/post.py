"""Post messages to a web service."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from gzip import compress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

import orjson

from flowrt.node import (
    Duration,
    Event,
    Example,
    Frame,
    Message,
    NodeFault,
    Secret,
    Signals,
    Sink,
    node,
    setting,
    to_record,
)

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

_FIRST_PAUSE: Final = 1.0
_LONGEST_WISH: Final = 3600.0
"""Seconds of a Retry-After that are obeyed at most."""
_AGAIN: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Answers after which the same request may succeed."""
_SHOWN: Final = 200
"""Characters of a refusal that are shown."""


@node("http/post", icon="send")
class Post(Sink):
    """Post messages as a JSON list, in batches, until the service has taken them.

    What the network or a busy service keeps from arriving is posted again, ever later, under the
    same `Idempotency-Key`; meanwhile messages wait in the wire's queue, on disk where it spills. A
    batch that the service refuses (400, 401, 404, 422 ...) is dropped and counted.
    """

    url: str = setting("Where to, such as https://example.com/readings.", pattern=r"^https?://.+")
    method: Literal["POST", "PUT"] = setting("Method.", default="POST", advanced=True)
    batch: int = setting("Messages in a request at most.", default=500, minimum=1, maximum=1024)
    every: Duration = setting("Least time from one request to the next.", default=1.0)
    token: Secret | None = setting("Sent as `Authorization: Bearer ...`.", default=None)
    token_header: str = setting(
        "Another header that takes the token by itself, such as X-API-Key.",
        default="",
        pattern=r"^[A-Za-z0-9-]*$",
        advanced=True,
    )
    headers: dict[str, str] = setting("Further headers.", default=dict, advanced=True)
    gzip: bool = setting("Compress the body.", default=False)
    ca_file: Path | None = setting(
        "Authority that signed the service's certificate, PEM; the system's, if left out.",
        default=None,
        file=[".pem", ".crt", ".cer"],
        advanced=True,
    )
    timeout: Duration = setting("How long an answer may take.", default=10.0, minimum=0.1)
    longest_pause: Duration = setting(
        "Longest pause between attempts; the first is 1 s, then twice as long each.",
        default=60.0,
        minimum=0.01,
        advanced=True,
    )

    examples = (
        Example("A web hook", {"url": "https://example.com/hook"}),
        Example(
            "A cloud that wants a key, once a minute",
            {
                "url": "https://cloud.example.com/ingest",
                "every": "60 s",
                "gzip": True,
                "token": {"secret": "cloud-key"},
                "token_header": "X-API-Key",
            },
        ),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """A token must not go in the clear over a network."""
        parts = urlsplit(self.url)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if self.token and parts.scheme == "http" and not local:
            yield "url", "http would show the token to everybody on the way. Use https."
        if self.ca_file and not self.ca_file.is_file():
            yield "ca_file", f"there is no file {self.ca_file}."

    def summary(self) -> str:
        """Where to."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}{parts.path}"

    async def start(self) -> None:
        """Be ready to post."""
        from aiohttp import ClientSession, ClientTimeout, TCPConnector

        context = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else True
        self._session: ClientSession = ClientSession(
            connector=TCPConnector(ssl=context, limit=1),
            timeout=ClientTimeout(total=self.timeout),
            headers=self._headers(),
        )
        self._posted = self._retried = 0

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", **self.headers}
        if self.gzip:
            headers["Content-Encoding"] = "gzip"
        if self.token and self.token_header:
            headers[self.token_header] = self.token.reveal()
        elif self.token:
            headers["Authorization"] = f"Bearer {self.token.reveal()}"
        return headers

    async def stop(self) -> None:
        """Hang up."""
        await self._session.close()

    def figures(self) -> dict[str, float]:
        """Requests that were answered, and how many attempts were in vain."""
        return {
            "posted": float(getattr(self, "_posted", 0)),
            "retried": float(getattr(self, "_retried", 0)),
        }

    def acknowledged_by(self) -> str:
        """The service answers when it has taken a batch."""
        return "the web service"

    async def write(self, messages: Sequence[Signals | Event | Frame]) -> None:
        """Post all of them; what comes meanwhile goes with the next requests."""
        for begin in range(0, len(messages), self.batch):
            await self._deliver(messages[begin : begin + self.batch])
            await self.clock.sleep(self.every)

    async def _deliver(self, messages: Sequence[Message]) -> None:
        body = self._body(messages)
        key = hashlib.sha256(body).hexdigest()[:32]  # the same after a restart, too
        body = compress(body, mtime=0) if self.gzip else body
        pause = min(_FIRST_PAUSE, self.longest_pause)
        while (wait := await self._attempt(body, key, len(messages), pause)) is not None:
            self._retried += 1
            await self.clock.sleep(wait)
            pause = min(pause * 2, self.longest_pause)

    def _body(self, messages: Sequence[Message]) -> bytes:
        records: list[bytes] = []
        for message in messages:
            try:
                records.append(orjson.dumps(to_record(message)))
            except (TypeError, ValueError) as error:
                self.context.drop("cannot be written as JSON", 1)
                self.context.fault(error, message)
        return b"[" + b",".join(records) + b"]"

    async def _attempt(self, body: bytes, key: str, count: int, pause: float) -> float | None:
        """Post once; seconds to wait before the next attempt, None where it is done with."""
        from aiohttp import ClientError

        headers = {"Idempotency-Key": key}
        try:
            async with self._session.request(
                self.method, self.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return await self._judge(answer, count, pause)
        except (ClientError, TimeoutError, OSError) as error:
            reason = str(error) or f"no answer in {self.timeout:g} s"
            self._complain(f"not reached: {reason}. Trying again in {pause:g} s")
            return pause

    async def _judge(self, answer: ClientResponse, count: int, pause: float) -> float | None:
        self._posted += 1
        if answer.status < 300:
            self.context.status("posting", True)
            return None
        said = (await answer.content.read(_SHOWN)).decode(errors="replace").strip()
        told = f"{answer.status} {answer.reason}: {said}".rstrip(": ")
        if answer.status in _AGAIN:
            wait = max(pause, _wish(answer.headers, self.clock.now()))
            self._complain(f"{told}. Trying again in {wait:g} s")
            return wait
        self.context.drop(f"refused: {answer.status}", count)
        self._complain(f"{told}. Are address, token and format right?")
        return None

    def _complain(self, sentence: str) -> None:
        self.context.status(sentence, False)
        self.context.fault(NodeFault(f"{self.summary()}: {sentence}"), None)


def _wish(headers: Mapping[str, str], now: float) -> float:
    """Seconds that a service asks to be left alone; 0 where it does not say."""
    text = headers.get("Retry-After", "")
    try:
        wait = float(text) if text.isdigit() else parsedate_to_datetime(text).timestamp() - now
    except ValueError:
        return 0.0
    return min(max(wait, 0.0), _LONGEST_WISH)
