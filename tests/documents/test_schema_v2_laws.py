"""Classic dashboards in schema v2, and back."""

from __future__ import annotations

import copy
import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.documents.dashboards import normalized, with_inner
from gk.documents.schema_v2 import BEYOND, adapted, classic, in_parts, written
from gk.documents.targets import number

Json = dict[str, Any]

BUILT = sorted(
    (Path(__file__).parent.parent.parent / "provisioning/grafana/dashboards").glob("*/*.json")
)
VERSIONS = ("v2beta1", "v2")


def form(body: Json) -> Json:
    """The normalized form, in the order of positions; v2 has no ids of rows."""
    plain = normalized(copy.deepcopy(body))
    plain.pop("uid", None)
    plain["panels"] = in_order(plain["panels"])
    for panel in plain["panels"]:
        if panel.get("type") == "row":
            panel.pop("id", None)
            panel["panels"] = in_order(panel.get("panels", []))
    return plain


def in_order(panels: list[Json]) -> list[Json]:
    """Panels as they are read."""
    return sorted(panels, key=lambda panel: (panel["gridPos"]["y"], panel["gridPos"]["x"]))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("file", BUILT, ids=lambda file: str(file.stem))
def test_a_dashboard_of_this_repository_comes_back_from_v2(file: Path, version: str) -> None:
    body = json.loads(file.read_bytes())
    there = written(copy.deepcopy(body), version)
    back = classic(there.spec)
    assert ([], [], form(body)) == (there.lost, back.lost, form(back.body))


# Any dashboard

TEXTS = st.sampled_from(["a", "CPU", "$node", "x y"])
REFS = st.sampled_from(
    [
        {"type": "prometheus", "uid": "prometheus"},
        {"type": "prometheus", "uid": "${datasource}"},
        {"type": "loki", "uid": "loki"},
    ]
)


def some(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """An object with some of the keys."""
    return st.fixed_dictionaries({}, optional=keys)


TARGETS = st.builds(
    lambda needed, more: {**needed, **more},
    st.fixed_dictionaries({"datasource": REFS, "expr": TEXTS}),
    some(legendFormat=TEXTS, hide=st.just(True), instant=st.just(True), format=st.just("table")),
)
OPTIONS = some(legend=some(calcs=st.lists(TEXTS, max_size=2)), textMode=TEXTS)
CONFIG = st.builds(
    lambda unit, steps, custom: {
        "defaults": {
            "unit": unit,
            "custom": custom,
            "thresholds": {"mode": "absolute", "steps": [{"color": "red", "value": None}, *steps]},
        },
        "overrides": [
            {
                "matcher": {"id": "byName", "options": unit},
                "properties": [{"id": "unit", "value": unit}],
            }
        ],
    },
    TEXTS,
    st.lists(st.builds(lambda value: {"color": "blue", "value": value}, st.integers(0, 9))),
    some(lineWidth=st.integers(2, 9), axisLabel=TEXTS),
)
LINKS = st.lists(st.fixed_dictionaries({"title": TEXTS, "url": TEXTS}), max_size=2)
PANELS = st.builds(
    lambda needed, more: {**needed, **more},
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["timeseries", "stat", "table", "graph", "acme-map-panel"]),
            "title": TEXTS,
            "targets": st.lists(TARGETS, min_size=1, max_size=3),
        }
    ),
    some(
        description=TEXTS,
        options=OPTIONS,
        fieldConfig=CONFIG,
        links=LINKS,
        repeat=TEXTS,
        transparent=st.just(True),
        interval=st.just("1m"),
        maxDataPoints=st.integers(1, 999),
        timeFrom=st.just("1h"),
        timeShift=st.just("1d"),
        hideTimeOverride=st.just(True),
        cacheTimeout=st.just("60"),
        transformations=st.lists(
            st.fixed_dictionaries({"id": TEXTS, "options": some(a=TEXTS)}), max_size=2
        ),
    ),
)
LIBRARY = st.builds(
    lambda title, uid: {"title": title, "libraryPanel": {"name": title, "uid": uid}}, TEXTS, TEXTS
)
ROWS = some(title=TEXTS, collapsed=st.just(True), repeat=TEXTS)
VALUES = st.sampled_from(["a", ["a", "b"], "$__all"])
CURRENT = st.builds(lambda value: {"text": value, "value": value}, VALUES)
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "label": TEXTS,
    "description": TEXTS,
    "hide": st.integers(0, 3),
    "skipUrlSync": st.booleans(),
}
CHOICE: dict[str, st.SearchStrategy[Any]] = {
    **COMMON,
    "current": CURRENT,
    "multi": st.booleans(),
    "includeAll": st.booleans(),
    "allValue": TEXTS,
    "options": st.lists(st.fixed_dictionaries({"text": TEXTS, "value": TEXTS}), max_size=2),
}


def variable(
    type_: str, needed: dict[str, Any], **keys: st.SearchStrategy[Any]
) -> st.SearchStrategy[Json]:
    """A variable of a type, with the keys that Grafana always writes for it."""
    return st.builds(
        lambda own, more: {"type": type_, **own, **more},
        st.fixed_dictionaries({"name": TEXTS, **needed}),
        some(**keys),
    )


