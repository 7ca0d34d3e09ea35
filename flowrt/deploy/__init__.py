"""A deploy: its tests, the exchange, the health gate, the way back; and shadow runs."""
