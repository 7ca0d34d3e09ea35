"""Object dictionaries (EDS, DCF), read once per file, node and version by the canopen library."""

from __future__ import annotations

import functools
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowrt.node import NodeFault

if TYPE_CHECKING:
    from canopen import ObjectDictionary
    from canopen.objectdictionary import ODVariable

__all__ = ["import_canopen", "load_dictionary", "name_of", "variables"]


def import_canopen() -> Any:
    """The library; without asammdf, which python-can would load with it for MF4 logs alone."""
    modules: dict[str, Any] = sys.modules
    spared = "can" not in modules and "asammdf" not in modules
    if spared:
        modules["asammdf"] = None  # an import of it is refused
    try:
        return importlib.import_module("canopen")
    except ImportError as error:
        raise NodeFault(
            "canopen is not here. Install it: pip install 'flowrt[protocols]'"
        ) from error
    finally:
        if spared:
            modules.pop("asammdf", None)


def load_dictionary(path: Path, node: int) -> ObjectDictionary:
    """The dictionary of a file for a node; raises NodeFault with file, place and remedy."""
    try:
        modified = path.stat().st_mtime_ns
    except OSError as error:
        raise NodeFault(f"{path} cannot be read: {error.strerror}. Is the path right?") from error
    return _load(path, node, modified)


@functools.lru_cache(maxsize=64)
def _load(path: Path, node: int, _modified: int) -> ObjectDictionary:
    canopen = import_canopen()
    try:
        dictionary: ObjectDictionary = canopen.import_od(str(path), node)
    except Exception as error:  # the library and its configparser raise many kinds
        reason = str(error).replace("\n", " ") or type(error).__name__
        raise NodeFault(
            f"{path} is no EDS or DCF that can be read: {reason}. Open it in an EDS editor, or ask "
            "the device's maker for a corrected one."
        ) from error
    if not len(dictionary):
        raise NodeFault(f"{path} describes no object. Is it an EDS or DCF?")
    return dictionary


def variables(dictionary: ObjectDictionary) -> Iterator[ODVariable]:
    """Every object that has a value: variables, and the members of records and arrays."""
    for index in dictionary:
        entry = dictionary[index]
        if hasattr(entry, "subindices"):
            yield from (entry.subindices[sub] for sub in sorted(entry.subindices))
        else:
            yield entry


def name_of(variable: ODVariable) -> str:
    """A signal's name: `Battery_Voltage` for the member "Voltage" of the record "Battery"."""
    return re.sub(r"\W+", "_", variable.qualname).strip("_")
