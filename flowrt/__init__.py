"""flowrt: a dataflow runtime for CAN gateways in battery energy storage."""

__version__ = "0.1.0"
