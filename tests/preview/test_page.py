"""The page of gk preview, as a browser shows it: charts, tabs, keys, colours, narrow screens, and
texts that want to run.

One headless Chromium opens all pages of this module.
"""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from gk.forms.html import file_of
from gk.preview import axes
from gk.preview.kinds import stat
from gk.preview.links import is_safe
from gk.preview.model import (
    Annotation,
    Board,
    Frame,
    Link,
    Note,
    Placed,
    Section,
    SectionKind,
    Shown,
)
from gk.preview.page import html, in_words
from gk.preview.theme import DARK
from gk.prometheus.macros import TimeRange
from tests.cases import every
from tests.chromium import CONTRAST, Chromium, Seen
from tests.diff.test_html import HOSTILE
from tests.preview_boards import CALCS, board, chart, gallery, large, waves
from tests.previews import FIRST, START, field, frame, panel, series, wave

SCHEMES = ("light", "dark")
AA = 4.5
BUDGET = 500_000
"""Bytes of a page of 40 panels with 8 series of 360 points each."""
UPLOT = {
    "uplot.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "uplot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
    "uplot.license.txt": "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd",
}
"""The files of uPlot 1.6.32 as they are on npm."""


def opened(browser: Chromium, *boards: Board, **options: Any) -> Seen:
    """A page whose charts are all drawn."""
    seen = browser.open(html(boards), **options)
    seen.page.locator("html[data-drawn]").wait_for(state="attached")
    return seen


def pair(title: str = "Pair", **given: Any) -> Board:
    """A dashboard of two charts."""
    placed = [Placed(chart(name, waves(3)), x, 0, 12, 8) for name, x in (("One", 0), ("Two", 12))]
    return board(title, *placed, **given)


def cursors(seen: Seen) -> list[bool]:
    """Which charts show a cursor."""
    flags = seen.page.locator(".u-cursor-x").evaluate_all(
        "(all) => all.map((each) => !each.classList.contains('u-off') && each.style.transform"
        " !== '' && !each.style.transform.includes('-10px'))"
    )
    return [bool(flag) for flag in flags]


def ranges(seen: Seen) -> list[list[float]]:
    """The times that charts show."""
    return list(
        seen.page.evaluate(
            "[...charts.values()].filter((each) => each.plot)"
            ".map(({ plot }) => [plot.scales.x.min, plot.scales.x.max])"
        )
    )


# The page and nothing else


def test_a_page_asks_for_nothing_and_has_nothing_to_complain_of(browser: Chromium) -> None:
    seen = opened(browser, gallery(), pair())
    seen.open_all()
    seen.page.locator("#theme").click()
    assert ([], [], []) == (seen.console, seen.requests, seen.dialogs)


def test_what_gets_into_a_page_all_the_same_can_ask_for_nothing_and_run_nothing(
    browser: Chromium,
) -> None:
    seen = opened(browser, pair())
    refused = seen.page.evaluate("""async () => {
      const refused = new Set();
      document.addEventListener("securitypolicyviolation", (event) => {
        refused.add(event.effectiveDirective);
      });
      const address = "http://127.0.0.1:9/";
      const elements = {
        img: { src: address },
        iframe: { src: address },
        script: { textContent: "document.title = 'ran'" },
        style: { textContent: "body { display: none; }" },
        div: { innerHTML: "<b onclick='1' style='color: red'></b>" },
      };
      for (const [name, own] of Object.entries(elements)) {
        document.body.append(Object.assign(document.createElement(name), own));
      }
      await fetch(address).catch(() => {});
      for (let tries = 0; tries < 100 && refused.size < 7; tries++) {
        await new Promise((go) => setTimeout(go, 10));
      }
      return [...refused].sort();
    }""")
    inline = (f"{kind}-src-{where}" for kind in ("script", "style") for where in ("attr", "elem"))
    assert ["connect-src", "frame-src", "img-src", *inline] == refused
    assert "gk preview: Pair" == seen.page.title()


def test_the_same_boards_make_the_same_page() -> None:
    assert html([gallery(), pair()]) == html([gallery(), pair()])


def test_the_page_of_no_dashboard_says_so(browser: Chromium) -> None:
    expect(opened(browser).page.locator("main")).to_have_text("There is no dashboard.")


def test_uplot_is_the_one_of_npm() -> None:
    files = {name: file_of("gk.preview.page", name) for name in UPLOT}
    assert UPLOT == {
        name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()
    }


def test_the_licence_of_uplot_is_on_the_page(browser: Chromium) -> None:
    licence = opened(browser, pair()).page.locator("footer pre")
    assert "Copyright (c) 2022 Leon Sorokin" in (licence.text_content() or "")


# Links of values


