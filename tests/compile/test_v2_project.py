"""A project whose dashboards are built in schema v2."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gk.documents.dashboards import normalized
from gk.documents.queries import queries
from gk.documents.schema_v2 import as_classic
from gk.resource import Kind
from tests.conftest import ProjectFolder, RunGk
from tests.diff.test_revisions import git_in
from tests.documents.test_schema_v2 import board, envelope, grid

SETTINGS = 'project: team\ngrafana: "12.4"\ndashboards: v2\n'
SHOP = """
    from gk.promql import Exporter, Scope

    exporter = Exporter("shop", metric="http_requests_total")


    @exporter.snippet(unit="reqps")
    def requests(s: Scope) -> str:
        \"\"\"Requests a second.\"\"\"
        return f"sum by (job) ({s.rate('http_requests_total')})"
"""
DASHBOARD = """
    from gk import Dashboard, Row, timeseries
    from alerts import shop

    dashboard = Dashboard("Shop", uid="shop", exporter=shop, folder="Team", rows=[
        Row("Traffic", [timeseries("Requests", shop.requests, id=7)]),
    ])
"""
BUILT = "provisioning/grafana/dashboards/team/shop.json"


@pytest.fixture
def shop(project: ProjectFolder) -> ProjectFolder:
    """A project for Grafana 12.4 with one dashboard, of one row and one panel."""
    return project.write(
        {"gk.yaml": SETTINGS, "alerts/shop.py": SHOP, "dashboards/shop.py": DASHBOARD}
    )


def built(project: ProjectFolder, path: str = BUILT) -> Any:
    """The document that gk build wrote."""
    return json.loads(project.read(path))


def test_a_dashboard_is_written_in_the_envelope_of_its_target(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """Without the annotation of a folder: Grafana 12.4 refuses one that is not the provider's."""
    assert 0 == run_gk("build").code
    document = built(shop)
    spec = document.pop("spec")
    assert {
        "apiVersion": "dashboard.grafana.app/v2beta1",
        "kind": "Dashboard",
        "metadata": {"name": "shop"},
    } == document
    (row,) = spec["layout"]["spec"]["rows"]
    reference = {"kind": "ElementReference", "name": "panel-7"}
    assert ("Traffic", reference, ["panel-7"]) == (
        row["spec"]["title"],
        row["spec"]["layout"]["spec"]["items"][0]["spec"]["element"],
        list(spec["elements"]),
    )


def test_targets_from_13_on_get_the_stable_v2(shop: ProjectFolder) -> None:
    shop.write({"gk.yaml": SETTINGS.replace("12.4", "13.1")})
    assert "dashboard.grafana.app/v2" == shop.resource(Kind.DASHBOARD).body["apiVersion"]


def test_a_config_map_holds_the_same_document(shop: ProjectFolder, run_gk: RunGk) -> None:
    run_gk("build")
    map_ = shop.read("provisioning/kubernetes/dashboards/shop.yaml")
    assert '"apiVersion": "dashboard.grafana.app/v2beta1"' in map_


def test_the_classic_form_of_both_projects_is_the_same(shop: ProjectFolder) -> None:
    in_v2 = shop.resource(Kind.DASHBOARD)
    shop.write({"gk.yaml": "project: team"})
    classic = shop.resource(Kind.DASHBOARD)
    assert queries(classic) == queries(in_v2)
    assert normalized(classic.body)["panels"][1] == normalized(as_classic(in_v2.body))["panels"][1]


def test_a_change_of_a_snippet_is_shown_between_revisions_in_words(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """Two dashboards that gk wrote are compared as classic ones: panel by panel, with the cause."""
    git = git_in(shop.root)
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "one")
    shop.write({"alerts/shop.py": SHOP.replace("sum by (job)", "max by (job)")})
    out = run_gk("diff").out
    assert "panel 'Requests'" in out
    assert "snippet shop.requests" in out
    assert "elements" not in out


def test_a_move_to_v2_changes_nothing_in_a_diff(shop: ProjectFolder, run_gk: RunGk) -> None:
    git = git_in(shop.root)
    git("init", "--quiet")
    shop.write({"gk.yaml": "project: team"})
    git("add", ".")
    git("commit", "--quiet", "--message", "classic")
    shop.write({"gk.yaml": SETTINGS})
    ran = run_gk("diff")
    assert (0, True) == (ran.code, "no differences" in ran.out)


def test_what_is_built_and_what_is_defined_are_equal(shop: ProjectFolder, run_gk: RunGk) -> None:
    run_gk("build")
    run_gk("build", "--output", "other")
    ran = run_gk("diff", "provisioning", "other")
    assert (0, True) == (ran.code, "no differences" in ran.out)


