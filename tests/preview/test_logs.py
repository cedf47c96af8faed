"""Log lines of a preview: which, in what order, and what is said of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from playwright.sync_api import expect

from gk.preview.kinds import kind_of, logs
from gk.preview.model import Field, FieldType, Frame
from tests.cases import every
from tests.chromium import Chromium
from tests.previews import CONFIGS, FRAMES, JSON, drawn, page, panel, texts_of

HOSTILE = '</span><script>alert(1)</script>"><img src=x onerror=alert(1)>'


def lines(
    texts: Sequence[Any], labels: Sequence[Mapping[str, str]] = (), start: int = 1_700_000_000_000
) -> Frame:
    """Lines as Loki returns them, a second after each other."""
    fields = [
        Field("Time", FieldType.TIME, [start + 1_000 * index for index in range(len(texts))]),
        Field("Line", FieldType.STRING, texts),
    ]
    return Frame([Field("labels", FieldType.OTHER, labels), *fields] if labels else fields)


def shown(*frames: Frame, **options: Any) -> logs.Logs:
    """What a panel of logs shows."""
    return logs.view(panel("logs", *frames, options=options))


def texts(view: logs.Logs) -> list[str]:
    """The lines' texts."""
    return [entry.text for entry in view.entries]


@pytest.mark.parametrize(
    ("options", "order"),
    [({}, "cba"), ({"sortOrder": "Descending"}, "cba"), ({"sortOrder": "Ascending"}, "abc")],
)
def test_the_newest_line_is_first_unless_the_panel_says_otherwise(
    options: dict[str, Any], order: str
) -> None:
    assert list(order) == texts(shown(lines("abc"), **options))


def test_the_lines_of_several_streams_are_one_list() -> None:
    assert list("dbca") == texts(shown(lines("ab"), lines("cd", start=1_700_000_000_500)))


def test_the_time_of_a_line_is_in_the_zone_of_the_dashboard() -> None:
    assert ["2023-11-14 22:13:20.000"] == [entry.when for entry in shown(lines("a")).entries]


@pytest.mark.parametrize(
    ("labels", "level"),
    [
        ({"level": "error"}, "error"),
        ({"detected_level": "WARN"}, "warning"),
        ({"detected_level": "crit", "level": "info"}, "critical"),
        ({"severity": "notice"}, "info"),
        ({"level": "what"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_the_level_of_a_line_is_that_of_its_labels(labels: dict[str, str], level: str) -> None:
    assert [level] == [entry.level for entry in shown(lines("a", [labels])).entries]


@every(
    "text, level, shown_as",
    [
        ("level=info msg=paid", "info", "INFO"),
        ("Notice: reloaded", "info", "INFO"),
        ("a fatal error", "critical", "CRIT"),
        ('{"level":"error"}', "error", "ERROR"),
        ("an alert fired", "critical", "CRIT"),
        ("retry, WARN", "warning", "WARN"),
        ("dbug x", "debug", "DEBUG"),
        ("errors and information_s", "unknown", ""),
        ("", "unknown", ""),
    ],
)
def test_without_a_label_the_level_is_the_first_in_the_line(
    text: str, level: str, shown_as: str
) -> None:
    """As Grafana 12.4.0 says of the same lines."""
    (entry,) = shown(lines([text])).entries
    assert (level, shown_as) == (entry.level, entry.level_text)


def test_labels_are_those_in_which_lines_differ() -> None:
    labels = [{"app": "api", "pod": "a"}, {"app": "api", "pod": "b"}]
    view = shown(lines("ab", labels), showLabels=True, sortOrder="Ascending")
    assert ["pod=a", "pod=b"] == [entry.labels_text for entry in view.entries]


def test_labels_are_not_there_unless_the_panel_shows_them() -> None:
    labels = [{"pod": "a"}, {"pod": "b"}]
    assert ["", ""] == [entry.labels_text for entry in shown(lines("ab", labels)).entries]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("none", [("GET 1", 1), ("GET 1", 1), ("GET 2", 1), ("PUT 2", 1)]),
        ("exact", [("GET 1", 2), ("GET 2", 1), ("PUT 2", 1)]),
        ("numbers", [("GET 1", 3), ("PUT 2", 1)]),
        ("signature", [("GET 1", 4)]),
    ],
)
def test_lines_that_are_alike_are_one_if_the_panel_says_so(
    strategy: str, expected: list[tuple[str, int]]
) -> None:
    given = ["GET 1", "GET 1", "GET 2", "PUT 2"]
    view = shown(lines(given), dedupStrategy=strategy, sortOrder="Ascending")
    assert expected == [(entry.text, entry.count) for entry in view.entries]


def test_of_lines_that_are_alike_the_oldest_stays() -> None:
    view = shown(lines(["a 1", "b 2", "b 3"]), dedupStrategy="signature")
    assert [("a 1", 3)] == [(entry.text, entry.count) for entry in view.entries]


def test_json_may_be_in_lines_of_its_own() -> None:
    given = ['{"a": [1]}', "{a", "plain"]
    view = shown(lines(given), prettifyLogMessage=True, sortOrder="Ascending")
    assert ['{\n  "a": [\n    1\n  ]\n}', "{a", "plain"] == texts(view)


def test_colours_of_terminals_are_left_out() -> None:
    assert ["red x"] == texts(shown(lines(["\x1b[31mred\x1b[0m x\n"])))


def test_of_many_lines_the_first_thousand_are_there_and_a_note_counts_the_others() -> None:
    view = shown(lines(["x"] * 1_002))
    assert (1_000, ["2 more lines are not shown."]) == (len(view.entries), list(view.notes))


def test_a_frame_without_times_or_texts_has_no_lines() -> None:
    frames = [Frame([Field("Line", FieldType.STRING, ["a"])]), Frame([])]
    assert ["No logs"] == texts_of(drawn(panel("logs", *frames)))


def test_a_picture_has_the_lines_that_fit() -> None:
    svg = drawn(panel("logs", lines(["long " * 50, "b", "c"])), 120, 50)
    assert ["c", "…"] == [text.replace("\u00a0", " ") for text in texts_of(svg)]


@given(FRAMES, JSON, CONFIGS)
def test_any_data_and_options_make_logs_and_a_picture(
    frames: list[Frame], options: Any, config: dict[str, Any]
) -> None:
    shown = panel("logs", *frames, options=options, config={"defaults": config})
    drawn(shown)
    kind_of("logs").html(kind_of("logs").view(shown))


def test_hostile_lines_and_labels_run_nothing(browser: Chromium) -> None:
    frame = lines([HOSTILE, "b"], [{HOSTILE: HOSTILE, "level": HOSTILE}, {"a": "b"}])
    seen = browser.open(page(logs.html(shown(frame, showLabels=True, showTime=True))))
    expect(seen.page.locator(".line").last).to_have_text(HOSTILE)
    assert ([], [], []) == (seen.console, seen.requests, seen.dialogs)
    assert 0 == seen.page.locator("script, img, [onerror], [style]").count()
