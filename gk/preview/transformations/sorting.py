"""How JavaScript, and with it Grafana, sorts: texts as people expect, rows by one field."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cmp_to_key
from typing import Any, TypeAlias

from gk.preview.fields.numbers import number_of
from gk.preview.model import Field, FieldType, Frame
from gk.preview.transformations.model import padded

__all__ = ["by_difference", "collated", "order_of", "sorted_frame"]

Compare: TypeAlias = Callable[[Any, Any], int]

# Punctuation as the Unicode Collation Algorithm of CLDR's root locale has it.
_PUNCTUATION = {
    letter: number for number, letter in enumerate(" _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$")
}
_DIGITS = re.compile(r"(\d+)")


def collated(text: str, *, numeric: bool = False) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts as Intl.Collator with sensitivity "base": punctuation, digits,
    letters; no difference of case and accent. Numeric ones sort 9 before 10."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter)
    ).casefold()
    if not numeric:
        return tuple(map(_weight, plain))
    return tuple(
        weight
        for index, run in enumerate(_DIGITS.split(plain))
        for weight in ([_numeric(run)] if index % 2 else map(_weight, run))
    )


def _numeric(digits: str) -> tuple[int, int, str]:
    """By size, however long it is."""
    significant = "".join(str(int(digit)) for digit in digits).lstrip("0")
    return 1, len(significant), significant


def _weight(letter: str) -> tuple[int, int, str]:
    if letter in _PUNCTUATION:
        return 0, _PUNCTUATION[letter], ""
    if letter.isdecimal():
        return 1, int(letter), ""
    return 2, 0, letter


def sorted_frame(frame: Frame, index: int, *, descending: bool = False) -> Frame:
    """Return the rows of a frame in the order of a field; without such a field, as they are."""
    if not 0 <= index < len(frame.fields):
        return frame
    rows = order_of(frame.fields[index], frame.length, descending=descending)
    columns = [padded(field, frame.length) for field in frame.fields]
    return replace(
        frame,
        fields=[
            replace(field, values=[values[row] for row in rows])
            for field, values in zip(frame.fields, columns, strict=True)
        ],
    )


def order_of(field: Field, length: int, *, descending: bool = False) -> Sequence[int]:
    """Return the numbers of rows in the order of a field's values."""
    compare = _COMPARE.get(field.type)
    if compare is None:
        return range(length - 1, -1, -1) if descending else range(length)
    values = padded(field, length)
    if compare is by_difference and all(map(_has_size, values)):
        return sorted(range(length), key=values.__getitem__, reverse=descending)

    def order(one: int, other: int) -> int:
        if descending:
            one, other = other, one
        return compare(values[one], values[other])

    return sorted(range(length), key=cmp_to_key(order))


def by_difference(one: Any, other: Any) -> int:
    """By size; what is none has no size, and is equal to anything."""
    first, second = _size(one), _size(other)
    return (first > second) - (first < second)


def _has_size(value: Any) -> bool:
    return isinstance(value, int | float) and value == value  # noqa: PLR0124 - NaN is not itself


def _size(value: Any) -> float:
    return math.nan if value is None else number_of(value)


def _by_text(one: Any, other: Any) -> int:
    if not one or not other:
        return _by_truth(one, other)
    first, second = collated(str(one)), collated(str(other))
    return (first > second) - (first < second)


def _by_truth(one: Any, other: Any) -> int:
    """What is empty comes last."""
    return bool(other) - bool(one)


_COMPARE: dict[FieldType, Compare] = {
    FieldType.NUMBER: by_difference,
    FieldType.TIME: by_difference,
    FieldType.STRING: _by_text,
    FieldType.BOOLEAN: _by_truth,
}
