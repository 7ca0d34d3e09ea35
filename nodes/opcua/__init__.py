"""OPC UA: readings and alarms as an address space."""

INSTALL = {"asyncua": "'flowrt[opcua]'"}
