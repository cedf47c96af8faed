"""Compiles alerts and recording rules to the documents of Grafana and Prometheus.

A group becomes two resources: one for Grafana (the body of its HTTP API) and one for Prometheus (a
group of a rule file). Each has the rules that its engine can evaluate.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from gk.compile.context import Compilation
from gk.compile.rule_notifications import settings_of
from gk.compile.rule_queries import PROMQL, Asking, compared, data_of, decisive, language
from gk.compile.rule_texts import (
    NAME,
    grafana_annotations,
    grafana_labels,
    prometheus_annotations,
    prometheus_labels,
    where_of,
)
from gk.define.alerting import Alert, AlertGroup, RecordingRule
from gk.define.datasource import Datasource
from gk.define.expression import Expression, RuleQueries
from gk.documents.durations import milliseconds
from gk.documents.names import MAX_UID, is_uid, rule_title, slug
from gk.errors import Source, Where
from gk.project import CheckedWarning
from gk.promql.condition import Condition, Conditions
from gk.promql.mistakes import fires_always
from gk.promql.snippet import Query, Scope
from gk.promql.syntax import variables
from gk.resource import Kind, Use

__all__ = ["compile_rules"]

DEFAULT_FOLDER = "Alerts"
DEFAULT_INTERVAL = "1m"
"""Grafana's own, and Prometheus's where its configuration has no other."""
SCHEDULER_SECONDS = 10
"""Grafana evaluates groups at most every ten seconds (unified_alerting's base interval)."""

_MACROS = frozenset(
    ("__interval", "__interval_ms", "__range", "__range_ms", "__range_s", "__rate_interval")
)
"""What Grafana's Prometheus data source replaces in a rule's query, too."""
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


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
        self.groups: dict[tuple[str, str], Source] = {}
        """Where each name in a folder was taken."""
        self.named = Counter(definition.value.name for definition in context.project.of(AlertGroup))
        self.dashboard_folders = {
            resource.folder for resource in context.resources if resource.kind is Kind.DASHBOARD
        }
        self.titles: dict[tuple[str, str], Alert] = {}
        """The first alert of each name in a folder."""
        self.uids: dict[str, Source] = {}
        """Where each uid was taken."""

    def compile(self, group: AlertGroup) -> None:
        """Add the group in each form that has rules."""
        where = Where("alert group", group.name)
        # What both engines would refuse is found first, and is a mistake whichever is built.
        self._check_name(group, where)
        interval = self.context.seconds(
            group.interval or DEFAULT_INTERVAL, group.source, "interval", where, zero=False
        )
        for rule in group.rules:
            self._check_rule(group, rule)
        uses = [use for rule in group.rules for use in self._uses(rule)]
        self._warn_of_conditions(group)
        self._warn_of_engine(group)
        self._add_prometheus(group, uses)
        self._add_grafana(group, uses, interval)

    def _warn_of_engine(self, group: AlertGroup) -> None:
        """Warn of what only Grafana can evaluate, where gk.yaml leaves all to Prometheus."""
        context = self.context
        for rule in group.rules if context.settings.alerts == "prometheus" else ():
            if not self._is_for_prometheus(group, rule):
                place = context.project.place(rule.source)
                context.project.warnings.append(
                    f"{place}: {where_of(rule)}: nothing evaluates it, because gk.yaml has "
                    "`alerts: prometheus` and only Grafana can; write it in PromQL and without "
                    "to=, or remove that setting"
                )

    def _add_prometheus(self, group: AlertGroup, uses: Sequence[Use]) -> None:
        context = self.context
        # What no output has is no mistake.
        with context.mistakes_for(built=context.builds_prometheus) as mistakes:
            body = self._prometheus_group(group)
        if mistakes or (group.rules and not body["rules"]):
            return
        places = {_place(rule) for rule in body["rules"]}
        # Prometheus tells groups of one name apart by their files.
        is_only = self.named[group.name] == 1
        context.add(
            Kind.PROMETHEUS_GROUP,
            body,
            group.source,
            uid=group.name if is_only else f"{_folder_of(group)}/{group.name}",
            title=group.name,
            uses=[use for use in uses if use.where in places],
        )

    def _add_grafana(self, group: AlertGroup, uses: Sequence[Use], interval: float) -> None:
        context = self.context
        rules = [rule for rule in group.rules if isinstance(rule, Alert) or rule.to]
        if not rules or context.settings.alerts == "prometheus":
            return
        with context.mistakes_for(built=context.builds_grafana) as mistakes:
            body = self._grafana_group(group, rules, interval)
        if mistakes:
            return
        folder, places = body["folderUid"], {where_of(rule) for rule in rules}
        context.add(
            Kind.RULE_GROUP,
            body,
            group.source,
            uid=f"{folder}/{group.name}",
            title=group.name,
            folder=folder,
            uses=[use for use in uses if use.where in places],
        )

    def _check_name(self, group: AlertGroup, where: Where) -> None:
        if not group.name.strip():
            self.context.wrong(group.source, "the name is empty", where)
        first = self.groups.setdefault((_folder_of(group), group.name), group.source)
        if first is not group.source:
            place = self.context.project.place(first)
            self.context.wrong(
                group.source,
                f"the name is taken by the group at {place}; change one, or its folder",
                where,
            )

    def _check_rule(self, group: AlertGroup, rule: Alert | RecordingRule) -> None:
        if isinstance(rule, RecordingRule):
            self._check_recording(group, rule)
            return
        where = where_of(rule)
        if not rule.name.strip():
            self.context.wrong(rule.source, "the name is empty", where)
        for what, duration in (("for", rule.for_), ("keep_firing_for", rule.keep_firing_for)):
            if duration:
                self.context.seconds(duration, rule.source, what, where)
        self._warn_of_paths(rule)

    def _warn_of_paths(self, rule: Alert) -> None:
        """Warn of links without a host: a notification is read outside of Grafana."""
        links = {"runbook": rule.runbook or self.context.settings.runbooks, **rule.annotations}
        for name, text in links.items():
            is_link = name == "runbook" or str(name).endswith("_url")
            if is_link and isinstance(text, str) and text.startswith("/"):
                self.context.project.warnings.append(
                    f"{self.context.project.place(rule.source)}: {where_of(rule)}: {name} "
                    f"'{text}' is a path, which leads nowhere from a notification; write the "
                    "whole URL, with https://"
                )

    def _check_recording(self, group: AlertGroup, rule: RecordingRule) -> None:
        where = where_of(rule)
        if not NAME.fullmatch(rule.record):
            self.context.wrong(rule.source, "the name is not a valid metric name", where)
        is_text = not isinstance(rule.query, (Mapping, RuleQueries))
        is_promql = self._asks_prometheus(group) and is_text
        if not rule.to and not is_promql:
            self.context.wrong(
                rule.source,
                "only Grafana can record what is not PromQL; name the data source to write to: to=",
                where,
            )

    def _uses(self, rule: Alert | RecordingRule) -> list[Use]:
        """The queries of a rule, rendered; notes the mistakes in them."""
        where = where_of(rule)
        if isinstance(rule, Alert):
            queries: tuple[Query, ...] = rule.queries
        else:
            queries = (rule.query,) if isinstance(rule.query, Query) else ()
        return [self.context.use(where, query, self._expr(rule, query)) for query in queries]

    def _warn_of_conditions(self, group: AlertGroup) -> None:
        for rule in group.rules if self._asks_prometheus(group) else ():
            condition = rule.condition if isinstance(rule, Alert) else None
            expr = self._expr(rule, condition) if isinstance(condition, (Query, str)) else ""
            if expr and fires_always(expr):
                self.context.project.warnings.append(
                    CheckedWarning(
                        f"{self.context.project.place(rule.source)}: {where_of(rule)} compares "
                        "nothing, and so fires for each series that its query returns, whatever "
                        "the value; write a comparison, such as `up == 0`"
                    )
                )

    def _folder(self, group: AlertGroup, where: Where) -> str:
        title = group.folder or DEFAULT_FOLDER
        folder = self.context.folder(title, group.source)
        if not folder:
            self.context.wrong(
                group.source,
                "Grafana cannot store rules in General; give the group a folder",
                where,
            )
        elif folder in self.dashboard_folders and not self.context.is_known_folder(title):
            # Observed on 9.3.2: Grafana provisions rules before dashboards, and a rule's folder has
            # no uid in the file. A new server makes it with a random one, which the dashboards'
            # provider then finds by title.
            self.context.wrong(
                group.source,
                f"folder '{title}' has dashboards, and rules in it would give it a random "
                "uid on a new Grafana; give the group another folder",
                where,
            )
        return folder

    # Grafana's form

    def _grafana_group(
        self, group: AlertGroup, rules: Sequence[Alert | RecordingRule], interval: float
    ) -> dict[str, Any]:
        where = Where("alert group", group.name)
        self.context.check_name(group.name, group.source, where)
        folder = self._folder(group, where)
        if interval % SCHEDULER_SECONDS:
            self.context.wrong(
                group.source,
                f"interval {group.interval} must be a multiple of {SCHEDULER_SECONDS}s "
                "(Grafana's scheduler interval)",
                where,
            )
        return {
            "title": group.name,
            "folderUid": folder,
            "interval": int(interval),
            "rules": [self._grafana_rule(group, folder, rule) for rule in rules],
        }

    def _grafana_rule(
        self, group: AlertGroup, folder: str, rule: Alert | RecordingRule
    ) -> dict[str, Any]:
        body = {
            "uid": self._uid(group, rule),
            "title": self._title(group, rule),
            "ruleGroup": group.name,
            "folderUID": folder,
            **(
                self._grafana_alert(group, rule)
                if isinstance(rule, Alert)
                else self._grafana_recording(group, rule)
            ),
        }
        return {key: value for key, value in body.items() if value not in ("", {}, False)}

    def _title(self, group: AlertGroup, rule: Alert | RecordingRule) -> str:
        """The title of a rule: the first one of a name in its folder keeps it."""
        if isinstance(rule, RecordingRule):
            return rule.record
        named = self.titles.setdefault((_folder_of(group), rule.name), rule)
        is_first = named is rule or named.severity == rule.severity
        return rule.name if is_first else rule_title(rule.name, rule.severity)

    def _grafana_alert(self, group: AlertGroup, rule: Alert) -> dict[str, Any]:
        data = data_of(rule.condition, self._asking(group, rule))
        return {
            "condition": decisive(rule.condition, data),
            "data": data,
            "for": rule.for_ or "0s",
            # The HTTP API spells it in snake case, provisioning files as keepFiringFor.
            "keep_firing_for": rule.keep_firing_for,
            "noDataState": rule.no_data,
            "execErrState": rule.exec_err,
            "labels": grafana_labels(self.context, group, rule),
            "annotations": grafana_annotations(self.context, rule),
            "isPaused": rule.paused,
            "notification_settings": settings_of(self.context, rule),
        }

    def _grafana_recording(self, group: AlertGroup, rule: RecordingRule) -> dict[str, Any]:
        if not _METRIC.fullmatch(rule.record):
            self.context.wrong(
                rule.source,
                "Grafana records only names of letters, digits, '_' and ':'",
                where_of(rule),
            )
        data = data_of(rule.query, self._asking(group, rule))
        if not isinstance(rule.query, RuleQueries):
            # Only the query: a recording rule has no condition.
            data = data[:1]
        target = self._ref(rule.to, rule.source, where_of(rule))
        return {
            "data": data,
            "record": {
                "metric": rule.record,
                "from": decisive(rule.query, data),
                "target_datasource_uid": target["uid"],
            },
            "labels": grafana_labels(self.context, group, rule),
        }

    def _uid(self, group: AlertGroup, rule: Alert | RecordingRule) -> str:
        """The uid of a rule. Notes what Grafana would refuse at its start, together with all other
        provisioning."""
        where, name = where_of(rule), rule.name if isinstance(rule, Alert) else rule.record
        own = _uids(group, rule, name, in_folder=self.named[group.name] > 1)
        uid = rule.uid or next((uid for uid in own if uid not in self.uids), own[0])
        self.context.check_name(name, rule.source, where)
        if not is_uid(uid):
            self.context.wrong(
                rule.source,
                f"uid '{uid}' must be 1 to {MAX_UID} letters, digits, '-' or '_'",
                where,
            )
        # The same alert may be in two groups, so compare keys and not sources.
        if uid in self.uids:
            place = self.context.project.place(self.uids[uid])
            self.context.wrong(
                rule.source, f"the uid is taken by the rule at {place}; change one", where
            )
        self.uids.setdefault(uid, rule.source)
        return uid

    def _asking(self, group: AlertGroup, rule: Alert | RecordingRule) -> Asking:
        where = where_of(rule)
        return Asking(
            datasource=partial(self._datasource, group, rule),
            text=partial(self._text, group, rule),
            ref=lambda given: self._ref(given, rule.source, where),
            wrong=lambda message: self.context.wrong(rule.source, message, where),
        )

    def _datasource(self, group: AlertGroup, rule: Alert | RecordingRule) -> Mapping[str, str]:
        where = Where("alert group", group.name)
        given = group.datasource or self.context.default_datasource("prometheus")
        if given is not None:
            return self._ref(given, group.source, where)
        self.context.wrong(
            group.source,
            "no default Prometheus data source; define one in datasources/ with "
            "default=True, or set datasource=",
            where,
        )
        return {"type": "prometheus", "uid": str(where_of(rule))}

    def _ref(self, given: Any, source: Source, where: Where) -> Mapping[str, str]:
        """The reference to a data source that a definition names; notes an unknown one."""
        if isinstance(given, Mapping):
            given = given.get("uid")
        if not isinstance(given, Datasource):
            ref = self.context.datasource(str(given), source, where)
            return ref or {"type": "prometheus", "uid": str(given)}
        if given.uid not in {datasource.uid for datasource in self.context.datasources}:
            self.context.datasource(given.uid, source, where)
        return given.ref

    # Prometheus's form

    def _prometheus_group(self, group: AlertGroup) -> dict[str, Any]:
        where = Where("alert group", group.name)
        if group.limit < 0:
            self.context.wrong(group.source, f"limit {group.limit} is negative", where)
        if group.query_offset:
            self.context.seconds(group.query_offset, group.source, "query_offset", where)
        rules = [rule for rule in group.rules if self._is_for_prometheus(group, rule)]
        body = {
            "name": group.name,
            "interval": group.interval,
            "limit": group.limit,
            "query_offset": group.query_offset,
            "rules": [self._prometheus_rule(group, rule) for rule in rules],
        }
        return {key: value for key, value in body.items() if value not in ("", 0)}

    def _is_for_prometheus(self, group: AlertGroup, rule: Alert | RecordingRule) -> bool:
        if isinstance(rule, RecordingRule):
            return not rule.to
        if self.context.settings.alerts == "grafana":
            return False
        asks = self._asks_prometheus(group)
        return asks and not isinstance(rule.condition, (Expression, RuleQueries, Mapping))

    def _asks_prometheus(self, group: AlertGroup) -> bool:
        """Whether the group asks Prometheus, as a group without a data source does."""
        given = group.datasource
        if isinstance(given, str):
            given = self.context.defined(given)
        return given is None or language(given.type) == PROMQL

    def _prometheus_rule(self, group: AlertGroup, rule: Alert | RecordingRule) -> dict[str, Any]:
        if isinstance(rule, RecordingRule):
            return self._recording_rule(group, rule)
        body = {
            "alert": rule.name,
            "expr": self._prometheus_expr(group, rule),
            "for": rule.for_ if milliseconds(rule.for_) else "",
            "keep_firing_for": rule.keep_firing_for,
            "labels": prometheus_labels(self.context, group, rule),
            "annotations": prometheus_annotations(self.context, rule),
        }
        return {key: value for key, value in body.items() if value not in ("", {})}

    def _recording_rule(self, group: AlertGroup, rule: RecordingRule) -> dict[str, Any]:
        body = {
            "record": rule.record,
            "expr": ""
            if isinstance(rule.query, (Mapping, RuleQueries))
            else self._text(group, rule, rule.query),
            "labels": prometheus_labels(self.context, group, rule),
        }
        return {key: value for key, value in body.items() if value != {}}

    def _prometheus_expr(self, group: AlertGroup, rule: Alert) -> str:
        text = partial(self._text, group, rule)
        if isinstance(rule.condition, (Condition, Conditions)):
            return compared(rule.condition, text)
        assert isinstance(rule.condition, (Query, str))
        return text(rule.condition)

    # Both

    def _text(
        self, group: AlertGroup, rule: Alert | RecordingRule, query: Query | str | Conditions
    ) -> str:
        """The text of a query in the language of the group's data source."""
        if isinstance(query, Conditions):
            return compared(query, partial(self._text, group, rule))
        if isinstance(query, Query) or self._asks_prometheus(group):
            return self._expr(rule, query)
        if not query.strip():
            self.context.wrong(rule.source, "the query is empty", where_of(rule))
        # Grafana's own macros, such as $__timeFilter(time), work in rules.
        names = {name for name in variables(query) if not name.startswith("__")}
        return self._without_variables(rule, query, names)

    def _expr(self, rule: Alert | RecordingRule, query: Query | str) -> str:
        where = where_of(rule)
        # With an invalid window, each snippet that reads it would fail, too.
        is_window = self.context.seconds(rule.window, rule.source, "window", where, zero=False)
        scope = Scope.alert(self.context.settings.labels, rule.window if is_window else "5m")
        if isinstance(query, Query):
            expr = self.context.queries.render(query, scope, rule.source, where)
        else:
            expr = self.context.queries.parsed(query, rule.source, where)
        # Prometheus has no macros, and where it evaluates, too, both have one text.
        macros = frozenset() if self.context.builds_prometheus else _MACROS
        return self._without_variables(rule, expr, variables(expr) - macros)

    def _without_variables(
        self, rule: Alert | RecordingRule, expr: str, names: Collection[str]
    ) -> str:
        if names:
            self.context.wrong(
                rule.source,
                f"${min(names)} is a dashboard variable; a rule cannot use it: {expr}",
                where_of(rule),
            )
        return expr


def _place(rule: Mapping[str, Any]) -> Where:
    """Where a rule of Prometheus's form is."""
    if "record" in rule:
        return Where("recording rule", rule["record"])
    return Where("alert", rule["alert"])


def _uids(
    group: AlertGroup, rule: Alert | RecordingRule, name: str, *, in_folder: bool
) -> list[str]:
    """The uids that a rule may have, the usual one first: others may have its name."""
    places = [group.name, *([f"{_folder_of(group)}-{group.name}"] if in_folder else [])]
    names = [name, *([f"{name}-{rule.severity}"] if isinstance(rule, Alert) else [])]
    return [slug(f"{place}-{named}") for named in names for place in places]


def _folder_of(group: AlertGroup) -> str:
    return slug(group.folder or DEFAULT_FOLDER)
