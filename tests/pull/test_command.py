"""gk pull as people use it: names, what is left to them, output and errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gk.grafana.connection import Connection
from tests.conftest import ProjectFolder, RunGk
from tests.fake_grafana import FakeGrafana
from tests.pulling import (
    FILES,
    POINTS,
    SECRETS,
    SHOP,
    Edit,
    Gk,
    delete,
    edit_of_dashboard,
    environ,
    gk,
    new_panel,
    of_dashboard,
    of_defaults,
    of_panel,
    of_query,
    of_receiver,
    pulled,
    team,
)
from tests.pushing import Team

__all__ = ["gk", "team"]


def without_ids(*titles: str) -> list[dict[str, Any]]:
    panels = [{**new_panel(), "title": title} for title in titles]
    for panel in panels:
        del panel["id"]
    return panels


@pytest.mark.parametrize(
    ("edit", "shown"),
    [
        pytest.param(
            of_query("In de", expr="sales_at"),
            ["! panel 'In de': query A: expr: by hand", '    "sales_de" -> "sales_at"'],
            id="a query that a loop makes",
        ),
        pytest.param(
            edit_of_dashboard(lambda body: body["panels"].append(new_panel())),
            ["! panel 'New' was added: by hand", '        "New",', '        "sum(new)",'],
            id="a new panel",
        ),
        pytest.param(
            edit_of_dashboard(lambda body: body["panels"].extend(without_ids("One", "Two"))),
            ["! panel 'One' was added: by hand", "! panel 'Two' was added: by hand"],
            id="two panels of a program, which have no ids",
        ),
        pytest.param(
            edit_of_dashboard(lambda body: delete(body, "Help")),
            ["! panel 'Help' was deleted: by hand", "    delete its call"],
            id="a deleted panel",
        ),
        pytest.param(
            of_panel("Revenue", type="gauge"),
            ["! panel 'Revenue': by hand", "    gauge("],
            id="another visualization",
        ),
    ],
)
def test_what_no_argument_says_is_left_to_people(
    team: Team, gk: Gk, edit: Edit, shown: list[str]
) -> None:
    """With the code to write; nothing is changed, and the exit code is 1."""
    before = team.project.read(SHOP)
    edit(team)

    ran = gk("pull", "shop")

    assert 1 == ran.code, ran.out + ran.err
    assert shown == [line for line in ran.out.splitlines() if line in shown]
    assert "left to you" in ran.out.splitlines()[-1]
    assert before == team.project.read(SHOP)


def test_an_edit_of_a_kind_that_is_not_pulled_is_shown(team: Team, gk: Gk) -> None:
    """Field by field, so that people know what to write."""
    folder = team.ask("GET", "/folders/alerts")
    team.ask("PUT", "/folders/alerts", {"title": "Alarms", "version": folder["version"]})

    ran = gk("pull", "folders")

    assert 1 == ran.code, ran.out + ran.err
    assert [
        "! folder 'Alerts' differs: by hand",
        '    title: "Alerts" -> "Alarms"',
        "changed 0 files: 0 changes; 1 change left to you",
    ] == ran.out.splitlines()


def test_a_pulled_edit_and_a_change_of_the_definition_are_pushed_together(
    team: Team, gk: Gk
) -> None:
    """The definition has all that somebody changed, so nothing of it is lost."""
    of_defaults("Orders", unit="short")(team)
    gk("pull", "shop")
    changed = team.project.read(SHOP).replace('"Per day"', '"Per week"')
    team.project.write({SHOP: changed})

    ran = gk("push")

    assert 0 == ran.code, ran.out + ran.err
    shown = {panel["title"]: panel for panel in team.dashboard("shop")["panels"]}
    assert "short" == shown["Orders"]["fieldConfig"]["defaults"]["unit"]
    assert "Per week" == shown["Revenue"]["description"]


def test_a_conflict_shows_only_what_the_definition_does_not_have(team: Team, gk: Gk) -> None:
    """What was pulled is no question any more."""
    of_query("In de", expr="sales_at")(team)
    of_defaults("Orders", unit="short")(team)
    gk("pull", "shop")

    plan = gk("push", "--dry-run")

    assert 1 == plan.code
    assert "sales_at" in plan.out
    assert "unit" not in plan.out


def test_what_can_be_brought_is_although_the_rest_cannot(team: Team, gk: Gk) -> None:
    """What is left is counted."""
    of_query("In de", expr="sales_at")(team)
    of_defaults("Orders", unit="short")(team)

    ran = gk("pull", "shop")

    assert (1, "changed 1 file: 1 change; 1 change left to you") == (
        ran.code,
        ran.out.splitlines()[-1],
    )
    assert 'unit="short"' in team.project.read(SHOP)


def test_what_another_dashboard_shows_too_is_not_changed_for_one(team: Team, gk: Gk) -> None:
    """A panel that both have."""
    both = """
        from gk import Dashboard, timeseries

        def sold(): return timeseries("Sold", "sum(sold)", unit="short")
        one = Dashboard("One", panels=[sold()])
        two = Dashboard("Two", panels=[sold()])
    """
    team.write({"dashboards/both.py": both}).push()
    before = team.project.read("dashboards/both.py")
    body = team.dashboard("one")
    body["panels"][0]["fieldConfig"]["defaults"]["unit"] = "reqps"
    team.save(body)

    ran = gk("pull", "one")

    assert 1 == ran.code
    assert "! panel 'Sold': unit: by hand" in ran.out
    assert before == team.project.read("dashboards/both.py")


def test_what_a_snippet_writes_is_not_changed_in_the_panel(team: Team, gk: Gk) -> None:
    """Its text is shown."""
    snippet = """
        from gk import Dashboard, timeseries
        from gk.promql import Exporter, Scope

        exporter = Exporter("sales")

        @exporter.snippet()
        def sold(s: Scope) -> str:
            \"\"\"What was sold.\"\"\"
            return f"sum({s.select('sold')})"

        board = Dashboard("Sold", panels=[timeseries("Sold", sold)])
    """
    team.write({"dashboards/sold.py": snippet}).push()
    before = team.project.read("dashboards/sold.py")
    body = team.dashboard("sold")
    body["panels"][0]["targets"][0]["expr"] = "sum(unsold)"
    team.save(body)

    ran = gk("pull", "Sold")

    assert 1 == ran.code, ran.out + ran.err
    assert '-> "sum(unsold)"' in ran.out
    assert before == team.project.read("dashboards/sold.py")


def test_an_object_that_is_as_defined_needs_no_change(team: Team, gk: Gk) -> None:
    """Whatever its kind."""
    ran = gk("pull", "shop", "alerts", "Hook", "Nights", "words", "prometheus")

    assert (0, "nothing to pull\n") == (ran.code, ran.out)


def test_nothing_changes_in_grafana(team: Team, gk: Gk) -> None:
    """A pull only reads."""
    of_defaults("Orders", unit="short")(team)
    assert team.fake
    team.fake.requests.clear()

    gk("pull", "shop")

    assert [] == team.fake.writes


def test_a_dry_run_prints_the_patch_and_writes_nothing(team: Team, gk: Gk) -> None:
    """The patch is what a pull without it does."""
    of_defaults("Orders", unit="short")(team)
    before = team.project.read(SHOP)

    ran = gk("pull", "shop", "--dry-run")

    assert before == team.project.read(SHOP)
    lines = ran.out.splitlines()
    assert ["--- a/dashboards/shop.py", "+++ b/dashboards/shop.py"] == lines[:2]
    assert ['-            unit="reqps",', '+            unit="short",'] == [
        line for line in lines[2:] if line[:1] in "+-"
    ]
    assert "would change 1 file: 1 change" == lines[-1]


def test_json_says_the_same(team: Team, gk: Gk) -> None:
    """For machines."""
    of_defaults("Orders", unit="short")(team)
    of_query("In de", expr="sales_at")(team)

    body = json.loads(gk("pull", "shop", "--format", "json").out)

    assert (1, True, []) == (body["version"], body["written"], body["gone"])
    assert [{"place": f"{SHOP}:9", "what": "panel 'Orders': unit"}] == body["changed"]
    assert ["panel 'In de': query A: expr"] == [change["what"] for change in body["by_hand"]]
    assert '+            unit="short",' in body["patch"].splitlines()


def test_no_output_has_a_secret(team: Team, gk: Gk) -> None:
    """Neither one that Grafana hides nor one that it shows, which is left to people."""
    of_receiver("hook", "webhook", url="http://ada:s3cr3t@127.0.0.1:8/", password="[REDACTED]")(
        team
    )

    ran = gk("pull", "Hook")

    assert 1 == ran.code
    assert "s3cr3t" not in ran.out + ran.err + team.project.read(POINTS)
    assert "[REDACTED]" not in ran.out + team.project.read(POINTS)


def test_a_dashboard_in_another_folder_is_said(team: Team, gk: Gk) -> None:
    """Its definition names the folder by its title."""
    team.ask("POST", "/folders", {"uid": "attic", "title": "Attic"})
    team.save(team.dashboard("shop"), "attic")

    ran = gk("pull", "shop")

    assert 1 == ran.code, ran.out
    assert "! dashboard 'Shop' was moved to folder 'attic': by hand" in ran.out


@pytest.mark.parametrize("name", ["shop", "Shop"])
def test_a_name_is_a_uid_or_a_title(team: Team, gk: Gk, name: str) -> None:
    """Other objects stay as they are."""
    of_defaults("Orders", unit="short")(team)
    of_receiver("mail", "email", addresses="b@example.com")(team)

    ran = gk("pull", name)

    assert "changed 1 file: 1 change" == ran.out.splitlines()[-1]
    assert "a@example.com" in team.project.read(POINTS)


def test_an_unknown_name_is_a_mistake(gk: Gk) -> None:
    """With one that may have been meant."""
    ran = gk("pull", "shpo")

    assert 2 == ran.code
    assert "did you mean 'shop'?" in ran.err


def test_an_object_that_is_gone_is_said(team: Team, gk: Gk) -> None:
    """Nothing can be brought from it."""
    team.ask("DELETE", "/dashboards/uid/shop")

    ran = gk("pull", "shop")

    assert 1 == ran.code
    assert "! dashboard 'shop' is not in Grafana" in ran.out


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param(
            {"GRAFANA_URL": "http://127.0.0.1:9"},
            "no Grafana answers at http://127.0.0.1:9",
            id="nobody answers",
        ),
        pytest.param(
            {"GRAFANA_PASSWORD": "wrong"}, "refused the credentials", id="a wrong password"
        ),
    ],
)
def test_a_grafana_that_cannot_be_read_is_named(
    gk: Gk, environ: dict[str, str], expected: str
) -> None:
    """With what to check."""
    ran = gk("pull", "shop", **environ)

    assert (2, "") == (ran.code, ran.out)
    assert expected in ran.err
    assert "Traceback" not in ran.err


def test_what_gk_pull_knows_nothing_of_is_said(team: Team, gk: Gk) -> None:
    """A pull without a rest means that a push finds nothing."""
    of_dashboard(fiscalYearStartMonth=3)(team)

    ran = gk("pull", "shop")

    assert 1 == ran.code
    assert [
        "! dashboard 'Shop' differs elsewhere: by hand",
        "    fiscalYearStartMonth: (nothing) -> 3",
        "changed 0 files: 0 changes; 1 change left to you",
    ] == ran.out.splitlines()


def test_a_dashboard_in_a_nested_folder_is_pulled(team: Team, gk: Gk) -> None:
    """Which Grafana 9 has flat."""
    board = """
        from gk import Dashboard, stat

        deep = Dashboard("Deep", folder="A/B", panels=[stat("Orders", "orders", unit="short")])
    """
    team.write({"dashboards/deep.py": board}).push()
    body = team.ask("GET", "/dashboards/uid/deep")
    body["dashboard"]["panels"][0]["fieldConfig"]["defaults"]["unit"] = "reqps"
    team.save(body["dashboard"], body["meta"]["folderUid"])

    pulled(gk, "deep")

    assert 'unit="reqps"' in team.project.read("dashboards/deep.py")


V2 = """
    from gk import Dashboard, Tab, auto_grid, stat, text

    shop = Dashboard(
        "Shop", rows=[Tab("First", auto_grid([stat("Orders", "orders", unit="short")]))]
    )
