"""The types of receivers and their settings, in every Grafana from 9.3 to 13.

Grafana ignores a setting that it does not know, and does not start with a type that it does not
know or without a setting that it needs. Sources: grafana/grafana at v9.3.2
(pkg/services/ngalert/notifier/channels, channels_config/available_channels.go); grafana/alerting,
whose receivers every later version has (receivers/*/v1/config.go, http/schema.go, http/oauth2.go).
Comments name the version in which a type or a setting appeared. Only settings that every version
refuses to do without are needed here: `room_id` of Webex is not, although the form asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

__all__ = [
    "DEFAULT_CONTACT_POINTS",
    "OF_EVERY_TYPE",
    "RECEIVERS",
    "Settings",
    "Words",
    "secrets_of_type",
    "settings_of_type",
]

DEFAULT_CONTACT_POINTS = frozenset({"grafana-default-email", "empty"})
"""Grafana's own contact point of a new server: until 11, and in 12.4.0, where it has no
receivers."""

Words = str
"""Names of settings, separated by spaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings that an object may have.

    `needed` are required, as is one of the groups of `one_of`. Grafana refuses all settings of a
    group of `clashes`, and a part of a group of `together`. `with_choice` needs other settings for
    one value of a setting. `secret` takes references only. Values are text, except `flags` (true or
    false), `numbers` (or their text), `maps` (objects with any keys), `texts` (lists of texts),
    `objects`, which have settings of their own, and `lists` of such objects. `banned` are keys that
    Grafana refuses in one of `maps`. `forms` are regular expressions with what they say in words.
    """

    needed: Words = ""
    one_of: tuple[Words, ...] = ()
    clashes: tuple[Words, ...] = ()
    together: tuple[Words, ...] = ()
    with_choice: Mapping[tuple[str, str], Words] = field(default_factory=dict)
    secret: Words = ""
    plain: Words = ""
    flags: Words = ""
    numbers: Words = ""
    maps: Words = ""
    texts: Words = ""
    banned: Mapping[str, Words] = field(default_factory=dict)
    choices: Mapping[str, Words] = field(default_factory=dict)
    forms: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    objects: Mapping[str, Settings] = field(default_factory=dict)
    lists: Mapping[str, Settings] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The names of all settings."""
        words = " ".join((self.needed, *self.one_of, self.secret, self.plain)).split()
        words += " ".join((self.flags, self.numbers, self.maps, self.texts)).split()
        return list(dict.fromkeys([*words, *self.choices, *self.objects, *self.lists]))


# Certificates are public, although Grafana stores them as secrets.
_TLS = Settings(
    secret="clientKey", plain="caCertificate clientCertificate", flags="insecureSkipVerify"
)
_ARN = ("arn(:[^:]*){4}:.*", "an ARN")
_HEADERS = (
    "accept-charset accept-encoding authorization connection content-encoding content-length "
    "cookie date expect forwarded host keep-alive max-forwards origin proxy-authenticate "
    "proxy-authorization referer set-cookie te trailer transfer-encoding upgrade user-agent via "
    "x-forwarded-for x-real-ip"
)
_PROXY = Settings(
    plain="proxy_url no_proxy",
    flags="proxy_from_environment",
    maps="proxy_connect_header",
)
_OAUTH2 = Settings(
    needed="token_url client_id client_secret",
    secret="client_secret",
    maps="endpoint_params",
    texts="scopes",
    objects={"tls_config": _TLS, "proxy_config": _PROXY},
)
_HTTP = Settings(objects={"oauth2": _OAUTH2})

OF_EVERY_TYPE: Mapping[str, Settings] = {
    "http_config": _HTTP,  # 12.1
}

