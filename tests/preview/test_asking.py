"""What gk preview shows of dashboards: which panels, where, and what they ask."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gk.check.live.asking import Asker, Limits
from gk.errors import Source
from gk.preview.asking import Wanted, preview
from gk.preview.asking.grid import Box, compacted, flowing, pixels_wide
from gk.preview.asking.repeats import MOST_COPIES
from gk.preview.model import DRAWN, Board, Placed, Section, Shown
from gk.preview.page import html
from gk.prometheus import Prometheus
from gk.resource import Kind, Resource, canonical
from gk.settings.targets import Version
from tests.compile.test_foreign_laws import BODIES
from tests.definitions import Json
from tests.diff.test_v2_laws import boards
from tests.fake_prometheus import FakePrometheus, failure, serving, success, vector

NOW = 1_700_000_000.0
REF = {"type": "prometheus", "uid": "prometheus"}
LOKI = {"type": "loki", "uid": "loki"}
EXPRESSION = {"type": "__expr__", "uid": "__expr__"}
LETTERS = ["a", "b", "c", "d", "e"]


@pytest.fixture
def server() -> Iterator[FakePrometheus]:
    """A Prometheus whose label `job` has five values."""
    with serving() as state:
        state.replies["/api/v1/label/job/values"] = success(LETTERS)
        yield state


def resource(body: Json, kind: Kind = Kind.DASHBOARD, uid: str = "") -> Resource:
    """A resource with a body."""
    name = uid or str(body.get("uid") or "board")
    return Resource(kind, name, str(body.get("title") or name), "", canonical(body), Source(""))


def board_of(server: FakePrometheus, body: Json, *others: Resource, **wanted: Any) -> Board:
    """The dashboard as it is shown."""
    shown = resource(body)
    with Prometheus(server.url) as prometheus:
        asker = Asker(prometheus, Limits(workers=2), NOW, keeps_data=True)
        made = preview([shown], [shown, *others], asker, Wanted(**wanted))
    (board,) = made.boards
    return board


def panel(title: str = "P", x: int = 0, y: int = 0, w: int = 12, h: int = 8, **keys: Any) -> Json:
    """A panel that asks `up`."""
    return {
        "type": "timeseries",
        "title": title,
        "datasource": REF,
        "targets": [{"refId": "A", "expr": "up"}],
        "gridPos": {"x": x, "y": y, "w": w, "h": h},
        **keys,
    }


def row(title: str, y: int, *inside: Json, **keys: Any) -> Json:
    """A row, which is folded if there are panels in it."""
    place = {"x": 0, "y": y, "w": 24, "h": 1}
    return {
        "type": "row", "title": title, "gridPos": place, "collapsed": bool(inside),
        "panels": list(inside), **keys,
    }  # fmt: skip


def variable(name: str = "job", **keys: Any) -> Json:
    """A variable with the values of a label, of which all are chosen."""
    return {
        "type": "query", "name": name, "query": f"label_values({name})", "datasource": REF,
        "multi": True, "includeAll": True, "current": {"text": "All", "value": "$__all"}, **keys,
    }  # fmt: skip


def custom(name: str, value: str) -> Json:
    """A variable with one value."""
    options = [{"text": value, "value": value}]
    return {"type": "custom", "name": name, "current": options[0], "options": options}


def dashboard(*panels: Json, variables: Sequence[Json] = (), **keys: Any) -> Json:
    """A classic dashboard of today's schema."""
    return {
        "uid": "board", "title": "Board", "schemaVersion": 42, "panels": list(panels),
        "templating": {"list": list(variables)}, **keys,
    }  # fmt: skip


def places(section: Section) -> list[tuple[str, int, int, int, int]]:
    """Titles and places of a section's panels."""
    return [
        (placed.panel.title, placed.x, placed.y, placed.w, placed.h) for placed in section.panels
    ]


def every(sections: Sequence[Section]) -> Iterator[Placed]:
    """All panels."""
    for section in sections:
        yield from section.panels
        yield from every(section.sections)


def only(board: Board) -> Shown:
    """The only panel."""
    (placed,) = every(board.sections)
    return placed.panel


# Rows, and where panels are


def test_panels_are_in_the_row_above_them(server: FakePrometheus) -> None:
    """Those before the first row are outside, and a folded row has its panels itself."""
    body = dashboard(
        panel("first"),
        row("open", 8),
        panel("second", y=9),
        row("folded", 17, panel("third", y=18)),
        panel("fourth", y=40),
    )

    sections = [
        (
            section.kind.value,
            section.title,
            section.is_folded,
            [name for name, *_ in places(section)],
        )
        for section in board_of(server, body).sections
    ]

    assert [
        ("plain", "", False, ["first"]),
        ("row", "open", False, ["second"]),
        ("row", "folded", True, ["third"]),
        ("plain", "", False, ["fourth"]),
    ] == sections


