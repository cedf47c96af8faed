"""Laws of comparing: nothing differs from itself, no change of meaning is missed, and a patch makes
the new of the old.

Documents are the dashboards of this repository and random JSON, changed at random places.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import jsonpatch
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gk.diff.compare import compare
from gk.diff.model import Change
from gk.diff.sides.side import Side
from gk.documents.differences import patch
from gk.errors import Source
from gk.resource import Kind, Resource, canonical
from tests.conftest import this_repository

Steps = tuple[str | int, ...]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inside: (
        st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=3), inside, max_size=4)
    ),
    max_leaves=15,
)
TITLES = st.sampled_from(["CPU", "Load", "Memory", ""])
PANEL = st.fixed_dictionaries(
    {"type": st.sampled_from(["timeseries", "stat", "row", "table"])},
    optional={
        "id": st.integers(1, 5),
        "title": TITLES,
        "collapsed": st.booleans(),
        "gridPos": st.fixed_dictionaries({key: st.integers(0, 24) for key in "xywh"}),
        "targets": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "refId": st.sampled_from("ABC"),
                    "expr": TITLES,
                    "legendFormat": TITLES,
                    "hide": st.booleans(),
                },
            ),
            max_size=3,
        ),
        "fieldConfig": JSON,
        "options": JSON,
        "repeat": TITLES,
    },
)
VARIABLE = st.fixed_dictionaries(
    {"name": TITLES, "type": st.sampled_from(["query", "custom"])},
    optional={"query": JSON, "current": JSON, "multi": JSON},
)
DASHBOARD = st.fixed_dictionaries(
    {"title": TITLES},
    optional={
        "panels": st.lists(PANEL, max_size=5),
        "templating": st.fixed_dictionaries({"list": st.lists(VARIABLE, max_size=3)}),
        "annotations": JSON,
        "links": JSON,
        "tags": JSON,
        "time": JSON,
        "schemaVersion": st.sampled_from([16, 36, 39, 41]),
    },
)
# Said elsewhere (the uid), or without a meaning of its own.
_NO_MEANING = frozenset({"uid", "schemaVersion", "definition"})


def dashboard(body: Any) -> Resource:
    return Resource(
        Kind.DASHBOARD, "one", "One", "", canonical(body), Source("dashboards/one.py", 1)
    )


def changes(old: Any, new: Any, **of_side: Any) -> tuple[Change, ...]:
    sides = [
        Side(name=name, resources=[dashboard(body)], **of_side)
        for name, body in (("old", old), ("new", new))
    ]
    return compare(*sides).changes


def values(value: Any, steps: Steps = ()) -> Iterator[Steps]:
    """Where in a document there are texts, numbers and truth values."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _NO_MEANING:
                yield from values(inner, (*steps, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from values(inner, (*steps, index))
    elif isinstance(value, (str, int, float)):
        yield steps


def with_another_value(body: Any, steps: Steps) -> Any:
    changed = copy.deepcopy(body)
    *way, last = steps
    inside = changed
    for step in way:
        inside = inside[step]
    old = inside[last]
    inside[last] = (
        not old if isinstance(old, bool) else f"{old} too" if isinstance(old, str) else old + 1
    )
    return changed


@given(DASHBOARD)
def test_a_dashboard_does_not_differ_from_itself(body: Any) -> None:
    # As another text of the same document, which is not taken for equal before it is looked at.
    assert not changes(body, {**body, "version": 7})


@given(DASHBOARD, DASHBOARD)
def test_every_change_has_words_and_a_patch(old: Any, new: Any) -> None:
    for change in changes(old, new):
        assert any(part.edits or part.kind for part in change.parts)
        assert change.new == jsonpatch.apply_patch(change.old, change.patch)


@given(JSON, JSON)
def test_a_patch_makes_the_new_of_the_old(old: Any, new: Any) -> None:
    assert new == jsonpatch.apply_patch({"it": old}, patch({"it": old}, {"it": new}))["it"]


@given(JSON)
def test_there_is_no_patch_for_the_same(value: Any) -> None:
    assert not patch(value, copy.deepcopy(value))


def is_row(body: Any, steps: Sequence[Any]) -> bool:
    for step in steps:
        body = body[step]
    return isinstance(body, dict) and body.get("type") == "row"


def is_shown(body: Any, legend: Sequence[Any]) -> bool:
    for step in legend:
        body = body[step]
    return isinstance(body, dict) and body.get("showLegend") is not False


@given(st.data())
def test_no_changed_value_of_a_dashboard_is_missed(data: st.DataObject) -> None:
    resource = data.draw(
        st.sampled_from(
            [resource for resource in this_repository() if resource.kind is Kind.DASHBOARD]
        )
    )
    steps = data.draw(st.sampled_from(list(values(resource.body))))
    # Grafana draws every row 24 wide and 1 high, whatever is there.
    assume(not (steps[-1] in {"x", "w", "h"} and is_row(resource.body, steps[:2])))
    # Editors write different names for the one query of a variable.
    assume(tuple(steps[-2:]) != ("query", "refId"))
    # A panel whose queries all name one data source has that, whatever it names itself.
    assume(tuple(steps[-2:]) != ("datasource", "type") or "targets" in steps)
    # Links to all dashboards with a tag have an icon of their own.
    assume(not (steps[-1] == "icon" and resource.body["links"][steps[1]]["type"] == "dashboards"))
    # A legend that is not shown looks like any other.
    assume(steps[-1] != "displayMode" or is_shown(resource.body, steps[:-1]))
    # The editor alone reads the place of a value mapping.
    assume(steps[-1] != "index" or "options" not in steps)
    (change,) = changes(resource.body, with_another_value(resource.body, steps))
    said = [edit for part in change.parts for edit in part.edits]
    assert [edit for edit in said if edit.old != edit.new], steps


@given(st.data())
def test_no_changed_value_of_other_objects_is_missed(data: st.DataObject) -> None:
    others = [
        resource
        for resource in this_repository()
        if resource.kind not in (Kind.DASHBOARD, Kind.FOLDER)
    ]
    old = data.draw(st.sampled_from(others))
    steps = data.draw(st.sampled_from(list(values(old.body))))
    new = Resource(
        old.kind,
        old.uid,
        old.title,
        old.folder,
        canonical(with_another_value(old.body, steps)),
        old.source,
    )
    (change,) = compare(
        Side(name="old", resources=[old]), Side(name="new", resources=[new])
    ).changes
    edits = [edit for part in change.parts for edit in part.edits if edit.old != edit.new]
    assert edits or any(part.kind for part in change.parts), steps


@given(st.data())
def test_a_panel_that_is_gone_is_missed(data: st.DataObject) -> None:
    resource = data.draw(
        st.sampled_from(
            [resource for resource in this_repository() if resource.kind is Kind.DASHBOARD]
        )
    )
    new = resource.body
    gone = new["panels"].pop(data.draw(st.integers(0, len(new["panels"]) - 1)))
    (change,) = changes(resource.body, new)
    removed = [part.name for part in change.parts if part.ids == (str(gone["id"]), "")]
    assert [gone["title"]] == removed


@pytest.mark.parametrize("resource", ["node", "apiserver", "cadvisor", "node-detail"])
def test_what_a_save_adds_is_no_change(resource: str) -> None:
    body = next(
        compiled.body
        for compiled in this_repository()
        if (compiled.kind, compiled.uid) == (Kind.DASHBOARD, resource)
    )
    assert not changes(body, _saved(body), saved=frozenset({"one"}))


def _saved(body: Any) -> Any:
    """A dashboard as Grafana's UI saves it (9.4: DashboardModel.ts, PanelModel.ts), after somebody
    looked around."""
    saved = copy.deepcopy(body)
    saved |= {
        "id": 12,
        "version": 3,
        "iteration": 1700000000000,
        "style": "dark",
        "fiscalYearStartMonth": 0,
        "liveNow": False,
        "weekStart": "",
        "revision": 1,
        "gnetId": None,
        "editable": True,
        "time": {"from": "now-30d", "to": "now"},
        "refresh": "5s",
        "timezone": "browser",
    }
    saved["annotations"]["list"].insert(
        0,
        {
            "builtIn": 1,
            "datasource": {"type": "grafana", "uid": "-- Grafana --"},
            "enable": True,
            "hide": True,
            "iconColor": "rgba(0, 211, 255, 1)",
            "name": "Annotations & Alerts",
            "type": "dashboard",
        },
    )
    for variable in saved["templating"]["list"]:
        variable["current"] = {"selected": True, "text": ["one", "two"], "value": ["one", "two"]}
        variable["options"] = [{"selected": True, "text": "one", "value": "one"}]
    for panel in saved["panels"]:
        panel["pluginVersion"] = "9.3.2"
        panel.setdefault("links", [])
        panel.setdefault("transparent", False)
    return saved
