"""Why a query returns nothing: values that say it to people and to machines."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

__all__ = ["Cause", "Reason"]


_IN_A_PART = " is empty: "


class Cause(enum.Enum):
    """The kinds of reasons."""

    METRIC_ABSENT = "metric absent"
    GONE = "gone"
    NOT_NOW = "not now"
    LABEL_ABSENT = "label absent"
    VALUE_ABSENT = "label value absent"
    EXCLUSIVE = "matchers exclude each other"
    NO_MATCH = "no series match"
    SHORT_RANGE = "range too short"
    BEFORE_DATA = "before the data"
    NO_BUCKETS = "no buckets"
    NOT_A_NUMBER = "NaN"
    VARIABLE = "variable without values"
    COMPARISON = "comparison"
    EXCLUDED = "excluded"
    PRESENT = "present"
    QUIET = "no alert"
    REFUSED = "refused"
    TOO_NEW = "data too new"
    APPEARED = "appeared"
    UNKNOWN = "unknown"

    @property
    def is_design(self) -> bool:
        """Whether an empty result is what the query says: it returns something only in trouble."""
        return self in (Cause.COMPARISON, Cause.EXCLUDED, Cause.PRESENT, Cause.QUIET)

    @property
    def is_passing(self) -> bool:
        """Whether it returns data in a moment: its series were only just scraped first."""
        return self in (Cause.TOO_NEW, Cause.APPEARED)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a query returns nothing, as a sentence without a full stop.

    `metric` is the metric that it is about, and `variable` the variable; empty if it is about none.
    `hint` is what brings the data, if the description of a snippet or a panel says so. It
    `is_of_nothing` if a matcher asks for series without a label, which all of them have.
    """

    cause: Cause
    text: str
    metric: str = ""
    hint: str = ""
    variable: str = ""
    is_of_nothing: bool = False

    def inside(self, part: str) -> Reason:
        """The same reason of a part of the query, such as `the right side of /`. The innermost part
        says enough."""
        if _IN_A_PART in self.text:
            return self
        return replace(self, text=f"{part}{_IN_A_PART}{self.text}")

    def __str__(self) -> str:
        return f"{self.text} ({self.hint})" if self.hint else self.text