def test_panels_are_as_far_up_as_they_can_be(server: FakePrometheus) -> None:
    """As Grafana draws them: an export may have gaps."""
    body = dashboard(panel("a", y=3), panel("b", x=12, y=9), panel("c", y=30, w=24))

    (section,) = board_of(server, body).sections

    assert [("a", 0, 0, 12, 8), ("b", 12, 0, 12, 8), ("c", 0, 8, 24, 8)] == places(section)


@given(
    st.lists(
        st.tuples(st.integers(0, 23), st.integers(0, 30), st.integers(1, 24), st.integers(1, 9)),
        max_size=12,
    )
)
def test_no_panel_is_on_another(given_: list[tuple[int, int, int, int]]) -> None:
    """Whatever places a document has."""
    boxes = [Box(n, min(x, 24 - w), y, w, h) for n, (x, y, w, h) in enumerate(given_)]

    taken = [
        (column, line)
        for box in compacted(boxes)
        for column in range(box.x, box.x + box.w)
        for line in range(box.y, box.y + box.h)
    ]

    assert len(set(taken)) == len(taken)


def test_columns_of_an_automatic_grid_fill_it() -> None:
    """Whatever their number."""
    boxes = flowing([(number, 3) for number in range(7)], 5)

    assert [(0, 0, 4), (4, 0, 5), (9, 0, 5), (14, 0, 5), (19, 0, 5), (0, 3, 4), (4, 3, 5)] == [
        (box.x, box.y, box.w) for box in boxes
    ]


@pytest.mark.parametrize(("columns", "pixels"), [(24, 1568), (12, 780), (6, 386), (1, 58)])
def test_the_pixels_of_columns(columns: int, pixels: int) -> None:
    """Of a screen of 1600, with gaps of 8."""
    assert pixels == pixels_wide(columns)


# Repeats


def test_a_panel_is_repeated_beside_itself(server: FakePrometheus) -> None:
    """Over the whole width, with so many in a row as it says, and what is below moves down."""
    body = dashboard(
        panel("$job", w=6, h=4, repeat="job", repeatDirection="h", maxPerRow=3),
        panel("below", y=4),
        variables=[variable()],
    )

    (section,) = board_of(server, body).sections

    assert [
        ("a", 0, 0, 8, 4), ("b", 8, 0, 8, 4), ("c", 16, 0, 8, 4), ("d", 0, 4, 8, 4),
        ("e", 8, 4, 8, 4), ("below", 0, 8, 12, 8),
    ] == places(section)  # fmt: skip


def test_a_panel_is_repeated_below_itself(server: FakePrometheus) -> None:
    """With its own width."""
    body = dashboard(
        panel("$job", x=6, w=6, h=4, repeat="job", repeatDirection="v"),
        variables=[variable(current={"value": ["b", "d"]})],
    )

    (section,) = board_of(server, body).sections

    assert [("b", 6, 0, 6, 4), ("d", 6, 4, 6, 4)] == places(section)


def test_a_copy_asks_for_its_value(server: FakePrometheus) -> None:
    """And all other panels for all values."""
    of_job = [{"refId": "A", "expr": 'up{job=~"$job"}'}]
    body = dashboard(
        panel(repeat="job", targets=of_job),
        panel(y=9, targets=of_job),
        variables=[variable(current={"value": ["a", "b"]})],
    )

    board_of(server, body)

    asked = {query for query in server.asked if query.startswith("up")}
    assert {'up{job=~"a"}', 'up{job=~"b"}', 'up{job=~"(a|b)"}'} == asked


def test_a_row_is_repeated_with_its_panels(server: FakePrometheus) -> None:
    """Its title and theirs have its value."""
    body = dashboard(
        row("Job $job", 0, repeat="job"),
        panel("of $job", y=1),
        variables=[variable(current={"value": ["a", "b"]})],
    )

    rows = [(section.title, places(section)[0][0]) for section in board_of(server, body).sections]

    assert [("Job a", "of a"), ("Job b", "of b")] == rows


def test_a_panel_in_a_repeated_row_is_not_repeated_for_the_same_variable(
    server: FakePrometheus,
) -> None:
    """There it has one value."""
    body = dashboard(
        row("$job", 0, repeat="job"), panel("$job", y=1, repeat="job"), variables=[variable()]
    )

    assert 5 == len(list(every(board_of(server, body).sections)))


def test_a_repeat_has_an_end(server: FakePrometheus) -> None:
    """And the dashboard says so."""
    server.replies["/api/v1/label/job/values"] = success([f"{n:03}" for n in range(99)])
    body = dashboard(panel("P", repeat="job"), variables=[variable()])

    board = board_of(server, body)

    assert MOST_COPIES == len(list(every(board.sections)))
    assert ["'P' is repeated for 99 values of $job, of which 20 are shown"] == [
        note.text for note in board.notes
    ]


