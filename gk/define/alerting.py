"""Alerts as definitions: rules, groups, contact points, notification policies, mute timings,
message templates.

One definition serves Prometheus and Grafana. Write summaries and descriptions as for Prometheus,
with `{{ $labels.name }}` and `{{ $value }}`; `{{ $node }}` is the value of the node label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar

from gk.define.arguments import typed
from gk.define.datasource import Datasource
from gk.define.expression import Expression, RuleQueries, any_query
from gk.define.place import caller
from gk.errors import Source, did_you_mean
from gk.promql.condition import Condition, Conditions
from gk.promql.snippet import Query, Snippet

__all__ = [
    "DEFINITIONS",
    "Alert",
    "AlertGroup",
    "ContactPoint",
    "InhibitRule",
    "MessageTemplate",
    "MuteTiming",
    "NotificationPolicy",
    "NotificationSettings",
    "Receiver",
    "RecordingRule",
    "alert",
    "alert_group",
    "contact_point",
    "inhibit_rule",
    "message_template",
    "mute_timing",
    "notification_policy",
    "notification_settings",
    "receiver",
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
            return tuple(each for each in condition.queries.values() if isinstance(each, Query))
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
        labels=_texts(labels, f"alert '{name}': label"),
        annotations=_texts(annotations, f"alert '{name}': annotation"),
        runbook=runbook,
        window=window,
        no_data=no_data,
        exec_err=exec_err,
        paused=paused,
        uid=uid,
        linked=linked,
        notification_settings=_settings(notification_settings, f"alert '{name}'"),
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
        labels=_texts(labels, f"recording rule '{record}': label"),
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
        rules=_list(rules, (Alert, RecordingRule), f"alert group '{name}': rules"),
        folder=folder,
        interval=interval,
        datasource=datasource,
        labels=_texts(labels, f"alert group '{name}': label"),
        limit=limit,
        query_offset=query_offset,
    )


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """One receiver of a contact point. `settings` are Grafana's for the type; their values may be
    secrets."""

    type: str
    settings: Mapping[str, Any]
    uid: str
    disable_resolve_message: bool


@typed
def receiver(
    type: str, settings: Mapping[str, Any], *, uid: str = "", disable_resolve_message: bool = False
) -> Receiver:
    """A receiver of a contact point, such as `receiver("slack", {"url": secret("SLACK_URL")})`."""
    return Receiver(
        type=type, settings=settings, uid=uid, disable_resolve_message=disable_resolve_message
    )


@dataclass(frozen=True, kw_only=True)
class ContactPoint:
    """A contact point: a name and its receivers."""

    name: str
    receivers: Sequence[Receiver]
    source: Source = field(default_factory=caller, compare=False)


@typed
def contact_point(name: str, *receivers: Receiver) -> ContactPoint:
    """A contact point that notifies each of `receivers`.

    Without receivers it takes alerts and tells nobody, such as one that always fires; only
    Alertmanager has such contact points.
    """
    return ContactPoint(name=name, receivers=_list(receivers, Receiver, f"contact point '{name}'"))


@dataclass(frozen=True, kw_only=True)
class NotificationPolicy:
    """A node of the notification policy tree."""

    receiver: ContactPoint | str
    matchers: Sequence[str]
    group_by: Sequence[str]
    group_wait: str
    group_interval: str
    repeat_interval: str
    continue_: bool
    mute_timings: Sequence[MuteTiming | str]
    active_timings: Sequence[MuteTiming | str]
    routes: Sequence[NotificationPolicy]
    source: Source = field(default_factory=caller, compare=False)


@typed
def notification_policy(
    receiver: ContactPoint | str,
    *,
    matchers: Sequence[str] = (),
    group_by: Sequence[str] = (),
    group_wait: str = "",
    group_interval: str = "",
    repeat_interval: str = "",
    continue_: bool = False,
    mute_timings: Sequence[MuteTiming | str] = (),
    active_timings: Sequence[MuteTiming | str] = (),
    routes: Sequence[NotificationPolicy] = (),
) -> NotificationPolicy:
    """A notification policy. At module level it is the root, and replaces the whole tree in
    Grafana.

    `matchers` are Alertmanager's (`severity="critical"`). `group_by` names labels; the root's
    default is Grafana's folder and the alert name. Durations are Prometheus's. `mute_timings` are
    the times without notifications, `active_timings` the only times with them (Grafana 12.1 or
    later; earlier versions ignore them).
    """
    return NotificationPolicy(
        receiver=receiver,
        matchers=_list(matchers, str, "notification policy: matchers"),
        group_by=_list(group_by, str, "notification policy: group_by"),
        group_wait=group_wait,
        group_interval=group_interval,
        repeat_interval=repeat_interval,
        continue_=continue_,
        mute_timings=_list(mute_timings, (MuteTiming, str), "notification policy: mute_timings"),
        active_timings=_list(
            active_timings, (MuteTiming, str), "notification policy: active_timings"
        ),
        routes=_list(routes, NotificationPolicy, "notification policy: routes"),
    )


@dataclass(frozen=True, kw_only=True)
class NotificationSettings:
    """How one rule notifies, in place of the notification policies."""

    receiver: ContactPoint | str
    group_by: Sequence[str]
    group_wait: str
    group_interval: str
    repeat_interval: str
    mute_timings: Sequence[MuteTiming | str]
    active_timings: Sequence[MuteTiming | str]


@typed
def notification_settings(
    receiver: ContactPoint | str,
    *,
    group_by: Sequence[str] = (),
    group_wait: str = "",
    group_interval: str = "",
    repeat_interval: str = "",
    mute_timings: Sequence[MuteTiming | str] = (),
    active_timings: Sequence[MuteTiming | str] = (),
) -> NotificationSettings:
    """Notification settings of an alert: its contact point, and settings as of a notification
    policy.

    Grafana 10.4 and later have them, `active_timings` 12.1 and later; Prometheus has none. Grafana
    always groups by its folder and the alert name, besides `group_by`.
    """
    who = "notification settings"
    return NotificationSettings(
        receiver=receiver,
        group_by=_list(group_by, str, f"{who}: group_by"),
        group_wait=group_wait,
        group_interval=group_interval,
        repeat_interval=repeat_interval,
        mute_timings=_list(mute_timings, (MuteTiming, str), f"{who}: mute_timings"),
        active_timings=_list(active_timings, (MuteTiming, str), f"{who}: active_timings"),
    )


@dataclass(frozen=True, kw_only=True)
class MuteTiming:
    """Times at which notifications are muted, or the only ones at which they are sent.
    `time_intervals` are Alertmanager's."""

    name: str
    time_intervals: Sequence[Mapping[str, Any]]
    source: Source = field(default_factory=caller, compare=False)


