"""Any dashboard, from any source, has one form in which it is compared."""

from __future__ import annotations

from typing import Any

import pytest
from grafanalib import core
from hypothesis import given
from hypothesis import strategies as st

import gk
from gk import Dashboard, Row
from gk.errors import DefinitionError
from gk.resource import canonical
from tests.definitions import (
    LOKI,
    NODE,
    PROMETHEUS,
    REF,
    Json,
    busy,
    dashboard,
    dashboards,
    up,
)
from tests.exporting import lib

Target = core.Target

WORDS = st.sampled_from(["", "a", "up", "A", "prometheus", "null"])
UNITS = st.sampled_from(["", "s", "percentunit", "none"])
REFS = st.sampled_from(
    [
        "Prometheus",
        "prometheus",
        "default",
        "-- Mixed --",
        "-- Grafana --",
        REF,
        {"type": "loki"},
        None,
    ]
)


def some(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """An object with some of the keys."""
    return st.fixed_dictionaries({}, optional=keys)


TARGETS = some(
    expr=WORDS,
    refId=WORDS,
    datasource=REFS,
    legendFormat=WORDS,
    hide=st.booleans(),
    query=WORDS,
    step=st.integers(-9, 99),
)
GRID = some(x=st.integers(0, 24), y=st.integers(0, 50), w=st.integers(1, 24), h=st.integers(1, 20))
STEPS = st.lists(some(color=WORDS, value=st.integers(-9, 99)), max_size=2)
FIELD = some(
    unit=UNITS,
    min=st.integers(-9, 99),
    custom=some(drawStyle=WORDS, stacking=some(mode=WORDS), displayMode=WORDS),
    thresholds=some(mode=WORDS, steps=STEPS),
    mappings=st.lists(
        some(type=WORDS, options=some(a=some(text=WORDS)), value=WORDS, text=WORDS), max_size=2
    ),
    links=st.lists(some(title=WORDS, url=WORDS, targetBlank=st.booleans()), max_size=2),
    color=some(mode=WORDS),
)
CONFIG = some(
    defaults=FIELD,
    overrides=st.lists(
        some(
            matcher=some(id=WORDS, options=WORDS),
            properties=st.lists(some(id=WORDS, value=WORDS), max_size=2),
        ),
        max_size=2,
    ),
)
OPTIONS = some(
    legend=some(displayMode=WORDS, showLegend=st.booleans()),
    yAxis=some(unit=UNITS),
    reduceOptions=some(calcs=st.lists(WORDS, max_size=2)),
    fieldOptions=some(defaults=FIELD, thresholds=STEPS, calcs=st.lists(WORDS, max_size=2)),
    tooltip=some(mode=WORDS),
)
TYPES = st.sampled_from([
    "timeseries", "stat", "gauge", "bargauge", "table", "heatmap", "state-timeline", "piechart",
    "text", "logs", "graph", "singlestat", "alertlist", "dashlist",
])  # fmt: skip
PANEL = {
    "type": TYPES,
    "title": WORDS,
    "id": st.integers(-1, 5),
    "gridPos": GRID,
    "datasource": REFS,
    "targets": st.lists(TARGETS, max_size=3),
    "fieldConfig": CONFIG,
    "options": OPTIONS,
    "links": st.lists(some(title=WORDS, url=WORDS), max_size=2),
    "transformations": st.lists(some(id=WORDS, options=some(a=WORDS)), max_size=2),
    "description": WORDS,
    "span": st.integers(1, 12),
}
ROW = some(
    type=st.just("row"),
    title=WORDS,
    collapsed=st.booleans(),
    panels=st.lists(some(**PANEL), max_size=2),
    gridPos=GRID,
)
VARIABLES = some(
    name=WORDS,
    type=st.sampled_from(
        ["query", "custom", "datasource", "interval", "constant", "textbox", "adhoc"]
    ),
    query=st.one_of(WORDS, some(query=WORDS, refId=WORDS)),
    datasource=REFS,
    multi=st.booleans(),
    includeAll=st.booleans(),
    current=some(text=WORDS, value=st.one_of(WORDS, st.lists(WORDS, max_size=2))),
    refresh=st.integers(0, 2),
    hide=st.integers(0, 2),
)
BODIES = st.builds(
    lambda title, body: {"title": title, **body},
    st.sampled_from(["T", "Title", "Ü"]),
    some(
        schemaVersion=st.sampled_from([0, 12, 14, 16, 30, 36, 41, 42]),
        panels=st.lists(st.one_of(some(**PANEL), ROW), max_size=4),
        rows=st.lists(
            some(
                title=WORDS,
                showTitle=st.booleans(),
                collapse=st.booleans(),
                panels=st.lists(some(**PANEL), max_size=2),
            ),
            max_size=2,
        ),
        templating=some(list=st.lists(VARIABLES, max_size=3)),
        annotations=some(
            list=st.lists(
                some(name=WORDS, expr=WORDS, datasource=REFS, builtIn=st.integers(0, 1)), max_size=2
            )
        ),
        links=st.lists(some(title=WORDS, type=WORDS, url=WORDS), max_size=2),
        tags=st.lists(WORDS, max_size=2),
        time=some(to=WORDS),
        refresh=WORDS,
        timepicker=some(time_options=st.lists(WORDS, max_size=1)),
        graphTooltip=st.integers(0, 2),
        __inputs=st.lists(
            some(name=WORDS, type=st.just("datasource"), pluginId=st.just("loki")), max_size=1
        ),
    ),
)


def panels_of(body: Json) -> list[Json]:
    return [
        shown for panel in body.get("panels", ()) for shown in (panel, *panel.get("panels", ()))
    ]


@given(BODIES)
def test_any_dashboard_compiles_to_its_canonical_form(body: Json) -> None:
    """A dashboard of the right shape, whatever is in it, compiles to what compiles to itself, with
    ids of its own."""
    (compiled,) = dashboards(PROMETHEUS, LOKI, body)
    ids = [panel["id"] for panel in panels_of(compiled)]
    assert len(ids) == len(set(ids))
    assert canonical(compiled) == canonical(dashboard(PROMETHEUS, LOKI, body))
    assert canonical(compiled) == canonical(dashboard(PROMETHEUS, LOKI, compiled))


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 30),
        st.floats(0, 9),
        st.sampled_from(["", "x", "$x", "\ud800"]),
    ),
    lambda inside: st.one_of(
        st.lists(inside, max_size=2), st.dictionaries(WORDS, inside, max_size=2)
    ),
    max_leaves=4,
)


