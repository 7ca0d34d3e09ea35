"""Names and units of all that a simulated plant tells, known before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flowrt.node import Catalogue, SignalInfo
from nodes.bess.plant.bms import FLAGS

__all__ = ["INVERTER", "catalogues", "prefixed"]

_Units = Mapping[str, Mapping[str, str]]
"""Unit by signal by message."""

_RACK: Final[_Units] = {
    "Limits": {
        "ChargeVoltageLimit": "V",
        "ChargeCurrentLimit": "A",
        "DischargeCurrentLimit": "A",
        "DischargeVoltageLimit": "V",
    },
    "State": {"SOC": "%", "SOH": "%", "SOC_hires": "%"},
    "Measure": {"PackVoltage": "V", "PackCurrent": "A", "PackTemperature": "degC"},
    "Alarms": {
        **dict.fromkeys(FLAGS, ""),
        "P_SystemError": "",
        "A_InternalCommunication": "",
        "ModuleCount": "",
    },
    "Request": dict.fromkeys(
        ("ChargeEnable", "DischargeEnable", "ForceCharge1", "ForceCharge2", "FullChargeRequest"), ""
    ),
}
_MODULE: Final = {
    "CellVoltageMax": "V",
    "CellVoltageMin": "V",
    "CellTemperatureMax": "degC",
    "CellTemperatureMin": "degC",
}
_GUARDS: Final[_Units] = {
    "Insulation": {"InsulationResistance": "kOhm"},
    "Contactor": {
        "InnerVoltage": "V",
        "OuterVoltage": "V",
        "StringCurrent": "A",
        "ContactorCommand": "",
        "ContactorFeedback": "",
    },
}
INVERTER: Final[_Units] = {
    "Inverter": {
        "ActivePower": "kW",
        "ReactivePower": "kvar",
        "DcVoltage": "V",
        "DcCurrent": "A",
    },
    "InverterGrid": {
        "GridVoltage": "V",
        "GridCurrent": "A",
        "GridFrequency": "Hz",
        "InverterState": "",
        "InverterTemperature": "degC",
    },
}
_TRUTH: Final[_Units] = {
    "Truth": {
        "TrueSOC": "%",
        "TrueSOH": "%",
        "TrueCapacity": "Ah",
        "TrueResistance": "ohm",
        "TrueCurrent": "A",
        "Ambient": "degC",
    }
}


def prefixed(number: int, racks: int) -> str:
    """What goes before the name of a rack's message: nothing where it is the only one."""
    return f"rack{number}/" if racks > 1 else ""


def catalogues(racks: int, modules: int, cycle: float) -> dict[str, Catalogue]:
    """What leaves by each output."""
    numbered = {f"Module{index + 1:02}": _MODULE for index in range(modules)}
    return {
        "out": _of(_RACK, racks, cycle),
        "by_module": _of({**numbered, **_GUARDS}, racks, cycle),
        "inverter": _of(INVERTER, 1, cycle),
        "truth": _of(_TRUTH, racks, cycle),
    }


def _of(messages: _Units, racks: int, cycle: float) -> Catalogue:
    return Catalogue(
        SignalInfo(name, prefixed(number, racks) + source, unit, cycle=cycle)
        for number in range(1, racks + 1)
        for source, units in messages.items()
        for name, unit in units.items()
    )