def linking(type: str, *links: dict[str, Any], title: str = "From", **given: Any) -> Board:
    """A dashboard of a panel whose values have links."""
    made = [frame(name, wave(seed, 10), links=list(links)) for seed, name in enumerate("ab")]
    return board(title, Placed(panel(type, *made, **given), 0, 0, 24, 8))


VALUES = ("stat", "gauge", "bargauge", "piechart", "state-timeline", "status-history")


@pytest.mark.parametrize("type", VALUES)
def test_a_value_is_the_link_that_its_field_has(browser: Chromium, type: str) -> None:
    link = {"title": "Node", "url": "https://example.com/${__field.labels.instance}"}
    seen = browser.open(html([linking(type, link)]))
    links = seen.page.locator(".body a:visible")
    expect(links.first).to_have_accessible_name("Node")
    assert {"https://example.com/a", "https://example.com/b"} == set(
        links.evaluate_all("(all) => all.map((each) => each.getAttribute('href'))")
    )


def test_a_picture_by_itself_has_no_links() -> None:
    shown = linking("stat", {"url": "https://example.com"}).sections[0].panels[0].panel
    assert "<a " not in stat.draw(stat.view(shown), 400, 200, DARK)


def test_a_value_is_no_link_if_an_address_could_run() -> None:
    assert (
        "<a " not in html([linking("stat", {"url": "javascript:alert(1)"})]).partition("<main")[2]
    )


@pytest.mark.parametrize("url", ["/d/to", "/d/to/slug?var-a=b&from=now-1h"])
def test_a_link_to_a_dashboard_of_the_page_opens_it(browser: Chromium, url: str) -> None:
    seen = browser.open(html([linking("stat", {"url": url}), linking("stat", title="To")]))
    seen.page.locator(".body a:visible").first.click()
    expect(seen.page.locator("h1:visible")).to_have_text("To")
    assert "#board2" == seen.hash
    seen.page.go_back()
    expect(seen.page.locator("h1:visible")).to_have_text("From")


def test_a_link_to_a_grafana_that_nobody_named_says_so(browser: Chromium) -> None:
    """A file would lead to a folder of the disk."""
    seen = browser.open(html([linking("stat", {"url": "/d/elsewhere"})]))
    before = seen.page.url
    seen.page.locator(".body a:visible").first.click()
    expect(seen.page.locator(".links:popover-open")).to_contain_text("another page of Grafana")
    assert before == seen.page.url


def test_several_links_of_a_value_are_a_menu(browser: Chromium) -> None:
    """By a click or by the Enter key, at the value."""
    links = [{"title": f"To {name}", "url": f"/d/{name}"} for name in ("to", "elsewhere")]
    links.append({"title": "Run", "url": "javascript:alert(1)"})
    seen = browser.open(html([linking("gauge", *links), linking("stat", title="To")]))
    seen.page.locator(".body a:visible").first.focus()
    seen.page.keyboard.press("Enter")
    menu = seen.page.locator(".links:popover-open")
    assert ["To to", "To elsewhere"] == menu.locator("a").all_inner_texts()
    assert "To to" == seen.active
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator("h1:visible")).to_have_text("To")
    expect(menu).to_have_count(0)


# The links of a point


def linked(*links: dict[str, Any], **config: Any) -> Board:
    """A dashboard of one chart, from 12 at its begin to 12.25, whose values have links."""
    values = [12 + index / 4 for index in range(2)]
    made = frame("web", values, links=list(links), step=600, **config)
    return board("Linked", Placed(panel("timeseries", made), 0, 0, 24, 8))


def chosen(seen: Seen) -> list[tuple[str, str | None]]:
    """Titles and addresses of the links after a click at the end of the chart."""
    over = seen.page.locator(".u-over")
    box = over.bounding_box()
    assert box
    over.click(position={"x": box["width"] - 2, "y": 5})
    return [
        (link.inner_text(), link.get_attribute("href"))
        for link in seen.page.locator("#hover nav a").all()
    ]


TIME = FIRST + 600_000


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("${__value.time}", f"{TIME}"),
        ("$__value.raw", "12.25"),
        ("${__value.text:percentencode}", "12.3%25"),
        ("${__field.labels.instance}", "web"),
    ],
)
def test_a_click_on_a_point_lists_its_links(browser: Chromium, variable: str, value: str) -> None:
    links = ({"title": f"At {variable}", "url": f"https://a/?q={variable}"},)
    seen = opened(browser, linked(*links, unit="percent"))
    assert [(f"At {value}", f"https://a/?q={value}")] == chosen(seen)


