"""Resolves the data sources that a dashboard names or leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gk.compile.context import Compilation
from gk.compile.findings import Findings
from gk.define.dashboard import Dashboard
from gk.define.datasource import Datasource
from gk.documents.references import (
    BUILT_IN,
    BUILT_IN_UIDS,
    DEFAULT,
    EXPRESSION,
    GRAFANAS_DEFAULT,
    ONE_VARIABLE,
    Ref,
)
from gk.documents.shapes import Json
from gk.errors import Source, Where, did_you_mean
from gk.promql.syntax import variables

__all__ = ["DATASOURCE", "References"]

DATASOURCE = "${datasource}"


class References:
    """The data sources of one dashboard: its own default, its variables, and the project's.

    A dashboard that is an export (JSON) may leave its data source to Grafana, as it did where it
    comes from.
    """

    def __init__(
        self,
        context: Compilation,
        own: Dashboard,
        variables: Iterable[Json],
        source: Source,
        findings: Findings,
    ) -> None:
        self._findings = findings
        self._context = context
        listed = [(str(variable.get("name")), variable) for variable in variables]
        self._names = {name for name, _ in listed}
        self._types = {
            name: str(variable.get("query"))
            for name, variable in listed
            if variable.get("type") == "datasource"
        }
        self._known: dict[str, Ref | None] = {}
        self._own: Ref | None = None
        self._is_grafanas = own.datasource == GRAFANAS_DEFAULT
        """Whether the dashboard leaves its data source to Grafana, as an export may."""
        if own.datasource is not None:
            given = own.datasource.uid if isinstance(own.datasource, Datasource) else own.datasource
            self._own = self._named(given, source, Where("dashboard", own.title))

    def of(self, given: str | Mapping[str, Any] | None, source: Source, where: Where) -> Ref | None:
        """Return the reference, with type and uid, for a name, a uid, an incomplete reference, or
        nothing; None for Grafana's default data source, and after a mistake."""
        return self._named(given, source, where) if given else self._default(source, where)

    def _named(self, given: str | Mapping[str, Any], source: Source, where: Where) -> Ref | None:
        named = {"uid": given} if isinstance(given, str) else given
        uid, type = str(named.get("uid") or ""), str(named.get("type") or "")
        if uid in self._known:
            return self._known[uid]
        if uid == GRAFANAS_DEFAULT and not self._findings.of_export:
            return {"type": type} if type else None
        if uid in DEFAULT:
            return self._default(source, where, type)
        if type == EXPRESSION:
            return {"type": type, "uid": EXPRESSION}
        if uid in BUILT_IN_UIDS:
            return dict(BUILT_IN.get(uid, {"type": type or uid, "uid": uid}))
        used = variables(uid)
        for name in sorted(used - self._names):
            hint = did_you_mean(name, self._names)
            self._findings.broken(
                source,
                f"data source '{uid}' is not a variable of the dashboard{hint}",
                # All panels of an export name it.
                None if self._findings.of_export else where,
            )
        if whole := ONE_VARIABLE.fullmatch(uid):
            name = next(filter(None, whole.groups()))
            return {"type": type or self._types.get(name, "prometheus"), "uid": f"${{{name}}}"}
        if used:
            return {"type": type or "prometheus", "uid": uid}
        # Most panels of a dashboard name the same data source. If it is unknown, one mistake is
        # enough.
        self._known[uid] = self._context.datasource(uid, source, where)
        return self._known[uid]

    def _default(self, source: Source, where: Where, type: str = "") -> Ref | None:
        if self._own and type in ("", self._own["type"]):
            return dict(self._own)
        # The exporter's variable `$datasource` is the default of its dashboard, so that viewers can
        # switch.
        if (
            "datasource" in self._types
            and not self._findings.of_export
            and type in ("", self._types["datasource"])
        ):
            return {"type": self._types["datasource"], "uid": DATASOURCE}
        if self._is_grafanas:
            return {"type": type} if type else None
        default = self._context.default_datasource(type)
        if default is None and self._findings.of_export:
            return {"type": type} if type else None
        if default is None:
            of_type = f" of type {type}" if type else ""
            self._context.wrong(
                source,
                f"has no data source, and the project has no default{of_type}; "
                "define one in datasources/ with default=True, or set datasource=",
                where,
            )
            return None
        return default.ref
