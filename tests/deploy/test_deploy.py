"""deploy/kubernetes: what each overlay and component becomes, as Kubernetes and a careful operator
read it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from gk.compile import compile
from gk.project import load
from gk.promql.labels import PRESETS, Regex
from tests.deployed import BASE, CONTROL_PLANE, DIRECT, copy

ROOT = Path(__file__).parent.parent.parent
OVERLAYS = sorted(path.name for path in (ROOT / "deploy/kubernetes/overlays").iterdir())
OPERATOR = "operator"
"""The component without a Prometheus of its own, for which most tests here do not hold."""
COMPONENTS = sorted(
    path.name for path in (ROOT / "deploy/kubernetes/components").iterdir() if path.name != OPERATOR
)
ALONE = {"grafana-alerts": "prometheus-alerts", "sidecar": "mount"}
"""Components that are used in place of another one of the overlay `default`."""

Manifest = dict[str, Any]


def kustomize() -> list[str]:
    """The command that builds a kustomization with components, which Debian 12's kubectl cannot."""
    if path := shutil.which("kustomize"):
        return [path, "build"]
    if path := shutil.which("kubectl"):
        version = subprocess.run(
            [path, "version", "--client"], capture_output=True, text=True, check=False
        ).stdout
        if re.search(r"Kustomize Version: v5", version):
            return [path, "kustomize"]
    pytest.skip("not installed: kustomize 5, or a kubectl that contains it")