def test_links_of_a_point_stay_until_a_click_or_escape(browser: Chromium) -> None:
    seen = opened(browser, linked({"title": "Logs", "url": "https://a/"}))
    links = seen.page.locator("#hover nav a")
    chosen(seen)
    seen.page.mouse.move(10, 10)
    expect(links).to_be_visible()
    seen.page.keyboard.press("Escape")
    expect(links).to_be_hidden()
    chosen(seen)
    seen.page.locator("h1").click()
    expect(links).to_be_hidden()


def test_a_key_leads_to_the_links_of_a_point(browser: Chromium) -> None:
    seen = opened(browser, linked({"title": "Logs", "url": "https://a/"}))
    for key in ("j", "ArrowRight", "Enter"):
        seen.page.keyboard.press(key)
    expect(seen.page.get_by_role("link", name="Logs")).to_be_focused()


def test_a_value_cannot_make_an_address_that_runs(browser: Chromium) -> None:
    text = {"type": "range", "options": {"from": 0, "to": 99, "result": {"text": "javascript:x"}}}
    links = [{"title": "Bad", "url": "${__value.text}"}, {"title": "Good", "url": "https://a/"}]
    seen = opened(browser, linked(*links, mappings=[text]))
    assert [("Good", "https://a/")] == chosen(seen)


def test_a_link_has_all_digits_of_its_value(browser: Chromium) -> None:
    made = frame("web", [0.0, 1234567.891], step=600, links=[{"url": "/x?${__value.raw}"}])
    seen = opened(browser, board("Linked", Placed(panel("timeseries", made), 0, 0, 24, 8)))
    assert "/x?1234567.891" == chosen(seen)[0][1]


# What is under the pointer on heatmaps and timelines


def pointed(seen: Seen, x: float, y: float) -> list[str]:
    """The words about a place, as a share of the width and the height."""
    area = seen.page.locator(".area:visible")
    box = area.bounding_box()
    assert box
    seen.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    hover = seen.page.locator("#hover")
    return hover.inner_text().split("\n") if hover.is_visible() else []


def over_time(type: str, *frames: Frame, **given: Any) -> Board:
    """A dashboard of ten minutes."""
    return board("Board", Placed(panel(type, *frames, **given), 0, 0, 24, 8))


def test_a_state_says_its_value_and_how_long_it_lasts(browser: Chromium) -> None:
    mapping = {"type": "value", "options": {"1": {"text": "Up"}, "0": {"text": "Down"}}}
    made = frame("a", [1, 1, 1, 0, 0, 0, 0, 0, 1, 1], mappings=[mapping])
    seen = browser.open(html([over_time("state-timeline", made)]))
    assert ["2026-05-28 20:26:40 to 20:29:40", "a", "Up", "for 3m"] == [
        text for text in pointed(seen, 0.1, 0.5) if text
    ]
    assert ["Down", "for 5m"] == [text for text in pointed(seen, 0.5, 0.5) if text][-2:]
    assert [] == pointed(seen, 0.5, 0.999)


def test_a_cell_of_a_heatmap_says_its_count_and_its_bucket(browser: Chromium) -> None:
    made = [frame(name, [10 * value + at for at in range(10)]) for value, name in enumerate("123")]
    rows = Frame(
        [
            made[0].fields[0],
            *(replace(bucket.fields[1], name=bucket.name, title="") for bucket in made),
        ],
        meta={"type": "heatmap-rows"},
    )
    options = {"cellValues": {"unit": "percent"}}
    seen = browser.open(html([over_time("heatmap", rows, options=options)]))
    assert ["2 to 3", "26%"] == pointed(seen, 0.55, 0.2)[-2:]
    assert ["0 to 1", "6%"] == pointed(seen, 0.55, 0.9)[-2:]


# Texts that want to run


