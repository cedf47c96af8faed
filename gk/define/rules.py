"""Rules of what a dashboard shows and when: for rows, tabs, and panels of automatic grids.

They need dashboards in schema v2 (Grafana 12.4); docs/targets.md says what becomes of them in a
classic dashboard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from gk.define.arguments import checked

__all__ = [
    "Rule",
    "Rules",
    "ShowWhen",
    "rules_of",
    "when_any",
    "when_data",
    "when_range",
    "when_variable",
]


@dataclass(frozen=True)
class Rule:
    """One condition: its kind in schema v2, and what that says."""

    kind: str
    spec: Mapping[str, Any]


@dataclass(frozen=True)
class Rules:
    """Conditions of which all hold, or any."""

    condition: Literal["and", "or"]
    rules: tuple[Rule, ...]


ShowWhen: TypeAlias = Rule | Rules | Sequence[Rule]

# ConditionalRenderingTimeRangeSize.tsx at 12.4; with anything else, Grafana ignores the rule.
_LENGTH = re.compile(r"[0-9]+(?:\.[0-9]+)?[Mwdhmsy]")


@checked
def when_variable(
    name: str,
    *,
    equals: str | None = None,
    equals_not: str | None = None,
    matches: str | None = None,
    matches_not: str | None = None,
) -> Rule:
    """While a variable equals a value or does not, or matches a regular expression or does not.

    A variable with several values equals each of them.
    """
    given = {
        "equals": equals,
        "notEquals": equals_not,
        "matches": matches,
        "notMatches": matches_not,
    }
    compared = [(operator, value) for operator, value in given.items() if value is not None]
    if len(compared) != 1:
        raise TypeError(
            f"when_variable({name!r}): pass one of equals, equals_not, matches and matches_not"
        )
    ((operator, value),) = compared
    spec = {"variable": name, "operator": operator, "value": value}
    return Rule("ConditionalRenderingVariable", spec)


@checked
def when_data(has_data: bool = True) -> Rule:
    """While the queries of a panel return data, or return none. Only panels have such a rule."""
    return Rule("ConditionalRenderingData", {"value": has_data})


@checked
def when_range(at_most: str) -> Rule:
    """While the time range is this long or shorter: a number and one unit, such as `7d`."""
    if not _LENGTH.fullmatch(at_most):
        raise ValueError(f"when_range(): '{at_most}' is not a length of time, such as 6h or 7d")
    return Rule("ConditionalRenderingTimeRangeSize", {"value": at_most})


def when_any(*rules: Rule) -> Rules:
    """While any of these rules holds. A list of rules, without this, wants all of them."""
    return Rules("or", _checked(rules))


def rules_of(given: ShowWhen) -> Rules | None:
    """The rules of an argument `show_when`; None without any. Raises TypeError for anything
    else."""
    if isinstance(given, Rules):
        return given
    rules = _checked([given] if isinstance(given, Rule) else list(given))
    return Rules("and", rules) if rules else None


def _checked(rules: Sequence[Any]) -> tuple[Rule, ...]:
    for rule in rules:
        if not isinstance(rule, Rule):
            raise TypeError(
                "show_when is a rule, such as when_variable('env', equals='prod'), or a list of "
                f"them, not {type(rule).__name__}"
            )
    return tuple(rules)
