"""Which variables of a dashboard need which others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gk.check.subjects import Dashboard
from gk.documents.parts import path

__all__ = ["named_in_texts", "needs"]

_ANY = re.compile(r"\$\{?([A-Za-z_]\w*)|\[\[([A-Za-z_]\w*)")


def needs(dashboard: Dashboard) -> dict[str, set[str]]:
    """The other variables that each variable is made of, its data source too."""
    known = {variable.name for variable in dashboard.variables}
    needed = {}
    for variable in dashboard.variables:
        source = path(variable.body, "datasource").get("uid")
        # A query in any language, or a list.
        values = _texts([variable.body.get(key) for key in ("query", "regex", "filters")])
        used = {*named_in_texts(" ".join(values)), *named_in_texts(str(source or ""))}
        needed[variable.name] = (used & known) - {variable.name}
    return needed


def named_in_texts(text: str) -> Iterator[str]:
    """Every name in a text that may be a variable's."""
    for match in _ANY.finditer(text) if "$" in text or "[[" in text else ():
        yield match[1] or match[2]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
