"""gk adopt: what people made in a Grafana becomes definitions, and Grafana stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gk.grafana.connection import Connection
from tests.adopting import RULES, SECRETS, fill
from tests.conftest import ProjectFolder, Ran, RunGk
from tests.fake_grafana import FakeGrafana, Faults
from tests.pushing import Team

Gk = Callable[..., Ran]


@pytest.fixture(params=["9.3.2", "12.4.0"])
def team(request: pytest.FixtureRequest, empty_project: ProjectFolder) -> Iterator[Team]:
    """A team with an empty folder, and a Grafana that it filled by hand."""
    with FakeGrafana(version=request.param) as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        team = Team(empty_project, connection, "team", fake)
        fill(team)
        fake.requests.clear()
        yield team


@pytest.fixture
def gk(team: Team, run_gk: RunGk) -> Gk:
    """Run gk with the team's Grafana in the environment."""

    def run(*arguments: str, **environ: str) -> Ran:
        return run_gk(*arguments, env={**_environ(team), **environ})

    return run


def _environ(team: Team) -> dict[str, str]:
    account = {"GRAFANA_USER": "admin", "GRAFANA_PASSWORD": "admin"}
    return {"GRAFANA_URL": team.connection.url, **account, "NO_COLOR": "1"}


def _grafana(team: Team) -> FakeGrafana:
    assert team.fake
    return team.fake


def _files(team: Team) -> dict[str, str]:
    root = team.project.root
    paths = [path for path in root.rglob("*") if path.is_file() and path.suffix in (".py", ".yaml")]
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in sorted(paths)}


def _last(ran: Ran) -> str:
    return ran.out.splitlines()[-1].partition(" (")[0]


def _adopt(gk: Gk, *options: str) -> Ran:
    ran = gk("adopt", "--into", ".", *options)
    assert 0 == ran.code, ran.out + ran.err
    return ran


def test_all_of_a_grafana_becomes_definitions_that_are_equal_to_it(team: Team, gk: Gk) -> None:
    """Of every kind, each in the file for its kind."""
    ran = _adopt(gk)

    assert (
        "read 3 folders, 1 folder permissions, 2 data sources, 1 library panel, 2 dashboards, "
        in (ran.out)
    )
    assert "wrote 8 files in ./: what they build is equal to what was read" == _last(ran)
    assert [
        "alerts/grafana_shop_alerts.py",
        "alerts/notifications.py",
        "dashboards/folders.py",
        "dashboards/home.py",
        "dashboards/library_panels.py",
        "dashboards/sales.py",
        "datasources/grafana.py",
        "gk.yaml",
    ] == list(_files(team))


def test_a_push_of_the_definitions_has_nothing_to_do(team: Team, gk: Gk) -> None:
    """Every object is as it is defined."""
    _adopt(gk)

    ran = gk("push", "--dry-run")

    assert (0, "plan: 15 unchanged") == (ran.code, _last(ran))


def test_a_dashboard_shows_the_definition_of_its_library_panel(team: Team, gk: Gk) -> None:
    """At the place that it has there, under its own title, and by its id."""
    shared = {"uid": "lib-orders", "name": "All orders"}
    place = {"x": 0, "y": 0, "w": 6, "h": 4}
    own = {"id": 5, "title": "Orders here", "libraryPanel": shared, "gridPos": place}
    team.save({"uid": "here", "title": "Here", "panels": [own]}, "shop")

    _adopt(gk)

    assert "2: library_panels.all_orders.at(grid=(0, 8, 12, 8))" in team.project.read(
        "dashboards/sales.py"
    )
    assert '5: library_panels.all_orders.at(width=6, height=4, title="Orders here")' in (
        team.project.read("dashboards/here.py")
    )
    assert (0, "plan: 16 unchanged") == ((ran := gk("push", "--dry-run")).code, _last(ran))


def test_nothing_is_written_to_grafana(team: Team, gk: Gk) -> None:
    """Neither by the adoption nor by a plan; there is no ledger yet."""
    before = _grafana(team).state()

    _adopt(gk)
    gk("push", "--dry-run")

    assert [] == _grafana(team).writes
    assert before == _grafana(team).state()


def test_the_first_push_writes_the_ledger_and_nothing_else(team: Team, gk: Gk) -> None:
    """The project owns the objects from then on."""
    before = _grafana(team).state()
    _adopt(gk)

    gk("push")

    after = _grafana(team).state()
    assert {"gk-team"} == after["dashboards"].keys() - before["dashboards"].keys()
    del after["dashboards"]["gk-team"]
    assert before == after
    assert "owned: 15 objects" in gk("status").out


