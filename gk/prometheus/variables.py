"""The variables of a dashboard, resolved from live data: the values that it opens with, and a query
with these in it, as Grafana would send it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import regex

from gk.bounded.patterns import compiled
from gk.documents.parts import dicts, path
from gk.documents.queries import LABEL_VALUES, QUERY_RESULT, variable_query
from gk.prometheus.answers import Sample
from gk.prometheus.macros import rounded_interval
from gk.promql.syntax import variables, with_variables

__all__ = ["ALL", "Resolved", "VariableServer", "Variables"]

ALL = "$__all"
_LABEL_NAMES = re.compile(r"label_names\((?P<selector>.*)\)")
_METRICS = re.compile(r"metrics\((?P<regex>.+)\)")
_AUTO = "$__auto_interval_"


class VariableServer(Protocol):
    """What variables ask for."""

    def query(self, expr: str) -> list[Sample]:
        """The result of an instant query."""

    def label_values(self, label: str, selector: str = "") -> list[str]:
        """The values of a label."""

    def label_names(self, selector: str = "") -> list[str]:
        """The names of labels."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The values that a variable has; those of a choice of several are put into queries as regular
    expressions.

    `query` is what was asked for them, with the values of other variables in it; empty if nothing
    was. `uses` names the variables in it.
    """

    values: Sequence[str]
    several: bool = False
    query: str = ""
    uses: frozenset[str] = frozenset()
    options: int = 0
    """How many values the query returned."""
    is_all: bool = False
    """Whether all of the options are chosen, as one choice."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """What a reader sees for a value, where that is something else."""

    @property
    def is_empty(self) -> bool:
        """Whether its query returns nothing, so that it has no value that is there."""
        return bool(self.query) and not self.options

    def text(self, format: str) -> str:
        """The values as they are put into a query, in a format of Grafana's."""
        if format in ("csv", "raw", "pipe"):
            return ("|" if format == "pipe" else ",").join(self.values)
        values = [_escaped(value) for value in self.values] if self.several else self.values
        return f"({'|'.join(values)})" if len(values) > 1 else "".join(values)


def _escaped(value: str) -> str:
    # Two backslashes for one, because a query has the value between quotes; as Grafana's
    # prometheusSpecialRegexEscape.
    return re.sub(
        r"[\\$^*{}\[\]'+?.()|]",
        lambda match: r"\\\\" if match[0] == "\\" else rf"\\{match[0]}",
        value,
    )


@dataclass
class Variables:
    """The variables of a dashboard (`body` is a classic one), resolved once.

    `macros` are what Grafana's own variables stand for, outside of panels; `chosen` are values by
    the variable's name, in place of those that the dashboard opens with: one, or a list of several.
    """

    body: Mapping[str, Any]
    server: VariableServer
    macros: Mapping[str, str]
    chosen: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    resolved: dict[str, Resolved] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A variable may use earlier ones.
        for variable in dicts(path(dict(self.body), "templating"), "list"):
            self._resolve(variable, str(variable.get("name", "")))

    def interpolate(self, text: str, macros: Mapping[str, str] | None = None) -> str:
        """A query with the values of the variables, and of `macros`, in it."""
        own = self.macros if macros is None else macros

        def value(name: str, format: str) -> str | None:
            if name in own:
                return own[name]
            chosen = self.resolved.get(name)
            return chosen.text(format) if chosen else None

        return with_variables(text, value)

    @contextmanager
    def repeated(self, name: str) -> Iterator[None]:
        """Have the variable only its first value, as the first of several panels that it
        repeats."""
        whole = self.resolved.get(name)
        if whole is not None and len(whole.values) > 1:
            self.resolved[name] = Resolved(
                whole.values[:1], whole.several, whole.query, whole.uses, whole.options
            )
        try:
            yield
        finally:
            if whole is not None:
                self.resolved[name] = whole

    def with_values(self, values: Mapping[str, str]) -> Variables:
        """The same variables, some of which have one value only, as in a panel that is repeated for
        it."""
        scoped = copy(self)
        scoped.resolved = dict(self.resolved)
        for name, value in values.items():
            whole = self.resolved.get(name, Resolved(()))
            scoped.resolved[name] = replace(whole, values=[value], is_all=False)
        return scoped

    def _resolve(self, variable: Mapping[str, Any], name: str) -> None:
        """Give the variable the values that the dashboard opens with, or that was chosen."""
        given = self.chosen.get(name)
        if isinstance(given, str):
            self.resolved[name] = Resolved([given])
            return
        current = path(dict(variable), "current").get("value") or []
        chosen = [str(value) for value in (current if isinstance(current, list) else [current])]
        listed = dicts(dict(variable), "options")
        options = [str(option.get("value", "")) for option in listed]
        texts = {
            value: str(option["text"])
            for value, option in zip(options, listed, strict=True)
            if str(option.get("text") or value) != value
        }
        query = text = variable_query(variable)
        offered = 0
        if query:
            query = self.interpolate(text)
            matching = _matching(self._options(query), str(variable.get("regex") or ""))
            texts = _sorted(matching, variable.get("sort"))
            options = list(texts)
            offered = len(options)
        elif variable.get("type") == "interval":
            chosen = [self._interval(variable, value) for value in chosen]
        several = bool(variable.get("multi") or variable.get("includeAll"))
        is_all = False
        if given is not None:
            # Whoever names a value means it, whether or not it is there, or knows it by its text.
            value_of = {text: value for value, text in texts.items() if text not in options}
            chosen = [value_of.get(value, value) for value in given]
        elif ALL not in chosen:
            # As Grafana does: what is no longer among the options is replaced by the first of them.
            first = [ALL] if variable.get("includeAll") else options[:1] or chosen
            chosen = [value for value in chosen if value in options] or first
        if ALL not in chosen:
            values = chosen
        elif everything := variable.get("allValue"):
            # Grafana puts an allValue into queries as it is, without escaping it.
            values, several, is_all = [str(everything)], False, True
        else:
            values, is_all = [option for option in options if option != ALL], True
        self.resolved[name] = Resolved(
            values, several, query, frozenset(variables(text)), offered, is_all, texts
        )

    def _options(self, text: str) -> list[str]:
        if match := LABEL_VALUES.fullmatch(text):
            return self.server.label_values(match["label"], match["selector"] or "")
        if match := QUERY_RESULT.fullmatch(text):
            # Prometheus returns aggregated series in no order.
            return sorted(map(_shown, self.server.query(match["expr"])))
        if match := _LABEL_NAMES.fullmatch(text):
            return self.server.label_names(match["selector"])
        if match := _METRICS.fullmatch(text):
            return _searched(self.server.label_values("__name__"), match["regex"])
        return []

    def _interval(self, variable: Mapping[str, Any], value: str) -> str:
        """The value of a variable of intervals, whose `auto` depends on the range shown."""
        if not value.startswith(_AUTO):
            return value
        count = variable.get("auto_count")
        parts = count if isinstance(count, int) and count > 0 else 30
        seconds = int(self.macros.get("__range_s", "3600"))
        return f"{max(rounded_interval(seconds * 1000 / parts) // 1000, 10)}s"


