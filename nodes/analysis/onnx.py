"""A trained model in a flow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flowrt.node import (
    Catalogue,
    Example,
    NodeFault,
    SignalInfo,
    Signals,
    Transform,
    Value,
    node,
    setting,
)
from nodes.analysis.readings import number


@node("analysis/onnx", icon="function-square")
class Onnx(Transform):
    """Run an ONNX model on the readings of a message; what it gives leaves beside them.

    The model has one input, a row of as many numbers as `takes`, and its first output is a row of
    as many as `gives`. A message that lacks an input passes as it is, and is counted where it has
    some. One thread, on the CPU. Needs `pip install 'flowrt[analysis]'`.
    """

    model: Path = setting("The model.", file=".onnx")
    takes: list[str] = setting("Signals in the model's order.", signal=True, minItems=1)
    gives: list[str] = setting("Names of what it gives, in its order.", minItems=1)
    units: dict[str, str] = setting("Unit by name of what it gives.", default=dict)

    examples = (
        Example(
            "The voltage that a sound cell has; what it needs is not in the message, which passes",
            settings={
                "model": "models/cell-voltage.onnx",
                "takes": ["SOC", "Rate", "Temperature"],
                "gives": ["ExpectedVoltage"],
                "units": {"ExpectedVoltage": "V"},
            },
            given=[Signals(0.0, "Name", {"Maker": "any"})],
            expect=[Signals(0.0, "Name", {"Maker": "any"})],
        ),
    )

    def __post_init__(self) -> None:
        self._names = [name.rpartition(".")[2] for name in self.takes]
        self._session: Any = None

    def problems(self) -> Iterator[tuple[str, str]]:
        """A model that is not there."""
        if not self.model.is_file():
            yield "model", f'there is no file "{self.model.name}".'

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """What came, and what the model gives."""
        sources = sorted({info.source for info in incoming.find(self.takes[0])})
        given = [SignalInfo(n, s, self.units.get(n, "")) for s in sources for n in self.gives]
        return Catalogue([*incoming, *given], open=incoming.open)

    def summary(self) -> str:
        """`cell-voltage.onnx: ExpectedVoltage`."""
        return f"{self.model.name}: {', '.join(self.gives)}"

    async def start(self) -> None:
        """Load the model, so that one that does not fit fails before it runs."""
        self._load()

    async def stop(self) -> None:
        """Let go of it."""
        self._session = None

    def on_message(self, message: Signals) -> Signals:
        """Run it on one message that has every input."""
        values = [number(message.values.get(name)) for name in self._names]
        if None in values:
            if any(value is not None for value in values):
                self.context.drop("missing input", 1)
            return message
        import numpy as np

        session = self._session or self._load()
        row = np.array([values], dtype=np.float32)
        given = session.run(None, {session.get_inputs()[0].name: row})[0].ravel()
        if len(given) != len(self.gives):
            raise NodeFault(
                f"{self.model.name} gives {len(given)} numbers, not the {len(self.gives)} named"
            )
        found: dict[str, Value] = {n: float(v) for n, v in zip(self.gives, given, strict=True)}
        return Signals(message.time, message.source, {**message.values, **found})

    def _load(self) -> Any:
        try:
            import onnxruntime  # type: ignore[import-untyped]  # it has no type hints
        except ImportError as error:
            raise NodeFault(
                "onnxruntime is not here. Install it: pip install 'flowrt[analysis]'"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            session = onnxruntime.InferenceSession(
                self.model.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises kinds of its own
            raise NodeFault(f"{self.model.name} is no model that can run: {error}") from error
        self._fits(session)
        self._session = session
        return session

    def _fits(self, session: Any) -> None:
        shape = session.get_inputs()[0].shape
        if len(session.get_inputs()) != 1 or len(shape) != 2 or shape[1] != len(self.takes):
            raise NodeFault(
                f"{self.model.name} takes {shape}, not one row of the {len(self.takes)} named"
            )
