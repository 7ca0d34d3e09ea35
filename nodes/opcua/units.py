"""Units as OPC UA tells them: UNECE codes of recommendation 20, as numbers."""

from __future__ import annotations

from typing import Final

__all__ = ["UNITS_URI", "unit_id"]

UNITS_URI: Final = "http://www.opcfoundation.org/UA/units/un/cefact"
_CODES: Final = {
    "V": "VLT",
    "mV": "2Z",
    "kV": "KVT",
    "A": "AMP",
    "mA": "4K",
    "W": "WTT",
    "kW": "KWT",
    "MW": "MAW",
    "Wh": "WHR",
    "kWh": "KWH",
    "MWh": "MWH",
    "Ah": "AMH",
    "degC": "CEL",
    "K": "KEL",
    "%": "P1",
    "Hz": "HTZ",
    "Ohm": "OHM",
    "kOhm": "B49",
    "s": "SEC",
    "min": "MIN",
    "h": "HUR",
    "VA": "D46",
    "kVA": "KVA",
    "var": "D44",
    "kvar": "KVR",
}


def unit_id(unit: str) -> int:
    """The letters of its code as a number, as the standard wants it; -1 for a unit without one."""
    code = _CODES.get(unit)
    return int.from_bytes(code.encode(), "big") if code else -1
