"""What a plant tells: each rack by its BMS, its modules, the inverter; and the truth."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from nodes.bess.plant.bms import Facts, Reading
from nodes.bess.plant.chemistry import Array
from nodes.bess.plant.inverter import CODES
from nodes.bess.plant.line import Line, Said
from nodes.bess.plant.plant import Plant

__all__ = ["Report"]

_GRID: float = 400.0
"""Volts between the grid's lines."""


class Report:
    """Reads a plant's sensors and says what is read, as it arrives."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self._lines = [Line(plant.noise) for _ in range(plant.design.racks)]

    def read(self) -> list[tuple[Said, Said]]:
        """Of each rack what its BMS says of the whole, and of its parts, that arrives now."""
        plant = self.plant
        bank = plant.bank
        volts = plant.sensors.read("voltage", bank.cell_voltages(), plant.standing)
        heats = plant.sensors.read("temperature", bank.cells.temperature, plant.standing)
        currents = bank.rack_currents()
        amperes = plant.sensors.read("current", currents.reshape(-1, 1), plant.standing)[:, 0]
        socs = bank.soc().tolist()
        bus = bank.bus_voltage()
        told = []
        for rack, bms in enumerate(plant.bms):
            rows = plant.rows(rack)
            ampere = _number(amperes[rack])
            facts = self._facts(rack, volts[rows], heats[rows], ampere, socs[rack])
            parts = {**_modules(volts[rows], heats[rows]), **self._guards(rack, ampere, facts, bus)}
            told.append(self._arrived(rack, bms.readings(facts), parts))
        return told

    def _arrived(
        self, rack: int, whole: Mapping[str, Reading], parts: Mapping[str, Reading]
    ) -> tuple[Said, Said]:
        plant = self.plant
        faults = [item for item in plant.standing if item[0].rack == rack + 1]
        line = self._lines[rack]
        if not faults and not line.underway:
            return list(whole.items()), list(parts.items())
        said = line.pass_on({**whole, **parts}, faults, plant.time)
        return (
            [(name, reading) for name, reading in said if name in whole],
            [(name, reading) for name, reading in said if name not in whole],
        )

    def _facts(
        self, rack: int, volts: Array, heats: Array, amperes: float | None, soc: float
    ) -> Facts:
        known, warm = _known(volts), _known(heats)
        blind = known.size < volts.size or warm.size < heats.size or amperes is None
        return Facts(
            cells=volts.shape[1],
            modules=len(volts),
            high_cell=float(known.max()),
            low_cell=float(known.min()),
            hottest=float(warm.max()),
            coldest=float(warm.min()),
            load=(amperes or 0.0) / self.plant.bms[rack].rated,
            voltage=float(known.mean()) * volts.shape[1],
            current=amperes,
            temperature=float(warm.mean()),
            soc=soc,
            soh=float(self.plant.cells.health()[self.plant.rows(rack)].mean()),
            blind=blind,
        )

    def _guards(
        self, rack: int, amperes: float | None, facts: Facts, bus: float
    ) -> dict[str, Reading]:
        """Insulation and contactor of a rack."""
        plant, bank = self.plant, self.plant.bank
        insulation = plant.insulation[rack] * (1 + 0.01 * float(plant.noise.standard_normal()))
        return {
            "Insulation": {"InsulationResistance": round(max(insulation, 0.0))},
            "Contactor": {
                "InnerVoltage": _number(round(facts.voltage, 1)),
                "OuterVoltage": round(bus, 1),
                "StringCurrent": amperes,
                "ContactorCommand": int(bank.commanded[rack]),
                "ContactorFeedback": int(bank.closed[rack]),
            },
        }

    def inverter(self) -> dict[str, Reading]:
        """What the inverter measures: kW, kvar, V, A, Hz, C; charging positive."""
        plant, inverter = self.plant, self.plant.inverter
        noise = plant.noise.standard_normal(3) * (0.05, 0.5, 0.1)
        volts = plant.bank.bus_voltage()
        current = float(plant.bank.rack_currents()[np.array(plant.bank.closed)].sum())
        grid = _GRID + float(noise[1])
        apparent = math.hypot(inverter.power, inverter.reactive)
        connected = any(plant.bank.closed)
        return {
            "Inverter": {
                "ActivePower": round(inverter.power + float(noise[0]) * inverter.is_running(), 1),
                "ReactivePower": round(inverter.reactive, 1),
                "DcVoltage": round(volts, 1),
                "DcCurrent": round(current + float(noise[2]) * inverter.is_running(), 1),
            },
            "InverterGrid": {
                "GridVoltage": round(grid, 1),
                "GridCurrent": round(apparent * 1000 / (math.sqrt(3) * grid), 1),
                "GridFrequency": round(plant.frequency, 2),
                "InverterState": CODES[inverter.state(connected)],
                "InverterTemperature": round(plant.ambient() + inverter.warmth),
            },
        }

    def truth(self) -> list[dict[str, Reading]]:
        """What nobody knows of each rack, for judging those who estimate it."""
        plant, bank = self.plant, self.plant.bank
        resistances = bank.resistances()
        usable = bank.cells.capacity * bank.cells.health()
        charges, healths, currents = bank.soc(), bank.health(), bank.rack_currents()
        told: list[dict[str, Reading]] = []
        for rack in range(plant.design.racks):
            rows = plant.rows(rack)
            told.append(
                {
                    "Truth": {
                        "TrueSOC": round(float(charges[rack]) * 100, 4),
                        "TrueSOH": round(float(healths[rack]) * 100, 4),
                        "TrueCapacity": round(float(usable[rows].min(axis=1).sum()), 4),
                        "TrueResistance": round(float(resistances[rack]), 9),
                        "TrueCurrent": round(float(currents[rack]), 4),
                        "Ambient": round(plant.ambient(), 2),
                    }
                }
            )
        return told


def _modules(volts: Array, heats: Array) -> dict[str, Reading]:
    """Extremes of each module's cells; None of sensors that give nothing."""
    columns = [of(axis=1).tolist() for of in (volts.max, volts.min, heats.max, heats.min)]
    return {
        f"Module{index + 1:02}": {
            "CellVoltageMax": _number(high),
            "CellVoltageMin": _number(low),
            "CellTemperatureMax": _number(hot),
            "CellTemperatureMin": _number(cold),
        }
        for index, (high, low, hot, cold) in enumerate(zip(*columns, strict=True))
    }


def _known(read: Array) -> Array:
    """The readings that are there; NaN alone where none is."""
    if not math.isnan(float(read.sum())):
        return read
    known: Array = read[~np.isnan(read)]
    return known if known.size else np.full(1, math.nan)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
