"""How flows and the gateway are, for those who look: samples, history, health."""
