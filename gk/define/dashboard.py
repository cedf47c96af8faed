"""Dashboards as definitions: dashboard, links, annotations. Panels are in gk.define.panels, rows
and tabs in gk.define.layout, variables in gk.define.variables.

Everything here is a grafanalib object, or is converted to one, so grafanalib's own objects work in
every place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, Literal

from grafanalib import core

from gk.define.arguments import checked
from gk.define.datasource import Datasource
from gk.define.layout import AutoGrid, Panels, Row, Tab, contents
from gk.define.place import caller
from gk.promql.snippet import Exporter, Nodes, Query, Snippet, exporter_of

__all__ = ["DEFINITIONS", "Dashboard", "annotation", "dashboard_link"]

_TOOLTIPS = {"default": 0, "crosshair": 1, "tooltip": 2}


class Dashboard(core.Dashboard):  # type: ignore[misc]
    """A dashboard.

    `uid` is part of the URL; the default is made from the title. `folder` is the title of the
    folder (default: gk.yaml's). `exporter`, a module of snippets, adds the variables `$datasource`,
    `$job` and `$node`, which its queries use. `nodes` is what viewers choose of them: any number,
    exactly one, or nothing, for a dashboard of all nodes.
    `panels` are a list, or a mapping from ids (`{4: timeseries(...), 7: stat(...)}`). `rows` come
    after `panels`, and `tabs` after both. `time` is the start and the end of the time
    range, in Grafana's terms; `refresh` is the interval between refreshes, a duration. `tooltip`
    sets whether panels share the crosshair, or also the tooltip. `extra` is merged into the JSON
    unchanged.
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
        panels: Panels | AutoGrid = (),
        rows: Sequence[Row | core.RowPanel] = (),
        tabs: Sequence[Tab] = (),
        exporter: ModuleType | Exporter | None = None,
        nodes: Nodes = "any",
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
        # A text of two characters would unpack into a start and an end.
        if isinstance(given, str):
            raise TypeError(
                f"Dashboard(): time is a start and an end; write time=({given!r}, 'now')"
            )
        super().__init__(
            title=title,
            uid=uid or None,
            description=description,
            tags=list(tags),
            panels=contents(panels, rows, tabs),
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
        self.nodes = nodes
        self.datasource = datasource
        self.extra = dict(extra or {})
        # Set by wrap() only.
        self.body: Any = None
        self.chosen_inputs: Mapping[str, Datasource | str] = {}
        self.source = caller()

    @classmethod
    def wrap(
        cls,
        definition: Any,
        *,
        folder: str | None = None,
        uid: str = "",
        datasource: Datasource | str | None = None,
        inputs: Mapping[str, Datasource | str] | None = None,
    ) -> Dashboard:
        """Wrap a dashboard that another library made (grafanalib, Foundation SDK, exported JSON),
        to set its folder or uid.

        `datasource` is that of the panels and queries that name none; the default is the project's,
        and `-- Default --` leaves it to Grafana.

        `inputs` are the data sources and constants that an export "for sharing externally" asks
        for, by the names in its `__inputs`: `{"DS_PROMETHEUS": prometheus}`.
        """
        if isinstance(definition, Dashboard):
            raise TypeError(
                "Dashboard.wrap() is for dashboards made elsewhere; "
                "pass folder and uid to the constructor of this one"
            )
        dashboard = cls("", uid=uid, folder=folder, datasource=datasource)
        dashboard.body = definition
        dashboard.chosen_inputs = dict(inputs or {})
        return dashboard


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
    """A link at the top of a dashboard: to a URL, to a dashboard by uid, or to all dashboards with
    all of the tags, as single links or as a `dropdown`. `keep_time` and `include_variables` take
    the time range and the variables along."""
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
    """Marks on every panel at the times when a Prometheus query returns a value above zero.

    `title` and `text` are formats (`{{alertname}}`), `tags` label names, `step` a duration.
    `enabled` shows the marks at first, `hide` removes the switch for them. With
    `value_is_time`, the query's values are the times of the marks, in milliseconds since 1970.
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
"""Types that are definitions on their own; others are part of one."""
