"""Tests of flows: given messages, expected ones, in virtual time."""
