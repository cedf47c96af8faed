"""The variables of a dashboard, and the texts in it that use them.

A variable that a query names must exist. In other texts `$` may mean itself ("cost in $USD"), so
that only a name near to one of the dashboard's is a mistake there, or one that is certainly meant
as a variable: `${name}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gk.compile.findings import Findings
from gk.documents.parts import dicts
from gk.documents.references import is_prometheus, type_of
from gk.documents.shapes import Json
from gk.documents.variables import (
    BRACED,
    in_promql,
    in_text,
    is_built_in,
    is_near,
    may_have_some,
    mistake_in_built_in,
)
from gk.errors import Source, Where, did_you_mean

__all__ = ["Names"]

_UNKNOWN = "is not a variable of the dashboard"
_LANGUAGES = ("loki", "influx", "sql", "postgres", "graphite")
"""Parts of the types of data sources in whose queries `$` is known to begin a variable."""
# Macros of InfluxQL and of its aliases.
_MACROS = frozenset({"timeFilter", "interval", "measurement", "m", "col"})
_OF_TAGS = "tag_"


class Names:
    """The names of a dashboard's variables; notes uses of others."""

    def __init__(self, given: Iterable[Json], findings: Findings) -> None:
        self._known = {str(variable.get("name")) for variable in given}
        self.findings = findings

    def in_promql(self, text: str, source: Source, where: Where) -> None:
        """Check a query of a Prometheus, which would get the name as it is."""
        for name in sorted(in_promql(text) - self._known):
            if not is_built_in(name):
                self.findings.broken(source, self._unknown(name), where)
            elif mistake := mistake_in_built_in(name):
                self.findings.broken(source, mistake, where)

    def in_target(self, target: Json, source: Source, where: Where) -> None:
        """Check the query and the legend of a panel."""
        self.in_text(target.get("legendFormat"), source, where)
        expr = target.get("expr")
        if isinstance(expr, str) and not in_text(expr):
            return
        if is_prometheus(target):
            self.in_promql(str(expr or ""), source, where)
        elif any(part in type_of(target) for part in _LANGUAGES):
            for key in ("expr", "query", "rawSql", "target"):
                text = target.get(key)
                for name in self._near(text) if isinstance(text, str) else ():
                    if name not in _MACROS and not name.startswith(_OF_TAGS):
                        self.findings.wrong(source, self._unknown(name), where)

    def in_panel(self, panel: Json, source: Source, where: Where) -> None:
        """Check the texts of a panel, and the variable for which it is repeated."""
        self.in_text(panel.get("title"), source, where)
        for link in (*dicts(panel, "links"), *_data_links(panel)):
            self.in_link(link, source, where)
        repeat = panel.get("repeat")
        if isinstance(repeat, str) and repeat and repeat not in self._known:
            hint = did_you_mean(repeat, self._known)
            self.findings.wrong(source, f"repeat: '{repeat}' {_UNKNOWN}{hint}", where)

    def in_rule(self, name: str, source: Source, where: Where) -> None:
        """Check the variable of a rule, with which Grafana would ignore the rule."""
        if name not in self._known:
            hint = did_you_mean(name, self._known)
            self.findings.wrong(source, f"show_when: '{name}' {_UNKNOWN}{hint}", where)

    def in_link(self, link: Json, source: Source, where: Where) -> None:
        """Check a link."""
        for key in ("title", "url"):
            self.in_text(link.get(key), source, where)

    def in_text(self, text: Any, source: Source, where: Where) -> None:
        """Check a text in which a `$` need not begin a variable."""
        if not isinstance(text, str) or not may_have_some(text):
            return
        braced = {name for name in BRACED.findall(text) if not is_built_in(name)}
        for name in sorted({*self._near(text), *(braced - self._known)}):
            self.findings.wrong(source, self._unknown(name), where)

    def _near(self, text: str) -> Iterator[str]:
        for name in in_text(text) - self._known:
            if not is_built_in(name) and is_near(name, self._known):
                yield name

    def _unknown(self, name: str) -> str:
        return f"${name} {_UNKNOWN}{did_you_mean(name, self._known)}"


def _data_links(panel: Json) -> Iterator[Json]:
    config: Mapping[str, Any] = panel.get("fieldConfig") or {}
    yield from dicts(config.get("defaults") or {}, "links")
    for override in dicts(dict(config), "overrides"):
        for option in dicts(override, "properties"):
            if option.get("id") == "links":
                yield from dicts(option, "value")
