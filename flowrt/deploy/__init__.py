"""The parts of a deploy beside the exchange itself: tests, health gate, shadow."""
