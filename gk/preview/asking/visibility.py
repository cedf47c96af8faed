"""The conditions under which schema v2 shows a panel, a row or a tab.

Source: conditional-rendering of Grafana 12.4's dashboards; https://grafana.com/docs/grafana/latest/
visualizations/dashboards/build-dashboards/create-dashboard/#configure-showhide-rules
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gk.bounded.patterns import compiled
from gk.documents.durations import milliseconds
from gk.documents.parts import dicts, path
from gk.documents.shapes import Json
from gk.prometheus import Resolved
from gk.prometheus.macros import TimeRange

__all__ = ["Conditions"]


@dataclass(frozen=True, eq=False)
class Conditions:
    """What conditions ask for: the values of variables, the range of the dashboard, and whether
    there are data."""

    resolved: Mapping[str, Resolved]
    shown: TimeRange
    has_data: Callable[[], bool]

    def show(self, group: Json) -> bool:
        """Whether a group of conditions shows what it is of; without any, that shows."""
        spec = path(group, "spec")
        results = [
            result
            for condition in dicts(spec, "items")
            if (result := self._holds(condition)) is not None
        ]
        if not results:
            return True
        holds = any(results) if spec.get("condition") == "or" else all(results)
        return holds is not (spec.get("visibility") == "hide")

    def _holds(self, condition: Json) -> bool | None:
        """Whether a condition holds; None if Grafana ignores it."""
        spec = path(condition, "spec")
        match condition.get("kind"):
            case "ConditionalRenderingVariable":
                return self._of_variable(spec)
            case "ConditionalRenderingData":
                return self.has_data() is bool(spec.get("value"))
            case "ConditionalRenderingTimeRangeSize":
                most = milliseconds(str(spec.get("value") or ""))
                return None if most is None else self.shown.milliseconds <= most
        return None

    def _of_variable(self, spec: Json) -> bool | None:
        resolved = self.resolved.get(str(spec.get("variable")))
        if resolved is None:
            return None
        given, operator = str(spec.get("value", "")), spec.get("operator")
        values = ["$__all", "All"] if resolved.is_all else list(resolved.values)
        if operator in ("equals", "notEquals"):
            return (given in values) is (operator == "equals")
        if operator in ("matches", "notMatches"):
            pattern = compiled(given)
            is_chosen = pattern is not None and any(map(pattern.search, values))
            return is_chosen is (operator == "matches")
        return None
