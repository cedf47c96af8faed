"""A team's own checks, in checks/*.py of its project."""

from __future__ import annotations

import json

import pytest

import gk.check
from gk.check import Found, Source, Where, custom
from tests.conftest import ProjectFolder, RunGk

SHOP = """
    from gk import Dashboard, timeseries

    dashboard = Dashboard(
        "Shop",
        uid="shop",
        panels=[
            timeseries("errors", "errors_total"),
            timeseries("Memory", "memory_bytes"),
        ],
    )
"""
CAPITALS = '''
    """The title of a panel begins with a capital.

    Problem: our titles look alike.
    """

    from collections.abc import Iterator

    from gk.check import Panel, Severity, check


    @check(Severity.INFO)
    def capitals(panel: Panel, *, least: int = 1) -> Iterator[str]:
        """Look at the first letters."""
        if panel.title[:least].islower():
            yield "begins with a small letter"
'''


@pytest.fixture
def team(project: ProjectFolder) -> ProjectFolder:
    """A project with a dashboard and a check of its own."""
    return project.write({"dashboards/shop.py": SHOP, "checks/capitals.py": CAPITALS})


def test_a_check_of_a_team_runs_with_those_of_gk(team: ProjectFolder, run_gk: RunGk) -> None:
    """Its findings are at the line of their panel, as all others."""
    ran = run_gk("check", "--only", "capitals", "--fail-on", "info")

    assert (
        1,
        "dashboards/shop.py:7: info: panel 'errors': begins with a small letter [capitals]",
        "",
    ) == (ran.code, ran.out.splitlines()[0], ran.err)


def test_gk_yaml_sets_its_severity_and_its_options(team: ProjectFolder, run_gk: RunGk) -> None:
    """As of the checks of gk."""
    team.write({"gk.yaml": "check: {checks: {capitals: {severity: error, least: 0}}}"})

    assert 0 == run_gk("check", "--only", "capitals").code


def test_a_comment_silences_it(team: ProjectFolder, run_gk: RunGk) -> None:
    """At the definition."""
    silence = "# gk: silence capitals: Its name has none."
    team.write({"dashboards/shop.py": SHOP.replace('_total"),', f'_total"),  {silence}')})

    ran = run_gk("check", "--only", "capitals", "--fail-on", "info")

    assert (0, "no problems, 1 silenced") == (ran.code, ran.out.partition(" (")[0])


def test_it_is_listed_and_explained(team: ProjectFolder, run_gk: RunGk) -> None:
    """With the place where it is written."""
    listed = json.loads(run_gk("check", "--list", "--format", "json").out)["checks"]
    explained = run_gk("check", "--explain", "capitals").out

    (own,) = (check for check in listed if check["file"])
    assert ("capitals", "checks/capitals.py", 11, {"least": 1}) == (
        own["name"],
        own["file"],
        own["line"],
        own["options"],
    )
    assert "The title of a panel begins with a capital." == own["summary"]
    assert "Problem: our titles look alike." in explained


def test_a_file_may_have_several_checks_each_with_a_page(
    team: ProjectFolder, run_gk: RunGk
) -> None:
    """Which is the docstring of its function."""
    team.write(
        {
            "checks/names.py": '''
                """Our names."""
                from gk.check import Dashboard, Rule, Severity, check

                @check(Severity.WARNING)
                def dashboard_name(dashboard: Dashboard):
                    """A dashboard has a name."""
                    return []

                @check(Severity.WARNING)
                def alert_name(rule: Rule):
                    """An alert has a name."""
                    return []
            '''
        }
    )

    listed = run_gk("check", "--list").out.splitlines()

    assert ["A dashboard has a name.", "An alert has a name."] == [
        line.partition("warning  ")[2]
        for name in ("dashboard-name", "alert-name")
        for line in listed
        if line.startswith(f"{name} ")
    ]


