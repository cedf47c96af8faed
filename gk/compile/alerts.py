"""Rules, contact points, policies, mute timings and templates to Grafana's and Prometheus's
documents.

A group becomes two resources: Grafana's (the body of its HTTP API) and Prometheus's (a group of a
rule file).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import promql_parser

from gk.compile.context import Compilation
from gk.compile.template import for_grafana, for_prometheus
from gk.define import alerting
from gk.define.alerting import Alert, AlertGroup, NotificationPolicy, RecordingRule
from gk.documents.durations import milliseconds
from gk.documents.names import MAX_UID, is_uid, slug
from gk.documents.secrets.literals import in_receiver
from gk.documents.secrets.references import with_references
from gk.errors import Source, did_you_mean
from gk.project import Definition
from gk.promql.snippet import Condition, Query, Scope
from gk.promql.syntax import is_regex, parse, variables
from gk.resource import Kind, Where

__all__ = ["compile_alerting"]

EXPRESSION = "__expr__"
DEFAULT_FOLDER = "Alerts"
DEFAULT_CONTACT_POINT = "grafana-default-email"
SCHEDULER_SECONDS = 10
"""Grafana evaluates groups every ten seconds at most: unified_alerting's base interval."""
QUERY_SECONDS = 600
"""An instant query has no range, but Grafana refuses one of zero length."""
MAX_NAME = 190
"""Characters of a rule's or a group's name; Grafana does not start with more."""

_NO_DATA = ("OK", "NoData", "Alerting", "KeepLast")
_EXEC_ERR = ("OK", "Error", "Alerting", "KeepLast")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_MATCHER = re.compile(
    r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"\s]*))\s*'
)
_TIME_INTERVAL = frozenset({"times", "weekdays", "days_of_month", "months", "years", "location"})
_THRESHOLDS = {">": "gt", "<": "lt"}
_COMPARES = frozenset({">", "<", ">=", "<=", "==", "!=", "and", "or", "unless"})


def compile_alerting(context: Compilation) -> None:
    """Add every rule group and everything that notifies."""
    _Groups(context).compile()
    contact_points = _contact_points(context)
    mute_timings = _named(
        context, alerting.MuteTiming, Kind.MUTE_TIMING, lambda timing: _mute_timing(context, timing)
    )
    _named(
        context,
        alerting.MessageTemplate,
        Kind.MESSAGE_TEMPLATE,
        lambda each: {"name": each.name, "template": each.template},
    )
    _policies(context, contact_points, mute_timings)