def everywhere(text: str) -> Board:
    """A dashboard with one text wherever it can be."""
    link = Link(text, text)
    made = [frame(text, wave(1), unit=text), frame(f"{text} 2", wave(2), noValue=text)]
    custom = {"axisLabel": text, "axisPlacement": text, "fillBelowTo": text, "gradientMode": text}
    charts = [
        chart(
            text,
            made,
            type=type,
            custom=custom,
            options={
                "legend": {"displayMode": mode, "calcs": CALCS, "placement": text},
                "content": text,
            },
            body={"description": text, "transparent": text},
            notes=[Note(text, text, is_error=True)],
            links=[link],
            annotations=[Annotation(FIRST, FIRST + 9, text, [text], text, text)],
        )
        for type in ("timeseries", "table", "stat", "text", text)
        for mode in ("list", "table")
    ]
    placed = [Placed(shown, 0, 8 * index, 24, 8) for index, shown in enumerate(charts)]
    kinds = (SectionKind.PLAIN, SectionKind.ROW, SectionKind.TAB, SectionKind.TAB)
    return Board(
        text,
        text,
        [Section(text, kind, panels=placed if kind is kinds[0] else placed[:1]) for kind in kinds],
        text,
        [text],
        [link],
        [(text, text)],
        TimeRange(START, START + 3600),
        text,
        notes=[Note(text)],
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_text_is_nothing_runs(browser: Chromium, text: str) -> None:
    seen = opened(browser, everywhere(text), pair(title=text))
    seen.open_all()
    expect(seen.page.locator("h1").first).to_be_visible()
    chart = seen.page.locator(".u-over").first
    chart.hover()
    seen.page.locator(".mark").first.hover()
    seen.page.locator("[role=tab]").last.focus()
    assert ([], [], []) == (seen.console, seen.requests, seen.dialogs)


@every(
    "url, safe",
    [
        ("https://example.com/a?b=c#d", True),
        ("HTTP://example.com", True),
        ("/d/nodes?var-a=b:c", True),
        ("d/nodes", True),
        ("?var-a=b", True),
        ("#panel1", True),
        ("", False),
        ("javascript:alert(1)", False),
        ("JavaScript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("java\tscript:alert(1)", False),
        ("\x01javascript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("vbscript:x", False),
        ("file:///etc/passwd", False),
        ("blob:https://example.com/1", False),
        ("https:\\\\example.com", False),
    ],
)
def test_a_link_leads_to_the_web_or_nowhere(url: str, safe: bool) -> None:
    assert safe == is_safe(url)


def test_an_address_that_could_run_is_a_text(browser: Chromium) -> None:
    seen = opened(browser, pair(links=[Link("Bad", "javascript:alert(1)"), Link("Good", "/d/x")]))
    links = seen.page.locator(".board-links")
    assert ["Good"] == links.locator("a").all_text_contents()
    expect(links).to_contain_text("Bad")


# What is on it


def test_the_head_of_a_dashboard_says_what_is_shown(browser: Chromium) -> None:
    seen = opened(browser, gallery())
    head = seen.page.locator(".about-board")
    for text in ("Gallery", "node", "linux", "A panel for each way to draw.", "Prometheus"):
        expect(head).to_contain_text(text)
    expect(head.locator(".time")).to_have_text(
        "2026-05-28 20:26:40 to 2026-05-29 02:26:40 UTC, 6 hours"
    )


@pytest.mark.parametrize(
    ("start", "length", "zone", "words"),
    [
        (1_780_000_200, 21_600, "utc", "2026-05-28 20:30 to 2026-05-29 02:30 UTC, 6 hours"),
        (1_780_000_200, 5_400, "utc", "2026-05-28 20:30 to 22:00 UTC, 1 hour 30 minutes"),
        (1_780_000_200, 5_400, "browser", "2026-05-28 20:30 to 22:00 UTC, 1 hour 30 minutes"),
        (1_780_000_200, 3_600, "Europe/Berlin", "2026-05-28 22:30 to 23:30 Europe/Berlin, 1 hour"),
        (1_780_000_200, 0, "utc", ""),
        (1e300, 5, "utc", ""),
    ],
)
def test_a_range_of_times_in_words(start: float, length: float, zone: str, words: str) -> None:
    """In the dashboard's time zone, as the axes are."""
    assert words == in_words(TimeRange(start, start + length), zone)


def test_notes_say_why_a_panel_is_empty(browser: Chromium) -> None:
    seen = opened(browser, gallery())
    broken = seen.page.locator(".panel", has_text="Broken").first
    expect(broken.locator(".error")).to_contain_text("parse error")
    expect(broken).to_contain_text("No data")


def test_notes_on_a_panel_with_data_are_behind_a_button(browser: Chromium) -> None:
    """They would take the room of the data."""
    noted = chart("Noted", waves(1), notes=[Note("query B is empty", "B")])
    seen = opened(browser, board("Notes", Placed(noted, 0, 0, 12, 8)))
    told = seen.page.get_by_text("query B is empty")
    expect(told).to_be_hidden()
    seen.page.get_by_label("Notes on this panel").click()
    expect(told).to_be_visible()


def test_positions_are_those_of_the_grid(browser: Chromium) -> None:
    placed = [
        Placed(chart("Left", waves(1)), 0, 0, 8, 4),
        Placed(chart("Right", waves(1)), 8, 2, 16, 5),
    ]
    seen = opened(browser, board("Grid", *placed), viewport={"width": 1600, "height": 900})
    boxes = [element.bounding_box() for element in seen.page.locator(".panel").all()]
    grid = seen.page.locator(".grid").bounding_box()
    assert grid
    column = (grid["width"] - 23 * 8) / 24
    places = [
        [round(value) for value in (box["x"] - grid["x"], box["y"] - grid["y"], box["height"])]
        for box in boxes
        if box
    ]
    assert [[0, 0, 4 * 38 - 8], [round(8 * (column + 8)), 2 * 38, 5 * 38 - 8]] == places


@pytest.mark.parametrize("number", [-5, 10**9])
def test_a_position_outside_of_the_grid_is_moved_into_it(browser: Chromium, number: int) -> None:
    shown = chart("Far", waves(1))
    seen = opened(browser, board("Far", Placed(shown, number, number, number, number)))
    expect(seen.page.locator(".panel")).to_be_attached()
    assert seen.page.evaluate("document.documentElement.scrollHeight") < 10_300 * 38


def test_a_description_opens_by_a_button(browser: Chromium) -> None:
    seen = opened(browser, gallery())
    about = seen.page.locator(".tip", has_text="How busy").first
    expect(about).to_be_hidden()
    seen.page.get_by_label("About this panel").first.click()
    expect(about).to_be_visible()


# Charts


def test_all_charts_are_drawn_also_those_of_a_row_that_opens_later(browser: Chromium) -> None:
    row = Section("Row", SectionKind.ROW, True, [Placed(chart("In", waves(2)), 0, 0, 12, 8)])
    seen = opened(browser, board("Rows", sections=[row]))
    expect(seen.page.locator(".uplot")).to_have_count(0)
    seen.page.locator("summary", has_text="Row").press("Enter")
    expect(seen.page.locator(".uplot canvas")).to_be_visible()


def test_the_last_time_of_a_range_has_room(browser: Chromium) -> None:
    """A range may end at a label, half of which is beside the plot; the panel does not scroll for
    that."""
    seen = opened(browser, pair())
    assert [[16, 0], [16, 0]] == seen.page.evaluate("""() =>
      [...document.querySelectorAll(".chart")].map((chart) => {
        const [canvas, plot] = [".u-wrap > canvas", ".u-over"].map((each) =>
          chart.querySelector(each).getBoundingClientRect().right);
        const body = chart.closest(".body");
        return [canvas - plot, body.scrollWidth - body.clientWidth];
      })""")


def test_values_under_the_cursor_are_shown_as_in_grafana(browser: Chromium) -> None:
    values: list[float | None] = [1536.0, 2048.0, 1024.0]
    shown = chart(
        "Bytes",
        [frame("node", values)],
        defaults={"unit": "bytes"},
        time=TimeRange(START, START + 120),
    )
    seen = opened(browser, board("Hover", Placed(shown, 0, 0, 24, 8)))
    seen.page.locator(".u-over").hover()
    hover = seen.page.locator("#hover")
    expect(hover).to_contain_text("node2 KiB")
    expect(hover).to_contain_text("2026-05-28 20:27:40")


@pytest.mark.parametrize("width", [360, 1600])
def test_values_under_the_cursor_stay_in_the_window(browser: Chromium, width: int) -> None:
    """As many as have room, in their order, and the nearest among them."""
    made = [frame(f"a long name of the series {index} " * 4, [index] * 60) for index in range(60)]
    shown = chart("Many", made, options={"tooltip": {"mode": "multi", "sort": "desc"}})
    size = {"width": width, "height": 700}
    seen = opened(browser, board("Many", Placed(shown, 0, 0, 24, 8)), viewport=size)
    over = seen.page.locator(".u-over")
    box = over.bounding_box()
    assert box
    for share in (0.05, 0.5, 0.95):
        seen.page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] - 1)
        there = seen.page.locator("#hover").bounding_box()
        assert there
        assert min(there["x"], there["y"]) >= 0
        assert there["x"] + there["width"] <= width
        assert there["y"] + there["height"] <= 700
    values = [float(text) for text in seen.page.locator("#hover b").all_inner_texts()]
    assert sorted(values, reverse=True) == values
    assert ["0"] == seen.page.locator("#hover .near b").all_inner_texts()
    expect(seen.page.locator("#hover p")).to_have_text(f"{60 - len(values)} more")


@pytest.mark.parametrize("key", ["Tab", "Escape"])
def test_the_values_that_keys_show_go_with_the_focus(browser: Chromium, key: str) -> None:
    seen = opened(browser, pair())
    seen.page.locator(".panel").first.focus()
    seen.page.keyboard.press("ArrowRight")
    hover = seen.page.locator("#hover")
    expect(hover).to_be_visible()
    seen.page.keyboard.press(key)
    expect(hover).to_be_hidden()


def test_a_dashboard_with_a_shared_cursor_shows_it_in_all_charts(browser: Chromium) -> None:
    seen = opened(browser, pair(shares_cursor=True))
    seen.page.locator(".u-over").first.hover()
    assert [True, True] == cursors(seen)


def test_a_dashboard_without_one_shows_it_in_the_chart_under_the_mouse(browser: Chromium) -> None:
    seen = opened(browser, pair())
    seen.page.locator(".u-over").first.hover()
    assert [True, False] == cursors(seen)


def drag(seen: Seen, chart: Locator) -> None:
    box = chart.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    seen.page.mouse.move(box["x"] + box["width"] / 4, middle)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + box["width"] / 2, middle, steps=3)
    seen.page.mouse.up()


