"""CAN buses, frames, databases and logs."""

INSTALL = {"can": "python-can", "cantools": "cantools", "asammdf": "'flowrt[mf4]'"}