def test_it_may_import_what_definitions_may(team: ProjectFolder, run_gk: RunGk) -> None:
    """Libraries, definitions and other checks."""
    team.write(
        {
            "lib/names.py": "SMALL = ('errors',)",
            "checks/words.py": "WORDS = {'Shop'}",
            "checks/titles.py": '''
                from checks.words import WORDS
                from dashboards.shop import dashboard
                from lib.names import SMALL

                from gk.check import Panel, Severity, check

                @check(Severity.ERROR)
                def titles(panel: Panel):
                    """Titles are ours."""
                    if panel.title in SMALL and WORDS == {dashboard.title}:
                        yield "is small"
            ''',
        }
    )

    ran = run_gk("check", "--only", "titles")

    assert (1, "") == (ran.code, ran.err)
    assert "panel 'errors': is small [titles]" in ran.out


def test_it_may_look_at_what_a_prometheus_answers(team: ProjectFolder, run_gk: RunGk) -> None:
    """With --live; without, it finds nothing."""
    team.write(
        {
            "checks/slow.py": '''
                """A query takes long."""
                from gk.check import Asked, Severity, check

                @check(Severity.WARNING)
                def slow(asked: Asked):
                    if asked.answer and asked.answer.seconds > 1:
                        yield "takes more than a second"
            '''
        }
    )

    assert "slow " in run_gk("check", "--list").out
    assert "[slow]" not in run_gk("check").out


def test_what_checks_look_at_and_yield_is_in_one_module() -> None:
    """Nobody has to know the modules of gk."""
    given = {*custom.SUBJECTS, Found, Where, Source}

    assert set() == {cls.__name__ for cls in given} - {*gk.check.__all__}


FAILING = '''
    from gk.check import Panel, Severity, check


    @check(Severity.INFO)
    def failing(panel: Panel):
        """Fails."""
        yield f"the unit is {panel.body['fieldConfig']['unit']}"
'''


def test_a_check_that_fails_is_an_error_at_its_line_and_the_others_run(
    team: ProjectFolder, run_gk: RunGk
) -> None:
    """Once, however often it fails, and without a traceback."""
    team.write({"checks/failing.py": FAILING})

    ran = run_gk("check", "--only", "failing", "--only", "capitals")

    assert [
        "checks/failing.py:7: error: check 'failing': fails on panel 'errors': KeyError: 'unit'; "
        "fix the check (and 1 more place) [failing]",
        "dashboards/shop.py:7: info: panel 'errors': begins with a small letter [capitals]",
        "1 error, 1 hint (2 checks of 2 objects, 2 queries)",
    ] == ran.out.splitlines()
    assert (1, "") == (ran.code, ran.err)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("yield panel", "yields Panel, not a message"),
        ("pass", "yields nothing; write `yield`"),
        ("return 'is small'", "yields nothing; write `yield`"),
        ("raise SystemExit(0)", "sys.exit() is called"),
    ],
)
def test_whatever_a_check_does_is_told_at_the_check(
    team: ProjectFolder, run_gk: RunGk, body: str, message: str
) -> None:
    """Also where Python's own traceback does not lead there."""
    team.write({"checks/failing.py": FAILING.replace("yield f", f"{body}\n        'x'#")})

    ran = run_gk("check", "--only", "failing")

    assert (1, "") == (ran.code, ran.err)
    assert "checks/failing.py:" in ran.out
    assert message in ran.out


def test_a_check_without_an_end_is_an_error(team: ProjectFolder, run_gk: RunGk) -> None:
    """It would fill the memory."""
    endless = CAPITALS.replace('yield "begins', 'while True: yield "begins')
    team.write({"checks/capitals.py": endless})

    ran = run_gk("check", "--only", "capitals", "--format", "json")

    failed = [
        finding for finding in json.loads(ran.out)["findings"] if finding["severity"] == "error"
    ]
    assert 1 == ran.code
    assert ["fails on panel 'errors': yields more than 10,000 messages"] == [
        finding["message"].partition(";")[0] for finding in failed
    ]


