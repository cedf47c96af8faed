"""Laws of comparing dashboards of schema v2: no change of any field is missed, and nothing differs
from itself or by what Grafana adds.

The dashboards have every field of the schema (apps/dashboard/kinds/v2/dashboard_spec.cue).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonpatch
from hypothesis import assume, given
from hypothesis import strategies as st

from gk.diff.forms.html import html
from gk.diff.model import Change, Diff, Mark
from gk.documents.schema_v2 import adapted
from tests.diff.test_laws import JSON, Steps, with_another_value
from tests.diff.test_v2 import auto, compared, row, rows, rules, tab, tabs, when
from tests.documents.test_schema_v2 import grid, item

Json = dict[str, Any]

NAMES = st.sampled_from(["job", "node", "a b"])
WORDS = st.sampled_from(["one", "two", "three"])


def some(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """An object with some of the keys."""
    return st.fixed_dictionaries({}, optional=keys)


def of_kind(kind: str, spec: st.SearchStrategy[Any], **beside: Any) -> st.SearchStrategy[Json]:
    """A part of a dashboard."""
    keys = {key: st.just(value) for key, value in beside.items()}
    return st.fixed_dictionaries({"kind": st.just(kind), **keys, "spec": spec})


def with_needed(
    needed: dict[str, st.SearchStrategy[Any]], **keys: st.SearchStrategy[Any]
) -> st.SearchStrategy[Json]:
    """An object with all of the first keys and some of the others."""
    return st.fixed_dictionaries(needed, optional=keys)


def query(spec: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """A query of a data source."""
    return with_needed(
        {"kind": st.just("DataQuery"), "group": st.sampled_from(["prometheus", "loki"])},
        version=st.sampled_from(["v0", "v1"]),
        datasource=st.builds(lambda name: {"name": name}, WORDS),
        labels=st.builds(lambda name: {"a": name}, WORDS),
        spec=spec,
    )


# Panels

LINKS = st.lists(with_needed({"title": WORDS, "url": WORDS}, targetBlank=st.just(True)), max_size=2)
TRANSFORMATION = st.fixed_dictionaries(
    {
        "kind": st.just("Transformation"),
        "group": WORDS,
        "spec": with_needed(
            {"options": some(a=WORDS)},
            disabled=st.just(True),
            filter=st.builds(lambda name: {"id": "byName", "options": name}, WORDS),
            topic=WORDS,
        ),
    }
)
QUERY_OPTIONS = some(
    timeFrom=WORDS,
    timeTo=WORDS,
    maxDataPoints=st.integers(1, 9),
    timeShift=WORDS,
    interval=WORDS,
    cacheTimeout=WORDS,
    queryCachingTTL=st.integers(1, 9),
    hideTimeOverride=st.just(True),
    timeCompare=WORDS,
)
STEP = with_needed({"color": WORDS, "value": st.integers(1, 9)}, valueExpr=st.just("$limit"))
FIELD_CONFIG = st.fixed_dictionaries(
    {
        "defaults": some(
            unit=WORDS,
            min=st.integers(1, 9),
            noValue=WORDS,
            color=some(mode=st.just("gradient"), gradientColorTo=WORDS),
            thresholds=st.builds(
                lambda steps: {"mode": "absolute", "steps": [{"color": "red"}, *steps]},
                st.lists(STEP, min_size=1, max_size=2),
            ),
            actions=st.lists(some(title=WORDS), min_size=1, max_size=1),
            custom=some(lineWidth=st.integers(2, 9)),
        ),
        "overrides": st.lists(
            with_needed(
                {
                    "matcher": with_needed({"id": WORDS, "options": WORDS}, scope=WORDS),
                    "properties": st.lists(
                        st.fixed_dictionaries({"id": WORDS, "value": WORDS}), max_size=1
                    ),
                },
                __systemRef=WORDS,
            ),
            max_size=1,
        ),
    }
)


def panel(number: int) -> st.SearchStrategy[Json]:
    """A panel or a library panel."""
    named = {"id": st.just(number), "title": WORDS}
    data = of_kind(
        "QueryGroup",
        st.fixed_dictionaries(
            {
                "queries": st.lists(
                    of_kind(
                        "PanelQuery",
                        with_needed(
                            {"refId": st.just("A"), "query": query(some(expr=WORDS, b=WORDS))},
                            hidden=st.just(True),
                        ),
                    ),
                    max_size=1,
                ),
                "transformations": st.lists(TRANSFORMATION, max_size=2),
                "queryOptions": QUERY_OPTIONS,
            }
        ),
    )
    shown = of_kind(
        "VizConfig",
        st.fixed_dictionaries({"options": some(a=WORDS, b=WORDS), "fieldConfig": FIELD_CONFIG}),
        group="timeseries",
        version="12.4.0",
    )
    own = with_needed(
        {**named, "data": data, "vizConfig": shown},
        description=WORDS,
        subtitle=WORDS,
        links=LINKS,
        transparent=st.just(True),
    )
    library = st.fixed_dictionaries({"name": WORDS, "uid": WORDS})
    of_library = st.fixed_dictionaries({**named, "libraryPanel": library})
    return st.one_of(of_kind("Panel", own), of_kind("LibraryPanel", of_library))


# Variables, annotations, links, settings

CURRENT = st.builds(lambda value: {"text": value, "value": value}, WORDS)
OPTIONS = st.lists(CURRENT, max_size=2)
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "label": WORDS,
    "description": WORDS,
    "hide": st.sampled_from(["hideLabel", "hideVariable", "inControlsMenu"]),
    "skipUrlSync": st.just(True),
    "current": CURRENT,
}
CHOICE: dict[str, st.SearchStrategy[Any]] = {
    **COMMON,
    "options": OPTIONS,
    "multi": st.just(True),
    "includeAll": st.just(True),
    "allValue": WORDS,
    "allowCustomValue": st.just(False),
}
REFRESH = st.sampled_from(["never", "onDashboardLoad", "onTimeRangeChanged"])
FILTERS = st.lists(
    st.fixed_dictionaries({"key": WORDS, "operator": st.just("="), "value": WORDS}), max_size=1
)
KINDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "QueryVariable": {
        **CHOICE,
        "query": query(some(expr=WORDS, __legacyStringValue=WORDS)),
        "refresh": REFRESH,
        "regex": WORDS,
        "regexApplyTo": WORDS,
        "sort": st.sampled_from(["alphabeticalAsc", "naturalDesc"]),
        "placeholder": WORDS,
        "staticOptions": OPTIONS,
        "staticOptionsOrder": WORDS,
    },
    "TextVariable": {**COMMON, "query": WORDS},
    "ConstantVariable": {**COMMON, "query": WORDS},
    "DatasourceVariable": {**CHOICE, "pluginId": WORDS, "refresh": REFRESH, "regex": WORDS},
    "IntervalVariable": {
        **COMMON,
        # Its options are those of its query, and so are those of texts and constants.
        "query": WORDS,
        "auto_min": WORDS,
        "auto_count": st.integers(1, 9),
    },
    "CustomVariable": {**CHOICE, "query": WORDS, "valuesFormat": WORDS},
    "GroupByVariable": {**COMMON, "options": OPTIONS, "defaultValue": CURRENT},
    "AdhocVariable": {
        **{key: value for key, value in COMMON.items() if key != "current"},
        "baseFilters": FILTERS,
        "filters": FILTERS,
        "defaultKeys": OPTIONS,
        "allowCustomValue": st.just(False),
    },
    "SwitchVariable": {
        **COMMON,
        "current": st.sampled_from(["on", "off"]),
        "enabledValue": st.just("on"),
        "disabledValue": st.just("off"),
    },
}
NEEDED: Mapping[str, Json] = {
    # Without it, nothing reads the other two.
    "IntervalVariable": {"auto": st.just(True)},
}
VARIABLES = st.one_of(
    [
        of_kind(
            kind,
            with_needed({"name": NAMES, **NEEDED.get(kind, {})}, **keys),
            **(
                {"group": "prometheus", "datasource": {"name": "prometheus"}}
                if kind in ("GroupByVariable", "AdhocVariable")
                else {}
            ),
        )
        for kind, keys in KINDS.items()
    ]
)
ANNOTATION = of_kind(
    "AnnotationQuery",
    with_needed(
        {"name": NAMES, "query": query(some(expr=WORDS))},
        enable=st.booleans(),
        hide=st.booleans(),
        iconColor=WORDS,
        builtIn=st.just(True),
        filter=st.builds(lambda id: {"exclude": True, "ids": [id]}, st.integers(1, 9)),
        placement=st.just("inControlsMenu"),
        mappings=some(time=some(source=WORDS)),
        legacyOptions=some(a=WORDS),
    ),
)
LINK = with_needed(
    {"title": NAMES, "type": st.sampled_from(["link", "dashboards"])},
    url=WORDS,
    icon=WORDS,
    tooltip=WORDS,
    tags=st.lists(WORDS, max_size=1),
    asDropdown=st.just(True),
    targetBlank=st.just(True),
    includeVars=st.just(True),
    keepTime=st.just(True),
    placement=st.just("inControlsMenu"),
    origin=some(type=WORDS),
)
TIMES = some(
    **{"from": WORDS, "to": WORDS},
    autoRefresh=WORDS,
    autoRefreshIntervals=st.lists(WORDS, min_size=1, max_size=1),
    timezone=WORDS,
    hideTimepicker=st.just(True),
    fiscalYearStartMonth=st.integers(1, 11),
    weekStart=WORDS,
    nowDelay=WORDS,
    quickRanges=st.lists(some(display=WORDS, **{"from": WORDS}), min_size=1, max_size=1),
)
SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "description": WORDS,
    "cursorSync": st.sampled_from(["Off", "Crosshair", "Tooltip"]),
    "editable": st.booleans(),
    "liveNow": st.booleans(),
    "preload": st.booleans(),
    "tags": st.lists(WORDS, max_size=2, unique=True),
    "timeSettings": TIMES,
    "preferences": st.fixed_dictionaries({"layout": some(a=WORDS)}),
    "variables": st.lists(VARIABLES, max_size=2),
    "annotations": st.lists(ANNOTATION, max_size=1),
    "links": st.lists(LINK, max_size=1),
}

# Layouts

RULE = st.one_of(
    st.builds(
        lambda name, operator, value: when(
            "Variable", variable=name, operator=operator, value=value
        ),
        NAMES,
        st.sampled_from(["equals", "notEquals", "matches", "notMatches"]),
        WORDS,
    ),
    st.builds(lambda value: when("Data", value=value), st.booleans()),
    st.builds(lambda value: when("TimeRangeSize", value=value), st.sampled_from(["6h", "7d"])),
)
RULES = st.builds(
    lambda listed, visibility, condition: rules(
        *listed, visibility=visibility, condition=condition
    ),
    st.lists(RULE, min_size=1, max_size=2),
    st.sampled_from(["show", "hide"]),
    st.sampled_from(["and", "or"]),
)
REPEAT = with_needed({"mode": st.just("variable"), "value": NAMES})
OF_PARTS = some(
    repeat=REPEAT, conditionalRendering=RULES, variables=st.lists(VARIABLES, min_size=1, max_size=1)
)
OF_ROWS = some(collapse=st.just(True), hideHeader=st.just(True), fillScreen=st.just(True))
OF_GRIDS = some(
    repeat=with_needed(
        {"mode": st.just("variable"), "value": NAMES},
        direction=st.sampled_from(["h", "v"]),
        maxPerRow=st.integers(2, 6),
    )
)
OF_AUTOMATIC = some(repeat=REPEAT, conditionalRendering=RULES)
SIZES = some(
    maxColumnCount=st.integers(1, 6),
    columnWidthMode=st.sampled_from(["narrow", "wide", "custom"]),
    columnWidth=st.integers(100, 400),
    rowHeightMode=st.sampled_from(["short", "tall", "custom"]),
    rowHeight=st.integers(100, 400),
    fillScreen=st.just(True),
)


@st.composite
def layouts(draw: st.DrawFn, numbers: list[int], depth: int = 2) -> Json:
    """A layout of these panels."""
    kind = draw(st.sampled_from(["grid", "auto", *(["rows", "tabs"] if depth else [])]))
    if kind == "grid":
        layout = grid(*numbers)
        for entry in layout["spec"]["items"]:
            entry |= {"kind": "GridLayoutItem"}
            entry["spec"] |= draw(OF_GRIDS)
        return layout
    if kind == "auto":
        listed = [item(number, **draw(OF_AUTOMATIC)) for number in numbers]
        return auto(*({**entry, "kind": "AutoGridLayoutItem"} for entry in listed), **draw(SIZES))
    cut = draw(st.integers(0, len(numbers)))
    groups = [group for group in (numbers[:cut], numbers[cut:]) if group] or [[]]
    make, within = (row, rows) if kind == "rows" else (tab, tabs)
    parts = []
    for group in groups:
        inner = draw(layouts(group, depth - 1))
        keys = draw(OF_PARTS) | (draw(OF_ROWS) if kind == "rows" else {})
        parts.append(make(draw(WORDS), inner, **keys))
    return within(*parts)


@st.composite
def boards(draw: st.DrawFn) -> Json:
    """A dashboard with any of the fields of schema v2."""
    numbers = list(range(1, draw(st.integers(0, 3)) + 1))
    return {
        **draw(st.fixed_dictionaries({"title": WORDS}, optional=SETTINGS)),
        "elements": {f"panel-{number}": draw(panel(number)) for number in numbers},
        "layout": draw(layouts(numbers)),
    }


def changes(old: Json, new: Json) -> tuple[Change, ...]:
    """The changes between two dashboards."""
    return compared(old, new).changes


def told(change: Change) -> list[Any]:
    """What is said of a change: edits with two values, and parts that came or went."""
    edits = [edit for part in change.parts for edit in part.edits if edit.old != edit.new]
    return [*edits, *(part for part in change.parts if part.mark is not Mark.CHANGED)]


# Its version follows from Grafana's; the rest of a query is copied there.
_NO_MEANING = frozenset({"version", "definition", "revision"})


def values(value: Any, steps: Steps = ()) -> Iterator[Steps]:
    """Where in a dashboard there are texts, numbers and truth values."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _NO_MEANING or (key, steps[-1:]) == ("version", ("query",)):
                yield from values(inner, (*steps, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from values(inner, (*steps, index))
    elif isinstance(value, (str, int, float)):
        yield steps


def at(value: Any, steps: Steps) -> Any:
    """The value at a path."""
    for step in steps:
        value = value[step]
    return value


def is_read(body: Json, steps: Steps) -> bool:
    """Whether Grafana reads a value: links to all dashboards with a tag have an icon of their own,
    and the time of a panel is hidden where it has one."""
    beside: Mapping[str, object] = at(body, steps[:-1])
    if steps[-1] == "icon":
        return beside.get("type") != "dashboards"
    return steps[-1] != "hideTimeOverride" or not beside.keys().isdisjoint(
        ("timeFrom", "timeShift")
    )


@given(boards())
def test_a_dashboard_does_not_differ_from_itself(body: Json) -> None:
    """Also not if its keys are in another order, as Grafana stores them."""
    other = json.loads(json.dumps({**body, "revision": 7}, sort_keys=True))
    assert () == changes(body, other)


@given(boards())
def test_the_versions_of_the_schema_do_not_differ(body: Json) -> None:
    assert () == changes(body, adapted(body, "v2beta1"))


@given(boards(), boards())
def test_every_change_has_words_and_a_patch(old: Json, new: Json) -> None:
    for change in changes(old, new):
        assert told(change)
        assert change.new == jsonpatch.apply_patch(change.old, change.patch)


@given(st.data())
def test_no_changed_value_is_missed(data: st.DataObject) -> None:
    """And a changed text is in what is said; an override with another matcher is another one."""
    body = data.draw(boards())
    steps = data.draw(st.sampled_from(list(values(body))))
    assume("transformations" not in steps or steps[-1] != "kind")
    assume(is_read(body, steps))
    (change,) = changes(body, with_another_value(body, steps))
    assert told(change), steps
    if isinstance(at(body, steps), str) and "matcher" not in steps:
        assert " too" in repr(change.parts), steps


@given(st.data())
def test_no_added_or_removed_field_is_missed(data: st.DataObject) -> None:
    body = data.draw(boards())
    steps = data.draw(st.sampled_from(list(values(body))))
    assume(
        at(body, steps) != _USUAL.get(str(steps[-1]), False) and steps[-1] not in ("kind", "group")
    )
    assume(is_read(body, steps))
    beside = at(body, steps[:-1])
    # A value without a text has its own.
    assume(steps[-1] != "text" or beside["text"] != beside.get("value"))
    new = copy.deepcopy(body)
    at(new, steps[:-1]).pop(steps[-1])
    (change,) = changes(*data.draw(st.sampled_from([(body, new), (new, body)])))
    assert told(change), steps


_USUAL = {
    "cursorSync": "Off",
    "direction": "h",
    "maxColumnCount": 3,
    "mode": "absolute",
    "editable": True,
    "refId": "A",
    "version": "v0",
}
"""What Grafana takes for a field that is not there; false for others."""


@given(st.data())
def test_no_added_or_removed_part_is_missed(data: st.DataObject) -> None:
    """A variable, a panel of the layout, a tab, a rule, ..."""
    body = data.draw(boards())
    listed = sorted({steps[:-1] for way in values(body) for steps in _inside_lists(way)}, key=str)
    assume(listed)
    steps = data.draw(st.sampled_from(listed))
    new = copy.deepcopy(body)
    at(new, steps).pop()
    (change,) = changes(*data.draw(st.sampled_from([(body, new), (new, body)])))
    assert told(change), steps


def _inside_lists(steps: Steps) -> Iterator[Steps]:
    return (steps[: end + 1] for end, step in enumerate(steps) if isinstance(step, int))


@given(st.data())
def test_a_malformed_dashboard_is_compared_nevertheless(data: st.DataObject) -> None:
    """By path where it has no form for comparing."""
    body = data.draw(boards())
    way = data.draw(st.sampled_from(list(values(body))))
    steps = way[: data.draw(st.integers(1, len(way)))]
    new = copy.deepcopy(body)
    at(new, steps[:-1])[steps[-1]] = data.draw(JSON)
    classic_ = {"title": "Classic", "panels": []}
    for change in (*changes(body, new), *changes(new, classic_), *changes(new, new | {"a": 1})):
        assert told(change)
        html(Diff(old="", new="", changes=(change,)))
