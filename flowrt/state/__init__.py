"""What survives a restart: the state of nodes, standing alarms, flows stopped by hand."""
