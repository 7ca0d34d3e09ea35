"""storage/csv."""

from __future__ import annotations

import csv
from pathlib import Path

from flowrt.node import Signals
from nodes.storage.csv import Csv
from tests.support.sinks import NOON, reading, record

STATE = Signals(NOON, "State", {"SOC": 55.5, "On": True, "Mode": 'a "b", c'})
TEMPS = Signals(NOON + 0.25, "Temps", {"T1": 25, "T2": None})


def tables(folder: Path) -> list[str]:
    """The text of each file, the active one last."""
    files = sorted(folder.iterdir(), key=lambda file: (file.name == "x.csv", file.name))
    return [file.read_text() for file in files]


def test_long_has_a_line_for_each_reading(tmp_path: Path) -> None:
    record(Csv(file=tmp_path / "x.csv", daily=False), [STATE], [TEMPS])
    assert tables(tmp_path) == [
        "time,source,signal,value\n"
        "2026-03-01T12:00:00.000Z,State,SOC,55.5\n"
        "2026-03-01T12:00:00.000Z,State,On,true\n"
        '2026-03-01T12:00:00.000Z,State,Mode,"a ""b"", c"\n'
        "2026-03-01T12:00:00.250Z,Temps,T1,25\n"
        "2026-03-01T12:00:00.250Z,Temps,T2,\n"
    ]


def test_wide_has_a_line_for_each_message(tmp_path: Path) -> None:
    sink = Csv(file=tmp_path / "x.csv", daily=False, layout="wide", time="posix")
    record(sink, [STATE, TEMPS])
    rows = list(csv.reader(tables(tmp_path)[0].splitlines()))
    assert rows == [
        ["time", "source", "SOC", "On", "Mode", "T1", "T2"],
        ["1772366400.0", "State", "55.5", "true", 'a "b", c', "", ""],
        ["1772366400.25", "Temps", "", "", "", "25", ""],
    ]


def test_a_signal_not_seen_before_begins_a_new_wide_file(tmp_path: Path) -> None:
    sink = Csv(file=tmp_path / "x.csv", daily=False, layout="wide", time="posix")
    record(sink, [reading(1)], [reading(2, name="SOH")], [reading(3)])
    assert tables(tmp_path) == [
        "time,source,SOC\n1772366400.0,State,1\n",
        "time,source,SOC,SOH\n1772366400.0,State,,2\n1772366400.0,State,3,\n",
    ]


def test_a_wide_file_is_gone_on_with_after_a_restart(tmp_path: Path) -> None:
    for names in (("A", "B"), ("B",)):
        sink = Csv(file=tmp_path / "x.csv", daily=False, layout="wide", time="posix")
        record(sink, [Signals(NOON, "s", dict.fromkeys(names, 1))])
    assert tables(tmp_path) == ["time,source,A,B\n1772366400.0,s,1,1\n1772366400.0,s,,1\n"]


def test_another_layout_begins_a_new_file(tmp_path: Path) -> None:
    record(Csv(file=tmp_path / "x.csv", daily=False, layout="wide"), [reading()])
    record(Csv(file=tmp_path / "x.csv", daily=False), [reading()])
    record(Csv(file=tmp_path / "x.csv", daily=False, layout="wide"), [reading()])
    headers = [text.splitlines()[0] for text in tables(tmp_path)]
    assert sorted(headers) == ["time,source,SOC", "time,source,SOC", "time,source,signal,value"]


def test_only_the_signals_named_are_recorded(tmp_path: Path) -> None:
    sink = Csv(
        file=tmp_path / "x.csv",
        daily=False,
        layout="wide",
        signals=["T1", "State.SOC"],
        time="posix",
    )
    record(sink, [STATE, TEMPS, reading(9, name="T9"), Signals(NOON, "Other", {"SOC": 1})])
    assert tables(tmp_path) == [
        "time,source,T1,SOC\n1772366400.0,State,,55.5\n1772366400.25,Temps,25,\n"
    ]


def test_odd_times_and_texts_lose_no_line(tmp_path: Path) -> None:
    odd = [reading(1, time=float("nan")), reading(2, time=1e300), reading("\ud800")]
    stand = record(Csv(file=tmp_path / "x.csv", daily=False), odd)
    assert [row[0] for row in csv.reader(tables(tmp_path)[0].splitlines()[1:3])] == [
        "nan",
        "1e+300",
    ]
    assert "\\ud800" in tables(tmp_path)[0]
    assert stand.faults == []


def test_takes_signals_only() -> None:
    assert Csv.inputs[0].kinds == {"signals"}
