"""Knows which settings of data sources and receivers are secrets, by their names, and what secrets
look like in texts.

Receivers: gk.documents.receivers, the table of their settings. Data sources: the names that their
types use in secureJsonData (grafana/grafana, public/app/plugins/datasource;
grafana-azure-sdk-react; the plugins' own types).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from gk.documents.receivers import secrets_of_type

__all__ = [
    "AUTHORIZATION",
    "HARMLESS_PARAMETERS",
    "PARAMETER",
    "QUERY_PARAMETERS",
    "REDACTED",
    "SECRET",
    "SHOWN",
    "USER",
    "USER_OF_ADDRESS",
    "is_address",
    "is_header",
    "is_parameters",
    "is_placeholder",
    "is_secret",
    "is_secret_header",
    "is_secret_of_datasource",
    "is_secret_of_panel",
    "is_secret_of_receiver",
    "may_be_secret",
]

SECRET = "[secret]"
"""Replaces each secret that is not shown; Grafana never returns those of a data source."""
REDACTED = "[REDACTED]"
"""Grafana returns this in place of a contact point's secret."""


# Receivers

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
"""Settings of receivers that are not secret. Any other may be a webhook's URL, which works like a
password, or a key of a type that gk does not know."""


def is_secret_of_receiver(type: str, path: str) -> bool:
    """Whether a setting of a receiver, by its path (`hmacConfig.secret`), is certainly a secret."""
    return path.casefold() in secrets_of_type(type) or is_secret(path.rpartition(".")[2])


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
"""Names of certain secrets in any type: most keys of secureJsonData, and likely names in types that
gk does not know."""

_OF_DATASOURCE = re.compile(
    r".*secret|(?:.*[a-z0-9_-])?(?:security|refresh|id|sas|user|service)_?token"
    r"|(?:signing|encryption|shared|master|subscription|ssh)_?key|jwt|pwd|pass|basicAuthPass"
    r"|edgeAuthPass|httpHeaderValue|oauth2EndPointParamsValue\d+",
    re.IGNORECASE,
)
"""More names of secureJsonData, which have other meanings in dashboards and receivers."""

_MAYBE = re.compile(
    r"\A(?:pwd|pass|sig)\Z|password|passwd|passphrase|secret|token|api_?key|access_?key|account_?key|client_?key"
    r"|authorization|credential|private_?key|cookie|signature|httpHeaderValue\d*"
    r"|secureQueryValue\d*|connection_?string|\bdsn\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"ur[il]\Z|host|server|address|database|endpoint|connection|dsn", re.IGNORECASE
)
_ABOUT = re.compile(
    r".*(?:path|file|ur[il]|type|name|id|method|scheme|scopes?|header|enabled|required)"
    r"|keepCookies|apiKeyKey|azureCredentials",
    re.IGNORECASE,
)
"""Names that describe a secret and are not secret themselves: tokenUri, passwordFile."""


@lru_cache(4096)
def is_secret(name: str) -> bool:
    """Whether a setting of this name is certainly a secret."""
    return _SURE.fullmatch(name) is not None


@lru_cache(4096)
def is_secret_of_datasource(name: str) -> bool:
    """Whether a setting of a data source is certainly a secret."""
    return is_secret(name) or _OF_DATASOURCE.fullmatch(name) is not None


@lru_cache(4096)
def may_be_secret(name: str) -> bool:
    """Whether a setting of this name may be or contain a secret."""
    return _MAYBE.search(name) is not None and _ABOUT.fullmatch(name) is None


@lru_cache(4096)
def is_address(name: str) -> bool:
    """Whether a setting of this name is an address, perhaps without a scheme."""
    return _ADDRESS.search(name) is not None


@lru_cache(4096)
def is_secret_of_panel(name: str) -> bool:
    """Whether a setting of a dashboard's panel or query is certainly a secret: `token` and `secret`
    have other meanings there, such as Kubernetes objects."""
    return is_secret(name) and name not in ("secret", "token")


def is_header(value: Mapping[str, Any]) -> bool:
    """Whether an object has a name and a value, and the name says that the value is a secret."""
    names = [value[key] for key in ("name", "key") if key in value]
    return any(isinstance(name, str) and is_secret_header(name) for name in names)


@lru_cache(4096)
def is_secret_header(name: str) -> bool:
    """Whether an HTTP header of this name contains credentials: Authorization, X-Api-Key, Cookie,
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
"""The user and password of a URL in a text."""

USER_OF_ADDRESS = re.compile(r"\A(?:[\w+.-]+:)?(?://)?([^/?#\s:@]*:[^/?#\s]+)(?=@)")
"""The user and password of a text that is one address, perhaps without a scheme:
`ada:...@db:5432`."""

_NAME = r"[\w.\[\]%-]{0,100}"
PARAMETER = re.compile(rf"(?<=[?&;])({_NAME})=([^&#\s\"<>]+)")
"""Name and value of a URL parameter in a text; the length of names is bounded, so that the search
takes linear time."""

QUERY_PARAMETERS = re.compile(rf"(?:(?<=\A)|(?<=[?&;\s]))({_NAME})=([^&\s]+)")
"""The same for a text that is a list of parameters."""

_ONLY_PARAMETERS = re.compile(r"\s*[\w.-]+=[^\s;&?]*(?:\s+[\w.-]+=[^\s;&?]*)*\s*")


def is_parameters(name: str, text: str) -> bool:
    """Whether a setting is a list of parameters, such as a connection string of PostgreSQL:
    `host=db user=ada`."""
    return name == "customQueryParameters" or (
        is_address(name) and _ONLY_PARAMETERS.fullmatch(text) is not None
    )


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
"""Parameters of Prometheus, Thanos and Mimir whose values are shown."""

AUTHORIZATION = re.compile(
    r"(?<=authorization)(\W{1,8}(?:basic|bearer|token|apikey)\s{1,8})([^\s\"'<>,]+)", re.IGNORECASE
)
"""A header in a text, for example in a command: `Authorization: Bearer ...`."""

_PLACEHOLDER = re.compile(r"\$\w+|\$\{[^{}]*\}|\$__\w+\{[^{}]*\}|\[\[\w+\]\]|\{\{[^{}]*\}\}|%24\w+")


def is_placeholder(text: str) -> bool:
    """Whether a text is exactly one variable of a dashboard, a template or a provisioning file."""
    return _PLACEHOLDER.fullmatch(text) is not None
