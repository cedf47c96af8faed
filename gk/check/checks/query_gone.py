"""An override or a transformation names a query that the panel does not have.

Problem: it does nothing: a unit is missing, or an axis is not on the right. Often the query was
removed or renamed.

    {"matcher": {"id": "byFrameRefID", "options": "B"}, ...}     # the panel has only query A

Instead: name a query of the panel, or remove the override.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gk.check.model import Severity, check
from gk.check.parts.panels import is_shared
from gk.check.subjects import Panel
from gk.documents.parts import dicts, path

__all__ = ["query_gone"]

# Transformations make names such as `joinByField-A-B`.
_PLAIN = re.compile(r"[A-Z]{1,2}")
_ONE_OF_A_LIST = re.compile(r"[A-Z]{1,2}(?:\|[A-Z]{1,2})*")


@check(Severity.WARNING)
def query_gone(panel: Panel) -> Iterator[str]:
    """Look at all that names a query by its refId."""
    config, transformations = panel.body.get("fieldConfig"), panel.body.get("transformations")
    has_overrides = isinstance(config, dict) and config.get("overrides")
    if not (has_overrides or transformations) or not _knows_queries(panel):
        return
    known = {str(target.get("refId")) for target in panel.targets}
    for override in dicts(path(panel.body, "fieldConfig"), "overrides"):
        matcher = path(override, "matcher")
        name = matcher.get("options")
        is_plain = isinstance(name, str) and _PLAIN.fullmatch(name)
        if matcher.get("id") == "byFrameRefID" and is_plain and name not in known:
            yield f"an override is for query {name}, which the panel does not have; name another"
    for transformation in dicts(panel.body, "transformations"):
        if transformation.get("id") == "filterByRefId":
            options = path(transformation, "options")
            for text in (options.get("include"), options.get("exclude")):
                for name in sorted(_listed(text) - known):
                    yield (
                        f"a transformation filters by query {name}, which the panel does not have; "
                        "name another"
                    )


def _knows_queries(panel: Panel) -> bool:
    """Whether all frames come from the panel's own queries."""
    # The data source `-- Dashboard --` takes the results of another panel.
    return (
        bool(panel.targets)
        and not is_shared(panel)
        and not any(
            path(target, "datasource").get("type") == "datasource" for target in panel.targets
        )
    )


def _listed(text: Any) -> set[str]:
    """The names in a filter, which is one name or several with `|` between; none for any other
    regular expression."""
    if isinstance(text, str) and _ONE_OF_A_LIST.fullmatch(text.strip("/^$")):
        return set(text.strip("/^$").split("|"))
    return set()
