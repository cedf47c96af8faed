"""Texts of alerts, which definitions write in Prometheus's terms: from Prometheus's template variables to Grafana's.

Both use Go's templates and the same functions. `$labels` means the same in both. Prometheus's `$value` is a number;
Grafana's is a text that describes every query, and the number is `$values.A.Value` (observed on 9.3.2).
"""

from __future__ import annotations

import re

__all__ = ["for_grafana"]

VALUE = "$values.A.Value"
"""The value of the query in Grafana: gk calls an alert's query A."""

_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|`[^`]*`|\$value\b|\$external\w+|\b(?:query|first|value|label|strvalue)\b', re.DOTALL
)
_ONLY_PROMETHEUS = frozenset({"query", "first", "value", "label", "strvalue"})


def for_grafana(text: str) -> str:
    """`text` as Grafana's annotations take it.

    Raises ValueError for what Grafana has nothing for: queries inside a text, and Prometheus's external labels and URL.
    """
    if "${" in text:
        # Read as it stands up to 13.x, but a coming version expands ${NAME} in annotations (grafana PR 127214).
        raise ValueError("'${' may be taken for an environment variable by Grafana; write '$ {' or leave it out")
    return _ACTION.sub(lambda match: _TOKEN.sub(_token, match.group()), text)


def _token(match: re.Match[str]) -> str:
    token = match.group()
    if token == "$value":
        return VALUE
    before = match.string[match.start() - 1] if match.start() else ""
    is_field = before in (".", "$")
    if token.startswith("$external") or (token in _ONLY_PROMETHEUS and not is_field):
        raise ValueError(f"'{token}' is there in Prometheus's templates only, and the text is used in Grafana too")
    return token