@pytest.mark.parametrize("way", ["double click", "Escape", "button"])
def test_dragging_zooms_all_charts_of_the_dashboard_until_it_is_reset(
    browser: Chromium, way: str
) -> None:
    seen = opened(browser, pair())
    whole = ranges(seen)
    chart = seen.page.locator(".u-over").first
    drag(seen, chart)
    (start, end), other = ranges(seen)
    assert [start, end] == other
    assert whole[0][0] < start < end < whole[0][1]
    if way == "double click":
        chart.dblclick()
    elif way == "Escape":
        seen.page.keyboard.press("Escape")
    else:
        seen.page.get_by_label("Reset the zoom").click()
    assert whole == ranges(seen)


def pressed(seen: Seen) -> list[str | None]:
    buttons = seen.page.locator("[data-series]").all()
    return [button.get_attribute("aria-pressed") for button in buttons]


def test_a_click_in_the_legend_shows_a_series_alone_and_again_all(browser: Chromium) -> None:
    seen = opened(browser, board("One", Placed(chart("Chart", waves(3)), 0, 0, 24, 8)))
    seen.page.locator("[data-series='1']").click()
    assert ["false", "true", "false"] == pressed(seen)
    seen.page.locator("[data-series='1']").press("Enter")
    assert ["true", "true", "true"] == pressed(seen)
    seen.page.locator("[data-series='1']").click(modifiers=["Control"])
    assert ["true", "false", "true"] == pressed(seen)


