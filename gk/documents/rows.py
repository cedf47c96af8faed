"""Rows from before Grafana 5, whose panels had a width and no position, to the grid."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gk.documents.parts import dicts, finite, path
from gk.documents.shapes import Json

__all__ = ["COLUMNS", "close_gaps", "place", "rows_to_grid", "seen_at"]

COLUMNS = 24
"""The width of the screen, in columns of Grafana's grid."""
_UNPLACED = {"x": 0, "y": 0, "w": 6, "h": 3}
"""Where Grafana draws a panel without a position (PanelModel.ts at v9.3.2)."""
_CELL_HEIGHT = 30 + 8  # with the margin, in pixels
_MIN_PANEL_HEIGHT = 3 * 30
_ROW_HEIGHT = 250
_SPAN = 4  # of 12


def seen_at(panel: Json) -> tuple[float, float]:
    """Where a panel is seen: from top to bottom, and from left to right."""
    position = path(panel, "gridPos")
    return position.get("y", 0), position.get("x", 0)


def place(panel: Json) -> None:
    """Give a panel the position at which Grafana draws it, in place."""
    given = panel.get("gridPos")
    if not given:
        panel["gridPos"] = dict(_UNPLACED)
    elif panel.get("type") == "row":
        # Over the whole width, whatever is there.
        panel["gridPos"] = {**given, "x": 0, "w": COLUMNS, "h": 1}
    elif "x" not in given and given.keys() >= {"y", "w", "h"}:
        panel["gridPos"] = {**given, "x": 0}


def close_gaps(panels: Sequence[Json], top: float) -> None:
    """Move panels up to the one above each, or to `top`, in place.

    Grafana's reference of the JSON model says so: "The grid has a negative gravity that moves
    panels up if there is empty space above a panel".
    """
    positions = [path(panel, "gridPos") for panel in panels]
    if not all(
        isinstance(position.get(key), (int, float)) for position in positions for key in "xywh"
    ):
        return
    bottoms = [top] * COLUMNS
    tops: list[float] = []
    positions.sort(key=lambda position: (position["y"], position["x"]))
    for position in positions:
        columns = range(
            max(0, int(position["x"])), min(COLUMNS, math.ceil(position["x"] + position["w"]))
        )
        above = max((bottoms[column] for column in columns), default=top)
        if above > position["y"]:
            # Versions do not agree on where they draw panels that overlap.
            return
        tops.append(above)
        for column in columns:
            bottoms[column] = above + position["h"]
    for position, y in zip(positions, tops, strict=True):
        position["y"] = y


def rows_to_grid(body: Json) -> None:
    """Place the panels of `rows` on the grid; there are row panels if any row is collapsed,
    repeated or has a title."""
    rows = [row for row in dicts(body, "rows") if not row.get("repeatIteration")]
    body.pop("rows", None)
    if not rows:
        return
    show_rows = any(
        row.get("collapse") or row.get("showTitle") or row.get("repeat") for row in rows
    )
    panels = body["panels"] = dicts(body, "panels")
    top = 0
    for row in rows:
        children = dicts(row, "panels")
        if show_rows:
            panels.append(_row_panel(row, top))
            top += 1
        bottom = _fill(children, _grid_height(row.get("height")) or _grid_height(_ROW_HEIGHT), top)
        if show_rows and row.get("collapse"):
            panels[-1]["panels"] = children
        else:
            panels.extend(children)
            top = bottom


def _row_panel(row: Json, top: int) -> Json:
    # Grafana writes the height of the row's panels here, and draws a row 1 high whatever it says.
    grid_pos = {"x": 0, "y": top, "w": COLUMNS, "h": 1}
    collapsed = bool(row.get("collapse"))
    panel: Json = {
        "type": "row",
        "title": row.get("title", ""),
        "collapsed": collapsed,
        "gridPos": grid_pos,
        "panels": [],
    }
    return {**panel, "repeat": row["repeat"]} if row.get("repeat") else panel


def _fill(panels: list[Json], height: int, top: int) -> int:
    """Place each panel without gridPos in a row that starts at `top`; return where the next row may
    start."""
    used = [0] * COLUMNS
    for panel in panels:
        width, panel_height = (
            max(1, min(COLUMNS, math.floor(finite(panel.pop("span", None)) or _SPAN) * 2)),
            _grid_height(panel.get("height")) or height,
        )
        min_span = finite(panel.get("minSpan"))
        if min_span:
            panel["minSpan"] = min(COLUMNS, 2 * min_span)
        if panel.get("gridPos"):
            continue
        x = _free_column(used, height)
        if COLUMNS - x < width:
            top, used, x = top + max(height, *used), [0] * COLUMNS, 0
        y = max(used[x:])
        panel["gridPos"] = {"x": x, "y": top + y, "w": width, "h": panel_height}
        used[x : x + width] = [max(bottom, y + panel_height) for bottom in used[x : x + width]]
    return top + max(height, *used)


def _free_column(used: list[int], height: int) -> int:
    """Return the leftmost column of the free space at the right end, as RowArea.getPanelPosition
    does."""
    x = COLUMNS
    while x > 0 and used[x - 1] < height and (x == COLUMNS or used[x - 1] <= used[x]):
        x -= 1
    return x


def _grid_height(height: object) -> int:
    """Convert a height in pixels, a number or a text like `250px`, to grid cells; 0 without a
    height."""
    pixels = finite(height.removesuffix("px") if isinstance(height, str) else height)
    return math.ceil(max(pixels, _MIN_PANEL_HEIGHT) / _CELL_HEIGHT) if pixels else 0
