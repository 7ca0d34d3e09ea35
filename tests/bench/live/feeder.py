"""Sends frames at a rate, in turn to some ports; prints how many, and in which time.

    python -m tests.bench.live.feeder RATE SECONDS STAMPS PORT...

RATE is in all; STAMPS a second of them hold the time of sending.
"""

from __future__ import annotations

import json
import socket
import sys
import time

from tests.bench.five_nodes import frames
from tests.bench.live.socket_bus import CAN_FRAME, STAMP_ID, micros


def main() -> None:
    """Send what is due each millisecond."""
    rate, seconds, stamps = map(float, sys.argv[1:4])
    sockets = []
    for port in sys.argv[4:]:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.connect(("127.0.0.1", int(port)))
        sockets.append(sock.send)
    made = [CAN_FRAME.pack(f.id, len(f.data), f.data.ljust(8, b"\0")) for f in frames(4096)]
    sent = stamped = 0
    begun = time.perf_counter()
    while (elapsed := time.perf_counter() - begun) < seconds:
        for _ in range(int(elapsed * rate) - sent):
            sockets[sent % len(sockets)](made[sent // len(sockets) % len(made)])
            sent += 1
        if stamps and elapsed * stamps > stamped:
            stamped += 1
            data = micros().to_bytes(4, "little") + (stamped % 2).to_bytes(4, "little")
            sockets[0](CAN_FRAME.pack(STAMP_ID, 8, data))
        time.sleep(0.001)
    print(json.dumps({"sent": sent + stamped, "stamped": stamped, "seconds": elapsed}))


if __name__ == "__main__":
    main()