def test_what_is_stacked_is_stacked_anew_without_a_hidden_series(browser: Chromium) -> None:
    flat = [frame(name, [size] * 60) for name, size in (("a", 1.0), ("b", 2.0), ("c", 4.0))]
    shown = chart("Stack", flat, custom={"stacking": {"mode": "normal", "group": "A"}})
    seen = opened(browser, board("Stacked", Placed(shown, 0, 0, 24, 8)))
    top = "[...charts.values()][0].plot.data.at(-1)[5]"
    assert 7 == seen.page.evaluate(top)
    seen.page.locator("[data-series='1']").click(modifiers=["Control"])
    assert 5 == seen.page.evaluate(top)


def test_a_table_is_sorted_by_its_values_and_not_by_their_texts(browser: Chromium) -> None:
    options = {"legend": {"displayMode": "table", "calcs": ["max"]}}
    flat = [frame(name, [size]) for name, size in (("a", 900.0), ("b", 1e9), ("c", 2e3))]
    shown = chart("Table", flat, defaults={"unit": "short"}, options=options)
    seen = opened(browser, board("Sorted", Placed(shown, 0, 0, 24, 8)))
    head = seen.page.locator("th", has_text="Max")
    names = seen.page.locator(".legend tbody button")
    head.click()
    assert ["a", "c", "b"] == names.all_inner_texts()
    head.press("Enter")
    assert ["b", "c", "a"] == names.all_inner_texts()


# Pages


def of_rows(height: int = 8, **options: Any) -> Board:
    """A dashboard of one table with forty rows."""
    rows = Frame(
        [field("disk", [f"sd{index}" for index in range(40)]), field("n", list(range(40)))]
    )
    shown = panel("table", rows, options={"enablePagination": True, **options})
    return board("Rows", Placed(shown, 0, 0, 24, height))


def seen_rows(seen: Seen) -> list[str]:
    """The first cells of the rows that are seen."""
    return seen.page.locator("tbody tr:visible td:first-child").all_inner_texts()


def test_a_page_of_a_table_has_as_many_rows_as_fit(browser: Chromium) -> None:
    seen = opened(browser, of_rows(), viewport={"width": 1600, "height": 900})
    said = seen.page.locator(".pager .told")
    expect(said).to_have_text("1 - 4 of 40 rows")
    seen.page.get_by_label("Next page").click()
    assert ["sd4", "sd5", "sd6", "sd7"] == seen_rows(seen)
    box = "document.querySelector('.table')"
    assert seen.page.evaluate(f"{box}.scrollHeight <= {box}.clientHeight")
    seen.page.get_by_label("Previous page").press("Enter")
    expect(said).to_have_text("1 - 4 of 40 rows")
    expect(seen.page.get_by_label("Previous page")).to_be_disabled()
    assert "1 2 … 10" == " ".join(seen.page.locator(".numbers").inner_text().split())
    seen.page.locator(".numbers button").last.press("Enter")
    assert ["sd36", "sd37", "sd38", "sd39"] == seen_rows(seen)
    expect(seen.page.locator(".numbers [aria-current]")).to_be_focused()


