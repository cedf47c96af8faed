"""A preview as JSON: what each panel shows, as values. docs/commands.md describes the document."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from gk.preview.asking import Preview
from gk.preview.kinds import kind_of
from gk.preview.model import Board, Placed, Section
from gk.preview.parts import number, word

__all__ = ["VERSION", "as_json"]

VERSION = 1
"""Version of the document. It increases if a field is removed or changes its meaning, not if one is
added."""


def as_json(preview: Preview) -> str:
    """The document. A number that JSON has not, such as NaN, is null."""
    document = {
        "version": VERSION,
        "boards": [_board(board) for board in preview.boards],
        "unanswered": list(preview.unanswered),
    }
    return json.dumps(document, indent=2, allow_nan=False)


def _board(board: Board) -> dict[str, Any]:
    variables = [{"label": label, "value": value} for label, value in board.variables]
    return {
        "uid": board.uid,
        "title": board.title,
        "description": board.description,
        "tags": list(board.tags),
        "links": _plain(board.links),
        "variables": variables,
        "time": _plain(board.time),
        "timezone": board.timezone,
        "notes": _plain(board.notes),
        "sections": [_section(section) for section in board.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "kind": section.kind.value,
        "is_folded": section.is_folded,
        "panels": [_panel(panel) for panel in section.panels],
        "sections": [_section(inner) for inner in section.sections],
    }


def _panel(placed: Placed) -> dict[str, Any]:
    panel = placed.panel
    id_ = number(panel.body, "id")
    return {
        "id": None if id_ is None else int(id_),
        "title": panel.title,
        "type": panel.type,
        "description": panel.interpolate(word(panel.body, "description")),
        "place": {"x": placed.x, "y": placed.y, "w": placed.w, "h": placed.h},
        "links": _plain(panel.links),
        "notes": _plain(panel.notes),
        "annotations": _plain(panel.annotations),
        "view": _plain(kind_of(panel.type).view(panel)),
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it: dataclasses by their fields, enumerations by their values."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        given = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        # How a number is formatted is nothing to write down; what came of it is.
        return {name: _plain(inside) for name, inside in given.items() if not callable(inside)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inside) for key, inside in value.items()}
    if isinstance(value, Sequence):
        return [_plain(inside) for inside in value]
    return str(value)
