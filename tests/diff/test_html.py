"""The page of a comparison, as a browser shows it: links, keys, colours, narrow screens, and titles
that want to run.

One headless Chromium opens all pages of this module.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect

from gk.diff.compare import compare
from gk.diff.forms.html import OPEN, html
from gk.diff.forms.pictures import Fate, pictures
from gk.diff.model import (
    Cause,
    Change,
    Diff,
    Edit,
    Form,
    Level,
    Look,
    Mark,
    Part,
    Place,
    Risk,
    Spot,
)
from gk.diff.sides.side import Side, Version
from gk.documents.differences import ABSENT
from gk.documents.rows import COLUMNS
from gk.errors import Problem, Source
from gk.resource import Kind, Resource, canonical
from tests.chromium import CONTRAST, Chromium
from tests.diff.test_dashboards import board, panel, row
from tests.diffs import EDITS, SHOP, write
from tests.diffs import side as built

TOGETHER = (
    "panel-added",
    "panel-moved",
    "row-collapsed",
    "query",
    "snippet",
    "thresholds",
    "dashboard-added",
    "alert-threshold",
    "alert-waits-longer",
    "contact-point",
    "datasource-url",
)
"""Edits that can all be made at once."""
SCHEMES = ("light", "dark")
AA = 4.5
HOSTILE = [
    pytest.param("<script>alert(1)</script>", id="script"),
    pytest.param('"><img src=x onerror=alert(1)>', id="attribute"),
    pytest.param("' autofocus onfocus=alert(1) x='", id="single quotes"),
    pytest.param("javascript:alert(1)", id="address"),
    pytest.param("</style></title></script><script>alert(1)</script>", id="end of an element"),
    pytest.param("--><svg onload=alert(1)>]]>", id="end of a comment"),
    pytest.param("{{ 7 * 7 }}{% raw %}", id="template"),
    pytest.param("&lt;b&gt;&quot;&#60;", id="entities"),
    pytest.param("a\u202eb\u2066c\u200fd", id="direction"),
    pytest.param("a\x00b\x1b[31mc\x9bd\u200be\ufefff", id="characters that nobody sees"),
    pytest.param("a\ud800b", id="half a character"),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Diff:
    """Many edits of the shop's project at once."""
    root = tmp_path_factory.mktemp("shop")
    write(root, SHOP)
    old = built(root, "HEAD")
    for edit in TOGETHER:
        EDITS[edit].write(root)
    return compare(old, built(root, "working tree"))


def side(*bodies: Mapping[str, Any]) -> Side:
    """A side that has nothing but dashboards."""
    return Side(name="side", resources=[_dashboard(body) for body in bodies])


def _dashboard(body: Mapping[str, Any]) -> Resource:
    source = Source("dashboards/shop.py", 3)
    return Resource(
        Kind.DASHBOARD, str(body["uid"]), str(body["title"]), "", canonical(body), source
    )


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    """What became of one dashboard."""
    diff = compare(side({"uid": "shop", **old}), side({"uid": "shop", **new}))
    return diff.changes[0]


def document(text: str, old: Any, new: Any) -> Change:
    """A change in which every text is the same one."""
    edits = (
        Edit(text, text, f"{text} {text}", path=text),
        Edit(text, ABSENT, {text: [text]}, Form.VALUE),
    )
    query = Edit(text, text, f"sum({text})", Form.PROMQL, causes=(text,))
    return Change(
        mark=Mark.CHANGED,
        kind=Kind.DASHBOARD,
        uid=text,
        title=text,
        folder=text,
        old_uid=f"{text} before",
        old_title=text,
        old_folder="",
        source=Source(text, 1),
        parts=(Part("panel", text, Mark.CHANGED, (*edits, query), text, ("1", "1")),),
        old=old,
        new=new,
        history=(Version(1, text, text, text),),
    )


