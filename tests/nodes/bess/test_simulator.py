"""The simulator as a node: the databases' names, faults, time, state, commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowrt.example import Stand
from flowrt.message import Frame, Signals
from flowrt.node import Catalogue, Sent
from nodes import bess
from nodes.bess.inverter import Inverter
from nodes.bess.plant.commands import Commands
from nodes.bess.plant.faults import Fault
from nodes.bess.simulator import Simulator
from nodes.can.database import load_database
from nodes.can.encode import Encode

DBC = Path(bess.__file__).parent / "dbc"
DATABASES = {"out": "pylontech-lv", "by_module": "rack-cells", "inverter": "inverter"}


def readings(simulator: Simulator, output: str = "out") -> dict[str, Signals]:
    """Messages of an output by source."""
    found = {}
    for item in simulator.readings(0.0):
        port, message = (item.port.name, item.message) if isinstance(item, Sent) else ("out", item)
        if port == output and isinstance(message, Signals):
            found[message.source] = message
    return found


@pytest.mark.parametrize(("output", "database"), DATABASES.items())
def test_every_reading_has_its_signal_in_the_database(output: str, database: str) -> None:
    described = load_database(DBC / f"{database}.dbc")
    for source, message in readings(Simulator(), output).items():
        signals = {signal.name for signal in described.get_message_by_name(source).signals}
        assert set(message.values) == signals


@pytest.mark.parametrize("racks", [1, 2])
@pytest.mark.parametrize("output", [*DATABASES, "truth"])
def test_the_catalogue_is_what_it_tells(output: str, racks: int) -> None:
    simulator = Simulator(modules=2, racks=racks)
    declared = simulator.catalogue(Catalogue())[output]
    told = {(s, name) for s, m in readings(simulator, output).items() for name in m.values}
    assert {(info.source, info.name) for info in declared} == told


def test_every_reading_can_be_encoded_over_a_whole_cycle() -> None:
    simulator = Simulator(modules=2, racks=2, current=100)
    encoders = {name: Encode(database=DBC / f"{file}.dbc") for name, file in DATABASES.items()}
    for _ in range(60):
        for output, encode in encoders.items():
            frames = [encode.on_message(m) for m in readings(simulator, output).values()]
            assert {type(frame) for frame in frames} == {Frame}
        simulator.step(120)


def test_it_discharges_then_charges_between_its_bounds() -> None:
    simulator = Simulator(modules=2, start_soc=20, low=10, high=30, current=50)
    seen = []
    for _ in range(400):
        simulator.step(60)
        seen.append(simulator.plant.soc() * 100)
    assert 9 < min(seen) < 11
    assert 29 < max(seen) < 31


def test_a_heated_cell_is_hotter_than_its_siblings() -> None:
    fault = Fault(kind="hot-cell", at=60, module=2, magnitude=20)
    simulator = Simulator(modules=2, faults=[fault])
    simulator.step(3600)
    hottest = [
        m.values["CellTemperatureMax"]
        for m in readings(simulator, "by_module").values()
        if "CellTemperatureMax" in m.values
    ]
    assert isinstance(hottest[0], float)
    assert isinstance(hottest[1], float)
    assert hottest[1] - hottest[0] > 10


def test_a_silent_bms_says_nothing_for_its_time() -> None:
    simulator = Simulator(modules=2, faults=[Fault(kind="silent", at=10, duration=10)])
    heard = []
    for _ in range(4):
        heard.append(bool(readings(simulator)))
        simulator.step(7)
    assert heard == [True, True, False, True]


def test_restored_it_goes_on_as_it_would_have() -> None:
    one, other = Simulator(modules=2, speed=60), Simulator(modules=2, speed=60)
    one.step(300)
    one.readings(0.0)
    other.restore(json.loads(json.dumps(one.snapshot())))
    one.step(60)
    other.step(60)
    assert one.readings(1.0) == other.readings(1.0)


def test_an_inverter_answers_what_it_measures_and_ramps() -> None:
    simulator, stand = Simulator(modules=2, plan="commands", power=5, ramp=1.5), Stand(Inverter())
    commands = stand.step.shared(Commands)
    commands.join("plant", simulator._commanded)
    seen = []
    for second in range(5):
        stand.give(Signals(second, "ems", {"Power": -2.2}))
        seen.append(readings(simulator, "inverter")["Inverter"].values["ActivePower"])
        simulator.step(1)
    assert seen == pytest.approx([0, -1.5, -2.2, -2.2, -2.2], abs=0.3)
    assert [m.source for _, m in stand.out[:2] if isinstance(m, Signals)] == [
        "Inverter",
        "InverterGrid",
    ]


def test_an_inverter_without_its_plant_counts_what_it_gives_up() -> None:
    stand = Stand(Inverter(plant="elsewhere"))
    stand.give(Signals(0.0, "ems", {"Power": -4.0}))
    assert stand.step.counters.drops == {"no plant runs": 1}


def test_problems_are_told() -> None:
    faults = [Fault(kind="silent", module=3), Fault(kind="frames-lost", magnitude=2.0)]
    simulator = Simulator(modules=2, low=50, high=40, faults=faults)
    assert list(simulator.problems()) == [
        ("low", "must be less than high (40 %), not 50 %."),
        ("faults[0].module", "a rack has 2 modules."),
        ("faults[1].magnitude", "is a part of the frames, 0 to 1, not 2."),
    ]
