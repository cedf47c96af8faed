"""Compiles alerts and recording rules to the documents of Grafana and Prometheus.

A group becomes two resources: one for Grafana (the body of its HTTP API) and one for Prometheus (a
group of a rule file).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import promql_parser

from gk.compile.context import Compilation
from gk.compile.template import for_grafana, for_prometheus
from gk.define.alerting import Alert, AlertGroup, RecordingRule
from gk.documents.durations import milliseconds
from gk.documents.gotemplate.functions import GRAFANA, PROMETHEUS, Engine
from gk.documents.gotemplate.tokens import TemplateError
from gk.documents.names import MAX_UID, is_uid, slug
from gk.errors import Source
from gk.promql.snippet import Condition, Query, Scope
from gk.promql.syntax import is_label, parse, variables
from gk.resource import Kind, Use, Where

__all__ = ["compile_rules"]

EXPRESSION = "__expr__"
DEFAULT_FOLDER = "Alerts"
SCHEDULER_SECONDS = 10
"""Grafana evaluates groups at most every ten seconds (unified_alerting's base interval)."""
QUERY_SECONDS = 600
"""An instant query has no range, but Grafana refuses a range of zero length."""

_MACROS = frozenset(
    ("__interval", "__interval_ms", "__range", "__range_ms", "__range_s", "__rate_interval")
)
"""What Grafana's Prometheus data source replaces in a rule's query, too."""
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
# The evaluators for a single bound that every version has (pkg/expr/threshold.go at 9.4).
_THRESHOLDS = {">": "gt", "<": "lt"}
_COMPARES = frozenset({">", "<", ">=", "<=", "==", "!=", "and", "or", "unless"})


def compile_rules(context: Compilation) -> None:
    """Add every rule group."""
    groups = _Groups(context)
    for definition in context.project.of(AlertGroup):
        with context.mistakes_at(definition.source):
            groups.compile(definition.value)


class _Groups:
    """Compiles the rule groups, and knows which names and uids are taken."""

    def __init__(self, context: Compilation) -> None:
        self.context = context
        self.groups: dict[str, Source] = {}
        self.dashboard_folders = {
            resource.folder for resource in context.resources if resource.kind is Kind.DASHBOARD
        }
        self.rules: dict[tuple[str, ...], Source] = {}
        """Where each uid, and each name in a folder, was taken."""
        built = {
            GRAFANA: context.settings.builds_for_grafana,
            PROMETHEUS: context.settings.builds_for_prometheus,
        }
        self.engines = {engine for engine, is_built in built.items() if is_built}
        """The engines that evaluate what the project builds."""

    def compile(self, group: AlertGroup) -> None:
        """Add the group in both forms."""
        context, who = self.context, f"alert group '{group.name}'"
        context.check_name(group.name, group.source, who)
        first = self.groups.setdefault(group.name, group.source)
        if first is not group.source:
            place = context.project.place(first)
            context.wrong(
                group.source, f"{who}: the name is taken by the group at {place}; change one"
            )
        interval = context.seconds(group.interval, group.source, f"{who}: interval", zero=False)
        alerts = [rule for rule in group.rules if isinstance(rule, Alert)]
        for rule in alerts:
            self._check_alert(rule)
        forms = {
            GRAFANA: partial(self._grafana_group, group, interval, alerts),
            PROMETHEUS: partial(self._prometheus_group, group),
        }
        for engine, add in forms.items():
            with self._as_built(engine):
                add()

    @contextmanager
    def _as_built(self, engine: Engine) -> Iterator[None]:
        """Add an engine's form of a group. What the engine cannot have is a mistake only in a
        project that builds for it; in another, the engine gets no such group."""
        with nullcontext() if engine in self.engines else self.context.attempt():
            yield

    def _check_alert(self, rule: Alert) -> None:
        who = f"alert '{rule.name}'"
        self.context.check_name(rule.name, rule.source, who)
        if rule.for_:
            self.context.seconds(rule.for_, rule.source, f"{who}: for")
        if rule.keep_firing_for:
            self.context.seconds(rule.keep_firing_for, rule.source, f"{who}: keep_firing_for")

    def _uses(self, rules: Sequence[Alert | RecordingRule], engine: Engine) -> list[Use]:
        return [
            self.context.use(_where(rule), rule.query, self._expr(rule, rule.query, engine))
            for rule in rules
            if isinstance(rule.query, Query)
        ]

    # Grafana's form

    def _grafana_group(self, group: AlertGroup, interval: float, alerts: Sequence[Alert]) -> None:
        if not alerts:
            return
        who = f"alert group '{group.name}'"
        if interval % SCHEDULER_SECONDS:
            self.context.wrong(
                group.source,
                f"{who}: interval {group.interval} must be a multiple of {SCHEDULER_SECONDS}s "
                "(Grafana's scheduler interval)",
            )
        folder = self._folder(group, who)
        body = {
            "title": group.name,
            "folderUid": folder,
            "interval": int(interval),
            "rules": [self._grafana_rule(group, folder, rule) for rule in alerts],
        }
        self.context.add(
            Kind.RULE_GROUP,
            body,
            group.source,
            uid=f"{folder}/{group.name}",
            title=group.name,
            folder=folder,
            uses=self._uses(alerts, GRAFANA),
        )

    def _folder(self, group: AlertGroup, who: str) -> str:
        title = group.folder or DEFAULT_FOLDER
        folder = self.context.folder(title, group.source)
        if not folder:
            self.context.wrong(
                group.source,
                f"{who}: Grafana cannot store rules in General; give the group a folder",
            )
        elif folder in self.dashboard_folders:
            # Observed on 9.3.2: Grafana provisions rules before dashboards, and a rule's folder has
            # no uid in the file. A new server makes it with a random one, which the dashboards'
            # provider then finds by title.
            self.context.wrong(
                group.source,
                f"{who}: folder '{title}' has dashboards, and rules in it would give it a random "
                "uid on a new Grafana; give the group another folder",
            )
        return folder

    def _grafana_rule(self, group: AlertGroup, folder: str, rule: Alert) -> dict[str, Any]:
        uid = rule.uid or slug(f"{group.name}-{rule.name}")
        self._check(folder, rule, uid)
        data = self._data(group, rule)
        body = {
            "uid": uid,
            "title": rule.name,
            "ruleGroup": group.name,
            "folderUID": folder,
            "condition": data[-1]["refId"],
            "data": data,
            "for": rule.for_ or "0s",
            # The HTTP API spells it in snake case, provisioning files as keepFiringFor.
            "keep_firing_for": rule.keep_firing_for,
            "noDataState": rule.no_data,
            "execErrState": rule.exec_err,
            "labels": self._labels(group, rule, GRAFANA),
            "annotations": self._grafana_annotations(rule),
            "isPaused": rule.paused,
        }
        return {key: value for key, value in body.items() if value not in ("", {}, False)}

    def _check(self, folder: str, rule: Alert, uid: str) -> None:
        """Note what Grafana would refuse at its start, together with all other provisioning."""
        wrong, who = self.context.wrong, f"alert '{rule.name}'"
        if not is_uid(uid):
            wrong(
                rule.source,
                f"{who}: uid '{uid}' must be 1 to {MAX_UID} letters, digits, '-' or '_'",
            )
        # The same alert may be in two groups, so compare keys and not sources.
        for key in (("uid", uid), ("name", folder, rule.name)):
            if key in self.rules:
                place = self.context.project.place(self.rules[key])
                wrong(
                    rule.source, f"{who}: the {key[0]} is taken by the alert at {place}; change one"
                )
            self.rules.setdefault(key, rule.source)

    def _data(self, group: AlertGroup, rule: Alert) -> list[dict[str, Any]]:
        ref = self._datasource(group, rule)
        expr = self._expr(rule, rule.query or str(rule.condition), GRAFANA)
        query = {
            "refId": "A",
            "datasourceUid": ref["uid"],
            # A range of zero length stops Grafana at its start.
            "relativeTimeRange": {"from": QUERY_SECONDS, "to": 0},
            "model": {
                "refId": "A",
                "datasource": ref,
                "expr": expr,
                "instant": True,
                "range": False,
            },
        }
        condition = {
            "refId": "B",
            "datasource": {"type": EXPRESSION, "uid": EXPRESSION},
            **_decision(rule.condition),
        }
        return [query, {"refId": "B", "datasourceUid": EXPRESSION, "model": condition}]

    def _datasource(self, group: AlertGroup, rule: Alert) -> dict[str, str]:
        who = f"alert group '{group.name}'"
        if isinstance(group.datasource, str):
            ref = self.context.datasource(group.datasource, group.source, who)
            return ref or {"type": "prometheus", "uid": group.datasource}
        datasource = group.datasource or self.context.default_datasource("prometheus")
        if datasource is None:
            self.context.wrong(
                group.source,
                f"{who}: no default Prometheus data source; define one in datasources/ with "
                "default=True, or set datasource=",
            )
        elif datasource.uid not in {datasource.uid for datasource in self.context.datasources}:
            self.context.datasource(datasource.uid, group.source, who)
        return datasource.ref if datasource else {"type": "prometheus", "uid": rule.name}

    def _grafana_annotations(self, rule: Alert) -> dict[str, str]:
        texts = self._annotations(rule, GRAFANA)
        panel = self._panel(rule)
        # Grafana accepts these two annotations only together, the panel's id as text.
        if panel and "__dashboardUid__" not in texts:
            texts |= {"__dashboardUid__": panel.dashboard_uid, "__panelId__": str(panel.panel_id)}
        return texts

    # Prometheus's form

    def _prometheus_group(self, group: AlertGroup) -> None:
        rules = [self._prometheus_rule(group, rule) for rule in group.rules]
        body = {"name": group.name, "interval": group.interval, "rules": rules}
        uses = self._uses(group.rules, PROMETHEUS)
        self.context.add(Kind.PROMETHEUS_GROUP, body, group.source, uid=group.name, uses=uses)

    def _prometheus_rule(self, group: AlertGroup, rule: Alert | RecordingRule) -> dict[str, Any]:
        if isinstance(rule, RecordingRule):
            return self._recording_rule(group, rule)
        body = {
            "alert": rule.name,
            "expr": self._prometheus_expr(rule),
            "for": rule.for_ if milliseconds(str(rule.for_)) else "",
            "keep_firing_for": rule.keep_firing_for,
            "labels": self._labels(group, rule, PROMETHEUS),
            "annotations": self._prometheus_annotations(rule),
        }
        return {key: value for key, value in body.items() if value not in ("", {})}

    def _recording_rule(self, group: AlertGroup, rule: RecordingRule) -> dict[str, Any]:
        if not _METRIC.fullmatch(rule.record):
            self.context.wrong(
                rule.source, f"recording rule '{rule.record}' is not a valid metric name"
            )
        body = {
            "record": rule.record,
            "expr": self._expr(rule, rule.query, PROMETHEUS),
            "labels": self._labels(group, rule, PROMETHEUS),
        }
        return {key: value for key, value in body.items() if value != {}}

    def _prometheus_expr(self, rule: Alert) -> str:
        expr = self._expr(rule, rule.query or str(rule.condition), PROMETHEUS)
        if not isinstance(rule.condition, Condition):
            return expr
        return f"{_operand(expr)} {rule.condition.operator} {_number(rule.condition.threshold)}"

    def _prometheus_annotations(self, rule: Alert) -> dict[str, str]:
        texts = self._annotations(rule, PROMETHEUS)
        if panel := self._panel(rule):
            base = self.context.settings.grafana_url
            texts.setdefault(
                "dashboard_url", f"{base}/d/{panel.dashboard_uid}?viewPanel={panel.panel_id}"
            )
        return texts

    # Both

    def _expr(self, rule: Alert | RecordingRule, query: Query | str, engine: Engine) -> str:
        who = str(_where(rule))
        # With an invalid window, each snippet that reads it would fail, too.
        is_window = self.context.seconds(rule.window, rule.source, f"{who}: window", zero=False)
        scope = Scope.alert(self.context.settings.labels, rule.window if is_window else "5m")
        if isinstance(query, Query):
            expr = self.context.queries.render(query, scope, rule.source)
        else:
            expr = self.context.queries.parsed(query, rule.source, who)
        known = _MACROS if engine is GRAFANA else frozenset()
        if names := variables(expr) - known:
            self.context.wrong(
                rule.source,
                f"{who}: ${min(names)} is a dashboard variable; a rule cannot use it: {expr}",
            )
        return expr

    def _labels(
        self, group: AlertGroup, rule: Alert | RecordingRule, engine: Engine
    ) -> dict[str, str]:
        if isinstance(rule, RecordingRule):
            labels = {**group.labels, **rule.labels}
        else:
            severity = {"severity": rule.severity} if rule.severity else {}
            labels = {**group.labels, **severity, **rule.labels}
            labels = self._texts(rule, "label", labels, engine)
        named = self._named(rule, "label", labels)
        for name in named:
            if not is_label(name) or name.startswith("__"):
                self.context.wrong(
                    rule.source,
                    f"label '{name}' is not a valid label name for a rule",
                )
        return named

    def _named(
        self, rule: Alert | RecordingRule, what: str, texts: Mapping[Any, str]
    ) -> dict[str, str]:
        """Return the texts whose names are text, and note a mistake for each other name."""
        for kind in {type(name) for name in texts if not isinstance(name, str)}:
            self.context.wrong(
                rule.source, f"the name of each {what} must be text, not {kind.__name__}"
            )
        return {name: text for name, text in texts.items() if isinstance(name, str)}

    def _annotations(self, rule: Alert, engine: Engine) -> dict[str, str]:
        runbook = rule.runbook or self.context.settings.runbooks.replace("{alert}", rule.name)
        texts = {
            "summary": rule.summary,
            "description": rule.description,
            "runbook_url": runbook,
            **rule.annotations,
        }
        named = self._named(rule, "annotation", texts)
        for name in rule.annotations.keys() & named.keys():
            if not is_label(name):
                self.context.wrong(
                    rule.source, f"annotation '{name}' is not a valid annotation name"
                )
        filled = {name: text for name, text in named.items() if text}
        return self._texts(rule, "annotation", filled, engine)

    def _texts(
        self, rule: Alert, what: str, texts: Mapping[str, str], engine: Engine
    ) -> dict[str, str]:
        """The texts as the engine expands them."""
        convert = for_grafana if engine is GRAFANA else for_prometheus
        node = self.context.node_label(rule.query)
        converted = {}
        for name, text in texts.items():
            try:
                converted[name] = convert(text, node, shared=len(self.engines) > 1)
            except TemplateError as error:
                self.context.wrong(rule.source, f"alert '{rule.name}': {what} {name}: {error}")
        return converted

    def _panel(self, rule: Alert) -> Any:
        if rule.query is None:
            return None
        exact = self.context.panels.get(rule.query)
        return exact or self.context.panels_by_snippet.get(rule.query.snippet)


def _where(rule: Alert | RecordingRule) -> Where:
    if isinstance(rule, Alert):
        return Where("alert", rule.name)
    return Where("recording rule", rule.record)


def _decision(condition: Condition | Query | str) -> dict[str, Any]:
    """The expression that decides from query A whether the alert fires."""
    if not isinstance(condition, Condition):
        # A query without a threshold fires for each series that it returns, with any value.
        return {"type": "math", "expression": "is_number($A) || is_inf($A) || is_nan($A)"}
    evaluator = _THRESHOLDS.get(condition.operator)
    if evaluator is None:
        # Thresholds that include the bound came after 9.x; math has had them always.
        return {
            "type": "math",
            "expression": f"$A {condition.operator} {_number(condition.threshold)}",
        }
    return {
        "type": "threshold",
        "expression": "A",
        "conditions": [{"evaluator": {"type": evaluator, "params": [condition.threshold]}}],
    }


def _number(threshold: float) -> str:
    return (
        repr(int(threshold))
        if float(threshold).is_integer() and abs(threshold) < 1e15
        else repr(float(threshold))
    )


def _operand(expr: str) -> str:
    """Enclose `expr` if it cannot be the left side of a comparison, which binds weaker than
    arithmetic and stronger than `and`."""
    parsed = parse(expr) if expr else None
    is_comparison = isinstance(parsed, promql_parser.BinaryExpr) and str(parsed.op) in _COMPARES
    return f"({expr})" if is_comparison else expr
