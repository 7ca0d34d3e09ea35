"""`flowrt new`: what it writes works as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import flowrt

ROOT = Path(__file__).parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the source in which a node may be written."""
    for part in ("flowrt", "tests", "pyproject.toml"):
        (tmp_path / part).symlink_to(ROOT / part)
    shutil.copytree(ROOT / "nodes", tmp_path / "nodes")
    return tmp_path


def pytest_in(folder: Path, *arguments: str) -> str:
    """What pytest says in a checkout, which comes before the installed source."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@pytest.mark.parametrize("kind", ["transform", "source", "sink"])
def test_a_new_node_passes_its_own_test_and_the_universal_checks(kind: str, checkout: Path) -> None:
    out = checkout / "out"
    result = flowrt("new", "site/my-node", "--kind", kind, "--into", out)
    assert result.returncode == 0, result.stderr
    shutil.copytree(out / "nodes" / "site", checkout / "nodes" / "site")
    assert "1 passed" in pytest_in(checkout, "out/tests/nodes/site/test_my_node.py")
    assert "passed" in pytest_in(checkout, "tests/nodes/test_every_node.py", "-k", "site/my-node")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    flowrt("new", "site/my-node", "--into", tmp_path)
    again = flowrt("new", "site/my-node", "--into", tmp_path)
    assert again.returncode == 1
    assert "my_node.py is there already. Choose another name, or remove it." in again.stderr


@pytest.mark.parametrize("name", ["node", "Pack/Node", "../x/y", "a/b/c", "a/"])
def test_a_bad_name_is_a_usage_error(name: str, tmp_path: Path) -> None:
    assert flowrt("new", name, "--into", tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []
