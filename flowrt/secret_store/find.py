"""Looks up the value of a named secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from flowrt.errors import SecretMissing
from flowrt.secret_store.sealed import SUFFIX, key_file, opened

__all__ = ["secret_folder", "secret_value", "well_named"]

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


def secret_value(name: str, environment: Mapping[str, str]) -> str:
    """The value of a named secret, from systemd's credentials, a sealed or a private file.

    Looked for in $CREDENTIALS_DIRECTORY (systemd) and the secrets' folder, where NAME.sealed comes
    before NAME; a plain file others can read is refused. Raises SecretMissing.
    """
    well_named(name)
    credentials, folder = environment.get("CREDENTIALS_DIRECTORY"), secret_folder(environment)
    if credentials and (value := _text(Path(credentials) / name)):
        return value
    file, closed = folder / name, folder / f"{name}{SUFFIX}"
    if closed.is_file():
        return opened(name, closed.read_bytes(), key_file(environment))
    if file.is_file() and file.stat().st_mode & 0o077:
        raise SecretMissing(f'the secret "{name}" can be read by others. Run: chmod 600 {file}')
    if value := _text(file):
        return value
    raise SecretMissing(
        f'the secret "{name}" has no value here. Put it into the file {file} (chmod 600), seal it '
        f"with: flowrt secret set {name}, or hand it over as a systemd credential"
    )


def secret_folder(environment: Mapping[str, str]) -> Path:
    """$FLOWRT_SECRETS, else ~/.config/flowrt/secrets."""
    default = Path(environment.get("HOME", "/root")) / ".config" / "flowrt" / "secrets"
    return Path(environment.get("FLOWRT_SECRETS") or default)


def well_named(name: str) -> None:
    """Raises SecretMissing for what is no name: a path, say."""
    if not _NAME.fullmatch(name):
        raise SecretMissing(f'"{name}" is no name of a secret: use letters, digits, - and _')


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8").rstrip("\n") if file.is_file() else ""