@st.composite
def spoilt(draw: st.DrawFn) -> Json:
    """A dashboard of the right shape in all but one place."""
    body = draw(BODIES)
    where: Any = body
    while True:
        key = draw(st.sampled_from(sorted(where) if isinstance(where, dict) else range(len(where))))
        if not where[key] or not isinstance(where[key], (dict, list)) or draw(st.booleans()):
            where[key] = draw(VALUES)
            return body
        where[key] = inside = where[key].copy()
        where = inside


@given(spoilt())
def test_a_dashboard_with_a_mistake_compiles_or_is_refused(body: Json) -> None:
    """Whatever stands where something else belongs, it is told or left alone, and is no reason to
    fail."""
    try:
        (compiled,) = dashboards(PROMETHEUS, LOKI, body)
    except DefinitionError:
        return
    assert canonical(compiled) == canonical(dashboard(PROMETHEUS, LOKI, compiled))


def strict(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """Some of a constructor's arguments."""
    return st.fixed_dictionaries({}, optional=keys)


QUERIES = st.sampled_from([busy, up, "up", "rate(x[5m])"])
COMMON = strict(
    unit=st.sampled_from(["", "s", "percentunit", "bytes"]),
    description=st.sampled_from(["", "What"]),
    thresholds=st.sampled_from([{}, {1: "red"}, {None: "blue", 2: "red"}]),
    color=st.sampled_from(["thresholds", "red"]),
    mappings=st.sampled_from([{}, {1: "Up", 0: ("Down", "red")}]),
    min=st.integers(0, 1),
    width=st.integers(1, 24),
    height=st.integers(1, 12),
    key=st.sampled_from(["", "k"]),
    grid=st.sampled_from([(0, 0, 12, 8), (12, 30, 12, 8)]),
    repeat=st.just("node"),
    links=st.just([gk.link("L", "/")]),
    data_links=st.just([gk.link("L", "/", new_tab=True)]),
    overrides=st.just([gk.override(name="a", properties={"unit": "s"})]),
    transparent=st.booleans(),
    interval=st.sampled_from(["", "1m"]),
)
MAKERS = [
    gk.timeseries,
    gk.stat,
    gk.gauge,
    gk.bar_gauge,
    gk.table,
    gk.heatmap,
    gk.state_timeline,
    gk.pie_chart,
]
PANELS = st.one_of(
    st.builds(
        lambda make, title, queries, common: make(title, *queries, **common),
        st.sampled_from(MAKERS),
        st.sampled_from("abc"),
        st.lists(QUERIES, min_size=1, max_size=3),
        COMMON,
    ),
    st.builds(gk.text, st.sampled_from("abc"), st.just("# Hello")),
)
ROWS = st.builds(Row, st.sampled_from("abc"), st.lists(PANELS, max_size=3), collapsed=st.booleans())
NODES = gk.custom_variable("node", ["a", "b"])
DEFINITIONS = st.builds(
    lambda panels, rows, more: Dashboard(
        "D", panels=panels, rows=rows, **{"variables": [NODES], **more}
    ),
    st.lists(PANELS, max_size=4),
    st.lists(ROWS, max_size=3),
    strict(
        exporter=st.just(NODE),
        tags=st.lists(st.sampled_from("ab"), max_size=2),
        tooltip=st.sampled_from(["default", "crosshair"]),
        annotations=st.just([gk.annotation("A", up)]),
        links=st.just([gk.dashboard_link("L", dashboard="x")]),
        variables=st.just(
            [
                NODES,
                gk.query_variable("q", "label_values(up, job)", multi=True, include_all=True),
                gk.custom_variable("c", ["a", "b"]),
                gk.interval_variable("i"),
                gk.textbox_variable("t"),
                gk.constant_variable("k", "v"),
                gk.adhoc_variable("f"),
            ]
        ),
    ),
)


@given(DEFINITIONS)
def test_the_form_is_canonical(definition: Dashboard) -> None:
    """A compiled dashboard, given back as JSON, compiles to itself; compiling twice gives the
    same."""
    compiled = dashboard(definition)
    assert canonical(compiled) == canonical(dashboard(definition))
    assert canonical(compiled) == canonical(dashboard(compiled))


@pytest.mark.parametrize(
    "definition",
    [
        lib(
            core.TimeSeries(title="P", targets=[Target(expr=busy)]),
            core.Heatmap(title="H", targets=[Target(expr="up")]),
            core.Table(title="T", targets=[Target(expr="up")]),
        )
    ],
)
def test_the_form_of_grafanalib_is_canonical(definition: core.Dashboard) -> None:
    """So it is with what grafanalib made."""
    compiled = dashboard(definition)
    assert canonical(compiled) == canonical(dashboard(compiled))
