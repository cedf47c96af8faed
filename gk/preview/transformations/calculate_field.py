"""A field calculated from others: of a row, of two fields, of one, of the rows so far, of a window
of rows, or the number of the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from gk.preview.fields import REDUCERS, name_of, reduced
from gk.preview.fields.numbers import number_of, parsed, words_of
from gk.preview.fields.reducers import ALIASES
from gk.preview.model import Field, FieldType, Frame
from gk.preview.parts import part, word, words
from gk.preview.transformations.arithmetic import BINARY, PERCENT, UNARY, total
from gk.preview.transformations.join_by_field import joined_by_time
from gk.preview.transformations.model import (
    Frames,
    NotDrawnError,
    Options,
    by_names,
    first_match,
    matching,
    padded,
    time_of,
)
from gk.preview.transformations.reduce import reducers_of
from gk.preview.transformations.windows import cumulated, windowed

__all__ = ["apply"]

Column: TypeAlias = Sequence[Any]
Calculate: TypeAlias = Callable[[Frame, Frames, Options], "Column | None"]


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Add the field to each frame, or replace the others by it (`replaceFields`). Series are joined
    by time first, unless one side of two is a number."""
    mode = word(options, "mode", "reduceRow")
    joined = list(frames) if _stays_apart(options, mode) else joined_by_time(frames)
    if mode == "index":
        return [_with(frame, _index(frame, options), options) for frame in joined]
    if mode == "binary" and (kind := _kind_of_left(options)):
        made = [_with_each_of_type(frame, joined, kind, options) for frame in joined]
        return [frame for frame in made if frame is not None]
    calculate = _CALCULATE.get(mode)
    if calculate is None:
        raise NotDrawnError(f"the mode `{mode}`")
    alias = word(options, "alias")
    config = {"displayName": alias} if alias else {}
    result = []
    for frame in joined:
        values = calculate(frame, joined, options)
        if values is not None:
            name = alias or _NAMES[mode](options)
            field = Field(name, FieldType.NUMBER, values, config=config)
            result.append(_with(frame, field, options))
        elif not options.get("replaceFields"):
            result.append(frame)
    return result


def _stays_apart(options: Options, mode: str) -> bool:
    if options.get("timeSeries") is False:
        return True
    right = part(options, "binary").get("right")
    constant = right.get("fixed") if isinstance(right, dict) else right
    is_number = isinstance(constant, str) and _is_number(constant)
    return mode == "binary" and is_number


def _is_number(text: str) -> bool:
    """Whether JavaScript makes a number of a text; of an empty one it does, too."""
    number = number_of(text) if text else 0.0
    return number == number  # noqa: PLR0124 - NaN is not itself


def _with(frame: Frame, field: Field, options: Options) -> Frame:
    if not options.get("replaceFields"):
        return replace(frame, fields=[*frame.fields, field])
    time = time_of(frame)
    keeps_time = time and options.get("timeSeries") is not False and options.get("mode") != "index"
    return replace(frame, fields=[time, field] if time and keeps_time else [field])


def _index(frame: Frame, options: Options) -> Field:
    is_share = bool(part(options, "index").get("asPercentile"))
    rows: Column = range(frame.length)
    return Field(
        word(options, "alias", "Row"),
        FieldType.NUMBER,
        [row / frame.length for row in rows] if is_share else list(rows),
        config={"unit": "percentunit"} if is_share else {},
    )


# Of a row.


def _reduce_row(frame: Frame, frames: Frames, options: Options) -> Column:
    rule = part(options, "reduce")
    (reducer,) = reducers_of([word(rule, "reducer", "sum")])
    names = words(rule, "include")
    matches = by_names(names) if names else matching({"id": "numeric"})
    columns = [
        padded(field, frame.length) for field in frame.fields if matches(field, frame, frames)
    ]
    nulls = word(rule, "nullValueMode")
    rows = zip(*columns, strict=True) if columns else [()] * frame.length
    return [_of_row(row, reducer, nulls) for row in rows]


def _of_row(row: Sequence[Any], reducer: str, nulls: str) -> Any:
    """Nothing counts as a value here, unless it is to be ignored."""
    if nulls == "null as zero":
        row = [0 if value is None else value for value in row]
    elif nulls != "connected" and reducer == "count":
        return len(row)
    return reduced(Field("", FieldType.NUMBER, row), reducer)


def _reduce_row_name(options: Options) -> str:
    reducer = word(part(options, "reduce"), "reducer", "sum")
    return REDUCERS[ALIASES.get(reducer, reducer)]


# Of two fields.


def _binary(frame: Frame, frames: Frames, options: Options) -> Column | None:
    left, operator, right = _sides(options, frames)
    operation = BINARY.get(operator)
    one, other = (_values(frame, frames, side) for side in (left, right))
    if operation is None or one is None or other is None:
        return None
    return [operation(*pair) for pair in zip(one, other, strict=True)]


def _sides(options: Options, frames: Frames) -> tuple[Any, str, Any]:
    binary = part(options, "binary")
    left, right = (_side(binary.get(key), frames) for key in ("left", "right"))
    return left, word(binary, "operator", "+"), right


