"""The values that stat, gauge, bar gauge and pie chart show: one for each field and calculation, or
one for each row.

As getFieldDisplayValues does it (@grafana/data 9.3 to 12.4, field/fieldDisplay): the names, the
limit, the range of a gauge, and the text of a panel without data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict

from gk.documents.parts import dicts
from gk.preview.data_links import links_of, said
from gk.preview.fields import (
    Step,
    configured,
    display_of,
    limits_of,
    matcher_of,
    name_of,
    named,
    reduced,
    steps_of,
)
from gk.preview.model import Display, Field, FieldType, Frame, Link, Shown
from gk.preview.parts import finite, number, part, word, words

__all__ = ["Reading", "change_text", "readings"]

_LIMIT = 25
"""How many values a panel shows that has no limit (DEFAULT_FIELD_DISPLAY_VALUES_LIMIT)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a panel.

    `field` is where it is from; `steps` are its thresholds between `minimum` and `maximum`. `trend`
    is the series as pairs of milliseconds and value, if it is asked for, and `change` is the change
    over it as a share. A panel without data has one reading, which says so.
    """

    title: str
    display: Display
    field: Field
    minimum: float = 0.0
    maximum: float = 100.0
    steps: Sequence[Step] = ()
    trend: Sequence[tuple[float, float | None]] = ()
    change: float | None = None
    links: Sequence[Link] = ()
    is_empty: bool = False


def readings(shown: Shown, *, trend: bool = False, change: bool = False) -> list[Reading]:
    """The values that a panel's `reduceOptions` choose; never none."""
    options = part(shown.options, "reduceOptions")
    is_chosen = _choosing(options)
    given = number(options, "limit")
    limit = int(given) if given and given >= 1 else _LIMIT
    values: list[Reading] = []
    for frame in shown.frames:
        for field in frame.fields:
            if not is_chosen(field, frame, shown.frames):
                continue
            if options.get("values") is not True:
                values += _calculated(field, frame, shown, trend, change)
            elif len(values) < limit:
                values += _rows(field, frame, shown, len(values), limit)
    return values or [_nothing(shown)]


def change_text(change: float) -> str:
    """A change as a stat shows it: in percent, with three significant digits."""
    text = f"{float(f'{change * 100:.3g}'):,.6f}"
    return f"{text.rstrip('0').rstrip('.')}%"


def _choosing(options: Mapping[str, Any]) -> Callable[[Field, Frame, Sequence[Frame]], bool]:
    """Which fields a panel shows: those that a regular expression names, or all numbers."""
    given = word(options, "fields")
    named = matcher_of({"id": "byRegexp", "options": given}) if given else None
    return named or (lambda field, frame, frames: field.type is FieldType.NUMBER)


def _calculated(
    field: Field, frame: Frame, shown: Shown, trend: bool, change: bool
) -> Iterator[Reading]:
    show = display_of(field, shown.timezone, now=shown.now)
    percent = finite(reduced(field, "diffperc")) if change else None
    for calculation in words(part(shown.options, "reduceOptions"), "calcs") or ["lastNotNull"]:
        value = reduced(field, calculation)
        display = show(value)
        # In a link, the value is the calculated one.
        alone = replace(field, values=[value, *field.values[1:]])
        yield Reading(
            title=_title(field, frame, shown, calculation),
            display=display,
            field=field,
            trend=_trend(field, frame) if trend else (),
            change=None if percent is None else percent / 100,
            links=links_of(alone, 0, frame, shown.frames, shown),
            **_range(field),
        )


def _title(field: Field, frame: Frame, shown: Shown, calculation: str) -> str:
    name = word(field.config, "displayName")
    if not name:
        return name_of(field, frame, shown.frames)
    name = name.replace("${__calc}", calculation).replace("$__calc", calculation)
    return said(name, field, 0, frame, shown)


def _rows(field: Field, frame: Frame, shown: Shown, first: int, limit: int) -> Iterator[Reading]:
    """The values of a field. Each has a colour of the palette of its own."""
    for row, value in enumerate(field.values[: limit - first]):
        own = replace(field, index=first + row)
        display = display_of(own, shown.timezone, now=shown.now)(value)
        title = _row_title(field, frame, row, shown)
        color = _override_color(title, shown)
        yield Reading(
            title=title,
            display=replace(display, color=color) if color else display,
            field=own,
            links=links_of(field, row, frame, shown.frames, shown),
            **_range(field),
        )


def _row_title(field: Field, frame: Frame, row: int, shown: Shown) -> str:
    """A row's texts, and the field's name if there are none or several numbers."""
    name = word(field.config, "displayName")
    if name:
        return said(name, field, row, frame, shown)
    others = [other for other in frame.fields if other is not field]
    texts = [
        str(display_of(other, shown.timezone, now=shown.now)(other.values[row]))
        for other in others
        if other.type is FieldType.STRING and row < len(other.values)
    ]
    texts = [text for text in texts if text]
    if any(other.type is FieldType.NUMBER for other in others) or not texts:
        texts.append(name_of(field, frame, shown.frames))
    return " ".join(texts)


def _override_color(title: str, shown: Shown) -> str | None:
    """The colour that an override gives to the name of a row, although that names no field."""
    for override in dicts(part(shown.body, "fieldConfig"), "overrides"):
        matcher = part(override, "matcher")
        if matcher.get("id") != "byName" or matcher.get("options") != title:
            continue
        for option in dicts(override, "properties"):
            color = word(part(option, "value"), "fixedColor")
            if option.get("id") == "color" and color:
                return named(color)
    return None


class _Range(TypedDict):
    minimum: float
    maximum: float
    steps: Sequence[Step]


def _range(field: Field) -> _Range:
    """What a gauge needs besides the value."""
    low, high = limits_of(field)
    return {"minimum": low, "maximum": high, "steps": tuple(steps_of(field, low, high))}


def _trend(field: Field, frame: Frame) -> tuple[tuple[float, float | None], ...]:
    if frame.times is None:
        return ()
    pairs = zip(frame.times.values, field.values, strict=False)
    known = ((finite(time), finite(value)) for time, value in pairs)
    return tuple((time, value) for time, value in known if time is not None)


def _nothing(shown: Shown) -> Reading:
    """The reading of a panel without data: the defaults' `noValue`, or the text to which they map
    null."""
    config = part(part(shown.body, "fieldConfig"), "defaults")
    bare = [Frame([Field(name="", type=FieldType.OTHER, values=())])]
    field = configured(bare, {"defaults": config}, panel=shown.type)[0].fields[0]
    display = display_of(field, shown.timezone, now=shown.now)(None)
    return Reading(
        title="",
        display=display if display.text else replace(display, text="No data"),
        field=field,
        minimum=number(config, "min") or 0.0,
        maximum=number(config, "max") or 0.0,
        is_empty=True,
    )