def test_a_repeat_of_nothing_is_shown_once(server: FakePrometheus) -> None:
    """As it is."""
    server.replies["/api/v1/label/job/values"] = success([])
    body = dashboard(panel("P", x=3, w=5, repeat="job"), variables=[variable()])

    (section,) = board_of(server, body).sections

    assert [("P", 3, 0, 5, 8)] == places(section)


# Variables


def test_values_can_be_chosen(server: FakePrometheus) -> None:
    """Several, by commas where a variable may have several."""
    of_job = [{"refId": "A", "expr": 'up{job=~"$job"}'}]
    body = dashboard(panel(targets=of_job), variables=[variable()])

    board = board_of(server, body, chosen={"job": ["a,b", "c"]})

    assert [("job", "a, b, c")] == board.variables
    assert 'up{job=~"(a|b|c)"}' in server.asked


@pytest.mark.parametrize(("given", "asked"), [("North", "1"), ("1", "1"), ("2", "2")])
def test_a_value_can_be_chosen_by_the_text_that_readers_see(
    server: FakePrometheus, given: str, asked: str
) -> None:
    """As in the address of a dashboard; a value counts before a text."""
    zones = [("North", "1"), ("1", "2"), ("2", "3")]
    server.replies["zones"] = success(
        vector(*(({"name": name, "number": number}, "1") for name, number in zones))
    )
    picked = '/name="(?<text>[^"]+)",number="(?<value>[^"]+)/'
    zone = variable("zone", query="query_result(zones)", regex=picked)
    body = dashboard(panel(targets=[{"refId": "A", "expr": 'up{zone="$zone"}'}]), variables=[zone])

    board_of(server, body, chosen={"zone": given})

    assert f'up{{zone="{asked}"}}' in server.asked


def test_all_can_be_chosen_by_its_name(server: FakePrometheus) -> None:
    """As it is called on a dashboard."""
    body = dashboard(panel(), variables=[variable(current={"value": "a"})])

    assert [("job", "All")] == board_of(server, body, chosen={"job": "All"}).variables


@pytest.mark.parametrize("current", [{}, {"value": "gone"}, {"value": []}])
def test_all_is_the_first_choice_where_it_is_one(server: FakePrometheus, current: Json) -> None:
    """Of a variable that was saved without a value, or with one that is gone."""
    body = dashboard(panel(), variables=[variable(current=current)])

    assert [("job", "All")] == board_of(server, body).variables


def test_a_hostile_regular_expression_ends(server: FakePrometheus) -> None:
    """It would need years, and stop all other threads meanwhile: then all values are there."""
    server.replies["/api/v1/label/job/values"] = success(["a" * 60 + "b"])
    body = dashboard(panel(), variables=[variable(regex="/(?:a|aa)+$/")])

    assert [("job", "All")] == board_of(server, body).variables


HOSTILE = "/(?:a|aa)+$/"


def test_a_dashboard_of_hostile_regular_expressions_is_drawn_within_a_second(
    server: FakePrometheus,
) -> None:
    """Each would need years. What nothing matches is not done, and the panel says so."""
    names = [f"{'a' * 60}b{index}" for index in range(50)]
    server.replies["/api/v1/label/job/values"] = success(names)
    server.replies["/api/v1/query_range"] = success(
        {
            "resultType": "matrix",
            "result": [{"metric": {"job": name}, "values": [[0, "1"]]} for name in names],
        }
    )
    pattern = f"{HOSTILE}g"
    by_name = {"id": "byRegexp", "options": f"{HOSTILE}i"}
    mapping = {"type": "regex", "options": {"pattern": f"{HOSTILE}s", "result": {"text": "x"}}}
    rename = {"id": "renameByRegex", "options": {"regex": pattern, "renamePattern": "x"}}
    hostile = panel(
        transformations=[rename],
        targets=[{"refId": "A", "expr": "up", "legendFormat": "{{job}}" + 9_999 * "{{ "}],
        fieldConfig={
            "defaults": {"mappings": [mapping]},
            "overrides": [{"matcher": by_name, "properties": [{"id": "unit", "value": "s"}]}],
        },
    )
    body = dashboard(hostile, variables=[variable(regex=HOSTILE)])

    started = time.process_time()
    board = board_of(server, body)
    html([board])

    assert time.process_time() - started < 1
    assert [
        "not drawn: the transformation renameByRegex",
        f"not applied: the override of fields that match {HOSTILE}i, which takes too long",
    ] == [note.text for note in only(board).notes]


@pytest.mark.parametrize(
    ("text", "value"), [("/(?:c|cc)+$/", "c" * 60 + "b"), ("/(?:d|dd)+$/", "b")]
)
def test_a_mapping_that_takes_too_long_for_a_value_is_said(
    server: FakePrometheus, text: str, value: str
) -> None:
    server.replies["up"] = success(vector(({"job": value}, "1")))
    mapping = {"type": "regex", "options": {"pattern": text, "result": {"text": "x"}}}
    targets = [{"refId": "A", "expr": "up", "instant": True, "format": "table"}]
    config = {"defaults": {"mappings": [mapping]}}
    shown = only(
        board_of(server, dashboard(panel(type="table", targets=targets, fieldConfig=config)))
    )
    said = f"not applied: the mapping of values that match {text}, which takes too long"
    assert [said] * (value != "b") == [note.text for note in shown.notes]


