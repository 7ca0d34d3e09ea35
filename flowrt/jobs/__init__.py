"""Jobs done in a child process, so that the flows that run are not slowed."""
