"""Cuts a template into plain text and the tokens of its actions, as Go's text/template/parse
does."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

__all__ = ["Kind", "TemplateError", "Token", "tokens"]


class TemplateError(ValueError):
    """A template that Go does not parse; the message says why."""


class Kind(Enum):
    """What a token is. Values of keywords are the words themselves."""

    TEXT = auto()
    COMMENT = auto()
    OPEN = auto()
    CLOSE = auto()
    SPACE = auto()
    WORD = auto()
    """A function's name."""
    KEYWORD = auto()
    FIELD = auto()
    VARIABLE = auto()
    DOT = auto()
    NIL = auto()
    BOOL = auto()
    STRING = auto()
    CHARACTER = auto()
    NUMBER = auto()
    PIPE = auto()
    DECLARE = auto()
    ASSIGN = auto()
    LEFT = auto()
    RIGHT = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a template: `text[start:start + len(value)]`."""

    kind: Kind
    value: str
    start: int

    @property
    def end(self) -> int:
        """The position after the token."""
        return self.start + len(self.value)


_SHOWN = 20
_SPACE = " \t\r\n"
_OPEN = re.compile(r"\{\{(?:-(?=[ \t\r\n]))?")
_CLOSE = re.compile(r"(?:[ \t\r\n]-)?\}\}")
_COMMENT = re.compile(r"\{\{(?:-[ \t\r\n])?/\*")
# The last space before a `-}}` belongs to it.
_SPACES = re.compile(r"[ \t\r\n]+(?=[ \t\r\n]-\}\})|[ \t\r\n]+")
_STRING = re.compile(r'"(?:\\[^\n]|[^"\\\n])*"|`[^`]*`')
_CHARACTER = re.compile(r"'(?:\\[^\n]|[^'\\\n])*'")
_UNSIGNED = (
    r"(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?"
)
_NUMBER = re.compile(rf"[+-]?{_UNSIGNED}(?:[+-]{_UNSIGNED})?")
_NUMBER_START = re.compile(r"[+-]|\.?[0-9]")
_SIGNS = {"=": Kind.ASSIGN, "|": Kind.PIPE, "(": Kind.LEFT, ")": Kind.RIGHT}
_KEYWORDS = frozenset(
    ("block", "break", "continue", "define", "else", "end", "if", "range", "template", "with")
)
_KINDS = {"nil": Kind.NIL, "true": Kind.BOOL, "false": Kind.BOOL}


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a template. Raises TemplateError."""
    position = 0
    while (opened := text.find("{{", position)) >= 0:
        if opened > position:
            yield Token(Kind.TEXT, text[position:opened], position)
        if comment := _COMMENT.match(text, opened):
            position = _end_of_comment(text, comment)
            yield Token(Kind.COMMENT, text[opened:position], opened)
        else:
            action = list(_action(text, opened))
            yield from action
            position = action[-1].end
    if position < len(text):
        yield Token(Kind.TEXT, text[position:], position)


def _end_of_comment(text: str, start: re.Match[str]) -> int:
    end = text.find("*/", start.end())
    close = _CLOSE.match(text, end + 2) if end >= 0 else None
    if close is None:
        raise _unclosed(text, start.start())
    return close.end()


def _unclosed(text: str, opened: int) -> TemplateError:
    return TemplateError(f"'{text[opened : opened + 2 + _SHOWN]}' is not closed")


def _action(text: str, opened: int) -> Iterator[Token]:
    """Yield the tokens of the action that starts at `opened`, from `{{` to `}}`."""
    match = _OPEN.match(text, opened)
    assert match
    yield Token(Kind.OPEN, match[0], opened)
    position, depth = match.end(), 0
    while not (close := _CLOSE.match(text, position)):
        token = _token(text, position, opened)
        depth += (token.kind is Kind.LEFT) - (token.kind is Kind.RIGHT)
        if depth < 0:
            raise TemplateError(f"'{_shown(text, opened, token.end)}' has a ')' without a '('")
        yield token
        position = token.end
    if depth:
        raise TemplateError(f"'{_shown(text, opened, close.end())}' has a '(' without a ')'")
    yield Token(Kind.CLOSE, close[0], position)


def _shown(text: str, start: int, end: int) -> str:
    return text[start:end] if end - start <= 3 * _SHOWN else f"{text[start : start + _SHOWN]}..."


def _token(text: str, position: int, opened: int) -> Token:
    letter = text[position : position + 1]
    if not letter:
        raise _unclosed(text, opened)
    if letter in _SPACE:
        return _matched(Kind.SPACE, _SPACES, text, position, opened)
    if text.startswith(":=", position):
        return Token(Kind.DECLARE, ":=", position)
    if letter in _SIGNS:
        return Token(_SIGNS[letter], letter, position)
    if letter in '"`':
        return _matched(Kind.STRING, _STRING, text, position, opened)
    if letter == "'":
        return _matched(Kind.CHARACTER, _CHARACTER, text, position, opened)
    if _NUMBER_START.match(text, position):
        return _number(text, position)
    if letter in "$." or _is_word(letter):
        return _name(text, position, opened)
    # The parser refuses it where it is.
    return Token(Kind.OTHER, letter, position)


def _matched(kind: Kind, pattern: re.Pattern[str], text: str, position: int, opened: int) -> Token:
    match = pattern.match(text, position)
    if match is None:
        raise _unclosed(text, opened)
    return Token(kind, match[0], position)


def _number(text: str, position: int) -> Token:
    match = _NUMBER.match(text, position)
    assert match
    end = _end_of_word(text, match.end())
    # With letters at its end it is no number; the parser says so.
    return Token(Kind.NUMBER, text[position:end], position)


def _name(text: str, position: int, opened: int) -> Token:
    """A word, a field or a variable. It ends where Go lets a name end."""
    end = _end_of_word(text, position + 1)
    name = text[position:end]
    if end < len(text) and text[end] not in _SPACE + ".,|:)(" and not text.startswith("}}", end):
        raise TemplateError(
            f"'{_shown(text, opened, end + 1)}' has '{text[end]}' after '{name}'; "
            "write a space between them, or quote text"
        )
    if name.startswith("$"):
        return Token(Kind.VARIABLE, name, position)
    if name.startswith("."):
        return Token(Kind.DOT if name == "." else Kind.FIELD, name, position)
    kind = Kind.KEYWORD if name in _KEYWORDS else _KINDS.get(name, Kind.WORD)
    return Token(kind, name, position)


def _end_of_word(text: str, position: int) -> int:
    while position < len(text) and _is_word(text[position]):
        position += 1
    return position


def _is_word(letter: str) -> bool:
    # As Go: Python's \w also has numbers such as '²'.
    return letter == "_" or unicodedata.category(letter)[0] == "L" or letter.isdecimal()