def test_no_file_has_a_secret(team: Team, gk: Gk) -> None:
    """Nor what Grafana shows in its place; it has a reference to a variable."""
    _adopt(gk)

    text = "".join(_files(team).values())

    assert [] == [value for value in (*SECRETS.values(), "[REDACTED]") if value in text]
    assert [] == [name for name in SECRETS if f'secret("{name}")' not in text]


def test_the_variables_of_secrets_are_listed(gk: Gk) -> None:
    """With what each is for."""
    lines = _adopt(gk).out.splitlines()

    start = lines.index(
        "Grafana keeps these secrets; to change one, set its variable in a later push:"
    )
    assert [
        "  METRICS_BASIC_AUTH_PASSWORD  basicAuthPassword of data source 'Metrics'",
        "  METRICS_HTTP_HEADER_VALUE1  httpHeaderValue1 of data source 'Metrics'",
        "  ON_CALL_URL  url of contact point 'On call'",
        "  ON_CALL_2_PASSWORD  password of contact point 'On call', receiver 2",
    ] == lines[start + 1 : start + 5]


def test_a_secret_that_is_set_after_the_first_push_is_pushed(team: Team, gk: Gk) -> None:
    """Until then Grafana keeps its own."""
    _adopt(gk)
    gk("push")
    kept = _grafana(team).state()["datasources"]["metrics"]["secrets"]["basicAuthPassword"]

    ran = gk("push", **{**SECRETS, "METRICS_BASIC_AUTH_PASSWORD": "another"})

    changed = _grafana(team).state()["datasources"]["metrics"]["secrets"]["basicAuthPassword"]
    assert 0 == ran.code, ran.out + ran.err
    assert (SECRETS["METRICS_BASIC_AUTH_PASSWORD"], "another") == (kept, changed), ran.out


def _other_url(team: Team) -> None:
    datasource = team.ask("GET", "/datasources/uid/metrics")
    team.ask("PUT", "/datasources/uid/metrics", {**datasource, "url": "http://prometheus:9091"})


def _other_channel(team: Team) -> None:
    settings = {"recipient": "#web", "url": "[REDACTED]"}
    body = {"uid": "chat", "name": "On call", "type": "slack", "settings": settings}
    path = "/v1/provisioning/contact-points/chat"
    team.ask("PUT", path, body, **{"X-Disable-Provenance": "true"})


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(_other_url, id="data source"),
        pytest.param(_other_channel, id="contact point"),
    ],
)
def test_a_pulled_edit_of_what_has_secrets_leaves_nothing_to_push(
    team: Team, gk: Gk, edit: Callable[[Team], None]
) -> None:
    """gk never sent the secrets, so that they are Grafana's still."""
    _adopt(gk)
    gk("push")
    edit(team)

    ran = gk("pull", "contact-points", "data-sources")
    plan = gk("push", "--dry-run")

    assert (0, "changed 1 file: 1 change") == (ran.code, _last(ran)), ran.out
    assert (0, "plan: 15 unchanged") == (plan.code, _last(plan)), plan.out


def test_secrets_whose_names_are_alike_have_variables_of_their_own(team: Team, gk: Gk) -> None:
    """One variable would give both the same value."""
    settings = {"recipient": "#web", "url": "https://hooks.slack.example.com/s3cr3t-of-another"}
    body = {"uid": "other", "name": "on-call", "type": "slack", "settings": settings}
    team.ask("POST", "/v1/provisioning/contact-points", body)

    secrets = json.loads(_adopt(gk, "--format", "json").out)["secrets"]

    assert "url of contact point 'On call'" == secrets["ON_CALL_URL"]
    assert "url of contact point 'on-call'" == secrets["ON_CALL_URL_2"]