class _Groups:
    """Compiles the rule groups; knows what has to be unique among them."""

    def __init__(self, context: Compilation) -> None:
        self.context = context
        self.groups: dict[str, Source] = {}
        self.dashboard_folders = {
            each.folder for each in context.resources if each.kind is Kind.DASHBOARD
        }
        self.rules: dict[tuple[str, ...], Source] = {}
        """Where each uid, and each name in a folder, was taken."""

    def compile(self) -> None:
        for definition in self.context.project.of(AlertGroup):
            with self.context.mistakes_at(definition.source):
                self._compile_group(definition.value)

    def _compile_group(self, group: AlertGroup) -> None:
        context, who = self.context, f"alert group '{group.name}'"
        _check_name(context, group.name, group.source, who)
        first = self.groups.setdefault(group.name, group.source)
        if first is not group.source:
            place = context.project.place(first)
            context.wrong(
                group.source, f"{who}: the name is taken by the group at {place}; change one"
            )
        seconds = _seconds(context, group.interval, group.source, f"{who}: interval", zero=False)
        if seconds % SCHEDULER_SECONDS:
            context.wrong(
                group.source,
                f"{who}: interval {group.interval} is no multiple of 10s, as Grafana wants it",
            )
        prometheus = [self._prometheus_rule(group, rule) for rule in group.rules]
        alerts = [rule for rule in group.rules if isinstance(rule, Alert)]
        uses = [
            self.context.use(_where(rule), rule.query, self._expr(rule, rule.query))
            for rule in group.rules
            if isinstance(rule.query, Query)
        ]
        if alerts:
            folder = self._folder(group, who)
            grafana = [self._grafana_rule(group, folder, rule) for rule in alerts]
            body = {
                "title": group.name,
                "folderUid": folder,
                "interval": int(seconds),
                "rules": grafana,
            }
            context.add(
                Kind.RULE_GROUP,
                body,
                group.source,
                uid=f"{folder}/{group.name}",
                title=group.name,
                folder=folder,
                uses=[each for each in uses if each.where.kind == "alert"],
            )
        body = {"name": group.name, "interval": group.interval, "rules": prometheus}
        context.add(Kind.PROMETHEUS_GROUP, body, group.source, uid=group.name, uses=uses)

    def _folder(self, group: AlertGroup, who: str) -> str:
        title = group.folder or DEFAULT_FOLDER
        folder = self.context.folder(title, group.source)
        if not folder:
            self.context.wrong(
                group.source, f"{who}: Grafana keeps no rules in General; give the group a folder"
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

    # Grafana's form

    def _grafana_rule(self, group: AlertGroup, folder: str, rule: Alert) -> dict[str, Any]:
        uid = self._uid(group, rule)
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
            "keep_firing_for": rule.keep_firing_for,
            "noDataState": rule.no_data,
            "execErrState": rule.exec_err,
            "labels": self._for_grafana(rule, "label", self._labels(group, rule)),
            "annotations": self._grafana_annotations(rule),
            "isPaused": rule.paused,
        }
        return {key: value for key, value in body.items() if value not in ("", {}, False)}

    def _uid(self, group: AlertGroup, rule: Alert) -> str:
        return rule.uid or slug(f"{group.name}-{rule.name}")

    def _check(self, folder: str, rule: Alert, uid: str) -> None:
        """What Grafana, at its start, would refuse together with all other provisioning."""
        wrong, who = self.context.wrong, f"alert '{rule.name}'"
        if not is_uid(uid):
            wrong(
                rule.source,
                f"{who}: uid '{uid}' has to be 1 to {MAX_UID} letters, digits, '-' or '_'",
            )
        # An alert may be in two groups, so that it is the second itself that takes the name.
        for key in (("uid", uid), ("name", folder, rule.name)):
            if key in self.rules:
                place = self.context.project.place(self.rules[key])
                wrong(
                    rule.source, f"{who}: the {key[0]} is taken by the alert at {place}; change one"
                )
            self.rules.setdefault(key, rule.source)
        for what, state, states in (
            ("no_data", rule.no_data, _NO_DATA),
            ("exec_err", rule.exec_err, _EXEC_ERR),
        ):
            if state not in states:
                wrong(
                    rule.source,
                    f"{who}: {what} '{state}' is none "
                    f"of {', '.join(states)}{did_you_mean(state, states)}",
                )

    def _data(self, group: AlertGroup, rule: Alert) -> list[dict[str, Any]]:
        ref = self._datasource(group, rule)
        expr = self._expr(rule, rule.query or str(rule.condition))
        query = {
            "refId": "A",
            "datasourceUid": ref["uid"],
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
        found = group.datasource or self.context.default_datasource("prometheus")
        if found is None:
            self.context.wrong(
                group.source,
                f"{who}: there is no default Prometheus data source to ask; define one in "
                "datasources/ with default=True, or give datasource=",
            )
        elif found.uid not in {each.uid for each in self.context.datasources}:
            self.context.datasource(found.uid, group.source, who)
        return found.ref if found else {"type": "prometheus", "uid": rule.name}

    def _grafana_annotations(self, rule: Alert) -> dict[str, str]:
        texts = self._for_grafana(rule, "annotation", self._annotations(rule))
        panel = self._panel(rule)
        if panel and "__dashboardUid__" not in texts:
            texts |= {"__dashboardUid__": panel.dashboard_uid, "__panelId__": str(panel.panel_id)}
        return texts

    def _for_grafana(self, rule: Alert, what: str, texts: Mapping[str, str]) -> dict[str, str]:
        found = {}
        for name, text in texts.items():
            try:
                found[name] = for_grafana(text)
            except ValueError as error:
                self.context.wrong(rule.source, f"alert '{rule.name}': {what} {name}: {error}")
        return found

    # Prometheus's form

    def _prometheus_rule(self, group: AlertGroup, rule: Alert | RecordingRule) -> dict[str, Any]:
        if isinstance(rule, RecordingRule):
            return self._recording_rule(group, rule)
        who = f"alert '{rule.name}'"
        _check_name(self.context, rule.name, rule.source, who)
        waits = 0.0
        if rule.for_:
            waits = _seconds(self.context, rule.for_, rule.source, f"{who}: for")
        if rule.keep_firing_for:
            _seconds(self.context, rule.keep_firing_for, rule.source, f"{who}: keep_firing_for")
        body = {
            "alert": rule.name,
            "expr": self._prometheus_expr(rule),
            "for": rule.for_ if waits else "",
            "keep_firing_for": rule.keep_firing_for,
            "labels": self._labels(group, rule),
            "annotations": self._prometheus_annotations(rule),
        }
        return {key: value for key, value in body.items() if value not in ("", {})}

    def _recording_rule(self, group: AlertGroup, rule: RecordingRule) -> dict[str, Any]:
        if not _METRIC.fullmatch(rule.record):
            self.context.wrong(
                rule.source, f"recording rule '{rule.record}': is no name of a series"
            )
        body = {
            "record": rule.record,
            "expr": self._expr(rule, rule.query),
            "labels": self._labels(group, rule),
        }
        return {key: value for key, value in body.items() if value != {}}

    def _prometheus_expr(self, rule: Alert) -> str:
        expr = self._expr(rule, rule.query or str(rule.condition))
        if not isinstance(rule.condition, Condition):
            return expr
        return f"{_operand(expr)} {rule.condition.operator} {_number(rule.condition.threshold)}"

    def _prometheus_annotations(self, rule: Alert) -> dict[str, str]:
        texts = self._annotations(rule)
        if panel := self._panel(rule):
            base = self.context.settings.grafana_url
            texts.setdefault(
                "dashboard_url", f"{base}/d/{panel.dashboard_uid}?viewPanel={panel.panel_id}"
            )
        return texts

    # Both

    def _expr(self, rule: Alert | RecordingRule, query: Query | str) -> str:
        who = str(_where(rule))
        # A window that is none would be a mistake of each snippet that reads it, too.
        is_window = _seconds(self.context, rule.window, rule.source, f"{who}: window", zero=False)
        scope = Scope.alert(self.context.settings.labels, rule.window if is_window else "5m")
        if isinstance(query, Query):
            expr = self.context.queries.render(query, scope, rule.source)
        else:
            expr = self.context.queries.parsed(query, rule.source, who)
        if names := variables(expr):
            self.context.wrong(
                rule.source,
                f"{who}: ${min(names)} is a dashboard's variable, "
                f"which a rule does not have: {expr}",
            )
        return expr

    def _labels(self, group: AlertGroup, rule: Alert | RecordingRule) -> dict[str, str]:
        if isinstance(rule, RecordingRule):
            labels = {**group.labels, **rule.labels}
        else:
            severity = {"severity": rule.severity} if rule.severity else {}
            labels = self._texts(rule, "label", {**group.labels, **severity, **rule.labels})
        named = self._named(rule, "label", labels)
        for name in named:
            if not _LABEL.fullmatch(name) or name.startswith("__"):
                self.context.wrong(
                    rule.source,
                    f"label '{name}' is no name that Prometheus takes for a rule's label",
                )
        return named

    def _named(
        self, rule: Alert | RecordingRule, what: str, texts: Mapping[Any, str]
    ) -> dict[str, str]:
        """Those whose names are texts; a name of another type is a mistake."""
        for kind in {type(name) for name in texts if not isinstance(name, str)}:
            self.context.wrong(
                rule.source, f"the name of each {what} has to be text, not {kind.__name__}"
            )
        return {name: text for name, text in texts.items() if isinstance(name, str)}

    def _annotations(self, rule: Alert) -> dict[str, str]:
        runbook = rule.runbook or self.context.settings.runbooks.replace("{alert}", rule.name)
        texts = {
            "summary": rule.summary,
            "description": rule.description,
            "runbook_url": runbook,
            **rule.annotations,
        }
        named = self._named(rule, "annotation", texts)
        for name in rule.annotations.keys() & named.keys():
            if not _LABEL.fullmatch(name):
                self.context.wrong(
                    rule.source, f"annotation '{name}' is no name that Prometheus takes"
                )
        return self._texts(rule, "annotation", {name: text for name, text in named.items() if text})

    def _texts(self, rule: Alert, what: str, texts: Mapping[str, str]) -> dict[str, str]:
        node = self.context.node_label(rule.query)
        found = {}
        for name, text in texts.items():
            try:
                found[name] = for_prometheus(text, node)
            except ValueError as error:
                self.context.wrong(rule.source, f"alert '{rule.name}': {what} {name}: {error}")
        return found

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
    """The expression that decides, of query A, whether to fire."""
    if not isinstance(condition, Condition):
        # A query without a threshold fires for each series that it returns, whatever the value.
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
    """`expr` as the left side of a comparison, which binds weaker than arithmetic and stronger than
    `and`."""
    parsed = parse(expr) if expr else None
    is_comparison = isinstance(parsed, promql_parser.BinaryExpr) and str(parsed.op) in _COMPARES
    return f"({expr})" if is_comparison else expr


def _seconds(
    context: Compilation, duration: str, source: Source, what: str, *, zero: bool = True
) -> float:
    """A Prometheus duration in seconds; 0, and a mistake noted, if it is none, or if it is zero and
    may not be."""
    length = milliseconds(str(duration))
    if length is None:
        context.wrong(source, f"{what} '{duration}' is no duration, such as 30s, 5m or 1h30m")
        return 0
    if not length and not zero:
        context.wrong(source, f"{what} is zero")
    return length / 1000


def _check_name(context: Compilation, name: str, source: Source, who: str) -> None:
    if not name.strip():
        context.wrong(source, f"{who}: the name is empty")
    if len(name) > MAX_NAME:
        context.wrong(
            source, f"{who}: the name has {len(name)} characters; Grafana takes {MAX_NAME}"
        )


# What notifies


def _contact_points(context: Compilation) -> set[str]:
    uids: dict[str, Source] = {}

    def body(point: alerting.ContactPoint) -> dict[str, Any]:
        who = f"contact point '{point.name}'"
        receivers = []
        for index, receiver in enumerate(point.receivers):
            uid = receiver.uid or slug(
                f"{point.name}-{receiver.type}{f'-{index + 1}' if index else ''}"
            )
            if not is_uid(uid):
                context.wrong(
                    point.source,
                    f"{who}: uid '{uid}' has to be 1 to {MAX_UID} letters, digits, '-' or '_'",
                )
            elif uid in uids:
                place = context.project.place(uids[uid])
                context.wrong(
                    point.source,
                    f"{who}: uid '{uid}' is taken by a receiver at {place}; change one",
                )
            uids.setdefault(uid, point.source)
            if not receiver.type or not receiver.settings:
                context.wrong(
                    point.source, f"{who}: receiver '{receiver.type}' has no type or no settings"
                )
            settings = with_references(receiver.settings)
            if not isinstance(settings, Mapping):
                # What is there instead is not shown: it may be a secret.
                context.wrong(
                    point.source, f"{who}: receiver '{receiver.type}' takes its settings as a dict"
                )
                continue
            for literal in in_receiver(receiver.type, settings):
                context.wrong(point.source, f"{who}: receiver '{receiver.type}': {literal}")
            one = {"uid": uid, "type": receiver.type, "settings": settings}
            receivers.append(
                {**one, "disableResolveMessage": True} if receiver.disable_resolve_message else one
            )
        return {"name": point.name, "receivers": receivers}

    return _named(context, alerting.ContactPoint, Kind.CONTACT_POINT, body)


def _mute_timing(context: Compilation, timing: alerting.MuteTiming) -> dict[str, Any]:
    for interval in timing.time_intervals:
        # Grafana ignores a key that it does not know, and would mute at all times.
        for key in sorted(map(str, set(interval) - _TIME_INTERVAL)):
            hint = (
                did_you_mean(key, _TIME_INTERVAL) or f"; one of {', '.join(sorted(_TIME_INTERVAL))}"
            )
            context.wrong(timing.source, f"mute timing '{timing.name}': unknown key '{key}'{hint}")
    return {"name": timing.name, "time_intervals": list(timing.time_intervals)}


def _named(context: Compilation, type: type, kind: Kind, body: Any) -> set[str]:
    """Add every definition of `type`, each under a name of its own, and return the names."""
    names: dict[str, Source] = {}
    for definition in context.project.of(type):
        name = definition.value.name
        _check_name(context, name, definition.source, f"{kind.value} '{name}'")
        first = names.setdefault(name, definition.source)
        if first is not definition.source:
            context.wrong(
                definition.source,
                f"{kind.value} '{name}': the name is taken by the one at {first}; change one",
            )
        with context.mistakes_at(definition.source):
            context.add(kind, body(definition.value), definition.source, uid=name)
    return set(names)


def _policies(context: Compilation, contact_points: set[str], mute_timings: set[str]) -> None:
    policies = list(context.project.of(NotificationPolicy))
    routes = {id(route) for each in policies for route in _routes(each.value)}
    roots = [each for each in policies if id(each.value) not in routes]
    for definition in roots[1:]:
        context.wrong(
            definition.source,
            f"notification policy: there is another root at {roots[0].source}; "
            "make one a route of the other",
        )
    for definition in roots[:1]:
        with context.mistakes_at(definition.source):
            _root_policy(context, definition, contact_points, mute_timings)


def _root_policy(
    context: Compilation, definition: Definition, contact_points: set[str], mute_timings: set[str]
) -> None:
    root: NotificationPolicy = definition.value
    if root.matchers or root.mute_timings:
        context.wrong(
            definition.source, "notification policy: the root takes no matchers and no mute timings"
        )
    body = _policy(context, root, contact_points | {DEFAULT_CONTACT_POINT}, mute_timings)
    body.setdefault("group_by", ["grafana_folder", "alertname"])
    context.add(
        Kind.NOTIFICATION_POLICY, body, definition.source, uid="root", title="notification policies"
    )


def _routes(policy: NotificationPolicy) -> Iterator[NotificationPolicy]:
    for route in policy.routes:
        yield route
        yield from _routes(route)


def _policy(
    context: Compilation,
    policy: NotificationPolicy,
    contact_points: set[str],
    mute_timings: set[str],
) -> dict[str, Any]:
    receiver = _name(policy.receiver)
    if receiver not in contact_points:
        hint = did_you_mean(receiver, contact_points)
        context.wrong(
            policy.source,
            f"notification policy: contact point '{receiver}' is not defined in alerts/{hint}",
        )
    mutes = [_name(each) for each in policy.mute_timings]
    for mute in mutes:
        if mute not in mute_timings:
            hint = did_you_mean(mute, mute_timings)
            context.wrong(
                policy.source,
                f"notification policy: mute timing '{mute}' is not defined in alerts/{hint}",
            )
    for what in ("group_wait", "group_interval", "repeat_interval"):
        if getattr(policy, what):
            is_wait = what == "group_wait"
            _seconds(
                context,
                getattr(policy, what),
                policy.source,
                f"notification policy: {what}",
                zero=is_wait,
            )
    for label in policy.group_by:
        if not isinstance(label, str) or (not _LABEL.fullmatch(label) and label != "..."):
            context.wrong(
                policy.source, f"notification policy: group_by {label!r} is no name of a label"
            )
    body = {
        "receiver": receiver,
        "object_matchers": _matchers(context, policy),
        "group_by": list(policy.group_by),
        "group_wait": policy.group_wait,
        "group_interval": policy.group_interval,
        "repeat_interval": policy.repeat_interval,
        "continue": policy.continue_,
        "mute_time_intervals": mutes,
        "routes": [
            _policy(context, route, contact_points, mute_timings) for route in policy.routes
        ],
    }
    return {key: value for key, value in body.items() if value not in ("", [], False)}


def _name(named: Any) -> str:
    return named if isinstance(named, str) else str(named.name)


def _matchers(context: Compilation, policy: NotificationPolicy) -> list[list[str]]:
    triples = []
    for text in policy.matchers:
        match = _MATCHER.fullmatch(text)
        if match is None:
            context.wrong(
                policy.source,
                f"notification policy: matcher '{text}' is not of the form label=\"value\"",
            )
            continue
        label, operator, quoted, bare = match.groups()
        value = bare if quoted is None else re.sub(r"\\(.)", _unescaped, quoted)
        if "~" in operator and not is_regex(value):
            context.wrong(
                policy.source,
                f"notification policy: '{value}' in matcher '{text}' is no regular expression",
            )
        triples.append([label, operator, value])
    return triples


def _unescaped(match: re.Match[str]) -> str:
    # Alertmanager's parser knows these escapes, and keeps the backslash of any other.
    return {"n": "\n", '"': '"', "\\": "\\"}.get(match.group(1), match.group())
