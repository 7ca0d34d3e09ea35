"""The columnar sides of the logic nodes, for replays in bulk."""
