"""The queues at the ends of wires."""

from flowrt.wire.make import make_wire
from flowrt.wire.policies import POLICIES, Policy, Wire
from flowrt.wire.spill import Spill

__all__ = ["POLICIES", "Policy", "Spill", "Wire", "make_wire"]
