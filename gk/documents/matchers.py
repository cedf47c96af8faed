"""Matchers of notification policies and inhibit rules, as Alertmanager writes them."""

from __future__ import annotations

import re

from gk.promql.syntax import is_regex

__all__ = ["matcher", "matcher_text"]

_MATCHER = re.compile(
    r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"\s]*))\s*'
)


def matcher(text: str) -> tuple[str, str, str]:
    """The label, the operator and the value of `severity=~"critical|page"`. Raises ValueError with
    what is wrong."""
    match = _MATCHER.fullmatch(text)
    if match is None:
        raise ValueError(f"matcher '{text}' is not of the form label=\"value\"")
    label, operator, quoted, bare = match.groups()
    value = bare if quoted is None else re.sub(r"\\(.)", _unescaped, quoted)
    if "~" in operator and not is_regex(value):
        raise ValueError(f"'{value}' in matcher '{text}' is not a valid regular expression")
    return label, operator, value


def matcher_text(label: str, operator: str, value: str) -> str:
    """The matcher as text, which `matcher` reads again."""
    # Not as JSON, which escapes more than Alertmanager's parser knows.
    escaped = re.sub(r'(["\\])', r"\\\1", value).replace("\n", "\\n")
    return f'{label}{operator}"{escaped}"'


def _unescaped(match: re.Match[str]) -> str:
    # Alertmanager's parser knows only these escapes, and keeps any other backslash.
    return {"n": "\n", '"': '"', "\\": "\\"}.get(match.group(1), match.group())
