"""Variables of dashboards as definitions, in the shape that Grafana writes today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attr
from grafanalib import core

from gk.define.arguments import checked
from gk.define.datasource import Datasource
from gk.errors import did_you_mean
from gk.promql.snippet import Query, Snippet

__all__ = [
    "ALL",
    "Variable",
    "adhoc_variable",
    "constant_variable",
    "custom_variable",
    "datasource_variable",
    "interval_variable",
    "query_variable",
    "switch_variable",
    "textbox_variable",
]

ALL = "$__all"
"""Grafana's value of a variable with all values chosen."""
# Grafana's numbers (@grafana/schema 13.2.3, raw/dashboard/x/types.gen.d.ts).
_HIDE = {"": 0, "label": 1, "variable": 2}
_REFRESH = {"never": 0, "load": 1, "time": 2}
_SORT = {
    "": 0,
    "alphabetical": 1,
    "alphabetical-desc": 2,
    "numerical": 3,
    "numerical-desc": 4,
    "alphabetical-ignore-case": 5,
    "alphabetical-ignore-case-desc": 6,
    "natural": 7,
    "natural-desc": 8,
}

Hide = Literal["", "label", "variable"]


@attr.s(eq=False, auto_attribs=True)
class Variable(core.Template):  # type: ignore[misc]
    """A variable in the current shape: `json` is what Grafana writes."""

    json: dict[str, Any] = attr.Factory(dict)

    def to_json_data(self) -> dict[str, Any]:
        """The variable's JSON; its query is not rendered."""
        return dict(self.json)


# mypy does not see the fields that attrs classes inherit from grafanalib.
_new_variable: Any = Variable


def _variable(name: str, type: str, query: Any, *, hide: str, **json: Any) -> Variable:
    # grafanalib computes the current value of other types by its own rules, so give it the type
    # "query".
    body = {"name": name, "type": type, "query": query, "hide": _HIDE[hide], **json}
    return _new_variable(name=name, query=query, type="query", json=body)  # type: ignore[no-any-return]


@checked
def datasource_variable(
    name: str,
    type: str = "prometheus",
    *,
    default: Datasource | str = "",
    regex: str = "",
    multi: bool = False,
    include_all: bool = False,
    label: str = "",
    description: str = "",
    hide: Hide = "",
) -> Variable:
    """A choice of data sources of `type`. `regex` filters them by name; `default` is a uid or a
    data source. `hide` leaves out the label, or the whole variable."""
    # The value is the uid since Grafana 10.2, and the name before; each version accepts both.
    text, value = (
        (default.name, default.uid) if isinstance(default, Datasource) else (default, default)
    )
    return _variable(
        name,
        "datasource",
        type,
        label=label,
        hide=hide,
        description=description,
        regex=regex,
        multi=multi,
        includeAll=include_all,
        refresh=_REFRESH["load"],
        current=_current(text, value, multi=multi),
    )


@checked
def query_variable(
    name: str,
    query: Query | Snippet | str | Mapping[str, Any],
    *,
    datasource: Datasource | str | Mapping[str, str] | None = None,
    regex: str = "",
    multi: bool = False,
    include_all: bool = False,
    all_value: str = "",
    default: str = "",
    refresh: Literal["never", "load", "time"] = "load",
    sort: Literal[
        "",
        "alphabetical",
        "alphabetical-desc",
        "numerical",
        "numerical-desc",
        "alphabetical-ignore-case",
        "alphabetical-ignore-case-desc",
        "natural",
        "natural-desc",
    ] = "natural",
    label: str = "",
    description: str = "",
    hide: Hide = "",
) -> Variable:
    """A choice of the results of a query, such as `label_values(up, job)`.

    `regex` picks a part of each result. `multi` allows several values. With `include_all` and no
    `default`, all values are chosen at first; queries then get `all_value` in place of the list of
    all values. `refresh` sets when the query runs: once, when the dashboard loads, or when the time
    range changes. `hide` leaves out the label, or the whole variable.
    """
    return _variable(
        name,
        "query",
        query,
        label=label,
        hide=hide,
        description=description,
        datasource=datasource.ref if isinstance(datasource, Datasource) else datasource,
        regex=regex,
        multi=multi,
        includeAll=include_all,
        allValue=all_value,
        refresh=_REFRESH[refresh],
        sort=_SORT[sort],
        current=_current(default, multi=multi) if default or not include_all else _all(multi=multi),
    )


