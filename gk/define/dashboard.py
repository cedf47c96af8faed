"""Dashboards as definitions: dashboard, row, variables, links, annotations. Panels are in
gk.define.panels.

Everything here is a grafanalib object, or turns into one, so grafanalib's own objects may stand in
any place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, Literal

import attr
from grafanalib import core

from gk.define.arguments import checked
from gk.define.datasource import Datasource
from gk.define.panel import NOTES, Notes
from gk.define.place import caller
from gk.errors import did_you_mean
from gk.promql.snippet import Exporter, Query, Snippet, exporter_of

__all__ = [
    "ALL",
    "DEFINITIONS",
    "Dashboard",
    "Row",
    "Variable",
    "adhoc_variable",
    "annotation",
    "constant_variable",
    "custom_variable",
    "dashboard_link",
    "datasource_variable",
    "interval_variable",
    "query_variable",
    "textbox_variable",
]

ALL = "$__all"
"""Grafana's value of a variable for which all values are chosen."""
_TOOLTIPS = {"default": 0, "crosshair": 1, "tooltip": 2}
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


class Row(core.RowPanel):  # type: ignore[misc]
    """A row. A collapsed one keeps its panels, and their queries, until somebody opens it.

    `repeat` is the name of a variable: Grafana shows the row once for each of its values.
    """

    @checked
    def __init__(
        self,
        title: str,
        panels: Sequence[core.Panel | Mapping[str, Any]] = (),
        *,
        collapsed: bool = False,
        repeat: str | None = None,
        key: str = "",
        id: int | None = None,
    ) -> None:
        super().__init__(
            title=title,
            panels=list(panels),
            collapsed=collapsed,
            repeat=core.Repeat(variable=repeat),
            id=id,
        )
        self.notes = Notes(source=caller(), width=24, height=1, key=key, alert_thresholds=False)

    def to_json_data(self) -> dict[str, Any]:
        """The row's JSON with its panels inside, whether it is collapsed or not."""
        return {**super().to_json_data(), NOTES: self.notes}


class Dashboard(core.Dashboard):  # type: ignore[misc]
    """A dashboard.

    `uid` is part of its address and comes from the title if not given. `folder` is the title of its
    folder (default: gk.yaml's). `exporter`, a module of snippets, brings the variables
    `$datasource`, `$job` and `$node`, and its queries read them; with `one_node` exactly one node
    is chosen. `rows` follow `panels`. `time` is where the time range starts and ends, in Grafana's
    terms; `refresh` is how often, a duration. `tooltip` says what panels share as the pointer
    moves. `extra` is merged into the JSON as it stands.
    """

    @checked
    def __init__(
        self,
        title: str,
        *,
        uid: str = "",
        folder: str | None = None,
        description: str = "",
        tags: Sequence[str] = (),
        panels: Sequence[core.Panel | Mapping[str, Any]] = (),
        rows: Sequence[Row | core.RowPanel] = (),
        exporter: ModuleType | Exporter | None = None,
        one_node: bool = False,
        datasource: Datasource | str | None = None,
        variables: Sequence[core.Template | Mapping[str, Any]] = (),
        links: Sequence[core.DashboardLink] = (),
        annotations: Sequence[Mapping[str, Any]] = (),
        time: tuple[str, str] = ("now-1h", "now"),
        refresh: str = "",
        timezone: Literal["", "browser", "utc"] | str = "",
        tooltip: Literal["default", "crosshair", "tooltip"] = "crosshair",
        editable: bool = True,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        given: object = time
        if isinstance(given, str):
            raise TypeError(
                "Dashboard(): time is where the range starts and ends; "
                f"write time=({given!r}, 'now')"
            )
        super().__init__(
            title=title,
            uid=uid or None,
            description=description,
            tags=list(tags),
            panels=[*panels, *rows],
            templating=core.Templating(list=list(variables)),
            links=list(links),
            annotations=core.Annotations(list=list(annotations)),
            time=core.Time(*time),
            refresh=refresh,
            timezone=timezone,
            graphTooltip=_TOOLTIPS[tooltip],
            editable=editable,
        )
        self.folder = folder
        self.exporter = exporter_of(exporter)
        self.one_node = one_node
        self.datasource = datasource
        self.extra = dict(extra or {})
        self.body: Any = None
        self.source = caller()

    @classmethod
    def wrap(cls, definition: Any, *, folder: str | None = None, uid: str = "") -> Dashboard:
        """A dashboard made elsewhere (grafanalib, Foundation SDK, exported JSON), with a folder or
        a uid of ours."""
        if isinstance(definition, Dashboard):
            raise TypeError(
                "Dashboard.wrap() is for dashboards made elsewhere; "
                "give this one its folder and uid itself"
            )
        dashboard = cls("", uid=uid, folder=folder)
        dashboard.body = definition
        return dashboard


@attr.s(eq=False, auto_attribs=True)
class Variable(core.Template):  # type: ignore[misc]
    """A variable in today's shape: `json` is what Grafana writes."""

    json: dict[str, Any] = attr.Factory(dict)

    def to_json_data(self) -> dict[str, Any]:
        """The variable's JSON; its query is not rendered."""
        return dict(self.json)


# mypy does not see the fields that attrs classes inherit from grafanalib.
_new_variable: Any = Variable


def _variable(name: str, type: str, query: Any, *, hide: str, **json: Any) -> Variable:
    # grafanalib works out the current value of other types by its own rules, so it is told "query".
    body = {"name": name, "type": type, "query": query, "hide": _HIDE[hide], **json}
    return _new_variable(name=name, query=query, type="query", json=body)  # type: ignore[no-any-return]


Hide = Literal["", "label", "variable"]


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
    """A choice among the data sources of `type`. `regex` limits them by name; `default` is a uid or
    a data source."""
    # A data source variable's value is the uid since Grafana 10.2, and the name before; each
    # accepts the other.
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
    """A choice among what a query returns, such as `label_values(up, job)`.

    `regex` picks a part of each result. With `include_all` and no `default`, everything is chosen
    at first; `all_value` is then put into queries in place of the list of all values. `refresh`
    says when the query runs.
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
    """A choice among fixed values; a mapping gives the text shown for each value (`{"shown":
    "value"}`)."""
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
    """The value that a variable starts with. Raises ValueError for one that is not there."""
    if not values:
        raise ValueError(f"variable '{name}' has no values")
    if default and default not in values:
        raise ValueError(
            f"variable '{name}': default '{default}' is none "
            f"of its values{did_you_mean(default, values)}"
        )
    return default or values[0]


def _pair(name: str, text: str, value: str) -> str:
    """A value, with its text if that is another, as Grafana's editor of custom variables takes
    them."""
    if " : " in value:
        raise ValueError(
            f"variable '{name}': Grafana cannot have ' : ' in a value, as in '{value}'"
        )
    return _escaped(value) if text == value else f"{_escaped(text)} : {_escaped(value)}"


def _escaped(text: str) -> str:
    # A backslash escapes the comma after it and is itself otherwise.
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
    """A choice among durations.

    `auto` adds one that divides the time range by `auto_count`, and is at least `auto_min`;
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
        options=[{"text": each, "value": each, "selected": each == chosen} for each in values],
        current=_current(chosen, f"$__auto_interval_{name}" if is_auto else chosen),
        **own,
    )


