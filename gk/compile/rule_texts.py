"""The labels and annotations of a rule in each engine's form, and the panel that an alert links
to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from gk.compile.context import Compilation
from gk.compile.template import VALUE, for_grafana, for_prometheus
from gk.define.alerting import Alert, AlertGroup, RecordingRule
from gk.define.expression import Expression, RuleQueries
from gk.errors import Where
from gk.promql.syntax import is_label

__all__ = [
    "NAME",
    "grafana_annotations",
    "grafana_labels",
    "prometheus_annotations",
    "prometheus_labels",
    "where_of",
]

NAME = re.compile(r"[^\s{}()\"'\\]+")
"""The names of series, labels and annotations. Prometheus 3 allows any text; spaces, braces and
quotes are PromQL in the wrong place."""
_Convert: TypeAlias = "Callable[[str, str], str]"
"""Converts a text for an engine; its second argument is the label that names the node."""


def where_of(rule: Alert | RecordingRule) -> Where:
    """Where a rule is, in its group."""
    if isinstance(rule, Alert):
        return Where("alert", rule.name)
    return Where("recording rule", rule.record)


_AN_HOUR_AGO, _NOW = (
    f'{{{{ query "1000 * {time}" | first | value | printf "%.0f" }}}}'
    for time in ("(time() - 3600)", "time()")
)
"""Points in time as Grafana's URLs have them. Prometheus's templates have no clock but a query."""

# Grafana's form


def grafana_labels(
    context: Compilation, group: AlertGroup, rule: Alert | RecordingRule
) -> dict[str, str]:
    """The labels of a rule in Grafana."""
    return _labels(context, group, rule, _for_grafana(context, rule))


def grafana_annotations(context: Compilation, rule: Alert) -> dict[str, str]:
    """The annotations of an alert in Grafana, with the link to its panel."""
    texts = _annotations(context, rule, _for_grafana(context, rule))
    panel = _panel(context, rule)
    # Grafana accepts these two annotations only together, the panel's id as text.
    if panel and "__dashboardUid__" not in texts:
        texts |= {"__dashboardUid__": panel.dashboard_uid, "__panelId__": str(panel.panel_id)}
    # Grafana's own link to the panel has no values of variables.
    if context.settings.grafana_url and (url := _url(context, rule)):
        texts.setdefault("dashboard_url", url)
    return texts


def _for_grafana(context: Compilation, rule: Alert | RecordingRule) -> _Convert:
    if isinstance(rule, Alert) and isinstance(rule.condition, RuleQueries):
        return lambda text, node: text

    def convert(text: str, node: str) -> str:
        return for_grafana(text, node, shared=_is_shared(context)).replace(VALUE, _value(rule))

    return convert


def _value(rule: Alert | RecordingRule) -> str:
    """The value of a rule's first query in Grafana's templates."""
    condition = rule.condition if isinstance(rule, Alert) else None
    if not isinstance(condition, Expression) or "A" in condition.queries:
        return VALUE
    return f"$values.{next(iter(condition.queries))}.Value"


# Prometheus's form


def prometheus_labels(
    context: Compilation, group: AlertGroup, rule: Alert | RecordingRule
) -> dict[str, str]:
    """The labels of a rule in Prometheus."""
    return _labels(context, group, rule, _for_prometheus(context))


def prometheus_annotations(context: Compilation, rule: Alert) -> dict[str, str]:
    """The annotations of an alert in Prometheus, with the link to its panel."""
    texts = _annotations(context, rule, _for_prometheus(context))
    if url := _url(context, rule):
        texts.setdefault("dashboard_url", f"{url}&from={_AN_HOUR_AGO}&to={_NOW}")
    return texts


def _for_prometheus(context: Compilation) -> _Convert:
    return partial(for_prometheus, shared=_is_shared(context))


# Both


def _is_shared(context: Compilation) -> bool:
    return context.builds_grafana and context.builds_prometheus


def _labels(
    context: Compilation, group: AlertGroup, rule: Alert | RecordingRule, convert: _Convert
) -> dict[str, str]:
    if isinstance(rule, RecordingRule):
        labels = {**group.labels, **rule.labels}
    else:
        severity = {"severity": rule.severity} if rule.severity else {}
        labels = {**group.labels, **severity, **rule.labels}
        labels = _texts(context, rule, "label", labels, convert)
    named = _named(context, rule, "label", labels)
    for name in named:
        if not NAME.fullmatch(name) or name.startswith("__"):
            message = f"label '{name}' is not a valid label name for a rule"
            context.wrong(rule.source, message, where_of(rule))
    return named


def _named(
    context: Compilation, rule: Alert | RecordingRule, what: str, texts: Mapping[Any, str]
) -> dict[str, str]:
    """Return the texts whose names are text, and note a mistake for each other name."""
    for kind in {type(name) for name in texts if not isinstance(name, str)}:
        message = f"the name of each {what} must be text, not {kind.__name__}"
        context.wrong(rule.source, message, where_of(rule))
    return {name: text for name, text in texts.items() if isinstance(name, str)}


def _annotations(context: Compilation, rule: Alert, convert: _Convert) -> dict[str, str]:
    runbook = rule.runbook or context.settings.runbooks.replace("{alert}", rule.name)
    texts = {
        "summary": rule.summary,
        "description": rule.description,
        "runbook_url": runbook,
        **rule.annotations,
    }
    named = _named(context, rule, "annotation", texts)
    for name in rule.annotations.keys() & named.keys():
        if not NAME.fullmatch(name):
            message = f"annotation '{name}' is not a valid annotation name"
            context.wrong(rule.source, message, where_of(rule))
    given = {name: text for name, text in named.items() if text}
    return _texts(context, rule, "annotation", given, convert)


def _texts(
    context: Compilation, rule: Alert, what: str, texts: Mapping[str, str], convert: _Convert
) -> dict[str, str]:
    """Return the texts in an engine's form."""
    node = context.node_label(rule.query)
    converted = {}
    for name, text in texts.items():
        try:
            converted[name] = convert(text, node)
        except ValueError as error:
            context.wrong(rule.source, f"{what} {name}: {error}", where_of(rule))
    return converted


def _panel(context: Compilation, rule: Alert) -> Any:
    if not rule.linked:
        return None
    shown = [context.panels.get(query) for query in rule.queries]
    alike = [context.panels_by_snippet.get(query.snippet) for query in rule.queries]
    return next(filter(None, (*shown, *alike)), None)


def _url(context: Compilation, rule: Alert) -> str:
    """The URL of the panel that shows what the alert is about, and of nothing else: the values of
    the alert's labels are those of the dashboard's variables."""
    narrow = [
        context.narrow_panels[query][1] for query in rule.queries if query in context.narrow_panels
    ]
    panel = next(iter(narrow), None) or _panel(context, rule)
    if not panel or not rule.linked:
        return ""
    chosen = "".join(
        f"{{{{ with $labels.{label} }}}}&var-{name}={{{{ . | urlquery }}}}{{{{ end }}}}"
        for name, label in panel.labels.items()
        if is_label(label)
    )
    base = context.settings.grafana_url
    return f"{base}/d/{panel.dashboard_uid}?viewPanel={panel.panel_id}{chosen}"
