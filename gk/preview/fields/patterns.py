"""Regular expressions as dashboards have them: JavaScript's, between slashes or without. Nothing
matches one that takes too long (gk.bounded.patterns)."""

from __future__ import annotations

import re
from typing import Any

import regex

from gk.bounded.patterns import Pattern, compiled

__all__ = ["is_global", "pattern_of", "replaced"]

_BETWEEN_SLASHES = re.compile(r"/(.*?)/(g?i?m?y?s?)", re.DOTALL)
_SPECIAL = re.compile(r"\\.|\[(?:\\.|[^\]\\])*(?:\]|\Z)|\(\?<(?=\w)|\$", re.DOTALL)
_REFERENCE = re.compile(r"\$(?:(\$)|(&)|(\d\d?)|<(\w+)>)")
_FLAGS = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL}


def pattern_of(text: str) -> Pattern | None:
    """The expression of a text, as Grafana's stringToJsRegex reads it: without slashes the whole
    value has to match. None if it is none, or a larger one than anybody needs."""
    match = _BETWEEN_SLASHES.fullmatch(text)
    if not match and text.startswith("/"):
        return None
    body, letters = (match[1], match[2]) if match else (f"^{text}$", "")
    flags = regex.ASCII
    for letter in letters:
        flags |= _FLAGS.get(letter, regex.ASCII)
    return compiled(_of_python(body, multiline="m" in letters), flags)


def is_global(text: str) -> bool:
    """Whether the expression of a text has JavaScript's flag `g`: all of its matches are replaced,
    and not only the first one."""
    return text.startswith("/") and "g" in text.rpartition("/")[2]


def _of_python(body: str, *, multiline: bool) -> str:
    """JavaScript names a group without the P, and its `$` is not before a last newline."""

    def changed(match: re.Match[str]) -> str:
        part = match[0]
        if part == "$":
            return "$" if multiline else r"\Z"
        if part == "(?<":
            return "(?P<"
        return "/" if part == r"\/" else part

    return _SPECIAL.sub(changed, body)


def replaced(pattern: Pattern, text: str, by: Any, *, everywhere: bool) -> str:
    """JavaScript's replace(): `$1`, `$<name>`, `$&` and `$$` stand for parts of the match."""

    def expanded(match: regex.Match[str]) -> str:
        return _REFERENCE.sub(lambda reference: _part(match, reference), str(by))

    return pattern.replaced(text, expanded, everywhere=everywhere)


def _part(match: regex.Match[str], reference: re.Match[str]) -> str:
    if reference[1]:
        return "$"
    if reference[2]:
        return match[0]
    if reference[4]:
        return match.groupdict().get(reference[4]) or ""
    number, rest = int(reference[3]), ""
    # Of fewer than twelve groups, `$12` is the first one and a 2.
    if number > match.re.groups and len(reference[3]) == 2:
        number, rest = number // 10, reference[3][1]
    if not 1 <= number <= match.re.groups:
        return reference[0]
    return (match[number] or "") + rest
