"""Panels that list alerts and dashboards: Grafana knows these, and no query asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from gk.define.arguments import checked
from gk.define.panel import Common, Panel, new_panel

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["alert_list", "dashboard_list"]


@checked
def alert_list(
    title: str,
    *,
    name_filter: str = "",
    label_filter: str = "",
    folder_uid: str = "",
    datasource_name: str = "",
    states: Sequence[Literal["firing", "pending", "noData", "normal", "error"]] = (
        "firing",
        "pending",
    ),
    max_items: int = 20,
    group_by: Sequence[str] = (),
    view: Literal["list", "stat"] = "list",
    **common: Unpack[Common],
) -> Panel:
    """Alerts and their states.

    `name_filter` is a part of the name, `label_filter` a set of matchers (`{severity="critical"}`);
    both may use variables. `folder_uid` limits the list to a folder of Grafana's rules,
    `datasource_name` to the rules of one data source; "grafana" is Grafana itself. `group_by` names
    labels. `view` "stat" shows the number of alerts.
    """
    return new_panel(
        "alertlist",
        title,
        (),
        common,
        size=(24, 6),
        options={
            "alertName": name_filter,
            "alertInstanceLabelFilter": label_filter,
            "folder": {"uid": folder_uid} if folder_uid else None,
            "datasource": datasource_name,
            "stateFilter": {
                state: state in states
                for state in ("firing", "pending", "noData", "normal", "error")
            },
            "maxItems": max_items,
            "groupMode": "custom" if group_by else "default",
            "groupBy": list(group_by),
            "sortOrder": 1,
            "viewMode": view,
        },
    )


@checked
def dashboard_list(
    title: str,
    *,
    tags: Sequence[str] = (),
    query: str = "",
    folder_uid: str = "",
    search: bool = True,
    starred: bool = False,
    recent: bool = False,
    headings: bool = False,
    max_items: int = 30,
    keep_time: bool = True,
    include_variables: bool = True,
    **common: Unpack[Common],
) -> Panel:
    """Links to dashboards.

    With `search`, those that have all `tags`, a title with `query`, and are in the folder; with
    `starred` and `recent`, those that the viewer starred or opened. `keep_time` and
    `include_variables` take the time range and the variables along.
    """
    return new_panel(
        "dashlist",
        title,
        (),
        common,
        size=(8, 8),
        options={
            "tags": list(tags),
            "query": query,
            # Since Grafana 10, an empty uid means General (dashlist/DashList.tsx).
            "folderUID": folder_uid or None,
            "showSearch": search,
            "showStarred": starred,
            "showRecentlyViewed": recent,
            "showHeadings": headings,
            "maxItems": max_items,
            "keepTime": keep_time,
            "includeVars": include_variables,
        },
    )
