"""Dashboards whose variables are resolved, and why some of these have no values.

A variable without values empties what uses it, unless it asks for a label that nobody has, such as
`cluster` where there is one cluster: `up{cluster=""}` then selects all series, as it should.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from gk.check.live.asking import Asker, OutOfTimeError
from gk.check.live.empty import Empty
from gk.check.live.questions import Planned
from gk.check.live.reasons import Cause, Reason
from gk.check.subjects import Dashboard
from gk.prometheus import RefusedError, Resolved, Sample, TimedOutError, Variables
from gk.prometheus.macros import TimeRange
from gk.promql.syntax import variables

__all__ = ["Board", "Settled", "Tolerant"]

Value = TypeVar("Value")


class Tolerant:
    """A server for variables of a dashboard that shows a time range: what it refuses or does not
    answer has no values, and `lost` says why.

    As Grafana, it is asked for what is there within that range: else an instance that is gone for
    days would be the first choice, and leave all panels empty.
    """

    def __init__(self, asker: Asker, shown: TimeRange) -> None:
        self._asker = asker
        self.shown = shown
        self.lost: list[str] = []

    def query(self, expr: str) -> list[Sample]:
        """The series of an instant query, at the end of the range."""
        return self._answer(lambda: list(self._asker.at(expr, self.shown.end).series))

    def label_values(self, label: str, selector: str = "") -> list[str]:
        """The values of a label."""
        return self._answer(lambda: self._asker.label_values(label, selector, self.shown))

    def label_names(self, selector: str = "") -> list[str]:
        """The names of labels."""
        return self._answer(lambda: self._asker.label_names(selector, self.shown))

    def _answer(self, ask: Callable[[], list[Value]]) -> list[Value]:
        try:
            return ask()
        except RefusedError:
            # The reason of the variable says so.
            return []
        except (TimedOutError, OutOfTimeError) as error:
            self.lost.append(str(error))
            return []


@dataclass(eq=False)
class Settled:
    """The values of a dashboard's variables, over the range that it shows.

    `reasons` says why variables have no values, by name; `harmless` names those without which
    queries work.
    """

    variables: Variables
    shown: TimeRange
    reasons: dict[str, Reason] = field(default_factory=dict)
    harmless: set[str] = field(default_factory=set)

    @property
    def asking(self) -> dict[str, Resolved]:
        """The variables with a query, in their order."""
        return {
            name: variable for name, variable in self.variables.resolved.items() if variable.query
        }

    def find_reasons(self, empty: Empty, with_data: Iterable[str]) -> None:
        """Find out why variables have no values; `with_data` are the texts of queries that have
        some."""
        used = {name for text in with_data for name in variables(text)} | {
            name for variable in self.asking.values() if variable.options for name in variable.uses
        }
        for name, resolved in self.asking.items():
            if not resolved.is_empty:
                continue
            self.reasons[name] = self._why(resolved, empty)
            # To match an absent label against nothing selects all series.
            if name in used or self.reasons[name].cause is Cause.LABEL_ABSENT:
                self.harmless.add(name)

    def blamed(self, text: str) -> str:
        """The variable in a query that leaves it empty, the first of those that need another."""
        for name in sorted(variables(text)):
            if name in self.reasons and name not in self.harmless:
                return self.reasons[name].variable or name
        return ""

    def emptied_by(self, text: str) -> str:
        """A variable without values in a query that should work without: it does not if it matches
        a label that series have."""
        return next((name for name in sorted(variables(text)) if name in self.harmless), "")

    def _why(self, resolved: Resolved, empty: Empty) -> Reason:
        uses = " ".join(f"${name}" for name in sorted(resolved.uses))
        if first := self.blamed(uses):
            return Reason(Cause.VARIABLE, f"it needs ${first}, which has none", variable=first)
        try:
            return empty.of_variable(resolved.query, self.shown)
        except RefusedError as error:
            return Reason(Cause.REFUSED, f"Prometheus refuses its query: {error.reason}")
        except (TimedOutError, OutOfTimeError) as error:
            return Reason(Cause.UNKNOWN, f"gk could not ask for the reason: {error}")


@dataclass(frozen=True, eq=False)
class Board:
    """A dashboard with the values of its variables, and what it asks."""

    dashboard: Dashboard
    settled: Settled
    planned: Sequence[Planned]
    lost: Sequence[str] = ()