def test_a_value_that_is_not_there_is_asked_for(server: FakePrometheus) -> None:
    """Whoever names it wants to see that."""
    of_job = [{"refId": "A", "expr": 'up{job="$job"}'}]
    body = dashboard(panel(targets=of_job), variables=[variable(multi=False, includeAll=False)])

    board_of(server, body, chosen={"job": ["x,y"]})

    assert 'up{job="x,y"}' in server.asked


def test_readers_see_the_texts_of_values(server: FakePrometheus) -> None:
    """In titles, too."""
    custom = {
        "type": "custom", "name": "zone", "current": {"value": "1"},
        "options": [{"text": "North", "value": "1"}],
    }  # fmt: skip
    body = dashboard(panel("of $zone"), variables=[custom])

    board = board_of(server, body)

    assert ("of North", [("zone", "North")]) == (only(board).title, board.variables)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("$job", "{a,b}"),
        ("${job:csv}", "a,b"),
        ("${job:pipe}", "a|b"),
        ("${job:queryparam}", "var-job=a&var-job=b"),
        ("${job:singlequote}", "'a','b'"),
        ("${job:json}", '["a", "b"]'),
        ("[[job:regex]]", "(a|b)"),
        ("${__from} ${__to:date:iso}", "1699978400000 2023-11-14T22:13:20.000Z"),
        ("${__from:date:YYYY-MM}", "2023-11"),
        ("${__to:date:D MMM H:mm}", "14 Nov 22:13"),
        ("${__dashboard.uid} ${__dashboard}", "board Board"),
        ("${__url_time_range}", "from=1699978400000&to=1700000000000"),
        ("${__all_variables}", "var-job=a&var-job=b"),
        ("cost in $USD, ${nobody}", "cost in $USD, ${nobody}"),
    ],
)
def test_variables_in_texts(server: FakePrometheus, text: str, shown: str) -> None:
    """In the format that a text names."""
    body = dashboard(panel(), variables=[variable(current={"value": ["a", "b"]})])

    assert shown == only(board_of(server, body)).interpolate(text)


def test_values_in_a_text_panel_are_no_html(server: FakePrometheus) -> None:
    """They are data."""
    text = {"type": "text", "title": "T", "options": {"content": "$job"}}
    body = dashboard(text, variables=[variable()])

    board = board_of(server, body, chosen={"job": ["<b>"]})

    assert "&lt;b&gt;" == only(board).interpolate("$job")


# Queries


def test_a_query_is_asked_over_the_range_with_the_step_of_its_width(
    server: FakePrometheus,
) -> None:
    """A narrow panel has fewer points."""
    body = dashboard(panel(w=6), time={"from": "now-6h", "to": "now"})

    board_of(server, body)

    (request,) = [
        request for request in server.given if request.get("query") == "up" and "step" in request
    ]
    assert ("60.000", "1699978380.000", "1699999980.000") == (
        request["step"], request["start"], request["end"],
    )  # fmt: skip


def test_a_query_may_be_instant_and_over_a_range(server: FakePrometheus) -> None:
    """Then it is asked twice."""
    both = [{"refId": "A", "expr": "up", "instant": True, "range": True}]
    body = dashboard(panel(targets=both))

    board_of(server, body)

    assert 2 == server.asked.count("up")


def test_equal_queries_are_asked_once(server: FakePrometheus) -> None:
    """Of all panels."""
    board_of(server, dashboard(panel("a"), panel("b", x=12), panel("c", y=8)))

    assert 1 == server.asked.count("up")


@pytest.mark.parametrize(("version", "window"), [(Version(10, 2), "90s"), (DRAWN, "60s")])
def test_a_query_is_asked_as_the_version_asks_it(
    server: FakePrometheus, version: Version, window: str
) -> None:
    """The rate interval of a query with a factor of the interval."""
    counted = {"refId": "A", "expr": "rate(a[$__rate_interval])", "intervalFactor": 5}

    board_of(server, dashboard(panel(targets=[counted])), start="now-15m", version=version)

    assert f"rate(a[{window}])" in server.asked


def test_a_range_can_be_chosen(server: FakePrometheus) -> None:
    """In place of the dashboard's."""
    board = board_of(server, dashboard(panel()), start="now-30m", end="now-10m")

    assert (NOW - 1800, NOW - 600) == (board.time.start, board.time.end)


def test_a_panel_may_have_a_range_of_its_own(server: FakePrometheus) -> None:
    """Before the dashboard's, or shorter."""
    board = board_of(server, dashboard(panel(timeFrom="1h", timeShift="1d")))

    assert (NOW - 86400 - 3600, NOW - 86400) == (only(board).time.start, only(board).time.end)


