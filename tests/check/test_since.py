"""`gk check --since`: only what differs from a revision, in a real git repository."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.conftest import ProjectFolder, RunGk
from tests.diff.test_revisions import Git, git_in

EVERYTHING = '''
    """Checks that find everything that they look at."""

    from gk.check import (
        Dashboard, Expression, Found, Panel, Project, Rule, Severity, Variable, check
    )


    @check(Severity.WARNING)
    def every_dashboard(dashboard: Dashboard):
        """A dashboard."""
        yield "is one"


    @check(Severity.WARNING)
    def every_panel(panel: Panel):
        """A panel."""
        yield "is one"


    @check(Severity.WARNING)
    def every_variable(variable: Variable):
        """A variable."""
        yield "is one"


    @check(Severity.WARNING)
    def every_rule(rule: Rule):
        """A rule."""
        yield "is one"


    @check(Severity.WARNING)
    def every_expression(expression: Expression):
        """An expression."""
        yield "is one"


    @check(Severity.WARNING)
    def every_title(project: Project):
        """The dashboards of the project."""
        for dashboard in project.dashboards():
            title = dashboard.title
            yield Found(f"has a dashboard '{title}'", others=(dashboard.resource.key,))
'''
SNIPPETS = '''
    from gk.promql import Exporter, Scope

    exporter = Exporter("shop", metric="up")
    snippet = exporter.snippet


    @snippet(unit="short")
    def orders(s: Scope) -> str:
        """Orders."""
        return s.select("orders")


    @snippet(unit="short")
    def returns(s: Scope) -> str:
        """Returns."""
        return s.select("returns")
'''
SHOP = """
    from dashboards import snippets
    from gk import Dashboard, custom_variable, timeseries

    shop = Dashboard(
        "Shop",
        uid="shop",
        variables=[custom_variable("zone", ["a", "b"]), custom_variable("team", ["x"])],
        panels=[
            timeseries("Orders", snippets.orders),
            timeseries("Returns", snippets.returns),
            timeseries("Zones", 'zones{zone="$zone"}'),
        ],
    )
    stock = Dashboard("Stock", uid="stock", panels=[timeseries("Boxes", "boxes")])
"""
ALERTS = """
    from gk import alert, alert_group

    group = alert_group(
        "shop",
        [
            alert("NoOrders", "orders == 0", summary="No orders"),
            alert("NoBoxes", "boxes == 0", summary="No boxes"),
        ],
    )
