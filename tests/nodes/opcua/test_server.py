"""The address space as clients in other processes read it: asyncua's, and node-opcua's."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from flowrt.message import Event, Signals
from flowrt.node import Catalogue, Secret, SignalInfo
from nodes.opcua.server import Server
from tests.support.live_node import Live, eventually, running
from tests.support.ports import free_port

NOON = 1_772_366_400.125
CATALOGUE = Catalogue(
    [SignalInfo("SOC", "rack1/State", "%", 0, 100), SignalInfo("PackVoltage", "rack1", "V")]
)
SOC = "rack1/State.SOC"
NPM = Path(__file__).parents[2] / "setup" / "npm.sh"
ASYNCUA = (sys.executable, str(Path(__file__).with_name("reader.py")))
NODE_OPCUA = ("sh", str(NPM), "--silent", "run", "read", "--")
Scenario = Callable[[Server, Live], Awaitable[None]]
pytestmark = pytest.mark.timeout(90)


def play(scenario: Scenario, **settings: Any) -> Live:
    async def run() -> Live:
        server = Server(port=free_port(), **settings)
        server.incoming = CATALOGUE
        async with running(server) as live:
            await eventually(lambda: server.address, 40)
            await scenario(server, live)
        return live

    return asyncio.run(run())


async def read(
    server: Server,
    *ids: str,
    user: str = "",
    password: str = "",
    pki: tuple[Path, Path] | None = None,
    both: bool = False,
) -> Any:
    """What a client sees of some variables; the other one sees the same, where it is asked, too."""
    policy = "encrypted" if pki else "plain"
    files = [str(file) for file in pki or ("", "")]
    arguments = [server.address, policy, user, password, *files, *ids]
    programs = (ASYNCUA, NODE_OPCUA) if both else (ASYNCUA,)
    seen, *others = await asyncio.gather(*(answer(*one, *arguments) for one in programs))
    assert others in ([], [seen])
    return seen


async def answer(*command: str) -> Any:
    """The JSON that a client's process writes."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "NPM_FOLDER": "tests/nodes/opcua/node"},
    )
    out, error = await asyncio.wait_for(process.communicate(), 60)
    assert out, error.decode()[-2000:]
    return json.loads(out)


def test_readings_have_units_ranges_and_their_own_time() -> None:
    async def scenario(server: Server, _live: Live) -> None:
        await server.write([Signals(NOON, "rack1/State", {"SOC": 66.5})])
        await server.write([Event(NOON + 1, "rack1", "too_hot", "raised")])
        seen = await read(server, SOC, "rack1.PackVoltage", "Alarms.too_hot", both=True)
        assert seen[SOC] == {
            "value": 66.5,
            "status": "Good",
            "time": NOON,
            "path": ["rack1", "State", "SOC"],
            "EURange": [0.0, 100.0],
            "EngineeringUnits": ["%", 0x5031],
        }
        assert seen["rack1.PackVoltage"]["status"] == "BadWaitingForInitialData"
        assert seen["Alarms.too_hot"]["value"] is True

    play(scenario)


def test_what_is_missing_is_bad_and_what_is_stale_uncertain() -> None:
    async def scenario(server: Server, _live: Live) -> None:
        await server.write([Signals(NOON, "rack1", {"PackVoltage": None, "Mode": "idle"})])
        await server.write([Signals(NOON, "rack1/State", {"SOC": 50})])
        await asyncio.sleep(0.8)
        seen = await read(server, SOC, "rack1.PackVoltage", "rack1.Mode")
        assert (seen[SOC]["status"], seen[SOC]["value"]) == ("UncertainLastUsableValue", 50.0)
        assert seen["rack1.Mode"]["value"] == "idle"
        assert seen["rack1.PackVoltage"]["status"] == "BadDataUnavailable"

    play(scenario, stale_after=0.4)


def test_only_who_knows_the_password_gets_in() -> None:
    async def scenario(server: Server, _live: Live) -> None:
        await server.write([Signals(NOON, "rack1/State", {"SOC": 50})])
        assert "error" in await read(server, SOC)
        assert "error" in await read(server, SOC, user="scada", password="wrong")
        assert SOC in await read(server, SOC, user="scada", password="sesame", both=True)

    play(scenario, username="scada", password=Secret("p", "sesame"))


def test_encrypted_connections_and_no_others(tmp_path: Path) -> None:
    ours, theirs = pki(tmp_path, "server"), pki(tmp_path, "client")

    async def scenario(server: Server, _live: Live) -> None:
        await server.write([Signals(NOON, "rack1/State", {"SOC": 50})])
        assert (await read(server, SOC, pki=theirs, both=True))[SOC]["value"] == 50.0
        assert "error" in await read(server, SOC)

    play(scenario, security="sign-and-encrypt", certificate=ours[0], key=ours[1])


def pki(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate with the uri that OPC UA wants, and its key."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = [x509.UniformResourceIdentifier("urn:flowrt"), x509.DNSName("localhost")]
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{name}.pem", folder / f"{name}-key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def test_a_taken_port_is_told() -> None:
    async def run() -> list[str]:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            async with running(Server(port=taken.getsockname()[1])) as live:
                await eventually(lambda: live.faults, 40)
        return live.faults

    assert "cannot be served" in asyncio.run(run())[0]


def test_security_without_a_certificate_and_passwords_in_the_clear_are_problems() -> None:
    server = Server(host="10.0.0.1", security="both", username="x", password=Secret("p", "x"))
    assert [place for place, _ in server.problems()] == ["certificate", "key", "security"]
