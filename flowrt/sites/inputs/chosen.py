"""The input that a file of sites names."""

from __future__ import annotations

from collections.abc import Callable

from flowrt.errors import FlowrtError
from flowrt.sites.inputs.piece import Input
from flowrt.sites.settings import Sites

__all__ = ["InputMissing", "opened"]


class InputMissing(FlowrtError):
    """The library of an input is not installed."""


def opened(settings: Sites, descriptor: int, tell: Callable[[str], None]) -> Input:
    """The input, which begins to bring pieces; lines come by the descriptor.

    `tell` takes a sentence for each line that is no frame.
    """
    given, sites = settings.input, settings.sites
    if given.mqtt:
        from flowrt.sites.inputs.mqtt import MqttInput

        return MqttInput(given.mqtt, sites)
    if given.nats:
        try:
            from flowrt.sites.inputs.nats import NatsInput
        except ImportError as error:
            raise InputMissing(
                f"nats-py is not installed: {error}. Install it: pip install 'flowrt[nats]'"
            ) from error
        return NatsInput(given.nats, sites)
    from flowrt.sites.inputs.lines import Lines

    return Lines(descriptor, tell)
