"""Kubernetes manifests: valid, with stable names, and a patch that mounts what there is."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import kubernetes_validate
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk import (
    Dashboard,
    Datasource,
    alert,
    alert_group,
    contact_point,
    receiver,
    recording_rule,
    secret,
    secret_key,
    text,
)
from gk.compile import compile
from gk.errors import DefinitionError, Source
from gk.project import Definition, Project
from gk.provisioning import Tree, tree
from gk.provisioning.text import load_yaml, yaml_with_json
from gk.resource import canonical
from gk.settings import Settings
from tests.conftest import ProjectFolder
from tests.rich import NOWHERE, RICH, built, files_of, parsed

UIDS = st.text(st.sampled_from("abcXYZ019-_"), min_size=1, max_size=40)
NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
"""A name that Kubernetes takes for an object: an RFC 1123 subdomain."""

DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "grafana", "namespace": "monitoring"},
    "spec": {
        "selector": {"matchLabels": {"app": "grafana"}},
        "template": {
            "metadata": {"labels": {"app": "grafana"}},
            "spec": {
                "containers": [
                    {
                        "name": "grafana",
                        "image": "grafana/grafana",
                        "env": [{"name": "GF_USERS_ALLOW_SIGN_UP", "value": "false"}],
                        "volumeMounts": [{"name": "data", "mountPath": "/var/lib/grafana"}],
                    }
                ],
                "volumes": [{"name": "data", "emptyDir": {}}],
            },
        },
    },
}
MERGE_KEYS = {"containers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath"}


def manifests(files: Mapping[str, bytes]) -> dict[str, Any]:
    """The manifests among the built files, by path below kubernetes/."""
    return {
        path.removeprefix("kubernetes/"): parsed(content)
        for path, content in files.items()
        if path.startswith("kubernetes/")
    }


def of_kind(documents: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The objects of a kind by their name."""
    objects = [document for document in documents.values() if document["kind"] == kind]
    named = {document["metadata"]["name"]: document for document in objects}
    assert len(objects) == len(named)
    return named


def strategic_merge(value: Any, patch: Any, key: str = "") -> Any:
    """What Kubernetes makes of a Deployment and a patch: lists are merged by the key that the API
    gives each."""
    if isinstance(patch, dict) and isinstance(value, dict):
        merged = {
            name: strategic_merge(value[name], part, name)
            for name, part in patch.items()
            if name in value
        }
        return {**value, **patch, **merged}
    if key in MERGE_KEYS:
        by = MERGE_KEYS[key]
        old, new = ({entry[by]: entry for entry in entries} for entries in (value, patch))
        return [*strategic_merge(old, new).values()]
    return copy.deepcopy(patch)


def patched(documents: Mapping[str, Any]) -> Any:
    """A plain Deployment of Grafana with the built patches."""
    return strategic_merge(DEPLOYMENT, patch(documents))


def patch(documents: Mapping[str, Any]) -> Any:
    """The patches of both components as one."""
    alerting = documents.get("alerting-grafana/deployment.yaml", {})
    return strategic_merge(documents["mount/deployment.yaml"], alerting)


@pytest.fixture
def rich(empty_project: ProjectFolder) -> dict[str, Any]:
    """The manifests of a project that has everything."""
    return manifests(built(empty_project.write(RICH)).files)


# Every object


def test_every_config_map_is_valid(rich: Mapping[str, Any]) -> None:
    """Kubernetes' own schema takes every ConfigMap, without a field that it does not know."""
    config_maps = of_kind(rich, "ConfigMap")

    for config_map in config_maps.values():
        kubernetes_validate.validate(config_map, kubernetes_validate.latest_version(), strict=True)

    assert {
        "gk-alerting",
        "gk-alerting-rules",
        "gk-datasources",
        "gk-providers",
        "gk-dashboard-node",
        "gk-dashboard-rockets",
        "gk-dashboard-other-node-55384d4c",
        "gk-dashboard-no-de-4cdf712a",
    } == config_maps.keys()


