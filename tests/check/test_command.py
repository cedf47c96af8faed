"""gk check as a user runs it: what it prints, what it fails on, and what is silenced."""

from __future__ import annotations

import json
import textwrap

import pytest

from tests.conftest import REPOSITORY, ProjectFolder, RunGk

SHOP = """
    from gk import Dashboard, timeseries

    dashboard = Dashboard(
        "Shop",
        uid="shop",
        panels=[
            timeseries("Errors", "sum(errors / rate(b_total[5m]))"),
            timeseries("Memory", "rate(memory_free_bytes[5m])"),
        ],
    )
"""
ERRORS = "dashboards/shop.py:7: warning: panel 'Errors' A: sum() of a division by rate(b_total[5m])"
MEMORY = "dashboards/shop.py:8: warning: panel 'Memory' A: rate() of memory_free_bytes"
ONLY = ("--only", "nan-in-aggregation", "--only", "rate-of-gauge", "--only", "unused-silence")


@pytest.fixture
def shop(project: ProjectFolder) -> ProjectFolder:
    """A project with two mistakes in one dashboard."""
    return project.write({"dashboards/shop.py": SHOP})


def lines_of(out: str) -> list[str]:
    """Without what comes after the place and the first words, and without the counts."""
    return [line for line in out.splitlines() if ": " in line]


def test_what_gk_build_warns_of_is_told_once(project: ProjectFolder, run_gk: RunGk) -> None:
    """As a finding, which a team can silence; what no check finds is a warning here, too."""
    export = {
        "title": "Shop",
        "uid": "shop",
        "panels": [
            {
                "type": "stat",
                "title": "Up",
                "datasource": {"type": "prometheus", "uid": "prometheus"},
                "targets": [{"refId": "A", "expr": "sum(up"}, {"refId": "B", "expr": 'a{b="$c"}'}],
            }
        ],
    }
    project.write(
        {
            "alerts/shop.py": """
                from gk import alert, alert_group

                rules = alert_group("Shop", [alert("Up", "up", runbook="/runbooks/up")])
            """,
            "dashboards/shop.json": json.dumps(export),
        }
    )

    built, ran = run_gk("build"), run_gk("check")

    assert 4 == len(built.err.splitlines())
    (warning,) = ran.err.splitlines()
    assert "runbook '/runbooks/up' is a path" in warning
    for name in ("alert-without-condition", "invalid-promql", "undefined-variable"):
        assert f"[{name}]" in ran.out


