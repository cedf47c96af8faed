"""A comparison as a comment: what is in sight, what a title cannot do to it, and what goes first
when it is too long.

Comments are read as CommonMark, with HTML: what is no code there could be a mention, a link or a
command of a forge.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gk.diff.forms.markdown import LEAST, markdown
from gk.diff.model import Cause, Change, Diff, Edit, Form, Level, Mark, Part, Place, Risk, Spot
from gk.diff.sides.side import Version
from gk.documents.differences import ABSENT
from gk.errors import Problem, Source
from gk.resource import Kind
from tests.cases import every

GOLDEN = Path(__file__).parent.parent / "golden" / "diff-markdown"
OLD, NEW = (
    "rate(errors_total[5m])\n/ rate(requests_total[5m])",
    "rate(failed_total[5m])\n/ rate(requests_total[5m])",
)
HOSTILE = [
    pytest.param("@octocat", id="mention"),
    pytest.param("fixes #12, see octo/repo#3, GH-4 and !5", id="references"),
    pytest.param("1a2b3c4d5e6f and deadbeef", id="commits"),
    pytest.param("https://example.com www.example.com me@example.com", id="addresses"),
    pytest.param("</details></summary></code><script>", id="html"),
    pytest.param("`a` ``b`` ```", id="backticks"),
    pytest.param("'`'@octocat'`'", id="quotes and backticks"),
    pytest.param("a | b\n---|---\n# c\n\n/close\n- [ ] d", id="blocks"),
    pytest.param("```\n</details>\n@octocat\n~~~\n/close", id="fences"),
    pytest.param("![x](https://example.com/x.png) [y](javascript:z)", id="links"),
    pytest.param("&lt;b&gt; &#64;octocat", id="entities"),
    pytest.param("a\u202eb\u2066c\u200bd\x1b[31m\x00e\ud800", id="characters that nobody sees"),
    pytest.param("(@octocat)'x'@octocat;'y'.@octocat,'@z'", id="punctuation"),
    pytest.param(":tada: $`x`$ [[_TOC_]] ~bug %v1 &2", id="extensions"),
    pytest.param("   ", id="spaces"),
    pytest.param("", id="nothing"),
]


class _Page(HTMLParser):
    """A page as a browser sees it: text that is no code, and elements opened and closed in
    order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.prose: list[str] = []
        self.tags: set[str] = set()
        self.sound = True
        self.feed(MarkdownIt("commonmark", {"html": True}).render(text))
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.sound = self.sound and bool(self.open) and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"code", "pre"} & set(self.open):
            self.prose.append(data)


def _change(name: str = "Node", **fields: object) -> Change:
    edits = (Edit("unit", "percent", "percentunit"), Edit("query A", OLD, NEW, Form.PROMQL))
    change = Change(
        mark=Mark.CHANGED,
        kind=Kind.DASHBOARD,
        uid="node",
        title=name,
        folder="Kubernetes",
        old_uid="node",
        old_title=name,
        old_folder="Kubernetes",
        source=Source("dashboards/node.py", 12),
        parts=(Part("panel", "CPU busy", Mark.CHANGED, edits, "CPU", ("1", "1")),),
    )
    return replace(change, **fields)  # type: ignore[arg-type]


def _everything(text: str) -> Diff:
    """A comparison that has the text in each place where somebody else's may be."""
    edits = (
        Edit(text, text, f"{text}!"),
        Edit("query A", text, f"{text}\n{text}", Form.PROMQL),
        Edit("thresholds", text, ABSENT, Form.WORDS),
        Edit("options", {text: [text] * 30}, [text]),
        Edit("unit", 1, "1", causes=("unit",)),
    )
    change = _change(
        text,
        uid=text,
        old_title="x",
        folder=text,
        source=Source(text, 1),
        parts=(Part("panel", text, Mark.CHANGED, edits, text), Part("", "", Mark.CHANGED, edits)),
        history=(Version(3, text, text, text),),
    )
    place = Place(Kind.DASHBOARD, "x", text, Spot("panel", text))
    return Diff(
        old=text,
        new=text,
        changes=(change, replace(change, mark=Mark.REMOVED, kind=Kind.CONTACT_POINT)),
        causes=(Cause("unit", f"snippet {text}", edits, (place, place), f"2 panels {text}"),),
        risks=(
            Risk(
                Level.DANGER, f"dashboard '{text}' ({text}) is deleted: {text}", Kind.DASHBOARD, "x"
            ),
        ),
        old_problems=(Problem(Source(text, 3), text),),
        new_problems=(Problem(Source(""), f"{text} panel '{text}'"),),
        unchanged={Kind.NOTIFICATION_POLICY: 2},
    )


def _many(number: int) -> Diff:
    changes = tuple(_change(f"Dashboard {index}") for index in range(number))
    risks = (
        Risk(
            Level.DANGER,
            "alert 'Down' is removed: it no longer notifies anybody",
            Kind.RULE_GROUP,
            "x",
        ),
    )
    return Diff(old="main", new="HEAD", changes=changes, risks=risks)