@pytest.fixture(scope="module")
def deploy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of deploy/ with what gk builds in it."""
    return copy(tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="module")
def build(deploy: Path) -> Any:
    """Builds a kustomization, by its folder in deploy/kubernetes."""
    command = kustomize()

    @cache
    def built(folder: str) -> list[Manifest]:
        ran = subprocess.run(
            [*command, str(deploy / "kubernetes" / folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return list(yaml.load_all(ran.stdout, yaml.CSafeLoader))

    return built


@pytest.fixture(params=[*OVERLAYS, *(f"default+{component}" for component in COMPONENTS)])
def objects(request: pytest.FixtureRequest, build: Any, deploy: Path) -> list[Manifest]:
    """The objects of an overlay, or of the overlay `default` with one component more."""
    overlay, _, component = request.param.partition("+")
    if component:
        overlay = with_component(deploy, component)
    manifests: list[Manifest] = build(f"overlays/{overlay}")
    return manifests


def with_component(deploy: Path, component: str) -> str:
    """Write an overlay that adds a component to `default`, and return its name."""
    folder = deploy / "kubernetes/overlays" / f"default-{component}"
    folder.mkdir(exist_ok=True)
    overlay = yaml.safe_load(
        (deploy / "kubernetes/overlays/default/kustomization.yaml").read_text(encoding="utf-8")
    )
    replaced = ALONE.get(component)
    kept = [path for path in overlay["components"] if Path(path).name not in (replaced, component)]
    overlay["components"] = [*kept, f"../../components/{component}"]
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(overlay), encoding="utf-8")
    return folder.name


def of_kind(objects: Sequence[Manifest], *kinds: str) -> dict[str, Manifest]:
    return {
        manifest["metadata"]["name"]: manifest for manifest in objects if manifest["kind"] in kinds
    }


def pods(objects: Sequence[Manifest]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, workload in of_kind(objects, "Deployment", "StatefulSet", "DaemonSet").items():
        yield name, workload["spec"]["template"]["spec"]


def containers(objects: Sequence[Manifest]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, pod in pods(objects):
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            yield f"{name}/{container['name']}", container


@pytest.mark.parametrize("which", ["oldest", "latest"])
def test_kubernetes_accepts_every_object(objects: Sequence[Manifest], which: str) -> None:
    """In the oldest and in the newest version whose schemas there are."""
    versions = kubernetes_validate.utils.all_versions()
    version = {"oldest": versions[0], "latest": versions[-1]}[which]

    for manifest in objects:
        _validate(json.dumps(manifest, sort_keys=True), version)


@cache
def _validate(manifest: str, version: str) -> None:
    # Most objects are the same in every overlay.
    kubernetes_validate.validate(json.loads(manifest), version, strict=True)


CLUSTER_WIDE = ("ClusterRole", "ClusterRoleBinding", "Namespace", "PersistentVolume")


def test_every_object_is_in_the_namespace(objects: Sequence[Manifest]) -> None:
    """Programs find each other there by their names."""
    elsewhere = [
        f"{manifest['kind']} {manifest['metadata']['name']}"
        for manifest in objects
        if manifest["kind"] not in CLUSTER_WIDE
        and manifest["metadata"].get("namespace") != "monitoring"
    ]

    assert [] == elsewhere


def test_no_pod_may_become_root(objects: Sequence[Manifest]) -> None:
    for name, pod in pods(objects):
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
    for name, container in containers(objects):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False, name
        assert context["capabilities"] == {"drop": ["ALL"]}, name
        assert context["readOnlyRootFilesystem"] is True, name
        assert not context.get("privileged"), name


def test_only_the_node_exporter_sees_the_host(objects: Sequence[Manifest]) -> None:
    """And it writes nothing there."""
    for name, pod in pods(objects):
        host = {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        paths = [volume for volume in pod.get("volumes", ()) if "hostPath" in volume]
        assert name == "node-exporter" or not (host or paths), name
    for _, container in containers([*of_kind(objects, "DaemonSet").values()]):
        assert all(mount["readOnly"] for mount in container["volumeMounts"])


def test_every_container_says_what_it_needs_and_whether_it_is_well(
    objects: Sequence[Manifest],
) -> None:
    for name, container in containers(objects):
        assert {"cpu", "memory"} == container["resources"]["requests"].keys(), name
        assert {"cpu", "memory"} == container["resources"]["limits"].keys(), name
    for name, pod in pods(objects):
        for container in pod["containers"]:
            assert {"livenessProbe", "readinessProbe"} <= container.keys(), name


def test_every_image_has_a_version(objects: Sequence[Manifest]) -> None:
    for name, container in containers(objects):
        _, _, tag = container["image"].rpartition(":")
        assert re.fullmatch(r"v?\d+\.\d+\.\d+", tag), f"{name}: {container['image']}"


def test_only_what_asks_the_api_server_has_a_token(objects: Sequence[Manifest]) -> None:
    asking = {name for name, pod in pods(objects) if pod["automountServiceAccountToken"]}

    sidecar = {"grafana"} & {
        name
        for name, pod in pods(objects)
        if any(c["name"] == "dashboards" for c in pod["containers"])
    }
    assert {"prometheus", "kube-state-metrics", *sidecar} == asking


def test_no_role_may_read_secrets_or_change_anything(objects: Sequence[Manifest]) -> None:
    for name, role in of_kind(objects, "ClusterRole", "Role").items():
        for rule in role["rules"]:
            assert {"get", "list", "watch"} >= {*rule["verbs"]}, name
            assert not {"*", "secrets"} & {*rule.get("resources", ()), *rule["verbs"]}, name


def test_no_object_contains_a_secret(objects: Sequence[Manifest]) -> None:
    """Secrets are made by hand; containers read them from files."""
    assert {} == of_kind(objects, "Secret")
    for name, container in containers(objects):
        for variable in container.get("env", ()):
            assert "value" not in variable or not re.search(
                r"PASSWORD$|TOKEN|SECRET", variable["name"]
            ), name


def test_every_volume_and_secret_that_is_mounted_is_there_or_documented(
    objects: Sequence[Manifest],
) -> None:
    config_maps = of_kind(objects, "ConfigMap")
    documented = (ROOT / "docs/stack.md").read_text(encoding="utf-8")
    for name, pod in pods(objects):
        volumes = {entry["name"]: entry for entry in pod.get("volumes", ())}
        claims = of_kind(objects, "StatefulSet").get(name, {"spec": {}})["spec"]
        templates = {claim["metadata"]["name"] for claim in claims.get("volumeClaimTemplates", ())}
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            for mount in container.get("volumeMounts", ()):
                assert mount["name"] in volumes.keys() | templates, name
        for volume in volumes.values():
            sources = [volume, *volume.get("projected", {}).get("sources", ())]
            for source in sources:
                if "configMap" in source:
                    assert source["configMap"]["name"] in config_maps, name
                if "secret" in source:
                    secret = source["secret"]["secretName"]
                    assert f"secret generic {secret} " in documented, f"{name}: {secret}"


def test_alerts_are_evaluated_by_one_engine(objects: Sequence[Manifest]) -> None:
    """With both, everybody would be told twice; with none, nobody."""
    evaluating = {
        mount["mountPath"]
        for name, container in containers(objects)
        if container["name"] in ("prometheus", "grafana")
        for mount in container.get("volumeMounts", ())
    }
    prometheus = any(re.search(r"gk-stack-alerting-rules$", path) for path in evaluating)
    grafana = "/etc/grafana/provisioning/alerting" in evaluating

    assert prometheus != grafana
    assert any(re.search(r"gk-stack-recording-rules$", path) for path in evaluating)


def test_prometheus_and_its_reloader_have_the_same_rules(objects: Sequence[Manifest]) -> None:
    """The reloader watches its own mounts."""
    mounts = {
        name: {
            mount["mountPath"]
            for mount in container["volumeMounts"]
            if mount["mountPath"].startswith(("/etc/prometheus/rules", "/etc/alertmanager/config"))
        }
        for name, container in containers(objects)
        if name.startswith(("prometheus/", "alertmanager/"))
    }

    assert mounts["prometheus/prometheus"] == mounts["prometheus/config-reloader"]
    assert mounts["alertmanager/alertmanager"] == mounts["alertmanager/config-reloader"]


def test_services_are_scraped_by_four_annotations_and_no_others(
    objects: Sequence[Manifest],
) -> None:
    annotated = {
        name: service["metadata"]["annotations"]
        for name, service in of_kind(objects, "Service").items()
        if "annotations" in service["metadata"]
    }

    assert {
        "alertmanager",
        "blackbox-exporter",
        "grafana",
        "kube-state-metrics",
        "node-exporter",
    } == annotated.keys()
    for name, given in annotated.items():
        assert {
            "prometheus.io/should_be_scraped",
            "prometheus.io/metric_path",
            "prometheus.io/scrape_port",
            "prometheus.io/scrape_scheme",
        } == given.keys(), name


def test_every_variable_of_the_configuration_is_set(objects: Sequence[Manifest]) -> None:
    """The reloader refuses a configuration with one that is not."""
    text = of_kind(objects, "ConfigMap")["prometheus"]["data"]["prometheus.yml"]
    wanted = set(re.findall(r"\$\((\w+)\)", text))

    for name, container in containers(objects):
        if name in ("prometheus/init-config", "prometheus/config-reloader"):
            names = [variable["name"] for variable in container["env"]]
            assert wanted <= {*names}, name
            # Kubernetes puts in only what comes before.
            assert names.index("POD_NAME") < names.index("EXTERNAL_LABELS"), name
    assert wanted == DIRECT.keys()


def test_the_control_plane_is_scraped_where_its_component_says_so(build: Any, deploy: Path) -> None:
    """By both containers, of which one writes the configuration before the other one does."""
    for overlay, named in (
        ("default", DIRECT),
        (with_component(deploy, "control-plane"), CONTROL_PLANE),
    ):
        assert [named["CONTROL_PLANE"]] * 2 == [
            variable["value"]
            for _, container in containers(build(f"overlays/{overlay}"))
            for variable in container.get("env", ())
            if variable["name"] == "CONTROL_PLANE"
        ]


def test_network_policies_let_every_job_through(build: Any, deploy: Path) -> None:
    """Whoever is scraped admits Prometheus."""
    objects = build(f"overlays/{with_component(deploy, 'network-policies')}")
    policies = of_kind(objects, "NetworkPolicy")

    assert {"podSelector": {}, "policyTypes": ["Ingress"]} == policies["default-deny"]["spec"]
    for name in ("alertmanager", "blackbox-exporter", "grafana", "kube-state-metrics"):
        admitted = [
            source["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
            for rule in policies[name]["spec"]["ingress"]
            for source in rule["from"]
        ]
        assert "prometheus" in admitted, name


def test_two_grafanas_know_each_other_and_share_no_volume(build: Any) -> None:
    """So an alert of Grafana notifies once."""
    objects = build("overlays/production")
    grafana = of_kind(objects, "Deployment")["grafana"]["spec"]
    (container,) = grafana["template"]["spec"]["containers"]
    environment = {variable["name"]: variable.get("value") for variable in container["env"]}

    assert 2 == grafana["replicas"]
    assert "grafana-peers.monitoring:9094" == environment["GF_UNIFIED_ALERTING_HA_PEERS"]
    assert "postgres" == environment["GF_DATABASE_TYPE"]
    assert {} == of_kind(objects, "PersistentVolumeClaim")
    assert "http://mimir-gateway.mimir/prometheus" == environment["PROMETHEUS_URL"]


# With the Prometheus operator


@pytest.fixture
def operated(build: Any, deploy: Path) -> list[Manifest]:
    manifests: list[Manifest] = build(f"overlays/{with_component(deploy, OPERATOR)}")
    return manifests


def test_the_operators_prometheus_is_the_only_one(operated: Sequence[Manifest]) -> None:
    """The service stays, by which Grafana and Alertmanager's mails find it; nobody has rights that
    are not used."""
    assert {"alertmanager"} == of_kind(operated, "StatefulSet").keys()
    kinds = ("ConfigMap", "ServiceAccount", "ClusterRole", "ClusterRoleBinding")
    assert "prometheus" not in of_kind(operated, *kinds)
    assert {"app.kubernetes.io/name": "prometheus"} == (
        of_kind(operated, "Service")["prometheus"]["spec"]["selector"]
    )


def test_each_service_monitor_finds_a_port_of_its_service(operated: Sequence[Manifest]) -> None:
    services = of_kind(operated, "Service")
    monitors = of_kind(operated, "ServiceMonitor")

    scraped = [name for name, service in services.items() if "annotations" in service["metadata"]]
    assert {*scraped, "prometheus"} == monitors.keys()
    for name, monitor in monitors.items():
        (endpoint,) = monitor["spec"]["endpoints"]
        labels = monitor["spec"]["selector"]["matchLabels"]
        assert labels == services[name]["metadata"]["labels"], name
        assert endpoint["port"] in [port["name"] for port in services[name]["spec"]["ports"]], name


def test_the_jobs_of_the_monitors_are_those_of_kube_prometheus(
    operated: Sequence[Manifest],
) -> None:
    """The operator takes the label in jobLabel for the job, without it the name of the service."""
    exporters = {"node-exporter": "node", "blackbox-exporter": "blackbox"}
    monitors = of_kind(operated, "ServiceMonitor")

    assert exporters.keys() <= monitors.keys()
    for name, monitor in monitors.items():
        labels = PRESETS["kube-prometheus"][exporters.get(name, name)]
        (endpoint,) = monitor["spec"]["endpoints"]
        relabelled = [
            relabeling["replacement"]
            for relabeling in endpoint.get("relabelings", ())
            if relabeling.get("targetLabel") == "job"
        ]
        (job,) = relabelled or [name]
        wanted = labels.job.pattern if isinstance(labels.job, Regex) else str(labels.job)
        assert re.fullmatch(wanted, job), name


def test_the_probe_asks_the_urls_of_the_job_it_replaces(operated: Sequence[Manifest]) -> None:
    config = yaml.safe_load(
        (ROOT / "deploy" / BASE / "prometheus/prometheus.yml").read_text(encoding="utf-8")
    )
    (job,) = [entry for entry in config["scrape_configs"] if entry.get("metrics_path") == "/probe"]
    (probe,) = of_kind(operated, "Probe").values()

    (static,) = job["static_configs"]
    assert {"static": static["targets"], "labels": static["labels"]} == (
        probe["spec"]["targets"]["staticConfig"]
    )


# The definitions


def test_every_alert_of_the_repository_is_in_the_stack(deploy: Path) -> None:
    """The links of deploy/stack lead to all definitions."""
    ours = {resource.uid for resource in compile(load(ROOT))}
    stack = {resource.uid for resource in compile(load(deploy / "stack"))}

    assert ours <= stack


@pytest.mark.cluster
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_real_api_server_accepts_the_overlay(deploy: Path, overlay: str) -> None:
    """Without changing anything there. It refuses more than schemas do: unknown fields, fields that
    cannot change, names and references that do not fit."""
    if not os.environ.get("KUBECONFIG"):
        pytest.skip("no cluster: KUBECONFIG names none")
    folder = deploy / "kubernetes/overlays" / overlay
    command = ["kubectl", "apply", "--server-side", "--dry-run=server", "-k", str(folder)]

    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    # A namespace that a dry run makes is not there for the objects in it.
    refused = [line for line in ran.stderr.splitlines() if '"monitoring" not found' not in line]
    assert [] == refused
    assert "serverside-applied (server dry run)" in ran.stdout
