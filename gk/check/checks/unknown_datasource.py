"""Something names a data source that the project does not define.

Problem: Grafana shows "Data source not found" in a panel, or a link from one data source to
another leads nowhere: from a trace to its logs, from an exemplar to its trace.

    {"exemplarTraceIdDestinations": [{"name": "trace_id", "datasourceUid": "tmpo"}]}

Instead: name one that is defined. Define one that somebody else provisions with
`Datasource.external(...)`.

gk build refuses it in panels and rules. A project that defines no data source is not checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gk.check.model import Found, Severity, check
from gk.check.subjects import Project
from gk.documents.parts import path
from gk.documents.references import BUILT_IN_UIDS
from gk.errors import did_you_mean
from gk.resource import Kind, Resource

__all__ = ["unknown_datasource"]

_NAMING = frozenset({"datasourceUid", "alertmanagerUid"})


@check(Severity.WARNING)
def unknown_datasource(project: Project) -> Iterator[Found]:
    """Look at the settings of data sources, and at the data sources of rules."""
    known = {resource.uid for resource in project.of(Kind.DATASOURCE)}
    for resource in project.resources if known else ():
        for uid in dict.fromkeys(_named(resource)):
            if uid not in known and uid not in BUILT_IN_UIDS and "$" not in uid:
                hint = did_you_mean(uid, known) or "; define it, or name another"
                yield Found(
                    f"no data source has the uid '{uid}'{hint}",
                    resource=resource,
                    others=((Kind.DATASOURCE, uid),),
                )


def _named(resource: Resource) -> Iterator[str]:
    if resource.kind is Kind.DATASOURCE:
        yield from _uids(path(resource.body, "jsonData"))
    elif resource.kind is Kind.RULE_GROUP:
        yield from _uids(resource.body)


def _uids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _NAMING and isinstance(inner, str) and inner:
                yield inner
            else:
                yield from _uids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _uids(inner)
