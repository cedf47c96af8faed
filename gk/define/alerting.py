"""Alerts as definitions: rules and their groups.

One definition serves Prometheus and Grafana. Write summaries and descriptions as for Prometheus,
with `{{ $labels.name }}` and `{{ $value }}`; `{{ $node }}` is the value of the node label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from gk.define.arguments import listed, texts, typed
from gk.define.datasource import Datasource
from gk.define.expression import Expression, RuleQueries, any_query
from gk.define.notifications import NotificationSettings, settings_of
from gk.define.place import caller
from gk.errors import Source
from gk.promql.condition import Condition, Conditions
from gk.promql.snippet import Query, Snippet

__all__ = [
    "DEFINITIONS",
    "Alert",
    "AlertGroup",
    "RecordingRule",
    "alert",
    "alert_group",
    "recording_rule",
]

NoDataState = Literal["OK", "NoData", "Alerting", "KeepLast"]
ExecErrState = Literal["Error", "OK", "Alerting", "KeepLast"]

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Alert:
    """An alerting rule."""

    name: str
    condition: Condition | Conditions | Expression | RuleQueries | Query | str | Mapping[str, Any]
    for_: str
    keep_firing_for: str
    severity: str
    summary: str
    description: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    runbook: str
    window: str
    no_data: NoDataState
    exec_err: ExecErrState
    paused: bool
    uid: str
    linked: bool = True
    notification_settings: NotificationSettings | None = None
    source: Source = field(default_factory=caller, compare=False)

    @property
    def queries(self) -> tuple[Query, ...]:
        """The queries that the alert shares with panels."""
        condition = self.condition
        if isinstance(condition, (Condition, Conditions)):
            return condition.queries
        if isinstance(condition, RuleQueries):
            return ()
        if isinstance(condition, Expression):
            return tuple(query for query in condition.queries.values() if isinstance(query, Query))
        return (condition,) if isinstance(condition, Query) else ()

    @property
    def query(self) -> Query | None:
        """The first of them."""
        return next(iter(self.queries), None)


@typed
def alert(
    name: str,
    condition: Condition
    | Conditions
    | Expression
    | RuleQueries
    | Query
    | Snippet
    | str
    | Mapping[str, Any],
    *,
    for_: str = "0s",
    severity: str = "warning",
    summary: str = "",
    description: str = "",
    keep_firing_for: str = "",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    runbook: str = "",
    window: str = "5m",
    no_data: NoDataState = "OK",
    exec_err: ExecErrState = "Error",
    paused: bool = False,
    uid: str = "",
    linked: bool = True,
    notification_settings: NotificationSettings | Mapping[str, Any] | None = None,
) -> Alert:
    """An alert that fires when `condition` holds for `for_`.

    `condition` is a comparison of a query (`node.cpu_busy > 0.9`), or a query or text that returns
    one series for each alert. `(a > 1) & (b < 2)` holds where both do, for series with equal
    labels; `|` where one does. Text is PromQL, or the language of the group's data source;
    `expression()`, `rule_queries()` and the JSON of a query are for Grafana only. `window` is the
    range of the query's rates. Durations are Prometheus's (`5m`). `keep_firing_for` needs
    Prometheus 2.42 or Grafana 12. `runbook` is a URL; the default is gk.yaml's `links.runbooks`. If
    the query returns nothing, all is well, as in Prometheus; `no_data` changes that for Grafana.
    `exec_err` sets Grafana's state if the query fails. `uid` is the rule's uid in Grafana; the
    default is made from the group and the name. Panels that show the alert's query draw its
    threshold and link to it, and it links to the first of them, unless it is not `linked`.
    `notification_settings` notify a contact point without the notification policies, from Grafana
    10.4 on.
    """
    return Alert(
        name=name,
        condition=condition
        if isinstance(condition, (Condition, Conditions, Expression, RuleQueries))
        else any_query(condition, f"alert '{name}'"),
        for_=for_,
        keep_firing_for=keep_firing_for,
        severity=severity,
        summary=summary,
        description=description,
        labels=texts(labels, f"alert '{name}': label"),
        annotations=texts(annotations, f"alert '{name}': annotation"),
        runbook=runbook,
        window=window,
        no_data=no_data,
        exec_err=exec_err,
        paused=paused,
        uid=uid,
        linked=linked,
        notification_settings=settings_of(notification_settings, f"alert '{name}'"),
    )


@dataclass(frozen=True, kw_only=True)
class RecordingRule:
    """A recording rule: of Grafana with `to`, of Prometheus otherwise.

    Grafana can record since 11.2, to a data source that accepts remote writes; earlier versions do
    not start if a provisioning file has such a rule.
    """

    record: str
    query: Query | RuleQueries | str | Mapping[str, Any]
    labels: Mapping[str, str]
    window: str
    to: Datasource | str | None = None
    uid: str = ""
    source: Source = field(default_factory=caller, compare=False)


@typed
def recording_rule(
    record: str,
    query: Query | Snippet | RuleQueries | str | Mapping[str, Any],
    *,
    labels: Mapping[str, str] | None = None,
    window: str = "5m",
    to: Datasource | str | None = None,
    uid: str = "",
) -> RecordingRule:
    """Record `query` as the series `record`. Prometheus's documentation recommends names of the
    form `level:metric:operations`.

    With `to`, Grafana (11.2 or later) evaluates the rule instead of Prometheus, and writes the
    series to that data source, which must accept remote writes. `uid` is the uid of such a rule.
    """
    return RecordingRule(
        record=record,
        query=query
        if isinstance(query, RuleQueries)
        else any_query(query, f"recording rule '{record}'"),
        labels=texts(labels, f"recording rule '{record}': label"),
        window=window,
        to=to,
        uid=uid,
    )


@dataclass(frozen=True, kw_only=True)
class AlertGroup:
    """A group of rules that Prometheus and Grafana evaluate together, in order, every
    `interval`."""

    name: str
    rules: Sequence[Alert | RecordingRule]
    folder: str
    interval: str
    datasource: Datasource | str | None
    labels: Mapping[str, str]
    limit: int
    query_offset: str
    source: Source = field(default_factory=caller, compare=False)


@typed
def alert_group(
    name: str,
    rules: Sequence[Alert | RecordingRule],
    *,
    folder: str = "",
    interval: str = "1m",
    datasource: Datasource | str | None = None,
    labels: Mapping[str, str] | None = None,
    limit: int = 0,
    query_offset: str = "",
) -> AlertGroup:
    """A group of alerts and recording rules.

    `folder` is a Grafana folder without dashboards (default: Alerts). `interval` is a Prometheus
    duration; Grafana needs a multiple of 10s. An empty one is Prometheus's `evaluation_interval`,
    and a minute in Grafana. `datasource` is the data source that Grafana queries, or its uid or
    name (default: the default Prometheus); groups that ask another one than a Prometheus are for
    Grafana only. Every rule gets `labels`.

    Two arguments are for Prometheus only: `limit` is the number of series or alerts that a rule may
    return, 0 for any; a rule with more fails. `query_offset` evaluates the rules that long ago, for
    series that arrive late (Prometheus 2.53 or later).
    """
    return AlertGroup(
        name=name,
        rules=listed(rules, (Alert, RecordingRule), f"alert group '{name}': rules"),
        folder=folder,
        interval=interval,
        datasource=datasource,
        labels=texts(labels, f"alert group '{name}': label"),
        limit=limit,
        query_offset=query_offset,
    )


DEFINITIONS = (AlertGroup,)
"""Types that are definitions on their own; others are part of one."""