@pytest.mark.parametrize(
    ("target", "note"),
    [
        (
            {"datasource": {"type": "loki", "uid": "l"}},
            "not asked: its data source is of the type loki",
        ),
        (
            {"datasource": {"type": "__expr__", "uid": "__expr__"}, "type": "sql"},
            "not calculated: sql",
        ),
    ],
)
def test_what_is_not_asked_is_said(server: FakePrometheus, target: Json, note: str) -> None:
    """With the letter of the query."""
    body = dashboard(panel(targets=[{"refId": "B", "expr": "x", **target}]))

    assert [(note, "B")] == [
        (shown.text, shown.ref_id) for shown in only(board_of(server, body)).notes
    ]
    assert "x" not in server.asked


def test_hidden_queries_are_not_asked(server: FakePrometheus) -> None:
    """Grafana does not ask them, either."""
    hidden = [{"refId": "A", "expr": "hidden", "hide": True}, {"refId": "B", "expr": "up"}]

    board_of(server, dashboard(panel(targets=hidden)))

    assert "hidden" not in server.asked


def test_a_panel_may_show_the_results_of_another(server: FakePrometheus) -> None:
    """Whatever these are."""
    other = {"uid": "-- Dashboard --", "type": "datasource"}
    body = dashboard(
        panel("first", id=7),
        panel("second", x=12, datasource=other, targets=[{"refId": "A", "panelId": 7}]),
    )

    first, second = every(board_of(server, body).sections)

    assert 1 == len(second.panel.frames)
    assert [field.values for field in first.panel.frames[0].fields] == [
        field.values for field in second.panel.frames[0].fields
    ]


def test_only_some_panels_may_be_wanted(server: FakePrometheus) -> None:
    """The others ask nothing."""
    body = dashboard(panel("a"), panel("b", targets=[{"refId": "A", "expr": "unwanted"}]))

    board = board_of(server, body, shows=lambda candidate: candidate.get("title") == "a")

    assert "a" == only(board).title
    assert "unwanted" not in server.asked


# Lines of a Loki

LINES = {
    "resultType": "streams",
    "result": [{"stream": {"app": "a"}, "values": [["1700000000123000000", "GET /"]]}],
}


def logs(expr: str, **keys: Any) -> Json:
    """A panel of lines."""
    return panel(type="logs", datasource=LOKI, targets=[{"refId": "A", "expr": expr, **keys}])


def test_a_loki_is_asked_for_lines(server: FakePrometheus) -> None:
    """If there is one; the newest come first, and a query says how many."""
    server.replies['{app="a"}'] = success(LINES)
    body = dashboard(logs('{app="$app"}', maxLines=7), variables=[custom("app", "a")])

    with Prometheus(server.url, noun="Loki") as loki:
        (frame,) = only(board_of(server, body, loki=loki)).frames

    assert [[1_700_000_000_123], ["GET /"]] == [field.values for field in frame.fields]
    assert {"app": "a"} == frame.fields[1].labels
    (request,) = [request for request in server.given if request.get("query") == '{app="a"}']
    assert ("7", "backward", "1700000000000000000") == (
        request["limit"], request["direction"], request["end"],
    )  # fmt: skip


def test_a_loki_may_count_lines(server: FakePrometheus) -> None:
    """Then its answer is drawn as Prometheus's."""
    series = {"metric": {"app": "a"}, "values": [[NOW - 60, "1"], [NOW, "2"]]}
    server.replies["rate([60s])"] = success({"resultType": "matrix", "result": [series]})
    body = dashboard(panel(datasource=LOKI, targets=[{"refId": "A", "expr": "rate([$__range])"}]))

    with Prometheus(server.url, noun="Loki") as loki:
        shown = only(board_of(server, body, loki=loki, start="now-1m"))

    assert [[1.0, 2.0]] == [list(frame.fields[1].values) for frame in shown.frames]


def test_a_loki_says_in_plain_text_what_is_wrong(server: FakePrometheus) -> None:
    """In the panel."""
    server.replies["{"] = (400, {"Content-Type": "text/plain"}, b"parse error at line 1")

    with Prometheus(server.url, noun="Loki") as loki:
        (note,) = only(board_of(server, dashboard(logs("{")), loki=loki)).notes

    assert ("parse error at line 1", True) == (note.text, note.is_error)


# Why there is nothing


def test_an_empty_answer_says_why(server: FakePrometheus) -> None:
    """As gk check --live does."""
    server.replies["up"] = success(vector())

    (note,) = only(board_of(server, dashboard(panel()))).notes

    assert ("A", False) == (note.ref_id, note.is_error)
    assert "up" in note.text


def test_a_refused_query_says_what_the_server_says(server: FakePrometheus) -> None:
    """As an error."""
    server.replies["up"] = failure(422, "execution", "too many samples")

    (note,) = only(board_of(server, dashboard(panel()))).notes

    assert ("too many samples", "A", True) == (note.text, note.ref_id, note.is_error)


