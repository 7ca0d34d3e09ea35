"""A gateway elsewhere, over its web API: what the command line deploys to and asks."""