def test_a_check_that_changes_what_it_looks_at_hides_nothing(
    team: ProjectFolder, run_gk: RunGk
) -> None:
    """The checks of gk have looked before."""
    team.write({"checks/capitals.py": ""})
    before = run_gk("check", "--fail-on", "info").out
    changing = """
        from collections.abc import Iterator

        from gk.check import Dashboard, Severity, check


        @check(Severity.INFO)
        def tidy(dashboard: Dashboard) -> Iterator[str]:
            \"\"\"Changes what it looks at.\"\"\"
            for panel in dashboard.body["panels"]:
                panel.clear()
            yield from ()
    """
    team.write({"checks/tidy.py": changing})

    after = run_gk("check", "--fail-on", "info").out

    assert "panel 'Memory': has no unit" in before
    assert before.splitlines()[:-1] == after.splitlines()[:-1]


def test_what_a_check_prints_does_not_get_into_the_report(
    team: ProjectFolder, run_gk: RunGk
) -> None:
    """Which a program reads."""
    team.write(
        {"checks/capitals.py": CAPITALS.replace("if panel", "print('hello')\n        if panel")}
    )

    ran = run_gk("check", "--only", "capitals", "--format", "json")

    assert 1 == len(json.loads(ran.out)["findings"])
    assert "hello" in ran.err


OWN = "from gk.check import *\n@check(Severity.INFO)\ndef "


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("from gk.check import chek", "1", "did you mean 'check'?"),
        ("1 / 0", "1", "ZeroDivisionError: division by zero"),
        ("def (", "1", "is not Python"),
        (
            f"{OWN}own(panel: Panel): ...",
            "2",
            "check own: write a docstring, which is its page",
        ),
        (
            f"{OWN}own(panel):\n    'Page.'",
            "2",
            "check own: annotate its first parameter",
        ),
        (
            f"{OWN}own():\n    'Page.'",
            "2",
            "check own: annotate its first parameter",
        ),
        (
            f"{OWN}own(panel: Panel, a=1):\n    'Page.'",
            "2",
            "check own: write 'a' after '*'",
        ),
        (
            f"{OWN}own(panel: str):\n    'Page.'",
            "2",
            "check own looks at str, which gk does not pass to checks; one of Annotation, ",
        ),
        (
            f"{OWN}label_gone(panel: Panel):\n    'Page.'",
            "2",
            "gk has a check 'label-gone'; rename this one",
        ),
        (
            f"{OWN}capitals(panel: Panel):\n    'Page.'",
            "2",
            "there are two checks 'capitals'; rename one",
        ),
    ],
)
def test_a_mistake_in_a_check_is_told_at_its_line(
    team: ProjectFolder, run_gk: RunGk, text: str, place: str, message: str
) -> None:
    """As a mistake in a definition is, and for every command that reads checks."""
    (team.root / "checks/own.py").write_text(text)

    for arguments in (["check"], ["check", "--list"]):
        ran = run_gk(*arguments)

        assert (2, "") == (ran.code, ran.out)
        assert ran.err.startswith(f"checks/own.py:{place}: ")
        assert message in ran.err
        assert "Traceback" not in ran.err


def test_names_of_checks_are_completed_without_running_them(
    team: ProjectFolder, run_gk: RunGk
) -> None:
    """A key press runs no code of a project."""
    team.write({"checks/capitals.py": f"{CAPITALS}\n    raise SystemExit('ran')\n"})

    ran = run_gk(
        "",
        env={
            "_GK_COMPLETE": "bash_complete",
            "COMP_WORDS": "gk check --only cap",
            "COMP_CWORD": "3",
        },
    )

    assert "plain,capitals" in ran.out


def test_a_module_that_is_called_checks_stays_what_definitions_import(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    """Without a folder of that name, it is the team's own."""
    project.write(
        {
            "checks.py": "TITLE = 'Shop'",
            "dashboards/shop.py": """
                from checks import TITLE
                from gk import Dashboard, timeseries

                dashboard = Dashboard(TITLE, uid="shop", panels=[timeseries("P", "up")])
            """,
        }
    )

    assert 0 == run_gk("build").code
    assert "(1 check of 2 objects" in run_gk("check", "--only", "label-gone").out
