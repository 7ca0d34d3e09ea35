"""Secrets that flows name: where their values are, in the clear or encrypted."""
