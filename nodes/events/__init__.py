"""Alarms and events in order: what came first, and no more than an operator can read."""
