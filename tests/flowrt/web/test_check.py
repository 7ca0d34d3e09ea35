"""What a check tells of the signals that reach a node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from flowrt.running.engine import Engine
from tests.support.gateway import document, serve

DATABASE = """VERSION ""
NS_ :
BS_:
BU_: BMS
BO_ 853 State: 4 BMS
 SG_ SOC : 0|16@1+ (1,0) [0|100] "%" EMS
 SG_ Mode : 16|8@1+ (1,0) [0|0] "" EMS
CM_ SG_ 853 SOC "State of charge.";
BA_DEF_ BO_ "GenMsgCycleTime" INT 0 65535;
BA_DEF_DEF_ "GenMsgCycleTime" 0;
BA_ "GenMsgCycleTime" BO_ 853 500;
VAL_ 853 Mode 1 "charging" 2 "resting";
"""
RACK = document(
    "rack",
    {
        "frames": {"type": "can/receive", "bus": "bus"},
        "decode": {"type": "can/decode", "database": "rack.dbc", "source": "rack1"},
        "low": {"type": "logic/threshold", "signal": "SOC", "below": 20},
        "show": {"type": "core/debug", "to": "none"},
    },
    "frames decode",
    "decode low",
    "low show",
    resources={"bus": {"type": "can/bus", "interface": "virtual", "channel": "check-test"}},
)


def test_signals_come_with_all_that_their_database_says(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "rack.dbc").write_text(DATABASE)

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post("/api/flows/rack/check", json=RACK) as response:
            checked: dict[str, Any] = await response.json()
        assert checked["problems"] == []
        assert checked["signals"]["low"] == [
            {
                "name": "SOC",
                "source": "rack1/State",
                "unit": "%",
                "minimum": 0,
                "maximum": 100,
                "choices": {},
                "cycle": 0.5,
                "type": "number",
                "comment": "State of charge.",
            },
            {
                "name": "Mode",
                "source": "rack1/State",
                "unit": "",
                "minimum": None,
                "maximum": None,
                "cycle": 0.5,
                "type": "number",
                "choices": {"1": "charging", "2": "resting"},
                "comment": "",
            },
        ]

    serve(tmp_path, scenario)
