"""Exemplars in a preview: which are asked for and kept, and what a chart shows of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Position

from gk.check.live.asking import Asker, Limits
from gk.preview.asking import preview
from gk.preview.asking.exemplars import exemplars_of
from gk.preview.model import Exemplar, Placed, Shown
from gk.preview.page import html
from gk.prometheus import Prometheus
from gk.prometheus.macros import TimeRange
from gk.prometheus.records import Record
from gk.prometheus.replayed import Replayed
from tests.chromium import Chromium
from tests.definitions import Json
from tests.fake_prometheus import EXEMPLARS, FakePrometheus, Reply, serving, success
from tests.preview.test_asking import NOW, dashboard, only, resource
from tests.preview.test_asking import panel as document
from tests.preview_boards import board
from tests.previews import FIRST, JSON, drawn, frame, panel

NAMED = {"trace_id": "abc", "service": "shop"}


@pytest.fixture
def server() -> Iterator[FakePrometheus]:
    with serving() as state:
        state.replies[EXEMPLARS] = answered()
        yield state


def series(**exemplar: Any) -> Json:
    """A series with one exemplar, as the API has it."""
    whole = {"labels": {"trace_id": "abc"}, "value": "6", "timestamp": NOW - 60}
    return {"seriesLabels": {"service": "shop"}, "exemplars": [{**whole, **exemplar}]}


def answered(**exemplar: Any) -> Reply:
    return success([series(**exemplar)])


def asking(**target: Any) -> Json:
    """A dashboard whose panel asks for exemplars."""
    return dashboard(document(targets=[{"refId": "A", "expr": "up", "exemplar": True, **target}]))


def shown(prometheus: Prometheus, body: Json) -> Shown:
    """The only panel of a dashboard."""
    given = resource(body)
    made = preview([given], [given], Asker(prometheus, Limits(workers=2), NOW, keeps_data=True))
    return only(made.boards[0])


def of(server: FakePrometheus, body: Json) -> Shown:
    with Prometheus(server.url) as prometheus:
        return shown(prometheus, body)


# What is asked


def test_a_query_that_wants_exemplars_has_them_with_the_labels_of_their_series(
    server: FakePrometheus,
) -> None:
    assert [Exemplar(round(NOW - 60) * 1000, 6.0, NAMED)] == of(server, asking()).exemplars


@pytest.mark.parametrize(
    "body",
    [
        asking(exemplar=False),
        asking(instant=True),
        dashboard(document(type="stat", targets=[{"expr": "up", "exemplar": True}])),
    ],
    ids=["not wanted", "instant", "of a panel that draws none"],
)
def test_no_other_query_asks_for_exemplars(server: FakePrometheus, body: Json) -> None:
    of(server, body)
    assert EXEMPLARS not in server.asked


def test_a_server_without_exemplars_is_nothing_to_speak_of(server: FakePrometheus) -> None:
    server.replies[EXEMPLARS] = success([])
    graph = of(server, asking())
    assert ([], []) == (graph.exemplars, graph.notes)


def test_a_server_that_does_not_know_exemplars_draws_the_rest(server: FakePrometheus) -> None:
    server.replies[EXEMPLARS] = (404, {"Content-Type": "text/plain"}, b"404 page not found")
    graph = of(server, asking())
    assert graph.has_data
    (note,) = graph.notes
    assert (False, "no exemplars: ") == (note.is_error, note.text[:14])


def test_exemplars_are_in_a_record(server: FakePrometheus) -> None:
    with Prometheus(server.url) as prometheus:
        prometheus.record = Record()
        first = shown(prometheus, asking())
    again = shown(Replayed(Record(prometheus.record.entries), "record"), asking())
    assert first.exemplars == again.exemplars


# What is kept

RANGE = TimeRange(NOW - 3600, NOW)


def kept(*exemplars: Mapping[str, Any]) -> list[Exemplar]:
    return exemplars_of([{"exemplars": [series(**exemplar) for exemplar in exemplars]}], RANGE)


def test_of_exemplars_at_one_place_one_is_drawn() -> None:
    many = [{"value": str(value), "timestamp": NOW - 60 + value / 1e6} for value in (1, 1.001, 9)]
    assert [1.0, 9.0] == [exemplar.value for exemplar in kept(*many)]


def test_what_is_outside_of_the_range_is_left_out() -> None:
    assert [] == kept({"timestamp": NOW + 1}, {"timestamp": NOW - 3601})


def test_of_very_many_exemplars_the_highest_are_drawn() -> None:
    many = [
        {"value": str(value), "timestamp": NOW - at * 24}
        for value in range(30)
        for at in range(150)
    ]
    exemplars = kept(*many)
    assert (400, 27.0) == (len(exemplars), min(exemplar.value for exemplar in exemplars))


@given(JSON | st.lists(JSON))
def test_any_answer_has_exemplars_or_none(data: Any) -> None:
    exemplars_of([{"exemplars": data}, {"exemplars": [series(), data]}], RANGE)


# What is drawn


def chart(*exemplars: Exemplar) -> Shown:
    """A chart of ten minutes, whose axis reaches from 0 to 10."""
    made = frame("web", [0.0, 10.0], step=600, min=0, max=10, unit="s")
    return panel("timeseries", made, shown={"exemplars": exemplars})


def test_a_picture_has_exemplars_also_those_above_its_axis() -> None:
    one, other = (Exemplar(FIRST, value, NAMED) for value in (10.0, 99.0))
    assert drawn(chart(one)) == drawn(chart(other)) != drawn(chart())


def test_an_exemplar_under_the_pointer_says_its_labels(browser: Chromium) -> None:
    shown = chart(Exemplar(FIRST + 300_000, 2.5, NAMED))
    seen = browser.open(html([board("Board", Placed(shown, 0, 0, 24, 8))]))
    seen.page.locator("html[data-drawn]").wait_for(state="attached")
    over = seen.page.locator(".u-over")
    box = over.bounding_box()
    assert box
    place: Position = {"x": box["width"] / 2, "y": box["height"] * 0.75}
    over.hover(position=place)
    told = [row.inner_text().split("\n") for row in seen.page.locator("#hover div").all()]
    assert [["Exemplar", "2.50 s"], ["trace_id", "abc"], ["service", "shop"]] == told
    over.click(position=place)
    seen.page.mouse.move(0, 0)
    assert seen.page.locator("#hover.pinned").is_visible()
    over.hover(position={"x": place["x"], "y": 10})
    seen.page.keyboard.press("Escape")
    over.hover(position={"x": place["x"], "y": 12})
    assert "trace_id" not in seen.page.locator("#hover").inner_text()
