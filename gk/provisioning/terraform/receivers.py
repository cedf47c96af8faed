"""Receivers of contact points as blocks of the Grafana provider.

Source: grafana/terraform-provider-grafana at 4.45.1,
internal/resources/grafana/resource_alerting_contact_point_notifiers.go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gk.documents.receivers import Words
from gk.documents.secrets.references import is_reference
from gk.provisioning.terraform.syntax import Body, with_secrets

__all__ = ["block"]


@dataclass(frozen=True, kw_only=True)
class _Block:
    """The block of a type of receiver, or one inside: `same` are its keys that Grafana has, too,
    `names` the others by Grafana's. `numbers` are keys that may be text in Grafana. `inner` are
    blocks inside, by Grafana's key. A `is_map` is not a block but a map of texts."""

    name: str
    same: Words = ""
    names: Mapping[str, str] = field(default_factory=dict)
    numbers: Words = ""
    inner: Mapping[str, _Block] = field(default_factory=dict)
    is_map: bool = False


_TLS = {
    "insecureSkipVerify": "insecure_skip_verify",
    "caCertificate": "ca_certificate",
    "clientCertificate": "client_certificate",
    "clientKey": "client_key",
}
_PROXY = _Block(
    name="proxy_config", same="proxy_url proxy_from_environment no_proxy proxy_connect_header"
)
_OAUTH2 = _Block(
    name="oauth2",
    same="token_url client_id client_secret scopes endpoint_params",
    inner={"tls_config": _Block(name="tls_config", names=_TLS), "proxy_config": _PROXY},
)
_HTTP = {"httpMethod": "http_method", "username": "basic_auth_user"}
_HTTP |= {"password": "basic_auth_password", "maxAlerts": "max_alerts"}
# Without mqtt, which the provider lacks (its pull request 1746), and sns: see `block`.
_BLOCKS: Mapping[str, _Block] = {
    "line": _Block(name="line", same="token title description"),
    "dingding": _Block(
        name="dingding", same="url message title", names={"msgType": "message_type"}
    ),
    "discord": _Block(name="discord", same="url title message avatar_url use_discord_username"),
    "email": _Block(
        name="email", same="addresses message subject", names={"singleEmail": "single_email"}
    ),
    "googlechat": _Block(
        name="googlechat", same="url title message hide_open_button hide_version_info"
    ),
    "jira": _Block(
        name="jira",
        same="api_url user password api_token project issue_type summary description labels "
        "priority resolve_transition reopen_transition reopen_duration wont_fix_resolution "
        "dedup_key_field fields",
    ),
    "kafka": _Block(
        name="kafka",
        same="description details username password",
        names={
            "kafkaRestProxy": "rest_proxy_url",
            "kafkaTopic": "topic",
            "apiVersion": "api_version",
            "kafkaClusterId": "cluster_id",
        },
    ),
    "oncall": _Block(
        name="oncall",
        same="url authorization_scheme authorization_credentials message title",
        names=_HTTP,
        numbers="max_alerts",
    ),
    "opsgenie": _Block(
        name="opsgenie",
        same="message description responders",
        names={
            "apiUrl": "url",
            "apiKey": "api_key",
            "autoClose": "auto_close",
            "overridePriority": "override_priority",
            "sendTagsAs": "send_tags_as",
        },
    ),
    "pagerduty": _Block(
        name="pagerduty",
        same="severity class component group summary source client client_url details url",
        names={"integrationKey": "integration_key"},
    ),
    "prometheus-alertmanager": _Block(
        name="alertmanager",
        same="url",
        names={"basicAuthUser": "basic_auth_user", "basicAuthPassword": "basic_auth_password"},
    ),
    "pushover": _Block(
        name="pushover",
        same="priority retry expire device sound title message",
        names={
            "userKey": "user_key",
            "apiToken": "api_token",
            "okPriority": "ok_priority",
            "okSound": "ok_sound",
            "uploadImage": "upload_image",
        },
        numbers="priority ok_priority retry expire",
    ),
    "sensugo": _Block(
        name="sensugo",
        same="url entity check namespace handler message",
        names={"apikey": "api_key"},
    ),
    "slack": _Block(
        name="slack",
        same="url token recipient text title username icon_emoji icon_url color",
        names={
            "endpointUrl": "endpoint_url",
            "mentionChannel": "mention_channel",
            "mentionUsers": "mention_users",
            "mentionGroups": "mention_groups",
        },
    ),
    "teams": _Block(
        name="teams",
        same="url message title",
        names={"sectiontitle": "section_title"},
    ),
    "telegram": _Block(
        name="telegram",
        same="message message_thread_id parse_mode disable_web_page_preview protect_content "
        "disable_notifications",
        names={"bottoken": "token", "chatid": "chat_id"},
    ),
    "threema": _Block(name="threema", same="gateway_id recipient_id api_secret title description"),
    "victorops": _Block(
        name="victorops", same="url title description", names={"messageType": "message_type"}
    ),
    "webex": _Block(name="webex", same="api_url message room_id", names={"bot_token": "token"}),
    "webhook": _Block(
        name="webhook",
        same="url authorization_scheme authorization_credentials message title headers",
        names=_HTTP,
        numbers="max_alerts",
        inner={
            "tlsConfig": _Block(name="tls_config", names=_TLS, is_map=True),
            "hmacConfig": _Block(
                name="hmac_config",
                same="secret header",
                names={"timestampHeader": "timestamp_header"},
            ),
            "payload": _Block(name="payload", same="template vars"),
            "http_config": _Block(name="http_config", inner={"oauth2": _OAUTH2}),
        },
    ),
    "wecom": _Block(
        name="wecom",
        same="url secret corp_id agent_id message title",
        names={"msgtype": "msg_type", "touser": "to_user"},
    ),
}


