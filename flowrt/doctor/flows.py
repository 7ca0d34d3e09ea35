"""Looks at flow files: their problems, and the secrets that they name."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from flowrt.doctor.finding import Finding
from flowrt.errors import FlowFileError, SecretMissing
from flowrt.flow.check import prepare
from flowrt.flow.file import flow_files, read_flow
from flowrt.secret_store.find import secret_value

__all__ = ["examine_flows", "secrets_of"]


def examine_flows(paths: Sequence[Path]) -> Iterator[Finding]:
    """Every flow of these files and folders, then every secret that they name."""
    for file in _files(paths):
        try:
            flow = read_flow(file)
        except FlowFileError as error:
            yield Finding(file.stem, "fail", "cannot be read", str(error))
            continue
        problems = [] if flow.is_subflow else prepare(flow, needs_secrets=False).problems
        if problems:
            found = f"{problems[0].place}: {problems[0].sentence}"
            more = f"{len(problems)} problems: " if len(problems) > 1 else ""
            yield Finding(flow.name, "fail", more + found, f"flowrt check {file}")
        else:
            yield Finding(flow.name, "ok", "a subflow" if flow.is_subflow else "no problem")
    for name in secrets_of(paths):
        yield _secret(name)


def secrets_of(paths: Sequence[Path]) -> list[str]:
    """The secrets that flows of these files and folders name; a flow that cannot be read, none."""
    found: dict[str, None] = {}
    for file in _files(paths):
        with contextlib.suppress(FlowFileError):
            found.update(dict.fromkeys(_secrets(read_flow(file).document)))
    return list(found)


def _files(paths: Sequence[Path]) -> list[Path]:
    return [file for path in paths for file in flow_files(path)]


def _secret(name: str) -> Finding:
    try:
        secret_value(name, os.environ)
    except SecretMissing as error:
        return Finding(f"secret {name}", "warn", "has no value for this user", str(error))
    return Finding(f"secret {name}", "ok", "has a value")


def _secrets(value: Any) -> Iterator[str]:
    """The names in `{"secret": NAME}`, wherever they stand."""
    if isinstance(value, dict):
        if value.keys() == {"secret"} and isinstance(value["secret"], str):
            yield value["secret"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _secrets(item)
