"""Compiles data sources to Grafana's documents."""

from __future__ import annotations

from typing import Any

from gk.compile.context import Compilation
from gk.define.datasource import Datasource
from gk.documents.names import is_uid
from gk.documents.secrets.literals import in_datasource
from gk.documents.secrets.references import with_references
from gk.errors import Source, Where
from gk.resource import Kind

__all__ = ["compile_datasources"]


def compile_datasources(context: Compilation) -> None:
    """Add every data source that is not external; a name or uid that occurs twice, or a second
    default, is a mistake."""
    seen: dict[tuple[str, str], Source] = {}
    for definition in context.project.of(Datasource):
        datasource: Datasource = definition.value
        with context.mistakes_at(definition.source):
            _check(context, datasource, definition.source, seen)
            body = _body(datasource)
            for literal in in_datasource(body):
                where = Where("data source", datasource.name)
                context.wrong(definition.source, str(literal), where)
            if not datasource.external:
                context.add(
                    Kind.DATASOURCE,
                    body,
                    definition.source,
                    uid=datasource.uid,
                    title=datasource.name,
                )


def _check(
    context: Compilation,
    datasource: Datasource,
    source: Source,
    seen: dict[tuple[str, str], Source],
) -> None:
    where = Where("data source", datasource.name)
    if not datasource.name or not datasource.type:
        context.wrong(source, "name and type are required", where)
    # Grafana finds one by its name, too: what only old dashboards name may have no uid any more.
    is_name = datasource.external and datasource.uid == datasource.name != ""
    if not is_name and not is_uid(datasource.uid):
        context.wrong(
            source, f"uid '{datasource.uid}' must be 1 to 40 letters, digits, '-' or '_'", where
        )
    # Grafana does not start with two defaults in an organisation, or with two data sources of the
    # same uid (pkg/services/provisioning/datasources at 9.4).
    unique = {
        "uid": datasource.uid,
        "name": datasource.name,
        "default": "yes" if datasource.default else "",
    }
    for what, given in unique.items():
        first = seen.setdefault((what, given), source) if given else source
        if first is not source:
            mistake = (
                f"there is another default at {first}; keep one"
                if what == "default"
                else f"{what} '{given}' is taken by the one at {first}; change one"
            )
            context.wrong(source, mistake, where)


def _body(datasource: Datasource) -> dict[str, Any]:
    body = {
        "name": datasource.name,
        "type": datasource.type,
        "uid": datasource.uid,
        "access": datasource.access,
        "url": datasource.url,
        "user": datasource.user,
        "database": datasource.database,
        "basicAuth": bool(datasource.basic_auth_user),
        "basicAuthUser": datasource.basic_auth_user,
        "isDefault": datasource.default,
        "jsonData": datasource.json_data,
        "secureJsonData": datasource.secure_json_data,
    }
    return {
        key: with_references(value) for key, value in body.items() if value not in ("", {}, False)
    }
