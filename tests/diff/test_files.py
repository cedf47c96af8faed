"""Sides that are read from files: what gk builds, what Grafana exports, and what is no such
thing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gk.diff.compare import compare
from gk.diff.model import Mark
from gk.diff.sides.files import files_side
from gk.diff.sides.side import Side
from gk.errors import ConfigError
from gk.resource import Kind, Resource
from tests.conftest import REPOSITORY, ProjectFolder, RunGk, this_repository
from tests.pushing import EVERYTHING

PANEL = {
    "type": "timeseries",
    "title": "Orders",
    "targets": [{"refId": "A", "expr": "sum(orders)"}],
}
DASHBOARD = {"title": "Shop", "uid": "shop", "schemaVersion": 37, "panels": [PANEL]}
SECRETIVE = """
    from gk import Datasource, notification_policy, contact_point, receiver, secret, secret_file

    loki = Datasource(
        name="Loki $1", type="loki", uid="loki", url="http://loki", json_data={"regex": "$x$$y"},
        secure_json_data={"a": secret("LOKI"), "b": secret_file("/etc/loki")},
    )
    chat = contact_point(
        "chat $", receiver("slack", {"url": secret("SLACK"), "text": "$labels"}, uid="chat")
    )
    root = notification_policy(chat, routes=[notification_policy(chat, matchers=['team="a$b"'])])
