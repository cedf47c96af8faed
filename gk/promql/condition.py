"""Conditions of alerts: queries compared with thresholds, and conditions joined by `&` or `|`.

Python's operators make them (`query > 1`), so both classes refuse what Python would read in
another way than PromQL.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gk.promql.snippet import Query

__all__ = ["Condition", "Conditions"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A query compared with a threshold, for an alert. `operator` is one of > < >= <=."""

    query: Query
    operator: str
    threshold: float

    def __post_init__(self) -> None:
        given: object = self.threshold
        # bool is a subclass of int: `query > True` is a slip.
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise TypeError(
                f"{self.query} is compared with {type(given).__name__}; "
                "a threshold must be a number"
            )
        if not math.isfinite(given):
            raise ValueError(
                f"{self.query} is compared with {given}; a threshold must be a finite number"
            )

    @property
    def queries(self) -> tuple[Query, ...]:
        """The query, as the only one."""
        return (self.query,)

    def __and__(self, other: Condition | Conditions) -> Conditions:
        return _joined("and", self, other)

    def __or__(self, other: Condition | Conditions) -> Conditions:
        return _joined("or", self, other)

    def __bool__(self) -> bool:
        # Python reads `0.1 < query < 0.9` as two comparisons joined by `and`, which would drop the
        # first.
        raise TypeError(
            "a condition has one threshold; write an alert for each bound, "
            "or join conditions with & or |: (query > 0.1) & (query < 0.9)"
        )

    def __str__(self) -> str:
        return f"{self.query} {self.operator} {self.threshold:g}"


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions joined by PromQL's `and` or `or`, for an alert: they match series with equal
    labels."""

    operator: str
    parts: tuple[Condition | Conditions, ...]

    @property
    def queries(self) -> tuple[Query, ...]:
        """The queries of all of them, each once."""
        return tuple(dict.fromkeys(query for part in self.parts for query in part.queries))

    def __and__(self, other: Condition | Conditions) -> Conditions:
        return _joined("and", self, other)

    def __or__(self, other: Condition | Conditions) -> Conditions:
        return _joined("or", self, other)

    def __bool__(self) -> bool:
        raise TypeError("join conditions with & or |, and enclose each comparison in parentheses")


def _joined(
    operator: str, left: Condition | Conditions, right: Condition | Conditions
) -> Conditions:
    given: object = right
    if not isinstance(given, (Condition, Conditions)):
        raise TypeError(
            f"'{operator}' joins two conditions, such as (query > 1) & (other < 2); "
            f"got {type(given).__name__}"
        )
    # a & b & c is one condition of three parts.
    own = left.parts if isinstance(left, Conditions) and left.operator == operator else (left,)
    return Conditions(operator, (*own, right))