"""
Since = Callable[..., list[str]]


@pytest.fixture
def git(project: ProjectFolder) -> Git:
    """The repository of a project whose first commit is on main."""
    project.write(
        {
            "checks/everything.py": EVERYTHING,
            "dashboards/snippets.py": SNIPPETS,
            "dashboards/shop.py": SHOP,
            "alerts/shop.py": ALERTS,
        }
    )
    git = git_in(project.root)
    git("init", "--quiet")
    commit(git)
    return git


def commit(git: Git) -> None:
    git("add", "--all")
    git("commit", "--quiet", "--message", "A change")


@pytest.fixture
def since(project: ProjectFolder, git: Git, run_gk: RunGk) -> Since:
    """Edit a file, and list what is found since main, without the checks of gk."""

    def run(path: str, old: str, new: str, revision: str = "main") -> list[str]:
        text = project.read(path)
        assert old in text
        (project.root / path).write_text(text.replace(old, new))
        kinds = ("dashboard", "panel", "variable", "rule", "expression", "title")
        only = [word for kind in kinds for word in ("--only", f"every-{kind}")]
        ran = run_gk("check", "--since", revision, "--format", "json", *only)
        assert "" == ran.err
        findings = json.loads(ran.out)["findings"]
        return sorted(
            f"{finding['check'].removeprefix('every-')}: {finding['place'] or finding['message']}"
            for finding in findings
        )

    return run


TITLE = "title: has a dashboard 'Shop'"


def test_without_a_change_nothing_is_found(since: Since) -> None:
    """Although every check finds something everywhere."""
    assert [] == since("dashboards/shop.py", "Shop", "Shop")


def test_a_panel_that_differs_is_found_with_its_dashboard(since: Since) -> None:
    """And no other panel of it, though the next ones moved."""
    assert ["dashboard: dashboard 'Shop'", "panel: panel 'Orders'", TITLE] == since(
        "dashboards/shop.py", "snippets.orders", "snippets.orders, height=20, width=24"
    )


def test_a_new_panel_is_found_with_its_query(since: Since) -> None:
    """Wherever it is put."""
    assert [
        "dashboard: dashboard 'Shop'",
        "expression: panel 'Late' A",
        "panel: panel 'Late'",
        TITLE,
    ] == since("dashboards/shop.py", "panels=[\n    ", 'panels=[timeseries("Late", "late"),\n    ')


def test_a_new_dashboard_is_found_as_a_whole(since: Since) -> None:
    """And is named by what is found in the project."""
    assert [
        "dashboard: dashboard 'New'",
        "expression: panel 'P' A",
        "panel: panel 'P'",
        "title: has a dashboard 'New'",
    ] == since(
        "dashboards/shop.py",
        "stock = ",
        'new = Dashboard("New", uid="new", panels=[timeseries("P", "p")])\nstock = ',
    )


def test_what_reads_a_variable_that_differs_is_touched(since: Since) -> None:
    """Without the variable, its query would be wrong."""
    assert [
        "dashboard: dashboard 'Shop'",
        "expression: panel 'Zones' A",
        "panel: panel 'Zones'",
        TITLE,
        "variable: variable $zone",
    ] == since("dashboards/shop.py", '["a", "b"]', '["a", "c"]')


def test_a_rule_that_differs_is_found_and_not_its_neighbour(since: Since) -> None:
    """Whose engines have a document each."""
    assert ["expression: alert 'NoBoxes'", "rule: alert 'NoBoxes'"] == since(
        "alerts/shop.py", "boxes == 0", "boxes == 1"
    )


def test_a_snippet_whose_code_differs_is_found_where_it_is_written(since: Since) -> None:
    """With the panels that it changes."""
    assert [
        "dashboard: dashboard 'Shop'",
        "expression: snippet 'shop.returns'",
        "panel: panel 'Returns'",
        TITLE,
    ] == since("dashboards/snippets.py", 's.select("returns")', 's.select("returned")')


def test_a_link_to_what_the_change_removed_is_found(
    project: ProjectFolder, git: Git, run_gk: RunGk
) -> None:
    """Though its own dashboard is as it was."""
    project.write(
        {
            "dashboards/home.py": """
                from gk import Dashboard, link, text

                home = Dashboard(
                    "Home",
                    panels=[text("T", "Hello", links=[link("Zones", "/d/shop?var-zone=a")])],
                )
            """
        }
    )
    commit(git)
    shop = project.read("dashboards/shop.py").replace('custom_variable("zone", ["a", "b"]), ', "")
    (project.root / "dashboards/shop.py").write_text(shop.replace('{zone="$zone"}', ""))

    ran = run_gk("check", "--since", "HEAD", "--format", "json", "--only", "broken-link")

    (finding,) = json.loads(ran.out)["findings"]
    assert "Home" == finding["title"]
    assert finding["message"].startswith("a link sets $zone, which dashboard 'Shop' does not have")


def test_a_comment_or_a_new_line_touches_nothing(since: Since) -> None:
    """Documents and code are what they were."""
    assert [] == since("dashboards/shop.py", "shop = ", "# The shop.\n\nshop = ")


def test_since_a_branch_is_since_this_one_left_it(
    project: ProjectFolder, git: Git, since: Since
) -> None:
    """What others changed on main meanwhile is no change of this branch."""
    git("checkout", "--quiet", "-b", "feature")
    git("checkout", "--quiet", "main")
    text = project.read("dashboards/shop.py")
    project.write({"dashboards/shop.py": text.replace('"boxes"', '"pallets"')})
    commit(git)
    git("checkout", "--quiet", "feature")

    assert ["expression: alert 'NoBoxes'", "rule: alert 'NoBoxes'"] == since(
        "alerts/shop.py", "boxes == 0", "boxes == 1"
    )


def test_the_report_counts_what_is_elsewhere(
    project: ProjectFolder, git: Git, run_gk: RunGk
) -> None:
    """So that nobody takes the project for clean. Exit code and all forms are those of the rest."""
    ran = run_gk("check", "--since", "HEAD", "--only", "every-panel")

    assert (0, "no problems, 4 not in this change (1 check of ") == (ran.code, ran.out[:46])


def test_an_old_side_with_mistakes_counts_as_changed_and_is_said(
    project: ProjectFolder, git: Git, run_gk: RunGk
) -> None:
    """Rather too much than too little."""
    good = project.read("dashboards/shop.py")
    (project.root / "dashboards/shop.py").write_text(f"{good}\n1 / 0")
    commit(git)
    (project.root / "dashboards/shop.py").write_text(good)

    ran = run_gk("check", "--since", "HEAD", "--only", "every-panel")

    assert 1 == ran.code
    assert "4 warnings" in ran.out
    assert "counts as changed: dashboards/shop.py:" in ran.err


def test_an_unknown_revision_could_not_be_checked(git: Git, run_gk: RunGk) -> None:
    """And is no pass."""
    ran = run_gk("check", "--since", "nowhere")

    assert (2, "") == (ran.code, ran.out)
    assert "revision 'nowhere' not found" in ran.err


def test_without_a_repository_nothing_can_be_compared(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """Which gk says."""
    project.write({"dashboards/snippets.py": SNIPPETS, "dashboards/shop.py": SHOP})

    ran = run_gk("check", "--since", "HEAD", env={"GIT_CEILING_DIRECTORIES": "/"})

    assert 2 == ran.code
    assert "is not in a git repository" in ran.err


def test_an_environment_is_compared_with_itself(
    project: ProjectFolder, git: Git, run_gk: RunGk
) -> None:
    """What changes in one of them is found there."""
    project.write(
        {
            "gk.yaml": "environments: {prod: {values: {box: boxes}}, test: {values: {box: boxes}}}",
            "dashboards/shop.py": """
                from gk import Dashboard, timeseries, value

                boxes = timeseries("Boxes", value("box", str))
                stock = Dashboard("Stock", uid="stock", panels=[boxes])
            """,
        }
    )
    commit(git)
    project.write(
        {
            "gk.yaml": project.read("gk.yaml").replace(
                "test: {values: {box: boxes", "test: {values: {box: b"
            )
        }
    )

    ran = run_gk("check", "--since", "HEAD", "--only", "every-panel")

    assert "panel 'Boxes': is one (only in test) [every-panel]" in ran.out