def test_findings_are_printed_with_the_line_of_their_panel(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """And are exit code 1."""
    ran = run_gk("check", *ONLY)

    assert (1, "") == (ran.code, ran.err)
    first, second = lines_of(ran.out)
    assert first.startswith(ERRORS)
    assert first.endswith("[nan-in-aggregation]")
    assert second.startswith(MEMORY)
    assert "2 warnings (3 checks of " in ran.out


def test_a_project_without_problems_is_exit_code_0(project: ProjectFolder, run_gk: RunGk) -> None:
    """And says how much was checked."""
    ran = run_gk("check", *ONLY)

    assert (0, "no problems (3 checks of 1 object, 0 queries)\n", "") == (
        ran.code,
        ran.out,
        ran.err,
    )


@pytest.mark.parametrize(
    ("code", "arguments", "settings"),
    [
        (0, ["--fail-on", "error"], ""),
        (0, [], "check: {fail_on: error}"),
        (1, ["--fail-on", "warning"], "check: {fail_on: error}"),
        (1, ["--fail-on", "error"], "check: {checks: {rate-of-gauge: error}}"),
        (1, [], "check: {fail_on: info, checks: {rate-of-gauge: info, nan-in-aggregation: info}}"),
        (0, [], "check: {checks: {rate-of-gauge: info, nan-in-aggregation: info}}"),
    ],
)
def test_what_fails_is_chosen_by_severity(
    shop: ProjectFolder, run_gk: RunGk, code: int, arguments: list[str], settings: str
) -> None:
    """The option outranks gk.yaml, which may also change the severity of a check."""
    shop.write({"gk.yaml": settings})

    assert code == run_gk("check", *ONLY, *arguments).code


def test_a_check_that_is_off_runs_only_if_named(shop: ProjectFolder, run_gk: RunGk) -> None:
    """With --only, as bad as it usually is."""
    shop.write({"gk.yaml": "check: {checks: {nan-in-aggregation: off, rate-of-gauge: off}}"})

    off, named = run_gk("check"), run_gk("check", "--only", "nan-in-aggregation")

    assert "[nan-in-aggregation]" not in off.out
    assert [ERRORS] == [line[: len(ERRORS)] for line in lines_of(named.out)]


@pytest.mark.parametrize(
    "silenced",
    [
        pytest.param(
            SHOP.replace(
                '[5m]))"),', '[5m]))"),  # gk: silence nan-in-aggregation: Never without traffic.'
            ),
            id="beside",
        ),
        pytest.param(
            SHOP.replace(
                '            timeseries("Errors"',
                "            # gk: silence nan-in-aggregation: Never without traffic.\n"
                '            timeseries("Errors"',
            ),
            id="above",
        ),
        pytest.param(
            SHOP.replace(
                "    dashboard = ",
                "    # gk: silence nan-in-aggregation: Never without traffic.\n    dashboard = ",
            ),
            id="above-the-dashboard",
        ),
    ],
)
def test_a_comment_silences_what_it_stands_beside_or_above(
    project: ProjectFolder, run_gk: RunGk, silenced: str
) -> None:
    """A panel, or all of a dashboard; other checks and the counts are as before."""
    project.write({"dashboards/shop.py": silenced})

    ran = run_gk("check", *ONLY)

    (line,) = lines_of(ran.out)
    assert "rate() of memory_free_bytes" in line
    assert "1 warning, 1 silenced (" in ran.out


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig"])
def test_comments_are_read_in_the_encoding_that_their_file_states(
    project: ProjectFolder, run_gk: RunGk, encoding: str
) -> None:
    """As Python reads the definition; and lines end where they do for Python."""
    stated = f"# coding: {encoding.removesuffix('-sig')}\n# A page ends\f here.\n"
    silence = "# gk: silence nan-in-aggregation: Très calme.\n# It is.\n"
    text = textwrap.dedent(SHOP).lstrip("\n").replace("dashboard = ", f"{silence}dashboard = ")
    file = project.root / "dashboards" / "shop.py"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes((stated + text).encode(encoding))

    ran = run_gk("check", *ONLY)

    assert "1 warning, 1 silenced (" in ran.out, ran


def test_a_silence_for_another_panel_silences_nothing_and_is_reported(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """At its own line."""
    text = SHOP.replace('5m])"),', '5m])"),  # gk: silence nan-in-aggregation: Not here.')
    project.write({"dashboards/shop.py": text})

    lines = lines_of(run_gk("check", *ONLY).out)

    assert 3 == len(lines)
    assert (
        "dashboards/shop.py:8: warning: the silence of nan-in-aggregation silences nothing; "
        "remove it [unused-silence]"
    ) in lines


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        (
            "silence nan-in-aggregation",
            "a silence needs a reason: silence nan-in-aggregation: reason",
        ),
        ("silence nan-in-aggregatio: x", "there is no check 'nan-in-aggregatio'; did you mean"),
        (
            "ignore nan-in-aggregation: x",
            "is not a comment that gk knows; write # gk: silence CHECK: reason",
        ),
    ],
)
def test_a_comment_that_says_nothing_is_a_mistake(
    shop: ProjectFolder, run_gk: RunGk, comment: str, message: str
) -> None:
    """At its line; a silence that never works would be found too late."""
    shop.write({"dashboards/other.py": f"\n# gk: {comment}\nx = 1\n"})

    ran = run_gk("check")

    assert 2 == ran.code
    assert f"dashboards/other.py:1: {message}" in ran.err


def test_gk_yaml_silences_by_file_and_name(shop: ProjectFolder, run_gk: RunGk) -> None:
    """Both are patterns; a silence that covers nothing is told at its line."""
    settings = """
        check:
          silences:
            - check: nan-in-aggregation
              file: dashboards/*
              name: Err*
              reason: Never without traffic.
            - check: rate-of-gauge
              file: dashboards/other.py
              reason: Not here.
    """
    shop.write({"gk.yaml": settings})

    lines = lines_of(run_gk("check", *ONLY).out)

    assert [MEMORY, "gk.yaml:7: warning: the silence of rate-of-gauge silences nothing"] == [
        line[:length] for line, length in zip(lines, (len(MEMORY), 65), strict=True)
    ]


