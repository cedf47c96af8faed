"""Dashboards of schema v2 (Grafana 12.4 and later: elements and a layout), and classic ones.

`reading` makes a classic dashboard of one of v2, and `writing` the opposite, with the tables of
`words`. `layouts` computes where a classic dashboard shows the panels of a layout; `comparison` is
the form in which two dashboards of v2 are compared. The shapes are those of v2beta1 and v2;
v2alpha1, which never left its feature toggle, names the types elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gk.documents.parts import dicts, path, without_nulls
from gk.documents.schema_v2.comparison import (
    BEYOND,
    LISTED,
    OF_AUTOMATIC_GRIDS,
    OF_ROWS,
    every_part,
    in_parts,
    inside,
    is_in_parts,
)
from gk.documents.schema_v2.layouts import placed, ruling_variables
from gk.documents.schema_v2.reading import Classic, classic
from gk.documents.schema_v2.writing import Written, adapted, with_part_variables, written
from gk.documents.shapes import Json

__all__ = [
    "API_GROUP",
    "BEYOND",
    "LISTED",
    "OF_AUTOMATIC_GRIDS",
    "OF_ROWS",
    "Classic",
    "Written",
    "adapted",
    "as_classic",
    "classic",
    "comparable",
    "enveloped",
    "every_part",
    "in_parts",
    "inside",
    "is_enveloped",
    "is_in_parts",
    "is_v2",
    "placed",
    "ruling_variables",
    "spec_of",
    "uid_of",
    "version_of",
    "with_part_variables",
    "written",
]

API_GROUP = "dashboard.grafana.app"


def is_v2(spec: Mapping[str, Any]) -> bool:
    """Whether this is a dashboard of schema v2, out of its envelope."""
    return {"elements", "layout"} <= spec.keys()


def is_enveloped(body: Any) -> bool:
    """Whether this is a dashboard of schema v2 in its envelope, as Grafana's API and files have
    it."""
    return (
        isinstance(body, dict)
        and str(body.get("apiVersion")).startswith(f"{API_GROUP}/v2")
        and is_v2(path(body, "spec"))
    )


def enveloped(spec: Json, uid: str, version: str) -> Json:
    """A dashboard of schema v2 as Grafana loads it.

    Only the name is given: a namespace is Grafana's own, and 12.4 refuses the annotation of a
    folder other than the provider's.
    """
    return {
        "apiVersion": f"{API_GROUP}/{version}",
        "kind": "Dashboard",
        "metadata": {"name": uid},
        "spec": spec,
    }


def spec_of(body: Any) -> Any:
    """A dashboard out of the envelope of schema v2; any other body as it is."""
    return body["spec"] if is_enveloped(body) else body


def version_of(body: Any) -> str:
    """The version of schema v2 that a body is in, such as `v2beta1`; empty for any other body."""
    return str(body["apiVersion"]).rpartition("/")[2] if is_enveloped(body) else ""


def comparable(spec: Json) -> Json:
    """A dashboard of v2beta1 or v2, out of its envelope, without what Grafana adds to it when it
    stores it (12.4.0)."""
    plain: Json = without_nulls(adapted(spec, "v2"))
    links = [
        {key: value for key, value in link.items() if value not in (False, "", [])}
        for link in dicts(plain, "links")
    ]
    return {**plain, **({"links": links} if links else {})}


def uid_of(body: Any) -> str:
    """The uid of a dashboard in any form; empty if it does not say."""
    owner, key = (path(body, "metadata"), "name") if is_enveloped(body) else (body, "uid")
    return str(owner.get(key) or "")


def as_classic(body: Any) -> Any:
    """The classic view of a dashboard in any form, for everything that reads panels and variables.

    A malformed one stays as it is, so that whoever reads it shows what is there.
    """
    spec = spec_of(body)
    if not isinstance(spec, dict) or not is_v2(spec):
        return body
    try:
        view = classic(spec).body
    except ValueError:
        return body
    return {**view, "uid": uid_of(body)} if uid_of(body) else view
