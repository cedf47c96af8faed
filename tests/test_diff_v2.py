"""What is said of two dashboards of schema v2: panels as of classic ones, and the parts around
them."""

from __future__ import annotations

from typing import Any

import pytest

from gk.diff.compare import compare
from gk.diff.forms.text import text
from gk.diff.model import Diff
from gk.diff.sides.side import Side
from gk.errors import Source
from gk.resource import Kind, Resource, canonical
from tests.test_schema_v2 import board, envelope, grid, item

Json = dict[str, Any]


def tabs(*parts: Json) -> Json:
    """A layout of tabs."""
    return {"kind": "TabsLayout", "spec": {"tabs": list(parts)}}


def rows(*parts: Json) -> Json:
    """A layout of rows."""
    return {"kind": "RowsLayout", "spec": {"rows": list(parts)}}


def tab(title: str, layout: Json, **keys: Any) -> Json:
    """A tab."""
    return {"kind": "TabsLayoutTab", "spec": {"title": title, "layout": layout, **keys}}


def row(title: str, layout: Json, **keys: Any) -> Json:
    """A row."""
    return {"kind": "RowsLayoutRow", "spec": {"title": title, "layout": layout, **keys}}


def auto(*items: Json | int, **keys: Any) -> Json:
    """An automatic grid."""
    listed = [item(each) if isinstance(each, int) else each for each in items]
    return {"kind": "AutoGridLayout", "spec": {**keys, "items": listed}}


def rules(*listed: Json, visibility: str = "show", condition: str = "and") -> Json:
    """When a part is shown."""
    spec = {"visibility": visibility, "condition": condition, "items": list(listed)}
    return {"kind": "ConditionalRenderingGroup", "spec": spec}


def when(kind: str, **spec: Any) -> Json:
    """One rule."""
    return {"kind": f"ConditionalRendering{kind}", "spec": spec}


def variable(name: str, query: str = "a,b", **keys: Any) -> Json:
    """A variable with fixed values."""
    return {"kind": "CustomVariable", "spec": {"name": name, "query": query, **keys}}


def dashboard(spec: Json) -> Resource:
    """The resource of a dashboard of schema v2."""
    source = Source("dashboards/jobs.py", 1)
    return Resource(Kind.DASHBOARD, "jobs", "Jobs", "", canonical(envelope(spec)), source)


def compared(old: Json, new: Json, **of_side: Any) -> Diff:
    """The comparison of two dashboards."""
    sides = [
        Side(name=name, resources=[dashboard(spec)], **of_side)
        for name, spec in (("old", old), ("new", new))
    ]
    return compare(*sides)


def said(old: Json, new: Json) -> list[str]:
    """What the text says of the dashboard."""
    lines = text(compared(old, new)).splitlines()
    start = next((at for at, line in enumerate(lines) if line[:2] == "~ "), len(lines))
    return [line.strip() for line in lines[start + 1 : -2]]


def of_layouts(old: Json, new: Json) -> list[str]:
    """What is said of two layouts of the same panels, of which each side has those it shows."""
    return said(*(shown(board(layout)) for layout in (old, new)))


def shown(spec: Json) -> Json:
    """A dashboard without the panels that its layout does not show."""
    names = {name for name in spec["elements"] if f"'{name}'" in repr(spec["layout"])}
    return {**spec, "elements": {name: spec["elements"][name] for name in sorted(names)}}


def test_a_panel_is_compared_in_the_words_of_classic_ones() -> None:
    old, new = board(tabs(tab("One", grid(1)))), board(tabs(tab("One", grid(1))))
    panel = new["elements"]["panel-1"]["spec"]
    panel["title"] = "Other"
    panel["data"]["spec"]["queries"][0]["spec"]["query"]["spec"]["expr"] = "down"
    panel["vizConfig"]["spec"]["fieldConfig"]["defaults"]["unit"] = "ms"
    assert [
        "~ panel 'Other' in tab 'One'",
        "title: Panel 1 -> Other",
        "query A",
        "- up",
        "+ down",
        "unit: s -> ms",
    ] == said(old, new)


def test_what_only_v2_says_of_a_panel_is_said_by_its_word_or_path() -> None:
    new = board(grid(1))
    new["elements"]["panel-1"]["spec"]["subtitle"] = "of all"
    asked = new["elements"]["panel-1"]["spec"]["data"]["spec"]["queries"][0]["spec"]["query"]
    asked["labels"] = {"a": "b"}
    assert [
        "~ panel 'Panel 1'",
        'data.spec.queries: [{"spec": {"query": {"labels": {"a": "b"}}}}]',
        "subtitle: of all",
    ] == said(board(grid(1)), new)


CHIEF = ["visualization: timeseries", "query A: up", "unit: s"]
ONE, TWO = tab("One", grid(1)), tab("Two", grid(2))
API = when("Variable", variable="job", operator="equals", value="api")


@pytest.mark.parametrize(
    ("expected", "old", "new"),
    [
        pytest.param(["+ tab 'Two'", "+ panel 'Panel 2' in tab 'Two'", *CHIEF],
                     tabs(ONE), tabs(ONE, TWO), id="added"),
        pytest.param(["- tab 'Two'", "- panel 'Panel 2' in tab 'Two'", *CHIEF],
                     tabs(ONE, TWO), tabs(ONE), id="removed"),
        pytest.param(["~ tab 'Both'", "title: Two -> Both"],
                     tabs(ONE, TWO), tabs(ONE, tab("Both", grid(2))), id="renamed"),
        pytest.param(["~ tab 'Two'", "moved: place 2 -> place 1"],
                     tabs(ONE, TWO), tabs(TWO, ONE), id="moved"),
        pytest.param(["~ panel 'Panel 1' in tab 'Two'", "moved: tab 'One' -> tab 'Two'"],
                     tabs(ONE, TWO), tabs(tab("One", grid()), tab("Two", grid(2, 1))),
                     id="panel-in-another-tab"),
        pytest.param(["~ row 'One'", "collapsed: false -> true"],
                     rows(row("One", grid(1))), rows(row("One", grid(1), collapse=True)),
                     id="collapsed"),
        pytest.param(["~ row 'One'", "repeated: no -> for each value of $job"],
                     rows(row("One", grid(1))),
                     rows(row("One", grid(1), repeat={"mode": "variable", "value": "job"})),
                     id="repeated"),
        pytest.param(["~ row 'R' in tab 'Two'", "moved: tab 'One' -> tab 'Two'"],
                     tabs(tab("One", rows(row("R", grid(1)))), tab("Two", rows())),
                     tabs(tab("One", rows()), tab("Two", rows(row("R", grid(1))))),
                     id="row-in-another-tab"),
        pytest.param(["layout: rows -> tabs"],
                     rows(row("One", grid(1))), tabs(tab("One", grid(1))), id="rows-to-tabs"),
    ],
)  # fmt: skip
def test_parts(expected: list[str], old: Json, new: Json) -> None:
    assert expected == of_layouts(old, new)
