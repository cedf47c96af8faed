"""A title, a link or a text names a variable that the dashboard does not have.

Problem: readers see `${clustr}`, and a link leads nowhere.

    {"title": "Pods of ${clustr}"}

Instead: name a variable of the dashboard.

A `$name` without braces may be meant as it is ("cost in $USD"); it is found if a variable has
nearly the same name.
"""

from __future__ import annotations

from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.parts.panels import data_links
from gk.check.parts.variables import named_in_texts
from gk.check.subjects import Dashboard
from gk.documents.parts import dicts
from gk.documents.variables import BRACED, is_built_in, is_near
from gk.errors import Where, did_you_mean

__all__ = ["undefined_variable_in_text"]


@check(Severity.WARNING)
def undefined_variable_in_text(dashboard: Dashboard) -> Iterator[Found]:
    """Look at the texts in which Grafana replaces variables."""
    for where, text in _texts(dashboard):
        if "$" not in text and "[[" not in text:
            continue
        known = dashboard.variable_names
        for name in dict.fromkeys(named_in_texts(text)):
            if name in known or is_built_in(name):
                continue
            if name in BRACED.findall(text) or is_near(name, known):
                hint = did_you_mean(name, known) or "; name one that it has"
                yield Found(f"${name} is not a variable of the dashboard{hint}", where)


def _texts(dashboard: Dashboard) -> Iterator[tuple[Where | None, str]]:
    for link in dicts(dashboard.body, "links"):
        for key in ("title", "url"):
            yield Where("link", str(link.get("title") or "")), str(link.get(key) or "")
    for panel in dashboard.panels:
        where = panel.where
        yield where, panel.title
        for data_link in data_links(panel):
            yield where, data_link.title
            yield where, data_link.url
