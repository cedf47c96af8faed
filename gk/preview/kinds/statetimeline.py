"""State timeline: a band for each series, whose parts are its states over time.

Equal neighbours are one state. Where the colour follows thresholds, the states are the ranges
between these, as in Grafana 9.3 to 12.4, which then ignores value mappings (grafana/grafana#71804).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from gk.preview.fields import display_of, formatted, name_of, steps_of
from gk.preview.kinds import legends, plots
from gk.preview.kinds.boxes import choice, content_size, cut_to, number_in, part, percent
from gk.preview.kinds.legends import Entry, Legend
from gk.preview.kinds.plots import Tick
from gk.preview.model import Display, Field, FieldType, Frame, Shown
from gk.preview.svg import element, text_width
from gk.preview.theme import PAGE, Theme

__all__ = ["Row", "State", "StatesView", "draw", "html", "states_view", "view"]

_SIZE = 12.0


@dataclass(frozen=True, slots=True)
class State:
    """A state from one time to another, in milliseconds since 1970."""

    start: float
    end: float
    text: str
    color: str


@dataclass(frozen=True, slots=True)
class Row:
    """The states of a series."""

    name: str
    states: Sequence[State]
    fill: float = 0.7
    line: float = 0.0


@dataclass(frozen=True, slots=True)
class StatesView:
    """What a state timeline or a status history shows. `width` and `height` are of its content on a
    screen of 1600; `row_height` and `column_width` are the shares of their room that the states
    fill."""

    rows: Sequence[Row]
    start: float
    end: float
    width: float
    height: float
    times: Sequence[Tick] = ()
    show_value: str = "auto"
    align: str = "left"
    row_height: float = 0.9
    column_width: float = 1.0
    legend: Legend | None = None


def view(shown: Shown) -> StatesView:
    """What a state timeline shows."""
    merges = shown.options.get("mergeValues") is not False
    return states_view(shown, lambda field, says: _timeline(field, says, shown, merges))


Says = Callable[[Any], Display]
Spans = Iterator[tuple[float, float, Any]]


def states_view(
    shown: Shown,
    states_of: Callable[[tuple[Field, Field], Says], Sequence[State]],
    *,
    align: str = "left",
    fill: float = 70.0,
) -> StatesView:
    """The view of states that `states_of` makes of a time field and a field, and of what is shown
    of its values."""
    options = shown.options
    rows: list[Row] = []
    entries: dict[str, Entry] = {}
    for frame in shown.frames:
        times = next((each for each in frame.fields if each.type is FieldType.TIME), None)
        for field in frame.fields:
            if times is None or field.type is FieldType.TIME or _hidden(field, "viz"):
                continue
            says = _says(field, shown, options.get("mergeValues") is not False)
            states = states_of((times, field), says)
            rows.append(_row(field, frame, shown, states, fill))
            if not _hidden(field, "legend"):
                entries |= _entries(field, states)
    width, height = content_size(shown)
    left = plots.left_of([each.name for each in rows], width)
    start, end = shown.time.start * 1000, shown.time.end * 1000
    return StatesView(
        rows=tuple(rows),
        start=start,
        end=end,
        width=width,
        height=height,
        times=plots.time_axis(start, end, width - left, shown.timezone),
        show_value=choice(options, "showValue", "auto", "always", "never"),
        align=choice(options, "alignValue", align, "left", "center", "right"),
        row_height=_share(options, "rowHeight", 0.9),
        column_width=_share(options, "colWidth", 0.9),
        legend=legends.legend_of(options, list(entries.values())),
    )


def _hidden(field: Field, where: str) -> bool:
    return part(part(field.config, "custom"), "hideFrom").get(where) is True


def _share(options: Mapping[str, Any], key: str, default: float) -> float:
    given = number_in(options, key)
    return default if given is None else min(1.0, max(0.05, given))


def _row(
    field: Field, frame: Frame, shown: Shown, states: Sequence[State], fill: float
) -> Row:
    custom = part(field.config, "custom")
    given = number_in(custom, "fillOpacity")
    return Row(
        name=name_of(field, frame, shown.frames),
        states=tuple(states),
        fill=min(1.0, max(0.0, (fill if given is None else given) / 100)),
        line=min(10.0, max(0.0, number_in(custom, "lineWidth") or 0.0)),
    )


def _mode(field: Field) -> str:
    return str(part(field.config, "color").get("mode") or "")


def _says(field: Field, shown: Shown, merges: bool) -> Says:
    """What is shown of a field's values: the range between thresholds, if it follows these."""
    display = display_of(field, shown.timezone)
    if field.type is not FieldType.NUMBER or not merges or _mode(field) != "thresholds":
        return display
    ranges = {color: text for text, color in reversed(_ranges(field))}

    def said(value: Any) -> Display:
        # Mappings would change the colour, too.
        here = plain(value)
        return replace(here, text=ranges.get(here.color, here.text), prefix="", suffix="")

    plain = display_of(
        replace(field, config={**field.config, "mappings": []}), shown.timezone
    )
    return said if ranges else display


def _ranges(field: Field) -> list[tuple[str, str]]:
    """The ranges between thresholds and their colours: `< 80`, `80+`."""
    thresholds = part(field.config, "thresholds")
    steps = thresholds.get("steps")
    unit = str(field.config.get("unit") or "")
    if thresholds.get("mode") == "percentage":
        unit = "percent"
    given = [each for each in steps if isinstance(each, dict)] if isinstance(steps, list) else []
    bounds = [(number_in(each, "value"), str(each.get("color") or "")) for each in given]
    if not bounds:
        bounds = [(each.value, each.color) for each in steps_of(field)]
    found = []
    for index, (value, color) in enumerate(bounds):
        following = bounds[index + 1][0] if index + 1 < len(bounds) else None
        if value is None and following is not None:
            found.append((f"< {formatted(following, unit)}", color))
        else:
            text = "-∞" if value is None else str(formatted(value, unit))
            found.append((f"{text}+", color))
    return found


