"""Home Assistant's discovery: what a signal is to it, and a device as one message tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flowrt.node import SignalInfo

__all__ = ["Sensor", "alarm_component", "component", "device_config", "object_id"]

_UNITS: Final = {"degC": "°C", "degF": "°F", "Ohm": "Ω", "ohm": "Ω", "min": "min", "deg": "°"}
"""Our units that Home Assistant writes otherwise."""
_CLASSES: Final = {
    **dict.fromkeys(("mV", "V", "kV"), "voltage"),
    **dict.fromkeys(("mA", "A"), "current"),
    **dict.fromkeys(("W", "kW", "MW"), "power"),
    **dict.fromkeys(("Wh", "kWh", "MWh"), "energy"),
    **dict.fromkeys(("°C", "°F", "K"), "temperature"),
    **dict.fromkeys(("Hz", "kHz"), "frequency"),
    **dict.fromkeys(("s", "min", "h", "d"), "duration"),
    **dict.fromkeys(("VA", "kVA"), "apparent_power"),
    **dict.fromkeys(("var", "kvar"), "reactive_power"),
}
"""Unit -> Home Assistant's device class; with another unit it would refuse the class."""
_CHARGE: Final = re.compile(r"(^|[^a-z])(soc|charge_?level)([^a-z]|$)", re.IGNORECASE)
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]")


class Sensor(NamedTuple):
    """A signal of a source, and the topic that its readings go to."""

    info: SignalInfo
    topic: str


def object_id(*parts: str) -> str:
    """A name that Home Assistant takes for an object."""
    return "_".join(_UNFIT.sub("_", part) for part in parts if part)


def component(sensor: Sensor, unique_id: str, silent_after: float | None) -> dict[str, Any]:
    """A sensor for a signal."""
    info = sensor.info
    told: dict[str, Any] = {
        "platform": "sensor",
        "name": info.qualified.partition("/")[2] or info.name,
        "unique_id": unique_id,
        "state_topic": sensor.topic,
        "value_template": f"{{{{ value_json[{info.name!r}] }}}}",
    }
    if silent_after is not None:
        told["expire_after"] = max(1, round(silent_after))
    return told if info.type == "text" else told | _measure(info)


def _measure(info: SignalInfo) -> dict[str, str]:
    """Unit and classes of a number."""
    unit = _UNITS.get(info.unit, info.unit)
    kind = "battery" if unit == "%" and _CHARGE.search(info.name) else _CLASSES.get(unit, "")
    told = {"unit_of_measurement": unit, "device_class": kind}
    state = "total" if kind == "energy" else "measurement"
    return {"state_class": state, **{key: value for key, value in told.items() if value}}


def alarm_component(name: str, topic: str, unique_id: str) -> dict[str, Any]:
    """A binary sensor for an alarm."""
    return {
        "platform": "binary_sensor",
        "name": name,
        "unique_id": unique_id,
        "state_topic": topic,
        "device_class": "problem",
    }


def device_config(
    device: Mapping[str, Any], components: Mapping[str, Any], availability: str
) -> dict[str, Any]:
    """The payload of `homeassistant/device/ID/config`."""
    told: dict[str, Any] = {
        "device": device,
        "origin": {"name": "flowrt"},
        "components": components,
        "qos": 0,
    }
    if availability:
        told["availability_topic"] = availability
    return told