def _side(given: Any, frames: Frames) -> Mapping[str, Any]:
    """A name or a number; or, since Grafana 11, which of them it is."""
    if isinstance(given, dict):
        return given
    text = given if isinstance(given, str) else ""
    names = {field.name for frame in frames for field in frame.fields}
    if text in names or not _is_number(text):
        return {"matcher": {"id": "byName", "options": text}}
    return {"fixed": text}


def _values(frame: Frame, frames: Frames, side: Mapping[str, Any]) -> Column | None:
    matcher = part(side, "matcher")
    name = words_of(matcher.get("options"))
    if word(matcher, "id") == "byName":
        for field in frame.fields:
            if name_of(field, frame, frames) == name:
                return padded(field, frame.length)
    constant = parsed(side.get("fixed") if side.get("fixed") is not None else name)
    if constant != constant:  # noqa: PLR0124 - NaN is not itself
        return None
    return [constant] * frame.length


def _kind_of_left(options: Options) -> str:
    """The type of the fields that are calculated with; empty if it is one field."""
    left = part(options, "binary").get("left")
    matcher = part(left, "matcher")
    return word(matcher, "options") if word(matcher, "id") == "byType" else ""


def _with_each_of_type(frame: Frame, frames: Frames, kind: str, options: Options) -> Frame | None:
    _, operator, right = _sides(options, frames)
    operation, others = BINARY.get(operator), _values(frame, frames, right)
    is_alone, has_time = bool(options.get("replaceFields")), options.get("timeSeries") is not False
    time = time_of(frame)
    fields, made = ([time] if time and has_time else []), []
    for field in frame.fields:
        if not is_alone and not (has_time and field is time):
            fields.append(field)
        if field.type.value == kind and operation and others is not None:
            pairs = zip(padded(field, frame.length), others, strict=True)
            name = f"{field.name} {operator} {_side_name(right)}"
            made.append(replace(field, name=name, values=[operation(*pair) for pair in pairs]))
            fields.append(made[-1])
    return None if is_alone and not made else replace(frame, fields=fields)


def _side_name(side: Mapping[str, Any]) -> str:
    named = part(side, "matcher").get("options")
    return words_of(side.get("fixed") if named is None else named)


def _binary_name(options: Options) -> str:
    left, operator, right = _sides(options, ())
    one, other = _side_name(left), _side_name(right)
    return f"{one} {operator} {other}" if one and other and "$" not in one + other else ""


# Of one field.


def _unary(frame: Frame, frames: Frames, options: Options) -> Column | None:
    rule = part(options, "unary")
    name, operator = word(rule, "fieldName"), word(rule, "operator", "abs")
    fields = [
        field
        for field in frame.fields
        if field.type == FieldType.NUMBER and name_of(field, frame, frames) == name
    ]
    if not fields or not frame.length:
        return None
    values = padded(fields[-1], frame.length)
    if operator == PERCENT:
        return [BINARY["/"](value, total(values) or 1) for value in values]
    operation = UNARY.get(operator)
    return operation and [operation(value) for value in values]


def _unary_name(options: Options) -> str:
    rule = part(options, "unary")
    name = word(rule, "fieldName")
    return word(rule, "operator", "abs") + (f"({name})" if name else "")


# Of rows.


def _cumulative(frame: Frame, frames: Frames, options: Options) -> Column | None:
    rule = part(options, "cumulative")
    values, reducer = _selected(frame, frames, rule), word(rule, "reducer", "sum")
    if reducer not in {"sum", "mean"}:
        raise NotDrawnError(f"the reducer `{reducer}`")
    return values and cumulated(values, is_mean=reducer == "mean")


def _cumulative_name(options: Options) -> str:
    rule = part(options, "cumulative")
    name = word(rule, "field")
    return f"cumulative {word(rule, 'reducer', 'sum')}" + (f"({name})" if name else "")


def _window(frame: Frame, frames: Frames, options: Options) -> Column | None:
    rule = part(options, "window")
    values = _selected(frame, frames, rule)
    return values and windowed(values, rule)


def _window_name(options: Options) -> str:
    rule = part(options, "window")
    alignment, name = word(rule, "windowAlignment", "trailing"), word(rule, "field")
    return f"{alignment} moving {word(rule, 'reducer', 'mean')}" + (f"({name})" if name else "")


def _selected(frame: Frame, frames: Frames, rule: Mapping[str, Any]) -> Column | None:
    """The values of the field that is named, or of the first number."""
    name = word(rule, "field")
    matches = by_names([name]) if name else matching({"id": "numeric"})
    field = first_match(matches, frame, frames)
    return None if field is None else padded(field, frame.length)


_CALCULATE: Mapping[str, Calculate] = {
    "reduceRow": _reduce_row,
    "binary": _binary,
    "unary": _unary,
    "cumulativeFunctions": _cumulative,
    "windowFunctions": _window,
}
_NAMES: Mapping[str, Callable[[Options], str]] = {
    "reduceRow": _reduce_row_name,
    "binary": _binary_name,
    "unary": _unary_name,
    "cumulativeFunctions": _cumulative_name,
    "windowFunctions": _window_name,
}