def test_no_differences_are_said_in_a_line() -> None:
    diff = Diff(
        old="main (1a2b3c4)", new="working tree", unchanged={Kind.DASHBOARD: 3, Kind.FOLDER: 1}
    )

    expected = (
        "### gk diff: no differences\n\n`main (1a2b3c4)` → `working tree`; 4 objects unchanged\n"
    )
    assert expected == markdown(diff)


def test_a_comparison_is_as_reviewed() -> None:
    edits = (Edit("in a panel", OLD, NEW, Form.PROMQL),)
    told = Edit("query B", "a", "b", Form.PROMQL, causes=("snippet node.cpu_busy",))
    parts = (
        Part("", "", Mark.CHANGED, (Edit("tags", ["a"], ["a", "b"]),)),
        *_change().parts,
        Part("panel", "Load", Mark.CHANGED, (told,)),
        Part(
            "panel",
            "Disk",
            Mark.ADDED,
            (Edit("query A", ABSENT, "up", Form.PROMQL), Edit("unit", ABSENT, "bytes")),
        ),
        Part("variable", "node", Mark.REMOVED, (Edit("default", "all", ABSENT),)),
    )
    places = tuple(
        Place(Kind.DASHBOARD, "node", "Node", Spot("panel", name)) for name in ("Load", "CPU busy")
    )
    diff = Diff(
        old="main (1a2b3c4)",
        new="HEAD (5d6e7f8)",
        changes=(
            _change(parts=parts, old_title="Nodes"),
            _change("Old", mark=Mark.REMOVED, parts=()),
            _change("Broken", mark=Mark.UNKNOWN, parts=()),
        ),
        causes=(
            Cause(
                "snippet node.cpu_busy",
                "snippet node.cpu_busy",
                edits,
                places,
                "2 panels in 1 dashboard",
            ),
        ),
        risks=(
            Risk(
                Level.DANGER,
                "dashboard 'Old' (old) is deleted: links to it break",
                Kind.DASHBOARD,
                "old",
            ),
            Risk(
                Level.WARNING,
                "alert 'Slow' is loosened: it waits 30m, was 5m",
                Kind.RULE_GROUP,
                "x",
            ),
        ),
        new_problems=(
            Problem(Source("dashboards/broken.py", 3), "unit 'x' is not a Grafana unit"),
        ),
        unchanged={Kind.DASHBOARD: 12},
    )

    golden = GOLDEN / "everything.md"
    if os.environ.get("GK_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(markdown(diff), encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == markdown(diff)


def test_risks_come_before_everything_and_are_not_collapsed() -> None:
    text = markdown(_everything("x"))

    assert text.index("#### Risks") < text.index("#### The old side") < text.index("<details>")


def test_a_twin_that_says_nothing_of_its_own_is_not_shown() -> None:
    twin = _change("Twin", is_twin=True, parts=())

    assert "Twin" not in markdown(Diff(old="a", new="b", changes=(_change(), twin)))


def test_what_a_cause_tells_is_not_told_again() -> None:
    edit = Edit("query A", "before", "after", Form.PROMQL, causes=("1",))
    cause = Cause("1", "snippet node.cpu_busy", (edit,), (), "1 panel in 1 dashboard")
    diff = Diff(
        old="a", new="b", changes=(_change(parts=(Part("panel", "X", Mark.CHANGED, (edit,)),)),)
    )

    text = markdown(replace(diff, causes=(cause,)))

    assert 1 == text.count("+ after")
    assert "query A: see snippet `node.cpu_busy`" in text


def test_a_number_and_its_text_look_different() -> None:
    part = Part("panel", "X", Mark.CHANGED, (Edit("decimals", 1, "1"), Edit("unit", "", "s")))

    text = markdown(Diff(old="a", new="b", changes=(_change(parts=(part,)),)))

    assert '- decimals: `1` → `"1"`' in text
    assert '- unit: `""` → `s`' in text


def test_a_field_that_came_or_went_has_a_sign() -> None:
    edits = (Edit("unit", ABSENT, "s"), Edit("thresholds", "red from 1", ABSENT, Form.WORDS))

    text = markdown(
        Diff(old="a", new="b", changes=(_change(parts=(Part("panel", "X", Mark.CHANGED, edits),)),))
    )

    assert "- unit: + `s`" in text
    assert "- thresholds: \u2212 `red from 1`" in text


def test_only_the_lines_of_a_query_that_changed_are_marked() -> None:
    text = markdown(Diff(old="a", new="b", changes=(_change(),)))

    lines = [
        "```diff",
        "- rate(errors_total[5m])",
        "+ rate(failed_total[5m])",
        "  / rate(requests_total[5m])",
        "```",
    ]
    assert "\n".join(f"    {line}" for line in lines) in text


@every("text", HOSTILE)
def test_whatever_somebody_wrote_is_shown_as_code(text: str) -> None:
    page = _Page(markdown(_everything(text)))

    assert page.sound
    assert [] == page.open
    assert {"details", "summary", "code", "pre", "p", "ul", "li", "h3", "h4", "strong"} >= page.tags
    assert not re.search(
        r"[@#!$~%&/\\<>\[\]`*_|]|www|\w\.\w|[0-9a-f]{7}|\d-|-\d",
        " ".join(page.prose).replace("&", ""),
    )


@every("text", HOSTILE)
def test_no_line_starts_with_what_somebody_wrote(text: str) -> None:
    # GitLab takes a line that starts with /close for a command.
    assert not re.search(r"^/", markdown(_everything(text)), re.MULTILINE)


@every("text", HOSTILE)
def test_nothing_is_invisible_or_turned_around(text: str) -> None:
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800]",
        markdown(_everything(text)),
    )