@pytest.mark.parametrize(
    ("settings", "mistake"),
    [
        ("checks: {nan-in-aggregatio: off}", "there is no check 'nan-in-aggregatio'; did you mean"),
        ("checks: {nan-in-aggregation: loud}", "'loud' is not a severity; one of error, info, off"),
        (
            "checks: {nan-in-aggregation: {most: 3}}",
            "check nan-in-aggregation has no option 'most'",
        ),
        ("silences: [{check: rate-of-gauge}]", "a silence needs reason"),
        ("silences: [{check: x, reason: y}]", "there is no check 'x'"),
        ("fail_on: never", "'never' is not a severity"),
        ("silence: []", "unknown key 'check.silence'; did you mean 'silences'?"),
    ],
)
def test_mistakes_in_the_settings_are_told_at_their_line(
    shop: ProjectFolder, run_gk: RunGk, settings: str, mistake: str
) -> None:
    """And are exit code 2."""
    shop.write({"gk.yaml": f"project: shop\ncheck:\n  {settings}\n"})

    ran = run_gk("check")

    assert 2 == ran.code
    assert ran.err.startswith("gk.yaml:3: ")
    assert mistake in ran.err


def test_a_finding_in_a_snippet_is_told_where_it_is_written_once(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """Whatever panels and alerts show it; a comment above it silences it."""
    snippets = """
        from gk.promql import Exporter, Scope

        exporter = Exporter("shop", metric="up")

        @exporter.snippet(unit="percentunit", legend="all")
        def failing(s: Scope) -> str:
            \"\"\"Share of requests that fail.\"\"\"
            return f"sum({s.rate('errors_total')} / {s.rate('requests_total')})"
    """
    shown = """
        from gk import Dashboard, alert, alert_group, timeseries
        from dashboards.snippets import exporter, failing

        one = Dashboard("One", exporter=exporter, panels=[timeseries("A", failing)])
        two = Dashboard("Two", panels=[timeseries("B", failing), timeseries("C", failing)])
        rules = alert_group("shop", [alert("Fails", failing > 0.1, summary="Requests fail")])
    """
    project.write({"dashboards/snippets.py": snippets, "dashboards/shown.py": shown})

    (line,) = lines_of(run_gk("check", *ONLY).out)

    assert line.startswith(
        "dashboards/snippets.py:5: warning: snippet 'shop.failing': sum() of a division by"
    )
    assert "(and 3 more places)" in line
    silence = "        # gk: silence nan-in-aggregation: Always some.\n        @exporter.snippet"
    project.write(
        {"dashboards/snippets.py": snippets.replace("        @exporter.snippet", silence)}
    )
    ran = run_gk("check", *ONLY)
    assert (0, "no problems, 1 silenced (") == (ran.code, ran.out[:25])


def test_a_comment_silences_a_snippet_of_a_library(project: ProjectFolder, run_gk: RunGk) -> None:
    """Of a package beside the folders of definitions, as in these."""
    snippets = """
        from gk.promql import Exporter, Scope

        exporter = Exporter("shop", metric="up")

        @exporter.snippet(unit="percentunit", legend="all")
        def failing(s: Scope) -> str:
            \"\"\"Share of requests that fail.\"\"\"
            return f"sum({s.rate('errors_total')} / {s.rate('requests_total')})"
    """
    shown = """
        from gk import Dashboard, timeseries
        from shared.queries import failing

        dashboard = Dashboard("Shop", panels=[timeseries("A", failing)])
    """
    silence = "        # gk: silence nan-in-aggregation: Always some.\n        @exporter.snippet"
    project.write({"dashboards/shop.py": shown, "shared/queries.py": snippets})

    told = run_gk("check", *ONLY)
    project.write({"shared/queries.py": snippets.replace("        @exporter.snippet", silence)})
    silenced = run_gk("check", *ONLY)

    assert told.out.startswith("shared/queries.py:5: warning: snippet 'shop.failing'")
    assert (0, "no problems, 1 silenced (") == (silenced.code, silenced.out[:25])


def test_environments_are_checked_together(empty_project: ProjectFolder, run_gk: RunGk) -> None:
    """What all have is told once, what one has with its name; -e checks one alone."""
    empty_project.write(
        {
            "gk.yaml": """
                environments:
                  prod: {values: {by: 'rate(x_total[5m])'}}
                  test: {values: {by: '2'}}
            """,
            "dashboards/shop.py": """
                from gk import Dashboard, Datasource, timeseries, value

                prometheus = Datasource.prometheus("P", uid="p", url="http://p:9090", default=True)
                dashboard = Dashboard(
                    "Shop",
                    panels=[
                        timeseries("Errors", f"sum(errors / {value('by', str)})"),
                        timeseries("Memory", "rate(memory_free_bytes[5m])"),
                    ],
                )
            """,
        }
    )
    both, test = run_gk("check", *ONLY), run_gk("check", *ONLY, "-e", "test")

    first, second = lines_of(both.out)
    assert "sum() of a division by rate(x_total[5m])" in first
    assert "(only in prod)" in first
    assert "only in" not in second
    assert 1 == len(lines_of(test.out))


def test_the_json_has_every_finding_and_what_is_silenced(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """With its place, for programs."""
    text = SHOP.replace('[5m]))"),', '[5m]))"),  # gk: silence nan-in-aggregation: Always some.')
    project.write({"dashboards/shop.py": text})

    document = json.loads(run_gk("check", *ONLY, "--format", "json").out)

    (finding,), (silenced,) = document["findings"], document["silenced"]
    assert {
        "check": "rate-of-gauge",
        "severity": "warning",
        "file": "dashboards/shop.py",
        "line": 8,
        "kind": "dashboard",
        "uid": "shop",
        "title": "Shop",
        "place": "panel 'Memory' A",
    }.items() <= finding.items()
    assert ("nan-in-aggregation", "Always some.") == (silenced["check"], silenced["reason"])
    assert (1, True) == (document["version"], document["fails"])


def test_a_mistake_in_a_definition_is_told_as_by_a_build(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """Nothing is checked that does not compile."""
    project.write({"dashboards/shop.py": "from gk import Dashboard\nd = Dashboard('A', panels=1)"})

    ran = run_gk("check")

    assert (2, "") == (ran.code, ran.out)
    assert "dashboards/shop.py:2" in ran.err


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            "github",
            "::error file=dashboards/shop.py,line=1,title=gk check%3A definitions"
            "::ZeroDivisionError: division by zero\n",
        ),
        ("junit", '<failure message="ZeroDivisionError: division by zero" type="error">'),
    ],
)
def test_a_mistake_in_a_definition_is_told_to_ci_in_its_form(
    shop: ProjectFolder, run_gk: RunGk, form: str, expected: str
) -> None:
    """A red run without an annotation says nothing."""
    shop.write({"dashboards/shop.py": "1 / 0"})

    ran = run_gk("check", "--format", form)

    assert 2 == ran.code
    assert expected in ran.out
    assert "dashboards/shop.py:1: ZeroDivisionError" in ran.err


