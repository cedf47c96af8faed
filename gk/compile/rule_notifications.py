"""Compiles the notification settings of rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from gk.compile.context import Compilation
from gk.compile.rule_texts import where_of
from gk.define.alerting import Alert
from gk.define.notifications import ContactPoint, MuteTiming, NotificationSettings
from gk.documents.receivers import DEFAULT_CONTACT_POINTS
from gk.errors import did_you_mean
from gk.promql.syntax import is_label

__all__ = ["settings_of"]

FOLDER_AND_NAME = ("grafana_folder", "alertname")
"""Grafana groups by these in any case; 10.4 and 11 refuse other labels without them."""
ALL_LABELS = "..."
_WAITS = ("group_wait", "group_interval", "repeat_interval")


def settings_of(context: Compilation, rule: Alert) -> dict[str, Any]:
    """The notification settings of an alert in Grafana's form; empty without any."""
    settings = rule.notification_settings
    if settings is None:
        return {}
    body = {
        "receiver": _receiver(context, rule, settings),
        "group_by": _group_by(context, rule, settings),
        **{name: _wait(context, rule, settings, name) for name in _WAITS},
        "mute_time_intervals": _timings(context, rule, settings.mute_timings),
        "active_time_intervals": _timings(context, rule, settings.active_timings),
    }
    return {key: value for key, value in body.items() if value not in ("", [])}


def _receiver(context: Compilation, rule: Alert, settings: NotificationSettings) -> str:
    known = {definition.value.name for definition in context.project.of(ContactPoint)}
    # Grafana does not start with an unknown one.
    return _known(context, rule, "contact point", settings.receiver, known | DEFAULT_CONTACT_POINTS)


def _timings(context: Compilation, rule: Alert, timings: Iterable[MuteTiming | str]) -> list[str]:
    known = {definition.value.name for definition in context.project.of(MuteTiming)}
    return [_known(context, rule, "mute timing", timing, known) for timing in timings]


def _known(context: Compilation, rule: Alert, what: str, named: Any, known: Collection[str]) -> str:
    name = named if isinstance(named, str) else str(named.name)
    if name not in known:
        context.wrong(
            rule.source,
            f"notification_settings: {what} '{name}' is not defined in alerts/"
            f"{did_you_mean(name, known)}",
            where_of(rule),
        )
    return name


def _group_by(context: Compilation, rule: Alert, settings: NotificationSettings) -> Sequence[str]:
    for label in settings.group_by:
        if label != ALL_LABELS and not is_label(label):
            context.wrong(
                rule.source,
                f"notification_settings: group_by '{label}' is not a valid label name",
                where_of(rule),
            )
    if ALL_LABELS in settings.group_by or not settings.group_by:
        return list(settings.group_by)[:1] and [ALL_LABELS]
    return [*FOLDER_AND_NAME, *sorted({*settings.group_by} - {*FOLDER_AND_NAME})]


def _wait(context: Compilation, rule: Alert, settings: NotificationSettings, name: str) -> str:
    duration: str = getattr(settings, name)
    if duration:
        what = f"alert '{rule.name}': notification_settings: {name}"
        context.seconds(duration, rule.source, what, zero=name == "group_wait")
    return duration