"""


def test_a_dashboard_of_schema_v2_is_pulled_as_well(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """Options of panels and titles of tabs."""
    settings = 'project: team\ngrafana: "12.4"\ndashboards: v2\n'
    empty_project.write({**FILES, "gk.yaml": settings, SHOP: V2})
    with FakeGrafana(version="12.4.0") as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        team = Team(empty_project, connection, "team", fake, dict(SECRETS))
        assert {} == team.push().not_done
        edited = json.dumps(team.object_of("shop"))
        edited = edited.replace('"First"', '"Main"').replace('"short"', '"reqps"')
        path = team.object_path("shop").replace("v0alpha1", "v2beta1")
        team.ask("PUT", path, json.loads(edited))

        pulled(lambda *words: run_gk(*words, env=environ(team)), "shop")

    text = empty_project.read(SHOP)
    assert ('Tab("Main"' in text, 'unit="reqps"' in text) == (True, True)


def test_an_environment_is_chosen_with_e(empty_project: ProjectFolder, run_gk: RunGk) -> None:
    """Its Grafana is asked, and what it alone has is compared."""
    with FakeGrafana() as fake:
        context = f"contexts: {{it: {{grafana: '{fake.url}', user: admin, password: {{env: PW}}}}}}"
        settings = f"project: t\nenvironments:\n  prod: {{{context}}}\n  staging: {{}}\n"
        empty_project.write({**FILES, "gk.yaml": settings})
        env = {"PW": "admin", "NO_COLOR": "1", **SECRETS}
        assert 0 == run_gk("push", "-e", "prod", env=env).code
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        team = Team(empty_project, connection, "team", fake)
        of_defaults("Orders", unit="short")(team)

        unsaid = run_gk("pull", "shop", env=env)
        ran = run_gk("pull", "shop", "-e", "prod", env=env)

    assert (2, "which environment? gk.yaml has prod and staging; choose with -e\n") == (
        unsaid.code,
        unsaid.err,
    )
    assert (0, "changed 1 file: 1 change") == (ran.code, ran.out.splitlines()[-1])
    assert 'unit="short"' in empty_project.read(SHOP)
