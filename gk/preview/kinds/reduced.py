"""The values that stat, gauge, bar gauge and pie chart show: one for each field and calculation, or
one for each row.

As getFieldDisplayValues does it (@grafana/data 9.3 to 12.4, field/fieldDisplay): the names, the
limit, the range of a gauge, and what stands for no data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gk.preview.fields import display_of, name_of, reduced, steps_of
from gk.preview.fields import Step
from gk.preview.kinds.boxes import number_in, part
from gk.preview.model import Display, Field, FieldType, Frame, Link, Shown

__all__ = ["Reading", "change_text", "names_line", "readings"]

_LIMIT = 25
"""How many values a panel shows that has no limit (DEFAULT_FIELD_DISPLAY_VALUES_LIMIT)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a panel.

    `field` is where it is from, with the range of the gauge in its configuration; `steps` are its
    thresholds. `trend` is the series as pairs of milliseconds and value, if it is asked for, and
    `change` is the change over it as a share. A panel without data has one reading, which says so.
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
    found: list[Reading] = []
    ranged = _ranged(shown.frames)
    for frame in ranged:
        fields = [each for each in frame.fields if _is_chosen(each, frame, ranged, options)]
        for field in fields:
            if options.get("values") is True:
                found += _rows(field, frame, ranged, shown, _limit(options) - len(found))
            else:
                found += _calculated(field, frame, ranged, shown, trend, change)
            if options.get("values") is True and len(found) >= _limit(options):
                return found
    return found or [_nothing(shown)]


def names_line(found: Sequence[Reading]) -> str:
    """Values as one line of text, for a screen reader."""
    return ", ".join(f"{each.title}: {each.display}" if each.title else str(each.display)
                     for each in found[:20])  # fmt: skip


def change_text(change: float) -> str:
    """A change as a stat shows it: in percent, with three significant digits."""
    digits = float(f"{change * 100:.3g}")
    text = f"{digits:,.6f}"
    return f"{text.rstrip('0').rstrip('.')}%"


def _limit(options: Mapping[str, Any]) -> int:
    given = number_in(options, "limit")
    return int(given) if given and given >= 1 else _LIMIT


def _is_chosen(
    field: Field, frame: Frame, frames: Sequence[Frame], options: Mapping[str, Any]
) -> bool:
    """Whether a panel shows a field: those that a regular expression names, or all numbers."""
    given = options.get("fields")
    if not isinstance(given, str) or not given:
        return field.type is FieldType.NUMBER
    return bool(_pattern(given)(name_of(field, frame, frames)))


def _pattern(text: str) -> Callable[[str], Any]:
    """A regular expression as Grafana reads one: between slashes, or a whole text."""
    slashed = re.fullmatch(r"/(.*)/([a-z]*)", text, re.DOTALL)
    body, flags = slashed.groups() if slashed else (f"^{text}$", "")
    # JavaScript writes the name of a group without P.
    body = re.sub(r"\(\?<(?![=!])", "(?P<", body)
    try:
        return re.compile(body, re.IGNORECASE if "i" in flags else 0).search
    except (re.error, OverflowError, RecursionError):
        return lambda name: None


def _ranged(frames: Sequence[Frame]) -> list[Frame]:
    """The frames, whose numbers have the minimum and maximum of all of them, unless they have
    their own (calculateRange in field/fieldOverrides)."""
    numbers = [
        field for frame in frames for field in frame.fields if field.type is FieldType.NUMBER
    ]
    whole = _extent(numbers)
    return [
        replace(frame, fields=[_with_range(field, whole) for field in frame.fields])
        for frame in frames
    ]


def _with_range(field: Field, whole: tuple[float, float] | None) -> Field:
    if field.type is not FieldType.NUMBER:
        return field
    extent = _extent([field]) if field.config.get("fieldMinMax") is True else whole
    low, high = extent or (0.0, 100.0)
    own_low, own_high = number_in(field.config, "min"), number_in(field.config, "max")
    return replace(
        field,
        config={
            **field.config,
            "min": low if own_low is None else own_low,
            "max": high if own_high is None else own_high,
        },
    )


def _extent(fields: Sequence[Field]) -> tuple[float, float] | None:
    """The least and the greatest of all values, without infinite ones."""
    values = [
        float(value)
        for field in fields
        for value in field.values
        if isinstance(value, (int, float)) and abs(value) < float("inf")
    ]
    return (min(values), max(values)) if values else None


def _calculated(
    field: Field,
    frame: Frame,
    frames: Sequence[Frame],
    shown: Shown,
    trend: bool,
    change: bool,
) -> Iterator[Reading]:
    name = field.config.get("displayName")
    display = display_of(field, shown.timezone)
    for calculation in _calculations(shown.options):
        value = reduced(field, calculation)
        variables = _variables(field, frame, frames) | {"__calc": calculation}
        title = _said(name, variables) if name else name_of(field, frame, frames)
        yield Reading(
            title=shown.interpolate(title) if name else title,
            display=display(value),
            field=field,
            **_range(field),
            trend=_trend(field, frame) if trend else (),
            change=_number(reduced(field, "diffperc")) if change else None,
            links=_links(field, variables, display(value), shown),
        )