@pytest.mark.parametrize(
    ("path", "body", "secret"),
    [
        pytest.param(
            "/datasources",
            {"type": "loki", "access": "proxy", "url": "http://ada:s3cr3t@loki:3100"},
            "s3cr3t@",
            id="a password in the URL of a data source",
        ),
        pytest.param(
            "/v1/provisioning/contact-points",
            {"type": "discord", "settings": {"url": "https://discord.example.com/s3cr3t"}},
            "s3cr3t",
            id="the URL of a chat",
        ),
        pytest.param(
            "/v1/provisioning/contact-points",
            {"type": "webhook", "settings": {"url": "http://127.0.0.1:9/?token=s3cr3t"}},
            "s3cr3t",
            id="a parameter of a webhook",
        ),
    ],
)
def test_a_secret_that_grafana_shows_is_a_reference_too(
    team: Team, gk: Gk, path: str, body: dict[str, object], secret: str
) -> None:
    """It may be in no file, and stays in Grafana as it is."""
    team.ask("POST", path, {"uid": "shown", "name": "Shown", **body})

    secrets = json.loads(_adopt(gk, "--format", "json").out)["secrets"]
    ran = gk("push", "--dry-run")

    text = "".join(_files(team).values())
    assert "SHOWN_URL" in secrets
    assert ('secret("SHOWN_URL")' in text, secret in text) == (True, False)
    assert (0, "plan: 16 unchanged") == (ran.code, _last(ran))


def test_adopting_twice_changes_nothing(team: Team, gk: Gk) -> None:
    """The same Grafana becomes the same text."""
    _adopt(gk)
    before = _files(team)

    ran = _adopt(gk)

    assert before == _files(team)
    assert 7 == ran.out.count("\n= ")
    assert "wrote 0 files in ./: what they build is equal to what was read" == _last(ran)


def test_a_file_with_another_text_is_not_overwritten(team: Team, gk: Gk) -> None:
    """The error names it, and no other file is written."""
    team.write({"dashboards/sales.py": "MINE = 1\n"})

    ran = gk("adopt", "--into", ".")

    assert 2 == ran.code
    assert (
        "dashboards/sales.py: is there already with another text; move it, or import into another "
        "folder\n"
    ) == ran.err
    assert {"dashboards/sales.py": "MINE = 1\n"} == _files(team)


def test_what_moved_to_another_file_is_left_to_it(team: Team, gk: Gk) -> None:
    """A second definition of it would be a mistake in the project."""
    _adopt(gk)
    root = team.project.root
    (root / "dashboards/sales.py").rename(root / "dashboards/of_the_shop.py")

    ran = _adopt(gk)

    assert "- left: dashboard 'Sales': dashboards/of_the_shop.py defines it" in ran.out
    assert not (root / "dashboards/sales.py").exists()
    assert "plan: 15 unchanged" == _last(gk("push", "--dry-run"))


def test_what_was_made_since_joins_the_project(team: Team, gk: Gk) -> None:
    """The files that are there stay as they are."""
    _adopt(gk)
    before = _files(team)
    team.save({"uid": "new", "title": "New", "panels": []}, "shop")

    ran = _adopt(gk)

    assert "+ dashboards/new.py" in ran.out
    assert before.items() <= _files(team).items()


def test_a_dry_run_writes_no_file(team: Team, gk: Gk) -> None:
    """It says what it would write, and whether that is equal."""
    ran = _adopt(gk, "--dry-run")

    assert {} == _files(team)
    assert "+ datasources/grafana.py" in ran.out
    assert "would write 8 files in ./: what they build is equal to what was read" == _last(ran)


def test_json_says_the_same(team: Team, gk: Gk) -> None:
    """With the file of each object."""
    body = json.loads(_adopt(gk, "--format", "json").out)

    assert (1, True, True) == (body["version"], body["equal"], body["written"])
    assert sorted(_files(team)) == sorted(body["files"]["added"])
    assert "dashboards/sales.py" == body["defined"]["dashboard/sales"]
    assert "alerts/notifications.py" == body["defined"]["contact point/On call"]
    assert list(SECRETS) == list(body["secrets"])
    assert ([], [], []) == (body["problems"], body["differences"], body["left"])


def test_what_comes_from_files_is_left_to_them(team: Team, gk: Gk) -> None:
    """With the reason."""
    fake = _grafana(team)
    fake.provision_dashboard({"uid": "filed", "title": "Filed"})
    source = {"name": "Filed", "uid": "filed", "type": "loki", "access": "proxy", "url": "http://l"}
    fake.provision_datasource(source)
    rule = {**team.ask("GET", RULES)["rules"][0], "id": 0, "uid": "filed", "title": "Filed"}
    fake.provision_rules("shop-alerts", {"title": "filed", "rules": [rule]})

    ran = _adopt(gk)

    reason = "it is provisioned from a file"
    assert f"- left: data source 'Filed': {reason}" in ran.out
    assert f"- left: dashboard 'Filed': {reason}" in ran.out
    assert f"- left: rule group 'filed': {reason}" in ran.out
    assert "filed" not in "".join(_files(team).values())


