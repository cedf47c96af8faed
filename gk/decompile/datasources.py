"""Data sources: definitions of those that files or Grafana have, and external ones for those that
dashboards only name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gk.decompile.names import Names
from gk.decompile.python import Call, Code, Name, assignment, module
from gk.decompile.secrets import with_calls
from gk.documents.references import BUILT_IN_UIDS, EXPRESSION, GRAFANAS_DEFAULT
from gk.documents.shapes import Json
from gk.promql.syntax import variables
from gk.resource import Resource

__all__ = ["EXTERNAL", "Datasources"]

EXTERNAL = "external"
"""The module of the data sources that dashboards only name, unless there is one of this name."""
_FILE = "datasources/{}.py"


class Datasources:
    """The data sources of a project, by uid and by name, as definitions name them."""

    def __init__(self, known: Iterable[tuple[str, str]] = (), external: str = EXTERNAL) -> None:
        self._module = external
        self._names = Names()
        self._known: dict[str, Name | None] = {}
        """The variable of each data source; None for one that the project defines already."""
        for uid, name in known:
            self._known[uid] = self._known[name] = None
        self._external: dict[str, Call] = {}

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
        found = []
        for resource in resources:
            variable = self._names.new(resource.title, "datasource")
            named = Name(variable, "datasources.grafana")
            self._known[resource.uid] = self._known[resource.title] = named
            found.append((variable, datasource_code(resource.body)))
        return found

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
        return {_FILE.format(self._module): module(docstring, statements, codes)}


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
