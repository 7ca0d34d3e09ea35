"""Sparkplug B 3.0: payloads, metrics and the life of an edge node."""
