"""What a gateway finds out by itself: counters, early warnings, estimates, anomalies."""
