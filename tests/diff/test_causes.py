"""What is told once, and what is not: an edit is a cause's doing only if it is nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from gk.diff.compare import compare
from gk.diff.model import Diff
from gk.diff.sides.side import LabelFacts, Side, SnippetFacts, Used
from gk.errors import Source
from gk.resource import Kind, Resource, canonical

Json = dict[str, Any]
OLD, NEW = "rate(a[5m])", "rate(b[5m])"


def target(expr: str, name: str = "A") -> Json:
    return {"refId": name, "expr": expr}


def side(
    *panels: Json,
    expr: str = OLD,
    code: str = "1",
    node: str = "instance",
    bound: float | None = None,
    **facts: str,
) -> Side:
    """A dashboard of panels, and a rule group of one alert on the snippet shop.a, if it has a
    bound."""
    panels = tuple({"id": number, **shown} for number, shown in enumerate(panels, 1))
    body = {"title": "Shop", "panels": list(panels)}
    resources = [
        Resource(
            Kind.DASHBOARD, "shop", "Shop", "", canonical(body), Source("dashboards/shop.py", 1)
        )
    ]
    used = {
        (Kind.DASHBOARD, "shop"): tuple(
            Used(f"panel '{shown['title']}'", "shop.a", "shop.a", frozenset({"shop.a"}), expr)
            for shown in panels
        )
    }
    if bound is not None:
        rule = {"alert": "Slow", "expr": f"{expr} > {bound}"}
        query = {"refId": "A", "model": {"expr": expr}}
        decision = {
            "type": "threshold",
            "expression": "A",
            "conditions": [{"evaluator": {"type": "gt", "params": [bound]}}],
        }
        data = [query, {"refId": "B", "model": decision}]
        group = {
            "title": "shop",
            "rules": [{"uid": "slow", "title": "Slow", "condition": "B", "data": data}],
        }
        resources += [
            Resource(Kind.RULE_GROUP, "alerts/shop", "shop", "", canonical(group), Source("")),
            Resource(
                Kind.PROMETHEUS_GROUP,
                "shop",
                "shop",
                "",
                canonical({"name": "shop", "rules": [rule]}),
                Source(""),
            ),
        ]
        used[Kind.RULE_GROUP, "alerts/shop"] = (
            Used("alert 'Slow'", "shop.a", "shop.a", frozenset({"shop.a"}), expr),
        )
    given = {"unit": "short", "legend": "{{$node}}", "description": "What it is.", **facts}
    return Side(
        name="side",
        resources=resources,
        uses=used,
        snippets={"shop.a": SnippetFacts(code, **given)},
        labels={"shop": LabelFacts("shop", node, f'job="shop", node={node}')},
    )


def told(diff: Diff) -> dict[str, tuple[str, ...]]:
    """The causes of each edit of the dashboard's parts."""
    return {
        f"{part.name} {edit.field}": edit.causes
        for change in diff.changes
        if change.kind is Kind.DASHBOARD
        for part in change.parts
        for edit in part.edits
    }


def panel(title: str, *targets: Json, **more: Any) -> Json:
    return {"title": title, "type": "timeseries", "targets": list(targets), **more}


def test_a_query_that_a_changed_snippet_wrote_is_its_doing() -> None:
    diff = compare(side(panel("P", target(OLD))), side(panel("P", target(NEW)), expr=NEW, code="2"))
    assert {"P query A": ("snippet shop.a",)} == told(diff)
    assert ["snippet shop.a"] == [cause.id for cause in diff.causes]


def test_another_query_of_the_same_panel_is_not() -> None:
    old = side(panel("P", target(OLD), target("sum(up)", "B")))
    new = side(panel("P", target(NEW), target("sum(up) > 0", "B")), expr=NEW, code="2")
    assert {"P query A": ("snippet shop.a",), "P query B": ()} == told(compare(old, new))


def test_a_query_that_changes_though_no_code_does_is_the_definition() -> None:
    assert {"P query A": ()} == told(
        compare(side(panel("P", target(OLD))), side(panel("P", target(NEW)), expr=NEW))
    )


def test_a_gk_that_does_not_say_how_queries_are_used_is_believed_by_name() -> None:
    diff = compare(
        side(panel("P", target(OLD)), expr=""), side(panel("P", target(NEW)), expr="", code="2")
    )
    assert {"P query A": ("snippet shop.a",)} == told(diff)


