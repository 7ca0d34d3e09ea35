"""Train a small network that says what voltage a sound cell has, and write it as ONNX.

    python examples/training/cell_voltage.py nodes/analysis/models/cell-voltage.onnx

Its data are what the BMS of simulated racks says while they are charged and discharged at several
rates and temperatures: SOC in percent, current as a part of the capacity, temperature in C; its
output is volts. Needs numpy alone: ONNX is written here, as the few fields of its protobuf that a
chain of layers needs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from nodes.bess.plant.design import Design
from nodes.bess.plant.plant import Plant
from nodes.bess.plant.report import Report
from nodes.bess.plant.weather import Weather

HIDDEN = 24
CENTRE, SCALE = np.array([50.0, 0.0, 25.0]), np.array([50.0, 1.0, 20.0])
RATES = (0.1, 0.25, 0.5, 0.75, 1.0)
"""Currents by the capacity, in 1/h."""
AMBIENTS = (5.0, 20.0, 35.0)
"""C around the racks."""
CELLS, CAPACITY = 8, 100.0


def samples(
    count: int, seed: int, rates: Sequence[float] = RATES, ambients: Sequence[float] = AMBIENTS
) -> tuple[Any, Any]:
    """Inputs and volts: `count` readings of a whole cycle of each rate and temperature."""
    rows = [
        row
        for rate, ambient in product(rates, ambients)
        for row in _cycle(rate, ambient, count, seed)
    ]
    table = np.array(rows)
    return table[:, :3], table[:, 3:]


def _cycle(rate: float, ambient: float, count: int, seed: int) -> Any:
    plant = Plant(
        Design(
            modules=1,
            cells=CELLS,
            capacity=CAPACITY,
            current=rate * CAPACITY,
            soc=0.99,
            low=0.01,
            high=0.99,
            weather=Weather(ambient),
            ageing=0.0,
            soh=1.0,
            seed=seed,
        )
    )
    report = Report(plant)
    for _ in range(count):
        plant.step(7200 / rate / count)
        said = dict(report.read()[0][0])
        measured = said["Measure"]
        yield (
            said["State"]["SOC_hires"],
            measured["PackCurrent"] / CAPACITY,
            measured["PackTemperature"],
            measured["PackVoltage"] / CELLS,
        )


def train(inputs: Any, volts: Any, rounds: int = 6000) -> list[Any]:
    """The weights of two layers, by gradient descent with momentum (Adam)."""
    numbers = np.random.default_rng(1)
    x, y = (inputs - CENTRE) / SCALE, (volts - 3.3) * 10
    weights = [numbers.normal(0, 2.0, (3, HIDDEN)), numbers.normal(0, 1, HIDDEN)]
    weights += [numbers.normal(0, 0.2, (HIDDEN, 1)), np.zeros(1)]
    first, second = ([np.zeros_like(w) for w in weights] for _ in range(2))
    for step in range(1, rounds + 1):
        hidden = np.tanh(x @ weights[0] + weights[1])
        error = (hidden @ weights[2] + weights[3] - y) / len(x)
        back = (error @ weights[2].T) * (1 - hidden**2)
        slopes = [x.T @ back, back.sum(0), hidden.T @ error, error.sum(0)]
        rate = 0.02 * 0.5 ** (step / 1500)
        for index, slope in enumerate(slopes):
            first[index] = 0.9 * first[index] + 0.1 * slope
            second[index] = 0.999 * second[index] + 0.001 * slope**2
            moment = first[index] / (1 - 0.9**step)
            weights[index] -= rate * moment / (np.sqrt(second[index] / (1 - 0.999**step)) + 1e-9)
    # The scaling of input and output goes into the layers, so that the model takes plain readings.
    outer = [weights[2] / 10, weights[3] / 10 + 3.3]
    return [weights[0] / SCALE[:, None], weights[1] - (CENTRE / SCALE) @ weights[0], *outer]


# --- ONNX: a chain of Gemm, Tanh, Gemm


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _bytes(field: int, data: bytes | str) -> bytes:
    data = data.encode() if isinstance(data, str) else data
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _tensor(name: str, array: Any) -> bytes:
    dims = b"".join(_number(1, size) for size in array.shape)
    return dims + _number(2, 1) + _bytes(8, name) + _bytes(9, array.astype("<f4").tobytes())


def _value(name: str, width: int) -> bytes:
    dims = b"".join(_bytes(1, _number(1, size)) for size in (1, width))
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, 1) + _bytes(2, dims)))


def _layer(kind: str, output: str, *inputs: str) -> bytes:
    return b"".join(_bytes(1, name) for name in inputs) + _bytes(2, output) + _bytes(4, kind)


def as_onnx(weights: list[Any]) -> bytes:
    """The network as a model of opset 13."""
    layers = [
        _layer("Gemm", "before", "readings", "w0", "b0"),
        _layer("Tanh", "hidden", "before"),
        _layer("Gemm", "volts", "hidden", "w1", "b1"),
    ]
    graph = b"".join(_bytes(1, layer) for layer in layers) + _bytes(2, "cell-voltage")
    for name, array in zip(("w0", "b0", "w1", "b1"), weights, strict=True):
        graph += _bytes(5, _tensor(name, array))
    graph += _bytes(11, _value("readings", 3)) + _bytes(12, _value("volts", 1))
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 13))


def volts_of(weights: list[Any], inputs: Any) -> Any:
    """What the network says."""
    return np.tanh(inputs @ weights[0] + weights[1]) @ weights[2] + weights[3]


def main() -> None:
    """Train, say how far off it is on another rack, and write."""
    weights = train(*samples(250, seed=1))
    inputs, volts = samples(100, seed=2, rates=(0.2, 0.6), ambients=(10.0, 30.0))
    off = np.abs(volts_of(weights, inputs) - volts)
    sys.stdout.write(f"off by {off.mean() * 1000:.1f} mV, {off.max() * 1000:.0f} mV at most\n")
    Path(sys.argv[1]).write_bytes(as_onnx(weights))


if __name__ == "__main__":
    main()