def test_a_table_is_sorted_over_all_of_its_pages(browser: Chromium) -> None:
    seen = opened(browser, of_rows())
    seen.page.locator("th", has_text="n").click(click_count=2)
    assert ["sd39", "sd38"] == seen_rows(seen)[:2]


def test_a_timeline_has_pages_of_the_rows_that_its_author_wants(browser: Chromium) -> None:
    frames = [series(f"web{index}", 1.0) for index in range(5)]
    seen = opened(browser, over_time("state-timeline", *frames, options={"perPage": 2}))
    assert "web0" in pointed(seen, 0.05, 0.2)
    for _ in range(2):
        seen.page.get_by_label("Next page").click()
    expect(seen.page.locator(".numbers [aria-current]")).to_have_text("3")
    assert ["web4"] == seen.page.locator(".labels:visible text").all_text_contents()
    assert "web4" in pointed(seen, 0.05, 0.5)
    expect(seen.page.get_by_label("Next page")).to_be_disabled()


# What a picture has to have alike


def test_a_gap_reaches_to_the_next_sample(browser: Chromium) -> None:
    at = [FIRST + 60_000 * minute for minute in (0, 1, 6, 7)]
    shown = chart("Gap", [frame("all", [1.0] * 8), frame("some", [2.0] * 4, at=at)])
    seen = opened(browser, board("Gap", Placed(shown, 0, 0, 12, 8)))
    values = seen.page.evaluate("[...charts.values()][0].values[2]")
    assert [2, 2, None, None, None, None, 2, 2] == values


def test_python_and_uplot_end_axes_at_the_same_values(browser: Chromium) -> None:
    made = random.Random(7)
    cases = []
    for _ in range(500):
        low = made.choice([0, made.uniform(-1, 1), made.randint(-100, 100)])
        low *= 10 ** made.randint(-6, 9)
        high = low + made.choice([0, 1, made.random()]) * 10 ** made.randint(-6, 9)
        limits = {
            "min": made.choice([None, None, low - 5, 0]),
            "max": made.choice([None, None, high + 5, 1]),
            "soft_min": made.choice([None, None, 0, low - 1]),
            "soft_max": made.choice([None, None, 100, high + 1]),
            "is_centered": made.random() < 0.1,
            "is_whole": made.random() < 0.2,
        }
        cases.append((low, high, limits))
    seen = opened(browser, pair())
    answers = seen.page.evaluate(
        """(cases) => cases.map(([low, high, limits]) => {
          const given = (key) => limits[key] ?? undefined;
          return rangeOf({ min: given("min"), max: given("max"), softMin: given("soft_min"),
            softMax: given("soft_max"), centered: limits.is_centered,
            whole: limits.is_whole })(null, low, high);
        })""",
        cases,
    )
    for (low, high, limits), ends in zip(cases, answers, strict=True):
        expected = axes.range_of(low, high, axes.Limits(**limits))
        assert pytest.approx(expected, rel=1e-9, abs=1e-12) == ends, (low, high, limits)


def test_python_and_uplot_have_the_same_ticks(browser: Chromium) -> None:
    seen = opened(browser, gallery(), viewport={"width": 1600, "height": 1200})
    plots = seen.page.evaluate(
        """[...charts.values()].filter((each) => each.plot).map(({ plot, definition }) => ({
          length: [plot.over.clientWidth, plot.over.clientHeight],
          times: [plot.scales.x.min, plot.scales.x.max, plot.axes[0]._values],
          values: definition.axes.map((axis, index) => [
            plot.scales[`y${index}`].min, plot.scales[`y${index}`].max, axis.base ?? 0,
            axis.every ?? "", plot.axes[index + 1]._splits,
          ]),
        }))"""
    )
    assert 12 <= len(plots)
    zone = axes.zone_of("utc")
    for plot in plots:
        (wide, high), (start, end, labels) = plot["length"], plot["times"]
        step = axes.time_step(start, end, wide)
        there = axes.time_ticks(start, end, step, zone)
        assert [axes.time_label(tick, step, end - start, zone) for tick in there] == labels
        for low, top, base, kind, splits in plot["values"]:
            if not base:
                apart = axes.step_of(low, top, high, axes.space_of(high), kind)
                assert pytest.approx(axes.ticks(low, top, apart)) == splits


# Keys


def test_the_first_key_leads_past_the_head(browser: Chromium) -> None:
    seen = opened(browser, pair())
    seen.page.keyboard.press("Tab")
    expect(seen.page.locator(".skip")).to_be_focused()
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator("main")).to_be_focused()


