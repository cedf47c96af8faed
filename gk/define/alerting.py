"""Alerts as definitions: rules, groups, contact points, notification policies, mute timings,
message templates.

One definition serves Prometheus and Grafana. Write summaries and descriptions as for Prometheus,
with `{{ $labels.name }}` and `{{ $value }}`; `{{ $node }}` is the value of the node label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from gk.define.arguments import typed
from gk.define.datasource import Datasource
from gk.define.place import caller
from gk.errors import Source
from gk.promql.snippet import Condition, Query, Snippet, query_of

__all__ = [
    "DEFINITIONS",
    "Alert",
    "AlertGroup",
    "ContactPoint",
    "MessageTemplate",
    "MuteTiming",
    "NotificationPolicy",
    "Receiver",
    "RecordingRule",
    "alert",
    "alert_group",
    "contact_point",
    "message_template",
    "mute_timing",
    "notification_policy",
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
    condition: Condition | Query | str
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
    source: Source = field(default_factory=caller, compare=False)

    @property
    def query(self) -> Query | None:
        """The query that the alert shares with panels; None if the condition is PromQL text."""
        if isinstance(self.condition, str):
            return None
        return self.condition.query if isinstance(self.condition, Condition) else self.condition


@typed
def alert(
    name: str,
    condition: Condition | Query | Snippet | str,
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
) -> Alert:
    """An alert that fires when `condition` holds for `for_`.

    `condition` is a comparison of a query (`node.cpu_busy > 0.9`), or a query or PromQL text that
    returns one series for each alert. `window` is the range of the query's rates. Durations are
    Prometheus's (`5m`). `runbook` is a URL; the default is gk.yaml's `links.runbooks`. If the query
    returns nothing, all is well, as in Prometheus; `no_data` changes that for Grafana. `exec_err`
    sets Grafana's state if the query fails. `uid` is the rule's uid in Grafana; the default is made
    from the group and the name.
    """
    return Alert(
        name=name,
        condition=condition
        if isinstance(condition, Condition)
        else _query(condition, f"alert '{name}'"),
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
    )


@dataclass(frozen=True, kw_only=True)
class RecordingRule:
    """A recording rule, for Prometheus only.

    Grafana can record since 11.2, to a data source that accepts remote writes; earlier versions do
    not start if a provisioning file has such a rule.
    """

    record: str
    query: Query | str
    labels: Mapping[str, str]
    window: str
    source: Source = field(default_factory=caller, compare=False)


@typed
def recording_rule(
    record: str,
    query: Query | Snippet | str,
    *,
    labels: Mapping[str, str] | None = None,
    window: str = "5m",
) -> RecordingRule:
    """Record `query` as the series `record`. Prometheus's documentation recommends names of the
    form `level:metric:operations`."""
    return RecordingRule(
        record=record,
        query=_query(query, f"recording rule '{record}'"),
        labels=_texts(labels, f"recording rule '{record}': label"),
        window=window,
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
) -> AlertGroup:
    """A group of alerts and recording rules.

    `folder` is a Grafana folder without dashboards (default: Alerts). `interval` is a Prometheus
    duration; for Grafana it must be a multiple of 10s. `datasource` is the data source that Grafana
    queries, or its uid or name (default: the default Prometheus). Every rule gets `labels`.
    """
    return AlertGroup(
        name=name,
        rules=_list(rules, (Alert, RecordingRule), f"alert group '{name}': rules"),
        folder=folder,
        interval=interval,
        datasource=datasource,
        labels=_texts(labels, f"alert group '{name}': label"),
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
    """A contact point that notifies each of `receivers`."""
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
    routes: Sequence[NotificationPolicy] = (),
) -> NotificationPolicy:
    """A notification policy. At module level it is the root, and replaces the whole tree in
    Grafana.

    `matchers` are Alertmanager's (`severity="critical"`). `group_by` names labels; the root's
    default is Grafana's folder and the alert name. Durations are Prometheus's.
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
        routes=_list(routes, NotificationPolicy, "notification policy: routes"),
    )


@dataclass(frozen=True, kw_only=True)
class MuteTiming:
    """Times at which notifications are muted. `time_intervals` are Alertmanager's."""

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


def _query(given: object, who: str) -> Query | str:
    # Snippets do not overload ==, so `query == 1` is just False.
    if isinstance(given, bool):
        raise TypeError(
            f"{who}: == and != compare in Python; write < or >, "
            "or the whole condition as PromQL text"
        )
    try:
        return given if isinstance(given, str) else query_of(given)
    except TypeError as error:
        raise TypeError(f"{who}: {error}") from None


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


DEFINITIONS = (AlertGroup, ContactPoint, NotificationPolicy, MuteTiming, MessageTemplate)
"""Types that are definitions on their own; others are part of one."""
