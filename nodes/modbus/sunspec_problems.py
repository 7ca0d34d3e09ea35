"""What is wrong with the points of a SunSpec map that a schema cannot say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nodes.modbus.sunspec_models import MODELS, Model, Point

if TYPE_CHECKING:
    from nodes.modbus.sunspec import ShownPoint, SunSpec

__all__ = ["row_problems"]


def row_problems(node: SunSpec) -> Iterator[tuple[str, str]]:
    """Each as place and sentence."""
    seen: set[tuple[str, int]] = set()
    for index, row in enumerate(node.points):
        place = f"points[{index}]"
        for key, sentence in _of_row(node, row):
            yield f"{place}.{key}" if key else place, sentence
        shown = (row.point, row.string)
        if shown in seen and not row.alarm:
            yield f"{place}.point", f"{row.point} is there already. Remove one."
        seen.add(shown)
    if len(set(node.models)) < len(node.models):
        yield "models", "a model stands there twice. Remove one."
    for name in node.scales:
        if not _is_scale(name):
            yield f"scales.{name}", "is no scale factor of any model, such as W_SF or 802.W_SF."


def _of_row(node: SunSpec, row: ShownPoint) -> Iterator[tuple[str, str]]:
    id, _, name = row.point.partition(".")
    model = MODELS.get(int(id))
    point = model.find(name) if model else None
    if model is None or model.id not in node.models:
        known = ", ".join(map(str, node.models))
        yield "point", f"model {id} is not served here. Served are {known}."
    elif point is None or point.type in ("sf", "pad"):
        yield "point", f"model {id} has no point {name} to show."
    else:
        yield from _of_point(node, row, model, point)
    if sum((bool(row.signal), bool(row.alarm), row.value is not None)) != 1:
        yield "", 'needs one of "signal", "alarm" and "value".'


def _of_point(
    node: SunSpec, row: ShownPoint, model: Model, point: Point
) -> Iterator[tuple[str, str]]:
    if point.name in model.group and not 1 <= row.string <= node.strings:
        yield "string", f"{point.name} is of a string: give one from 1 to {node.strings}."
    if point.name not in model.group and row.string:
        yield "string", f"{point.name} is of the whole model. Leave it out."
    if row.alarm and point.type != "bits":
        yield "alarm", f"{point.name} has no bits that an alarm could set."
    if point.type.startswith("text"):
        yield "point", f"{point.name} is a text; see the node's own settings."


def _is_scale(name: str) -> bool:
    id, dot, factor = name.rpartition(".")
    models = [model for model in MODELS.values() if not dot or str(model.id) == id]
    return any(
        point.type == "sf" and point.name == factor
        for model in models
        for point in model.points.values()
    )
