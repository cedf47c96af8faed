"""What the data sources stand for that a dashboard names, or leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from gk.compile.context import Compilation
from gk.define.dashboard import Dashboard
from gk.define.datasource import Datasource
from gk.documents.shapes import Json
from gk.errors import Source, did_you_mean
from gk.promql.syntax import variables

__all__ = ["DATASOURCE", "MIXED", "Ref", "References"]

Ref: TypeAlias = dict[str, str]

DATASOURCE = "${datasource}"
MIXED = {"type": "datasource", "uid": "-- Mixed --"}
_BUILT_IN = {
    "-- Mixed --": MIXED,
    "-- Dashboard --": {"type": "datasource", "uid": "-- Dashboard --"},
    "-- Grafana --": {"type": "datasource", "uid": "grafana"},
}
_BUILT_IN_UIDS = frozenset({*_BUILT_IN, "grafana", "__expr__", "-100"})
_DEFAULT = frozenset({"", "default", "-- Default --"})
_ONE_VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)(?:[.:][^}]*)?\}|\[\[(\w+)\]\]")


class References:
    """The data sources of one dashboard: its own default, its variables, and the project's."""

    def __init__(
        self, context: Compilation, own: Dashboard, variables: Iterable[Json], source: Source
    ) -> None:
        self._context = context
        listed = [(str(each.get("name")), each) for each in variables]
        self._names = {name for name, _ in listed}
        self._types = {
            name: str(variable.get("query"))
            for name, variable in listed
            if variable.get("type") == "datasource"
        }
        self._known: dict[str, Ref] = {}
        self._own: Ref | None = None
        if own.datasource is not None:
            given = own.datasource.uid if isinstance(own.datasource, Datasource) else own.datasource
            self._own = self._named(given, source, "dashboard")

    def of(self, given: str | Mapping[str, Any] | None, source: Source, who: str) -> Ref:
        """The reference, with type and uid, that `who` means by a name, a uid, an incomplete
        reference, or nothing."""
        ref = self._named(given, source, who) if given else self._default(source, who)
        return ref or {"type": "prometheus", "uid": ""}

    def _named(self, given: str | Mapping[str, Any], source: Source, who: str) -> Ref | None:
        named = {"uid": given} if isinstance(given, str) else given
        uid, type = str(named.get("uid") or ""), str(named.get("type") or "")
        if known := self._known.get(uid):
            return known
        if uid in _DEFAULT:
            return self._default(source, who, type)
        if uid in _BUILT_IN_UIDS:
            return dict(_BUILT_IN.get(uid, {"type": type or uid, "uid": uid}))
        used = variables(uid)
        for name in sorted(used - self._names):
            self._context.wrong(
                source,
                f"{who}: data source '{uid}' is no variable "
                f"of the dashboard{did_you_mean(name, self._names)}",
            )
        if whole := _ONE_VARIABLE.fullmatch(uid):
            name = next(filter(None, whole.groups()))
            return {"type": type or self._types.get(name, "prometheus"), "uid": f"${{{name}}}"}
        if used:
            return {"type": type or "prometheus", "uid": uid}
        ref = self._context.datasource(uid, source, who)
        if ref:
            # Most panels of a dashboard name the same one.
            self._known[uid] = ref
        return ref

    def _default(self, source: Source, who: str, type: str = "") -> Ref | None:
        if self._own and type in ("", self._own["type"]):
            return dict(self._own)
        if "datasource" in self._types and type in ("", self._types["datasource"]):
            return {"type": self._types["datasource"], "uid": DATASOURCE}
        default = self._context.default_datasource(type)
        if default is None:
            of_type = f" of type {type}" if type else ""
            self._context.wrong(
                source,
                f"{who}: names no data source, and the project has no default one{of_type}; "
                "define one in datasources/ with default=True, or give datasource=",
            )
            return None
        return default.ref