def test_nothing_is_reported_as_sarif_if_nothing_was_checked(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """Whoever keeps findings would take them for fixed."""
    shop.write({"dashboards/shop.py": "1 / 0"})

    ran = run_gk("check", "--format", "sarif")

    assert (2, "") == (ran.code, ran.out)


@pytest.mark.parametrize("arguments", [["--list"], ["--explain", "label-gone"]])
def test_lists_have_forms_of_their_own(
    empty_project: ProjectFolder, run_gk: RunGk, arguments: list[str]
) -> None:
    """For programs and for documentation, also outside of a project."""
    document = json.loads(run_gk("check", *arguments, "--format", "json").out)
    page = run_gk("check", *arguments, "--format", "markdown").out

    assert "label-gone" in [check["name"] for check in document["checks"]]
    assert "## label-gone\n" in page
    ran = run_gk("check", *arguments, "--format", "sarif")
    assert (2, "") == (ran.code, ran.out)
    assert f"--format sarif is not a form of {arguments[0]}; one of text, json" in ran.err


def test_markdown_is_no_form_of_a_report(shop: ProjectFolder, run_gk: RunGk) -> None:
    """Which has others."""
    ran = run_gk("check", "--format", "markdown")

    assert 2 == ran.code
    assert "is not a form of a report; one of text, json, html, sarif, junit, github" in ran.err


def test_checks_are_listed_and_explained(empty_project: ProjectFolder, run_gk: RunGk) -> None:
    """Without a project."""
    listed, page = run_gk("check", "--list"), run_gk("check", "--explain", "nan-in-aggregation")

    assert 0 == listed.code == page.code
    assert "nan-in-aggregation " in listed.out
    assert page.out.startswith("nan-in-aggregation (warning)\n\nOne NaN in a sum")
    assert "# gk: silence nan-in-aggregation: reason" in page.out


def test_an_unknown_check_is_a_mistake_with_the_nearest_name(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """For --explain and --only."""
    for option in ("--explain", "--only"):
        ran = run_gk("check", option, "rate-of-gauges")

        assert 2 == ran.code
        assert "there is no check 'rate-of-gauges'; did you mean 'rate-of-gauge'?" in ran.err


def test_this_repository_has_no_problem_and_no_silence(run_gk: RunGk) -> None:
    """In its own dashboards and alerts; their tests run in tests/compile/test_alerts.py."""
    ran = run_gk("check", "--no-tests", "--fail-on", "info", cwd=REPOSITORY)

    assert (0, True) == (ran.code, ran.out.startswith("no problems (")), ran.out
