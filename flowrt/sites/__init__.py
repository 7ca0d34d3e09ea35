"""One flow over the logs of many sites, or live over their frames: each site on its own.

A part of that work can be killed at any moment and begun anew elsewhere: what it has done, the
nodes' state and the size of its record stand in one checkpoint.
"""
