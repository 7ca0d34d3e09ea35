"""Payloads written here are read by protobuf, and the other way round."""

from __future__ import annotations

import contextlib
import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.mqtt.sparkplug_b.payload import Metric, Unreadable, encode, read_metrics, type_of
from tests.support.sparkplug import PAYLOAD, payload_of

VALUES = st.one_of(
    st.booleans(), st.floats(allow_nan=False), st.text(max_size=20), st.integers(-(2**53), 2**53)
)
TIMES = st.integers(0, 2**63 - 1)
FIELDS = {10: "double_value", 11: "boolean_value", 12: "string_value"}


@settings(max_examples=40, deadline=None)
@given(VALUES, TIMES, st.text(max_size=20), st.integers(0, 2**63), st.booleans())
def test_protobuf_reads_what_is_written(
    value: Any, time: int, name: str, alias: int, historical: bool
) -> None:
    metric = Metric(value, type_of(value), time, name, alias, historical, {"engUnit": "V", "x": 1})
    read = payload_of(encode(time, [metric], 255))
    (got,) = read.metrics
    assert (read.timestamp, read.seq) == (time, 255)
    assert (got.name, got.alias, got.timestamp) == (name, alias, time)
    assert getattr(got, FIELDS[got.datatype]) == value
    assert got.is_historical == historical
    assert list(got.properties.keys) == ["engUnit", "x"]


@settings(max_examples=40, deadline=None)
@given(VALUES, st.text(max_size=20))
def test_what_protobuf_writes_is_read(value: Any, name: str) -> None:
    payload = PAYLOAD(timestamp=1, seq=2)
    kind = type_of(value)
    payload.metrics.add(name=name, alias=7, datatype=kind, **{FIELDS[kind]: value})
    (metric,) = read_metrics(payload.SerializeToString())
    assert (metric.name, metric.alias, metric.type, metric.value) == (name, 7, kind, value)


def test_negative_integers_and_single_reals_are_read() -> None:
    payload = PAYLOAD()
    payload.metrics.add(datatype=4, long_value=2**64 - 5)
    payload.metrics.add(datatype=9, float_value=0.5)
    assert [metric.value for metric in read_metrics(payload.SerializeToString())] == [-5, 0.5]


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=60))
def test_garbage_is_refused_or_read_but_never_worse(body: bytes) -> None:
    with contextlib.suppress(Unreadable):
        for metric in read_metrics(body):
            assert isinstance(metric.value, bool | int | float | str | None)


def test_a_reading_that_is_not_a_number_keeps_being_none() -> None:
    (metric,) = payload_of(encode(0, [Metric(math.nan, 10, 0)], 0)).metrics
    assert math.isnan(metric.double_value)