def test_the_patched_deployment_is_valid(rich: Mapping[str, Any]) -> None:
    """A Deployment keeps what it had, and is valid with the patch."""
    deployment = patched(rich)

    kubernetes_validate.validate(deployment, kubernetes_validate.latest_version(), strict=True)

    spec = deployment["spec"]["template"]["spec"]
    assert {"name": "data", "emptyDir": {}} in spec["volumes"]
    assert {"name": "data", "mountPath": "/var/lib/grafana"} in spec["containers"][0][
        "volumeMounts"
    ]
    assert {"name": "GF_USERS_ALLOW_SIGN_UP", "value": "false"} in spec["containers"][0]["env"]


def test_rules_are_prometheus_rule_objects(rich: Mapping[str, Any]) -> None:
    """A PrometheusRule has a name, and the groups of a rule file as its spec."""
    objects = of_kind(rich, "PrometheusRule")

    assert {"gk-node", "gk-paused-rules"} == objects.keys()
    node = objects["gk-node"]
    assert ("monitoring.coreos.com/v1", "monitoring") == (
        node["apiVersion"],
        node["metadata"]["namespace"],
    )
    assert {"apiVersion", "kind", "metadata", "spec"} == node.keys()
    assert ["node"] == [group["name"] for group in node["spec"]["groups"]]
    assert ["NodeCPUHigh", "node:cpu_busy:ratio"] == [
        rule.get("alert") or rule["record"] for rule in node["spec"]["groups"][0]["rules"]
    ]


def test_the_kustomization_lists_every_object(rich: Mapping[str, Any]) -> None:
    """`kubectl apply -k` applies everything but alerts, which would otherwise come from both
    engines."""
    kustomization = rich["kustomization.yaml"]

    assert ("kustomize.config.k8s.io/v1beta1", "Kustomization") == (
        kustomization["apiVersion"],
        kustomization["kind"],
    )
    apart = ("kustomization.yaml", "mount", "alerting-grafana", "alerting-prometheus", "rules")
    assert (
        sorted(path for path in rich if path.partition("/")[0] not in apart)
        == kustomization["resources"]
    )


def test_each_engine_s_alerts_are_in_a_folder_of_their_own(rich: Mapping[str, Any]) -> None:
    """One kustomization has all PrometheusRules, and one component Grafana's alerting files with
    their mount."""
    prometheus, grafana = (
        rich["alerting-prometheus/kustomization.yaml"],
        rich["alerting-grafana/kustomization.yaml"],
    )

    rules = {path for path, document in rich.items() if document["kind"] == "PrometheusRule"}
    assert rules == {f"alerting-prometheus/{path}" for path in prometheus["resources"]}
    assert ("Component", ["configmap.yaml"], "deployment.yaml") == (
        grafana["kind"],
        grafana["resources"],
        grafana["patches"][0]["path"],
    )
    assert ["gk-alerting"] == [rich["alerting-grafana/configmap.yaml"]["metadata"]["name"]]


def test_the_mount_is_a_component_for_the_deployment(rich: Mapping[str, Any]) -> None:
    """Kustomize applies the patch where an overlay names the folder among its components."""
    assert {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "patches": [
            {"path": "deployment.yaml", "target": {"kind": "Deployment", "name": "grafana"}}
        ],
    } == rich["mount/kustomization.yaml"]


# Names


PROMETHEUS = Datasource.prometheus(
    "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
)


@given(uid=UIDS, folder=UIDS)
def test_names_are_kubernetes_names(uid: str, folder: str) -> None:
    """Whatever letters a uid has, the names of its object, of its volume and of its key are
    valid."""
    group = alert_group(folder, [alert("A", "up < 1")])
    documents = manifests(
        files_of(PROMETHEUS, Dashboard("D", uid=uid, folder=f"f {folder}"), group)
    )

    objects = [*of_kind(documents, "ConfigMap"), *of_kind(documents, "PrometheusRule")]
    volumes = [volume["name"] for volume in pod(documents)["volumes"]]
    keys = [
        key for config_map in of_kind(documents, "ConfigMap").values() for key in config_map["data"]
    ]
    assert [] == [name for name in objects if not NAME.fullmatch(name) or len(name) > 253]
    assert [] == [
        name for name in volumes if not NAME.fullmatch(name) or "." in name or len(name) > 63
    ]
    assert [] == [key for key in keys if not re.fullmatch(r"[-._a-zA-Z0-9]+", key)]


