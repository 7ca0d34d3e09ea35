"""Finding types, and saying what to do about those that cannot be had."""

from __future__ import annotations

import sys

import pytest

from flowrt import registry
from flowrt.errors import TypeUnavailable, TypeUnknown


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(TypeUnknown, match=r'"core/injct"\. Did you mean "core/inject"\?'):
        registry.load("core/injct")


def test_packs_are_the_folders_below_nodes() -> None:
    built_in = {"bess", "can", "core", "logic", "modbus", "mqtt", "storage"}
    assert built_in <= set(registry.packs())


def test_a_missing_library_is_named_with_its_remedy() -> None:
    error = ImportError("No module named 'paho'", name="paho.mqtt.client")
    assert registry._remedy("mqtt", error) == (
        'the library "paho" is missing. Install it: pip install paho-mqtt'
    )


def test_a_type_that_cannot_load_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nodes.core.debug", None)
    registry.load.cache_clear()
    with pytest.raises(TypeUnavailable, match="core/debug cannot be loaded"):
        registry.load("core/debug")
    registry.load.cache_clear()
