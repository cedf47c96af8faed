"""Fields of another type: numbers, texts, booleans, times."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from gk.documents.parts import dicts
from gk.preview.fields.numbers import number_of, words_of
from gk.preview.model import Field, FieldType, Frame
from gk.preview.parts import word
from gk.preview.transformations.model import Frames, NotDrawnError, Options, matching

__all__ = ["apply"]

_ISO_8601 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[-+]\d\d:?\d\d)", re.ASCII)


def apply(frames: Frames, options: Options) -> list[Frame]:
    """Convert fields one after the other. Raise NotDrawnError for what needs a format of times."""
    result = list(frames)
    for conversion in dicts(options, "conversions"):
        name = word(conversion, "targetField")
        if not name:
            continue
        matches = matching({"id": "byName", "options": name})
        result = [
            replace(
                frame,
                fields=[
                    _converted(field, conversion) if matches(field, frame, result) else field
                    for field in frame.fields
                ],
            )
            for frame in result
        ]
    return result


def _converted(field: Field, conversion: Mapping[str, Any]) -> Field:
    kind = word(conversion, "destinationType")
    if not kind:
        return field
    if kind not in _CONVERT or (kind == "string" and field.type == FieldType.TIME):
        raise NotDrawnError(f"the type `{kind}`")
    if kind == "time" and (word(conversion, "dateFormat") or word(conversion, "timezone")):
        raise NotDrawnError("the format of a time")
    convert = _CONVERT[kind]
    is_text = kind == "string" and field.type in {FieldType.STRING, FieldType.OTHER}
    return replace(
        field,
        type=FieldType(kind),
        values=[(_quoted if is_text else convert)(value) for value in field.values],
    )


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return None
    number = number_of(value.replace(",", "") if isinstance(value, str) else value)
    return number if math.isfinite(number) else None


def _text(value: Any) -> str:
    return "null" if value is None else words_of(value)


def _quoted(value: Any) -> str:
    """A text becomes JSON, with its quotes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _boolean(value: Any) -> bool:
    """NaN is false, an empty list is true."""
    if isinstance(value, float):
        return bool(value) and not math.isnan(value)
    return bool(value) or isinstance(value, list | dict)


def _time(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str):
        return value
    match = _ISO_8601.fullmatch(value)
    if not match:
        raise NotDrawnError("a time in words")
    try:
        zone = "+0000" if match[3] == "Z" else match[3].replace(":", "")
        time = datetime.strptime(match[1] + zone, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None
    since = time - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return int(since.total_seconds()) * 1000 + int((match[2] or "0")[:3].ljust(3, "0"))


_CONVERT: Mapping[str, Callable[[Any], Any]] = {
    "number": _number,
    "string": _text,
    "boolean": _boolean,
    "time": _time,
}
