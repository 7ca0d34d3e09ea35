"""Alarms and events on disk, so that what happened can be looked up after a restart."""
