"""What the engines' templates may use: functions, variables, and fields of the data.

Sources: Go's text/template; prometheus/prometheus, template/template.go and rules/alerting.go;
grafana/grafana, pkg/services/ngalert/state/template (state/template.go at 9.3.2), which extends
Prometheus's functions; prometheus/alertmanager, template/template.go; grafana/alerting, templates.
A function that only newer versions have is in these lists, too.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ALERTMANAGER_ONLY", "GRAFANA", "MESSAGES", "PROMETHEUS", "Engine"]


@dataclass(frozen=True, slots=True)
class Engine:
    """What expands a template. `fields` are those of its data, with the dot; None for any."""

    name: str
    functions: frozenset[str]
    variables: frozenset[str] = frozenset()
    fields: frozenset[str] | None = None


_BUILT_IN = frozenset(
    (
        *("and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not"),
        *("or", "print", "printf", "println", "slice", "urlquery"),
    )
)
_QUERIES = frozenset(("first", "label", "query", "sortByLabel", "strvalue", "value"))
"""Prometheus's queries inside a text, and the functions for their results. Grafana has them, but
its queries return nothing."""
_ALERTS = _BUILT_IN | {
    *("args", "externalURL", "graphLink", "humanize", "humanize1024", "humanizeDuration"),
    *("humanizePercentage", "humanizeTimestamp", "match", "parseDuration", "pathPrefix"),
    *("reReplaceAll", "safeHtml", "stripDomain", "stripPort", "tableLink", "title", "toLower"),
    *("toTime", "toUpper"),  # toTime: 2.38
    *("now", "toDuration", "urlQueryEscape"),  # 3.6, the last: 3.8
}

PROMETHEUS = Engine(
    "Prometheus",
    _ALERTS | _QUERIES,
    frozenset(("$labels", "$value", "$externalLabels", "$externalURL")),
    frozenset((".Labels", ".Value", ".ExternalLabels", ".ExternalURL")),
)
"""Labels and annotations of Prometheus's alerts."""

GRAFANA = Engine(
    "Grafana",
    _ALERTS
    | {
        # 9.5
        *("filterLabels", "filterLabelsRe", "mergeLabelValues", "removeLabels", "removeLabelsRe"),
    },
    frozenset(("$labels", "$value", "$values")),
    frozenset((".Labels", ".Value", ".Values")),
)
"""Labels and annotations of Grafana's alerts."""

MESSAGES = Engine(
    "message",
    _BUILT_IN
    | {
        *("join", "match", "reReplaceAll", "safeHtml", "stringSlice", "title", "toLower"),
        *("toUpper",),
        # Since Alertmanager 0.26.
        *("date", "trimSpace", "tz"),
        # Grafana 12: functions of its own, and four names with functions as methods (coll.Dict).
        *("coll", "data", "grafanaExploreURL", "queryFromGeneratorURL", "tenantID", "time", "tmpl"),
    },
)
"""Grafana's message templates. Its Alertmanager is a fork, which lacks the newer functions."""

ALERTMANAGER_ONLY = frozenset(
    (
        *("append", "base64decode", "base64encode", "dict", "humanizeDuration", "list"),
        *("mustToDate", "now", "routeLabels", "safeUrl", "since", "toDate", "toJson"),
        "urlUnescape",
    )
)
"""Functions of Alertmanager's message templates that no Grafana up to 13 has."""
