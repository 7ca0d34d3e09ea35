"""Settings from a flow as typed values: environment, secrets, paths, units."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from flowrt.flow.convert import Converter, Unset, expand
from flowrt.node import Duration, Hex, Resource, Secret, Transform, node, setting


@node("test/bus")
class Bus(Resource):
    """A bus."""


@dataclass(kw_only=True)
class Row:
    """A row."""

    address: Hex = setting("Where.")
    scale: float = setting("How much.", default=1.0)


@node("test/all")
class All(Transform):
    """A bit of everything."""

    every: Duration = setting("How often.", default=1.0)
    file: Path | None = setting("A file.", default=None)
    rows: list[Row] = setting("A table.", default=list)
    bus: Bus | None = setting("A bus.", default=None)
    key: Secret | None = setting("A secret.", default=None)
    scale: float = setting("A number.", default=1.0)


def converter(folder: Path, **environment: str) -> Converter:
    buses: dict[str, Resource] = {"can0": BUS}
    return Converter(folder, buses.__getitem__, environment)


BUS = Bus()


def test_every_type_is_converted(tmp_path: Path) -> None:
    (tmp_path / "x.dbc").touch()
    settings = {
        "every": "5 min",
        "file": "x.dbc",
        "rows": [{"address": "0x10"}],
        "bus": "can0",
        "scale": 3,
    }
    made = converter(tmp_path).node(All, settings)
    assert isinstance(made, All)
    assert (made.every, made.file, made.bus) == (300.0, tmp_path / "x.dbc", BUS)
    assert made.rows == [Row(address=16)]
    assert type(made.scale) is float


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("${A}", {"type": "string"}, "7"),
        ("${A}", {"type": "integer"}, 7),
        ("${B:-1.5}", {"type": "number"}, 1.5),
        ("${B:-yes}", {"type": "boolean"}, True),
        ("${B:-}", {"type": "string"}, ""),
        ("tcp://${A}:${B:-80}", {"type": "string"}, "tcp://7:80"),
        ("${B:-x}", {"type": "integer"}, "x"),
        ("$A {A}", {"type": "string"}, "$A {A}"),
    ],
)
def test_environment(text: str, schema: dict[str, str], value: object) -> None:
    assert expand(text, schema, {"A": "7"}) == value


def test_environment_is_filled_in_inside_tables() -> None:
    schema = {"type": "array", "items": {"properties": {"n": {"type": "integer"}}}}
    assert expand([{"n": "${A}"}], schema, {"A": "7"}) == [{"n": 7}]


def test_an_unset_variable_is_told_with_the_remedy() -> None:
    with pytest.raises(Unset, match=r"HOST is not set\. Set it, or give a default: \$\{HOST:-"):
        expand("${HOST}", {"type": "string"}, {})


def test_a_secret_comes_from_a_private_file(tmp_path: Path) -> None:
    (tmp_path / "cloud").write_text("hunter2\n")
    (tmp_path / "cloud").chmod(0o600)
    made = converter(tmp_path, FLOWRT_SECRETS=str(tmp_path)).node(All, {"key": {"secret": "cloud"}})
    assert isinstance(made, All)
    assert made.key is not None
    assert (made.key.reveal(), repr(made.key)) == ("hunter2", "Secret('cloud')")
