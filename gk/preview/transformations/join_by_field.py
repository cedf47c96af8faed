"""One table of many, side by side: rows belong together where one field has the same value.

outer          every value once, sorted, as for series over time
inner          only values that all tables have, in each combination
outerTabular   the same, and then the rows without a partner
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cmp_to_key
from typing import Any, TypeAlias

from gk.preview.fields.numbers import words_of
from gk.preview.model import Field, FieldType, Frame
from gk.preview.parts import word
from gk.preview.transformations.model import (
    FieldMatcher,
    Frames,
    Options,
    first_match,
    matching,
    padded,
    time_of,
)
from gk.preview.transformations.sorting import by_difference, order_of

__all__ = ["apply", "joined_by_time"]

_INDICES = 2**32 - 1
"""Whole numbers below this are what JavaScript lists first of an object's properties."""

Table: TypeAlias = Sequence[Sequence[Any]]
"""Columns, of which the first is the one to join by."""


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Join the frames; one alone stays as it is."""
    if len(frames) < 2:
        return list(frames)
    name = word(options, "byField")
    matches = matching({"id": "byName", "options": name}) if name else _usual(frames)
    return [_joined(frames, matches, word(options, "mode", "outer"))]


def joined_by_time(frames: Frames) -> list[Frame]:
    """Join frames whose times have the same name; any others stay as they are."""
    times = [time_of(frame) for frame in frames]
    names = {None if time is None else time.name for time in times}
    if len(frames) < 2 or len(names) != 1 or None in names:
        return list(frames)
    return apply(frames, {"byField": names.pop()})


def _usual(frames: Frames) -> FieldMatcher:
    """The first time; without one, nothing that Grafana would find."""
    if time_of(frames[0]) is not None:
        return matching({"id": "firstTimeField"})
    return lambda field, frame, all_frames: False


def _joined(frames: Frames, matches: FieldMatcher, mode: str) -> Frame:
    keyed = [(frame, first_match(matches, frame, frames)) for frame in frames]
    usable = [(frame, key) for frame, key in keyed if key is not None]
    ref_id = "joinByField-" + "-".join(frame.ref_id for frame in frames)
    if not usable:
        return Frame([], ref_id=ref_id)
    # The fields that a frame is not joined by take its name along.
    others = [
        [_with_frame_name(field, frame.name) for field in frame.fields if field is not key]
        for frame, key in usable
    ]
    fields = [usable[0][1], *(field for rest in others for field in rest)]
    if mode == "inner" and len(usable) < len(frames):
        return Frame([replace(field, values=[]) for field in fields], ref_id=ref_id)
    tables = [
        [padded(field, frame.length) for field in (key, *rest)]
        for (frame, key), rest in zip(usable, others, strict=True)
    ]
    columns = _by_mode(tables, mode, usable[0][1])
    return Frame(
        [replace(field, values=column) for field, column in zip(fields, columns, strict=True)],
        ref_id=ref_id,
    )


def _with_frame_name(field: Field, name: str) -> Field:
    if not name:
        return field
    if field.name == "Value":
        return replace(field, name=name)
    return (
        field if "name" in field.labels else replace(field, labels={**field.labels, "name": name})
    )


def _by_mode(tables: Sequence[Table], mode: str, key: Field) -> Table:
    if mode not in {"inner", "outerTabular"}:
        return _outer(tables)
    table = tables[0]
    for other in tables[1:]:
        table = _combined(table, other, is_outer=mode == "outerTabular")
    return table


# Each value once.


def _outer(tables: Sequence[Table]) -> Table:
    keys = tables[0][0]
    if all(list(table[0]) == list(keys) for table in tables):
        columns = [keys, *(column for table in tables for column in table[1:])]
        rows = _rising(keys)
        return [[column[row] for row in rows] for column in columns]
    joined: dict[Any, Any] = {}
    for table in tables:
        for key in table[0]:
            joined.setdefault(_identity(key), key)
    values = _sorted(list(joined.values()))
    places = {_identity(value): place for place, value in enumerate(values)}
    return [values, *(column for table in tables for column in _aligned(table, places))]


def _identity(key: Any) -> Any:
    """What tells keys apart: for JavaScript, two objects are never the same."""
    return key if isinstance(key, Hashable) else id(key)


def _rising(keys: Sequence[Any]) -> Sequence[int]:
    """The order of rows. Texts stay in theirs, and so do values that rise anyway."""
    if any(isinstance(key, str) for key in keys):
        return range(len(keys))
    return order_of(Field("", FieldType.NUMBER, keys), len(keys))


def _sorted(values: Sequence[Any]) -> list[Any]:
    """By size, which texts have, too, if they are numbers, and null, which is 0."""

    def compare(one: Any, other: Any) -> int:
        return by_difference(one or 0, other or 0)

    return sorted(values, key=cmp_to_key(compare))


def _aligned(table: Table, places: Mapping[Any, int]) -> list[list[Any]]:
    columns = []
    for column in table[1:]:
        values: list[Any] = [None] * len(places)
        for key, value in zip(table[0], column, strict=True):
            if value is not None:
                values[places[_identity(key)]] = value
        columns.append(values)
    return columns


# Each combination.


def _combined(left: Table, right: Table, *, is_outer: bool) -> Table:
    rows_of: dict[str, list[int]] = {}
    for number, key in enumerate(right[0]):
        rows_of.setdefault(_word(key), []).append(number)
    matched: list[tuple[int | None, int | None]] = []
    unmatched: list[tuple[int | None, int | None]] = []
    seen = set()
    for number, key in enumerate(left[0]):
        partners = rows_of.get(_word(key)) if key is not None else None
        if partners:
            matched += [(number, partner) for partner in partners]
            # Grafana looks for the text of what it has seen: a number is never seen.
            seen.update([key] if isinstance(key, str) else [])
        else:
            unmatched.append((number, None))
    pairs = matched
    if is_outer:
        left_over = [key for key in _as_properties(rows_of) if key not in seen]
        pairs = [*matched, *unmatched, *((None, row) for key in left_over for row in rows_of[key])]
    # A pair without a row on the left has one on the right; `or 0` is for the type checker.
    keys = [left[0][one] if one is not None else right[0][other or 0] for one, other in pairs]
    return [
        keys,
        *([None if one is None else column[one] for one, _ in pairs] for column in left[1:]),
        *([None if other is None else column[other] for _, other in pairs] for column in right[1:]),
    ]


def _word(key: Any) -> str:
    return "null" if key is None else words_of(key)


def _as_properties(keys: Mapping[str, Any]) -> list[str]:
    """The order in which JavaScript lists properties: whole numbers first, by size."""
    numbers = [key for key in keys if _is_index(key)]
    return [*sorted(numbers, key=int), *(key for key in keys if not _is_index(key))]


def _is_index(key: str) -> bool:
    is_whole = key.isascii() and key.isdigit() and len(key) <= len(str(_INDICES))
    return is_whole and str(int(key)) == key and int(key) < _INDICES