def everywhere(text: str) -> Diff:
    """A comparison with one text wherever it can be."""
    body = board(
        {"id": 1, "type": text, "title": text, "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8}},
        title=text,
    )
    return Diff(
        old=text,
        new=text,
        changes=(document(text, body, body),),
        causes=(
            Cause(
                text,
                text,
                (Edit(text, "1", "2"),),
                (Place(Kind.DASHBOARD, text, text, Spot("panel", text)),),
                text,
            ),
        ),
        risks=(Risk(Level.DANGER, text, Kind.DASHBOARD, text, Spot("panel", text)),),
        old_problems=(Problem(Source(text, 1), text),),
    )


# The page and nothing else


def test_a_page_asks_for_nothing_and_has_nothing_to_complain_of(
    browser: Chromium, shop: Diff
) -> None:
    seen = browser.open(html(shop))
    seen.open_all()
    seen.page.locator("a.panel").first.click()
    seen.page.locator("#theme").click()
    assert ([], [], []) == (seen.console, seen.requests, seen.dialogs)


def test_what_gets_into_a_page_all_the_same_can_ask_for_nothing_and_run_nothing(
    browser: Chromium,
) -> None:
    seen = browser.open(html(Diff(old="a", new="b")))
    refused = seen.page.evaluate("""async () => {
      const refused = new Set();
      document.addEventListener("securitypolicyviolation", (event) => {
        refused.add(event.effectiveDirective);
      });
      const address = "http://127.0.0.1:9/";
      const elements = {
        img: { src: address },
        iframe: { src: address },
        video: { src: address },
        script: { textContent: "document.title = 'ran'" },
        style: { textContent: "body { display: none; }" },
        div: { innerHTML: "<b onclick='1' style='color: red'></b>" },
      };
      for (const [name, own] of Object.entries(elements)) {
        document.body.append(Object.assign(document.createElement(name), own));
      }
      await fetch(address).catch(() => {});
      // What was refused is told later.
      for (let tries = 0; tries < 100 && refused.size < 8; tries++) {
        await new Promise((go) => setTimeout(go, 10));
      }
      return [...refused].sort();
    }""")
    kinds = ("connect-src", "frame-src", "img-src", "media-src")
    inline = (f"{kind}-src-{where}" for kind in ("script", "style") for where in ("attr", "elem"))
    assert [*kinds, *inline] == refused
    assert "gk diff: a → b" == seen.page.title()


SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30" onload="document.title=1">'
    '<script>alert(1)</script><image href="http://127.0.0.1:9/"/>'
    '<rect width="40" height="30"/></svg>'
)


def looking(look: Look) -> Diff:
    """A comparison whose only panel has pictures with data."""
    change = document("CPU", board(), board())
    (part,) = change.parts
    return Diff(old="a", new="b", changes=(replace(change, parts=(replace(part, look=look),)),))


def test_a_panel_has_its_pictures_with_data_beside_each_other(browser: Chromium) -> None:
    seen = browser.open(html(looking(Look(SQUARE, SQUARE))))
    pictures = seen.page.locator(".look img")
    assert ["Before: panel 'CPU' with data", "After: panel 'CPU' with data"] == [
        picture.get_attribute("alt") for picture in pictures.all()
    ]
    assert [40, 40] == pictures.evaluate_all("all => all.map((each) => each.naturalWidth)")
    before, after = (picture.bounding_box() for picture in pictures.all())
    assert before
    assert after
    assert before["y"] == after["y"]


def test_pictures_of_a_wide_panel_are_below_each_other(browser: Chromium) -> None:
    """Beside each other they would be too small to read."""
    seen = browser.open(html(looking(Look(SQUARE, SQUARE, is_wide=True))))
    before, after = (picture.bounding_box() for picture in seen.page.locator(".look img").all())

    assert before
    assert after
    assert before["x"] == after["x"]


def test_a_new_panel_has_one_picture(browser: Chromium) -> None:
    seen = browser.open(html(looking(Look(new=SQUARE))))
    assert ["After"] == seen.page.locator(".look figcaption").all_inner_texts()


def test_a_picture_with_data_runs_nothing_and_asks_for_nothing(browser: Chromium) -> None:
    seen = browser.open(html(looking(Look(SQUARE, SQUARE))))
    seen.open_all()
    expect(seen.page.locator(".look img").first).to_be_visible()
    assert ([], [], []) == (seen.console, seen.requests, seen.dialogs)
    assert "gk diff: a \u2192 b" == seen.page.title()


def test_the_same_comparison_makes_the_same_page(shop: Diff) -> None:
    assert html(shop) == html(shop)


