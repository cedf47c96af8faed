"""The variables of a dashboard, and the texts in it that use them.

A variable that a query names must exist. In other texts `$` may mean itself ("cost in $USD"), so
that only a name near to one of the dashboard's is a mistake there, or one that is certainly meant
as a variable: `${name}`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gk.compile.findings import Findings
from gk.documents.parts import dicts
from gk.documents.references import is_prometheus, type_of
from gk.documents.shapes import Json
from gk.errors import Source, did_you_mean
from gk.promql.syntax import one_line, variables

__all__ = ["Names"]

# https://grafana.com/docs/grafana/latest/dashboards/variables/add-template-variables/
# #global-variables; the names with a further part are objects.
_BUILT_IN = (
    "__all_variables", "__annotation", "__auto", "__cell", "__dashboard", "__data", "__field",
    "__from", "__interval", "__interval_ms", "__name", "__org", "__range", "__range_ms",
    "__range_s", "__rate_interval", "__rate_interval_ms", "__searchFilter", "__series",
    "__timeFilter", "__timezone", "__to", "__url", "__url_time_range", "__user", "__value",
)  # fmt: skip
_NEAR_BUILT_IN = 0.85
_NEAR = 0.8
_UNKNOWN = "is not a variable of the dashboard"
# In a regular expression, `\\$SYS` matches `$SYS`; in PostgreSQL, `$$` quotes.
_ESCAPED = re.compile(r"\\+\$|\$\$")
# Named groups of the regular expression of label_replace().
_GROUP = re.compile(r"\(\?P?<(\w+)>")
_BRACED = re.compile(r"\$\{([A-Za-z_]\w*)(?:[:.][^}$]*)?\}")

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

    def in_promql(self, text: str, source: Source, who: str) -> None:
        """Check a query of a Prometheus, which would get the name as it is."""
        if not _may_have_some(text):
            return
        groups = _GROUP.findall(text)
        for name in sorted(variables(_ESCAPED.sub("", one_line(text))) - self._known - {*groups}):
            if not name.startswith("__"):
                self.findings.broken(source, self._unknown(name, who))
            elif hint := _near_built_in(name):
                self.findings.broken(source, f"{who}: Grafana has no variable ${name}{hint}")

    def in_target(self, target: Json, source: Source, who: str) -> None:
        """Check the query and the legend of a panel."""
        self.in_text(target.get("legendFormat"), source, who)
        expr = target.get("expr")
        if isinstance(expr, str) and not _may_have_some(expr):
            return
        if is_prometheus(target):
            self.in_promql(str(expr or ""), source, who)
        elif any(part in type_of(target) for part in _LANGUAGES):
            for key in ("expr", "query", "rawSql", "target"):
                text = target.get(key)
                for name in self._near(text) if isinstance(text, str) else ():
                    if name not in _MACROS and not name.startswith(_OF_TAGS):
                        self.findings.wrong(source, self._unknown(name, who))

    def in_panel(self, panel: Json, source: Source, who: str) -> None:
        """Check the texts of a panel, and the variable for which it is repeated."""
        self.in_text(panel.get("title"), source, who)
        for link in (*dicts(panel, "links"), *_data_links(panel)):
            self.in_link(link, source, who)
        repeat = panel.get("repeat")
        if isinstance(repeat, str) and repeat and repeat not in self._known:
            hint = did_you_mean(repeat, self._known)
            self.findings.wrong(source, f"{who}: repeat: '{repeat}' {_UNKNOWN}{hint}")

    def in_rule(self, name: str, source: Source, who: str) -> None:
        """Check the variable of a rule, with which Grafana would ignore the rule."""
        if name not in self._known:
            hint = did_you_mean(name, self._known)
            self.findings.wrong(source, f"{who}: show_when: '{name}' {_UNKNOWN}{hint}")

    def in_link(self, link: Json, source: Source, who: str) -> None:
        """Check a link."""
        for key in ("title", "url"):
            self.in_text(link.get(key), source, who)

    def in_text(self, text: Any, source: Source, who: str) -> None:
        """Check a text in which a `$` need not begin a variable."""
        if not isinstance(text, str) or not _may_have_some(text):
            return
        braced = {name for name in _BRACED.findall(text) if not name.startswith("__")}
        for name in sorted({*self._near(text), *(braced - self._known)}):
            self.findings.wrong(source, self._unknown(name, who))

    def _near(self, text: str) -> Iterator[str]:
        for name in variables(_ESCAPED.sub("", text)) - self._known:
            if not name.startswith("__") and _is_near(name, self._known):
                yield name

    def _unknown(self, name: str, who: str) -> str:
        return f"{who}: ${name} {_UNKNOWN}{did_you_mean(name, self._known)}"


def _may_have_some(text: str) -> bool:
    # Most texts have no variable, and this is quicker than a regular expression.
    return "$" in text or "[[" in text


def _near_built_in(name: str) -> str:
    if name in _BUILT_IN or name.startswith("__auto_interval_"):
        return ""
    near = difflib.get_close_matches(name, _BUILT_IN, n=1, cutoff=_NEAR_BUILT_IN)
    return f"; did you mean '${near[0]}'?" if near else ""


def _is_near(name: str, known: Iterable[str]) -> bool:
    folded = [each.casefold() for each in known]
    return bool(difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=_NEAR))


def _data_links(panel: Json) -> Iterator[Json]:
    config: Mapping[str, Any] = panel.get("fieldConfig") or {}
    yield from dicts(config.get("defaults") or {}, "links")
    for override in dicts(dict(config), "overrides"):
        for option in dicts(override, "properties"):
            if option.get("id") == "links":
                yield from dicts(option, "value")
