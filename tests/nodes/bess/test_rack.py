"""The rack: currents shared, limits at the ends, flags with hysteresis."""

from __future__ import annotations

import pytest

from nodes.bess.rack import Rack, make_rack


def rack(soc: float = 0.5) -> Rack:
    return make_rack(modules=4, cells=15, soc=soc, capacity=100, seed=1)


def test_modules_share_the_current() -> None:
    one = rack()
    before = sum(module.cells[0].soc * module.cells[0].capacity for module in one.modules)
    for _ in range(360):
        one.step(-40, 10)
    after = sum(module.cells[0].soc * module.cells[0].capacity for module in one.modules)
    # Charge that flows from module to module loses its 0.2 %.
    assert before - after == pytest.approx(40, rel=0.01)


def test_unequal_modules_balance_through_each_other() -> None:
    one = rack()
    for cell in one.modules[0].cells:
        cell.soc += 0.4
    spread = one.modules[0].soc() - one.modules[1].soc()
    for _ in range(3600):
        one.step(0, 10)
    assert one.modules[0].soc() - one.modules[1].soc() < spread - 0.05


@pytest.mark.parametrize(
    ("soc", "limit"), [(1.06, "ChargeCurrentLimit"), (0.01, "DischargeCurrentLimit")]
)
def test_the_limit_is_zero_at_the_end(soc: float, limit: str) -> None:
    one = rack(soc)
    assert one.readings()["Limits"][limit] == 0.0


def test_limits_are_full_in_the_middle() -> None:
    limits = rack().readings()["Limits"]
    assert (limits["ChargeCurrentLimit"], limits["DischargeCurrentLimit"]) == (100.0, 100.0)


def test_a_hot_cell_raises_the_flag_and_clears_it_lower() -> None:
    one, seen = rack(), []
    cell = one.modules[2].cells[7]
    for degrees in (49.0, 51.0, 49.0, 46.0):
        cell.temperature = degrees
        seen.append(one.readings()["Alarms"]["A_HighTemperature"])
    assert seen == [0, 1, 1, 0]


def test_an_offset_shows_in_the_modules_readings_only() -> None:
    one = rack()
    one.voltage_offsets[1] = 0.1
    summary = one.modules_summary()
    assert summary["Module02"]["CellVoltageMin"] - summary["Module01"]["CellVoltageMax"] > 0.05


def test_the_same_seed_gives_the_same_rack() -> None:
    assert rack().readings() == rack().readings()
    assert rack().readings() != make_rack(4, 15, 0.5, 100, seed=2).readings()
