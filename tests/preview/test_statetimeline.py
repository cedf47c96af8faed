"""What state timelines and status histories show, and their pictures."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from gk.preview.kinds import statetimeline, statushistory
from gk.preview.kinds.statetimeline import State
from gk.preview.page.packed import packed
from gk.preview.theme import ink_over
from tests.previews import FIRST, MINUTE, drawn, panel, panels, series, texts_of

UP = {
    "mappings": [
        {
            "type": "value",
            "options": {
                "0": {"text": "Down", "color": "red"},
                "1": {"text": "Up", "color": "green"},
            },
        }
    ]
}
THRESHOLDS = {
    "color": {"mode": "thresholds"},
    "unit": "percent",
    "thresholds": {
        "mode": "absolute",
        "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}],
    },
}


def _states(*frames: Any, **given: Any) -> list[State]:
    shown = statetimeline.view(panel("state-timeline", *frames, **given))
    return [state for row in shown.rows for state in row.states]


def _at(minutes: float) -> float:
    return FIRST + minutes * MINUTE


def test_equal_neighbours_are_one_state() -> None:
    states = _states(series("a", 1, 1, 0, 1), defaults=UP, minutes=4)

    assert [
        State(_at(0), _at(2), "Up", "green"),
        State(_at(2), _at(3), "Down", "red"),
        State(_at(3), _at(4), "Up", "green"),
    ] == states


def test_values_may_stay_apart() -> None:
    states = _states(series("a", 1, 1), defaults=UP, minutes=2, options={"mergeValues": False})

    assert ["Up", "Up"] == [state.text for state in states]


def test_a_state_ends_where_values_are_missing() -> None:
    """After the interval of the query, and where there is none."""
    missing = series("a", 1, None, 1)

    assert [(_at(0), _at(1)), (_at(2), _at(3))] == [
        (state.start, state.end) for state in _states(missing, defaults=UP)
    ]


def test_thresholds_make_ranges_of_values() -> None:
    """Whatever mappings say (grafana/grafana#71804)."""
    states = _states(series("a", 10, 20, 90), defaults=THRESHOLDS | UP, minutes=3)

    assert [("< 80%", "green", 2), ("80%+", "red", 1)] == [
        (state.text, state.color, (state.end - state.start) / MINUTE) for state in states
    ]


def test_the_legend_has_states_or_ranges() -> None:
    """Of continuous colours, Grafana has none."""

    def entries(**defaults: Any) -> list[str] | None:
        given = panel("state-timeline", series("a", 1, 0), defaults=defaults)
        legend = statetimeline.view(given).legend
        return None if legend is None else [entry.name for entry in legend.entries]

    assert ["Up", "Down"] == entries(color={"mode": "palette-classic"}, **UP)
    assert ["< 80%", "80%+"] == entries(**THRESHOLDS)
    assert entries(color={"mode": "continuous-GrYlRd"}, **UP) is None


def test_a_row_has_the_name_of_its_series() -> None:
    shown = panel("state-timeline", series("web", 1), series("db", 0), defaults=UP, minutes=1)

    assert ["web", "db"] == [row.name for row in statetimeline.view(shown).rows]
    assert {"web", "db", "Up", "Down"} <= set(texts_of(drawn(shown)))


def test_a_text_needs_room() -> None:
    """As many letters as have room, but not a single one; unless it is always shown."""

    def shown(when: str) -> list[str]:
        options = {"showValue": when}
        frame = series("a", 1, 0)
        return texts_of(
            drawn(panel("state-timeline", frame, options=options, defaults=UP, minutes=600))
        )

    assert "Up" not in shown("auto")
    assert {"Up", "Down"} <= set(shown("always"))


@pytest.mark.parametrize(("minutes", "text"), [(2, "Maintenance"), (10, "Mai"), (30, None)])
def test_a_long_text_is_cut(minutes: int, text: str | None) -> None:
    mapping = {"type": "value", "options": {"1": {"text": "Maintenance"}}}
    made = panel(
        "state-timeline",
        series("a", 1),
        options={"legend": {"showLegend": False}},
        defaults={"mappings": [mapping]},
        minutes=minutes,
    )
    texts = [label for label in texts_of(drawn(made)) if label.startswith("M")]

    assert [text] * (text is not None) == texts


@pytest.mark.parametrize(
    ("color", "ink"),
    [
        ("red", "#ffffff"),
        ("green", "light-dark(#000000, #ffffff)"),
        ("orange", "light-dark(#000000, #ffffff)"),
    ],
)
def test_a_text_can_be_read_on_the_colour_of_its_state(color: str, ink: str) -> None:
    """White if it can, as in Grafana: with the panel seen through."""
    assert ink == ink_over(color, 0.7)


def test_a_timeline_has_pages_only_if_its_author_wants_them() -> None:
    frames = [series(f"node{index}", 1) for index in range(30)]

    assert [30] == [len(page.rows) for page in _pages(*frames)]
    assert [20, 10] == [len(page.rows) for page in _pages(*frames, options={"perPage": 20})]


def _pages(*frames: Any, **given: Any) -> list[Any]:
    return list(statetimeline.view(panel("state-timeline", *frames, **given)).pages)


def test_a_status_history_has_a_cell_for_each_value() -> None:
    shown = statushistory.view(panel("status-history", series("a", 1, 1, None), defaults=UP))
    states = shown.rows[0].states

    assert ["Up", "Up"] == [state.text for state in states]
    assert [_at(0), _at(0.45)] == [states[0].start, states[0].end]
    assert [_at(0.55), _at(1.45)] == [states[1].start, states[1].end]


def test_a_status_history_ends_with_its_last_value() -> None:
    shown = statushistory.view(panel("status-history", series("a", 1, 1, 1), minutes=10))

    assert (_at(0), _at(2.5)) == (shown.start, shown.end)


@pytest.mark.parametrize(("count", "every"), [(5, 1), (20, 3), (30, 6)])
def test_a_status_history_has_times_at_its_values(count: int, every: int) -> None:
    """At every one, or at every so many, as many as have room."""
    made = panel("status-history", series("a", *range(count)), minutes=count)
    times = statushistory.view(made).times
    start, step = 26, every
    seconds = ":40" if every == 1 else ""

    assert [f"20:{start + index * step:02}{seconds}" for index in range(3)] == [
        time.text for time in times[:3]
    ]


def test_a_status_history_shows_values_not_ranges() -> None:
    shown = statushistory.view(panel("status-history", series("a", 10), defaults=THRESHOLDS))

    assert ["10%"] == [state.text for state in shown.rows[0].states]


def test_no_data_is_said() -> None:
    assert ["No data"] == texts_of(drawn(panel("state-timeline")))


def test_many_narrow_states_are_small() -> None:
    """8 series of 360 values that all differ."""
    frames = [series(f"s{index}", *range(360)) for index in range(8)]
    view = statetimeline.view(panel("state-timeline", *frames, minutes=360))

    assert len(statetimeline.html(view)) < 100_000


def test_a_hostile_name_is_text() -> None:
    name = "<script>x</script>"

    assert name in texts_of(drawn(panel("state-timeline", series(name, 1.0)), width=900))


OPTIONS: dict[str, list[Any]] = {
    "mergeValues": [False],
    "showValue": ["always", "never"],
    "alignValue": ["left", "center", "right"],
    "rowHeight": [0.5, 1],
    "colWidth": [0.5],
    "perPage": [1, 2],
    "legend": [{"placement": "right"}, {"displayMode": "table"}],
}


@given(panels("state-timeline", OPTIONS))
def test_any_state_timeline_is_drawn(shown: Any) -> None:
    """As XML, and the same twice; and the page can have what a pointer finds."""
    drawn(shown)
    assert packed({"a": {"series": [], "spots": statetimeline.spots(statetimeline.view(shown))}})


@given(panels("status-history", OPTIONS))
def test_any_status_history_is_drawn(shown: Any) -> None:
    drawn(shown)