@pytest.mark.parametrize(
    ("old", "new", "facts", "expected"),
    [
        ("short", "bytes", {"unit": "bytes"}, ("snippet shop.a",)),
        ("percent", "bytes", {"unit": "bytes"}, ()),
        ("short", "bits", {"unit": "bytes"}, ()),
    ],
)
def test_a_unit_is_the_snippets_if_it_is_the_same_change(
    old: str, new: str, facts: Json, expected: Any
) -> None:
    panels = [
        panel("P", target(OLD), fieldConfig={"defaults": {"unit": unit}}) for unit in (old, new)
    ]
    assert {"P unit": expected} == told(compare(side(panels[0]), side(panels[1], **facts)))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("What it is.", "What it was.", ("snippet shop.a",)),
        ("- What it is.\n- More.", "- What it was.\n- More.", ("snippet shop.a",)),
        ("What it is.", "What it was. And more.", ()),
    ],
)
def test_a_description_is_the_snippets_if_nothing_else_changes(
    old: str, new: str, expected: Any
) -> None:
    panels = [panel("P", target(OLD), description=description) for description in (old, new)]
    assert {"P description": expected} == told(
        compare(side(panels[0]), side(panels[1], description="What it was."))
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{{instance}}", "on {{instance}}", ("snippet shop.a",)),
        ("{{instance}}", "at {{instance}}", ()),
    ],
)
def test_a_legend_is_the_snippets_if_it_is_the_same_change(
    old: str, new: str, expected: Any
) -> None:
    panels = [panel("P", target(OLD) | {"legendFormat": legend}) for legend in (old, new)]
    assert {"P legend A": expected} == told(
        compare(side(panels[0]), side(panels[1], legend="on {{$node}}"))
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{{instance}}", "{{pod}}", ("labels of shop",)),
        ("{{instance}} up", "{{pod}} up", ("labels of shop",)),
        ("{{instance}} up", "{{pod}} down", ()),
    ],
)
def test_a_legend_is_of_the_labels_if_nothing_else_changes(
    old: str, new: str, expected: Any
) -> None:
    panels = [panel("P", target(OLD) | {"legendFormat": legend}) for legend in (old, new)]
    assert {"P legend A": expected} == told(compare(side(panels[0]), side(panels[1], node="pod")))


def steps(*bounds: float) -> Json:
    thresholds = [
        {"color": "green", "value": None},
        *({"color": "red", "value": bound} for bound in bounds),
    ]
    return {"defaults": {"thresholds": {"mode": "absolute", "steps": thresholds}}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([1.0], [2.0], ("alert 'Slow'",)),
        ([1.0, 5.0], [2.0, 5.0], ("alert 'Slow'",)),
        ([1.0, 5.0], [2.0, 6.0], ()),
        ([3.0], [4.0], ()),
    ],
)
def test_a_threshold_is_the_alerts_if_nothing_else_changes(
    old: list[float], new: list[float], expected: Any
) -> None:
    panels = [panel("P", target(OLD), fieldConfig=steps(*bounds)) for bounds in (old, new)]
    assert {"P thresholds": expected} == told(
        compare(side(panels[0], bound=1), side(panels[1], bound=2))
    )


def test_the_same_edit_in_three_places_is_told_once() -> None:
    old, new = (
        side(
            *(
                panel(title, target(OLD), fieldConfig={"defaults": {"unit": unit}})
                for title in "PQR"
            )
        )
        for unit in ("a", "b")
    )
    diff = compare(old, new)
    assert {f"{title} unit": ("unit 1",) for title in "PQR"} == told(diff)
    assert [("the same unit", "3 panels in 1 dashboard")] == [
        (cause.title, cause.summary) for cause in diff.causes
    ]


def test_the_same_edit_in_two_places_is_told_at_both() -> None:
    old, new = (
        side(
            *(panel(title, target(OLD), fieldConfig={"defaults": {"unit": unit}}) for title in "PQ")
        )
        for unit in ("a", "b")
    )
    assert {"P unit": (), "Q unit": ()} == told(compare(old, new))


def test_the_same_tokens_in_three_queries_are_told_once() -> None:
    old, new = (
        side(*(panel(name, target(f"sum(rate({name}[{window}]))")) for name in "PQR"), expr="other")
        for window in ("5m", "1h")
    )
    (cause,) = compare(old, new).causes
    assert ("5m", "1h") == (cause.edits[0].old, cause.edits[0].new)
