"""A file of sites: all its problems at once, and what each site gets from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flowrt.errors import CheckFailed
from flowrt.sites.file import read_sites, sites_schema
from tests.support.command import flowrt
from tests.support.sites import FLOW

MQTT = {"host": "broker.local", "client_id": "centre-1"}
GOOD: dict[str, Any] = {"flowrt_sites": 1, "flow": str(FLOW), "input": {"mqtt": MQTT}}


def written(folder: Path, **changes: Any) -> Path:
    file = folder / "SITES.json"
    file.write_text(json.dumps({**GOOD, **changes}))
    return file


def problems(file: Path) -> list[str]:
    with pytest.raises(CheckFailed) as caught:
        read_sites(file)
    return [f"{one.place}: {one.sentence}" for one in caught.value.problems]


def test_a_site_gets_what_all_get_and_what_is_its_own(tmp_path: Path) -> None:
    site = {"shards": 2, "environment": {"CAN_CHANNEL": "can1"}}
    file = written(tmp_path, environment={"MQTT_HOST": "a"}, sites={"north": site, "south": {}})
    first, second = read_sites(file).posts("north")
    assert (first.name, second.name) == ("north.1-of-2", "north.2-of-2")
    assert first.environment == {"MQTT_HOST": "a", "CAN_CHANNEL": "can1", "SITE": "north"}
    assert first.folder == tmp_path / "sites"
    assert [post.record.name for post in read_sites(file).posts("south")] == ["south.jsonl"]


def test_every_problem_of_its_shape_is_told_at_once(tmp_path: Path) -> None:
    told = problems(written(tmp_path, bach=3, shards=0, input={"mqtt": {"host": "h"}}))
    assert len(told) == 3
    assert '"bach" is not a setting of a file of sites. Did you mean "batch"?' in told[0]
    assert "client_id" in told[1]
    assert told[2].startswith("shards: must be 1 or more")


def test_every_problem_of_its_sense_is_told_at_once(tmp_path: Path) -> None:
    mqtt = {**MQTT, "topic": "$share/centre/sites/+/frames"}
    told = problems(written(tmp_path, input={"mqtt": mqtt, "lines": True}, sites={"a/b": {}}))
    assert [one.split(":")[0] for one in told] == [
        "input", "input.mqtt.topic", "input.mqtt.topic", "sites.a/b",
    ]  # fmt: skip
    assert "a shared subscription deals" in told[2]


def test_a_missing_secret_hides_no_other_problem(tmp_path: Path) -> None:
    mqtt = {**MQTT, "port": "${BROKER_PORT:-1884}", "password": {"secret": "nobody-knows"}}
    told = problems(written(tmp_path, flow="none.json", input={"mqtt": mqtt}))
    assert len(told) == 2
    assert told[0].startswith(": cannot be read")
    assert told[1].startswith('input: the secret "nobody-knows" has no value here.')


def test_the_environment_fills_in_an_input(tmp_path: Path) -> None:
    mqtt = {**MQTT, "port": "${BROKER_PORT:-1884}"}
    read = read_sites(written(tmp_path, input={"mqtt": mqtt})).settings.input.mqtt
    assert read is not None
    assert read.port == 1884


def test_problems_of_a_flow_are_told_with_its_name(tmp_path: Path) -> None:
    flow = json.loads(FLOW.read_text())
    flow["nodes"]["soc_low"]["signal"] = "SOCC"
    own = tmp_path / "own.json"
    own.write_text(json.dumps(flow))
    file = written(tmp_path, sites={"north": {"flow": "own.json"}, "south": {"flow": "none.json"}})
    result = flowrt("sites", "check", file)
    assert result.returncode == 1
    assert f"{own}: nodes.soc_low.signal" in result.stdout
    assert f"{tmp_path / 'none.json'}: cannot be read" in result.stdout
    assert "2 problems" in result.stderr


def test_sinks_that_cannot_be_connected_are_told_with_the_reason(tmp_path: Path) -> None:
    flow = json.loads(FLOW.read_text())
    flow["nodes"]["send"] = {"type": "can/send", "bus": "battery_bus"}
    flow["wires"].append({"from": "frames", "to": "send"})
    own = tmp_path / "own.json"
    own.write_text(json.dumps(flow))
    names = ["publsh", "decode", "send", "publish"]
    file = written(tmp_path, flow="own.json", connect=names, sites={"north": {}, "south": {}})
    told = problems(file)
    assert told[0] == 'connect[0]: there is no node "publsh". Did you mean "publish"?'
    assert told[1].startswith("connect[1]: decode is a can/decode, and no sink.")
    assert told[2].startswith("connect[2]: send is a can/send, which commands equipment")
    assert told[3].startswith("nodes.publish: is connected, and writes to the same place")


def test_what_is_promised_of_a_connected_sink_is_said(tmp_path: Path) -> None:
    flow = json.loads(FLOW.read_text())
    flow["nodes"]["publish"] |= {"topic": "${SITE}/{source}", "qos": 1}
    (tmp_path / "own.json").write_text(json.dumps(flow))
    result = flowrt("sites", "check", written(tmp_path, flow="own.json", connect=["publish"]))
    assert result.returncode == 0
    assert "own.json → publish: at least once: each waits in the record until the" in result.stderr


def test_the_schema_takes_what_is_good() -> None:
    schema = json.loads(flowrt("sites", "schema").stdout)
    assert schema == sites_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(GOOD)
