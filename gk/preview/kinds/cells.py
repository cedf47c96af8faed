"""The cells of a table: what each shows of a value, and by what its rows are sorted."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gk.documents.parts import dicts
from gk.preview.data_links import links_of
from gk.preview.fields import display_of
from gk.preview.fields.numbers import as_float, words_of
from gk.preview.links import Anchor, anchor, menu
from gk.preview.model import Display, Field, FieldType, Frame, Shown
from gk.preview.parts import finite, flag, part, word

__all__ = ["Bar", "Cell", "cells_of", "look_of", "row_of", "sort_key"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in a cell: how much of it is filled, 0 to 1, and in what color."""

    share: float
    color: str
    mode: str
    """basic, gradient or lcd."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows. `color` is that of its text, `ground` that behind it; empty without one.
    `sort` is the value by which rows are sorted."""

    text: str
    color: str = ""
    ground: str = ""
    is_gradient: bool = False
    bar: Bar | None = None
    trend: Sequence[float | None] = ()
    links: Sequence[Anchor] = ()
    sort: float | str | None = None

    @property
    def anchors(self) -> Sequence[Anchor]:
        """The links that lead anywhere."""
        return [link for link in self.links if link.href]

    @property
    def menu(self) -> str:
        """Several links, for the page's script."""
        return menu(self.anchors)

    def __str__(self) -> str:
        return self.text


# Grafana's names until 9.4 (custom.displayMode), and what they are called since.
_OLD_MODES: Mapping[str, Mapping[str, str]] = {
    "basic": {"type": "gauge", "mode": "basic"},
    "gradient-gauge": {"type": "gauge", "mode": "gradient"},
    "lcd-gauge": {"type": "gauge", "mode": "lcd"},
    "color-background": {"type": "color-background", "mode": "gradient"},
    "color-background-solid": {"type": "color-background", "mode": "basic"},
}


def look_of(field: Field) -> Mapping[str, Any]:
    """How the cells of a field are shown: Grafana's cell options, `type` and what belongs to it."""
    given = part(field.custom, "cellOptions")
    if word(given, "type"):
        return given
    old = word(field.custom, "displayMode")
    return _OLD_MODES.get(old, {"type": old or "auto"})


def cells_of(field: Field, frame: Frame, shown: Shown) -> Callable[[int], Cell]:
    """What shows the value of a row."""
    display = display_of(field, shown.timezone, now=shown.now)
    options = look_of(field)
    dress = _DRESSES.get(word(options, "type"), _plain)
    has_links = bool(dicts(field.config, "links"))

    def cell(row: int) -> Cell:
        value = field.at(row)
        said = display(value)
        links = (
            tuple(anchor(link) for link in links_of(field, row, frame, shown.frames, shown))
            if has_links
            else ()
        )
        bare = Cell(text=str(said), links=links, sort=_sort_value(value, field))
        return dress(bare, value, said, options)

    return cell


def _plain(cell: Cell, value: Any, said: Display, options: Mapping[str, Any]) -> Cell:
    if isinstance(value, Frame):
        return _sparkline(cell, value, said, options)
    return replace(cell, text=_json(value)) if isinstance(value, dict | list) else cell


def _colored(cell: Cell, value: Any, said: Display, options: Mapping[str, Any]) -> Cell:
    return replace(_plain(cell, value, said, options), color=said.color)


def _grounded(cell: Cell, value: Any, said: Display, options: Mapping[str, Any]) -> Cell:
    cell = _plain(cell, value, said, options)
    return replace(cell, ground=said.color, is_gradient=word(options, "mode") != "basic")


def _gauge(cell: Cell, value: Any, said: Display, options: Mapping[str, Any]) -> Cell:
    mode = word(options, "mode")
    mode = mode if mode in ("basic", "lcd") else "gradient"
    if value is None:
        return replace(cell, bar=Bar(0.0, said.color, mode))
    if said.number is None or not math.isfinite(said.number):
        return _plain(cell, value, said, options)
    share = said.percent if said.percent is not None and math.isfinite(said.percent) else 0.0
    text = word(options, "valueDisplayMode")
    return replace(
        cell,
        text="" if text == "hidden" else cell.text,
        # Without a mode, 9.3 had the colour; 12.4 has not.
        color=said.color if text == "color" else "",
        bar=Bar(min(max(share, 0.0), 1.0), said.color, mode),
    )


def _as_json(cell: Cell, value: Any, said: Display, options: Mapping[str, Any]) -> Cell:
    return cell if isinstance(value, str) else replace(cell, text=_json(value))


def _sparkline(cell: Cell, value: Any, said: Display, options: Mapping[str, Any]) -> Cell:
    if not isinstance(value, Frame):
        return cell
    numbers = next((field for field in value.fields if field.type is FieldType.NUMBER), None)
    if numbers is None:
        return replace(cell, text="")
    trend = tuple(finite(value) for value in numbers.values)
    last = next((value for value in reversed(trend) if value is not None), None)
    hidden = flag(options, "hideValue") or last is None
    text = "" if hidden else str(display_of(numbers)(last))
    return replace(cell, text=text, trend=trend, color=said.color, sort=last)


def _titles(cell: Cell, value: Any, said: Display, options: Mapping[str, Any]) -> Cell:
    return replace(cell, text=", ".join(link.title for link in cell.links))


_DRESSES: Mapping[str, Callable[[Cell, Any, Display, Mapping[str, Any]], Cell]] = {
    "color-text": _colored,
    "color-background": _grounded,
    "gauge": _gauge,
    "json-view": _as_json,
    "sparkline": _sparkline,
    "data-links": _titles,
}


def _json(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return str(value)


def row_of(cells: list[Cell], fields: Sequence[Field]) -> list[Cell]:
    """The cells of a row, all on the background of one of them whose colour is the row's."""
    painting = next(
        (
            cell
            for cell, field in zip(cells, fields, strict=True)
            if cell.ground and flag(look_of(field), "applyToRow")
        ),
        None,
    )
    if painting is None:
        return cells
    ground, is_gradient = painting.ground, painting.is_gradient
    return [
        replace(cell, ground=ground, is_gradient=is_gradient)
        if cell.ground in ("", "transparent")
        else cell
        for cell in cells
    ]


# Order

_DIGITS = re.compile(r"(\d{1,15})")


def sort_key(field: Field, row: int) -> tuple[Any, ...]:
    """Nothing comes first; numbers go by their value, texts as people order them: disk2, disk10."""
    value = _sort_value(field.at(row), field)
    if value is None:
        return (0,)
    if isinstance(value, float):
        return (1, value)
    pieces = _DIGITS.split(value.casefold())
    # Every second piece is a number.
    return (
        2,
        *((piece, 0) if index % 2 == 0 else ("", int(piece)) for index, piece in enumerate(pieces)),
    )


def _sort_value(value: Any, field: Field) -> float | str | None:
    if value is None or value == "":
        return None
    if isinstance(value, int | float):
        number = as_float(value)
        return None if math.isnan(number) else number
    return words_of(value) if field.type is not FieldType.OTHER else _json(value)
