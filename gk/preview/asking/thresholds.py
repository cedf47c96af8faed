"""The comparisons of thresholds and of classic conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gk.documents.parts import path
from gk.documents.shapes import Json
from gk.preview.asking.items import NotCalculatedError
from gk.preview.parts import finite, word

__all__ = ["comparison_of"]


def comparison_of(condition: Json, *, sorts: bool = False) -> Callable[[float], bool]:
    """What a value has to be; `sorts` is whether the limits of a range may be in any order. Raises
    NotCalculatedError, also if a limit is missing."""
    evaluator = path(condition, "evaluator")
    kind = word(evaluator, "type")
    given = evaluator.get("params")
    limits = [finite(limit) for limit in given] if isinstance(given, list) else []
    numbers = [limit for limit in limits if limit is not None]
    if kind in _OF_ONE and numbers:
        of_one, limit = _OF_ONE[kind], numbers[0]
        return lambda value: of_one(value, limit)
    if kind in _OF_TWO and len(numbers) > 1:
        of_two = _OF_TWO[kind]
        one, other = sorted(numbers[:2]) if sorts else numbers[:2]
        return lambda value: of_two(value, one, other)
    raise NotCalculatedError(f"the condition {kind}")


_OF_ONE: Mapping[str, Callable[[float, float], bool]] = {
    "gt": lambda value, limit: value > limit,
    "gte": lambda value, limit: value >= limit,
    "lt": lambda value, limit: value < limit,
    "lte": lambda value, limit: value <= limit,
    "eq": lambda value, limit: value == limit,
    "ne": lambda value, limit: value != limit,
}
_OF_TWO: Mapping[str, Callable[[float, float, float], bool]] = {
    "within_range": lambda value, one, other: one < value < other,
    "outside_range": lambda value, one, other: value < one or value > other,
    "within_range_included": lambda value, one, other: one <= value <= other,
    "outside_range_included": lambda value, one, other: value <= one or value >= other,
}
