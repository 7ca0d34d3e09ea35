"""An address claimed and defended against can-j1939, over python-can's virtual bus."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import j1939  # type: ignore[import-untyped]
import pytest

from flowrt.example import Stand
from flowrt.message import Event, Frame
from flowrt.running.live import RunningFlow
from nodes.j1939.claim import Claim
from tests.support.bus_flow import heard, live, until

NODES = {
    "frames": {"type": "can/receive", "bus": "bus"},
    "claim": {"type": "j1939/claim", "own_address": "0xF9", "identity": 500},
    "send": {"type": "can/send", "bus": "bus"},
    "show": {"type": "core/debug", "to": "none"},
}
WIRES = ("frames claim", "claim send", "claim.alarm show")


def name(identity: int) -> Any:
    return j1939.Name(
        arbitrary_address_capable=0,
        industry_group=j1939.Name.IndustryGroup.Global,
        vehicle_system_instance=0,
        vehicle_system=0,
        function=255,
        function_instance=0,
        ecu_instance=0,
        manufacturer_code=0,
        identity_number=identity,
    )


@pytest.mark.parametrize(("rival", "wins"), [(400, True), (600, False)])
def test_the_lower_name_keeps_the_address(tmp_path: Path, rival: int, wins: bool) -> None:
    async def scenario(running: RunningFlow) -> None:
        alarms = heard(running, "claim", 1)
        unit = j1939.ElectronicControlUnit()
        unit.connect(interface="virtual", channel=f"claim{rival}")
        try:
            other = j1939.ControllerApplication(name(rival), 0xF9)
            unit.add_ca(controller_application=other)
            other.start()
            settled = j1939.ControllerApplication.State
            await until(lambda: other.state in (settled.NORMAL, settled.CANNOT_CLAIM))
            await asyncio.sleep(0.05)
            assert (other.state == settled.NORMAL) is wins
            assert [event.state for event in alarms] == ["raised"] * wins
        finally:
            unit.disconnect()
            unit.stop()

    live(tmp_path, scenario, NODES, *WIRES, channel=f"claim{rival}")


def test_the_name_is_laid_out_as_the_library_has_it() -> None:
    stand = Stand(Claim(own_address=0x80, identity=500))
    asyncio.run(stand.step.node.start())
    ((_, claim),) = stand.out
    assert isinstance(claim, Frame)
    assert (claim.id, int.from_bytes(claim.data, "little")) == (0x18EEFF80, name(500).value)


def test_a_lost_address_is_told_to_who_asks_and_claimed_again_at_the_next_start() -> None:
    stand = Stand(Claim(own_address=0x80, identity=500))
    stand.give(Frame(0.0, "", 0x18EEFF80, bytes(8), extended=True))
    stand.give(Frame(1.0, "", 0x18EA8020, bytes.fromhex("00EE00"), extended=True))
    asyncio.run(stand.step.node.start())
    frames = [message.id for _, message in stand.out if isinstance(message, Frame)]
    assert frames == [0x18EEFFFE, 0x18EEFFFE, 0x18EEFF80]
    events = [message for _, message in stand.out if isinstance(message, Event)]
    assert [event.state for event in events] == ["raised", "cleared"]
    assert events[0].text.startswith("address 0x80 is taken by a stronger NAME, 0x00000000")