def block(receiver: Mapping[str, Any]) -> tuple[str, Body]:
    """The name and the block of a receiver. Raises ValueError for what the provider does not
    have."""
    type = receiver["type"].casefold()
    if type == "sns":
        raise ValueError("Terraform's provider has the sns of Amazon Managed Grafana only")
    form = _BLOCKS.get(type)
    if form is None:
        raise ValueError(f"Terraform's provider has no receivers of type '{receiver['type']}'")
    made, others = _body(form, receiver["settings"])
    texts = {
        name: with_secrets(value)
        for name, value in others.items()
        if "." not in name and (isinstance(value, str) or is_reference(value))
    }
    if missing := [name for name in others if name not in texts]:
        raise ValueError(
            f"receiver '{receiver['type']}': Terraform's provider has no setting '{missing[0]}'"
        )
    if texts:
        made["settings"] = texts
    if receiver.get("disableResolveMessage"):
        made["disable_resolve_message"] = True
    return form.name, made


def _body(form: _Block, settings: Mapping[str, Any]) -> tuple[Body, Body]:
    """The keys of a block, and the settings that it does not have, by their path."""
    made: Body = {}
    others: Body = {}
    for name, value in settings.items():
        if inside := form.inner.get(name):
            inner, missing = _body(inside, value)
            made[inside.name] = inner if inside.is_map else [inner]
            others |= {f"{name}.{key}": setting for key, setting in missing.items()}
        elif key := name if name in form.same.split() else form.names.get(name, ""):
            made[key] = _value(form, key, value)
        else:
            others[name] = value
    return made, others


def _value(form: _Block, key: str, value: Any) -> Any:
    if key in form.numbers.split():
        return int(value)
    if form.is_map and isinstance(value, bool):
        return str(value).lower()
    if (form.name, key) == ("email", "addresses"):
        # Grafana separates addresses like this (notifier/channels/utils.go at 9.3.2).
        return [
            with_secrets(address.strip())
            for address in re.split(r"[;,\n]", value)
            if address.strip()
        ]
    return with_secrets(value)
