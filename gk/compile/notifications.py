"""Compiles contact points, policies, mute timings and message templates: to Grafana's documents, or
to Alertmanager's configuration in a project that has this format.

Alerts reach one of the two, so a definition never becomes both.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gk.compile.alertmanager import Notifying, add_alertmanager
from gk.compile.context import Compilation
from gk.compile.mute_timings import mistakes_in_interval
from gk.compile.receivers import mistakes_in_receiver
from gk.compile.template import check_message
from gk.define.notifications import (
    ContactPoint,
    InhibitRule,
    MessageTemplate,
    MuteTiming,
    NotificationPolicy,
    Receiver,
)
from gk.documents.gotemplate.tokens import TemplateError
from gk.documents.matchers import matcher
from gk.documents.names import MAX_UID, is_uid, slug
from gk.documents.receivers import DEFAULT_CONTACT_POINTS
from gk.documents.secrets.literals import in_receiver
from gk.documents.secrets.references import with_references
from gk.errors import Source, Where, did_you_mean
from gk.project import Definition
from gk.promql.syntax import is_label
from gk.resource import Kind

__all__ = ["compile_notifications"]

_POLICY = Where(Kind.NOTIFICATION_POLICY.value, "")


def compile_notifications(context: Compilation) -> None:
    """Add everything that notifies. Runs after the rules, so that their mistakes come first."""
    uids: dict[str, Source] = {}
    contact_points = _named(
        context,
        ContactPoint,
        Kind.CONTACT_POINT,
        lambda point: _contact_point(context, point, uids),
    )
    mute_timings = _named(
        context, MuteTiming, Kind.MUTE_TIMING, lambda timing: _mute_timing(context, timing)
    )
    templates = _named(
        context,
        MessageTemplate,
        Kind.MESSAGE_TEMPLATE,
        lambda template: _message_template(context, template),
    )
    policies = _policies(context, _names(contact_points), _names(mute_timings))
    if context.settings.has_alertmanager:
        add_alertmanager(context, contact_points, mute_timings, templates, policies)
    else:
        _add_to_grafana(context, [*contact_points, *mute_timings, *templates, *policies])


def _names(given: Sequence[Notifying]) -> set[str]:
    return {document.uid for document in given}


def _add_to_grafana(context: Compilation, given: Sequence[Notifying]) -> None:
    for document in given:
        context.add(
            document.kind, document.body, document.source, uid=document.uid, title=document.title
        )
    for rule in context.project.of(InhibitRule):
        context.wrong(
            rule.source,
            "inhibit rule: Grafana has none; add alertmanager to build.formats if Alertmanager "
            "notifies",
        )


def _contact_point(
    context: Compilation, point: ContactPoint, uids: dict[str, Source]
) -> dict[str, Any]:
    if not point.receivers and not context.settings.has_alertmanager:
        context.wrong(
            point.source,
            f"contact point '{point.name}': has no receivers; Grafana keeps no such contact point; "
            "add a receiver, or mute the alerts with a mute timing",
        )
    receivers = [
        _receiver(context, point, index, receiver, uids)
        for index, receiver in enumerate(point.receivers)
    ]
    return {"name": point.name, "receivers": [receiver for receiver in receivers if receiver]}


def _receiver(
    context: Compilation,
    point: ContactPoint,
    index: int,
    receiver: Receiver,
    uids: dict[str, Source],
) -> dict[str, Any]:
    """Return a receiver of a contact point; without valid settings, note a mistake and return
    nothing."""
    where = Where("contact point", point.name)
    uid = receiver.uid or slug(f"{point.name}-{receiver.type}{f'-{index + 1}' if index else ''}")
    _check_uid(context, point, uid, uids)
    if not receiver.type or not receiver.settings:
        context.wrong(point.source, f"receiver '{receiver.type}' has no type or no settings", where)
    settings = with_references(receiver.settings)
    if not isinstance(settings, Mapping):
        # The message does not show the value: it may be a secret.
        context.wrong(
            point.source, f"the settings of receiver '{receiver.type}' must be a dict", where
        )
        return {}
    for mistake in (
        mistakes_in_receiver(receiver.type, settings) if receiver.type and settings else ()
    ):
        context.wrong(point.source, mistake, where)
    for literal in in_receiver(receiver.type, settings):
        context.wrong(point.source, f"receiver '{receiver.type}': {literal}", where)
    body = {"uid": uid, "type": receiver.type, "settings": settings}
    return {**body, "disableResolveMessage": True} if receiver.disable_resolve_message else body


def _check_uid(
    context: Compilation, point: ContactPoint, uid: str, uids: dict[str, Source]
) -> None:
    where = Where("contact point", point.name)
    if not is_uid(uid):
        context.wrong(
            point.source, f"uid '{uid}' must be 1 to {MAX_UID} letters, digits, '-' or '_'", where
        )
    elif uid in uids:
        place = context.project.place(uids[uid])
        context.wrong(
            point.source, f"uid '{uid}' is taken by a receiver at {place}; change one", where
        )
    # Uids are unique among the receivers of all contact points.
    uids.setdefault(uid, point.source)


def _mute_timing(context: Compilation, timing: MuteTiming) -> dict[str, Any]:
    for interval in timing.time_intervals:
        for mistake in mistakes_in_interval(interval):
            context.wrong(timing.source, mistake, Where("mute timing", timing.name))
    return {"name": timing.name, "time_intervals": list(timing.time_intervals)}


def _message_template(context: Compilation, template: MessageTemplate) -> dict[str, Any]:
    where = Where("message template", template.name)
    # Grafana refuses no text, and takes white space.
    if not template.template:
        context.wrong(template.source, "the template is empty", where)
    try:
        check_message(template.template)
    except TemplateError as error:
        context.wrong(template.source, str(error), where)
    return {"name": template.name, "template": template.template}


def _named(
    context: Compilation, type: type, kind: Kind, body: Callable[[Any], dict[str, Any]]
) -> list[Notifying]:
    """The documents of every definition of `type`; checks that the names are unique."""
    first: dict[str, Source] = {}
    compiled = []
    for definition in context.project.of(type):
        name = definition.value.name
        where = Where(kind.value, name)
        context.check_name(name, definition.source, where)
        if first.setdefault(name, definition.source) is not definition.source:
            message = f"the name is taken by the one at {first[name]}; change one"
            context.wrong(definition.source, message, where)
        with context.mistakes_at(definition.source):
            compiled.append(Notifying(kind, name, name, body(definition.value), definition.source))
    return compiled


def _policies(
    context: Compilation, contact_points: set[str], mute_timings: set[str]
) -> list[Notifying]:
    """The root policy with all of its routes; nothing without one."""
    policies = list(context.project.of(NotificationPolicy))
    routes = {id(route) for policy in policies for route in _routes(policy.value)}
    roots = [policy for policy in policies if id(policy.value) not in routes]
    for definition in roots[1:]:
        context.wrong(
            definition.source,
            f"there is another root at {roots[0].source}; make one a route of the other",
            _POLICY,
        )
    compiled = []
    for definition in roots[:1]:
        with context.mistakes_at(definition.source):
            body = _root_policy(context, definition, contact_points, mute_timings)
            title = "notification policies"
            compiled.append(
                Notifying(Kind.NOTIFICATION_POLICY, "root", title, body, definition.source)
            )
    return compiled


def _root_policy(
    context: Compilation, definition: Definition, contact_points: set[str], mute_timings: set[str]
) -> dict[str, Any]:
    root: NotificationPolicy = definition.value
    # The root receives every alert, so Alertmanager refuses these there. Grafana 12.4.0 takes
    # `continue`, and can then read none of its notifications.
    if root.matchers or root.mute_timings or root.active_timings or root.continue_:
        context.wrong(
            definition.source,
            "the root policy cannot have matchers, mute timings, active timings or continue_",
            _POLICY,
        )
    if context.settings.has_alertmanager:
        return _policy(context, root, contact_points, mute_timings)
    body = _policy(context, root, contact_points | DEFAULT_CONTACT_POINTS, mute_timings)
    # Grafana's own default for the root (observed on 12.4.0).
    return {"group_by": ["grafana_folder", "alertname"], **body}


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
            f"contact point '{receiver}' is not defined in alerts/{hint}",
            _POLICY,
        )
    timings = {
        "mute_time_intervals": [_name(timing) for timing in policy.mute_timings],
        "active_time_intervals": [_name(timing) for timing in policy.active_timings],
    }
    for timing in itertools.chain.from_iterable(timings.values()):
        if timing not in mute_timings:
            hint = did_you_mean(timing, mute_timings)
            context.wrong(
                policy.source,
                f"mute timing '{timing}' is not defined in alerts/{hint}",
                _POLICY,
            )
    for what in ("group_wait", "group_interval", "repeat_interval"):
        if getattr(policy, what):
            is_wait = what == "group_wait"
            context.seconds(
                getattr(policy, what),
                policy.source,
                what,
                _POLICY,
                zero=is_wait,
            )
    for label in policy.group_by:
        # "..." groups by all labels.
        if not isinstance(label, str) or (not is_label(label) and label != "..."):
            context.wrong(policy.source, f"group_by {label!r} is not a valid label name", _POLICY)
    body = {
        "receiver": receiver,
        "object_matchers": _matchers(context, policy),
        "group_by": list(policy.group_by),
        "group_wait": policy.group_wait,
        "group_interval": policy.group_interval,
        "repeat_interval": policy.repeat_interval,
        "continue": policy.continue_,
        **timings,
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
        try:
            triples.append([*matcher(text)])
        except ValueError as error:
            context.wrong(policy.source, str(error), _POLICY)
    return triples