QUERIES = st.sampled_from(["up", {"query": "up", "refId": "A"}, {"expr": "up", "kind": "x"}])
VARIABLES = st.one_of(
    variable(
        "query",
        {"datasource": REFS, "query": QUERIES, "refresh": st.integers(0, 2)},
        **CHOICE,
        regex=TEXTS,
        sort=st.integers(0, 8),
        definition=TEXTS,
    ),
    variable("custom", {"query": TEXTS}, **CHOICE),
    variable(
        "datasource",
        {"query": st.just("prometheus"), "refresh": st.integers(0, 2)},
        **CHOICE,
        regex=TEXTS,
    ),
    variable(
        "interval",
        {"query": st.just("1m,5m"), "refresh": st.just(2)},
        **COMMON,
        current=CURRENT,
        auto=st.just(True),
        auto_count=st.integers(1, 9),
        auto_min=st.just("10s"),
    ),
    variable("textbox", {"query": TEXTS}, **COMMON, current=CURRENT),
    variable("adhoc", {"datasource": REFS, "filters": st.just([])}, **COMMON),
    variable(
        "switch",
        {
            "query": st.just(""),
            "current": st.just({"text": "on", "value": "on"}),
            "options": st.just(
                [
                    {"text": "on", "value": "on", "selected": True},
                    {"text": "off", "value": "off", "selected": False},
                ]
            ),
        },
        **COMMON,
    ),
)
ANNOTATIONS = st.builds(
    # Grafana's own annotation has this type.
    lambda needed, more: {**needed, **more, **({"type": "dashboard"} if "builtIn" in more else {})},
    st.fixed_dictionaries(
        {"name": TEXTS, "datasource": REFS, "enable": st.booleans(), "iconColor": TEXTS}
    ),
    some(
        expr=TEXTS,
        step=st.just("60s"),
        hide=st.booleans(),
        target=st.just({"expr": "up", "refId": "A"}),
        filter=st.just({"exclude": False, "ids": [1]}),
        builtIn=st.just(1),
    ),
)
BOARD_LINKS = st.fixed_dictionaries(
    {
        "title": TEXTS,
        "type": st.sampled_from(["link", "dashboards"]),
        "icon": TEXTS,
        "includeVars": st.booleans(),
        "keepTime": st.booleans(),
    },
    optional={"url": TEXTS, "tags": st.lists(TEXTS), "asDropdown": st.booleans()},
)


@st.composite
def boards(draw: st.DrawFn) -> Json:
    """A dashboard in gk's form: rows below each other without gaps, and panels with ids."""
    panels: list[Json] = []
    top = 0

    def grid() -> list[Json]:
        nonlocal top
        drawn = draw(st.lists(st.one_of(PANELS, LIBRARY), max_size=3))
        for index, panel in enumerate(drawn):
            panel["gridPos"] = {"x": 0, "y": top + 3 * index, "w": 12, "h": 3}
            number(panel.get("targets", []))
        top += 3 * len(drawn)
        return drawn

    panels += grid()
    for row in draw(st.lists(ROWS, max_size=3)):
        place = {"x": 0, "y": top, "w": 24, "h": 1}
        collapsed = row.get("collapsed", False)
        top += 1
        below, inside = top, grid()
        kept = {"title": "", "collapsed": False, **row, "type": "row", "gridPos": place}
        panels.append({**kept, "panels": inside if collapsed else []})
        if collapsed:
            top = below
        else:
            panels += inside
    for index, panel in enumerate(with_inner(panels)):
        panel["id"] = index + 1
    own = draw(
        some(
            description=TEXTS,
            tags=st.lists(TEXTS),
            refresh=st.just("1m"),
            timezone=st.sampled_from(["utc", "browser"]),
            graphTooltip=st.integers(0, 2),
            weekStart=st.just("monday"),
            editable=st.just(False),
            timepicker=st.just({"hidden": True, "nowDelay": "1m", "refresh_intervals": ["1m"]}),
        )
    )
    return {
        "title": "Law",
        "schemaVersion": 42,
        "time": {"from": "now-1h", "to": "now"},
        "panels": panels,
        "templating": {"list": draw(st.lists(VARIABLES, max_size=4))},
        "annotations": {"list": draw(st.lists(ANNOTATIONS, max_size=2))},
        "links": draw(st.lists(BOARD_LINKS, max_size=2)),
        **own,
    }


@given(boards(), st.sampled_from(VERSIONS))
def test_any_dashboard_comes_back_from_v2(body: Json, version: str) -> None:
    back = classic(written(copy.deepcopy(body), version).spec)
    assert ([], form(body)) == (back.lost, form(back.body))


@given(boards(), st.sampled_from(VERSIONS))
def test_what_gk_writes_in_v2_says_no_more_than_its_classic_view(body: Json, version: str) -> None:
    """So two of them are compared in the same words as classic ones."""
    form = in_parts(written(normalized(copy.deepcopy(body)), version).spec)
    listed = (form["panels"], form["templating"]["list"], form["annotations"]["list"])
    assert [] == [part for part in (form, *chain(*listed)) if BEYOND in part]


@given(boards())
def test_v2beta1_and_v2_become_each_other(body: Json) -> None:
    beta, stable = (written(copy.deepcopy(body), version).spec for version in VERSIONS)
    assert (stable, beta) == (adapted(beta, "v2"), adapted(stable, "v2beta1"))
