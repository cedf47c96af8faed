"""What is below the columns of a table: one value of all values of a field, for each reducer.

Since Grafana 12.2, fields say so themselves (custom.footer); until then, the panel does
(options.footer). This is what 12.4 shows of both (@grafana/ui, TableNG).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from gk.preview.fields import REDUCERS, display_of, reduced
from gk.preview.fields.numbers import words_of
from gk.preview.model import Field, FieldType, Shown
from gk.preview.parts import flag, part, words

__all__ = ["Foot", "footers_of"]


@dataclass(frozen=True, slots=True)
class Foot:
    """A line below a column: the name of a reducer, if it is said there, and its value."""

    label: str = ""
    value: str = ""

    def __str__(self) -> str:
        return (
            f"{self.label}: {self.value}" if self.label and self.value else self.label + self.value
        )


# Those that are not only of numbers.
_OF_ANY = frozenset(
    (
        "allValues", "changeCount", "count", "countAll", "distinctCount", "first", "firstNotNull",
        "last", "lastNotNull", "uniqueValues",
    )
)  # fmt: skip
_WITHOUT_UNIT = frozenset(("count", "countAll"))
_ALL_ROWS = "countAll"


def footers_of(fields: Sequence[Field], shown: Shown) -> list[Sequence[Foot]]:
    """The lines below each column. Where all columns have the same reducers, only the first column
    says their names."""
    chosen = [_reducers(field, shown) for field in fields]
    named = [reducers for reducers in chosen if reducers]
    is_uniform = bool(named) and all(reducers == named[0] for reducers in named)
    return [
        [Foot(_name(id)) for id in named[0]]
        if is_uniform and index == 0 and not _has_any(field, reducers)
        else _lines(field, index, reducers, is_uniform, shown)
        for index, (field, reducers) in enumerate(zip(fields, chosen, strict=True))
    ]


def _reducers(field: Field, shown: Shown) -> Sequence[str]:
    own = words(part(field.custom, "footer"), "reducers")
    footer = part(shown.options, "footer")
    if own or not flag(footer, "show"):
        return own
    reducers = words(footer, "reducer")
    if flag(footer, "countRows") and list(reducers) == ["count"]:
        return [_ALL_ROWS]
    chosen = words(footer, "fields")
    is_chosen = not chosen or field.name in chosen or field.title in chosen
    return reducers if is_chosen else []


def _has_any(field: Field, reducers: Sequence[str]) -> bool:
    return any(field.type is FieldType.NUMBER or reducer in _OF_ANY for reducer in reducers)


def _lines(
    field: Field, index: int, reducers: Sequence[str], is_uniform: bool, shown: Shown
) -> list[Foot]:
    if not _has_any(field, reducers):
        return []
    # The number of rows is that of every column: the first one says it.
    return [
        Foot(
            _name(reducer) if index == 0 or not is_uniform else "",
            _value(field, reducer, shown) if index == 0 or reducer != _ALL_ROWS else "",
        )
        for reducer in reducers
    ]


def _name(id: str) -> str:
    return "Count" if id == _ALL_ROWS else REDUCERS.get(id, id)


def _value(field: Field, reducer: str, shown: Shown) -> str:
    if reducer == _ALL_ROWS:
        return str(len(field.values))
    if reducer not in REDUCERS or (field.type is not FieldType.NUMBER and reducer not in _OF_ANY):
        return ""
    value = reduced(field, reducer)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if reducer in _WITHOUT_UNIT:
        return words_of(value)
    return str(display_of(field, shown.timezone, now=shown.now)(value))
