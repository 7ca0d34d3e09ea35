"""The five-node flow written by hand as one plain loop: the yardstick.

It does what the flow does and nothing else: decodes every signal of a frame into a dict, raises
and clears the SOC alarm with hysteresis, keeps min, max and mean of the pack voltage by the minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from struct import Struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # peers run this where flowrt is not installed
    from flowrt.message import Frame

__all__ = ["DECODERS", "hand_loop"]

_LIMITS = Struct("<HhhH").unpack_from
_STATE = Struct("<HHH").unpack_from
_MEASURE = Struct("<hhh").unpack_from


def _limits(data: bytes) -> dict[str, float]:
    cvl, ccl, dcl, dvl = _LIMITS(data)
    return {
        "ChargeVoltageLimit": cvl * 0.1,
        "ChargeCurrentLimit": ccl * 0.1,
        "DischargeCurrentLimit": dcl * 0.1,
        "DischargeVoltageLimit": dvl * 0.1,
    }


def _state(data: bytes) -> dict[str, float]:
    soc, soh, hires = _STATE(data)
    return {"SOC": soc, "SOH": soh, "SOC_hires": hires * 0.01}


def _measure(data: bytes) -> dict[str, float]:
    voltage, current, temperature = _MEASURE(data)
    return {
        "PackVoltage": voltage * 0.01,
        "PackCurrent": current * 0.1,
        "PackTemperature": temperature * 0.1,
    }


def _flags(data: bytes) -> dict[str, float]:
    first, second, third, fourth, modules = data[0], data[1], data[2], data[3], data[4]
    return {
        "CellOverVoltage": first >> 1 & 1,
        "CellUnderVoltage": first >> 2 & 1,
        "OverTemperature": first >> 3 & 1,
        "UnderTemperature": first >> 4 & 1,
        "DischargeOverCurrent": first >> 7 & 1,
        "ChargeOverCurrent": second & 1,
        "SystemError": second >> 3 & 1,
        "HighVoltage": third >> 1 & 1,
        "LowVoltage": third >> 2 & 1,
        "HighTemperature": third >> 3 & 1,
        "LowTemperature": third >> 4 & 1,
        "HighDischargeCurrent": third >> 7 & 1,
        "HighChargeCurrent": fourth & 1,
        "CommunicationFailure": fourth >> 3 & 1,
        "ModuleCount": modules,
    }


def _request(data: bytes) -> dict[str, float]:
    bits = data[0]
    return {
        "ChargeEnable": bits >> 7 & 1,
        "DischargeEnable": bits >> 6 & 1,
        "ForceCharge1": bits >> 5 & 1,
        "ForceCharge2": bits >> 4 & 1,
        "FullChargeRequest": bits >> 3 & 1,
    }


DECODERS: Mapping[int, Callable[[bytes], dict[str, float]]] = {
    0x351: _limits,
    0x355: _state,
    0x356: _measure,
    0x359: _flags,
    0x35C: _request,
}


def hand_loop(frames: Iterable[Frame]) -> list[tuple[Any, ...]]:
    """Everything that the flow would hand to its sink."""
    out: list[tuple[Any, ...]] = []
    raised = False
    window = low = high = total = count = 0.0
    for frame in frames:
        decoder = DECODERS.get(frame.id)
        if decoder is None:
            continue
        values = decoder(frame.data)
        soc = values.get("SOC")
        if soc is not None:
            if raised:
                if soc >= 22:
                    raised = False
                    out.append((frame.time, "cleared", soc))
            elif soc < 20:
                raised = True
                out.append((frame.time, "raised", soc))
        voltage = values.get("PackVoltage")
        if voltage is not None:
            minute = frame.time // 60
            if minute != window:
                if count:
                    out.append((minute * 60, low, high, total / count))
                window, low, high, total, count = minute, voltage, voltage, 0.0, 0.0
            low, high = min(low, voltage), max(high, voltage)
            total += voltage
            count += 1
    return out
