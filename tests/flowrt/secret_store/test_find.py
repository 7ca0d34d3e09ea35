"""Where the value of a secret is found, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrt.errors import SecretMissing
from flowrt.secret_store.find import secret_value


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cloud").write_text("hunter2")
    (tmp_path / "cloud").chmod(0o644)
    with pytest.raises(SecretMissing, match=r"can be read by others\. Run: chmod 600"):
        secret_value("cloud", {"FLOWRT_SECRETS": str(tmp_path)})


def test_a_missing_secret_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing, match=rf"Put it into the file {tmp_path}/cloud"):
        secret_value("cloud", {"FLOWRT_SECRETS": str(tmp_path)})


@pytest.mark.parametrize("name", ["../cloud", "/etc/passwd", ".."])
def test_a_secret_is_a_name_and_no_path(name: str, tmp_path: Path) -> None:
    with pytest.raises(SecretMissing):
        secret_value(name, {"FLOWRT_SECRETS": str(tmp_path)})


def test_an_empty_secret_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "cloud").write_text("\n")
    (tmp_path / "cloud").chmod(0o600)
    with pytest.raises(SecretMissing, match="has no value here"):
        secret_value("cloud", {"CREDENTIALS_DIRECTORY": str(tmp_path), "HOME": str(tmp_path)})
