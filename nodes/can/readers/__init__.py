"""Recorded logs by columns: each reader gives the frames that python-can's reader gives."""