def test_all_of_a_short_comparison_is_shown() -> None:
    assert "Too long" not in markdown(_many(20))


def test_a_long_comparison_fits_and_says_what_is_missing() -> None:
    text = markdown(_many(1_000))

    assert 65_536 >= len(text.encode())
    assert re.search(
        r"\*\*Too long for a comment\.\*\* Resource by resource: \d+ shortened\.", text
    )
    assert 1_000 == len(re.findall(r"changed: dashboard (?:<code>|`)Dashboard", text))


def test_long_values_are_cut_before_anything_is_left_out() -> None:
    part = Part(
        "panel", "X", Mark.CHANGED, (Edit("query A", "a" * 9_000, "b" * 9_000, Form.PROMQL),)
    )
    text = markdown(Diff(old="a", new="b", changes=(_change(parts=(part,)), _change())), 6_000)

    assert f"+ {'b' * 157}... (9,000 characters)" in text
    assert "+ rate(failed_total[5m])" in text


def test_fields_are_left_out_before_parts() -> None:
    part = replace(
        _change().parts[0], edits=tuple(Edit(f"field {index}", 1, 2) for index in range(500))
    )

    text = markdown(Diff(old="a", new="b", changes=(_change(parts=(part,)),)), LEAST)

    assert "**panel** `CPU busy`" in text
    assert "field" not in text


def test_risks_stay_where_nothing_else_fits() -> None:
    assert "🔴 **danger:** alert `Down` is removed" in markdown(_many(5_000), LEAST)


def test_the_first_risks_stay_where_not_all_fit() -> None:
    risks = tuple(
        Risk(Level.DANGER, f"alert 'A{number}' is removed", Kind.RULE_GROUP, "x")
        for number in range(900)
    )

    text = markdown(Diff(old="a", new="b", changes=(_change(),), risks=risks), LEAST)

    assert "900 risks" in text
    assert "`A0`" in text
    assert re.search(r"Risks: 8\d\d not shown", text)


def test_a_limit_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 3,000 bytes, not 100"):
        markdown(_many(1), 100)


TEXT = (
    st.text(max_size=30)
    | st.text("`'@#/<>&\n -~[](). a1", max_size=30)
    | st.integers(0, 9_000).map("Ä".__mul__)
)
EDIT = st.builds(
    Edit,
    TEXT,
    st.just(ABSENT) | TEXT | st.integers() | st.lists(TEXT, max_size=3),
    st.just(ABSENT) | TEXT | st.dictionaries(TEXT, TEXT, max_size=2),
    st.sampled_from(Form),
)
PART = st.builds(
    Part,
    st.sampled_from(["", "panel"]),
    TEXT,
    st.sampled_from(Mark),
    st.lists(EDIT, max_size=3).map(tuple),
)
CHANGE = st.builds(
    lambda mark, kind, title, parts: _change(title, mark=mark, kind=kind, parts=tuple(parts)),
    st.sampled_from(Mark),
    st.sampled_from(Kind),
    TEXT,
    st.lists(PART, max_size=3),
)
RISK = st.builds(Risk, st.sampled_from(Level), TEXT, st.sampled_from(Kind), TEXT)
PROBLEM = st.builds(Problem, st.builds(Source, TEXT), TEXT)
CAUSE = st.builds(Cause, TEXT, TEXT, st.lists(EDIT, max_size=2).map(tuple), st.just(()), TEXT)
DIFF = st.builds(
    Diff,
    old=TEXT,
    new=TEXT,
    changes=st.lists(CHANGE, max_size=4).map(tuple),
    causes=st.lists(CAUSE, max_size=2).map(tuple),
    risks=st.lists(RISK, max_size=4).map(tuple),
    new_problems=st.lists(PROBLEM, max_size=2).map(tuple),
    unchanged=st.dictionaries(st.sampled_from(Kind), st.integers(0, 10**6), max_size=9),
)


@given(DIFF, st.integers(LEAST, 20_000))
def test_any_comparison_fits_any_limit_as_a_sound_page_that_counts_its_risks(
    diff: Diff, limit: int
) -> None:
    text = markdown(diff, limit)
    page = _Page(text)

    assert limit >= len(text.encode())
    assert page.sound
    assert [] == page.open
    assert not diff.risks or re.search(rf"\b{len(diff.risks)} risks?\b", text.split("\n")[0])
    assert not re.search(r"[@#$~%\\<>\[\]`*_|]", "".join(page.prose))