RECEIVERS: Mapping[str, Settings] = {
    "LINE": Settings(needed="token", secret="token", plain="title description"),
    "dingding": Settings(
        needed="url",
        secret="url",  # 12.3
        plain="msgType title message",
    ),
    "discord": Settings(
        needed="url",
        secret="url",  # 10.1
        plain="title message avatar_url",
        flags="use_discord_username use_embed_description",  # the latter: 13
    ),
    "email": Settings(needed="addresses", plain="message subject", flags="singleEmail"),
    "googlechat": Settings(
        needed="url",
        secret="url",  # 11.4
        plain="title message",
        flags="hide_open_button hide_version_info",  # 12.4
    ),
    "jira": Settings(  # 11.6
        needed="api_url project issue_type",
        one_of=("api_token", "user password"),
        clashes=("api_token user", "api_token password"),
        secret="user password api_token",
        plain="summary description priority resolve_transition reopen_transition reopen_duration "
        "wont_fix_resolution dedup_key_field",
        forms={"dedup_key_field": ("[0-9]+", "digits")},
        maps="fields",
        texts="labels",
    ),
    "kafka": Settings(
        needed="kafkaRestProxy kafkaTopic",
        secret="password",  # 9.4, as username, apiVersion and kafkaClusterId
        plain="description details username kafkaClusterId",
        choices={"apiVersion": "v2 v3"},
        with_choice={("apiVersion", "v3"): "kafkaClusterId"},
    ),
    "mqtt": Settings(  # 11.3
        needed="brokerUrl topic",
        secret="password",
        plain="clientId message username",
        flags="retain",
        choices={"messageFormat": "json text", "qos": "0 1 2"},
        objects={"tlsConfig": _TLS},
    ),
    "oncall": Settings(  # 10.2
        needed="url",
        clashes=("username password authorization_credentials",),
        secret="password authorization_credentials",
        plain="httpMethod username authorization_scheme title message",
        numbers="maxAlerts",
    ),
    "opsgenie": Settings(
        needed="apiKey",
        secret="apiKey",
        plain="apiUrl message description",
        flags="autoClose overridePriority",
        choices={"sendTagsAs": "tags details both"},
        lists={
            # 10.3
            "responders": Settings(
                needed="type",
                one_of=("id", "name", "username"),
                choices={"type": "team teams user escalation schedule"},
                with_choice={("type", "teams"): "name"},
            ),
        },
    ),
    "pagerduty": Settings(
        needed="integrationKey",
        secret="integrationKey",
        # source, client, client_url: 9.4; url: 11.1
        plain="severity class component group summary source client client_url url",
        maps="details",  # 9.5
    ),
    "prometheus-alertmanager": Settings(
        needed="url", secret="basicAuthPassword", plain="basicAuthUser"
    ),
    "pushover": Settings(
        needed="apiToken userKey",
        secret="apiToken userKey",
        plain="device sound okSound title message",
        flags="uploadImage",
        numbers="priority okPriority retry expire",
    ),
    "sensugo": Settings(
        needed="url apikey", secret="apikey", plain="entity check handler namespace message"
    ),
    "slack": Settings(
        # Without a URL, Grafana uses Slack's API, which needs both.
        one_of=("url", "endpointUrl", "token recipient"),
        secret="url token",
        # color: 11.6; footer: 12.4
        plain="username icon_emoji icon_url mentionUsers mentionGroups color title text footer",
        choices={"mentionChannel": "here channel"},
    ),
    "sns": Settings(  # 11.1
        one_of=("topic_arn", "target_arn", "phone_number"),
        plain="api_url subject message",
        maps="attributes",
        forms={"topic_arn": _ARN, "target_arn": _ARN},
        objects={
            "sigv4": Settings(
                together=("access_key secret_key",),
                secret="access_key secret_key",
                plain="region profile role_arn",
            )
        },
    ),
    "teams": Settings(
        needed="url",
        # Grafana does not mark it, but anyone with the URL of an incoming webhook can post to the
        # channel.
        secret="url",
        plain="title sectiontitle message",
    ),
    "telegram": Settings(
        needed="bottoken chatid",
        secret="bottoken",
        plain="message",
        flags="disable_web_page_preview protect_content disable_notifications",  # 10.2
        numbers="chatid message_thread_id",  # the latter: 10.4
        forms={"message_thread_id": ("[+-]?[0-9]+", "an integer")},
        choices={"parse_mode": "HTML Markdown MarkdownV2 None"},  # 10.2
    ),
    "threema": Settings(
        needed="gateway_id recipient_id api_secret",
        secret="api_secret",
        plain="title description",
        forms={
            "gateway_id": (r"\*.{7}", "'*' and seven characters"),
            "recipient_id": (".{8}", "eight characters"),
        },
    ),
    "victorops": Settings(
        needed="url",
        secret="url",  # 11.6
        plain="messageType title description",
    ),
    "webex": Settings(secret="bot_token", plain="api_url room_id message"),
    "webhook": Settings(
        needed="url",
        clashes=("username password authorization_credentials",),
        secret="password authorization_credentials",
        plain="httpMethod username authorization_scheme title message",
        numbers="maxAlerts",
        maps="headers",  # 12.0
        banned={"headers": _HEADERS},
        objects={
            "payload": Settings(plain="template", maps="vars"),  # 12.0
            "tlsConfig": _TLS,  # 11.4
            "hmacConfig": Settings(  # 12.0
                needed="secret", secret="secret", plain="header timestampHeader"
            ),
        },
    ),
    "wecom": Settings(
        one_of=("url", "secret agent_id corp_id"),
        secret="url secret",
        plain="msgtype message title touser endpointUrl",
    ),
}
"""The settings of each type. Grafana compares types and names of settings without case."""


def secrets_of_type(type: str) -> frozenset[str]:
    """The secret settings of a type, by path in lower case (`hmacconfig.secret`), with those of
    every type."""
    known = settings_of_type(type) or Settings()
    # Receivers of every type may have had a TLS configuration in a version that gk does not know.
    objects = {"tlsConfig": _TLS, **OF_EVERY_TYPE, **known.objects}
    return frozenset(path.casefold() for path in _secrets(replace(known, objects=objects)))


def settings_of_type(type: str) -> Settings | None:
    """The settings of a type; None for an unknown one."""
    return _BY_TYPE.get(type.casefold())


_BY_TYPE = {type.casefold(): settings for type, settings in RECEIVERS.items()}


def _secrets(settings: Settings, path: str = "") -> Iterator[str]:
    yield from (f"{path}{name}" for name in settings.secret.split())
    for name, inner in settings.objects.items():
        yield from _secrets(inner, f"{path}{name}.")
