"""The five-node flow in bytewax, one worker, in batches of 256."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main
from parts import Item, Minute, SocLow, decode, timed


def run(frames: Sequence[Item]) -> int:
    """Run the flow over all frames; count what comes out."""
    out: list[Any] = []
    flow = Dataflow("five_nodes")
    source = op.input("frames", flow, TestingSource(frames, batch_size=256))
    decoded = op.filter_map("decode", source, decode)
    alarms = op.filter_map("soc_low", decoded, SocLow())
    minutes = op.filter_map("minute", decoded, Minute())
    op.output("publish", op.merge("both", alarms, minutes), TestingSink(out))
    run_main(flow)
    return len(out)


timed(run)
