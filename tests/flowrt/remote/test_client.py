"""What a client sends, and how it words what comes back, against a server on a real socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from flowrt.remote.client import Client, Refused, RemoteError, Unreachable
from tests.support.ports import free_port


class Server(ThreadingHTTPServer):
    status = 200
    body = b"{}"
    location = ""
    asked: list[tuple[str, str, str]]


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        token = self.headers.get("Authorization", "")
        self.server.asked.append((self.command, self.path, token))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Answer)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def client(server: Server, token: str = "") -> Client:
    return Client(f"http://127.0.0.1:{server.server_port}", token)


def test_a_token_is_shown_as_a_bearer(server: Server) -> None:
    client(server, "abc").get("/api/flows", limit=3)
    assert server.asked == [("GET", "/api/flows?limit=3", "Bearer abc")]
    assert "abc" not in repr(client(server, "abc"))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "It wants a token: set FLOWRT_TOKEN, or name a file with --token-file."),
        (403, "The token's role may not do this."),
    ],
)
def test_a_closed_door_says_how_to_get_in(server: Server, status: int, words: str) -> None:
    server.status = status
    server.body = json.dumps({"title": "No", "detail": "not you.", "status": status}).encode()
    with pytest.raises(Refused) as caught:
        client(server).get("/api/flows")
    assert caught.value.status == status
    assert str(caught.value).startswith(f"{client(server).url}: not you. {words}")


def test_a_refusal_gives_its_detail_and_problems(server: Server) -> None:
    rows = [{"place": "nodes.x", "sentence": "bad."}]
    server.status, server.body = 422, json.dumps({"detail": "d.", "problems": rows}).encode()
    with pytest.raises(Refused, match="d\\.") as caught:
        client(server).get("/x")
    assert caught.value.problems == tuple(rows)


def test_a_redirect_is_told_and_not_followed(server: Server) -> None:
    server.status, server.location = 302, "https://elsewhere/"
    with pytest.raises(RemoteError, match="it wants to be asked at https://elsewhere/"):
        client(server, "abc").get("/x")
    assert len(server.asked) == 1


def test_what_is_no_problem_details_is_told_by_its_status(server: Server) -> None:
    server.status, server.body = 502, b"<html>"
    with pytest.raises(Refused, match="Bad Gateway"):
        client(server).get("/x")


def test_a_route_that_is_not_there_is_none(server: Server) -> None:
    server.status = 404
    assert client(server).find("/x") is None


def test_nobody_there_is_told() -> None:
    with pytest.raises(Unreachable, match=r"nothing answers \(Connection refused\)"):
        Client(f"http://127.0.0.1:{free_port()}").get("/x")


def test_a_token_in_the_open_is_noticed() -> None:
    assert Client("http://gateway:8420", "x").is_open_line
    assert not Client("http://127.0.0.1:8420", "x").is_open_line
    assert not Client("https://gateway", "x").is_open_line