def test_what_another_project_pushed_is_left_to_it(
    team: Team, gk: Gk, tmp_path: Path, run_gk: RunGk
) -> None:
    """And so are the ledgers."""
    board = 'from gk import Dashboard\n\nboard = Dashboard("Theirs", uid="theirs", panels=[])\n'
    other = tmp_path / "other"
    ProjectFolder(other).write({"dashboards/theirs.py": board, "gk.yaml": "project: other\n"})
    assert 0 == run_gk("push", cwd=other, env=_environ(team)).code

    ran = _adopt(gk)

    assert "- left: dashboard 'Theirs': the project 'other' pushed it" in ran.out
    assert "- left: dashboard 'gk: other': it is a ledger, in which gk notes what it pushed" in (
        ran.out
    )
    assert "Theirs" not in "".join(_files(team).values())


def test_a_folder_of_another_project_is_defined_for_what_is_in_it(
    team: Team, gk: Gk, tmp_path: Path, run_gk: RunGk
) -> None:
    """By its uid, which no title says."""
    folders = """
        from gk import Dashboard, folder

        theirs = folder("Theirs", uid="of-them")
        empty = folder("Empty", uid="empty")
        board = Dashboard("Their board", uid="theirs", folder="Theirs", panels=[])
        other = Dashboard("Other", uid="other", folder="Empty", panels=[])
    """
    other = tmp_path / "other"
    ProjectFolder(other).write({"dashboards/theirs.py": folders, "gk.yaml": "project: other\n"})
    assert 0 == run_gk("push", cwd=other, env=_environ(team)).code
    team.save({"uid": "ours", "title": "Ours", "panels": []}, "of-them")

    ran = _adopt(gk)

    assert "- left: folder 'Empty': the project 'other' pushed it" in ran.out
    assert 'folder("Theirs", uid="of-them")' in team.project.read("dashboards/folders.py")
    assert "plan: 17 unchanged" == _last(gk("push", "--dry-run"))


@pytest.mark.parametrize("team", ["12.4.0"], indirect=True)
def test_a_folder_may_be_listed_before_the_one_that_it_is_in(team: Team, gk: Gk) -> None:
    """Grafana 12 nests folders, and sorts them by their titles."""
    for uid, title, parent in (("outer", "Z outer", ""), ("inner", "A inner", "outer")):
        team.ask("POST", "/folders", {"uid": uid, "title": title, "parentUid": parent})

    _adopt(gk)

    assert 'folder("Z outer/A inner", uid="inner")' in team.project.read("dashboards/folders.py")


def test_what_grafana_made_by_itself_is_left(team: Team, gk: Gk) -> None:
    """Its notification policies, until somebody changes them."""
    team.ask("DELETE", "/v1/provisioning/policies")

    ran = _adopt(gk)

    assert "- left: notification policy 'root': it is as Grafana made it" in ran.out
    assert "notification_policy" not in team.project.read("alerts/notifications.py")


def test_a_mistake_in_one_object_takes_no_other_with_it(team: Team, gk: Gk) -> None:
    """The output says what is left out and why, and the exit code is 1."""
    body = {"template": '{{ define "odd" }}{{ nonsense .Alerts }}{{ end }}'}
    team.ask("PUT", "/v1/provisioning/templates/odd", body, **{"X-Disable-Provenance": "true"})

    ran = gk("adopt", "--into", ".")
    plan = gk("push", "--dry-run")

    problems = [line for line in ran.out.splitlines() if line.startswith("! ")]
    assert (1, 1) == (ran.code, len(problems)), ran.out
    assert "message template left out" in problems[0]
    assert "nonsense" in problems[0]
    assert (0, "plan: 15 unchanged") == (plan.code, _last(plan))


def test_what_a_definition_cannot_say_is_shown_as_a_difference(team: Team, gk: Gk) -> None:
    """No argument says that a browser sends its cookies to a data source."""
    logs = team.ask("GET", "/datasources/uid/logs")
    team.ask("PUT", "/datasources/uid/logs", {**logs, "withCredentials": True})

    ran = gk("adopt", "--into", ".")

    assert 1 == ran.code
    assert "~ data source 'Logs' (logs)" in ran.out
    assert _last(ran).endswith("what they build differs")


