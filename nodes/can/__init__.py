"""CAN buses, frames, databases and logs."""
