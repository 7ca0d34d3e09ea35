"""The simulator as a node: the database's names, faults, time, state."""

from __future__ import annotations

import json

from flowrt.message import Frame, Signals
from flowrt.node import Sent
from nodes.bess.simulator import Fault, Simulator
from nodes.can.database import load_database
from nodes.can.encode import Encode
from tests.support.can import PYLONTECH


def rack_readings(simulator: Simulator, time: float = 0.0) -> dict[str, Signals]:
    found = simulator.readings(time)
    return {m.source: m for m in found if not isinstance(m, Sent) and isinstance(m, Signals)}


def module_temperature(simulator: Simulator, module: str) -> float:
    sent = [m.message for m in simulator.readings(0.0) if isinstance(m, Sent)]
    values = next(m.values for m in sent if isinstance(m, Signals) and m.source == module)
    hottest = values["CellTemperatureMax"]
    assert isinstance(hottest, float)
    return hottest


def test_every_reading_has_its_signal_in_the_database() -> None:
    described = load_database(PYLONTECH)
    for source, message in rack_readings(Simulator()).items():
        signals = {signal.name for signal in described.get_message_by_name(source).signals}
        assert set(message.values) == signals


def test_every_reading_can_be_encoded_over_a_whole_cycle() -> None:
    simulator, encode = Simulator(modules=2, speed=60), Encode(database=PYLONTECH)
    for _ in range(600):
        frames = [encode.on_message(message) for message in rack_readings(simulator).values()]
        assert {type(frame) for frame in frames} == {Frame}
        simulator.step(60)


def test_it_discharges_then_charges_between_its_bounds() -> None:
    simulator = Simulator(modules=2, start_soc=20, low=10, high=30, current=50)
    seen = []
    for _ in range(600):
        simulator.step(60)
        seen.append(rack_readings(simulator)["State"].values["SOC_hires"])
    numbers = [value for value in seen if isinstance(value, float)]
    assert 9 < min(numbers) < 11
    assert 29 < max(numbers) < 31


def test_a_heated_cell_is_hotter_than_its_siblings() -> None:
    fault = Fault(kind="hot-cell", at=60, module=2, magnitude=20)
    simulator = Simulator(modules=2, faults=[fault])
    simulator.step(3600)
    assert (
        module_temperature(simulator, "Module02") - module_temperature(simulator, "Module01") > 10
    )


def test_a_shorted_cell_empties() -> None:
    simulator = Simulator(modules=1, current=0, faults=[Fault(kind="cell-short", magnitude=5)])
    simulator.step(3600)
    cells = simulator._rack.modules[0].cells
    assert cells[1].soc - cells[0].soc > 0.03


def test_a_silent_bms_says_nothing_for_its_time() -> None:
    simulator = Simulator(faults=[Fault(kind="silent", at=10, duration=10)])
    heard = []
    for _ in range(4):
        heard.append(bool(simulator.readings(0.0)))
        simulator.step(7)
    assert heard == [True, True, False, True]


def test_restored_it_goes_on_as_it_would_have() -> None:
    one = Simulator(modules=2, speed=60)
    for _ in range(5):
        one.step(60)
        one.readings(0.0)
    other = Simulator(modules=2, speed=60)
    other.restore(json.loads(json.dumps(one.snapshot())))
    one.step(60)
    other.step(60)
    assert one.readings(1.0) == other.readings(1.0)


def test_problems_are_told() -> None:
    simulator = Simulator(modules=2, low=50, high=40, faults=[Fault(kind="silent", module=3)])
    assert list(simulator.problems()) == [
        ("low", "must be less than high (40 %), not 50 %."),
        ("faults[0].module", "there are 2 modules."),
    ]
