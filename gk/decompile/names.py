"""Names of files, functions and variables, from titles in any language."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata

import gk

__all__ = ["IMPORTED", "Names", "environment_variable", "identifier"]

_LONGEST = 50
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TAKEN = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins)})


IMPORTED = frozenset({*gk.__all__, "Exporter", "Scope", "partial", "re"})
"""What modules of definitions import, so that no variable may have these names."""


def identifier(text: str, default: str = "unnamed") -> str:
    """A name in snake case. Letters of other scripts stay, because Python takes them; accents go.

    `CPU % by mode` is `cpu_percent_by_mode`.
    """
    words = _CAMEL.sub(" ", text.replace("%", " percent ").replace("&", " and "))
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", words)
        if not unicodedata.combining(letter)
    )
    plain = unicodedata.normalize("NFC", plain).lower()
    name = re.sub(r"_+", "_", re.sub(r"\W+", "_", plain)).strip("_")
    # A few letters of \w are no part of a name.
    name = "".join(letter for letter in name if f"a{letter}".isidentifier())
    if len(name) > _LONGEST:
        name = name[:_LONGEST].rpartition("_")[0] or name[:_LONGEST]
    if not name:
        return default
    return name if name.isidentifier() else f"{default}_{name}"


def environment_variable(text: str) -> str:
    """The name of an environment variable, such as `OPS_BASIC_AUTH_PASSWORD`."""
    name = re.sub(r"[^A-Z0-9]+", "_", _CAMEL.sub("_", text).upper()).strip("_")
    return name if name[:1].isalpha() else f"GK_{name}".rstrip("_")


class Names:
    """The names of a module: each is given once, and `reserved` ones not at all."""

    def __init__(self, reserved: frozenset[str] = frozenset()) -> None:
        self._reserved = _TAKEN | reserved
        self._taken = set(self._reserved)

    def new(self, text: str, default: str = "unnamed", *, private: bool = False) -> str:
        """A name made of a text, with a number if it is taken; reserved ones get an underscore."""
        name = first = self._made(text, default, private=private)
        count = 2
        while name in self._taken:
            name, count = f"{first}_{count}", count + 1
        self._taken.add(name)
        return name

    def first(self, *texts: str, private: bool = False) -> str:
        """The first name, made of one of the texts, that is free; or of the last one, with a
        number."""
        free = (text for text in texts if self._made(text, private=private) not in self._taken)
        return self.new(next(free, texts[-1]), private=private)

    def _made(self, text: str, default: str = "unnamed", *, private: bool) -> str:
        name = ("_" if private else "") + identifier(text, default)
        return f"{name}_" if name in self._reserved else name
