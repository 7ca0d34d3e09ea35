"""`flowrt replay`, `test` and `bench` as a user's shell sees them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import flowrt

FLOW = Path(__file__).parents[3] / "examples" / "rack-to-cloud.json"
LOG = """\
(100.000000) can0 355#1500640000000000
(101.000000) can0 355#1300640000000000
(130.000000) can0 356#8413F1FF3700
(150.000000) can0 355#1600640000000000
(185.000000) can0 123#00
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "rack.log"
    file.write_text(LOG)
    return file


def records(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_what_reaches_the_sinks_is_recorded(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    result = flowrt("replay", FLOW, log, "--record", out, "--json")
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    assert (facts["frames"], facts["recorded"]) == (5, {"publish": 3})
    assert facts["drops"] == {"decode": {"unknown id": 1}}
    lines = records(out)
    assert [(one["node"], one["port"], one["kind"], one["time"]) for one in lines] == [
        ("publish", "in", "event", 101.0),
        ("publish", "in", "event", 150.0),
        ("publish", "in", "signals", 180.0),
    ]
    assert lines[2]["values"] == {
        "PackVoltage_min": 49.96,
        "PackVoltage_max": 49.96,
        "PackVoltage_mean": 49.96,
    }


def test_people_get_a_summary(log: Path) -> None:
    result = flowrt("replay", FLOW, log)
    assert result.stdout.startswith("5 frames of 85.000 s replayed in ")
    assert "publish: 3 messages" in result.stdout


@pytest.mark.parametrize("speed", ["0", "fast", "-1"])
def test_a_bad_speed_is_a_usage_error(speed: str, log: Path) -> None:
    assert flowrt("replay", FLOW, log, "--speed", speed).returncode == 2


def test_a_log_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"\x00\xff" * 100)
    result = flowrt("replay", FLOW, tmp_path / "x.log")
    assert result.returncode == 1
    assert "x.log" in result.stderr
    assert "Traceback" not in result.stderr
    missing = flowrt("replay", FLOW, tmp_path / "none.log")
    assert missing.returncode == 1
    assert "none.log" in missing.stderr


def test_a_failing_test_shows_given_wanted_and_got(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(FLOW.read_text())
    test = {
        "name": "wrong on purpose",
        "given": [{"port": "frames", "frame": "355#1300640000000000"}],
        "expect": [{"port": "soc_low", "nothing": True}, {"port": "publish", "count": 1}],
    }
    (tmp_path / "x.test.json").write_text(json.dumps({"tests": [test]}))
    result = flowrt("test", ".", "--junit", "report.xml", folder=tmp_path)
    assert result.returncode == 1
    assert "FAIL x: wrong on purpose" in result.stdout
    for word in ("given:", "1300640000000000", "at soc_low.alarm", "wanted nothing", '"raised"'):
        assert word in result.stdout
    assert result.stdout.endswith("0 passed, 1 failed\n")
    suite = ET.parse(tmp_path / "report.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ({"name": "x", "given": [], "expect": []}, "expect: must be a list of 1 or more"),
        ({"name": "x", "given": []}, 'needs "expect"'),
        (
            {"name": "x", "given": [], "expect": [{"port": "publsh", "count": 1}]},
            'there is no node "publsh". Did you mean "publish"?',
        ),
        (
            {
                "name": "x",
                "given": [{"port": "frames", "frame": "35#0"}],
                "expect": [{"port": "publish", "count": 1}],
            },
            '"35#0" is no frame.',
        ),
    ],
)
def test_a_wrong_test_file_is_told(test: dict[str, Any], told: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(FLOW.read_text())
    (tmp_path / "x.test.json").write_text(json.dumps({"tests": [test]}))
    result = flowrt("test", "x.json", folder=tmp_path)
    assert result.returncode == 1
    assert told in result.stdout


def test_bench_measures() -> None:
    result = flowrt("bench", FLOW, "--frames", "20000", "--json")
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    assert facts["frames"] == 20000
    assert facts["frames_per_second"] == pytest.approx(facts["frames"] / facts["seconds"])
    assert facts["nodes"]["decode"]["received"] == 20000
    assert (facts["errors"], facts["drops"]) == (0, {})


def test_secrets_are_not_needed_where_nothing_connects(log: Path, tmp_path: Path) -> None:
    flow = json.loads(FLOW.read_text())
    flow["resources"]["cloud"]["password"] = {"secret": "nobody-knows"}
    (tmp_path / "flow.json").write_text(json.dumps(flow))
    assert flowrt("check", tmp_path / "flow.json").returncode == 1
    assert flowrt("replay", tmp_path / "flow.json", log).returncode == 0


def test_records_as_parquet(log: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    result = flowrt("replay", FLOW, log, "--record", tmp_path / "out.parquet")
    assert result.returncode == 0, result.stderr
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [(row["kind"], row["name"], row["value"]) for row in rows] == [
        ("event", "soc_low", 19.0),
        ("event", "soc_low", 22.0),
        ("signals", "PackVoltage_min", 49.96),
        ("signals", "PackVoltage_max", 49.96),
        ("signals", "PackVoltage_mean", 49.96),
    ]
    assert list(tmp_path.glob(".record-*")) == []


def test_lines_that_are_no_frames_are_told_and_counted(log: Path) -> None:
    log.write_text(LOG + "nonsense\n")
    result = flowrt("replay", FLOW, log)
    assert result.returncode == 0
    assert f'{log}:6: "nonsense" is no frame of candump.' in result.stdout


WITHOUT_NUMPY = """\
import importlib.util, sys
known = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "numpy" else known(name, *more)
sys.modules["numpy"] = None
"""


def test_without_numpy_frames_are_replayed_one_by_one(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_NUMPY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    result = flowrt("replay", FLOW, log, "--json")
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    assert (facts["by"], facts["frames"], facts["recorded"]) == ("frames", 5, {"publish": 3})
    assert result.stderr.count("numpy is not installed") == 1
