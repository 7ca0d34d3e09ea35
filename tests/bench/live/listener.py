"""Takes what a gateway gives out, and prints how old it is, in microseconds.

python -m tests.bench.live.listener mqtt|modbus PORT SECONDS
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import time

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.bench.live.socket_bus import micros


def mqtt(port: int, seconds: float) -> list[int]:
    """From the kernel's stamp of the frame to the alarm at a subscriber."""
    ages: list[int] = []

    def take(_client: object, _data: object, message: MQTTMessage) -> None:
        now = time.time()
        ages.append(round((now - json.loads(message.payload)["time"]) * 1e6))

    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = take
    client.connect("127.0.0.1", port)
    client.subscribe("bench/#")
    client.loop_start()
    time.sleep(seconds)
    client.loop_stop()
    return ages


def modbus(port: int, seconds: float) -> list[int]:
    """From sending a frame to a poll that shows it; an EMS that polls each millisecond."""
    ages: list[int] = []
    last, number = 0, 0
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            number = (number + 1) % 0x10000
            line.send(struct.pack(">HHHBBHH", number, 0, 6, 1, 3, 0, 2))
            answer = line.recv(64)
            (value,) = struct.unpack(">I", answer[9:13])
            if value != last:
                if last:
                    ages.append((micros() - value) % (1 << 32))
                last = value
            time.sleep(0.001)
    return ages


if __name__ == "__main__":
    kinds = {"mqtt": mqtt, "modbus": modbus}
    print(json.dumps(kinds[sys.argv[1]](int(sys.argv[2]), float(sys.argv[3]))))
