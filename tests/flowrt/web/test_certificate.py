"""TLS with a certificate of the gateway's own, or one that was given."""

from __future__ import annotations

import json
import socket
import ssl
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from flowrt.accounts.accounts import Accounts
from flowrt.errors import FlowrtError
from flowrt.web.certificate import context_of, fingerprint, own_certificate
from tests.support.command import flowrt
from tests.support.running_gateway import RunningGateway

WORDS = "blue tram over nine hills"


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def test_an_own_certificate_is_made_once_and_its_key_is_the_owners(tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path, "127.0.0.1")
    before = fingerprint(certificate)
    assert own_certificate(tmp_path, "127.0.0.1") == (certificate, key)
    assert fingerprint(certificate) == before
    assert len(before) == 95
    assert key.stat().st_mode & 0o077 == 0
    assert context_of(certificate, key).minimum_version == ssl.TLSVersion.TLSv1_2


def test_another_address_or_a_damaged_one_is_made_anew(tmp_path: Path) -> None:
    certificate, _ = own_certificate(tmp_path, "127.0.0.1")
    first = fingerprint(certificate)
    own_certificate(tmp_path, "10.1.2.3")
    assert fingerprint(certificate) != first
    certificate.write_text("damaged")
    own_certificate(tmp_path, "10.1.2.3")
    assert fingerprint(certificate)


def test_what_is_no_certificate_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    with pytest.raises(FlowrtError, match="must be PEM files that belong together"):
        context_of(tmp_path / "a", tmp_path / "a")


def test_a_gateway_answers_by_https_and_its_cookie_is_for_https_only(tmp_path: Path) -> None:
    gateway = RunningGateway(tmp_path, is_open=False, tls=True)
    accounts = Accounts.of(tmp_path / "data")
    accounts.accept(accounts.first() or "", WORDS)
    gateway.start()
    try:
        assert gateway.url.startswith("https://")
        body = json.dumps({"user": "admin", "password": WORDS}).encode()
        request = urllib.request.Request(gateway.url + "api/login", body, method="POST")
        trust = trusting(gateway.certificate)
        with urllib.request.urlopen(request, context=trust, timeout=20) as answer:
            cookie = answer.headers["Set-Cookie"]
            hsts = answer.headers["Strict-Transport-Security"]
        assert cookie.startswith("__Host-flowrt-")
        assert "Secure" in cookie
        assert hsts is None  # an own certificate must not lock people out for a year
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(gateway.url + "healthz", timeout=20)
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200 OK" not in plain.recv(100)
        assert fingerprint(gateway.certificate) in (tmp_path / "log").read_text()
    finally:
        gateway.stop()


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    certificate, _ = own_certificate(tmp_path, "127.0.0.1")
    (tmp_path / "flows").mkdir()
    done = flowrt("run", "flows", "--certificate", certificate, folder=tmp_path)
    assert (done.returncode, "belong together" in done.stderr) == (2, True)
