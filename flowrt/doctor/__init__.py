"""Looks for what would keep flows from running well, each with its remedy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flowrt.doctor.can import examine_can
from flowrt.doctor.data import examine_data
from flowrt.doctor.finding import Finding
from flowrt.doctor.flows import examine_flows
from flowrt.doctor.machine import examine_machine

__all__ = ["Finding", "examine"]


def examine(data: Path, flows: Sequence[Path] = ()) -> list[Finding]:
    """Everything that was looked at; `data` is where flows keep what must outlive a restart."""
    return [*examine_machine(), *examine_can(), *examine_data(data), *examine_flows(flows)]
