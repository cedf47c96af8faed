"""gk: Grafana dashboards, data sources and alert rules as Python.

This module exports the names that definitions use. Each is imported on first use, so that `gk
--version` does not wait for modules that only definitions need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gk.define.alerting import alert, alert_group, recording_rule
    from gk.define.dashboard import Dashboard, annotation, dashboard_link
    from gk.define.datasource import Datasource
    from gk.define.exported import exported_panel, exported_variable
    from gk.define.expression import expression, rule_queries
    from gk.define.fields import link, override
    from gk.define.folder import folder
    from gk.define.layout import Row, Tab, auto_grid
    from gk.define.library_panel import library_panel
    from gk.define.lists import alert_list, dashboard_list
    from gk.define.notifications import (
        contact_point,
        inhibit_rule,
        message_template,
        mute_timing,
        notification_policy,
        notification_settings,
        receiver,
    )
    from gk.define.panels import (
        bar_chart,
        bar_gauge,
        gauge,
        heatmap,
        logs,
        pie_chart,
        stat,
        state_timeline,
        text,
        timeseries,
    )
    from gk.define.reading import value
    from gk.define.rules import when_any, when_data, when_range, when_variable
    from gk.define.table import column, table
    from gk.define.target import target
    from gk.define.variables import (
        adhoc_variable,
        constant_variable,
        custom_variable,
        datasource_variable,
        interval_variable,
        query_variable,
        switch_variable,
        textbox_variable,
    )
    from gk.documents.secrets.references import secret, secret_file, secret_key

    __version__: str

__all__ = [
    "Dashboard",
    "Datasource",
    "Row",
    "Tab",
    "adhoc_variable",
    "alert",
    "alert_group",
    "alert_list",
    "annotation",
    "auto_grid",
    "bar_chart",
    "bar_gauge",
    "column",
    "constant_variable",
    "contact_point",
    "custom_variable",
    "dashboard_link",
    "dashboard_list",
    "datasource_variable",
    "exported_panel",
    "exported_variable",
    "expression",
    "folder",
    "gauge",
    "heatmap",
    "inhibit_rule",
    "interval_variable",
    "library_panel",
    "link",
    "logs",
    "message_template",
    "mute_timing",
    "notification_policy",
    "notification_settings",
    "override",
    "pie_chart",
    "query_variable",
    "receiver",
    "recording_rule",
    "rule_queries",
    "secret",
    "secret_file",
    "secret_key",
    "stat",
    "state_timeline",
    "switch_variable",
    "table",
    "target",
    "text",
    "textbox_variable",
    "timeseries",
    "value",
    "when_any",
    "when_data",
    "when_range",
    "when_variable",
]

DISTRIBUTION = "grafana-gk"
"""The name by which an index knows gk."""

_MODULES = (
    "gk.define.panels",
    "gk.define.lists",
    "gk.define.table",
    "gk.define.target",
    "gk.define.fields",
    "gk.define.dashboard",
    "gk.define.folder",
    "gk.define.library_panel",
    "gk.define.layout",
    "gk.define.reading",
    "gk.define.rules",
    "gk.define.variables",
    "gk.define.alerting",
    "gk.define.notifications",
    "gk.define.exported",
    "gk.define.expression",
    "gk.define.datasource",
    "gk.documents.secrets.references",
)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        globals()[name] = version = _version()
        return version
    if name in __all__:
        for module in map(import_module, _MODULES):
            if name in module.__all__:
                globals()[name] = value = getattr(module, name)
                return value
    raise AttributeError(
        f"module 'gk' has no attribute '{name}'", name=name, obj=import_module("gk")
    )


def __dir__() -> list[str]:
    return __all__


def _version() -> str:
    """The version of the installed distribution. The tag of its commit decided it."""
    # Reading it takes longer than to import the rest of this module.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"