@pytest.mark.parametrize(
    ("sort", "regex", "expected"),
    [
        (0, "", ["+Inf", "1", "A1", "b10", "b2"]),
        (1, "", ["+Inf", "1", "A1", "b10", "b2"]),
        (2, "", ["b2", "b10", "A1", "1", "+Inf"]),
        (3, "", ["+Inf", "1", "A1", "b2", "b10"]),
        (5, "", ["+Inf", "1", "A1", "b10", "b2"]),
        (7, "", ["+Inf", "1", "A1", "b2", "b10"]),
        (8, "", ["b10", "b2", "A1", "1", "+Inf"]),
        (1, "/(?<value>.(?<text>.+))/", ["A1", "b10", "b2", "+Inf"]),
        ("2", "", ["+Inf", "1", "A1", "b10", "b2"]),
    ],
)
def test_the_values_of_a_variable_have_the_order_of_their_texts(
    server: FakePrometheus, sort: object, regex: str, expected: list[str]
) -> None:
    """As Grafana 12.4.0 ordered them; the first is what a dashboard opens with."""
    server.replies["/api/v1/label/job/values"] = success(["b10", "b2", "+Inf", "A1", "1"])
    body = dashboard(panel("${job:csv}"), variables=[variable(sort=sort, regex=regex)])
    assert ",".join(expected) == only(board_of(server, body)).title


def test_a_variable_without_values_is_blamed(server: FakePrometheus) -> None:
    """By the panels that it leaves empty."""
    server.replies["/api/v1/label/job/values"] = success([])
    server.replies['up{job="$job"}'] = success(vector())
    server.replies["group by (job) (a)"] = success(vector())
    body = dashboard(
        panel(targets=[{"refId": "A", "expr": 'a{job=~"$job"}'}]),
        variables=[variable(query="label_values(a, job)", includeAll=False, multi=False)],
    )
    server.replies['a{job=~""}'] = success(vector())
    server.replies["a"] = success(vector())

    (note,) = only(board_of(server, body)).notes

    assert note.text.startswith("the variable $job has no values: ")


def test_ad_hoc_filters_are_not_applied_and_a_note_says_so(server: FakePrometheus) -> None:
    """Without any, there is nothing to say."""
    filters = [{"key": "job", "operator": "=~", "value": "a|b"}, {"key": "x"}, "malformed"]
    given: list[dict[str, Any]] = [
        {"type": "adhoc", "name": "Filters", "filters": filters},
        {"type": "adhoc", "name": "Others"},
    ]

    shown = board_of(server, dashboard(panel(), variables=given))

    assert "up" in server.asked
    assert ["the filters of $Filters are not applied: job=~a|b, x"] == [
        note.text for note in shown.notes
    ]
    assert [] == list(shown.variables)


# What is around panels


def test_links_have_the_range_and_the_variables(server: FakePrometheus) -> None:
    """If they say so; one that lists dashboards is a link to each with its tags."""
    links = [
        {"type": "link", "title": "Run", "url": "https://x.test/${job:csv}", "targetBlank": True},
        {"type": "dashboards", "tags": ["t"], "includeVars": True},
    ]
    body = dashboard(panel(), variables=[variable(current={"value": "a"})], links=links)
    other = resource({"uid": "other", "title": "Other", "tags": ["t", "u"]})

    board = board_of(server, body, other, grafana="https://g.test/")

    assert [
        ("Run", "https://x.test/a", True),
        ("Other", "https://g.test/d/other?var-job=a", False),
    ] == [(link.title, link.url, link.new_tab) for link in board.links]


def test_links_lead_to_the_grafana_but_for_those_to_the_page_itself(
    server: FakePrometheus,
) -> None:
    """A link to a dashboard that is on the page stays there, whatever its range is."""
    urls = ("/d/board?from=now-1h", "/d/other/slug", "//x.test", "https://x.test", "rel")
    links = [{"title": "", "url": url} for url in urls]
    given = panel(fieldConfig={"defaults": {"links": links}}, links=links)
    series = {"metric": {"v": "1"}, "values": [[NOW, "1"]]}
    server.replies["up"] = success({"resultType": "matrix", "result": [series]})

    shown = only(board_of(server, dashboard(given), grafana="https://g.test/"))

    expected = ["/d/board?from=now-1h", "https://g.test/d/other/slug", *urls[2:]]
    assert expected == [link.url for link in shown.links]
    assert expected == [link["url"] for link in shown.frames[0].fields[1].config["links"]]