def test_a_slash_in_the_title_of_a_folder_stays_in_it(team: Team, gk: Gk) -> None:
    """Elsewhere it would part nested folders."""
    team.ask("POST", "/folders", {"uid": "both", "title": "Web / Mobile"})
    team.save({"uid": "visits", "title": "Visits", "panels": []}, "both")

    _adopt(gk)
    plan = gk("push", "--dry-run")

    assert 'folder("Web \\\\/ Mobile", uid="both")' in team.project.read("dashboards/folders.py")
    assert (0, "plan: 17 unchanged") == (plan.code, _last(plan))


def _from_before_8_3(team: Team) -> None:
    """A dashboard, and a library panel, that name their data source as Grafana did before 8.3."""
    asked = [{"refId": "A", "expr": "sum(old)"}]
    panel = {"id": 1, "type": "timeseries", "title": "Old", "datasource": "Metrics"}
    place = {"x": 0, "y": 0, "w": 12, "h": 8}
    variable = {
        "name": "job",
        "type": "query",
        "datasource": "Metrics",
        "query": "label_values(job)",
    }
    annotation = {"name": "Deploys", "datasource": "Logs", "expr": "{}", "iconColor": "red"}
    team.save(
        {
            "uid": "old",
            "title": "Old",
            "schemaVersion": 27,
            "panels": [{**panel, "gridPos": place, "targets": asked}],
            "templating": {"list": [variable]},
            "annotations": {"list": [annotation]},
        }
    )
    library = {"uid": "lib-old", "name": "Old one"}
    model = {**panel, "title": "Old one", "targets": asked, "libraryPanel": library}
    team.ask("POST", "/library-elements", {**library, "kind": 1, "model": model})


def test_a_dashboard_that_names_its_data_source_refers_to_its_uid(team: Team, gk: Gk) -> None:
    """Grafana knows which one has the name, so it is the same data source."""
    _from_before_8_3(team)

    _adopt(gk)
    plan = gk("push", "--dry-run")

    assert "datasource=metrics" in team.project.read("dashboards/old.py")
    assert not (team.project.root / "datasources/external.py").exists()
    assert (0, "plan: 17 unchanged") == (plan.code, _last(plan))


def test_the_name_of_a_data_source_that_is_gone_stays(team: Team, gk: Gk) -> None:
    """An import gives it a uid; in Grafana it is what the dashboard has."""
    panel = {"id": 1, "type": "timeseries", "title": "Old", "datasource": "No longer there"}
    place = {"x": 0, "y": 0, "w": 12, "h": 8}
    old = {**panel, "gridPos": place, "targets": [{"refId": "A", "expr": "sum(old)"}]}
    team.save({"uid": "old", "title": "Old", "schemaVersion": 27, "panels": [old]})

    _adopt(gk)
    plan = gk("push", "--dry-run")

    assert 'uid="No longer there"' in team.project.read("datasources/external.py")
    assert (0, "plan: 16 unchanged") == (plan.code, _last(plan)), plan.out


def test_a_uid_is_no_name_of_another_data_source(team: Team, gk: Gk) -> None:
    """Grafana takes what a dashboard says for a uid first."""
    other = {"name": "metrics", "uid": "other", "type": "prometheus", "access": "proxy"}
    team.ask("POST", "/datasources", {**other, "url": "http://other:9090"})

    _adopt(gk)
    plan = gk("push", "--dry-run")

    assert "datasource=metrics" in team.project.read("dashboards/sales.py")
    assert (0, "plan: 16 unchanged") == (plan.code, _last(plan))


def test_a_conflict_does_not_show_the_name_of_a_data_source(team: Team, gk: Gk) -> None:
    """Nor does its uid: nobody changed it."""
    _from_before_8_3(team)
    _adopt(gk)
    gk("push")
    team.edit("old", description="Edited")

    plan = gk("push", "--dry-run")

    assert "dashboard 'Old' (old): it was changed in Grafana" in plan.out
    assert "description" in plan.out
    assert "datasource" not in plan.out


def test_a_dashboard_that_does_not_build_leaves_its_data_source_to_grafana(
    team: Team, gk: Gk
) -> None:
    """As it did there, although it stays JSON: a build would take the project's default."""
    place = {"x": 0, "y": 0, "w": 12, "h": 8}
    asking = {"id": 1, "type": "table", "title": "Any", "gridPos": place}
    empty = {"id": 2, "type": "stat", "title": "To do", "gridPos": {**place, "y": 8}}
    body = {"uid": "draft", "title": "Draft", "panels": [{**asking, "targets": [{}]}, empty]}
    team.save(body, "shop")

    ran = _adopt(gk)
    plan = gk("push", "--dry-run")

    assert "panel 'To do': has no query, so Grafana shows no data (the panel stays JSON)" in ran.out
    assert 'datasource="-- Default --"' in team.project.read("dashboards/draft.py")
    assert (0, "plan: 16 unchanged") == (plan.code, _last(plan))


