"""Notifications as definitions: contact points, notification policies, mute timings, inhibit rules,
message templates, and where a single alert goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from gk.define.arguments import listed, typed
from gk.define.place import caller
from gk.errors import Source, did_you_mean

__all__ = [
    "DEFINITIONS",
    "ContactPoint",
    "InhibitRule",
    "MessageTemplate",
    "MuteTiming",
    "NotificationPolicy",
    "NotificationSettings",
    "Receiver",
    "contact_point",
    "inhibit_rule",
    "message_template",
    "mute_timing",
    "notification_policy",
    "notification_settings",
    "receiver",
    "settings_of",
]


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
    return ContactPoint(name=name, receivers=listed(receivers, Receiver, f"contact point '{name}'"))


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
        matchers=listed(matchers, str, "notification policy: matchers"),
        group_by=listed(group_by, str, "notification policy: group_by"),
        group_wait=group_wait,
        group_interval=group_interval,
        repeat_interval=repeat_interval,
        continue_=continue_,
        mute_timings=listed(mute_timings, (MuteTiming, str), "notification policy: mute_timings"),
        active_timings=listed(
            active_timings, (MuteTiming, str), "notification policy: active_timings"
        ),
        routes=listed(routes, NotificationPolicy, "notification policy: routes"),
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
        group_by=listed(group_by, str, f"{who}: group_by"),
        group_wait=group_wait,
        group_interval=group_interval,
        repeat_interval=repeat_interval,
        mute_timings=listed(mute_timings, (MuteTiming, str), f"{who}: mute_timings"),
        active_timings=listed(active_timings, (MuteTiming, str), f"{who}: active_timings"),
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
        name=name, time_intervals=listed(time_intervals, Mapping, f"mute timing '{name}'")
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
        source_matchers=listed(source, str, "inhibit rule: source"),
        target_matchers=listed(target, str, "inhibit rule: target"),
        equal=listed(equal, str, "inhibit rule: equal"),
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


_GRAFANA_S_NAMES = {
    "mute_time_intervals": "mute_timings",
    "active_time_intervals": "active_timings",
}


def settings_of(
    given: NotificationSettings | Mapping[str, Any] | None, who: str
) -> NotificationSettings | None:
    """The settings of an alert that takes them as an object or as a mapping, with Grafana's names
    or ours; None without any.

    Raises:
        TypeError: they are another thing, or have an unknown key or no receiver; `who` is named.
    """
    # Checked here and not in compile, so that a mistake is shown at its line.
    value: object = given
    if value is None or isinstance(value, NotificationSettings):
        return value
    if not isinstance(value, Mapping):
        raise TypeError(
            f"{who}: notification_settings must be notification_settings(...), "
            f"not {type(value).__name__}"
        )
    known = [field.name for field in fields(NotificationSettings)]
    names = {str(name): setting for name, setting in value.items()}
    settings = {_GRAFANA_S_NAMES.get(name, name): setting for name, setting in names.items()}
    for name in settings:
        if name not in known:
            hint = did_you_mean(name, known) or f"; one of {', '.join(known)}"
            raise TypeError(f"{who}: notification_settings: unknown key '{name}'{hint}")
    if "receiver" not in settings:
        raise TypeError(f"{who}: notification_settings: has no receiver")
    return notification_settings(**settings)


DEFINITIONS = (ContactPoint, InhibitRule, MessageTemplate, MuteTiming, NotificationPolicy)
"""Types that are definitions on their own; others are part of one."""
