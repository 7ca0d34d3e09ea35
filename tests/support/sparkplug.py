"""Sparkplug payloads read by Google's protobuf: an independent decoder, its schema made here."""

from __future__ import annotations

import threading
from typing import Any

from google.protobuf import (  # type: ignore[import-untyped]  # it has no type hints
    descriptor_pb2,
    descriptor_pool,
    message_factory,
)
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

__all__ = ["Host", "make_payload", "payload_of"]

_TYPES = {
    "uint32": 13, "uint64": 4, "bool": 8, "float": 2, "double": 1, "string": 9, "bytes": 12,
}  # fmt: skip
_MESSAGES: dict[str, list[tuple[int, str, str, bool]]] = {
    "PropertyValue": [
        *((1, "type", "uint32", False), (2, "is_null", "bool", False)),
        *((3, "int_value", "uint32", False), (4, "long_value", "uint64", False)),
        *((5, "float_value", "float", False), (6, "double_value", "double", False)),
        *((7, "boolean_value", "bool", False), (8, "string_value", "string", False)),
    ],
    "PropertySet": [(1, "keys", "string", True), (2, "values", "PropertyValue", True)],
    "Metric": [
        *((1, "name", "string", False), (2, "alias", "uint64", False)),
        *((3, "timestamp", "uint64", False), (4, "datatype", "uint32", False)),
        *((5, "is_historical", "bool", False), (6, "is_transient", "bool", False)),
        *((7, "is_null", "bool", False), (9, "properties", "PropertySet", False)),
        *((10, "int_value", "uint32", False), (11, "long_value", "uint64", False)),
        *((12, "float_value", "float", False), (13, "double_value", "double", False)),
        *((14, "boolean_value", "bool", False), (15, "string_value", "string", False)),
    ],
    "Payload": [
        *((1, "timestamp", "uint64", False), (2, "metrics", "Metric", True)),
        *((3, "seq", "uint64", False), (4, "uuid", "string", False), (5, "body", "bytes", False)),
    ],
}


def _payload_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="sparkplug.proto", package="t", syntax="proto2")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, field, type, repeated in fields:
            made = message.field.add(name=field, number=number, label=3 if repeated else 1)
            made.type = _TYPES.get(type, 11)  # type: ignore[assignment, unused-ignore]
            if type not in _TYPES:
                made.type_name = f".t.{type}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)  # type: ignore[no-untyped-call, unused-ignore]
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("t.Payload"))


PAYLOAD = _payload_class()


def payload_of(body: bytes) -> Any:
    """What a payload says, as protobuf reads it."""
    payload = PAYLOAD()
    payload.ParseFromString(body)
    return payload


def make_payload(**metrics: Any) -> bytes:
    """A command with Boolean metrics, as protobuf writes it; `_` stands for the slash and space."""
    payload = PAYLOAD(timestamp=1)
    for name, value in metrics.items():
        payload.metrics.add(name=name, datatype=11, boolean_value=value)
    written: bytes = payload.SerializeToString()
    return written


class Host:
    """A host application at a real broker: keeps what comes, in order."""

    def __init__(self, port: int, id: str = "") -> None:
        self.got: list[tuple[str, Any]] = []
        self._ready = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._on_message
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.reconnect_delay_set(0.1, 0.2)  # type: ignore[arg-type]
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()
        assert self._ready.wait(5)

    def _on_connect(self, client: Client, *_: Any) -> None:
        client.subscribe("spBv1.0/#", 1)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if "/STATE/" not in message.topic and "CMD/" not in message.topic:
            self.got.append((message.topic, payload_of(bytes(message.payload))))

    def kinds(self) -> list[str]:
        """The kinds of what came: NBIRTH, DDATA ..."""
        return [topic.split("/")[2] for topic, _ in self.got]

    def of(self, kind: str) -> list[Any]:
        """The payloads of a kind."""
        return [payload for topic, payload in self.got if topic.split("/")[2] == kind]

    def publish(self, topic: str, payload: bytes | str, retain: bool = False) -> None:
        """Say something."""
        self._client.publish(topic, payload, 1, retain).wait_for_publish(5)

    def close(self) -> None:
        """Hang up."""
        self._client.disconnect()
        self._client.loop_stop()