def test_impact_and_the_reference_know_the_panels(shop: ProjectFolder, run_gk: RunGk) -> None:
    assert "panel 'Requests'" in run_gk("impact", "shop.requests").out
    assert "panel 'Requests'" in run_gk("impact", "$job").out
    assert "panel 'Requests'" in run_gk("snippets", "shop.requests").out


TABS = {
    "kind": "TabsLayout",
    "spec": {
        "tabs": [
            {
                "kind": "TabsLayoutTab",
                "spec": {
                    "title": "One",
                    "layout": grid(1),
                    "conditionalRendering": {
                        "kind": "ConditionalRenderingGroup",
                        "spec": {"visibility": "show", "condition": "and", "items": []},
                    },
                },
            }
        ]
    },
}


@pytest.mark.parametrize(
    ("version", "transformation"),
    [
        ("12.4", {"kind": "reduce", "spec": {"id": "reduce", "options": {}}}),
        ("13.0", {"kind": "Transformation", "group": "reduce", "spec": {"options": {}}}),
    ],
)
def test_an_export_in_v2_keeps_what_only_v2_has(
    project: ProjectFolder, run_gk: RunGk, version: str, transformation: dict[str, Any]
) -> None:
    exported = json.dumps(envelope(board(TABS)))
    project.write({"gk.yaml": SETTINGS.replace("12.4", version), "dashboards/jobs.json": exported})
    assert "" == run_gk("build").err
    spec = built(project, "provisioning/grafana/dashboards/general/jobs.json")["spec"]
    data = spec["elements"]["panel-1"]["spec"]["data"]["spec"]
    assert (TABS, [transformation]) == (spec["layout"], data["transformations"])


def test_a_byte_order_mark_is_dropped(project: ProjectFolder) -> None:
    """People copy it into links; Grafana 12.4 refuses the dashboard then."""
    link = {"title": "a", "type": "link", "url": "\ufeffhttps://a"}
    export = {"title": "Jobs", "uid": "jobs", "schemaVersion": 42, "panels": [], "links": [link]}
    project.write({"gk.yaml": SETTINGS, "dashboards/jobs.json": json.dumps(export)})
    (shown,) = project.resource(Kind.DASHBOARD).body["spec"]["links"]
    assert "https://a" == shown["url"]


def test_what_v2_cannot_say_is_a_warning(project: ProjectFolder, run_gk: RunGk) -> None:
    variable = {"name": "a", "type": "system"}
    export = {
        "title": "Jobs",
        "schemaVersion": 42,
        "panels": [],
        "templating": {"list": [variable]},
    }
    project.write({"gk.yaml": SETTINGS, "dashboards/jobs.json": json.dumps(export)})
    assert (
        "warning: dashboards/jobs.json:1: dashboard 'Jobs': schema v2 cannot say this, so it is "
        "left out: templating.list[0]\n"
    ) == run_gk("build").err


ARRANGED = """
    from gk import Dashboard, Tab, auto_grid, custom_variable, text, timeseries, when_variable
    from alerts import shop

    dashboard = Dashboard(
        "Shop",
        uid="shop",
        exporter=shop,
        folder="Team",
        variables=[custom_variable("env", ["prod", "test"])],
        tabs=[
            Tab("Traffic", auto_grid([timeseries("Requests", shop.requests, id=7)])),
            Tab("Tests", [text("Hello", "hello")], show_when=when_variable("env", equals="test")),
        ],
    )
"""


def test_revisions_of_a_dashboard_with_tabs_are_compared_in_words(
    shop: ProjectFolder, run_gk: RunGk
) -> None:
    """With the cause, and the risk of a rule whose variable is gone."""
    git = git_in(shop.root)
    git("init", "--quiet")
    shop.write({"dashboards/shop.py": ARRANGED})
    git("add", ".")
    git("commit", "--quiet", "--message", "one")
    shop.write(
        {
            "alerts/shop.py": SHOP.replace("sum by (job)", "max by (job)"),
            "dashboards/shop.py": ARRANGED.replace('"Tests"', '"Trials"').replace(
                "auto_grid([", "auto_grid(columns=2, panels=["
            ),
        }
    )
    out = run_gk("diff").out
    assert "snippet shop.requests: 1 panel in 1 dashboard" in out
    assert "    ~ tab 'Trials'\n        title: Tests -> Trials" in out
    assert "    ~ tab 'Traffic'\n        most columns: 3 -> 2" in out


def test_an_envelope_and_a_bare_dashboard_of_v2_are_compared(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    project.write(
        {"old.json": json.dumps(envelope(board(TABS))), "new.json": json.dumps(board(TABS))}
    )
    assert 0 == run_gk("diff", "old.json", "new.json").code
