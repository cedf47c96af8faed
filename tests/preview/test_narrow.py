"""Pictures in panels that are narrower than on a desktop."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from gk.preview.model import Board, Placed, Section, SectionKind
from gk.preview.page import html
from tests.chromium import Chromium, Seen
from tests.preview_boards import board, chart
from tests.previews import frame

LEAST = 9.0
"""Pixels of the smallest text that can be read."""
SIZES = """(all) => all.filter((each) => each.checkVisibility()).map((each) =>
  parseFloat(getComputedStyle(each).fontSize) * each.getScreenCTM().a)"""
SHOWN = """(all) => all.map((each) => [...each.children].filter((one) => one.checkVisibility())
  .map((one) => one.getAttribute("class").split("-")[0]).join())"""

WIDTHS = "(all) => all.map((each) => each.getBoundingClientRect().width)"
PLACES = """(all) => all.filter((each) => each.checkVisibility())
  .map((each) => each.getBoundingClientRect()).map(({ left, right }) => [left, right])"""


def pictures(columns: int, **options: Any) -> Board:
    """A dashboard with four values in a panel of each type."""
    steps = [{"color": "green", "value": None}, {"color": "red", "value": 4}]
    look = {
        "min": 0,
        "max": 10,
        "color": {"mode": "thresholds"},
        "thresholds": {"mode": "absolute", "steps": steps},
    }
    frames = [frame(name, [1.0, 7.0]) for name in ("one", "two", "three", "four")]
    width = 64 * columns - 8
    return board(
        "Pictures",
        *(
            Placed(
                chart(
                    type,
                    frames,
                    type=type,
                    options=options,
                    defaults=look,
                    width=width,
                    height=258,
                ),
                0,
                7 * index,
                columns,
                7,
            )
            for index, type in enumerate(("stat", "gauge", "bargauge", "piechart"))
        ),
    )


def opened(browser: Chromium, board: Board, width: int) -> Seen:
    return browser.open(html([board]), viewport={"width": width, "height": 900})


@pytest.mark.parametrize("columns", [12, 24])
@pytest.mark.parametrize("width", [360, 800, 1600])
def test_texts_can_be_read_on_every_screen(browser: Chromium, width: int, columns: int) -> None:
    seen = opened(browser, pictures(columns, displayLabels=["name"]), width)
    sizes = seen.page.locator(".fill text").evaluate_all(SIZES)

    assert sizes
    assert [] == [size for size in sizes if size < LEAST]


def many(type: str, **options: Any) -> Board:
    """A dashboard with 25 values in a small panel."""
    frames = [frame(f"node-{index}.example.com", [4.0 * index]) for index in range(25)]
    shown = chart("Many", frames, type=type, options=options, width=376, height=182)
    return board("Many", Placed(shown, 0, 0, 6, 5))


@pytest.mark.parametrize("width", [360, 1600])
@pytest.mark.parametrize(
    ("type", "orientation", "scrolls"),
    [
        ("stat", "auto", "Height"),
        ("stat", "vertical", "Width"),
        ("stat", "horizontal", "Height"),
        ("gauge", "auto", "Height"),
        ("bargauge", "horizontal", "Height"),
    ],
)
def test_many_values_scroll_in_their_panel_and_can_be_read(
    browser: Chromium, type: str, orientation: str, scrolls: str, width: int
) -> None:
    seen = opened(browser, many(type, orientation=orientation), width)
    sizes = seen.page.locator(".fill text").evaluate_all(SIZES)
    assert 50 == len(sizes)
    assert [] == [size for size in sizes if size < LEAST]
    moves = seen.page.locator(".body").evaluate(
        f"(body) => body.scroll{scrolls} > body.client{scrolls} + 100"
    )
    page = seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (True, True) == (moves, page)


@pytest.mark.parametrize(("columns", "orientation"), [(24, "auto"), (12, "vertical")])
def test_a_value_of_an_authors_size_is_whole_on_a_phone(
    browser: Chromium, columns: int, orientation: str
) -> None:
    """On a large screen it is of that size."""
    options = {"text": {"valueSize": 80}, "orientation": orientation, "textMode": "value"}
    frames = [frame(name, [123456789.0], decimals=3) for name in ("one", "two")]
    wide = 64 * columns - 8
    shown = chart("Sizes", frames, type="stat", options=options, width=wide, height=258)
    sizes = []
    for width in (360, 1600):
        seen = opened(browser, board("Sizes", Placed(shown, 0, 0, columns, 7)), width)
        sizes.append(max(seen.page.locator(".fill text").evaluate_all(SIZES)))
        for left, right in seen.page.locator(".fill text").evaluate_all(PLACES) * (width == 360):
            assert left >= 0
            assert right <= width
    assert sizes[0] < 40
    assert 80 == round(sizes[1])


@pytest.mark.parametrize(("width", "shown"), [(360, "below"), (800, "below"), (1600, "above")])
def test_one_of_two_pictures_is_shown(browser: Chromium, width: int, shown: str) -> None:
    seen = opened(browser, pictures(24), width)

    assert 4 * [shown] == seen.page.locator(".fill").evaluate_all(SHOWN)


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_long_names_leave_room_for_what_they_name(browser: Chromium, width: int) -> None:
    """And times do not reach into each other."""
    frames = [frame(f"kube-system/a-long-name-of-a-pod-{index}", [1.0, 2.0]) for index in range(3)]
    shown = chart("Pods", frames, type="state-timeline", width=1528, height=258)
    seen = opened(browser, board("Pods", Placed(shown, 0, 0, 24, 7)), width)
    [area] = seen.page.locator(".over-time .area").evaluate_all(WIDTHS)
    places = seen.page.locator(".over-time .times text").evaluate_all(PLACES)

    assert area > width / 2
    assert len(places) > 3
    assert all(one[1] < other[0] for one, other in pairwise(places))


def test_a_screen_reader_says_both_pictures_once() -> None:
    text = html([pictures(24)])

    assert 3 == text.count('aria-label="one 7, two 7, three 7, four 7"')
    assert 4 == text.count('role="img"')


@pytest.mark.parametrize("kind", [SectionKind.TAB, SectionKind.ROW])
def test_a_gradient_does_not_depend_on_what_is_hidden(kind: SectionKind) -> None:
    """Two panels share it, of which a reader may see either: it is beside both, once."""
    [one] = pictures(24).sections
    bars = [placed for placed in one.panels if placed.panel.type == "bargauge"]
    sections = [Section("1", kind, True, bars), Section("2", kind, True, bars)]
    before, _, after = html([board("Shared", sections=sections)]).partition('<main id="main"')

    assert 1 == before.count("<linearGradient")
    assert 4 * 2 * 2 == after.count("url(#g")
    assert 0 == after.count("<linearGradient")