def _shown(sample: Sample) -> str:
    """A result as Grafana offers it to a variable, which picks a part of it by a regular
    expression."""
    labels = ",".join(
        f'{name}="{value}"' for name, value in sample.labels.items() if name != "__name__"
    )
    return f"{sample.labels.get('__name__', '')}{{{labels}}} {sample.value:g}"


def _searched(options: list[str], pattern: str) -> list[str]:
    made = compiled(pattern)
    if made is None:
        return options
    matching = [option for option in options if made.search(option)]
    return options if made.took_too_long else matching


def _matching(options: list[str], pattern: str) -> dict[str, str]:
    """The options that match, each with its first group in its place, and what a reader sees of it.
    `pattern` is JavaScript's, between slashes; all options match one that cannot be read, or takes
    too long."""
    if not pattern:
        return dict(zip(options, options, strict=True))
    # As Grafana's stringToJsRegex: without slashes the whole option has to match.
    text = pattern[1:].rpartition("/")[0] if pattern.startswith("/") else f"^{pattern}$"
    made = compiled(text)
    every = [made.matches(option) for option in options] if made else []
    if made is None or made.took_too_long:
        return dict(zip(options, options, strict=True))
    texts: dict[str, str] = {}
    for matches in filter(None, every):
        texts.setdefault(_picked(matches, "value", "text"), _picked(matches, "text", "value"))
    return texts


def _sorted(texts: Mapping[str, str], order: object) -> dict[str, str]:
    """The values in an order of Grafana's, which is that of their texts."""
    if not isinstance(order, int) or not 0 < order <= 2 * len(_ORDERS):
        return dict(texts)
    key = _ORDERS[(order - 1) // 2]
    ordered = sorted(texts.items(), key=lambda each: key(each[1]))
    # A descending order is an ascending one that is turned round.
    return dict(ordered if order % 2 else reversed(ordered))


def _first_number(text: str) -> float:
    found = re.search(r"\d+", text)
    return float(found[0]) if found else -1.0


def _naturally(text: str) -> list[tuple[int, float, str]]:
    """Numbers in a text by their size: node-2 before node-10; signs before numbers, and those
    before letters."""
    parts = re.findall(r"\d+|\D", text.casefold())
    return [
        (1, float(part), "") if part.isdecimal() else (2 if part.isalpha() else 0, 0, part)
        for part in parts
    ]


_ORDERS: Sequence[Callable[[str], Any]] = (str, _first_number, str.casefold, _naturally)
"""Alphabetical, numerical, without regard to case, natural."""


def _picked(matches: Sequence[regex.Match[str]], *names: str) -> str:
    """What Grafana takes of the matches in an option: the first of the named groups, of any match;
    or else the first group; or else the option."""
    named = [match.groupdict() for match in matches]
    for name in names:
        if picked := next((groups[name] for groups in named if groups.get(name)), ""):
            return picked
    first = matches[0]
    return str(first[1] if first.re.groups else first.string)