"""
RULES = "groups: [{name: node, rules: [{record: a, expr: b}]}]\n"


def write(folder: Path, files: Mapping[str, Any]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            content if isinstance(content, str) else json.dumps(content), encoding="utf-8"
        )
    return folder


def told(resources: Sequence[Resource]) -> dict[tuple[Kind, str], tuple[str, str, Any]]:
    return {
        (resource.kind, resource.uid): (resource.title, resource.folder, resource.body)
        for resource in resources
    }


def only(folder: Path) -> Resource:
    resources = [
        resource for resource in files_side(folder).resources if resource.kind is not Kind.FOLDER
    ]
    assert 1 == len(resources)
    return resources[0]


@pytest.mark.parametrize("part", [".", "kubernetes"])
def test_what_this_repository_builds_is_what_it_compiles_to(part: str) -> None:
    side = files_side(REPOSITORY / "provisioning" / part)
    assert (told(this_repository()), (), frozenset()) == (
        told(side.resources),
        side.problems,
        side.saved,
    )


@pytest.mark.parametrize("formats", ["grafana, prometheus", "kubernetes"])
def test_what_a_project_builds_is_what_it_compiles_to(
    project: ProjectFolder, run_gk: RunGk, formats: str
) -> None:
    project.write(
        {
            **EVERYTHING,
            "alerts/secret.py": SECRETIVE,
            "gk.yaml": f"build: {{formats: [{formats}]}}\n",
        }
    )
    assert 0 == run_gk("build").code
    side = files_side(project.root / "provisioning")
    assert (told(project.resources()), ()) == (told(side.resources), side.problems)


def test_a_folder_in_a_folder_is_one_again(project: ProjectFolder, run_gk: RunGk) -> None:
    project.write(
        {
            "dashboards/shop.py": (
                'from gk import Dashboard\n\nshop = Dashboard("Shop", folder="A/B")\n'
            )
        }
    )
    assert 0 == run_gk("build").code
    assert told(project.resources()) == told(files_side(project.root / "provisioning").resources)


def test_two_builds_of_one_project_do_not_differ() -> None:
    sides = [
        files_side(REPOSITORY / "provisioning" / part)
        for part in ("grafana/dashboards", "kubernetes/dashboards")
    ]
    dashboards = [
        [resource for resource in side.resources if resource.kind is Kind.DASHBOARD]
        for side in sides
    ]
    assert 7 <= len(dashboards[0])
    assert [] == [old.uid for old, new in zip(*dashboards, strict=True) if old.json != new.json]


# Dashboards


@pytest.mark.parametrize(
    "content",
    [
        {**DASHBOARD, "id": 7, "version": 3},
        {"dashboard": {**DASHBOARD, "id": None}, "meta": {"folderUid": ""}},
        {**DASHBOARD, "__inputs": [{"name": "DS_X", "type": "datasource"}]},
        {
            "apiVersion": "dashboard.grafana.app/v1",
            "kind": "Dashboard",
            "metadata": {"name": "shop"},
            "spec": DASHBOARD,
        },
    ],
    ids=["saved", "answer", "exported", "kubernetes-style"],
)
def test_a_dashboard_that_grafana_saved_says_so(tmp_path: Path, content: Any) -> None:
    side = files_side(write(tmp_path, {"shop.json": content}) / "shop.json")
    assert (frozenset({"shop"}), True) == (side.saved, side.is_file)


def test_a_dashboard_that_nobody_saved_is_not_taken_for_saved(tmp_path: Path) -> None:
    assert frozenset() == files_side(write(tmp_path, {"shop.json": DASHBOARD})).saved


def test_placeholders_of_an_export_stay(tmp_path: Path) -> None:
    source = {"type": "prometheus", "uid": "${DS_X}"}
    exported = {
        **DASHBOARD,
        "__inputs": [{"name": "DS_X"}],
        "panels": [{**PANEL, "datasource": source}],
    }
    body = only(write(tmp_path, {"shop.json": exported})).body
    assert (source, False) == (body["panels"][0]["datasource"], "__inputs" in body)


def test_a_dashboard_without_a_uid_has_one_of_its_title(tmp_path: Path) -> None:
    assert "my-shop" == only(write(tmp_path, {"x.json": {"title": "My shop", "panels": []}})).uid


def test_a_dashboard_of_schema_v2_is_compared_as_a_document(tmp_path: Path) -> None:
    spec = {"title": "Shop", "elements": {"panel-1": {}}, "layout": {}}
    body = {
        "apiVersion": "dashboard.grafana.app/v2",
        "kind": "Dashboard",
        "metadata": {"name": "shop"},
        "spec": spec,
    }
    assert {**spec, "uid": "shop"} == only(write(tmp_path, {"shop.json": body})).body


def test_two_files_are_compared_whatever_their_uids_and_titles_are(tmp_path: Path) -> None:
    other = {"title": "Other", "uid": "other", "panels": []}
    write(tmp_path, {"old.json": DASHBOARD, "new.json": other})
    diff = compare(files_side(tmp_path / "old.json"), files_side(tmp_path / "new.json"))
    assert [(Mark.CHANGED, "shop", "other")] == [
        (change.mark, change.old_uid, change.uid) for change in diff.changes
    ]


def test_a_provider_says_the_folder_of_its_dashboards(tmp_path: Path) -> None:
    provider = {"options": {"path": "/var/dashboards/team"}, "folder": "Team", "folderUid": "t1"}
    files = {"p.yaml": {"apiVersion": 1, "providers": [provider]}, "team/deep/shop.json": DASHBOARD}
    assert "t1" == only(write(tmp_path, files)).folder


# Other forms


def test_an_exported_rule_is_as_one_that_is_compiled(tmp_path: Path) -> None:
    model = {
        "refId": "A",
        "expr": "up $$",
        "intervalMs": 1000,
        "maxDataPoints": 43200,
        "hide": False,
    }
    query = {
        "refId": "A",
        "queryType": "",
        "relativeTimeRange": {"from": 0, "to": 0},
        "model": model,
    }
    rule = {
        "uid": "r",
        "title": "R",
        "data": [query],
        "dashboardUid": "d",
        "panelId": 3,
        "isPaused": False,
    }
    group = {"orgId": 1, "name": "g", "folder": "F", "interval": "1m", "rules": [rule]}
    expected = {
        "uid": "r",
        "title": "R",
        "ruleGroup": "g",
        "folderUID": "f",
        "annotations": {"__dashboardUid__": "d", "__panelId__": "3"},
        "data": [{"refId": "A", "model": {"refId": "A", "expr": "up $$"}}],
    }
    body = only(write(tmp_path, {"export.json": {"apiVersion": 1, "groups": [group]}})).body
    assert {"title": "g", "folderUid": "f", "interval": 60, "rules": [expected]} == body


def test_plain_secrets_of_a_data_source_are_compared_and_not_shown(tmp_path: Path) -> None:
    def side(secret: str) -> Side:
        secure = {"a": secret, "b": "$TOKEN", "c": "$__file{/run/x}"}
        entry = {"name": "DB", "type": "postgres", "password": secret, "secureJsonData": secure}
        return files_side(write(tmp_path, {"d.yaml": {"apiVersion": 1, "datasources": [entry]}}))

    (change,) = compare(side("hunter2"), side("hunter3")).changes
    assert {
        "password": "[secret-1]",
        "a": "[secret-1]",
        "b": "secret TOKEN",
        "c": "secret /run/x",
    } == change.old["secureJsonData"]
    assert ["secureJsonData.a", "secureJsonData.password"] == [
        edit.field for edit in change.parts[0].edits
    ]
    assert "hunter" not in repr(change)


@pytest.mark.parametrize(
    "text",
    [
        RULES,
        "kind: PrometheusRule\napiVersion: monitoring.coreos.com/v1\nspec:\n  " + RULES,
        f"kind: ConfigMap\napiVersion: v1\ndata:\n  rules.yaml: '{RULES.strip()}'\n",
        (
            "kind: List\n"
            "apiVersion: v1\n"
            "items:\n"
            "- kind: PrometheusRule\n"
            "  apiVersion: x/v1\n"
            "  spec:\n"
            "    "
        )
        + RULES,
        "kind: Deployment\napiVersion: apps/v1\n---\n" + RULES,
    ],
    ids=["file", "object", "config map", "list", "second document"],
)
def test_rules_are_found_in_every_form(tmp_path: Path, text: str) -> None:
    resource = only(write(tmp_path, {"rules.yaml": text}))
    assert ("node", {"name": "node", "rules": [{"record": "a", "expr": "b"}]}) == (
        resource.uid,
        resource.body,
    )


def test_groups_of_one_name_in_two_files_are_two(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": RULES, "b.yaml": RULES.replace("expr: b", "expr: c")})
    assert ["node", "b: node"] == [resource.uid for resource in files_side(tmp_path).resources]


# Mistakes


def test_a_file_that_does_not_parse_is_a_problem_at_its_line(tmp_path: Path) -> None:
    write(tmp_path, {"a.json": '{\n"title": x}', "b.yaml": "a: 1\nb: [\n", "shop.json": DASHBOARD})
    side = files_side(tmp_path)
    assert ["a.json:2", "b.yaml:3"] == [str(problem.source) for problem in side.problems]
    assert (frozenset({"a.json", "b.yaml"}), ["shop"]) == (
        side.broken,
        [resource.uid for resource in side.resources],
    )


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{new}: &{new} [{', '.join(['*' + old] * 9)}]\n"
            for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "a: &a [*a]\n",
        "[" * 100_000,
        "\x00\x01",
        "apiVersion: 1\ndatasources: [7]\n",
        "apiVersion: 1\ngroups: [{name: g}]\n",
        "groups: [{name: g, rules: [2020-01-01]}]\n",
    ],
    ids=[
        "many aliases",
        "an alias of itself",
        "deep",
        "binary",
        "no data source",
        "no rules",
        "a date",
    ],
)
def test_a_file_that_cannot_be_used_is_a_problem(tmp_path: Path, text: str) -> None:
    side = files_side(write(tmp_path, {"x.yaml": text}))
    assert ([], ["x.yaml"]) == (
        [resource for resource in side.resources if resource.kind is not Kind.FOLDER],
        [problem.source.file for problem in side.problems],
    )


def test_an_entry_of_a_config_map_that_does_not_parse_is_named(tmp_path: Path) -> None:
    text = "kind: ConfigMap\napiVersion: v1\ndata:\n  shop.json: '{'\n"
    (problem,) = files_side(write(tmp_path, {"x.yaml": text})).problems
    assert str(problem).startswith("x.yaml: its entry shop.json is not valid JSON: ")


def test_two_dashboards_of_one_uid_are_a_problem(tmp_path: Path) -> None:
    write(tmp_path, {"a.json": DASHBOARD, "b.json": {**DASHBOARD, "title": "Other"}})
    message = "b.json: dashboard 'Other': a.json uses the same uid 'shop'; remove one"
    assert [message] == list(map(str, files_side(tmp_path).problems))


def test_links_that_lead_round_are_not_followed(tmp_path: Path) -> None:
    (write(tmp_path, {"shop.json": DASHBOARD}) / "loop").symlink_to(tmp_path)
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    assert "shop" == only(tmp_path).uid


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="file or folder not found"):
        files_side(tmp_path / "missing")


def test_a_folder_with_nothing_to_compare_is_refused(tmp_path: Path) -> None:
    write(
        tmp_path, {"kustomization.yaml": "kind: Kustomization\napiVersion: x/v1\n", "read.me": "x"}
    )
    with pytest.raises(ConfigError, match="contains nothing that gk reads"):
        files_side(tmp_path)
