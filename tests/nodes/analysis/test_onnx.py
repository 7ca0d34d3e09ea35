"""A trained model gives what it was trained for, and one that does not fit is told."""

from __future__ import annotations

import asyncio
import runpy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flowrt.errors import NodeFault
from flowrt.example import Stand
from flowrt.message import Signals
from nodes.analysis import onnx
from tests.support.rounds import is_long

MODEL = Path(onnx.__file__).parent / "models" / "cell-voltage.onnx"
INPUTS = ["SOC", "Rate", "Temperature"]
SCRIPT = runpy.run_path(str(Path(__file__).parents[3] / "examples/training/cell_voltage.py"))


def node(inputs: list[str] = INPUTS, model: Path = MODEL) -> onnx.Onnx:
    return onnx.Onnx(model=model, takes=inputs, gives=["Volts"])


def given(rows: Sequence[Sequence[float]], model: Path = MODEL) -> Any:
    """What the model gives for readings."""
    stand = Stand(node(model=model))
    for row in rows:
        stand.give(Signals(0.0, "cell", dict(zip(INPUTS, row, strict=True))))
    return np.array([m.values["Volts"] for _, m in stand.out if isinstance(m, Signals)])


def test_it_says_what_voltage_the_cells_of_another_rack_have() -> None:
    inputs, volts = SCRIPT["samples"](40, seed=9, rates=(0.6,), ambients=(15.0,))
    middle = (inputs[:, 0] > 12) & (inputs[:, 0] < 95)
    off = np.abs(given(inputs[middle].tolist()) - volts[middle][:, 0])
    assert len(off) > 25
    assert off.mean() < 0.01


def test_the_script_trains_the_model_that_ships(tmp_path: Path) -> None:
    """A little of the training gives nearly the same model, all of it (soak) the same."""
    rates, rounds = ((0.5, 1.0), 2000) if not is_long() else (SCRIPT["RATES"], 6000)
    count, bound = (60, 0.012) if not is_long() else (250, 0.001)
    trained = SCRIPT["train"](*SCRIPT["samples"](count, seed=1, rates=rates), rounds=rounds)
    file = tmp_path / "again.onnx"
    file.write_bytes(SCRIPT["as_onnx"](trained))
    rows = [
        (soc, rate, heat)
        for soc in range(15, 95, 10)
        for rate in (-0.9, -0.5, 0.5, 0.9)
        for heat in (8.0, 22.0, 36.0)
    ]
    assert np.abs(given(rows) - given(rows, file)).mean() < bound


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
