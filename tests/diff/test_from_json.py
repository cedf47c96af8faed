"""A report that was written before, by a run that may not be trusted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.diff.forms.as_json import as_json
from gk.diff.forms.from_json import from_json
from gk.diff.forms.markdown import markdown
from gk.diff.model import Cause, Change, Diff, Edit, Form, Level, Mark, Part, Place, Risk, Spot
from gk.diff.sides.side import Version
from gk.documents.differences import ABSENT
from gk.errors import ConfigError, Problem, Source
from gk.resource import Kind

EDITS = (
    Edit("query A", "a", "b", Form.PROMQL, "targets[0].expr", ("1",)),
    Edit("unit", ABSENT, {"x": [1, None]}),
    Edit("thresholds", "green", ABSENT, Form.WORDS),
)
CHANGE = Change(
    mark=Mark.CHANGED,
    kind=Kind.RULE_GROUP,
    uid="node",
    title="Node",
    folder="Kubernetes",
    old_uid="nodes",
    old_title="Nodes",
    old_folder="",
    source=Source("alerts/node.py", 12),
    parts=(Part("alert", "Down", Mark.ADDED, EDITS, "CPU", ("", "1")),),
    history=(Version(3, "ada", "2026-01-01T00:00:00Z", "mine"),),
)
DIFF = Diff(
    old="main",
    new="HEAD",
    changes=(CHANGE, replace(CHANGE, kind=Kind.PROMETHEUS_GROUP, parts=(), is_twin=True)),
    causes=(
        Cause(
            "1",
            "snippet node.up",
            EDITS,
            (Place(Kind.DASHBOARD, "x", "X", Spot("panel 'Y'")),),
            "1 panel",
        ),
    ),
    risks=(Risk(Level.DANGER, "it is gone", Kind.DASHBOARD, "x", Spot("panel 'Y'")),),
    old_problems=(Problem(Source("dashboards/x.py", 3), "no"),),
    new_problems=(Problem(Source(""), "no"),),
    unchanged={Kind.DASHBOARD: 3},
)
DOCUMENT: dict[str, Any] = orjson.loads(as_json(DIFF))
PATHS = st.sampled_from(
    [
        ("version",),
        ("old",),
        ("old", "name"),
        ("risks",),
        ("risks", 0),
        ("risks", 0, "level"),
        ("causes", 0, "places"),
        ("changes", 0, "kind"),
        ("changes", 0, "parts", 0, "mark"),
        ("changes", 0, "parts", 0, "edits", 0, "field"),
        ("changes", 0, "history", 0, "version"),
        ("summary", "unchanged"),
        ("new", "problems", 0, "line"),
    ]
)


def test_what_was_written_is_read() -> None:
    assert DIFF == from_json(as_json(DIFF).encode(), "gk-diff.json")


def test_it_is_told_in_the_same_words() -> None:
    assert markdown(DIFF) == markdown(from_json(as_json(DIFF).encode(), "gk-diff.json"))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"version": 1}', "\ud800"])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"gk-diff\.json was not written by gk diff"):
        from_json(text.encode(errors="surrogatepass"), "gk-diff.json")


def test_a_report_of_another_version_is_refused() -> None:
    with pytest.raises(ConfigError, match="another version"):
        from_json(orjson.dumps({**DOCUMENT, "version": 2}), "gk-diff.json")


@given(PATHS, st.sampled_from([None, 1, "x", [1], {"x": 1}, [[]], True]))
def test_a_field_of_another_type_is_refused_or_told(
    path: tuple[str | int, ...], value: object
) -> None:
    document = orjson.loads(orjson.dumps(DOCUMENT))
    at = document
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    try:
        text = markdown(from_json(orjson.dumps(document), "gk-diff.json"))
    except ConfigError:
        return
    assert text.startswith("### gk diff: ")