@typed
def mute_timing(name: str, *time_intervals: Mapping[str, Any]) -> MuteTiming:
    """A mute timing, such as `mute_timing("weekends", {"weekdays": ["saturday", "sunday"]})`."""
    return MuteTiming(
        name=name, time_intervals=_list(time_intervals, Mapping, f"mute timing '{name}'")
    )


@dataclass(frozen=True, kw_only=True)
class InhibitRule:
    """Mutes alerts while another one fires. Only Alertmanager has such rules."""

    source_matchers: Sequence[str]
    target_matchers: Sequence[str]
    equal: Sequence[str]
    source: Source = field(default_factory=caller, compare=False)


@typed
def inhibit_rule(
    *, source: Sequence[str], target: Sequence[str], equal: Sequence[str] = ()
) -> InhibitRule:
    """Mute the alerts that match `target` while one that matches `source` fires and has the same
    values of the labels `equal`.

    Matchers are Alertmanager's (`severity="critical"`). A label that both alerts lack counts as
    equal. Needs the format `alertmanager`: Grafana has no such rules.
    """
    return InhibitRule(
        source_matchers=_list(source, str, "inhibit rule: source"),
        target_matchers=_list(target, str, "inhibit rule: target"),
        equal=_list(equal, str, "inhibit rule: equal"),
    )


@dataclass(frozen=True, kw_only=True)
class MessageTemplate:
    """A template for notification messages, in Go's template language."""

    name: str
    template: str
    source: Source = field(default_factory=caller, compare=False)


@typed
def message_template(name: str, template: str) -> MessageTemplate:
    """A message template. `template` defines the parts that receivers use by name: `{{ define
    "subject" }}...{{ end }}`."""
    return MessageTemplate(name=name, template=template)


# Checked here and not in compile, so that a mistake is shown at its line.


_GRAFANA_S_NAMES = {
    "mute_time_intervals": "mute_timings",
    "active_time_intervals": "active_timings",
}


def _settings(
    given: NotificationSettings | Mapping[str, Any] | None, who: str
) -> NotificationSettings | None:
    value: object = given
    if value is None or isinstance(value, NotificationSettings):
        return value
    if not isinstance(value, Mapping):
        raise TypeError(
            f"{who}: notification_settings must be notification_settings(...), "
            f"not {type(value).__name__}"
        )
    known = [each.name for each in fields(NotificationSettings)]
    names = {str(name): each for name, each in value.items()}
    settings = {_GRAFANA_S_NAMES.get(name, name): each for name, each in names.items()}
    for name in settings:
        if name not in known:
            hint = did_you_mean(name, known) or f"; one of {', '.join(known)}"
            raise TypeError(f"{who}: notification_settings: unknown key '{name}'{hint}")
    if "receiver" not in settings:
        raise TypeError(f"{who}: notification_settings: has no receiver")
    return notification_settings(**settings)


def _list(given: Iterable[_T], types: type | tuple[type, ...], what: str) -> Sequence[_T]:
    value: object = given
    # A text is a sequence, too: of its characters.
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"{what} must be a list, not {type(value).__name__}")
    items = tuple(given)
    for item in items:
        if not isinstance(item, types):
            names = [type_.__name__ for type_ in (types if isinstance(types, tuple) else (types,))]
            raise TypeError(
                f"{what} must contain {' or '.join(names)} objects, not {type(item).__name__}"
            )
    return items


def _texts(given: Mapping[str, str] | None, what: str) -> Mapping[str, str]:
    values: Mapping[str, object] = given or {}
    for name, value in values.items():
        if not isinstance(value, str):
            raise TypeError(f"{what} {name} must be text, not {type(value).__name__}")
    return given or {}


DEFINITIONS = (
    AlertGroup,
    ContactPoint,
    InhibitRule,
    MessageTemplate,
    MuteTiming,
    NotificationPolicy,
)
"""Types that are definitions on their own; others are part of one."""