class _Ids(HTMLParser):
    """The ids of a page, and the places that links go to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.ids += [str(attributes["id"])] if "id" in attributes else []
        self.links |= {str(attributes["href"])} if tag == "a" else set()


def test_every_link_goes_to_a_place_of_the_page_and_every_place_is_there_once(shop: Diff) -> None:
    twice = replace(shop, changes=(*shop.changes, *shop.changes))
    page = _Ids(html(twice))
    assert sorted(set(page.ids)) == sorted(page.ids)
    assert set() == page.links - {f"#{id_}" for id_ in page.ids}


def test_a_value_that_a_cause_shows_is_not_shown_again() -> None:
    query = Edit("query A", "sum(a)", "sum(b)", Form.PROMQL, causes=("snippet shop.a",))
    longer = replace(query, old="1 - sum(a)", new="1 - sum(b)")
    cause = Cause("snippet shop.a", "snippet shop.a", (replace(query, causes=()),), (), "2 panels")
    parts = tuple(Part("panel", edit.old, Mark.CHANGED, (edit,)) for edit in (query, longer))
    change = replace(document("Shop", {}, {}), parts=parts)
    page = html(Diff(old="a", new="b", changes=(change,), causes=(cause,)))
    assert 1 == page.count("Show it here")
    assert 3 == page.count("Because of") + page.count('<section id="cause-')


# From a picture to what changed


def test_a_click_on_a_panel_leads_to_what_changed_of_it(browser: Chromium, shop: Diff) -> None:
    seen = browser.open(html(shop))
    seen.page.locator("#dashboard-orders figure").last.locator(
        "a.panel", has_text="Requests now"
    ).click()
    place = seen.page.locator(":target")
    expect(place).to_contain_text("panel Requests now")
    expect(place).to_be_focused()
    expect(place).to_be_in_viewport()


def test_a_link_to_a_change_that_is_closed_opens_it(browser: Chromium) -> None:
    old, new = (many(OPEN + 1, window) for window in ("5m", "10m"))
    seen = browser.open(html(compare(side(*old), side(*new))))
    assert 0 == seen.page.locator(".change > details[open]").count()
    seen.page.locator("nav a", has_text=f"Service {OPEN}").click()
    expect(seen.page.locator(f"#dashboard-service-{OPEN} .pictures")).to_be_visible()
    seen.page.locator(".places > summary").first.click()
    seen.page.locator(".places a").first.click()
    expect(seen.page.locator(":target")).to_be_visible()


def test_a_panel_says_what_became_of_it_under_the_mouse_and_with_the_focus(
    browser: Chromium, shop: Diff
) -> None:
    seen = browser.open(html(shop))
    added = seen.page.locator("#dashboard-orders a.added", has_text="Requests now")
    tip = seen.page.locator("#tip")
    added.hover()
    expect(tip).to_be_visible()
    assert "Requests now\nstat, added: visualization, query A, unit" == tip.text_content()
    seen.page.locator("#dashboard-weather span.panel", has_text="Wind").first.hover()
    assert "Wind\ntimeseries, unchanged" == tip.text_content()
    seen.page.mouse.move(0, 0)
    expect(tip).to_be_hidden()
    added.focus()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("Requests now")
    seen.page.keyboard.press("Escape")
    assert tip.is_hidden()


# Keys


def test_keys_go_from_change_to_change_and_to_the_risks(browser: Chromium, shop: Diff) -> None:
    titles = [change.title for change in shop.shown]
    seen = browser.open(html(shop))
    heard = []
    for key in ("j", "j", "k", "r"):
        seen.page.keyboard.press(key)
        heard.append(seen.active)
    assert [True] * 4 == [
        text in said
        for text, said in zip((titles[0], titles[1], titles[0], "Risks"), heard, strict=True)
    ]


def test_enter_opens_and_closes_a_change(browser: Chromium, shop: Diff) -> None:
    seen = browser.open(html(shop))
    first = seen.page.locator(".change > details").first
    states = []
    for key in ("j", "Enter", "Enter"):
        seen.page.keyboard.press(key)
        states.append(first.get_attribute("open") is not None)
    assert [True, False, True] == states


def test_tab_reaches_a_panel_and_enter_follows_it(browser: Chromium, shop: Diff) -> None:
    seen = browser.open(html(shop))
    seen.page.keyboard.press("Tab")
    assert "Skip to the comparison" == seen.active
    seen.page.locator("#dashboard-orders summary").first.focus()
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement.matches('a.panel')")
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator(":target")).to_be_focused()
    assert seen.hash.startswith("#dashboard-orders/")


def test_a_question_mark_shows_the_keys_and_hides_them(browser: Chromium, shop: Diff) -> None:
    seen = browser.open(html(shop))
    states = []
    for key in ("?", "?", "?", "Escape"):
        seen.page.keyboard.press(key)
        states.append(seen.page.locator("#help").is_visible())
    assert [True, False, True, False] == states


# Dark and light, narrow and still


@pytest.mark.parametrize(("scheme", "other"), [SCHEMES, SCHEMES[::-1]], ids=SCHEMES)
def test_a_page_is_as_dark_as_the_system_until_somebody_switches(
    browser: Chromium, shop: Diff, scheme: str, other: str
) -> None:
    grounds = {"light": "rgb(245, 246, 248)", "dark": "rgb(14, 17, 22)"}
    seen = browser.open(html(shop), color_scheme=scheme)
    theme = seen.page.locator("#theme")

    def shown() -> tuple[str, str | None]:
        return seen.page.evaluate(
            "getComputedStyle(document.body).backgroundColor"
        ), theme.text_content()

    assert (grounds[scheme], f"Switch to {other}") == shown()
    theme.click()
    assert (grounds[other], f"Switch to {scheme}") == shown()
    seen.page.keyboard.press("t")
    assert (grounds[scheme], f"Switch to {other}") == shown()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_all_text_stands_out_from_what_is_behind_it(
    browser: Chromium, shop: Diff, scheme: str
) -> None:
    unknown = replace(document("Unknown", None, board()), mark=Mark.UNKNOWN)
    removed = replace(document("Removed", board(*_FIVE), None), mark=Mark.REMOVED)
    problems = (Problem(Source("dashboards/shop.py", 3), "no such name"),)
    diff = replace(shop, changes=(*shop.changes, unknown, removed), new_problems=problems)
    seen = browser.open(html(diff), color_scheme=scheme, reduced_motion="reduce")
    seen.open_all()
    seen.page.locator("a.panel").first.click()
    seen.page.locator("a.panel").first.hover()
    seen.page.evaluate("document.getElementById('help').showModal()")
    ratios = seen.page.evaluate(CONTRAST)
    assert len(ratios) > 60
    assert {} == {name: round(ratio, 2) for name, ratio in ratios.items() if ratio < AA}


@pytest.mark.parametrize("word", ["short", "x" * 300], ids=["words", "a word without end"])
def test_nothing_is_wider_than_a_small_phone(browser: Chromium, shop: Diff, word: str) -> None:
    diff = replace(everywhere(word), changes=(*everywhere(word).changes, *shop.changes))
    seen = browser.open(html(diff), viewport={"width": 360, "height": 740})
    seen.open_all()
    assert 360 == seen.page.evaluate("document.documentElement.scrollWidth")
    wide = (
        "[...document.querySelectorAll('body *')].filter((each) => "
        "each.getBoundingClientRect().right > 361)"
    )
    assert [] == seen.page.evaluate(f"{wide}.map((each) => each.outerHTML.slice(0, 99))")


@pytest.mark.parametrize(("motion", "expected"), [("reduce", "none"), ("no-preference", "arrive")])
def test_a_place_is_marked_without_motion_for_those_who_want_none(
    browser: Chromium, shop: Diff, motion: str, expected: str
) -> None:
    seen = browser.open(html(shop), reduced_motion=motion)
    seen.page.locator("a.panel").first.click()
    assert expected == seen.page.evaluate(
        "getComputedStyle(document.querySelector(':target')).animationName"
    )


def test_without_scripts_all_of_it_is_there(browser: Chromium, shop: Diff) -> None:
    seen = browser.open(html(shop), java_script_enabled=False)
    said = " ".join(seen.page.locator("main").inner_text().split())
    assert seen.page.locator(".tools").is_hidden()
    seen.page.locator("a.panel", has_text="Requests now").click()
    expect(seen.page.locator(":target")).to_be_visible()
    parts = [part for change in shop.shown for part in change.parts]
    assert [] == [part.name for part in parts if part.name not in said]
    queries = [
        edit.new
        for part in parts
        for edit in part.edits
        if edit.form is Form.PROMQL and not edit.causes
    ]
    assert queries
    assert [] == [query for query in queries if " ".join(query.split()) not in said]


# Text that wants to be more than text


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_runs_and_all_of_it_is_seen(browser: Chromium, text: str) -> None:
    seen = browser.open(html(everywhere(text)))
    seen.open_all()
    said = str(seen.page.locator("main").text_content())
    links = seen.page.evaluate(
        "[...document.querySelectorAll('a')].map((each) => each.getAttribute('href')[0])"
    )
    seen.page.locator("a.panel").first.click()
    expect(seen.page.locator(":target")).to_be_visible()
    assert {"#"} == set(links)
    assert (
        0
        == seen.page.locator(
            "main :is(script, img, svg, b:not(pre *), [onerror], [onfocus])"
        ).count()
    )
    assert ([], [], []) == (seen.console, seen.requests, seen.dialogs)
    shown = re.sub(
        "[\x00-\x1f\x7f-\x9f\u200b\u200f\u202e\u2066\ufeff\ud800]",
        lambda one: f"⟨U+{ord(one[0]):04X}⟩",
        text,
    )
    assert said.count(shown) >= 15


# Pictures

_FIVE = [
    panel("A", 0, 0, 24, 3),
    panel("B", 0, 3, 6, 8),
    panel("C", 6, 3, 7, 12),
    panel("D", 13, 3, 11, 5),
    panel("E", 20, 8, 4, 9),
]


def test_panels_lie_in_a_picture_as_they_lie_on_the_grid(browser: Chromium) -> None:
    new = [shown | {"description": "new"} for shown in _FIVE]
    rectangles = """
        [...document.querySelectorAll('figure:last-child .panel')].map((each) => {
          const inner = each.getBoundingClientRect();
          const outer = each.parentElement.getBoundingClientRect();
          const place = [inner.x - outer.x, inner.y - outer.y];
          return [...place, inner.width, inner.height, outer.width, outer.height];
        })"""
    seen = browser.open(
        html(Diff(old="a", new="b", changes=(changed(board(*_FIVE), board(*new)),)))
    )
    drawn = seen.page.evaluate(rectangles)
    assert 5 == len(drawn)
    for shown, (x, y, w, h, width, height) in zip(_FIVE, drawn, strict=True):
        place = shown["gridPos"]
        # Between two panels there is a gap.
        assert pytest.approx([place["x"] / COLUMNS, place["w"] / COLUMNS], abs=4 / width) == [
            x / width,
            w / width,
        ]
        assert pytest.approx([place["y"] / 17, place["h"] / 17], abs=4 / height) == [
            y / height,
            h / height,
        ]


def test_panels_and_rows_do_not_overlap_in_a_picture(browser: Chromium, shop: Diff) -> None:
    boxes = """
        [...document.querySelectorAll('.grid')].map((grid) => {
          return [...grid.querySelectorAll('.panel')].map((each) => {
            const box = each.getBoundingClientRect();
            return [box.left, box.top, box.right, box.bottom];
          });
        })"""
    seen = browser.open(html(shop))
    grids = seen.page.evaluate(boxes)
    assert len(grids) > 6
    for (left, top, right, bottom), (x, y, *_) in (
        pair for grid in grids for pair in product(grid, repeat=2)
    ):
        assert not (left < x < right and top < y < bottom)


def fates(change: Change) -> list[dict[str, Fate]]:
    """What became of the panels in each picture."""
    return [{drawn.title: drawn.fate for drawn in picture.panels} for picture in pictures(change)]


A, B, C = (panel(title, x, 0) for x, title in zip((0, 6, 12), "ABC", strict=True))


def test_an_option_that_is_called_like_a_place_moves_no_panel() -> None:
    (small, large) = (A | {"options": {"size": size}} for size in ("small", "large"))
    assert [{"A": Fate.CHANGED}] * 2 == fates(changed(board(small), board(large)))


def test_a_panel_that_only_made_room_is_unchanged() -> None:
    below = [panel(above["title"], above["gridPos"]["x"], 4) for above in (A, B)]
    assert [
        {"A": Fate.UNCHANGED, "B": Fate.UNCHANGED},
        {"New": Fate.ADDED, "A": Fate.UNCHANGED, "B": Fate.UNCHANGED},
    ] == fates(changed(board(A, B), board(panel("New", 0, 0), *below)))


def test_a_row_that_only_made_room_is_unchanged() -> None:
    old = board(row("CPU", 0), panel("A", 0, 1))
    new = board(panel("New", 0, 0), row("CPU", 4) | {"id": 1000}, panel("A", 0, 5))
    assert {"New": Fate.ADDED, "CPU": Fate.UNCHANGED, "A": Fate.UNCHANGED} == fates(
        changed(old, new)
    )[1]


def test_a_panel_that_changes_places_with_others_is_the_only_one_moved() -> None:
    new = board(panel("C", 0, 0), panel("A", 6, 0), panel("B", 12, 0))
    became = {"A": Fate.UNCHANGED, "B": Fate.UNCHANGED, "C": Fate.MOVED}
    assert [became, became] == fates(changed(board(A, B, C), new))


def test_a_panel_of_another_size_is_moved_unless_more_than_its_place_changed() -> None:
    new = board(panel("A", 0, 0, h=8), panel("B", 6, 0, h=8, description="more"), C)
    assert {"A": Fate.MOVED, "B": Fate.CHANGED, "C": Fate.UNCHANGED} == fates(
        changed(board(A, B, C), new)
    )[1]


def test_a_panel_that_is_gone_is_in_the_picture_before_alone() -> None:
    assert [{"A": Fate.UNCHANGED, "B": Fate.REMOVED}, {"A": Fate.UNCHANGED}] == fates(
        changed(board(A, B), board(A))
    )


def test_a_collapsed_row_says_how_many_of_its_panels_changed() -> None:
    old = board(row("CPU", 0, panel("A", 0, 1), panel("B", 6, 1), collapsed=True))
    new = board(
        row("CPU", 0, panel("A", 0, 1), panel("B", 6, 1, description="more"), collapsed=True)
    )
    assert [
        {"CPU (2 panels, 1 changed)": Fate.CHANGED},
        {"CPU (2 panels, 1 changed)": Fate.CHANGED},
    ] == fates(changed(old, new))


def test_panels_without_a_place_are_below_each_other() -> None:
    change = replace(
        changed(board(A), board(B)), new={"panels": [{"title": "X"}, {"title": "Y"}, 1, None]}
    )
    drawn = pictures(change)[1].panels
    assert ["X", "Y"] == [shown.title for shown in drawn]
    assert all(above.top + above.height <= below.top for above, below in pairwise(drawn))


# Any document, and many

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=5), inside, max_size=4)
    ),
    max_leaves=10,
)
_KEYS = st.sampled_from(
    ["type", "title", "id", "gridPos", "panels", "libraryPanel", "collapsed", "x", "y", "w", "h"]
)
ODD = st.recursive(
    JSON | st.sampled_from(["row", 1e400, -(10**400)]),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(_KEYS, inside, max_size=8),
    max_leaves=25,
)


@given(ODD, st.lists(ODD, max_size=4))
def test_no_document_is_too_odd_for_a_page(whole: Any, panels: list[Any]) -> None:
    change = document("Odd", whole, {"panels": panels, "title": whole})
    assert html(Diff(old="a", new="b", changes=(change,))).encode()


@given(JSON, JSON, st.sampled_from(Form))
def test_no_value_is_too_odd_for_a_page(old: Any, new: Any, form: Form) -> None:
    change = document("Odd", None, None)
    odd = (
        Edit("field", old, new, form),
        Edit("field", ABSENT, new, form),
        Edit("field", old, ABSENT, form),
    )
    page = html(
        Diff(
            old="a",
            new="b",
            changes=(replace(change, parts=(Part("panel", "A", Mark.CHANGED, odd),)),),
        )
    )
    assert page.encode()


def many(number: int, window: str) -> list[dict[str, Any]]:
    """Dashboards of 37 panels, whose queries look back over a window."""
    return [
        board(
            *(_of_service(service, index, window) for index in range(37)), uid=f"service-{service}"
        )
        | {"title": f"Service {service}"}
        for service in range(number)
    ]


def _of_service(service: int, index: int, window: str) -> dict[str, Any]:
    expr = (
        f'sum(rate(requests_total{{service="{service}",route="{index}"}}'
        f"[{window if index < 4 else '1h'}]))"
    )
    targets = [{"refId": "A", "expr": expr}]
    return panel(f"Route {index}", index % 2 * 12, index // 2 * 8, 12, 8, id=index, targets=targets)


def test_a_page_of_many_dashboards_stays_small() -> None:
    old, new = (many(50, window) for window in ("5m", "10m"))
    page = html(compare(side(*old), side(*new)))
    assert len(page) / 50 < 16_000, json.dumps(len(page))
