"""Links of values: those of a field's configuration, with what their variables stand for in a row.

Variables are Grafana's (docs/sources/panels-visualizations/configure-data-links, 12.4): of the
value, the other fields of its row, its field and its frame. Those of the dashboard are the panel's
to interpolate.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from gk.documents.parts import dicts
from gk.preview.fields import display_of, frame_name_of, name_of
from gk.preview.fields.numbers import words_of
from gk.preview.model import Field, FieldType, Frame, Link, Shown
from gk.preview.parts import flag, word

__all__ = ["links_of", "links_of_all", "said"]

# ${__data.fields["Name"].text:percentencode}, and without braces what has no brackets.
_VARIABLE = re.compile(
    r"\$\{(?P<path>__(?:value|data|field|series|cell(?:_\d+)?)\b[^{}]*?)(?::(?P<form>[a-z]+))?\}"
    r"|\$(?P<bare>__(?:value|field|series|cell_\d+|cell)\b(?:\.\w+)*)"
)
_STEP = re.compile(r"""\["([^"]*)"\]|\['([^']*)'\]|\[(\d+)\]|([^.\[\]]+)""")


def links_of(
    field: Field, row: int, frame: Frame, frames: Sequence[Frame], shown: Shown
) -> tuple[Link, ...]:
    """The links of the value of a field in a row. Their URLs are untrusted."""
    return _links(_Place(field, row, frame, frames, shown.timezone), field, shown)


def links_of_all(
    field: Field, frame: Frame, frames: Sequence[Frame], shown: Shown
) -> tuple[Link, ...]:
    """The links of all values of a field, in which the variables of a row stay."""
    return _links(_Place(field, None, frame, frames, shown.timezone), field, shown)


def _links(place: _Place, field: Field, shown: Shown) -> tuple[Link, ...]:
    return tuple(
        Link(
            title=shown.interpolate(place.interpolated(word(link, "title"))),
            url=shown.interpolate(place.interpolated(word(link, "url"))),
            new_tab=flag(link, "targetBlank"),
        )
        for link in dicts(field.config, "links")
        if word(link, "url")
    )


def said(text: str, field: Field, row: int, frame: Frame, shown: Shown) -> str:
    """A text with its variables, those of the value of a field in a row and the panel's."""
    place = _Place(field, row, frame, shown.frames, shown.timezone)
    return shown.interpolate(place.interpolated(text))


class _Place:
    """A value in its table; without a row, all values of its field."""

    def __init__(
        self, field: Field, row: int | None, frame: Frame, frames: Sequence[Frame], timezone: str
    ) -> None:
        self._field = field
        self._row = row
        self._frame = frame
        self._frames = frames
        self._timezone = timezone

    def interpolated(self, text: str) -> str:
        """The text with the variables of the place; those that it does not know stay."""
        return _VARIABLE.sub(self._replaced, text) if "$" in text else text

    def _replaced(self, match: re.Match[str]) -> str:
        path = match["path"] or match["bare"]
        # Of the groups of a step, one alone has matched.
        value = self._value([next(filter(None, step), "") for step in _STEP.findall(path)])
        if value is None:
            return match[0]
        if match["form"] == "percentencode":
            return quote(value, safe="")
        return quote(value, safe=":/?&=#") if match["form"] == "uriencode" else value

    def _value(self, steps: Sequence[str]) -> str | None:
        match steps:
            case ["__value", *form]:
                return self._said(self._field, form)
            case ["__cell"]:
                return self._said(self._field, [])
            case ["__data", "fields", name, *form]:
                return self._said(self._named(name), form)
            case ["__field", "labels", label]:
                return self._field.labels.get(label, "")
            case ["__field", "labels"]:
                return ", ".join(f"{key}={value}" for key, value in self._field.labels.items())
            case ["__field", "name" | "displayName"] | ["__field"]:
                return name_of(self._field, self._frame, self._frames)
            case ["__series", "name"] | ["__series"]:
                return frame_name_of(self._frame)
            case [name] if name.startswith("__cell_"):
                return self._said(self._named(name.removeprefix("__cell_")), [])
        return None

    def _named(self, name: str) -> Field | None:
        """A field of the row, by one of its names or by its number from 0."""
        fields = self._frame.fields
        for field in fields:
            if name in (field.name, name_of(field, self._frame, self._frames)):
                return field
        number = int(name) if re.fullmatch("[0-9]{1,4}", name) else len(fields)
        return fields[number] if number < len(fields) else None

    def _said(self, field: Field | None, form: Sequence[str]) -> str | None:
        if field is None or self._row is None or self._row >= len(field.values):
            return None
        value = field.values[self._row]
        match form:
            case ["raw"]:
                return words_of(value)
            case ["numeric"]:
                return words_of(value) if isinstance(value, int | float) else "NaN"
            case ["time"] if field.type is not FieldType.TIME:
                times = self._frame.times
                return self._said(times, ["raw"]) if times else ""
            case ["time"]:
                return words_of(value)
            case [] | ["text"]:
                return str(display_of(field, self._timezone)(value))
        return None
