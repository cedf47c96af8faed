"""Documents that are made to keep `gk diff` busy, to end it, or to write over the terminal of
whoever reads it.

Each took a minute or more, or ended the process, before there was a bound to it. Times are those of
the processor.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gk.diff.compare import compare
from gk.diff.forms.as_json import as_json
from gk.diff.forms.html import html
from gk.diff.forms.markdown import markdown
from gk.diff.forms.text import text
from gk.diff.model import Diff
from gk.diff.sides.files import files_side
from gk.diff.sides.side import Side
from gk.errors import Problem, Source
from gk.promql.syntax import MOST_LEVELS, parse, within
from tests.diff.test_command import Gk, Shop, gk, shop

__all__ = ["gk", "shop"]

SECONDS = 10
FORMS: dict[str, Callable[[Diff], str]] = {
    "text": text,
    "markdown": markdown,
    "json": as_json,
    "html": html,
}


def panel(id_: int, expr: str = "up", **more: Any) -> dict[str, Any]:
    place = {"x": 0, "y": 8 * id_, "w": 12, "h": 8}
    target = {"refId": "A", "expr": expr}
    return {
        "id": id_,
        "type": "timeseries",
        "title": f"P{id_}",
        "gridPos": place,
        "targets": [target],
        **more,
    }


def dashboard(panels: list[Any], **more: Any) -> dict[str, Any]:
    return {"uid": "d", "title": "D", "schemaVersion": 39, "panels": panels, **more}


def sides(folder: Path, old: Any, new: Any) -> tuple[Side, Side]:
    """Both sides, of one document each, given as values or as JSON."""
    both = []
    for name, body in (("old", old), ("new", new)):
        file = folder / f"{name}.json"
        file.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
        both.append(files_side(file))
    return both[0], both[1]


def shown(old: Side, new: Side, *forms: str, most: float = SECONDS) -> Diff:
    """The comparison, once forms have shown it, all of them if none is named; none takes longer
    than it may."""
    started = time.process_time()
    diff = compare(old, new)
    taken = {"compare": time.process_time() - started}
    for form in forms or FORMS:
        started = time.process_time()
        FORMS[form](diff)
        taken[form] = taken["compare"] + time.process_time() - started
    assert not {name: seconds for name, seconds in taken.items() if seconds > most}
    return diff


# Time


def selectors(job: str, of: int = 120) -> str:
    return " or ".join(
        f'sum(rate(metric_{number}_total{{job="{job}{number}"}}[5m]))' for number in range(of)
    )


LONG = 300_000
"""Characters of a long query. What takes the square of its length takes minutes, not seconds."""


def noise(seed: int) -> str:
    """Words, of which both sides have the same few."""
    words = [f"{letter}{number}" for letter in "abcdef" for number in range(50)]
    return " ".join(random.Random(seed).choices(words, k=LONG // 3))


def long(sign: str) -> str:
    return sign * (LONG // len(sign))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(selectors("a"), selectors("b"), id="120 selectors"),
        pytest.param(
            "+".join(f"a{n}" for n in range(500)),
            "+".join(f"b{n}" for n in range(500)),
            id="500 terms",
        ),
        pytest.param(noise(1), noise(2), id="many words"),
        *(
            pytest.param(f"a{long(sign)}", f"b{long(sign)}b", id=f"many {sign}")
            for sign in ('"\\', "${a:", "[[a:", "(", "-", "`'\"", "#", " ", "a or ")
        ),
    ],
)
def test_a_long_query_is_compared_in_seconds(tmp_path: Path, old: str, new: str) -> None:
    both = sides(tmp_path, dashboard([panel(1, old)]), dashboard([panel(1, new)]))
    diff = shown(*both, most=3)
    assert ["query A"] == [edit.field for edit in diff.changes[0].parts[0].edits]


def test_only_what_changed_in_a_query_of_120_selectors_is_marked(tmp_path: Path) -> None:
    page = html(
        compare(
            *sides(
                tmp_path,
                dashboard([panel(1, selectors("a"))]),
                dashboard([panel(1, selectors("b"))]),
            )
        )
    )
    assert [f"&#34;a{n}&#34;" for n in range(120)] == re.findall("<del>([^<]*)</del>", page)


PANELS = 2_000


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda old: {**old, "title": f"Q{old['id']}"}, id="another title"),
        pytest.param(
            lambda old: {**old, "gridPos": {"x": 0, "y": -8 * old["id"], "w": 12, "h": 8}},
            id="reversed",
        ),
        pytest.param(lambda old: panel(old["id"] + PANELS, f"b{old['id']}"), id="others"),
    ],
)
def test_thousands_of_panels_are_compared_in_seconds(
    tmp_path: Path, other: Callable[[Any], Any]
) -> None:
    old = [panel(number, f"a{number}") for number in range(PANELS)]
    shown(*sides(tmp_path, dashboard(old), dashboard(list(map(other, old)))))


LISTED = 10_000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            dashboard(
                [],
                templating={
                    "list": [
                        {"name": f"v{n}", "type": "query", "query": "a"} for n in range(LISTED)
                    ]
                },
            ),
            dashboard([panel(1, "up{a='$v1'}")]),
            id="variables",
        ),
        pytest.param(
            dashboard(
                [panel(1, targets=[{"refId": f"R{n}", "expr": f"a{n}"} for n in range(LISTED)])]
            ),
            dashboard(
                [
                    panel(
                        1,
                        targets=[
                            {"refId": f"R{n}", "expr": f"a{n}"} for n in reversed(range(LISTED))
                        ],
                    )
                ]
            ),
            id="queries",
        ),
        pytest.param(
            dashboard([panel(1, options={"x": [n % 97 for n in range(LISTED)]})]),
            dashboard([panel(1, options={"x": [n % 89 for n in range(LISTED)]})]),
            id="numbers",
        ),
        pytest.param(
            {
                "groups": [
                    {
                        "name": "g",
                        "rules": [{"record": f"r{n}:x", "expr": "up"} for n in range(LISTED)],
                    }
                ]
            },
            {"groups": [{"name": "g", "rules": [{"alert": "A", "expr": "r1:x"}]}]},
            id="recording rules that are gone",
        ),
    ],
)
def test_long_lists_are_compared_in_seconds(tmp_path: Path, old: Any, new: Any) -> None:
    shown(*sides(tmp_path, old, new), "text")


@pytest.mark.parametrize("is_alike", [False, True], ids=["each of its own", "from one template"])
def test_dashboards_that_are_all_renamed_are_matched_in_seconds(
    tmp_path: Path, is_alike: bool
) -> None:
    for side in ("old", "new"):
        tmp_path.joinpath(side).mkdir()
        for number in range(1_000):
            panels = [panel(id_, f"q{id_}" if is_alike else f"q{number}_{id_}") for id_ in range(5)]
            body = {**dashboard(panels), "uid": f"{side}{number}", "title": f"{side} {number}"}
            (tmp_path / side / f"{number}.json").write_text(json.dumps(body), encoding="utf-8")
    diff = shown(files_side(tmp_path / "old"), files_side(tmp_path / "new"), "text")
    pairs = {change.old_uid: change.uid for change in diff.changes}
    assert 1_000 == len(pairs)
    assert is_alike or pairs == {f"old{number}": f"new{number}" for number in range(1_000)}


def test_200_000_mistakes_are_shown_in_seconds() -> None:
    problems = tuple(
        Problem(Source("dashboards/a.py", line), f"mistake {line}") for line in range(200_000)
    )
    shown(Side(name="old"), Side(name="new", problems=problems), "text")


# What ends a process


@pytest.mark.parametrize(
    "expr",
    [
        pytest.param("(" * 20_000 + "a" + ")" * 20_000, id="parentheses"),
        pytest.param("-" * 20_000 + "a", id="signs"),
        pytest.param("+".join(["a"] * 20_000), id="sums"),
        pytest.param(" or ".join(["a"] * 20_000), id="or"),
        pytest.param("abs(" * 20_000 + "a" + ")" * 20_000, id="calls"),
        pytest.param("max_over_time(" * 20_000 + "a" + "[5m:])" * 20_000, id="subqueries"),
    ],
)
def test_a_query_that_kills_the_parser_is_a_risk_in_words(tmp_path: Path, expr: str) -> None:
    diff = shown(*sides(tmp_path, dashboard([panel(1)]), dashboard([panel(1, expr)])))
    assert [
        (
            "panel 'P1' of dashboard 'D' (d): its query A no longer parses: "
            f"nested too deep for the parser (more than {MOST_LEVELS} operators"
        )
    ] == [risk.message.partition(" and brackets")[0] for risk in diff.risks]


def test_a_query_that_kills_the_parser_is_a_mistake_at_its_line(shop: Shop, gk: Gk) -> None:
    shop.write(
        {
            "dashboards/deep.py": """
                from gk import Dashboard, timeseries
                from gk.promql import Exporter, Scope

                exporter = Exporter("shop", metric="up")

                @exporter.snippet(unit="short")
                def nested(s: Scope) -> str:
                    return "(" * 20_000 + "up" + ")" * 20_000

                deep = Dashboard("Deep", uid="deep", panels=[timeseries("A", nested)])
            """
        }
    )
    ran = gk()
    assert 2 == ran.code
    place = "dashboards/deep.py:6: snippet shop.nested"
    assert (
        f"{place}: PromQL does not parse: nested too deep for the parser (more than {MOST_LEVELS} "
        "operators and brackets)" in ran.out
    )


def test_the_longest_query_that_is_parsed_is_walked_through_safely() -> None:
    parsed = parse("+".join(["a"] * MOST_LEVELS))
    assert parsed is not None
    assert 2 * MOST_LEVELS - 1 == len(list(within(parsed)))


@pytest.mark.parametrize("levels", [300, 900, 5_000, 100_000])
@pytest.mark.parametrize(
    ("opened", "closed"), [('{"a":', "}"), ("[", "]")], ids=["objects", "lists"]
)
def test_a_document_that_is_nested_too_deep_is_a_mistake(
    tmp_path: Path, levels: int, opened: str, closed: str
) -> None:
    deep = f"{opened * levels}1{closed * levels}"
    body = json.dumps(dashboard([panel(1, options="@")])).replace('"@"', deep)
    _, new = sides(tmp_path, dashboard([panel(1)]), body)
    assert 1 == len(new.problems)
    assert re.search("nested deeper than 200 levels|is not valid JSON", str(new.problems[0]))


@pytest.mark.parametrize(
    "number", ["1e308", "-1e308", "4611686018427387904", "18446744073709551616", "1" + "0" * 5_000]
)
@pytest.mark.parametrize("where", ["y", "w", "option"])
def test_a_number_of_any_size_is_shown_in_every_form(
    tmp_path: Path, number: str, where: str
) -> None:
    more = (
        {"options": {"x": "@"}}
        if where == "option"
        else {"gridPos": {"x": 0, "y": 0, "w": 1, "h": 1, where: "@"}}
    )
    body = json.dumps(dashboard([panel(1, **more)])).replace('"@"', number)
    old, new = sides(tmp_path, dashboard([panel(1)]), body)
    diff = shown(old, new)
    assert diff.differs or diff.new_problems


@pytest.mark.parametrize("duration", ["9" * 5_000 + "s", "9" * 19 + "y", "1" * 20 + "m"])
def test_a_duration_of_any_length_is_shown(tmp_path: Path, duration: str) -> None:
    rule = {"alert": "A", "expr": "up", "for": "5m"}
    body = [
        {"groups": [{"name": "g", "rules": [{**rule, "for": wait}]}]} for wait in ("5m", duration)
    ]
    assert ["for"] == [
        edit.field for edit in shown(*sides(tmp_path, *body)).changes[0].parts[0].edits
    ]


def test_folders_in_folders_without_end_have_a_path_that_ends(tmp_path: Path) -> None:
    groups = [
        {"name": f"g{n}", "folder": "/".join(["f"] * n), "interval": "1m", "rules": []}
        for n in range(1, 300)
    ]
    new = {"apiVersion": 1, "groups": groups}
    shown(*sides(tmp_path, {"apiVersion": 1, "groups": groups[:1]}, new))


# What a terminal obeys

CONTROLS = "\r\a\b\x1b[2J\x1b]0;x\a\x7f\x9b\u202e\u2066\u200f\u061c"


def test_nothing_of_a_document_commands_a_terminal(tmp_path: Path) -> None:
    said = f"a{CONTROLS}z"
    old = dashboard([panel(1), panel(2)], tags=["a"], links=[{"title": said, "url": said}])
    new = dashboard(
        [panel(1, said, title=said, description=said, type=said), panel(3, f"({said}", title=said)],
        title=said,
        tags=[said],
        links=[{"title": "x", "url": said}],
        templating={"list": [{"name": said, "type": "query", "query": said}]},
        annotations={"list": [{"name": said, "expr": said}]},
    )
    assert not _obeyed(text(compare(*sides(tmp_path, old, new))))


def test_the_name_of_a_side_commands_no_terminal(tmp_path: Path) -> None:
    """Branches may be called almost anything."""
    old, new = sides(tmp_path, dashboard([panel(1)]), dashboard([panel(2)]))
    failed = replace(new, name=f"a{CONTROLS}z", problems=(Problem(Source("d.py"), "is wrong"),))

    printed = text(compare(old, failed))

    assert "has mistakes" in printed
    assert not _obeyed(printed)


@pytest.mark.parametrize("form", ["text", "markdown", "json", "html"])
def test_nothing_that_gk_prints_commands_a_terminal(shop: Shop, gk: Gk, form: str) -> None:
    for name, title in (("old", "a"), ("new", f"a{CONTROLS}z")):
        shop.write({f"{name}.json": json.dumps(dashboard([panel(1, title=title)]))})
    ran = gk("old.json", "new.json", "--format", form)
    assert 1 == ran.code
    assert not _obeyed(ran.out)


def _obeyed(printed: str) -> list[str]:
    """The characters that a terminal obeys, but for newlines, and the colours that gk puts
    there."""
    plain = re.sub("\x1b\\[[0-9;]*m", "", printed)
    return [sign for sign in plain if sign in CONTROLS and not sign.isprintable()]
