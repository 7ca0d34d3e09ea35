"""Modbus TCP and RTU."""

INSTALL = {"serial": "pyserial"}
