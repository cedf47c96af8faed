"""Data sources: definitions of those that files or Grafana have, and external ones for those that
dashboards only name."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from gk.decompile.names import Names
from gk.decompile.python import Call, Code, Name, assignment, module
from gk.decompile.secrets import with_calls
from gk.documents.references import BUILT_IN_UIDS, EXPRESSION, GRAFANAS_DEFAULT
from gk.documents.shapes import Json
from gk.errors import Source
from gk.project import Definition
from gk.promql.syntax import variables
from gk.resource import Resource

__all__ = ["EXTERNAL", "Datasources", "KnownDatasource", "known_datasources"]

_OWN = "datasources.grafana"
EXTERNAL = "external"
"""The module of data sources that are only named, in datasources/, unless there is one of this
name."""


class KnownDatasource(NamedTuple):
    """A data source that a project defines, with its variable; None if it has none."""

    uid: str
    name: str
    variable: Name | None


def known_datasources(
    definitions: Iterable[Definition], files: Mapping[str, str]
) -> list[KnownDatasource]:
    """The data sources that are defined in files, which are given by their paths."""
    names: set[str] = set()
    datasources = []
    for definition in definitions:
        variable = _variable(definition.source, files.get(definition.source.file, ""))
        # A dashboard cannot import two variables of one name.
        usable = variable if variable and variable.text not in names else None
        names |= {usable.text} if usable else set()
        datasources.append(KnownDatasource(definition.value.uid, definition.value.name, usable))
    return datasources


def _variable(source: Source, text: str) -> Name | None:
    """The variable at the top of a module to which the call at a line is assigned."""
    module = PurePosixPath(source.file).with_suffix("").parts
    with suppress(SyntaxError):
        for node in ast.parse(text).body:
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and isinstance(node.value, ast.Call)
                and node.lineno <= (source.line or 0) <= (node.end_lineno or 0)
                and all(part.isidentifier() for part in module)
            ):
                return Name(node.targets[0].id, ".".join(module))
    return None


class Datasources:
    """The data sources of a project, by uid and by name, as definitions name them. `external` is
    the module for those that are only named, and `taken` are names that no variable may have."""

    def __init__(
        self,
        known: Iterable[KnownDatasource] = (),
        external: str = EXTERNAL,
        taken: Set[str] = frozenset(),
    ) -> None:
        self._known: dict[str, Name | None] = {}
        """The variable of each data source; None for one that has none."""
        names: dict[str, Name | None] = {}
        for uid, name, variable in known:
            usable = variable if variable and variable.text not in taken else None
            self._known[uid] = names[name] = usable
        # What one is called may be the uid of another: a reference is a uid first, as in Grafana.
        self._known = {**names, **self._known}
        self._names = Names(self.variables | taken)
        self._external: dict[str, Call] = {}
        self._module = external

    @property
    def variables(self) -> frozenset[str]:
        """The names of all variables."""
        return frozenset(name.text for name in self._known.values() if name)

    def reference(self, given: Any) -> Code:
        """The expression for a reference in a dashboard or a rule: a data source, or the text of a
        variable and of what is built in."""
        ref: Json = {"uid": given} if isinstance(given, str) else dict(given)
        uid, type = str(ref.get("uid") or ""), str(ref.get("type") or "")
        if type == EXPRESSION:
            return EXPRESSION
        if not uid and type:
            return {"type": type, "uid": GRAFANAS_DEFAULT}
        if uid in (*BUILT_IN_UIDS, GRAFANAS_DEFAULT, "") or variables(uid):
            return uid
        if uid not in self._known:
            self._external[uid] = Call(
                Name("Datasource", "gk"),
                (),
                {"name": uid, "type": type or "prometheus", "uid": uid, "external": True},
            )
            self._known[uid] = Name(
                self._names.new(uid, "datasource"), f"datasources.{self._module}"
            )
        return self._known[uid] or uid

    def add_all(self, resources: Iterable[Resource]) -> list[tuple[str, Call]]:
        """Note the data sources that a module `datasources.grafana` defines; returns them by their
        variables."""
        codes, names = [], dict[str, Name | None]()
        for resource in resources:
            named = self._known.get(resource.uid)
            # Unless it is the same data source, written once more.
            if named is None or named.module != _OWN:
                named = Name(self._names.new(resource.title, "datasource"), _OWN)
            self._known[resource.uid] = names[resource.title] = named
            codes.append((named.text, datasource_code(resource.body)))
        self._known = {**names, **self._known}
        return codes

    def files(self) -> Mapping[str, str]:
        """The module of external data sources, if there are some."""
        if not self._external:
            return {}
        statements = [
            assignment(named.text, call)
            for uid, call in self._external.items()
            if (named := self._known[uid])
        ]
        docstring = "Data sources that are provisioned elsewhere: gk only refers to them."
        codes = list(self._external.values())
        return {f"datasources/{self._module}.py": module(docstring, statements, codes)}


_ARGUMENTS = {
    "url": "url",
    "user": "user",
    "database": "database",
    "basicAuthUser": "basic_auth_user",
}


def datasource_code(body: Json) -> Call:
    """A data source."""
    name = str(body["name"])
    named: dict[str, Code] = {
        argument: with_calls(body[key]) for key, argument in _ARGUMENTS.items() if body.get(key)
    }
    if body.get("access") not in (None, "proxy"):
        named["access"] = body["access"]
    if body.get("isDefault"):
        named["default"] = True
    if secure := body.get("secureJsonData"):
        named["secure_json_data"] = with_calls(secure)
    options = dict(body.get("jsonData") or {})
    is_usual = options.get("manageAlerts") is True and options.get("httpMethod") in ("GET", "POST")
    if body["type"] == "prometheus" and is_usual:
        return _prometheus(name, str(body["uid"]), options, named)
    if options:
        named["json_data"] = options
    first = {"name": name, "type": body["type"], "uid": body["uid"]}
    return Call(Name("Datasource", "gk"), (), {**first, **named})


def _prometheus(name: str, uid: str, options: Json, named: Mapping[str, Code]) -> Call:
    del options["manageAlerts"]
    method = options.pop("httpMethod")
    arguments: dict[str, Code] = {}
    if method != "POST":
        arguments["http_method"] = method
    if isinstance(options.get("timeInterval"), str):
        arguments["scrape_interval"] = options.pop("timeInterval")
    if options:
        arguments["json_data"] = options
    return Call(Name("Datasource.prometheus", "gk"), [name], {"uid": uid, **named, **arguments})
