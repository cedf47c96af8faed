"""Texts of alerts, which definitions write in Prometheus's terms: from Prometheus's template
variables to Grafana's.

Both use Go's templates and the same functions. `$labels` means the same in both. Prometheus's
`$value` is a number; Grafana's is a text that describes every query, and the number is
`$values.A.Value` (observed on 9.3.2).
"""

from __future__ import annotations

import re

from gk.errors import did_you_mean

__all__ = ["for_grafana", "for_prometheus"]

VALUE = "$values.A.Value"
"""The value of the query in Grafana: gk calls an alert's query A."""

_STRING = r'"(?:[^"\\]|\\.)*"|`[^`]*`|\'(?:[^\'\\]|\\.)*\''
# A comment may hold a quote that nothing closes, and a string `}}`.
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


def for_prometheus(text: str, node: str) -> str:
    """`text` as Prometheus takes it: the value of the label `node` in place of `$node`.

    Raises ValueError for what Prometheus does not take: a variable that is not there, an action
    without an end.
    """
    _, opened, rest = _ACTION.sub("", text).partition("{{")
    if opened:
        raise ValueError(f"'{opened}{rest[:20]}' is not closed")
    declared = {name for action in _ACTION.findall(text) for name in _DECLARED.findall(action)}

    def token(match: re.Match[str]) -> str:
        found = match.group()
        name = found[1:]
        if found == "$node" and "node" not in declared:
            return f"$labels.{node}"
        if (
            _is_variable(found)
            and name not in _VARIABLES | declared
            and not name.startswith("external")
        ):
            raise ValueError(f"'{found}' is no variable{_variable_hint(name)}")
        return found

    return _ACTION.sub(lambda match: _TOKEN.sub(token, match.group()), text)


def _is_variable(token: str) -> bool:
    return token.startswith("$") and not token.startswith("$.")


def _variable_hint(name: str) -> str:
    if name == "values":
        return " of Prometheus's templates, and the text is used there too; write $value"
    return did_you_mean(f"${name}", [f"${each}" for each in sorted(_VARIABLES)])


def for_grafana(text: str) -> str:
    """`text`, which is as Prometheus takes it, as Grafana's annotations take it.

    Raises ValueError for what Grafana has nothing for: queries inside a text, and Prometheus's
    external labels and URL.
    """
    if expanded := _EXPANDED.search(text):
        # Read as it stands up to 13.x, but a coming version expands ${NAME} in annotations (grafana
        # PR 127214), and every version stops at its start for a $__file{} that is not there.
        raise ValueError(
            f"'{expanded.group()}' may be taken for an environment variable by Grafana; "
            "write '$ {' or leave it out"
        )
    return _ACTION.sub(lambda match: _TOKEN.sub(_token, match.group()), text)


def _token(match: re.Match[str]) -> str:
    token = match.group()
    if token in ("$value", ".Value", "$.Value"):
        return VALUE
    if token[0] in "\"`'/" or (_is_variable(token) and not token.startswith("$external")):
        return token
    raise ValueError(
        f"'{token}' is there in Prometheus's templates only, and the text is used in Grafana too"
    )
