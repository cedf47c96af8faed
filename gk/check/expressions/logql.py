"""LogQL as text: whether its quotes, brackets and stream selectors are well-formed, and its ranges.

It does not read pipelines and functions: Loki adds some every year.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gk.promql.syntax import variables, with_variables

__all__ = ["asks_loki", "mistake", "ranges"]

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
    |(?P<open>["`])
    |(?P<bracket>[(){}\[\]])
    |(?P<other>[^\#"`(){}\[\]]+)""",
    re.VERBOSE,
)
_CLOSES = {")": "(", "}": "{", "]": "["}
_MATCHER = re.compile(r"\s*[\w.]+\s*(?P<operator>=~|!~|!=|=)\s*\x00(?P<number>\d+)\x00\s*")
_VARIABLE = "\x01"
_SELECTOR = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class _Scanned:
    """A query without its comments, with numbers for its quoted texts; `mistake` if it has one."""

    outside: str
    texts: tuple[str, ...]
    mistake: str = ""


def asks_loki(owner: object) -> bool:
    """Whether the data source of a target has the type loki."""
    source = owner.get("datasource") if isinstance(owner, dict) else None
    return isinstance(source, dict) and source.get("type") == "loki"


def mistake(query: str) -> str:
    """What Loki refuses about a query; empty if it may accept it."""
    scanned = _scanned(query)
    if scanned.mistake:
        return scanned.mistake
    # A variable may stand for anything where it is not quoted, except for a range.
    if _VARIABLE in _RANGE.sub("", scanned.outside):
        return ""
    selectors = _SELECTOR.findall(scanned.outside)
    if not selectors:
        return "" if "vector(" in scanned.outside else 'has no stream selector, such as {job="x"}'
    mistakes = (_of_selector(selector, scanned.texts) for selector in selectors)
    return next(filter(None, mistakes), "")


def ranges(query: str) -> list[str]:
    """The ranges of a query, as they are written: `5m`, `$__auto`."""
    texts = re.sub(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|#[^\n]*', '""', query)
    return [window.strip() for window in _RANGE.findall(texts)]


def _scanned(query: str) -> _Scanned:
    outside = ""
    texts: list[str] = []
    unclosed: list[str] = []
    # `${x}` and `[[x]]` have brackets of their own.
    marked = with_variables(query, lambda name, format: _VARIABLE) if variables(query) else query
    for match in _TOKEN.finditer(marked):
        kind, text = match.lastgroup, match.group()
        if kind == "open":
            return _Scanned("", (), f"has an unclosed quote: {query[match.start() :][:20]}")
        if kind == "text":
            outside += f"\x00{len(texts)}\x00"
            texts.append(text[1:-1])
        elif kind != "comment":
            outside += text
        if kind == "bracket":
            expected = _CLOSES.get(text)
            if expected is None:
                unclosed.append(text)
            elif not unclosed:
                return _Scanned("", (), f"has a '{text}' that closes nothing")
            elif unclosed[-1] != expected:
                break
            else:
                unclosed.pop()
    if unclosed:
        return _Scanned("", (), f"has an unclosed '{unclosed[-1]}'")
    return _Scanned(outside, tuple(texts))


def _of_selector(selector: str, texts: tuple[str, ...]) -> str:
    parts = selector.split(",")
    # A comma may come last.
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()
    matches = [_MATCHER.fullmatch(part) for part in parts]
    if not selector.strip():
        return "has an empty selector; Loki wants at least one matcher"
    for part, match in zip(parts, matches, strict=True):
        if match is None:
            text = re.sub(r"\x00(\d+)\x00", lambda number: f'"{texts[int(number[1])]}"', part)
            return f"has a malformed matcher: {text.strip()}"
    if all(
        match is None or _matches_empty(match["operator"], texts[int(match["number"])])
        for match in matches
    ):
        return (
            'has no matcher that excludes streams without the label; Loki wants one, such as =~".+"'
        )
    return ""


def _matches_empty(operator: str, value: str) -> bool:
    if _VARIABLE in value:
        return False
    if operator in ("=", "!="):
        return (value == "") == (operator == "=")
    try:
        matches = re.fullmatch(value, "") is not None
    except re.error:
        return False
    return matches == (operator == "=~")
