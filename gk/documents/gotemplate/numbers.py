"""The constants in templates: which texts Go's strconv reads as a number, a string or a
character."""

from __future__ import annotations

import math
import re

__all__ = ["is_character", "is_number", "is_string", "unquoted"]

_INTEGER = re.compile(
    r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?[0-7])*"
    r"|[1-9](?:_?[0-9])*)"
)
_DECIMAL = re.compile(
    r"[+-]?(?P<mantissa>[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)"
    r"(?:[eE][+-]?[0-9](?:_?[0-9])*)?"
)
_HEX_FLOAT = re.compile(
    r"[+-]?0[xX](?:(?:_?[0-9a-fA-F])+\.?(?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?"
    r"|\.[0-9a-fA-F](?:_?[0-9a-fA-F])*)[pP][+-]?[0-9](?:_?[0-9])*"
)
_COMPLEX = re.compile(r"(?P<real>[+-]?[^+-]+(?:(?<=[eEpP])[+-][^+-]+)?)(?P<imaginary>[+-].*)i")
_ESCAPE = re.compile(
    r"""\\(?:(?P<plain>[abfnrtv\\])|(?P<quote>['"])|(?P<octal>[0-7]{3})|x(?P<hex>[0-9a-fA-F]{2})"""
    r"|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})|(?P<wrong>.?))",
    re.DOTALL,
)
_LARGEST_UNSIGNED, _LARGEST, _SMALLEST = 2**64 - 1, 2**63 - 1, -(2**63)
_MOST_DIGITS = 4000
"""Python reads at most 4,300; no valid constant has so many."""


def is_number(text: str) -> bool:
    """Whether a text is a number: an integer of 64 bits, a float, an imaginary or a complex
    number."""
    if len(text) > _MOST_DIGITS:
        return False
    if match := _COMPLEX.fullmatch(text):
        return all(_is_float(match[part]) for part in ("real", "imaginary"))
    if text.endswith("i"):
        return _is_float(text[:-1])
    if _INTEGER.fullmatch(text):
        return _fits(text)
    # Without these letters it is an integer that is too large or has a wrong base.
    return any(letter in ".eEpP" for letter in text) and _is_float(text)


def _fits(text: str) -> bool:
    digits = text.lstrip("+-").replace("_", "")
    # Go reads a leading zero as octal.
    is_octal = len(digits) > 1 and digits.isdigit() and digits.startswith("0")
    value = int(digits, 8 if is_octal else 0)
    value = -value if text.startswith("-") else value
    return _SMALLEST <= value <= (_LARGEST if text.startswith("+") else _LARGEST_UNSIGNED)


def _is_float(text: str) -> bool:
    if _HEX_FLOAT.fullmatch(text):
        try:
            float.fromhex(text.replace("_", ""))
        except OverflowError:
            return False
        return True
    return _DECIMAL.fullmatch(text) is not None and math.isfinite(float(text.replace("_", "")))


def is_string(token: str) -> bool:
    """Whether a quoted text has only escapes that Go knows."""
    return token.startswith("`") or all(
        _is_escape(match, '"') for match in _ESCAPE.finditer(token[1:-1])
    )


def is_character(token: str) -> bool:
    """Whether a text in single quotes is one character."""
    inner = token[1:-1]
    match = _ESCAPE.fullmatch(inner)
    return _is_escape(match, "'") if match else len(inner) == 1


def _is_escape(match: re.Match[str], quote: str) -> bool:
    if match["quote"]:
        return match["quote"] == quote
    if match["octal"]:
        return int(match["octal"], 8) <= 0xFF
    if code := match["short"] or match["long"]:
        value = int(code, 16)
        return value <= 0x10FFFF and not 0xD800 <= value <= 0xDFFF
    return match["wrong"] is None


def unquoted(token: str) -> str:
    """The name in a quoted text: equal names are equal. Names with escapes stay as written."""
    return token[1:-1]
