"""Makes Alertmanager's configuration of what notifies.

https://prometheus.io/docs/alerting/latest/configuration/

Receivers are defined as Grafana's, whose settings Alertmanager spells in another way. Alertmanager
expands no variables, so it reads secrets from files: those of `secret_file`, and the keys of
Kubernetes Secrets, which the built manifests mount. Sources: prometheus/alertmanager at 0.34.0,
config/ and notify/*/config.go; comments name the version in which a setting appeared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gk.compile.context import Compilation
from gk.define.notifications import InhibitRule
from gk.documents.matchers import matcher, matcher_text
from gk.documents.names import slug
from gk.documents.receivers import Words
from gk.documents.secrets.references import Reference, reference
from gk.errors import Source, Where
from gk.promql.syntax import is_label
from gk.resource import Kind
from gk.settings import ALERTMANAGER_SECRETS

__all__ = ["Notifying", "add_alertmanager"]

_SLACK_API = "https://slack.com/api/chat.postMessage"


_INHIBIT_RULE = Where("inhibit rule", "")


@dataclass(frozen=True)
class Notifying:
    """A compiled definition, as Grafana's document."""

    kind: Kind
    uid: str
    title: str
    body: dict[str, Any]
    source: Source

    @property
    def where(self) -> Where:
        """How mistakes name it."""
        return Where(self.kind.value, self.title)


def add_alertmanager(
    context: Compilation,
    contact_points: Sequence[Notifying],
    mute_timings: Sequence[Notifying],
    templates: Sequence[Notifying],
    policies: Sequence[Notifying],
) -> None:
    """Add the configuration of Alertmanager, and note what it cannot have."""
    inhibit_rules = [_inhibit_rule(context, rule.value) for rule in context.project.of(InhibitRule)]
    if not policies:
        for first in [*contact_points, *mute_timings, *templates][:1]:
            context.wrong(
                first.source,
                "Alertmanager needs a notification policy; define the root, such as "
                "notification_policy(mail)",
                first.where,
            )
        return
    config = {
        "global": _smtp(context, contact_points),
        "templates": ["*.tmpl"] if templates else [],
        "time_intervals": [timing.body for timing in mute_timings],
        "route": _route(policies[0].body),
        "inhibit_rules": inhibit_rules,
        "receivers": [_receiver(context, point) for point in contact_points],
    }
    body = {
        "config": {key: value for key, value in config.items() if value},
        "templates": _template_files(context, templates),
    }
    context.add(
        Kind.ALERTMANAGER, body, policies[0].source, uid="alertmanager", title="Alertmanager"
    )


def _template_files(context: Compilation, templates: Sequence[Notifying]) -> dict[str, str]:
    files: dict[str, str] = {}
    for template in templates:
        name = f"{slug(template.title)}.tmpl"
        if name in files:
            context.wrong(
                template.source,
                f"another one has the same file {name}; rename one",
                template.where,
            )
        files[name] = template.body["template"]
    return files


# Routes


def _route(policy: Mapping[str, Any]) -> dict[str, Any]:
    """A policy as a route, from Grafana's form: matchers are texts."""
    route = {
        key: value for key, value in policy.items() if key not in ("object_matchers", "routes")
    }
    if matchers := policy.get("object_matchers"):
        route["matchers"] = [matcher_text(*triple) for triple in matchers]
    if routes := policy.get("routes"):
        route["routes"] = [_route(inner) for inner in routes]
    return route


def _inhibit_rule(context: Compilation, rule: InhibitRule) -> dict[str, Any]:
    for label in rule.equal:
        if not is_label(label):
            context.wrong(rule.source, f"equal: '{label}' is not a valid label name", _INHIBIT_RULE)
    body = {
        "source_matchers": _matchers(context, rule, "source", rule.source_matchers),
        "target_matchers": _matchers(context, rule, "target", rule.target_matchers),
        "equal": list(rule.equal),
    }
    return {key: value for key, value in body.items() if value}