def test_annotations_are_times_at_which_a_query_is_not_zero(server: FakePrometheus) -> None:
    """With the texts that its labels make."""
    samples = [[NOW - 300, "1"], [NOW - 240, "1"], [NOW - 180, "0"], [NOW - 60, "2"]]
    series = {"metric": {"v": "1.2"}, "values": samples}
    server.replies["deploys"] = success({"resultType": "matrix", "result": [series]})
    marks = {
        "name": "Deploys", "datasource": REF, "enable": True, "iconColor": "blue",
        "expr": "deploys", "titleFormat": "to {{v}}", "tagKeys": "v",
    }  # fmt: skip

    shown = only(board_of(server, dashboard(panel(), annotations={"list": [marks]}))).annotations

    assert [(-300, -240), (-60, -60)] == [
        ((annotation.start / 1000) - NOW, (annotation.end / 1000) - NOW) for annotation in shown
    ]
    assert {("to 1.2", ("1.2",), "blue", "Deploys")} == {
        (annotation.text, annotation.tags, annotation.color, annotation.name)
        for annotation in shown
    }


def test_a_list_of_alerts_has_those_of_prometheus(server: FakePrometheus) -> None:
    """Each alert is a row, and so is a rule that has none, whose summary is a template still."""
    firing = {
        "labels": {"a": "b"}, "state": "firing", "value": "1e+00",
        "activeAt": "2023-11-14T22:13:20.123456789Z", "annotations": {"summary": "S"},
    }  # fmt: skip
    rules = [
        {"type": "alerting", "name": "Down", "alerts": [firing]},
        {"type": "alerting", "name": "Slow", "annotations": {"summary": "{{ $value }}"}},
        {"type": "recording", "name": "r"},
    ]
    server.replies["/api/v1/rules"] = success({"groups": [{"name": "G", "rules": rules}]})

    (frame,) = only(board_of(server, dashboard(panel(type="alertlist")))).frames

    assert [
        ["Down", "Slow"], ["firing", "inactive"], [1_700_000_000_123, None],
        [{"a": "b"}, {}], ["S", ""], ["G 0", "G 1"],
    ] == [list(field.values) for field in frame.fields]  # fmt: skip


def test_a_list_of_dashboards_has_those_of_the_project(server: FakePrometheus) -> None:
    """By title."""
    other = resource({"uid": "a", "title": "A", "tags": ["t"]})

    (frame,) = only(board_of(server, dashboard(panel(type="dashlist")), other)).frames

    assert [["A", "Board"], ["a", "board"], ["", ""], ["", ""], [["t"], []]] == [
        list(field.values) for field in frame.fields
    ]


def test_a_library_panel_is_the_one_of_the_project(server: FakePrometheus) -> None:
    """In its place."""
    library = resource({"name": "L", "model": panel("Model")}, Kind.LIBRARY_PANEL, "lib")
    used = {"libraryPanel": {"uid": "lib"}, "gridPos": {"x": 2, "y": 0, "w": 4, "h": 3}}

    (section,) = board_of(server, dashboard(used), library).sections

    assert [("Model", 2, 0, 4, 3)] == places(section)


# Schema v2


def v2(layout: Json, *variables: Json, **elements: Json) -> Json:
    """A dashboard of schema v2."""
    return {
        "apiVersion": "dashboard.grafana.app/v2", "kind": "Dashboard",
        "metadata": {"name": "board"},
        "spec": {
            "title": "Board", "elements": elements, "layout": layout, "variables": list(variables),
        },
    }  # fmt: skip


def v2_of(spec: Json) -> Json:
    """A dashboard of schema v2 in its envelope."""
    return {**v2({}), "spec": spec}


def element(title: str, expr: str = "up") -> Json:
    """A panel of schema v2."""
    query = {"kind": "DataQuery", "group": "prometheus", "spec": {"expr": expr}}
    return {
        "kind": "Panel",
        "spec": {
            "title": title,
            "vizConfig": {"kind": "VizConfig", "group": "timeseries", "spec": {}},
            "data": {
                "kind": "QueryGroup",
                "spec": {
                    "queries": [{"kind": "PanelQuery", "spec": {"refId": "A", "query": query}}]
                },
            },
        },
    }


def part(kind: str, title: str, layout: Json, **keys: Any) -> Json:
    """A row or a tab."""
    return {"kind": kind, "spec": {"title": title, "layout": layout, **keys}}


def automatic(*names: str, columns: int = 3, **keys: Any) -> Json:
    """An automatic grid with panels."""
    items = [
        {"kind": "AutoGridLayoutItem", "spec": {"element": {"name": name}, **keys}}
        for name in names
    ]
    return {"kind": "AutoGridLayout", "spec": {"maxColumnCount": columns, "items": items}}


def rules(kind: str, visibility: str = "show", **spec: Any) -> Json:
    """Conditions with one condition."""
    items = [{"kind": f"ConditionalRendering{kind}", "spec": spec}]
    group = {"visibility": visibility, "condition": "and", "items": items}
    return {"kind": "ConditionalRenderingGroup", "spec": group}


def named(name: str, *values: str) -> Json:
    """A variable of schema v2 with some values, of which the first is chosen."""
    options = [{"text": value, "value": value} for value in values]
    spec = {"name": name, "query": ",".join(values), "current": options[0], "options": options}
    return {"kind": "CustomVariable", "spec": spec}


