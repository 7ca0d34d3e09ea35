"""The queues at the ends of wires."""

from flowrt.wire.policies import POLICIES, Policy, Wire, make_wire

__all__ = ["POLICIES", "Policy", "Wire", "make_wire"]