def _calculations(options: Mapping[str, Any]) -> list[str]:
    given = part(options, "reduceOptions").get("calcs")
    words = [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
    return words or ["lastNotNull"]


def _rows(
    field: Field, frame: Frame, frames: Sequence[Frame], shown: Shown, most: int
) -> Iterator[Reading]:
    display = display_of(field, shown.timezone)
    for row, value in enumerate(field.values[: max(0, most)]):
        variables = _variables(field, frame, frames) | _cells(frame, row, shown.timezone)
        said = display(value)
        title = _row_title(field, frame, frames, row, variables, shown)
        color = _override_color(title, shown)
        yield Reading(
            title=title,
            display=replace(said, color=color) if color else said,
            field=field,
            **_range(field),
            links=_links(field, variables, said, shown),
        )


def _row_title(
    field: Field,
    frame: Frame,
    frames: Sequence[Frame],
    row: int,
    variables: Mapping[str, str],
    shown: Shown,
) -> str:
    """A row's texts, and the field's name if there are none or several numbers."""
    name = field.config.get("displayName")
    if isinstance(name, str) and name:
        return shown.interpolate(_said(name, variables))
    others = [each for each in frame.fields if each is not field]
    texts = [
        str(display_of(each, shown.timezone)(each.values[row]))
        for each in others
        if each.type is FieldType.STRING and row < len(each.values) and each.values[row]
    ]
    if any(each.type is FieldType.NUMBER for each in others) or not texts:
        texts.append(name_of(field, frame, frames))
    return " ".join(texts)


def _override_color(title: str, shown: Shown) -> str | None:
    """The colour of an override for the name of a row, which is no field's name."""
    overrides = part(shown.body, "fieldConfig").get("overrides")
    for override in overrides if isinstance(overrides, list) else ():
        matcher = part(override, "matcher") if isinstance(override, dict) else {}
        if matcher.get("id") != "byName" or matcher.get("options") != title:
            continue
        properties = override.get("properties")
        for each in properties if isinstance(properties, list) else ():
            if isinstance(each, dict) and each.get("id") == "color":
                color = part(each, "value").get("fixedColor")
                if isinstance(color, str) and color:
                    return color
    return None


def _range(field: Field) -> dict[str, Any]:
    """What a gauge needs besides the value."""
    low, high = number_in(field.config, "min"), number_in(field.config, "max")
    return {
        "minimum": 0.0 if low is None else low,
        "maximum": 100.0 if high is None else high,
        "steps": tuple(steps_of(field)),
    }


def _trend(field: Field, frame: Frame) -> tuple[tuple[float, float | None], ...]:
    times = next((each for each in frame.fields if each.type is FieldType.TIME), None)
    if times is None:
        return ()
    pairs = zip(times.values, field.values, strict=False)
    return tuple(
        (time, _number(value)) for time, value in pairs if isinstance(time, (int, float))
    )


def _number(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) < float("inf") else None


def _nothing(shown: Shown) -> Reading:
    """What stands for no data: the defaults' `noValue` or mapping of null."""
    config = part(part(shown.body, "fieldConfig"), "defaults")
    field = Field(name="", type=FieldType.OTHER, values=(), config=config)
    display = display_of(field, shown.timezone)(None)
    return Reading(
        title="",
        display=display if display.text else replace(display, text="No data"),
        field=field,
        minimum=number_in(config, "min") or 0.0,
        maximum=number_in(config, "max") or 0.0,
        is_empty=True,
    )


_VARIABLE = re.compile(r"\$\{(__[\w.]+(?:\[[^\]]*\])?[\w.]*)(?::\w+)?\}|\$(__(?:cell_\d+|calc)\b)")


def _said(text: str, variables: Mapping[str, str]) -> str:
    """A text with the variables of a field or a row in it; others stay."""

    def value(match: re.Match[str]) -> str:
        name = (match[1] or match[2]).replace('"', "").replace("'", "")
        return variables.get(name, match[0])

    return _VARIABLE.sub(value, text)


def _variables(field: Field, frame: Frame, frames: Sequence[Frame]) -> dict[str, str]:
    name = name_of(field, frame, frames)
    labels = {f"__field.labels.{key}": value for key, value in field.labels.items()}
    return {
        "__field.name": name,
        "__field.displayName": name,
        "__field.labels": ", ".join(f"{key}={value}" for key, value in field.labels.items()),
        "__series.name": frame.name or name,
        **labels,
    }


def _cells(frame: Frame, row: int, timezone: str) -> dict[str, str]:
    """The values of a row by their variables, `__cell_1` and `__data.fields[1]` or `["name"]`."""
    found = {}
    for index, field in enumerate(frame.fields):
        if row < len(field.values):
            text = str(display_of(field, timezone)(field.values[row]))
            for key in (
                f"__cell_{index}",
                f"__data.fields[{index}]",
                f"__data.fields[{index}].text",
                f"__data.fields[{field.name}]",
                f"__data.fields.{field.name}",
            ):
                found[key] = text
    return found


def _links(
    field: Field, variables: Mapping[str, str], display: Display, shown: Shown
) -> tuple[Link, ...]:
    given = field.config.get("links")
    said = {
        **variables,
        "__value.text": str(display),
        "__value.raw": "" if display.number is None else f"{display.number:g}",
        "__value.numeric": "" if display.number is None else f"{display.number:g}",
    }
    return tuple(
        Link(
            title=shown.interpolate(_said(str(each.get("title") or ""), said)),
            url=shown.interpolate(_said(each["url"], said)),
            new_tab=each.get("targetBlank") is True,
        )
        for each in (given if isinstance(given, list) else ())
        if isinstance(each, dict) and isinstance(each.get("url"), str)
    )
