"""The five-node flow in bytewax, one worker, in batches of 256."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from tests.bench.peers.parts import Item, Minute, SocLow, decode, timed

# Installed in the peers' environment only, where no types are checked.
op: Any = import_module("bytewax.operators")
dataflow: Any = import_module("bytewax.dataflow")
testing: Any = import_module("bytewax.testing")


def run(frames: Sequence[Item]) -> int:
    """Run the flow over all frames; count what comes out."""
    out: list[Any] = []
    flow = dataflow.Dataflow("five_nodes")
    source = op.input("frames", flow, testing.TestingSource(frames, batch_size=256))
    decoded = op.filter_map("decode", source, decode)
    alarms = op.filter_map("soc_low", decoded, SocLow())
    minutes = op.filter_map("minute", decoded, Minute())
    op.output("publish", op.merge("both", alarms, minutes), testing.TestingSink(out))
    testing.run_main(flow)
    return len(out)


timed(run)