@checked
def custom_variable(
    name: str,
    values: Sequence[str] | Mapping[str, str],
    *,
    default: str = "",
    multi: bool = False,
    include_all: bool = False,
    all_value: str = "",
    label: str = "",
    description: str = "",
    hide: Hide = "",
) -> Variable:
    """A choice of fixed values; a mapping gives the text shown for each value (`{"shown":
    "value"}`). The other arguments are as those of `query_variable`."""
    texts = dict(values) if isinstance(values, Mapping) else {value: value for value in values}
    all_of_them = include_all and not default
    chosen = "" if all_of_them else _chosen(name, default, list(texts.values()))
    options = [
        {"text": text, "value": value, "selected": value == chosen} for text, value in texts.items()
    ]
    shown = next((text for text, value in texts.items() if value == chosen), "")
    return _variable(
        name,
        "custom",
        ",".join(_pair(name, text, value) for text, value in texts.items()),
        label=label,
        hide=hide,
        description=description,
        options=options,
        multi=multi,
        includeAll=include_all,
        allValue=all_value,
        current=_all(multi=multi) if all_of_them else _current(shown, chosen, multi=multi),
    )


def _chosen(name: str, default: str, values: Sequence[str]) -> str:
    """Return the value that a variable starts with. Raises ValueError for an unknown one."""
    if not values:
        raise ValueError(f"variable ${name} has no values")
    if default and default not in values:
        raise ValueError(
            f"variable ${name}: default '{default}' is not one "
            f"of its values{did_you_mean(default, values)}"
        )
    return default or values[0]


def _pair(name: str, text: str, value: str) -> str:
    """Return a value, with its text if that differs, in the form of Grafana's editor of custom
    variables."""
    if " : " in value:
        raise ValueError(f"variable ${name}: Grafana cannot have ' : ' in a value, as in '{value}'")
    return _escaped(value) if text == value else f"{_escaped(text)} : {_escaped(value)}"


def _escaped(text: str) -> str:
    # A backslash escapes only a comma after it, and needs no escape itself.
    return text.replace(",", "\\,")


@checked
def interval_variable(
    name: str,
    values: Sequence[str] = ("1m", "5m", "10m", "30m", "1h"),
    *,
    default: str = "",
    auto: bool = False,
    auto_count: int = 30,
    auto_min: str = "10s",
    label: str = "",
    description: str = "",
    hide: Hide = "",
) -> Variable:
    """A choice of durations.

    `auto` adds a value that divides the time range by `auto_count`, and is at least `auto_min`;
    `default` may be "auto".
    """
    is_auto = auto and default == "auto"
    chosen = "auto" if is_auto else _chosen(name, default, values)
    own = (
        {"auto": True, "auto_count": auto_count, "auto_min": auto_min} if auto else {"auto": False}
    )
    return _variable(
        name,
        "interval",
        ",".join(values),
        label=label,
        hide=hide,
        description=description,
        refresh=_REFRESH["time"],
        options=[{"text": value, "value": value, "selected": value == chosen} for value in values],
        current=_current(chosen, f"$__auto_interval_{name}" if is_auto else chosen),
        **own,
    )


@checked
def textbox_variable(
    name: str, default: str = "", *, label: str = "", description: str = "", hide: Hide = ""
) -> Variable:
    """A text field for the viewer, which contains `default` at first."""
    return _variable(
        name,
        "textbox",
        default,
        label=label,
        hide=hide,
        description=description,
        current=_current(default),
    )


@checked
def switch_variable(
    name: str,
    *,
    default: bool = False,
    on: str = "true",
    off: str = "false",
    label: str = "",
    description: str = "",
    hide: Hide = "",
) -> Variable:
    """A switch between two values (Grafana 12.3). Earlier targets get a choice of the two."""
    current = on if default else off
    # Grafana takes the first option for the value that is on.
    options = [{"text": value, "value": value, "selected": value == current} for value in (on, off)]
    return _variable(
        name,
        "switch",
        "",
        label=label,
        hide=hide,
        description=description,
        options=options,
        current=_current(current),
    )


@checked
def constant_variable(name: str, value: str, *, label: str = "", description: str = "") -> Variable:
    """A named value that is hidden from viewers."""
    return _variable(name, "constant", value, label=label, hide="variable", description=description)


@checked
def adhoc_variable(
    name: str,
    *,
    datasource: Datasource | str | Mapping[str, str] | None = None,
    label: str = "",
    description: str = "",
    hide: Hide = "",
) -> Variable:
    """Filters that the viewer adds; Grafana applies them to every query of the data source."""
    ref = datasource.ref if isinstance(datasource, Datasource) else datasource
    return _variable(
        name,
        "adhoc",
        "",
        label=label,
        hide=hide,
        description=description,
        datasource=ref,
        filters=[],
    )


def _current(text: str, value: str = "", *, multi: bool = False) -> dict[str, Any]:
    if not text:
        return {}
    return (
        {"text": [text], "value": [value or text]}
        if multi
        else {"text": text, "value": value or text}
    )


def _all(*, multi: bool) -> dict[str, Any]:
    return _current("All", ALL, multi=multi)
