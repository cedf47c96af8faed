"""Data sources to Grafana's documents."""

from __future__ import annotations

from typing import Any

from gk.compile.context import Compilation
from gk.define.datasource import Datasource
from gk.documents.names import is_uid
from gk.documents.secrets.literals import in_datasource
from gk.documents.secrets.references import with_references
from gk.errors import Source
from gk.resource import Kind

__all__ = ["compile_datasources"]


def compile_datasources(context: Compilation) -> None:
    """Add every data source that is not somebody else's; two of one name, uid or two defaults are
    mistakes."""
    seen: dict[tuple[str, str], Source] = {}
    for definition in context.project.of(Datasource):
        datasource: Datasource = definition.value
        with context.mistakes_at(definition.source):
            _check(context, datasource, definition.source, seen)
            body = _body(datasource)
            for literal in in_datasource(body):
                context.wrong(definition.source, f"data source '{datasource.name}': {literal}")
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
    who = f"data source '{datasource.name}'"
    if not datasource.name or not datasource.type:
        context.wrong(source, f"{who}: name and type are required")
    if not is_uid(datasource.uid):
        context.wrong(
            source, f"{who}: uid '{datasource.uid}' has to be 1 to 40 letters, digits, '-' or '_'"
        )
    # Two defaults in an organisation stop Grafana at its start; so do two data sources of one uid.
    unique = {
        "uid": datasource.uid,
        "name": datasource.name,
        "default": "yes" if datasource.default else "",
    }
    for what, given in unique.items():
        first = seen.setdefault((what, given), source) if given else source
        if first is not source:
            is_default = what == "default"
            words = (
                "there is another default one"
                if is_default
                else f"{what} '{given}' is taken by the one"
            )
            context.wrong(
                source,
                f"{who}: {words} at {first}; {'keep one default' if is_default else 'change one'}",
            )


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
