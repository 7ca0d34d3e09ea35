"""Judging and shaping readings."""