def _entries(field: Field, states: Sequence[State]) -> dict[str, Entry]:
    """The entries of the legend: ranges between thresholds, or the states that occur. Continuous
    colours have none."""
    mode = _mode(field)
    if mode == "thresholds":
        ranges = _ranges(field)
        if len(ranges) > 1:
            return {text: Entry(text, color) for text, color in ranges}
    if mode.startswith("continuous"):
        return {}
    return {each.text: Entry(each.text, each.color) for each in states if each.text}


def _timeline(
    fields: tuple[Field, Field], says: Says, shown: Shown, merges: bool
) -> list[State]:
    """The states of a field within the panel's time: each lasts until the next value, or for the
    interval of the query if a value is missing after it."""
    states: list[State] = []
    for start, end, value in _spans(*fields, shown.time.end * 1000):
        begin = max(start, shown.time.start * 1000)
        said = None if value is None else says(value)
        if said is None or end <= begin:
            continue
        state = State(begin, end, str(said), said.color)
        last = states[-1] if states else None
        if merges and last and (last.end, last.text, last.color) == (begin, state.text, state.color):
            states[-1] = replace(last, end=end)
        else:
            states.append(state)
    return states


def _spans(times: Field, field: Field, end: float) -> Spans:
    interval = number_in(times.config, "interval")
    pairs = [
        pair
        for pair in zip(times.values, field.values, strict=False)
        if isinstance(pair[0], (int, float))
    ]
    for index, (time, value) in enumerate(pairs):
        following = float(pairs[index + 1][0]) if index + 1 < len(pairs) else end
        if interval and following - time > interval * 1.5:
            following = time + interval
        yield float(time), min(following, end), value


def draw(view: StatesView, width: float, height: float, theme: Theme) -> Markup:
    """The bands, with their names on the left, the time below, and the legend."""
    if not view.rows:
        return _nothing(width, height, theme)
    box, below = legends.split(view.legend, width, height)
    left = plots.left_of([each.name for each in view.rows], width)
    room = plots.area_of(box, left)
    area = _area(view, room.width, room.height, theme)
    picture = plots.drawn(area, _labels(view, left), view.times, box, left, theme)
    if view.legend is None:
        return picture
    return picture + legends.drawn(view.legend, below, (width, height), theme)


def html(view: StatesView) -> Markup:
    """The bands, which fill the panel."""
    if not view.rows:
        return element("svg", _nothing(view.width, view.height, PAGE), width="100%", height="100%")
    box, _ = legends.split(view.legend, view.width, view.height)
    left = plots.left_of([each.name for each in view.rows], view.width)
    room = plots.area_of(box, left)
    area = _area(view, room.width, room.height, PAGE)
    now = (f"{each.name}: {each.states[-1].text}" for each in view.rows[:20] if each.states)
    plot = plots.html(area, _labels(view, left), view.times, left, ", ".join(now))
    return legends.beside(view.legend, plot)


def _nothing(width: float, height: float, theme: Theme) -> Markup:
    del width, height
    return element(
        "text",
        "No data",
        x="50%",
        y="50%",
        font_size=14,
        text_anchor="middle",
        fill=theme.paint("faint"),
    )


def _labels(view: StatesView, left: float) -> list[Tick]:
    count = len(view.rows)
    return [
        Tick((index + 0.5) / count, cut_to(row.name, left - 8, _SIZE))
        for index, row in enumerate(view.rows)
    ]


def _area(view: StatesView, width: float, height: float, theme: Theme) -> Markup:
    tall = height / len(view.rows)
    span = (view.end - view.start) or 1.0
    return Markup("").join(
        _box(
            state,
            row,
            view,
            ((state.start - view.start) / span * width, (state.end - state.start) / span * width),
            (index * tall + tall * (1 - view.row_height) / 2, tall * view.row_height),
            (width, height),
            theme,
        )
        for index, row in enumerate(view.rows)
        for state in row.states
    )


def _box(
    state: State,
    row: Row,
    view: StatesView,
    across: tuple[float, float],
    down: tuple[float, float],
    whole: tuple[float, float],
    theme: Theme,
) -> Markup:
    """A state; what does not fit into its box is cut off."""
    color = theme.paint(state.color)
    size = min(_SIZE, down[1])
    fits = text_width(state.text, size) + 6 <= across[1] and down[1] >= 8
    has_text = view.show_value == "always" or (view.show_value == "auto" and fits)
    place = {
        "x": percent(across[0], whole[0]),
        "y": percent(down[0], whole[1]),
        "width": percent(max(across[1], 0.5), whole[0]),
        "height": percent(down[1], whole[1]),
    }
    looks = {
        "fill": color,
        "fill_opacity": row.fill,
        "stroke": color if row.line else None,
        "stroke_width": row.line or None,
    }
    title = element("title", f"{row.name}: {state.text}")
    if not has_text or not state.text or math.isnan(across[1]):
        return element("rect", title, **place, **looks)
    x, anchor = {"left": ("0", "start"), "center": ("50%", "middle"), "right": ("100%", "end")}[
        view.align
    ]
    text = element(
        "text",
        state.text,
        x=x,
        dx={"start": 4, "end": -4}.get(anchor),
        y="50%",
        dy=size * 0.36,
        font_size=size,
        text_anchor=anchor,
        fill=theme.paint("text"),
    )
    return element("svg", element("rect", title, width="100%", height="100%", **looks), text, **place)
