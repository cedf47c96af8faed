"""A mistake in a snippet is reported once, at the snippet's line, with who uses it."""

from __future__ import annotations

import pytest

from gk.errors import DefinitionError
from tests.conftest import ProjectFolder, RunGk

SNIPPETS = """
    from gk.promql import Exporter, Scope

    exporter = Exporter("shop")


    @exporter.snippet(unit="reqPs")
    def requests(s: Scope, *, route: str = "") -> str:
        return {requests}


    @exporter.snippet()
    def busy(s: Scope) -> str:
        return f"{{requests(s)}} > 10"
"""
ONE = """
    from gk import Dashboard, stat, timeseries
    from dashboards.snippets import busy, requests

    one = Dashboard("One", panels=[{panels}])
"""
TWO = """
    from gk import alert, alert_group
    from dashboards.snippets import busy, requests

    rules = alert_group("G", [{rules}])
"""
UNCLOSED = "f\"sum({s.rate('requests_total')}\""
GOOD = "s.rate('requests_total')"


def mistakes(
    project: ProjectFolder, requests: str, panels: str, rules: str = "", more: str = ""
) -> list[str]:
    """The mistakes of a project with these definitions."""
    project.write(
        {
            "dashboards/snippets.py": SNIPPETS.format(requests=requests),
            "dashboards/one.py": ONE.format(panels=panels),
            "dashboards/more.py": ONE.format(panels=more).replace('"One"', '"More"'),
            "alerts/two.py": TWO.format(rules=rules),
        }
    )
    with pytest.raises(DefinitionError) as caught:
        project.resources()
    return [str(problem) for problem in caught.value.problems]


def test_promql_of_a_snippet_that_does_not_parse_is_one_mistake(project: ProjectFolder) -> None:
    """In a panel and in an alert, it is rendered differently, and still the same mistake."""
    (problem,) = mistakes(
        project, UNCLOSED, 'stat("A", requests, unit="s")', 'alert("B", requests > 1)'
    )
    assert problem.startswith(
        "dashboards/snippets.py:6: snippet shop.requests: PromQL does not parse: unclosed left "
        "parenthesis: sum(rate(requests_total"
    )
    assert problem.endswith(" (used by panel 'A' and alert 'B')")


def test_snippet_that_raises_is_one_mistake(project: ProjectFolder) -> None:
    """With any arguments."""
    panels = 'stat("A", requests, unit="s"), stat("B", requests(route="/"), unit="s")'
    assert [
        "dashboards/snippets.py:8: snippet shop.requests: ZeroDivisionError: division by zero "
        "(used by panel 'A', panel 'B' and 1 more)"
    ] == mistakes(project, "1 / 0", panels, 'alert("C", requests > 1)')


def test_mistake_of_a_snippet_that_another_one_calls_is_at_its_own_line(
    project: ProjectFolder,
) -> None:
    """The caller cannot help it."""
    (problem,) = mistakes(
        project, UNCLOSED, 'stat("A", busy), stat("B", requests, unit="s")', 'alert("C", busy)'
    )
    assert problem.startswith(
        "dashboards/snippets.py:6: snippet shop.requests: PromQL does not pars"
    )
    assert problem.endswith(" (used by panel 'A', panel 'B' and 1 more)")


def test_unknown_unit_of_a_snippet_is_one_mistake(project: ProjectFolder) -> None:
    """Panels of the same title on two dashboards are two."""
    panel = 'stat("A", requests)'
    assert [
        "dashboards/snippets.py:6: snippet shop.requests: unit 'reqPs' is not a Grafana unit; did "
        "you mean 'reqps'? (used by panel 'A' and panel 'A')"
    ] == mistakes(project, GOOD, panel, more=panel)


def test_argument_that_a_panel_lacks_is_a_mistake_of_each_panel(project: ProjectFolder) -> None:
    """The snippet is right."""
    project.write(
        {
            "dashboards/d.py": """
                from gk import Dashboard, stat
                from gk.promql import Exporter, Scope

                exporter = Exporter("shop")

                @exporter.snippet()
                def of_team(s: Scope, *, team: str) -> str:
                    return s.select("up", team=team)

                d = Dashboard("D", panels=[
                    stat("A", of_team),
                    stat("B", of_team),
                ])
            """
        }
    )
    with pytest.raises(DefinitionError) as caught:
        project.resources()
    assert [11, 12] == [problem.source.line for problem in caught.value.problems]


def test_workers_know_every_user_of_a_snippet(project: ProjectFolder, run_gk: RunGk) -> None:
    """Each worker builds some of the dashboards."""
    project.write(
        {
            "gk.yaml": "",
            "dashboards/snippets.py": SNIPPETS.format(requests=UNCLOSED),
            **{
                f"dashboards/d{number}.py": ONE.format(panels=f'stat("P{number}", busy)').replace(
                    '"One"', f'"D{number}"'
                )
                for number in range(120)
            },
        }
    )
    ran = run_gk("build")
    assert 2 == ran.code
    assert 1 == ran.err.count("snippets.py:6")
    assert "(used by panel 'P0', panel 'P1' and 118 more)" in ran.err