def test_types_that_an_old_dashboard_does_not_name_are_nobodys_edit(team: Team, gk: Gk) -> None:
    """Its definition has the types of data sources."""
    panel = {"id": 1, "type": "table", "title": "Old", "datasource": "metrics"}
    place = {"x": 0, "y": 0, "w": 12, "h": 8}
    targets = [{"refId": "A", "expr": "sum(old)", "step": 5}]
    old = {**panel, "gridPos": place, "targets": targets}
    team.save({"uid": "old", "title": "Old", "schemaVersion": 27, "panels": [old]})
    _adopt(gk)
    gk("push")
    team.edit("old", links=[{"title": "Docs", "type": "link", "url": "https://example.com/"}])

    ran = gk("pull", "old")

    assert ["! links of dashboard 'Old': by hand"] == [
        line for line in ran.out.splitlines() if line.startswith("!")
    ]


def test_another_order_of_a_list_is_the_same_text(team: Team, gk: Gk) -> None:
    """9.3.2 answers the receivers of a contact point, and templates, in another order each time."""
    body = {"template": '{{ define "more" }}More{{ end }}'}
    team.ask("PUT", "/v1/provisioning/templates/more", body, **{"X-Disable-Provenance": "true"})

    _adopt(gk)
    again = _adopt(gk)
    team.ask("GET", "/v1/provisioning/templates")
    for ran in (again, _adopt(gk)):
        assert _last(ran).startswith("wrote 0 files in ./")


def test_an_environment_of_a_project_takes_its_grafana(team: Team, gk: Gk) -> None:
    """Named with -e, as is its context with --context."""
    team.write(
        {
            "gk.yaml": f"""
                project: shop
                environments:
                  prod:
                    contexts: {{prod: {{grafana: '{team.connection.url}', user: admin,
                                       password: {{env: PASSWORD}}}}}}
                  staging:
                    contexts: {{staging: {{grafana: 'http://127.0.0.1:9', token: {{env: TOKEN}}}}}}
            """
        }
    )
    without = {"GRAFANA_URL": "", "GRAFANA_USER": "", "GRAFANA_PASSWORD": "", "PASSWORD": "admin"}

    unsaid = gk("adopt", **without)
    ran = gk("adopt", "-e", "prod", "--context", "prod", **without)
    plan = gk("push", "-e", "prod", "--dry-run", **without)

    assert (2, "which environment? gk.yaml has prod and staging; choose with -e\n") == (
        unsaid.code,
        unsaid.err,
    )
    assert (0, "plan: 15 unchanged") == (ran.code, _last(plan)), ran.out + ran.err


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
        pytest.param({"GRAFANA_URL": ""}, "GRAFANA_URL", id="no Grafana is named"),
    ],
)
def test_a_grafana_that_cannot_be_read_is_named(
    team: Team, gk: Gk, environ: dict[str, str], expected: str
) -> None:
    """With what to check; nothing is written."""
    ran = gk("adopt", "--into", ".", **environ)

    assert (2, "") == (ran.code, ran.out)
    assert expected in ran.err
    assert "Traceback" not in ran.err
    assert {} == _files(team)


def test_a_folder_for_the_definitions_has_to_be_named(team: Team, gk: Gk) -> None:
    """Unless there is a project around."""
    ran = gk("adopt")

    assert 2 == ran.code
    assert "name a folder with --into, such as --into ." in ran.err
    assert [] == _grafana(team).requests


def test_a_kind_that_cannot_be_read_is_said(team: Team, gk: Gk) -> None:
    """All else is written."""
    fake = _grafana(team)
    fake.faults = Faults(kinds=("502",), only="GET /api/v1/provisioning/mute-timings")

    ran = gk("adopt", "--into", ".")

    assert 1 == ran.code
    assert "! mute timings cannot be read: " in ran.out
    assert (team.project.root / "dashboards/sales.py").exists()


def test_a_kind_that_this_account_may_not_read_is_left(team: Team, gk: Gk) -> None:
    """With Grafana's reason; it is nobody's mistake."""
    fake = _grafana(team)
    fake.faults = Faults(kinds=("403",), only="GET /api/v1/provisioning/policies")

    ran = _adopt(gk)

    assert "- left: notification policies: GET /v1/provisioning/policies: 403" in ran.out
