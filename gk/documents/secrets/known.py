"""Which settings of data sources and receivers are secrets, by their names, and what secrets look
like in texts.

Data, and no more than questions to it. Settings of receivers are those that Grafana marks as secure
(grafana/alerting, receivers/*/v1/config.go and http/schema.go); data sources keep in secureJsonData
what their types name there (grafana/grafana, public/app/plugins/datasource;
grafana-azure-sdk-react; the plugins' own types).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

__all__ = [
    "AUTHORIZATION",
    "HARMLESS_PARAMETERS",
    "PARAMETER",
    "QUERY_PARAMETERS",
    "RECEIVERS",
    "REDACTED",
    "SECRET",
    "SHOWN",
    "USER",
    "USER_OF_ADDRESS",
    "is_address",
    "is_header",
    "is_placeholder",
    "is_secret",
    "is_secret_header",
    "is_secret_of_panel",
    "is_secret_of_receiver",
    "may_be_secret",
]

SECRET = "[secret]"
"""What stands for each secret that is not shown; Grafana never answers those of a data source."""
REDACTED = "[REDACTED]"
"""What Grafana answers in place of a contact point's secret."""


# Receivers

RECEIVERS: Mapping[str, frozenset[str]] = {
    "dingding": frozenset({"url"}),
    "discord": frozenset({"url"}),
    "googlechat": frozenset({"url"}),
    "jira": frozenset({"user", "password", "api_token"}),
    "kafka": frozenset({"password"}),
    "line": frozenset({"token"}),
    "mqtt": frozenset({"password"}),
    "oncall": frozenset({"password", "authorization_credentials"}),
    "opsgenie": frozenset({"apiKey"}),
    "pagerduty": frozenset({"integrationKey"}),
    "prometheus-alertmanager": frozenset({"basicAuthPassword"}),
    "pushover": frozenset({"apiToken", "userKey"}),
    "sensugo": frozenset({"apikey"}),
    "slack": frozenset({"url", "token"}),
    "sns": frozenset({"sigv4.access_key", "sigv4.secret_key"}),
    # Grafana does not mark it, but whoever has the URL of an incoming webhook posts to the channel.
    "teams": frozenset({"url"}),
    "telegram": frozenset({"bottoken"}),
    "threema": frozenset({"api_secret"}),
    "victorops": frozenset({"url"}),
    "webex": frozenset({"bot_token"}),
    "webhook": frozenset({"password", "authorization_credentials", "hmacConfig.secret"}),
    "wecom": frozenset({"url", "secret"}),
}
"""The settings of each type of receiver that are secrets, by their paths, with those that only
newer versions mark."""

_OF_EVERY_RECEIVER = frozenset({"tlsConfig.clientKey", "http_config.oauth2.client_secret"})

SHOWN = frozenset(
    (
        *(
            "addresses",
            "body",
            "class",
            "component",
            "from_",
            "group",
            "httpMethod",
            "mentionChannel",
        ),
        *(
            "mentionGroups",
            "mentionUsers",
            "message",
            "priority",
            "recipient",
            "severity",
            "singleEmail",
        ),
        *("source", "subject", "summary", "text", "title", "type", "username"),
    )
)
"""The settings of receivers that are no secrets: any other may be a webhook's URL, which is as good
as a password, or a key of a type that nobody here knows."""


def is_secret_of_receiver(type: str, path: str) -> bool:
    """Whether a setting of a receiver, by its path (`hmacConfig.secret`), is a secret for sure."""
    known = RECEIVERS.get(type, frozenset()) | _OF_EVERY_RECEIVER
    return path in known or is_secret(path.rpartition(".")[2])


# Names

_SURE = re.compile(
    r"(?:.*[a-z0-9_-])?(?:password|passwd|passphrase|api_?key|api_?token|access_?token|auth_?token"
    r"|bearer_?token|bot_?token|client_?secret|secret_?key|secret_?access_?key|private_?key"
    r"|account_?key|session_?token)"
    r"|token|secret|accessKey|awsAccessKey|sigV4AccessKey|tlsClientKey|apiKeyValue|appKey"
    r"|personalApiKey|credentialsJSON|appInsightsApiKey|httpHeaderValue\d+|secureQueryValue\d+"
    r"|authorization_credentials",
    re.IGNORECASE,
)
"""The names of what is a secret for sure, in any type: most keys of secureJsonData, and what they
would be called in a type that nobody here knows."""