@checked
def textbox_variable(
    name: str, default: str = "", *, label: str = "", description: str = "", hide: Hide = ""
) -> Variable:
    """A text that the viewer types."""
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
def constant_variable(name: str, value: str, *, label: str = "", description: str = "") -> Variable:
    """A value with a name, which viewers do not see."""
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
    """Filters that the viewer adds; Grafana puts them into every query of the data source."""
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


@checked
def dashboard_link(
    title: str,
    *,
    url: str = "",
    dashboard: str = "",
    tags: Sequence[str] = (),
    keep_time: bool = True,
    include_variables: bool = True,
    dropdown: bool = False,
    new_tab: bool = False,
    tooltip: str = "",
) -> core.DashboardLink:
    """A link at the top of a dashboard: to a URL, to a dashboard by its uid, or to those that have
    all the tags."""
    return core.DashboardLink(
        title=title,
        type="dashboards" if tags else "link",
        uri=f"/d/{dashboard}" if dashboard else url,
        tags=list(tags),
        keepTime=keep_time,
        includeVars=include_variables,
        asDropdown=dropdown,
        targetBlank=new_tab,
        tooltip=tooltip,
        icon="dashboard" if dashboard else "external link",
    )


@checked
def annotation(
    name: str,
    query: Query | Snippet | str,
    *,
    title: str = "",
    text: str = "",
    tags: Sequence[str] = (),
    color: str = "red",
    step: str = "60s",
    datasource: Datasource | str | Mapping[str, str] | None = None,
    enabled: bool = True,
    hide: bool = False,
    value_is_time: bool = False,
) -> dict[str, Any]:
    """Marks on every panel where a Prometheus query returns something above zero.

    `title` and `text` are formats (`{{alertname}}`), `tags` names of labels, `step` a duration.
    With `value_is_time` the marks are at the times that the query returns, in milliseconds since
    1970.
    """
    return {
        "name": name,
        "datasource": datasource.ref if isinstance(datasource, Datasource) else datasource,
        "enable": enabled,
        "hide": hide,
        "iconColor": color,
        "expr": query,
        "step": step,
        "titleFormat": title,
        "textFormat": text,
        "tagKeys": ",".join(tags),
        "useValueForTime": value_is_time,
    }


DEFINITIONS = (Dashboard,)
"""What is a definition by itself: the rest is part of one."""
