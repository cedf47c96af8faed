"""What a panel shows of a value: unit and decimals, or its mapping, and its colour.

Source: packages/grafana-data/src/field/displayProcessor.ts at 12.4.
"""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Any, Protocol

from gk.preview.fields.colors import named, scale_of
from gk.preview.fields.mappings import mapped, rules_of
from gk.preview.fields.numbers import number_of, text_of, words_of
from gk.preview.fields.printers import Context, Parts, Printer, printer_of
from gk.preview.fields.versions import format_in
from gk.preview.model import Display, Field, FieldType

__all__ = ["Shows", "decimals_of", "display_of", "trims", "unit_of"]

_TIMES = frozenset(
    {
        "dateTimeAsIso", "dateTimeAsIsoNoDateIfToday", "dateTimeAsUS", "dateTimeAsUSNoDateIfToday",
        "dateTimeAsLocal", "dateTimeAsLocalNoDateIfToday", "dateTimeFromNow",
    }
)  # fmt: skip


class Shows(Protocol):
    """What shows values. With `decimals`, numbers of fields that configure none have at most so
    many: those of an axis have as many as its ticks need (tick_decimals)."""

    def __call__(self, value: Any, decimals: int | None = None) -> Display:
        """What a panel shows of a value."""


def display_of(field: Field, timezone: str = "utc", *, now: float | None = None) -> Shows:
    """What shows the values of a field. `now` is milliseconds since 1970, for times that are said
    as their distance from now; without it they are said in full."""
    prints = _printer(field, timezone, now)
    rules, scale = rules_of(field.config.get("mappings")), scale_of(field)
    no_value = words_of(field.config.get("noValue"))
    nothing = scale(-math.inf)[0]
    is_text = unit_of(field) == "string"
    is_time = field.type is FieldType.TIME or _is_time(words_of(field.config.get("unit")))

    def show(value: Any, decimals: int | None = None) -> Display:
        if is_time and isinstance(value, str):
            value = _milliseconds(value)
        number = math.nan if is_text else number_of(value)
        is_number = number == number  # noqa: PLR0124 - NaN is not itself
        mapping = mapped(rules, value) if rules else None
        color, percent = scale(number) if is_number else (nothing, None)
        color = color if mapping is None or mapping.color is None else named(mapping.color)
        if mapping is not None and mapping.text is not None:
            text, prefix, suffix = mapping.text, "", ""
        elif is_number and not isinstance(value, bool):
            text, prefix, suffix = prints(number, decimals)
        else:
            listed = value if isinstance(value, list | tuple) else [value]
            text, prefix, suffix = ", ".join(map(words_of, listed)) or no_value, "", ""
        return Display(text, color, prefix, suffix, number if is_number else None, percent)

    return show


def unit_of(field: Field) -> str:
    """The unit of a field, of its configuration or of its type."""
    unit = words_of(field.config.get("unit"))
    if field.type is FieldType.TIME and not _is_time(unit):
        return "dateTimeAsSystem"
    if field.type is FieldType.BOOLEAN and not unit.startswith("bool"):
        return "bool"
    return "string" if field.type is FieldType.STRING and not unit else unit


def _is_time(unit: str) -> bool:
    return unit in _TIMES or unit.startswith("time:")


def decimals_of(field: Field) -> int | None:
    """The decimals that a field configures."""
    decimals = field.config.get("decimals")
    if isinstance(decimals, bool) or not isinstance(decimals, int | float):
        return None
    number = number_of(decimals)
    return int(number) if math.isfinite(number) else None


def trims(field: Field) -> bool:
    """Whether the values of a field have no more decimals on an axis than its ticks need."""
    unit = unit_of(field)
    return (
        field.type is FieldType.NUMBER
        and decimals_of(field) is None
        and not _is_time(unit)
        and not unit.startswith(("currency", "bool"))
        and unit != "locale"
    )


def _printer(field: Field, zone: str, now: float | None) -> Printer:
    context = Context(zone, _within_a_minute(field), now)
    form = printer_of(format_in(field.version, unit_of(field)), context)
    own, trimmed = decimals_of(field), trims(field)

    def prints(value: float, decimals: int | None) -> Parts:
        if decimals is None or not trimmed:
            return form(value, own)
        text, prefix, suffix = form(value, decimals)
        # JavaScript takes no text for 0.
        number = number_of(text or " ")
        return text if math.isnan(number) else text_of(number), prefix, suffix

    return prints


def _within_a_minute(field: Field) -> bool:
    """Whether the times of a field are so near to each other that their milliseconds matter."""
    if field.type is not FieldType.TIME or len(field.values) < 2:
        return False
    first, last = (
        _milliseconds(value) if isinstance(value, str) else number_of(value)
        for value in (field.values[0], field.values[-1])
    )
    return abs(last - first) < 60_000


def _milliseconds(text: str) -> float:
    """The time of a text in ISO 8601, in UTC unless it says another zone; NaN if it is none."""
    try:
        when = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return math.nan
    when = when if when.tzinfo else when.replace(tzinfo=timezone.utc)
    return when.timestamp() * 1000
