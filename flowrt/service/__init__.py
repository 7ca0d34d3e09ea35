"""Running as a service: the systemd unit, the watchdog's food, what became of earlier starts."""
