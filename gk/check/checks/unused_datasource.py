"""Nothing in the project uses a data source.

Problem: somebody keeps its address and its password up to date for nobody.

    loki = Datasource.loki("Loki", uid="loki", url="http://loki:3100")     # no panel uses it

Instead: remove it, if nobody uses it in Explore either.

The default data source, and one of a type that a dashboard's variable offers, are in use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gk.check.model import Found, Severity, check
from gk.check.subjects import Project
from gk.resource import Kind, Resource

__all__ = ["unused_datasource"]

_OFFERED = re.compile(rb'"query":\s*"([\w-]+)"')


@check(Severity.INFO)
def unused_datasource(project: Project) -> Iterator[Found]:
    """Search everything else for the uid."""
    left = {
        datasource.uid: datasource
        for datasource in project.of(Kind.DATASOURCE)
        if not datasource.body.get("isDefault")
    }
    for resource in project.resources:
        if not left:
            return
        for uid in [uid for uid, own in left.items() if own is not resource]:
            if _asks(resource, left[uid]):
                del left[uid]
    if project.of(Kind.DASHBOARD):
        for resource in left.values():
            yield Found("nothing in the project uses it; remove it", resource=resource)


def _asks(resource: Resource, datasource: Resource) -> bool:
    if f'"{datasource.uid}"'.encode() in resource.json:
        return True
    if resource.kind is not Kind.DASHBOARD or b'"datasource"' not in resource.json:
        return False
    return str(datasource.body.get("type", "")).encode() in _OFFERED.findall(resource.json)
