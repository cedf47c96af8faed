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
    """The block of a type of receiver: `same` are its keys that Grafana has, too, `names` the
    others by Grafana's. `numbers` are keys that may be text in Grafana. Blocks and maps inside have
    settings of their own."""

    name: str
    same: Words = ""
    names: Mapping[str, str] = field(default_factory=dict)
    numbers: Words = ""


_HTTP = {"httpMethod": "http_method", "username": "basic_auth_user"}
_HTTP |= {"password": "basic_auth_password", "maxAlerts": "max_alerts"}
# Without sns, of which the provider has other settings than Grafana, and mqtt, which it lacks.
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
    form = _BLOCKS.get(receiver["type"].casefold())
    if form is None:
        raise ValueError(f"Terraform's provider has no receivers of type '{receiver['type']}'")
    made: Body = {}
    others: Body = {}
    for name, value in receiver["settings"].items():
        key = name if name in form.same.split() else form.names.get(name, "")
        if key:
            made[key] = _value(form, key, value)
        elif isinstance(value, str) or is_reference(value):
            others[name] = with_secrets(value)
        else:
            raise ValueError(
                f"receiver '{receiver['type']}': Terraform's provider has no setting '{name}'"
            )
    if others:
        made["settings"] = others
    if receiver.get("disableResolveMessage"):
        made["disable_resolve_message"] = True
    return form.name, made


def _value(form: _Block, key: str, value: Any) -> Any:
    if key in form.numbers.split():
        return int(value)
    if (form.name, key) == ("email", "addresses"):
        # Grafana separates addresses like this (notifier/channels/utils.go at 9.3.2).
        return [with_secrets(each.strip()) for each in re.split(r"[;,\n]", value) if each.strip()]
    return with_secrets(value)