@given(uids=st.lists(UIDS, min_size=2, max_size=8, unique=True))
def test_different_uids_have_different_names(uids: list[str]) -> None:
    """Uids that differ in case or in `_` alone do not share an object, and a name does not depend
    on the others."""
    together = manifests(
        files_of(*(Dashboard(f"D{index}", uid=uid) for index, uid in enumerate(uids)))
    )
    alone = manifests(files_of(Dashboard("D0", uid=uids[0])))

    names = {
        path: document["metadata"]["name"]
        for path, document in together.items()
        if path.startswith("dashboards/")
    }
    assert len(uids) == len(set(names.values()))
    path = f"dashboards/{uids[0]}.yaml"
    assert names[path] == alone[path]["metadata"]["name"]


def test_groups_whose_names_differ_in_spelling_keep_their_rules() -> None:
    """ "Node rules" and "node-rules" are two groups, and so two objects with the rules of each."""
    names = ["Node rules", "node-rules", "node_rules"]
    documents = manifests(
        files_of(
            PROMETHEUS,
            *(alert_group(name, [alert(f"A{at}", "up < 1")]) for at, name in enumerate(names)),
        )
    )

    groups = [
        document["spec"]["groups"][0]["name"]
        for document in of_kind(documents, "PrometheusRule").values()
    ]

    assert names == sorted(groups)


PROJECTS = st.from_regex(r"[abX0](?:[abX0._-]{0,6}[abX0])?", fullmatch=True)


@given(projects=st.lists(PROJECTS, min_size=2, max_size=4, unique=True), uids=st.lists(UIDS))
def test_projects_share_no_object(projects: list[str], uids: list[str]) -> None:
    """Two projects in a namespace overwrite nothing of each other, and each one's objects have its
    label."""
    definitions = [
        PROMETHEUS,
        *(Dashboard(f"D{index}", uid=uid) for index, uid in enumerate(dict.fromkeys(uids))),
        alert_group("providers", [alert("A", "up < 1")]),
    ]
    seen: set[tuple[str, str]] = set()
    for project in ["", *projects]:
        documents = manifests(files_of(*definitions, settings=Settings(project=project)))
        for kind in ("ConfigMap", "PrometheusRule"):
            for name, document in of_kind(documents, kind).items():
                assert NAME.fullmatch(name)
                assert (kind, name) not in seen
                assert (project or None) == document["metadata"]["labels"].get("gk/project")
                seen.add((kind, name))


def test_objects_are_named_after_the_project() -> None:
    """What the patches mount has the same names; volumes are the Deployment's and need no
    project."""
    documents = manifests(
        files_of(
            PROMETHEUS,
            Dashboard("D", uid="d"),
            alert_group("g", [alert("A", "up < 1")]),
            settings=Settings(project="shop"),
        )
    )

    assert [
        "gk-shop.alerting",
        "gk-shop.alerting-rules",
        "gk-shop.dashboard-d",
        "gk-shop.datasources",
        "gk-shop.providers",
    ] == sorted(of_kind(documents, "ConfigMap"))
    assert ["gk-shop.g"] == [*of_kind(documents, "PrometheusRule")]
    assert sorted({*of_kind(documents, "ConfigMap")} - {"gk-shop.alerting-rules"}) == sorted(
        name for names in mounted(documents).values() for name in names
    )
    assert ["gk-alerting", "gk-datasources", "gk-in-general", "gk-providers"] == sorted(
        volume["name"] for volume in pod(documents)["volumes"]
    )


# Dashboards