def test_rows_and_tabs_may_have_variables(server: FakePrometheus) -> None:
    """Which the queries inside of them use."""
    inside = part("RowsLayoutRow", "R", automatic("a"), variables=[named("job", "x")])
    rows = {"kind": "RowsLayout", "spec": {"rows": [inside]}}
    tab = part("TabsLayoutTab", "T", rows, variables=[named("zone", "north")])
    tabs = {"kind": "TabsLayout", "spec": {"tabs": [tab]}}

    shown = board_of(server, v2(tabs, a=element("$zone", 'up{job="$job"}')))

    assert 'up{job="x"}' in server.asked
    assert ["north"] == [placed.panel.title for placed in shown.sections[0].sections[0].panels]
    assert [] == list(shown.notes)


def test_a_variable_of_a_tab_is_left_out_if_there_is_another_one(server: FakePrometheus) -> None:
    """It would have other values elsewhere; a note says so."""
    tabs = [
        part("TabsLayoutTab", title, automatic("a"), variables=[named("job", title)])
        for title in ("One", "Two")
    ]

    shown = board_of(server, v2({"kind": "TabsLayout", "spec": {"tabs": tabs}}, a=element("$job")))

    assert ["the variable $job of 'Two' is left out: there is another one"] == [
        note.text for note in shown.notes
    ]


def test_tabs_have_rows_and_rows_have_grids(server: FakePrometheus) -> None:
    """As the layout is nested."""
    inner = {
        "kind": "RowsLayout",
        "spec": {"rows": [part("RowsLayoutRow", "R", automatic("a"), collapse=True)]},
    }
    tabs = [part("TabsLayoutTab", "One", inner), part("TabsLayoutTab", "Two", automatic("b", "c"))]
    body = v2(
        {"kind": "TabsLayout", "spec": {"tabs": tabs}},
        a=element("A"), b=element("B"), c=element("C"),
    )  # fmt: skip

    one, two = board_of(server, body).sections

    assert ("tab", "One", "tab", "Two") == (one.kind.value, one.title, two.kind.value, two.title)
    assert [("row", "R", True)] == [(e.kind.value, e.title, e.is_folded) for e in one.sections]
    assert [("B", 0, 0, 8, 9), ("C", 8, 0, 8, 9)] == places(two)


@pytest.mark.parametrize(
    ("conditions", "shown"),
    [
        (rules("Data", value=True), True),
        (rules("Data", value=False), False),
        (rules("Data", "hide", value=True), False),
        (rules("TimeRangeSize", value="7h"), True),
        (rules("TimeRangeSize", value="5h"), False),
        (rules("Variable", variable="v", operator="equals", value="x"), True),
        (rules("Variable", variable="v", operator="notEquals", value="x"), False),
        (rules("Variable", variable="v", operator="matches", value="^[xy]"), True),
        (rules("Variable", "hide", variable="v", operator="matches", value="^[xy]"), False),
        (rules("Variable", variable="nobody", operator="equals", value="x"), True),
    ],
)
def test_conditions_decide_what_shows(
    server: FakePrometheus, conditions: Json, *, shown: bool
) -> None:
    """What is hidden leaves no gap."""
    layout = automatic("a", conditionalRendering=conditions)
    layout["spec"]["items"] += automatic("b")["spec"]["items"]
    chosen = {
        "kind": "CustomVariable",
        "spec": {"name": "v", "query": "x", "current": {"text": "x", "value": "x"},
                 "options": [{"text": "x", "value": "x"}]},
    }  # fmt: skip

    (section,) = board_of(server, v2(layout, chosen, a=element("A"), b=element("B"))).sections

    assert (["A", "B"] if shown else ["B"]) == [name for name, *_ in places(section)]
    assert 0 == section.panels[0].x


# Anything


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "up", "$job", "now", "v", "h", "timeseries", "row", "1h", "$__all"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["panels", "type", "gridPos", "targets", "repeat", "title", "expr", "x", "y", "w", "h",
             "list", "templating", "name", "query", "current", "value", "options", "links",
             "datasource", "uid", "collapsed", "transformations", "fieldConfig", "spec", "elements",
             "layout", "kind", "annotations", "time", "from", "to", "interval", "maxDataPoints"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["panels", "templating", "time", "links", "tags", "title",
                                        "annotations", "elements", "layout", "schemaVersion"]),
                       JSON_VALUES))  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_json_of_any_shape_is_shown(server: FakePrometheus, body: Json) -> None:
    """What is malformed in it is not there."""
    assert html([board_of(server, body)])


@given(st.one_of(BODIES, boards().map(v2_of)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_dashboards_of_any_form_are_shown(server: FakePrometheus, body: Json) -> None:
    """Those that gk's other laws are of, as a page."""
    assert html([board_of(server, body)])