def test_keys_go_from_panel_to_panel_and_move_the_cursor(browser: Chromium) -> None:
    seen = opened(browser, pair())
    for key in ("j", "j", "k"):
        seen.page.keyboard.press(key)
    expect(seen.page.locator(".panel").first).to_be_focused()
    seen.page.keyboard.press("ArrowRight")
    expect(seen.page.locator("#hover")).to_be_visible()


def test_arrows_change_between_dashboards(browser: Chromium) -> None:
    seen = opened(browser, pair(), board("Other", uid="other"))
    seen.page.get_by_role("tab", name="Pair").focus()
    seen.page.keyboard.press("ArrowRight")
    expect(seen.page.get_by_role("tab", name="Other")).to_be_focused()
    assert ["Other"] == [heading.inner_text() for heading in seen.page.locator("h1:visible").all()]
    seen.page.keyboard.press("ArrowRight")
    expect(seen.page.locator("h1:visible")).to_have_text("Pair")


def test_tabs_of_a_dashboard_show_one_part_at_a_time(browser: Chromium) -> None:
    tabs = [
        Section(name, SectionKind.TAB, panels=[Placed(chart(name, waves(1)), 0, 0, 12, 8)])
        for name in ("First", "Second")
    ]
    seen = opened(browser, board("Tabs", sections=tabs))
    expect(seen.page.locator(".panel:visible")).to_have_count(1)
    seen.page.get_by_role("tab", name="Second").click()
    expect(seen.page.locator(".panel:visible h3")).to_have_text("Second")
    expect(seen.page.locator(".panel:visible canvas")).to_be_visible()


def test_a_question_mark_shows_the_keys(browser: Chromium) -> None:
    seen = opened(browser, pair())
    seen.page.keyboard.press("?")
    expect(seen.page.locator("#help")).to_be_visible()
    seen.page.keyboard.press("Escape")
    expect(seen.page.locator("#help")).to_be_hidden()


# Screens and colours


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_no_screen_is_too_narrow(browser: Chromium, width: int) -> None:
    seen = opened(browser, gallery(), pair(), viewport={"width": width, "height": 900})
    seen.open_all()
    assert width == seen.page.evaluate("document.documentElement.scrollWidth")


def test_on_a_phone_panels_are_in_one_column(browser: Chromium) -> None:
    seen = opened(browser, pair(), viewport={"width": 360, "height": 900})
    boxes = [element.bounding_box() for element in seen.page.locator(".panel").all()]
    assert [(8, 344, 296), (8, 344, 296)] == [
        (box["x"], box["width"], box["height"]) for box in boxes if box
    ]


@pytest.mark.parametrize("width", [360, 1600])
def test_many_tabs_leave_the_buttons_their_room(browser: Chromium, width: int) -> None:
    """The name of the other theme would break in two lines."""
    boards = [replace(pair(), uid=str(at), title=f"Dashboard {at}") for at in range(20)]
    seen = opened(browser, *boards, viewport={"width": width, "height": 900})
    height = seen.page.locator("#theme").evaluate("(button) => button.offsetHeight")
    assert 23 == height


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_can_be_read(browser: Chromium, scheme: str) -> None:
    seen = opened(browser, gallery(), color_scheme=scheme)
    contrast = seen.page.evaluate(CONTRAST)
    assert len(contrast) > 20
    assert {} == {name: ratio for name, ratio in contrast.items() if ratio < AA}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_button_changes_the_theme_also_of_charts(browser: Chromium, scheme: str) -> None:
    seen = opened(browser, pair(), color_scheme=scheme)
    ground = "getComputedStyle(document.body).backgroundColor"
    line = "paint('green')"
    before = [seen.page.evaluate(ground), seen.page.evaluate(line)]
    seen.page.keyboard.press("t")
    after = [seen.page.evaluate(ground), seen.page.evaluate(line)]
    assert all(one != other for one, other in zip(before, after, strict=True))
    seen.page.locator("#theme").click()
    assert before == [seen.page.evaluate(ground), seen.page.evaluate(line)]


# Size


def test_a_page_of_forty_panels_is_small_enough_for_a_mail() -> None:
    assert len(html([large()]).encode()) <= BUDGET


def test_nothing_on_the_page_has_a_style_of_its_own() -> None:
    text = html([gallery()])
    assert [] == re.findall(
        r"<[^>]*\sstyle=", text.partition("</style>")[2].partition("<script")[0]
    )


def test_a_panel_without_anything_is_shown(browser: Chromium) -> None:
    seen = opened(browser, board("Empty", Placed(Shown({}, ""), 0, 0, 12, 4)))
    expect(seen.page.locator(".panel")).to_be_visible()
