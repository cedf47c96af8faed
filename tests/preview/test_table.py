"""Tables of a preview: which columns, rows, texts and colours they show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from playwright.sync_api import expect

from gk.preview import classes
from gk.preview.kinds import kind_of, other, table
from gk.preview.links import Anchor
from gk.preview.model import Field, FieldType, Frame, Shown
from gk.preview.theme import DARK
from gk.prometheus.macros import TimeRange
from tests.cases import every
from tests.chromium import Chromium
from tests.previews import CONFIGS, FRAMES, JSON, drawn, field, page, panel, texts_of

STEPS = {
    "mode": "absolute",
    "steps": [{"value": None, "color": "green"}, {"value": 80, "color": "red"}],
}
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def disks(**config: Any) -> Frame:
    """Three disks and how full they are."""
    return Frame(
        [
            field("disk", ["sda", "sdb", "sdc"]),
            field("used", [50.0, 97.5, None], unit="percent", thresholds=STEPS, **config),
        ]
    )


def shown(*frames: Frame, **keys: Any) -> table.Table:
    """What a table shows."""
    return table.view(panel("table", *frames, **keys))


def column(cells: table.Table, name: str) -> list[str]:
    """The texts of a column."""
    return [row[name] for row in cells.texts]


# Columns


def test_how_long_ago_a_time_was_is_said_from_the_end_of_the_range() -> None:
    """Grafana says it from now; so the same data have the same picture."""
    since = field("since", [3_600_000.0], unit="dateTimeFromNow")
    given = replace(panel("table", Frame([since])), time=TimeRange(3_600, 10_800))
    assert ["2 hours ago"] == column(table.view(given), "since")


def test_a_table_shows_each_field_as_a_column_with_its_texts() -> None:
    view = shown(disks(displayName="Used", decimals=1))
    assert [
        {"disk": "sda", "Used": "50.0%"},
        {"disk": "sdb", "Used": "97.5%"},
        {"disk": "sdc", "Used": ""},
    ] == view.texts


@pytest.mark.parametrize("custom", [{"hidden": True}, {"hideFrom": {"viz": True}}])
def test_a_hidden_column_is_not_there(custom: dict[str, Any]) -> None:
    frame = Frame([field("a", ["x"]), field("b", ["y"], custom=custom)])
    assert ["a"] == [column.name for column in shown(frame).columns]


def test_numbers_are_on_the_right_unless_the_field_says_otherwise() -> None:
    frame = Frame([field("a", ["x"]), field("b", [1]), field("c", [1], custom={"align": "center"})])
    assert ["left", "right", "center"] == [column.align for column in shown(frame).columns]


def test_of_numbers_only_texts_are_on_the_right() -> None:
    custom = {"cellOptions": {"type": "gauge"}}
    assert "left" == shown(Frame([field("a", [1], custom=custom)])).columns[0].align


def test_a_column_has_the_width_of_its_field() -> None:
    frame = Frame([field("a", [1], custom={"width": 90}), field("b", [1], custom={"minWidth": 60})])
    assert [(90, 150), (None, 60)] == [
        (column.width, column.least) for column in shown(frame).columns
    ]


def test_a_table_shows_the_frame_that_its_options_choose_and_says_that_there_are_others() -> None:
    frames = [Frame([field(name, [1])]) for name in "ab"]
    view = shown(*frames, options={"frameIndex": 1})
    assert ["b"] == [column.name for column in view.columns]
    assert ["b: table 2 of 2; Grafana lets the reader choose."] == list(view.notes)


def test_without_frames_there_is_no_data() -> None:
    assert ["No data"] == texts_of(drawn(panel("table")))


def test_without_frames_the_panel_may_have_its_own_words() -> None:
    given = panel("table", config={"defaults": {"noValue": "Nothing to show"}})
    assert "Nothing to show" in table.html(table.view(given))


def test_a_table_may_have_no_header() -> None:
    frame = Frame([field("name", ["x"])])
    assert ["x"] == texts_of(drawn(panel("table", frame, options={"showHeader": False})))


# Rows


@pytest.mark.parametrize(("desc", "order"), [(True, "bac"), (False, "cab")])
def test_rows_are_sorted_as_the_panel_says_and_nothing_is_less_than_any_number(
    desc: bool, order: str
) -> None:
    frame = Frame([field("name", ["a", "b", "c"]), field("n", [2, 10, None])])
    view = shown(frame, options={"sortBy": [{"displayName": "n", "desc": desc}]})
    assert list(order) == column(view, "name")
    assert ("descending" if desc else "ascending") == view.columns[1].sorted


def test_texts_are_sorted_as_people_order_them() -> None:
    frame = Frame([field("name", ["disk10", "Disk2", "disk1"])])
    view = shown(frame, options={"sortBy": [{"displayName": "name", "desc": False}]})
    assert ["disk1", "Disk2", "disk10"] == column(view, "name")


def test_rows_that_are_equal_in_one_column_are_sorted_by_the_next() -> None:
    frame = Frame([field("a", [1, 1, 0]), field("b", [1, 2, 3])])
    by = [{"displayName": "a", "desc": True}, {"displayName": "b", "desc": True}]
    assert ["2", "1", "3"] == column(shown(frame, options={"sortBy": by}), "b")


def test_of_many_rows_the_first_thousand_are_there_and_a_note_counts_the_others() -> None:
    view = shown(Frame([field("n", list(range(1_001)))]))
    assert (1_000, ["1 more row is not shown."]) == (len(view.rows), list(view.notes))


# Cells


def cell(**custom: Any) -> table.Cell:
    """The cell of 97.5 percent."""
    return shown(disks(custom=custom, min=0, max=100)).rows[1][1]


def test_a_cell_without_a_type_has_no_colour() -> None:
    assert table.Cell("97.5%", sort=97.5) == cell()


@pytest.mark.parametrize(
    "custom", [{"cellOptions": {"type": "color-text"}}, {"displayMode": "color-text"}]
)
def test_the_text_of_a_cell_may_have_the_colour_of_its_value(custom: dict[str, Any]) -> None:
    assert table.Cell("97.5%", color="red", sort=97.5) == cell(**custom)


@pytest.mark.parametrize(
    ("custom", "is_gradient"),
    [
        ({"cellOptions": {"type": "color-background", "mode": "basic"}}, False),
        ({"cellOptions": {"type": "color-background"}}, True),
        ({"displayMode": "color-background-solid"}, False),
        ({"displayMode": "color-background"}, True),
    ],
)
def test_the_background_of_a_cell_may_have_the_colour_of_its_value(
    custom: dict[str, Any], is_gradient: bool
) -> None:
    expected = table.Cell("97.5%", ground="red", is_gradient=is_gradient, sort=97.5)
    assert expected == cell(**custom)


def test_a_background_may_be_that_of_the_whole_row() -> None:
    options = {"type": "color-background", "applyToRow": True}
    view = shown(disks(custom={"cellOptions": options}))
    assert [("green", "green"), ("red", "red")] == [
        (row[0].ground, row[1].ground) for row in view.rows[:2]
    ]


@pytest.mark.parametrize(
    ("custom", "mode"),
    [
        ({"cellOptions": {"type": "gauge", "mode": "basic"}}, "basic"),
        ({"cellOptions": {"type": "gauge", "mode": "lcd"}}, "lcd"),
        ({"cellOptions": {"type": "gauge"}}, "gradient"),
        ({"displayMode": "lcd-gauge"}, "lcd"),
    ],
)
def test_a_cell_may_be_a_bar(custom: dict[str, Any], mode: str) -> None:
    assert table.Bar(0.975, "red", mode) == cell(**custom).bar


def test_a_cell_without_a_value_has_an_empty_bar() -> None:
    """As in Grafana 12.4."""
    options = {"cellOptions": {"type": "gauge"}}
    thresholds = {"steps": [{"color": "green", "value": None}]}
    column = field("Used", [5.0, None], custom=options, thresholds=thresholds)
    view = table.view(panel("table", Frame([column])))
    assert [("5", "green"), ("", "green")] == [
        (row[0].text, row[0].bar and row[0].bar.color) for row in view.rows
    ]


def test_a_value_out_of_range_fills_its_bar() -> None:
    view = shown(disks(custom={"cellOptions": {"type": "gauge"}}, min=0, max=90))
    assert [1.0] == [cell.bar.share for cell in view.rows[1] if cell.bar]


def test_an_object_is_shown_as_json() -> None:
    frame = Frame([Field("labels", FieldType.OTHER, [{"a": [1, "ü"]}])])
    assert ['{"a": [1, "ü"]}'] == column(shown(frame), "labels")


def test_a_series_in_a_cell_is_a_line_with_its_last_value() -> None:
    series = Frame([field("Value", [1.0, 3.0, None, 2.0], unit="percent")])
    frame = Frame(
        [
            Field(
                "trend",
                FieldType.OTHER,
                [series],
                config={"custom": {"cellOptions": {"type": "sparkline"}}},
            )
        ]
    )
    cell = shown(frame).rows[0][0]
    assert ("2%", (1.0, 3.0, None, 2.0), 2.0) == (cell.text, cell.trend, cell.sort)


# Links


@every(
    "url, expected",
    [
        ("https://x.example/?d=${__data.fields.disk}", "https://x.example/?d=sdb"),
        ('/d/a?d=${__data.fields["disk"]}', "/d/a?d=sdb"),
        ("/d/a?d=${__data.fields[0].text}", "/d/a?d=sdb"),
        ("/d/a?v=${__value.raw}&t=${__value.text}", "/d/a?v=97.5&t=97.5%"),
        ("/d/a?v=${__value.text:percentencode}", "/d/a?v=97.5%25"),
        ("/d/a?f=${__field.name}&s=${__series.name}", "/d/a?f=used&s=S"),
        ("/d/a?n=$node", "/d/a?n=one"),
        ("/d/a?x=${__data.fields.nothing}", "/d/a?x=${__data.fields.nothing}"),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("${__data.fields.disk}:alert(1)", ""),
        ("", None),
    ],
)
def test_a_link_has_the_values_of_its_row_and_leads_nowhere_but_to_a_web_page(
    url: str, expected: str | None
) -> None:
    links = [{"title": "T", "url": url, "targetBlank": True}]
    frame = Frame(disks(links=links).fields, name="S")
    view = shown(frame, interpolate=lambda text: text.replace("$node", "one"), config={})
    expected_links = () if expected is None else (Anchor("T", expected, new_tab=True),)
    assert expected_links == view.rows[1][1].links


def test_several_links_of_a_cell_are_a_menu_of_the_page() -> None:
    """Of those that lead anywhere."""
    urls = {"One": "/d/1", "Two": "/d/2", "Run": "javascript:alert(1)"}
    links = [{"title": title, "url": url} for title, url in urls.items()]
    view = shown(Frame(disks(links=links).fields), config={})
    assert '[["One", "/d/1", false], ["Two", "/d/2", false]]' == view.rows[1][1].menu


# Footers


def footers(*frames: Frame, **keys: Any) -> list[list[str]]:
    """What is below each column."""
    return [[str(line) for line in column.footer] for column in shown(*frames, **keys).columns]


def test_a_footer_has_the_panels_calculation_of_each_number_and_says_once_what_it_is() -> None:
    options = {"footer": {"show": True, "reducer": ["sum"]}}
    assert [["Total"], ["147.5%"]] == footers(disks(decimals=1), options=options)


def test_a_footer_is_of_the_chosen_fields_only() -> None:
    frame = Frame([field("a", ["x"]), field("b", [1, 2]), field("c", [3, 4])])
    footer = {"show": True, "reducer": ["max"], "fields": ["c"]}
    assert [["Max"], [], ["4"]] == footers(frame, options={"footer": footer})


def test_a_footer_may_count_the_rows() -> None:
    footer = {"show": True, "reducer": ["count"], "countRows": True}
    assert [["Count: 3"], [""]] == footers(disks(), options={"footer": footer})


def test_a_field_may_have_a_footer_of_its_own_since_12_2() -> None:
    columns = footers(disks(custom={"footer": {"reducers": ["max", "count"]}}))
    assert [["Max", "Count"], ["97.5%", "2"]] == columns


def test_columns_with_different_footers_say_what_each_is() -> None:
    frame = Frame(
        [
            field("a", [1, 3], custom={"footer": {"reducers": ["max"]}}),
            field("b", [1, 3], custom={"footer": {"reducers": ["min"]}}),
        ]
    )
    assert [["Max: 3"], ["Min: 1"]] == footers(frame)


# Other types


def test_a_panel_of_a_type_that_is_not_drawn_shows_its_data_and_says_so() -> None:
    view = other.view(panel("geomap", disks()))
    assert "gk does not draw panels of this type (geomap): this is their data." == view.note
    assert ["sda", "sdb", "sdc"] == column(view.tables[0][1], "disk")


# Pictures and the page


def test_a_picture_has_the_rows_that_fit_and_counts_the_others() -> None:
    frame = Frame([field("n", list(range(100)))])
    assert ["n", "0", "1", "2", "97 more rows"] == texts_of(drawn(panel("table", frame), 300, 170))


def test_a_picture_has_no_column_that_begins_outside() -> None:
    frame = Frame([field(f"c{index}", ["x"]) for index in range(9)])
    assert ["c0", "x", "c1", "x"] == texts_of(drawn(panel("table", frame), 300, 100))


@given(FRAMES, JSON, CONFIGS)
def test_any_data_and_options_make_a_table_and_a_picture(
    frames: list[Frame], options: Any, config: dict[str, Any]
) -> None:
    for kind in ("table", "geomap"):
        shown = panel(kind, *frames, options=options, config={"defaults": config})
        drawn(shown)
        kind_of(kind).html(kind_of(kind).view(shown))


def test_the_same_table_gives_the_same_bytes() -> None:
    one, other = (shown(disks(custom={"cellOptions": {"type": "gauge"}})) for _ in range(2))
    assert table.html(one) == table.html(other)
    assert table.draw(one, 300, 200, DARK) == table.draw(other, 300, 200, DARK)


def hostile() -> Shown:
    """A table with one text wherever it can be."""
    frame = Frame(
        [
            field(HOSTILE, [HOSTILE], links=[{"title": HOSTILE, "url": HOSTILE}]),
            field("b", [HOSTILE], links=[{"title": HOSTILE, "url": url} for url in "/?"]),
            Field("c", FieldType.OTHER, [{HOSTILE: HOSTILE}]),
            field("d", [1.0], thresholds={"steps": [{"value": None, "color": HOSTILE}]},
                  custom={"cellOptions": {"type": "color-background"}, "align": HOSTILE}),
        ],
        name=HOSTILE,
    )  # fmt: skip
    return panel("table", frame, frame, options={"footer": {"show": True, "reducer": [HOSTILE]}})


def test_hostile_texts_run_nothing(browser: Chromium) -> None:
    seen = browser.open(page(table.html(table.view(hostile()))))
    expect(seen.page.locator("td").first).to_have_text(HOSTILE)
    assert ([], [], []) == (seen.console, seen.requests, seen.dialogs)
    assert 0 == seen.page.locator("script, img, [onerror], [style]").count()


def test_a_wide_table_scrolls_inside_its_panel(browser: Chromium) -> None:
    frame = Frame([field(f"column {index}", ["x"]) for index in range(20)])
    seen = browser.open(page(table.html(shown(frame))), viewport={"width": 360, "height": 640})
    widths = "[document.documentElement.scrollWidth, document.querySelector('.table').scrollWidth]"
    assert [360, 3_000] == seen.page.evaluate(widths)


def test_columns_have_their_widths_and_share_the_rest(browser: Chromium) -> None:
    frame = Frame([field("a", [1], custom={"width": 90}), field("b", [1]), field("c", [1])])
    seen = browser.open(page(table.html(shown(frame))), viewport={"width": 906, "height": 640})
    widths = "[...document.querySelectorAll('th')].map((each) => Math.round(each.offsetWidth))"
    measured = seen.page.evaluate(widths)
    assert (90, measured[1]) == (measured[0], measured[2])


def test_a_colour_is_a_class_whose_rule_the_page_has(browser: Chromium) -> None:
    options = {"type": "color-background", "mode": "basic"}
    body = table.html(shown(disks(custom={"cellOptions": options})))
    seen = browser.open(page(body), color_scheme="dark")
    ground = "getComputedStyle(document.querySelectorAll('td')[3]).backgroundColor"
    assert "rgb(242, 73, 92)" == seen.page.evaluate(ground)


@pytest.mark.parametrize(
    ("color", "rule"),
    [
        ("dark-red", ".paint-dark-red{--paint:var(--dark-red);--paint-ink:var(--chalk)}\n"),
        ("#FADE2A", ".paint-xfade2a{--paint:#fade2a;--paint-ink:var(--ink)}\n"),
        ("red;}body{display:none", ""),
    ],
)
def test_the_rules_of_colours_are_those_of_their_classes(color: str, rule: str) -> None:
    assert rule == classes.rules(f'<td class="ground {classes.paint(color)}">')
