"""What a dashboard of schema v2 has that a classic one cannot have, in words: where it is compared
with a classic one, only the rest shows by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gk.diff.model import Spot
from gk.diff.parts.fields import Json, as_mapping
from gk.diff.parts.placed import Placed, outermost, placed
from gk.documents.schema_v2 import BEYOND, in_parts
from gk.forms.plurals import counted

__all__ = ["CLASSIC", "ONLY_IN_V2", "WITH", "beyond_classic"]

ONLY_IN_V2 = "only in schema v2"
"""The key of these words in a classic view."""
CLASSIC, WITH = "classic", "v2, with"
"""How the edit of a dashboard's schema calls the sides."""
_MOST = 5


def beyond_classic(spec: dict[str, Any]) -> list[str]:
    """What is lost in the classic view of a dashboard of schema v2, such as `tab 'A'`, `1 automatic
    grid`, `rules of tab 'A'`. Empty if that is nothing."""
    try:
        body = in_parts(spec)
    except ValueError:
        return ["malformed parts"]
    panels = placed(body)
    parts = [panel for panel in panels if panel.is_part]
    owners = (outermost(body), *(part.body for part in parts))
    layouts = [as_mapping(owner.get("layout")).get("kind") for owner in owners]
    automatic = layouts.count("AutoGridLayout")
    called = {part.pointer: _called(part) for part in parts}
    return [
        *_few(map(_called, (part for part in parts if part.kind == "tab"))),
        *_few(map(_called, (part for part in parts if part.kind == "row" and part.way))),
        *([counted(automatic, "automatic grid")] if automatic else []),
        *_few(
            f"rules of {_called(panel)}"
            for panel in panels
            if "conditionalRendering" in (panel.body if panel.is_part else panel.item)
        ),
        *_few(
            f"variable ${variable.get('name')} of {called[variable['part']]}"
            for variable in body["templating"]["list"]
            if "part" in variable
        ),
        *_few(f"fields of {owner}" for owner in _with_fields(body)),
    ]


def _few(texts: Iterable[str]) -> list[str]:
    listed = list(texts)
    more = [f"{len(listed) - _MOST} more"] if len(listed) > _MOST else []
    return [*listed[:_MOST], *more]


def _called(panel: Placed) -> str:
    return f"{panel.kind} '{panel.title}'"


def _with_fields(body: Json) -> Iterator[str]:
    """The owners of fields that only schema v2 has."""
    for kind, key, listed in (
        ("panel", "title", body["panels"]),
        ("variable", "name", body["templating"]["list"]),
        ("annotation", "name", body["annotations"]["list"]),
    ):
        yield from (str(Spot(kind, entry.get(key, ""))) for entry in listed if BEYOND in entry)
    if BEYOND in body:
        yield "the dashboard"
