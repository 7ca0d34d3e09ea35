"""Batteries and their equipment."""
