"""`flowrt check` as a user's shell sees it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command import flowrt

SOUND = {"flowrt": 1, "name": "sound", "nodes": {"show": {"type": "core/debug"}}}
WRONG = {
    "flowrt": 1,
    "name": "wrong",
    "nodes": {"show": {"type": "core/debgu"}, "in": {"type": "core/inject", "vales": {}}},
}


def test_a_sound_flow_exits_0(tmp_path: Path) -> None:
    (tmp_path / "sound.json").write_text(json.dumps(SOUND))
    result = flowrt("check", "sound.json", folder=tmp_path)
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == (
        "hint: sound.json: nodes.show: nothing is wired into it.\n1 flow, no problem\n"
    )


def test_every_problem_of_every_flow_is_told(tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text(json.dumps(WRONG))
    (tmp_path / "broken.json").write_text("{")
    result = flowrt("check", ".", folder=tmp_path)
    assert result.returncode == 1
    assert result.stdout.splitlines() == [
        "broken.json: line 1, column 2: Expecting property name enclosed in double quotes. "
        "The file ends too early.",
        'wrong.json: nodes.show.type: no pack has a node "core/debgu". Did you mean "core/debug"?',
        'wrong.json: nodes.in.vales: "vales" is not a setting of core/inject. '
        'Did you mean "values"?',
    ]


def test_json_gives_the_same_to_a_machine(tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text(json.dumps(WRONG))
    result = flowrt("check", "wrong.json", "--json", folder=tmp_path)
    assert [row["place"] for row in json.loads(result.stdout)] == [
        "nodes.show.type",
        "nodes.in.vales",
    ]


def test_no_path_is_a_usage_error() -> None:
    assert flowrt("check").returncode == 2


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    result = flowrt("check", "none.json", folder=tmp_path)
    assert (result.returncode, result.stdout) == (
        1,
        "none.json: cannot be read: No such file or directory.\n",
    )
