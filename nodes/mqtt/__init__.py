"""MQTT brokers."""

INSTALL = {"paho": "paho-mqtt", "amqtt": "'flowrt[demo]'"}
