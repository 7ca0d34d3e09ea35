"""Many sites live by a pipe."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.sites import lines, run_here


def test_lines_that_are_no_frames_are_told_and_counted(tmp_path: Path) -> None:
    given = lines(5) + b"nonsense\n" + b'{"site": "north", "kind": "signals"}\n'
    facts = run_here(tmp_path, given)
    assert facts["malformed_lines"] == 2
    assert {name: one["frames"] for name, one in facts["sites"].items()} == {
        "north": 10,
        "south": 10,
    }


def test_a_topic_before_a_record_is_the_site(tmp_path: Path) -> None:
    given = b"".join(
        b"plant/rack " + json.dumps(json.loads(line)).encode() + b"\n"
        for line in lines(3).splitlines()
    )
    assert run_here(tmp_path, given)["sites"]["plant/rack"]["frames"] == 12
