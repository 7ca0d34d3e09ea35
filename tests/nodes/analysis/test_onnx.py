"""A trained model gives what it was trained for, and one that does not fit is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flowrt.errors import NodeFault
from flowrt.example import Stand
from flowrt.message import Signals
from nodes.analysis import onnx
from nodes.bess.cell import Cell

MODEL = Path(onnx.__file__).parent / "models" / "cell-voltage.onnx"
INPUTS = ["SOC", "Rate", "Temperature"]


def node(inputs: list[str] = INPUTS, model: Path = MODEL) -> onnx.Onnx:
    return onnx.Onnx(model=model, takes=inputs, gives=["Volts"])


@pytest.mark.parametrize(("soc", "rate", "heat"), [(50, 0.0, 25), (80, 0.5, 10), (20, -0.5, 40)])
def test_it_says_what_voltage_a_cell_has(soc: float, rate: float, heat: float) -> None:
    stand = Stand(node())
    stand.give(Signals(0.0, "cell", {"SOC": soc, "Rate": rate, "Temperature": heat}))
    (found,) = [m.values["Volts"] for _, m in stand.out if isinstance(m, Signals)]
    cell = Cell(capacity=100, soc=soc / 100, temperature=heat)
    assert found == pytest.approx(cell.voltage(rate * 100), abs=0.02)


def test_a_message_that_lacks_an_input_passes_and_is_counted() -> None:
    stand = Stand(node())
    message = Signals(0.0, "cell", {"SOC": 50, "Rate": None})
    stand.give(message)
    assert stand.out == [("out", message)]
    assert stand.step.counters.drops == {"missing input": 1}


def test_a_model_of_other_inputs_is_told_at_the_start() -> None:
    with pytest.raises(NodeFault, match="not one row of the 2 named"):
        asyncio.run(node(INPUTS[:2]).start())


def test_a_file_that_is_no_model_is_told_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "no.onnx"
    file.write_bytes(b"nothing")
    with pytest.raises(NodeFault, match=r"no\.onnx is no model"):
        asyncio.run(node(model=file).start())
