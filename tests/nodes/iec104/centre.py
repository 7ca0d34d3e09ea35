"""A control centre: c104's client, in an environment of its own; speaks JSON lines with the test.

    PYTHON centre.py PORT COMMON_ADDRESS ask|quiet

`ask` begins with an interrogation. For c104 an object has one type for good, so who wants to see
changes with their time (type 36) must not have asked for it without (type 13).

On stdin `points`, `interrogate`, `clock`, or `command KIND ADDRESS VALUE`; each is answered by one
line of JSON. It is never imported: c104 is GPL, and no part of flowrt.
"""

import json
import sys
import threading
import time

import c104  # type: ignore[import-not-found]

PORT, STATION, ASK_FIRST = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "ask"
TIMEOUT = 1500
KINDS = {"float": c104.Type.C_SE_NC_1, "single": c104.Type.C_SC_NA_1}
client = c104.Client(tick_rate_ms=50, command_timeout_ms=TIMEOUT)
connection = client.add_connection(ip="127.0.0.1", port=PORT, init=c104.Init.MUTED)
station = connection.add_station(common_address=STATION)
seen: list[list[object]] = []
lock = threading.Lock()


def on_report(
    point: c104.Point, previous_info: c104.Information, message: c104.IncomingMessage
) -> c104.ResponseState:
    note(point, str(message.cot).split(".")[-1])
    return c104.ResponseState.SUCCESS


def on_new_point(
    client: c104.Client, station: c104.Station, io_address: int, point_type: c104.Type
) -> None:
    point = station.add_point(io_address=io_address, type=point_type)
    point.on_receive(callable=on_report)


def note(point: c104.Point, cause: str) -> None:
    value = point.value
    with lock:
        seen.append(
            [
                point.io_address,
                str(point.type).split(".")[-1],
                bool(value) if isinstance(value, bool) else round(float(value), 3),
                str(point.quality),
                cause,
                point.recorded_at.timestamp() if point.recorded_at else None,
            ]
        )


client.on_new_point(callable=on_new_point)
client.start()


def wait_for(state: c104.ConnectionState) -> None:
    deadline = time.monotonic() + 8
    while connection.state != state and time.monotonic() < deadline:
        time.sleep(0.02)


wait_for(c104.ConnectionState.OPEN_MUTED)
connection.unmute()
wait_for(c104.ConnectionState.OPEN)
if ASK_FIRST:
    connection.interrogation(common_address=STATION)
print(json.dumps(str(connection.state).split(".")[-1]), flush=True)
commands: dict[tuple[str, int], c104.Point] = {}


def command(kind: str, address: int, value: str) -> bool:
    """Whether the station took it; c104 sometimes misses an answer, and is then asked again."""
    point = commands.get((kind, address))
    if point is None:
        point = station.add_point(io_address=address, type=KINDS[kind])
        commands[kind, address] = point
    point.value = value == "on" if kind == "single" else float(value)
    for _ in range(3):
        begun = time.monotonic()
        if point.transmit(cause=c104.Cot.ACTIVATION):
            return True
        if time.monotonic() - begun < TIMEOUT / 2000:  # an answer: no
            return False
    return False


for line in sys.stdin:
    words = line.split()
    answer: object = None
    if words[0] == "points":
        with lock:
            answer, seen[:] = list(seen), []
    elif words[0] == "interrogate":
        answer = connection.interrogation(common_address=STATION)
    elif words[0] == "clock":
        answer = connection.clock_sync(common_address=STATION)
    elif words[0] == "command":
        answer = command(words[1], int(words[2]), words[3])
    print(json.dumps(answer), flush=True)
client.stop()
