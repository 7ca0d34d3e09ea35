"""CANopen (CiA 301): states of nodes, their emergencies, process data and parameters."""

INSTALL = {"canopen": "'flowrt[protocols]'"}
