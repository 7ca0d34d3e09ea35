"""What a battery tells whatever its make: names, units and signs of the readings."""

from __future__ import annotations

from typing import Final

__all__ = ["ALARMS", "LEVELS", "QUANTITIES"]

QUANTITIES: Final = {
    "Online": "",
    "PackVoltage": "V",
    "PackCurrent": "A",
    "PackPower": "W",
    "PackTemperature": "degC",
    "SOC": "%",
    "SOH": "%",
    "ChargeVoltageLimit": "V",
    "ChargeCurrentLimit": "A",
    "DischargeCurrentLimit": "A",
    "DischargeVoltageLimit": "V",
    "ChargePowerLimit": "W",
    "DischargePowerLimit": "W",
    "ChargeAllowed": "",
    "DischargeAllowed": "",
    "ForceCharge": "",
    "FullChargeRequest": "",
    "ContactorClosed": "",
    "CellVoltageMin": "V",
    "CellVoltageMax": "V",
    "CellOfVoltageMin": "",
    "CellOfVoltageMax": "",
    "CellTemperatureMin": "degC",
    "CellTemperatureMax": "degC",
    "CellOfTemperatureMin": "",
    "CellOfTemperatureMax": "",
    "ModulesOnline": "",
    "ModulesOffline": "",
    "CapacityInstalled": "Ah",
    "CapacityAvailable": "Ah",
    "EnergyInstalled": "kWh",
    "EnergyAvailable": "kWh",
    "EnergyCharged": "kWh",
    "EnergyDischarged": "kWh",
    "Cycles": "",
    "Status": "",
    "Manufacturer": "",
}
"""Name -> unit. Current and power are positive while charging; current limits are positive both."""

ALARMS: Final = {
    "AlarmGeneral": "general alarm",
    "AlarmHighVoltage": "high voltage",
    "AlarmLowVoltage": "low voltage",
    "AlarmHighTemperature": "high temperature",
    "AlarmLowTemperature": "low temperature",
    "AlarmHighTemperatureCharge": "too hot to charge",
    "AlarmLowTemperatureCharge": "too cold to charge",
    "AlarmChargeCurrent": "high charge current",
    "AlarmDischargeCurrent": "high discharge current",
    "AlarmContactor": "contactor",
    "AlarmShortCircuit": "short circuit",
    "AlarmInsulation": "insulation",
    "AlarmInternal": "internal fault",
    "AlarmCellImbalance": "cells out of balance",
}
"""Name -> in words. A reading is a level: 0 well, 1 warning, 2 the battery protects itself."""

LEVELS: Final = {0: "well", 1: "warning", 2: "protection"}