def test_each_dashboard_has_a_config_map_for_the_sidecar(empty_project: ProjectFolder) -> None:
    """The sidecar finds a dashboard by its label, and its folder by an annotation, which General
    has none of."""
    files = built(empty_project.write(RICH)).files
    documents = manifests(files)

    described = {
        path: (
            document["metadata"]["labels"]["grafana_dashboard"],
            document["metadata"].get("annotations"),
            [*document["data"]],
        )
        for path, document in documents.items()
        if path.startswith("dashboards/")
    }
    assert {
        "dashboards/Other-Node.yaml": ("1", {"grafana_folder": "Kubernetes"}, ["Other-Node.json"]),
        "dashboards/no_de.yaml": ("1", {"grafana_folder": "Team $A"}, ["no_de.json"]),
        "dashboards/node.yaml": ("1", {"grafana_folder": "Kubernetes"}, ["node.json"]),
        "dashboards/rockets.yaml": ("1", None, ["rockets.json"]),
    } == described
    rockets = documents["dashboards/rockets.yaml"]["data"]["rockets.json"]
    assert files["grafana/dashboards/general/rockets.json"].decode() == rockets


def test_a_dashboard_is_a_block_of_lines(empty_project: ProjectFolder) -> None:
    """A change of one line of a dashboard is one line of its manifest, even where the dashboard has
    an emoji."""
    manifest = built(empty_project.write(RICH)).files["kubernetes/dashboards/rockets.yaml"].decode()

    assert "  rockets.json: |\n    {\n" in manifest
    assert '\n      "title": "Rockets \N{ROCKET}",\n' in manifest


@given(
    st.dictionaries(st.text(max_size=9), st.text(max_size=40), max_size=3),
    st.sampled_from(["a.json", "yes", "0"]),
)
def test_a_block_of_json_is_what_it_was(body: dict[str, str], key: str) -> None:
    """Whatever letters a dashboard has, YAML gives its JSON back to the byte, those that no block
    holds included."""
    dashboard = canonical({**body, "odd": "\x85 \u2028 \ufeff" if key == "0" else ""})

    written = bytes(yaml_with_json({"kind": "ConfigMap"}, "data", key, dashboard))

    assert {"kind": "ConfigMap", "data": {key: dashboard.decode()}} == load_yaml(written)


# The patch


def pod(documents: Mapping[str, Any]) -> Any:
    """The part of the patches that is about pods."""
    return patch(documents)["spec"]["template"]["spec"]


def mounted(documents: Mapping[str, Any]) -> dict[str, list[str]]:
    """The ConfigMaps that the patch mounts, by mount path."""
    volumes = {
        volume["name"]: [source["configMap"]["name"] for source in volume["projected"]["sources"]]
        for volume in pod(documents)["volumes"]
    }
    mounts = pod(documents)["containers"][0]["volumeMounts"]
    assert sorted(volumes) == sorted(mount["name"] for mount in mounts)
    return {mount["mountPath"]: volumes[mount["name"]] for mount in mounts}


def test_the_patch_mounts_every_config_map_and_nothing_else(rich: Mapping[str, Any]) -> None:
    """Grafana's own folders get their files, and each folder of dashboards the dashboards in it."""
    assert {
        "/etc/grafana/provisioning/datasources": ["gk-datasources"],
        "/etc/grafana/provisioning/alerting": ["gk-alerting"],
        "/etc/grafana/provisioning/dashboards": ["gk-providers"],
        "/etc/grafana/dashboards/general": ["gk-dashboard-rockets"],
        "/etc/grafana/dashboards/kubernetes": [
            "gk-dashboard-node",
            "gk-dashboard-other-node-55384d4c",
        ],
        "/etc/grafana/dashboards/team-a": ["gk-dashboard-no-de-4cdf712a"],
    } == mounted(rich)
    assert sorted({*of_kind(rich, "ConfigMap")} - {"gk-alerting-rules"}) == sorted(
        name for names in mounted(rich).values() for name in names
    )