def _matchers(
    context: Compilation, rule: InhibitRule, what: str, matchers: Sequence[str]
) -> list[str]:
    if not matchers:
        context.wrong(
            rule.source,
            f"{what} has no matchers, so it would match every alert",
            _INHIBIT_RULE,
        )
    texts = []
    for text in matchers:
        try:
            texts.append(matcher_text(*matcher(text)))
        except ValueError as error:
            context.wrong(rule.source, f"{what}: {error}", _INHIBIT_RULE)
    return texts


# Receivers


@dataclass(frozen=True, kw_only=True)
class _Form:
    """How Alertmanager spells a type of receiver.

    `names` are its keys by the names of Grafana's settings; a setting that is not there has no
    equivalent. `files` are the keys that name a file with a secret. `numbers` are integers there,
    and may be text here. `needed` are Grafana's settings that only Alertmanager needs.
    """

    configs: str
    names: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)
    numbers: Words = ""
    needed: Words = ""


def _same(names: Words) -> dict[str, str]:
    return {name: name for name in names.split()}


_TITLED = _same("title message")
_FORMS: Mapping[str, _Form] = {
    "discord": _Form(
        configs="discord_configs",
        names={"url": "webhook_url", **_TITLED, "avatar_url": "avatar_url"},  # avatar_url: 0.28
        files={"url": "webhook_url_file"},  # 0.27
    ),
    "email": _Form(configs="email_configs", names={"addresses": "to"}),
    "opsgenie": _Form(
        configs="opsgenie_configs",
        names={"apiUrl": "api_url", "message": "message", "description": "description"},
        files={"apiKey": "api_key_file"},  # 0.24
    ),
    "pagerduty": _Form(
        configs="pagerduty_configs",
        names={
            "summary": "description",
            **_same("severity class component group source client client_url details url"),
        },
        files={"integrationKey": "routing_key_file"},  # 0.25
    ),
    "pushover": _Form(
        configs="pushover_configs",
        names={**_TITLED, "device": "device", "sound": "sound", "priority": "priority"},
        files={"apiToken": "token_file", "userKey": "user_key_file"},  # 0.26
    ),
    "slack": _Form(
        configs="slack_configs",
        names={
            "url": "api_url",
            "recipient": "channel",
            **_same("username icon_emoji icon_url color title text footer"),
        },
        files={"url": "api_url_file", "token": "http_config.authorization.credentials_file"},
    ),
    "teams": _Form(
        configs="msteams_configs",  # 0.26
        names={"url": "webhook_url", "title": "title", "message": "text"},
        files={"url": "webhook_url_file"},  # 0.27
    ),
    "telegram": _Form(
        configs="telegram_configs",
        names={
            "chatid": "chat_id",
            "message": "message",
            "parse_mode": "parse_mode",
            "disable_notifications": "disable_notifications",
            "message_thread_id": "message_thread_id",  # 0.27
        },
        files={"bottoken": "bot_token_file"},  # 0.26
        numbers="chatid message_thread_id",
    ),
    "webex": _Form(
        configs="webex_configs",
        names={"api_url": "api_url", "room_id": "room_id", "message": "message"},
        files={"bot_token": "http_config.authorization.credentials_file"},
        needed="room_id bot_token",
    ),
    "webhook": _Form(
        configs="webhook_configs",
        names={
            "url": "url",
            "maxAlerts": "max_alerts",
            "username": "http_config.basic_auth.username",
            "authorization_scheme": "http_config.authorization.type",
        },
        files={
            "url": "url_file",  # 0.26
            "password": "http_config.basic_auth.password_file",
            "authorization_credentials": "http_config.authorization.credentials_file",
        },
        numbers="maxAlerts",
    ),
}
"""The types that both have, with the settings that mean the same."""


def _receiver(context: Compilation, point: Notifying) -> dict[str, Any]:
    receiver: dict[str, Any] = {"name": point.uid}
    for given in point.body["receivers"]:
        form = _FORMS.get(str(given.get("type", "")).casefold()) if given else None
        if given and form is None:
            context.wrong(
                point.source,
                f"gk cannot write receivers of type '{given['type']}' for Alertmanager; one of "
                f"{', '.join(sorted(_FORMS))}",
                point.where,
            )
        if form:
            configs = receiver.setdefault(form.configs, [])
            configs += _configs(context, point, given, form)
    return receiver


