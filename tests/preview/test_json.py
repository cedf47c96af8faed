"""A preview as JSON: what panels show, for other programs."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gk.preview.asking import Preview
from gk.preview.forms import FORMS
from gk.preview.kinds import KINDS
from gk.preview.model import Board, Link, Note, Placed, Section, SectionKind, Shown
from gk.prometheus.macros import TimeRange
from tests.cases import every
from tests.previews import panel, panels, series

TIME = TimeRange(1_700_000_000.0, 1_700_000_600.0)


def document(*shown: Shown, **board: Any) -> dict[str, Any]:
    """A dashboard of panels, as a program reads it."""
    placed = [Placed(content, 0, 8 * index, 12, 8) for index, content in enumerate(shown)]
    given = {"sections": [Section(panels=placed)], "time": TIME, **board}
    read = json.loads(FORMS["json"](Preview([Board("uid", "Title", **given)], ["up: too late"])))
    assert isinstance(read, dict)
    return read


def views(*shown: Shown) -> list[Any]:
    (board,) = document(*shown)["boards"]
    return [entry["view"] for entry in board["sections"][0]["panels"]]


def test_a_document_has_the_dashboards_and_what_was_not_answered() -> None:
    read = document(
        sections=[
            Section("Tab", SectionKind.TAB, sections=[Section("Row", SectionKind.ROW, True)])
        ],
        tags=["t"],
        links=[Link("Docs", "https://example.com")],
        variables=[("Node", "a, b")],
        timezone="utc",
        notes=[Note("what is wrong", is_error=True)],
    )
    nothing: dict[str, Any] = {"panels": [], "sections": []}
    row = {"title": "Row", "kind": "row", "is_folded": True, **nothing}
    assert {
        "version": 1,
        "boards": [
            {
                "uid": "uid",
                "title": "Title",
                "description": "",
                "tags": ["t"],
                "links": [{"title": "Docs", "url": "https://example.com", "new_tab": False}],
                "variables": [{"label": "Node", "value": "a, b"}],
                "time": {"start": TIME.start, "end": TIME.end},
                "timezone": "utc",
                "notes": [{"text": "what is wrong", "ref_id": "", "is_error": True}],
                "sections": [
                    {
                        "title": "Tab",
                        "kind": "tab",
                        "is_folded": False,
                        "panels": [],
                        "sections": [row],
                    }
                ],
            }
        ],
        "unanswered": ["up: too late"],
    } == read


def test_a_panel_has_its_place_and_its_notes() -> None:
    shown = Shown({"type": "stat", "id": 7, "description": "Why"}, "Up", notes=[Note("none", "A")])
    (entry,) = document(shown)["boards"][0]["sections"][0]["panels"]
    assert entry.pop("view")
    assert {
        "id": 7,
        "title": "Up",
        "type": "stat",
        "description": "Why",
        "place": {"x": 0, "y": 0, "w": 12, "h": 8},
        "links": [],
        "notes": [{"text": "none", "ref_id": "A", "is_error": False}],
        "annotations": [],
    } == entry


def test_a_view_has_what_is_shown_of_each_value() -> None:
    defaults = {"unit": "percent", "color": {"mode": "fixed", "fixedColor": "red"}}
    (view,) = views(panel("stat", series("a", 12.5), defaults=defaults))
    (cell,) = view["cells"]
    value = {"text": "12.5", "color": "red", "prefix": "", "suffix": "%", "number": 12.5}
    assert value == {key: cell["value"][key] for key in value}


def test_a_number_that_json_has_not_is_null() -> None:
    options = {"reduceOptions": {"calcs": ["last"]}}
    (view,) = views(panel("stat", series("a", math.nan), options=options))
    assert ("NaN", None) == tuple(view["cells"][0]["value"][key] for key in ("text", "number"))


@every("type", [*KINDS, "unknown"])
def test_every_type_of_panel_has_a_view(type: str) -> None:
    """The same one each time."""
    first, second = views(*[panel(type, series("a", 1.0, 2.0), series("b", 3.0))] * 2)
    assert first == second
    assert first


@given(st.sampled_from([*KINDS, "unknown"]).flatmap(lambda type: panels(type, {})))
def test_any_panel_has_a_view(shown: Shown) -> None:
    assert views(shown)