def test_rule_files_are_mounted_into_a_prometheus_without_an_operator() -> None:
    """Groups that only record are apart: Prometheus needs them also where Grafana evaluates the
    alerts. The volumes of two projects have different names."""
    groups = [
        alert_group("g", [alert("A", "up < 1")]),
        alert_group("r", [recording_rule("job:up:sum", "sum by (job) (up)")]),
    ]
    documents = manifests(files_of(PROMETHEUS, *groups, settings=Settings(project="shop")))

    data = {
        what: documents[f"rules/{what}/configmap.yaml"]["data"]
        for what in ("alerting", "recording")
    }
    assert {"alerting": ["g.yaml"], "recording": ["r.yaml"]} == {
        what: [*files] for what, files in data.items()
    }
    assert "A" == parsed(data["alerting"]["g.yaml"])["groups"][0]["rules"][0]["alert"]
    patch = documents["rules/alerting/statefulset.yaml"]
    assert ("StatefulSet", "prometheus") == (patch["kind"], patch["metadata"]["name"])
    assert [
        {
            "name": "gk-shop-alerting-rules",
            "mountPath": "/etc/prometheus/rules/gk-shop-alerting-rules",
            "readOnly": True,
        }
    ] == patch["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]


def test_providers_read_what_the_patch_mounts(rich: Mapping[str, Any]) -> None:
    """Every path that a provider of the ConfigMap names is a mount of the patch, and the other way
    round."""
    providers = parsed(rich["providers.yaml"]["data"]["gk.yaml"])["providers"]

    paths = {path for path in mounted(rich) if path.startswith("/etc/grafana/dashboards/")}

    assert paths == {provider["options"]["path"] for provider in providers}


def test_volumes_are_flat(rich: Mapping[str, Any]) -> None:
    """A subdirectory of a volume is a link that each update renames, and Grafana would make its
    dashboards anew."""
    sources = [
        source for volume in pod(rich)["volumes"] for source in volume["projected"]["sources"]
    ]

    assert [{"configMap": {"name": source["configMap"]["name"]}} for source in sources] == sources
    assert all(
        mount["readOnly"] and "subPath" not in mount
        for mount in pod(rich)["containers"][0]["volumeMounts"]
    )


def test_a_project_without_alerts_mounts_none() -> None:
    """A ConfigMap that is not built is not mounted either: the pod would wait for it for ever."""
    documents = manifests(files_of(Dashboard("D", uid="d")))

    assert ["/etc/grafana/dashboards/general", "/etc/grafana/provisioning/dashboards"] == sorted(
        mounted(documents)
    )
    assert {"gk-providers", "gk-dashboard-d"} == of_kind(documents, "ConfigMap").keys()


def test_keys_of_secrets_become_environment_variables(rich: Mapping[str, Any]) -> None:
    """The variables that the files refer to come from the Secrets; variables of Grafana's own are
    the user's."""
    assert [
        {
            "name": "GK_SECRET_HOOKS_URL",
            "valueFrom": {"secretKeyRef": {"name": "hooks", "key": "url"}},
        },
        {
            "name": "GK_SECRET_ORDERS_DB_PASSWORD",
            "valueFrom": {"secretKeyRef": {"name": "orders-db", "key": "password"}},
        },
    ] == sorted(pod(rich)["containers"][0]["env"], key=lambda variable: variable["name"])


def test_two_keys_that_would_be_one_variable_are_a_mistake() -> None:
    """Otherwise one of the two would silently get the other's value."""
    datasource = Datasource(
        name="X", type="x", uid="x", secure_json_data={"password": secret_key("a-b", "c")}
    )
    point = contact_point(
        "team",
        receiver("webhook", {"url": secret_key("a", "b-c"), "message": secret("GK_SECRET_OTHER")}),
    )

    with pytest.raises(DefinitionError) as raised:
        files_of(datasource, point)

    assert [
        "contact point 'team': the Secret keys 'a-b', 'c' and 'a', 'b-c' would both be "
        "the environment variable GK_SECRET_A_B_C; rename one of them"
    ] == [problem.text for problem in raised.value.problems]


BASE: list[Any] = [
    PROMETHEUS,
    Dashboard("D", uid="d", folder="F"),
    alert_group("g", [alert("A", "up < 1")]),
]


@pytest.mark.parametrize(
    ("definitions", "restarts"),
    [
        pytest.param(
            [BASE[0], BASE[1], alert_group("g", [alert("A", "up < 2")])], True, id="a rule"
        ),
        pytest.param(
            [
                Datasource.prometheus("Other", uid="prometheus", url="http://x", default=True),
                *BASE[1:],
            ],
            True,
            id="a data source",
        ),
        pytest.param([*BASE, Dashboard("E", uid="e", folder="G")], True, id="a folder"),
        pytest.param(
            [*BASE, Dashboard("E", uid="e", folder="F")], False, id="another dashboard in a folder"
        ),
        pytest.param(
            [BASE[0], Dashboard("D2", uid="d", folder="F"), BASE[2]], False, id="a dashboard"
        ),
    ],
)
def test_the_patch_restarts_grafana_for_what_it_reads_at_its_start(
    definitions: list[Any], restarts: bool
) -> None:
    """Data sources, rules and providers are read at the start only: their checksum is an annotation
    of the pods."""

    def checksum(*definitions: Any) -> str:
        annotations = patch(manifests(files_of(*definitions)))["spec"]["template"]["metadata"][
            "annotations"
        ]
        assert {"gk/provisioning", "gk/alerting"} == annotations.keys()
        return str(annotations)

    assert restarts is (checksum(*BASE) != checksum(*definitions))


# Sizes


def tree_of(*definitions: Any, settings: Settings | None = None) -> Tree:
    """What is built of definitions, with its warnings."""
    numbered = [
        Definition(definition, Source("dashboards/big.py", 7)) for definition in definitions
    ]
    project = Project(NOWHERE, settings or Settings(), numbered)
    return tree(compile(project), project.settings, NOWHERE)


def sized(size: int) -> Dashboard:
    """A dashboard whose JSON has exactly `size` bytes of UTF-8, and fewer characters."""

    def json_size(content: str) -> int:
        return len(files_of(_dashboard(content))["grafana/dashboards/general/big.json"])

    filler = "\N{LATIN SMALL LETTER E WITH ACUTE}" * 1000
    return _dashboard(filler + "x" * (size - json_size(filler)))


def _dashboard(content: str) -> Dashboard:
    return Dashboard("Big", uid="big", panels=[text("T", content)])


def test_a_dashboard_that_fills_a_config_map_is_built() -> None:
    """1,048,576 bytes is what a ConfigMap holds."""
    assert "kubernetes/dashboards/big.yaml" in tree_of(sized(1_048_576)).files


def test_a_dashboard_over_the_limit_is_a_mistake_at_its_definition() -> None:
    """One byte more is refused: the message has dashboard, size and limit, and what to do."""
    with pytest.raises(DefinitionError) as raised:
        tree_of(sized(1_048_577))

    (problem,) = raised.value.problems
    assert Source("dashboards/big.py", 7) == problem.source
    assert (
        "dashboard 'Big' has 1,048,577 bytes of JSON, and a ConfigMap holds 1,048,576; split it, "
        "or mount provisioning/grafana another way and leave kubernetes out of build.formats"
    ) == problem.message


def test_a_large_dashboard_is_right_where_kubernetes_is_not_built(
    empty_project: ProjectFolder,
) -> None:
    """The advice of that message works."""
    empty_project.write(
        {
            "gk.yaml": "build: {formats: [grafana]}",
            "dashboards/big.py": """
                from gk import Dashboard, text

                big = Dashboard("Big", uid="big", panels=[text("T", "x" * 2_000_000)])
                """,
        }
    )

    assert ["grafana/dashboards/gk.yaml", "grafana/dashboards/general/big.json"] == sorted(
        built(empty_project).files, reverse=True
    )


def test_rules_that_no_config_map_holds_are_a_mistake() -> None:
    """All alerting files share a ConfigMap, and are counted together."""
    rules = [alert(f"A{index}", "up < 1", description="x" * 600_000) for index in range(2)]

    with pytest.raises(
        DefinitionError,
        match=(
            r"^kubernetes/alerting-grafana/configmap.yaml: the files of alerting/ have "
            r"1,2\d\d,\d{3} bytes"
        ),
    ):
        tree_of(PROMETHEUS, alert_group("g", rules))


def test_rule_files_that_no_config_map_holds_are_a_mistake_too() -> None:
    """Where Alertmanager notifies, they are the only ones with the alerts."""
    rules = [alert(f"A{index}", "up < 1", description="x" * 600_000) for index in range(2)]
    settings = Settings(formats=("alertmanager", "kubernetes"))

    with pytest.raises(
        DefinitionError,
        match=(
            r"^kubernetes/rules/alerting/configmap.yaml: the files of alerting rules have "
            r"1,2\d\d,\d{3} bytes[^\n]*$"
        ),
    ):
        tree_of(PROMETHEUS, alert_group("g", rules), settings=settings)


def annotated(content: str) -> int:
    """The bytes of the annotations that client-side apply makes of the dashboard's ConfigMap, as
    kubectl writes them."""
    files = files_of(_dashboard(content))
    manifest = parsed(files["kubernetes/dashboards/big.yaml"])
    manifest["metadata"]["annotations"] = {}
    applied = json.dumps(manifest, ensure_ascii=False, separators=(",", ":")) + "\n"
    return len("kubectl.kubernetes.io/last-applied-configuration" + applied)


@cache
def largest() -> str:
    """The largest content that client-side apply takes: it keeps the object in an annotation, and
    an object holds 262,144 bytes of those."""
    return "x" * (200_000 + 262_144 - annotated("x" * 200_000))


def test_a_dashboard_is_on_one_line_where_client_side_apply_takes_it_only_so() -> None:
    """Without its indentation it is the same, and smaller."""
    fits, shortened = (files_of(_dashboard(f"{largest()}{more}")) for more in ("", "x"))
    manifest = shortened["kubernetes/dashboards/big.yaml"]
    data = parsed(manifest)["data"]["big.json"]

    assert b"  big.json: |\n    {\n" in fits["kubernetes/dashboards/big.yaml"]
    assert 1 == data.count("\n")
    assert json.loads(shortened["grafana/dashboards/general/big.json"]) == json.loads(data)
    assert annotated(f"{largest()}x") < 262_144
    assert [] == tree_of(_dashboard(f"{largest()}x")).warnings


def test_an_object_too_large_for_client_side_apply_is_a_warning() -> None:
    """And a person can still read it."""
    built = tree_of(_dashboard("x" * 262_144))
    (warning,) = built.warnings

    assert b"  big.json: |\n    {\n" in built.files["kubernetes/dashboards/big.yaml"]
    assert warning.startswith(
        "dashboards/big.yaml: client-side `kubectl apply` keeps it in annotations of 26"
    )
    assert warning.endswith("bytes, and an object holds 262,144: use `kubectl apply --server-side`")


def test_a_small_file_may_be_too_large_for_client_side_apply() -> None:
    """kubectl writes a `<` with six bytes, and so 50 kB of HTML do not fit."""
    built = tree_of(_dashboard("<" * 50_000))

    assert len(built.files["kubernetes/dashboards/big.yaml"]) < 60_000
    assert ["dashboards/big.yaml"] == [warning.partition(":")[0] for warning in built.warnings]


def test_a_patch_and_a_kustomization_are_no_objects_of_their_own() -> None:
    """kubectl applies what kustomize makes of them, so their size is nothing to warn about."""
    dashboards = [Dashboard(f"D {index}", uid=f"{'d' * 30}{index}") for index in range(2000)]

    assert [] == tree_of(*dashboards).warnings


# Settings


def test_settings_reach_every_object(empty_project: ProjectFolder) -> None:
    """Namespace and labels are on each object, and the patch is for the Deployment and container
    that are named."""
    empty_project.write(
        {
            **RICH,
            "gk.yaml": (
                "kubernetes: {namespace: observe, labels: {release: 'on', y: n}, "
                "deployment: my-grafana}"
            ),
        }
    )

    documents = manifests(built(empty_project).files)

    objects = [
        *of_kind(documents, "ConfigMap").values(),
        *of_kind(documents, "PrometheusRule").values(),
    ]
    own = {"app.kubernetes.io/managed-by": "gk", "release": "on", "y": "n"}
    assert {"observe"} == {document["metadata"]["namespace"] for document in objects}
    assert all(own.items() <= document["metadata"]["labels"].items() for document in objects)
    deployment = documents["mount/deployment.yaml"]
    assert ("my-grafana", "observe", "my-grafana", "my-grafana") == (
        deployment["metadata"]["name"],
        deployment["metadata"]["namespace"],
        deployment["spec"]["template"]["spec"]["containers"][0]["name"],
        documents["mount/kustomization.yaml"]["patches"][0]["target"]["name"],
    )
