"""Flows as they run: steps, circuits, tasks, and their exchange while they run."""