def _configs(
    context: Compilation, point: Notifying, given: Mapping[str, Any], form: _Form
) -> Iterator[dict[str, Any]]:
    """The configurations of one receiver: one for each address of an e-mail that each gets."""
    # Alertmanager's own default differs from type to type; Grafana's is to tell in any case.
    config: dict[str, Any] = {"send_resolved": not given.get("disableResolveMessage", False)}
    type, settings = given["type"].casefold(), given["settings"]
    receiver = f"receiver '{given['type']}'"
    for name in form.needed.split():
        if name not in settings:
            message = f"{receiver}: Alertmanager needs the setting '{name}'"
            context.wrong(point.source, message, point.where)
    for name, value in settings.items():
        if type == "email" and name in _OF_MAIL:
            continue
        try:
            path, text = _setting(form, name, value)
        except ValueError as error:
            context.wrong(point.source, f"{receiver}: {error}", point.where)
        else:
            _put(config, path, text)
    if type == "slack" and "token" in settings:
        config["api_url"] = settings.get("endpointUrl", _SLACK_API)
    if type == "email":
        yield from _mails(config, settings)
    else:
        yield config


def _setting(form: _Form, name: str, value: Any) -> tuple[str, Any]:
    """Alertmanager's key and value. Raises ValueError for what it does not have."""
    known = {setting.casefold(): setting for setting in (*form.names, *form.files)}
    name = known.get(name.casefold(), name)
    secret = reference(value)
    if name in form.files and (secret is not None or name not in form.names):
        return form.files[name], _file(secret, name)
    if name not in form.names:
        raise ValueError(f"Alertmanager has no equivalent of the setting '{name}'; leave it out")
    if secret is not None:
        raise ValueError(f"Alertmanager cannot read '{name}' from a file; write it as text")
    if (name, value) == ("parse_mode", "None"):
        # As plain text; without the key Alertmanager would take it for HTML.
        return form.names[name], ""
    is_number = name in form.numbers.split() and re.fullmatch("-?[0-9]+", str(value))
    return form.names[name], int(value) if is_number else value


def _file(secret: Reference | None, name: str) -> str:
    """The path of the file with a secret."""
    if secret is None:
        raise ValueError(f"'{name}' is a secret; use secret_file() or secret_key()")
    if "file" in secret:
        return secret["file"]
    if "name" in secret:
        return f"{ALERTMANAGER_SECRETS}/{secret['name']}/{secret['key']}"
    raise ValueError(
        f"'{name}' is an environment variable, and Alertmanager reads secrets from files only; "
        "use secret_file() or secret_key()"
    )


def _put(config: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for key in outer:
        config = config.setdefault(key, {})
    config[last] = value


# E-mail


_OF_MAIL = ("message", "subject", "singleEmail")


def _mails(config: dict[str, Any], settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    # Grafana separates addresses like this (notifier/channels/utils.go at 9.3.2).
    addresses = [address.strip() for address in re.split(r"[;,\n]", str(config.get("to", "")))]
    addresses = [address for address in addresses if address]
    if subject := settings.get("subject"):
        config["headers"] = {"Subject": subject}
    if message := settings.get("message"):
        # Without `html`, Alertmanager would send its own beside the text.
        config |= {"text": message, "html": ""}
    to = [", ".join(addresses)] if settings.get("singleEmail") else addresses
    yield from ({**config, "to": address} for address in to)


def _smtp(context: Compilation, contact_points: Sequence[Notifying]) -> dict[str, Any]:
    """Alertmanager's mail server: Grafana's is in its own configuration."""
    mails = [
        point
        for point in contact_points
        if any(
            receiver.get("type", "").casefold() == "email" for receiver in point.body["receivers"]
        )
    ]
    smtp = context.settings.smtp
    if mails and not smtp:
        context.wrong(
            mails[0].source,
            "gk.yaml does not say who sends the e-mail; add alertmanager.smtp with smarthost and "
            "from",
            mails[0].where,
        )
    return {f"smtp_{key}": value for key, value in smtp.items()} if mails else {}
