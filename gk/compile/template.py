"""Converts alert texts, which definitions write for Prometheus, from Prometheus's template
variables to Grafana's.

Both use Go templates and the same functions. `$labels` means the same in both. Prometheus's
`$value` is a number; Grafana's is a text that describes every query, and the number is
`$values.A.Value` (observed on 9.3.2).
"""

from __future__ import annotations

import re
from collections.abc import Set

from gk.errors import did_you_mean

__all__ = ["VALUE", "for_grafana", "for_prometheus"]

VALUE = "$values.A.Value"
"""The value of the query in Grafana: gk calls an alert's query A."""

_STRING = r'"(?:[^"\\]|\\.)*"|`[^`]*`|\'(?:[^\'\\]|\\.)*\''
# A comment may contain an unclosed quote, and a string may contain `}}`.
_ACTION = re.compile(
    rf"\{{\{{(?:-?\s*/\*.*?\*/\s*-?|(?:{_STRING}|(?!\}}\}})[^\"`'])*)\}}\}}", re.DOTALL
)
_TOKEN = re.compile(
    rf"{_STRING}|/\*.*?\*/|\$\w+|(?<![\w).])\$?\.(?:Value|External\w+)\b"
    r"|(?<![.$\w])(?:query|first|value|label|strvalue)\b",
    re.DOTALL,
)
_DECLARED = re.compile(r"\$(\w+)\s*(?::=|,)")
_EXPANDED = re.compile(r"\$(?:__\w+)?\{")
_VARIABLES = frozenset({"labels", "value", "node"})


def for_prometheus(text: str, node: str, also: Set[str] = frozenset()) -> str:
    """Return `text` for Prometheus, with the value of the label `node` in place of `$node`.

    It may use the variables in `also`, too. Raises ValueError for an unknown variable, and for an
    action without an end.
    """
    _, opened, rest = _ACTION.sub("", text).partition("{{")
    if opened:
        raise ValueError(f"'{opened}{rest[:20]}' is not closed")
    declared = {name for action in _ACTION.findall(text) for name in _DECLARED.findall(action)}

    def token(match: re.Match[str]) -> str:
        variable = match.group()
        name = variable[1:]
        if variable == "$node" and "node" not in declared:
            return f"$labels.{node}"
        if (
            _is_variable(variable)
            and name not in _VARIABLES | declared | also
            and not name.startswith("external")
        ):
            raise ValueError(f"'{variable}' is not a variable{_variable_hint(name)}")
        return variable

    return _ACTION.sub(lambda match: _TOKEN.sub(token, match.group()), text)


def _is_variable(token: str) -> bool:
    return token.startswith("$") and not token.startswith("$.")


def _variable_hint(name: str) -> str:
    if name == "values":
        return " of Prometheus templates; Prometheus uses this text, too; write $value"
    return did_you_mean(f"${name}", [f"${known}" for known in sorted(_VARIABLES)])


def for_grafana(text: str) -> str:
    """Return `text`, written for Prometheus, for Grafana's annotations.

    Raises ValueError for what Grafana does not support: queries inside a text, and Prometheus's
    external labels and URL.
    """
    if expanded := _EXPANDED.search(text):
        # Up to 13.x Grafana keeps ${NAME} as is, but a coming version expands it in annotations
        # (grafana PR 127214). No version starts if the file of a $__file{} is missing.
        raise ValueError(
            f"Grafana may read '{expanded.group()}' as an environment variable; "
            "write '$ {' or leave it out"
        )
    return _ACTION.sub(lambda match: _TOKEN.sub(_token, match.group()), text)


def _token(match: re.Match[str]) -> str:
    token = match.group()
    if token in ("$value", ".Value", "$.Value"):
        return VALUE
    if token[0] in "\"`'/" or (_is_variable(token) and not token.startswith("$external")):
        return token
    raise ValueError(f"'{token}' works only in Prometheus templates; Grafana uses this text, too")