_MAYBE = re.compile(
    r"password|passwd|passphrase|secret|token|api_?key|access_?key|account_?key|client_?key"
    r"|authorization|credential|private_?key|cookie|signature|httpHeaderValue\d*"
    r"|secureQueryValue\d*|connection_?string|\bdsn\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"ur[il]\Z|host|server|address|database|endpoint", re.IGNORECASE)
_ABOUT = re.compile(
    r".*(?:path|file|ur[il]|type|name|id|method|scheme|scopes?|header|enabled|required)"
    r"|keepCookies|apiKeyKey|azureCredentials",
    re.IGNORECASE,
)
"""Names that say something about a secret and are none themselves: tokenUri, passwordFile."""


@lru_cache(4096)
def is_secret(name: str) -> bool:
    """Whether what is called so is a secret for sure."""
    return _SURE.fullmatch(name) is not None


@lru_cache(4096)
def may_be_secret(name: str) -> bool:
    """Whether what is called so may be a secret, or hold one."""
    return _MAYBE.search(name) is not None and _ABOUT.fullmatch(name) is None


@lru_cache(4096)
def is_address(name: str) -> bool:
    """Whether what is called so is an address, perhaps without a scheme."""
    return _ADDRESS.search(name) is not None


@lru_cache(4096)
def is_secret_of_panel(name: str) -> bool:
    """Whether a setting of a dashboard's panel or query is a secret for sure: `token` and `secret`
    name other things, such as objects of Kubernetes."""
    return is_secret(name) and name not in ("secret", "token")


def is_header(value: Mapping[str, Any]) -> bool:
    """Whether an object is a name and a value, and the name says that the value is a secret."""
    names = [value[key] for key in ("name", "key") if key in value]
    return any(isinstance(name, str) and is_secret_header(name) for name in names)


@lru_cache(4096)
def is_secret_header(name: str) -> bool:
    """Whether an HTTP header of this name says who somebody is: Authorization, X-Api-Key, Cookie,
    PRIVATE-TOKEN."""
    plain = re.sub(r"[-_]", "", name)
    return _MAYBE.search(plain) is not None or plain.lower() in (
        "auth",
        "xauth",
        "xkey",
        "xauthkey",
    )


# Texts

USER = re.compile(r"(?<=://)[^/?#\s\"<>]+(?=@)")
"""The user, and the password, of a URL in a text."""

USER_OF_ADDRESS = re.compile(r"\A(?:[\w+.-]+:)?(?://)?([^/?#\s:@]*:[^/?#\s]+)(?=@)")
"""The user and the password of a text that is an address as a whole, which may have no scheme:
`ada:...@db:5432`."""

_NAME = r"[\w.\[\]%-]{0,100}"
PARAMETER = re.compile(rf"(?<=[?&;])({_NAME})=([^&#\s\"<>]+)")
"""A parameter of a URL in a text, its name and its value; names are bounded, so that this takes
linear time."""

QUERY_PARAMETERS = re.compile(rf"(?:(?<=\A)|(?<=[?&;\s]))({_NAME})=([^&\s]+)")
"""The same for a text that is a list of parameters as a whole."""

HARMLESS_PARAMETERS = frozenset(
    (
        "dedup",
        "limit",
        "lookback_delta",
        "max_source_resolution",
        "partial_response",
        "step",
        "timeout",
    )
)
"""Parameters of Prometheus, Thanos and Mimir, whose values are shown."""

AUTHORIZATION = re.compile(
    r"(?<=authorization)(\W{1,8}(?:basic|bearer|token|apikey)\s{1,8})([^\s\"'<>,]+)", re.IGNORECASE
)
"""A header in a text, as of a command: `Authorization: Bearer ...`."""

_PLACEHOLDER = re.compile(r"\$\w+|\$\{[^{}]*\}|\$__\w+\{[^{}]*\}|\[\[\w+\]\]|\{\{[^{}]*\}\}|%24\w+")


def is_placeholder(text: str) -> bool:
    """Whether a text is nothing but a variable of a dashboard, a template or a provisioning
    file."""
    return _PLACEHOLDER.fullmatch(text) is not None
