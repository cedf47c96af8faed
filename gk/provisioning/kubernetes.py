"""Resources to Kubernetes manifests: ConfigMaps, PrometheusRules, kustomizations, and patches that
mount them.

    kustomization.yaml      dashboards/, datasources.yaml, providers.yaml
    mount/                  component: mounts these into a plain Deployment
    alerting-prometheus/    kustomization: PrometheusRule objects
    alerting-grafana/       component: Grafana's alerting files, and their mount
    rules/                  components: rule files for a Prometheus without an operator, and their
                            mount into a StatefulSet: recording/ and alerting/
    alertmanager/           component: Alertmanager's configuration, and its mount into one

The objects are named after the project and have its label, because several projects may share a
namespace. Each dashboard has a ConfigMap of its own, which another label makes known to a sidecar.
Without a sidecar the patch mounts them: for each directory that Grafana reads, one projected volume
of all ConfigMaps in it.

Why not one volume for all directories: in a volume with subdirectories these are links into a
directory whose name changes with every update. Grafana resolves the link, takes each update for a
new path, deletes the dashboards and makes them anew, so that versions, stars and permissions are
gone (observed on 9.3.2). In a flat volume it is the files that are links, and their paths stay.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from gk.errors import Problem, Source
from gk.provisioning import alertmanager, grafana
from gk.provisioning.annotations import applicable, warnings
from gk.provisioning.objects import MAX_DATA, Manifest, config_map, kustomization, name_of
from gk.provisioning.outputs import Earlier, Given, Made
from gk.provisioning.prometheus import only_records, prometheus_rule, rule_groups
from gk.provisioning.secret_keys import same_variables, variables
from gk.provisioning.text import WithJson, load_yaml, yaml_text, yaml_with_json
from gk.resource import Kind, Resource
from gk.settings import ALERTMANAGER_SECRETS, Settings
from gk.settings.object_names import object_name

__all__ = ["check", "earlier", "manifests", "output"]

DASHBOARDS = "/etc/grafana/dashboards"
RULES = "/etc/prometheus/rules"
ALERTMANAGER = "/etc/alertmanager/config"
RELOADER = "config-reloader"
DASHBOARD_LABEL = "grafana_dashboard"
"""The sidecar of Grafana's charts finds dashboards by this label, with the value "1", and other
objects by the labels below."""
DATASOURCE_LABEL = "grafana_datasource"
ALERT_LABEL = "grafana_alert"
FOLDER_ANNOTATION = "grafana_folder"

GRAFANA_ALERTING = "alerting-grafana"
PROMETHEUS_ALERTING = "alerting-prometheus"

CONFIG_MAPS = {
    grafana.DATASOURCES: "datasources.yaml",
    grafana.ALERTING: f"{GRAFANA_ALERTING}/configmap.yaml",
}
"""The manifest that holds each directory of Grafana's tree."""

RULE_FILES = {what: f"rules/{what}/configmap.yaml" for what in ("recording", "alerting")}
"""The manifests of rule files."""

Volume = tuple[str, str, list[str]]
"""Name, mount path, and the ConfigMaps that are in it."""


def output(given: Given) -> Made:
    """The folder kubernetes/."""
    written = manifests(given.resources, given.settings, given.grafana)
    problems, large = check(given.resources, given.grafana, written)
    return Made(
        files={f"kubernetes/{path}": text for path, text in written.items()},
        dashboards={
            f"kubernetes/dashboards/{resource.uid}.yaml": resource
            for resource in given.resources
            if resource.kind is Kind.DASHBOARD
        },
        problems=problems,
        warnings=large,
    )


def earlier(directory: str, name: str) -> Earlier:
    """The ConfigMap with Grafana's file."""

    def file_in(config_map: Any) -> Any:
        text = config_map["data"].get(name)
        return load_yaml(text) if text is not None else {}

    return f"kubernetes/{CONFIG_MAPS[directory]}", file_in


def manifests(
    resources: Sequence[Resource], settings: Settings, files: Mapping[str, bytes]
) -> dict[str, bytes | WithJson]:
    """Manifest files by path. `files` are those of Grafana's tree, by their path in it.

    The alerts for each engine are in a folder of their own: with both, every alert would fire
    twice.
    """
    writer = _Writer(settings)
    written: dict[str, bytes | WithJson] = {
        path: yaml_text(body) for path, body in writer.objects(resources, files)
    }
    written |= writer.dashboards(resources)
    rules = {
        f"{name}.yaml": prometheus_rule(settings, name, group)
        for name, group in rule_groups(resources).items()
    }
    folders = {
        "": {"kustomization.yaml": kustomization(sorted(written))},
        "mount/": writer.component(writer.mount(resources, files)),
        f"{PROMETHEUS_ALERTING}/": rules | {"kustomization.yaml": kustomization(sorted(rules))}
        if rules
        else {},
        f"{GRAFANA_ALERTING}/": writer.grafana_alerting(resources, files)
        if settings.has_grafana
        else {},
        **writer.rule_files(resources),
        "alertmanager/": writer.alertmanager(resources),
    }
    for folder, bodies in folders.items():
        written |= {f"{folder}{name}": yaml_text(body) for name, body in bodies.items()}
    return applicable(written)


def check(
    resources: Sequence[Resource],
    files: Mapping[str, bytes],
    written: Mapping[str, bytes | WithJson],
) -> tuple[list[Problem], list[str]]:
    """Problems of objects that are too large for Kubernetes, and warnings about manifests that
    client-side `kubectl apply` cannot apply."""
    advice = "mount provisioning/grafana another way and leave kubernetes out of build.formats"
    problems = [
        Problem(
            resource.source,
            f"dashboard '{resource.title}' has {len(resource.json):,} bytes of JSON, and a "
            f"ConfigMap holds {MAX_DATA:,}; split it, or {advice}",
        )
        for resource in resources
        if resource.kind is Kind.DASHBOARD and len(resource.json) > MAX_DATA
    ]
    sizes = {
        # The API server counts the values together, not the manifest's text.
        (f"{directory}/", path): sum(
            len(text) for name, text in files.items() if name.startswith(f"{directory}/")
        )
        for directory, path in CONFIG_MAPS.items()
        if path in written
    }
    for what, path in RULE_FILES.items():
        manifest = bytes(written.get(path, b""))
        # The manifest is longer than its values, so most need no parsing.
        if len(manifest) > MAX_DATA:
            data = load_yaml(manifest)["data"]
            sizes[f"{what} rules", path] = sum(len(text.encode()) for text in data.values())
    problems += [
        Problem(
            Source(f"kubernetes/{path}"),
            f"the files of {what} have {size:,} bytes, and a ConfigMap holds {MAX_DATA:,}; "
            f"{advice}",
        )
        for (what, path), size in sizes.items()
        if size > MAX_DATA
    ]
    problems += same_variables(resources)
    return problems, list(warnings(written))


class _Writer:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def name(self, what: str) -> str:
        """The name of an object."""
        return name_of(self.settings, what)

    def objects(
        self, resources: Sequence[Resource], files: Mapping[str, bytes]
    ) -> Iterator[tuple[str, Manifest]]:
        """The ConfigMaps of data sources and providers, by path."""
        if data := _directory(files, grafana.DATASOURCES):
            yield (
                "datasources.yaml",
                config_map(
                    self.settings,
                    self.name("datasources"),
                    data,
                    labels={DATASOURCE_LABEL: "1"},
                ),
            )
        directories = grafana.dashboards_of(resources)
        if directories:
            providers = grafana.provider_file(
                resources, lambda directory: f"{DASHBOARDS}/{directory}"
            )
            yield (
                "providers.yaml",
                config_map(
                    self.settings,
                    self.name("providers"),
                    {"gk.yaml": providers.decode()},
                ),
            )

    def dashboards(self, resources: Sequence[Resource]) -> Iterator[tuple[str, bytes | WithJson]]:
        """The ConfigMaps of dashboards, by path, as text."""
        titles = {
            resource.uid: resource.title for resource in resources if resource.kind is Kind.FOLDER
        }
        for resource in resources:
            if resource.kind is Kind.DASHBOARD:
                folder = titles.get(resource.folder)
                annotations = {"annotations": {FOLDER_ANNOTATION: folder}} if folder else {}
                labels = {DASHBOARD_LABEL: "1"}
                envelope = config_map(
                    self.settings,
                    self.name(f"dashboard-{resource.uid}"),
                    {},
                    labels=labels,
                    **annotations,
                )
                yield (
                    f"dashboards/{resource.uid}.yaml",
                    yaml_with_json(envelope, "data", f"{resource.uid}.json", resource.json),
                )

    def grafana_alerting(
        self, resources: Sequence[Resource], files: Mapping[str, bytes]
    ) -> dict[str, Manifest]:
        """The component for alerts that Grafana evaluates; empty without alerting resources."""
        data = _directory(files, grafana.ALERTING)
        if not data:
            return {}
        name = self.name("alerting")
        patch = self._patch(
            [("gk-alerting", f"{grafana.PROVISIONING}/{grafana.ALERTING}", [name])],
            variables(resources, Kind.CONTACT_POINT),
            {"gk/alerting": _checksum(data)},
        )
        return self._with_files(name, data, patch, labels={ALERT_LABEL: "1"})

    def rule_files(self, resources: Sequence[Resource]) -> dict[str, dict[str, Manifest]]:
        """The components of rule files: of groups that only record, and of the others.

        They are apart because Prometheus records also where Grafana evaluates the alerts.
        """
        groups = rule_groups(resources)
        recording = {name for name, group in groups.items() if only_records(group)}
        return {
            "rules/recording/": self._rules("recording", groups, recording),
            "rules/alerting/": self._rules("alerting", groups, groups.keys() - recording),
        }

    def _rules(
        self, what: str, groups: Mapping[str, Mapping[str, Any]], chosen: Set[str]
    ) -> dict[str, Manifest]:
        if not chosen:
            return {}
        data = {
            f"{name}.yaml": yaml_text({"groups": [groups[name]]}).decode()
            for name in sorted(chosen)
        }
        name = self.name(f"{what}-rules")
        # Several projects may be mounted; the name of a volume has no dots.
        volume = name.replace(".", "-")
        patch = self._patch(
            [(volume, f"{RULES}/{volume}", [name])],
            {},
            {},
            stateful_set="prometheus",
        )
        return self._with_files(name, data, patch)

    def alertmanager(self, resources: Sequence[Resource]) -> dict[str, Manifest]:
        """The component of Alertmanager's configuration; empty without one."""
        data = {name: text.decode() for name, text in alertmanager.files(resources).items()}
        if not data:
            return {}
        name = self.name("alertmanager")
        patch = self._patch(
            [("gk-alertmanager", ALERTMANAGER, [name])],
            {},
            {},
            stateful_set="alertmanager",
            # The configuration names their files, which have to be there.
            secrets=sorted(
                {*re.findall(f"{ALERTMANAGER_SECRETS}/([^/]+)/", data[alertmanager.CONFIG])}
            ),
        )
        return self._with_files(name, data, patch)

    def mount(self, resources: Sequence[Resource], files: Mapping[str, bytes]) -> Manifest:
        """The patch that mounts data sources, providers and dashboards."""
        # Grafana reads data sources and providers at its start only: another checksum makes new
        # pods.
        read_at_start = {
            path: text.decode()
            for path, text in files.items()
            if path.endswith(".yaml") and not path.startswith(f"{grafana.ALERTING}/")
        }
        return self._patch(
            list(self._volumes(resources, files)),
            variables(resources, Kind.DATASOURCE),
            {"gk/provisioning": _checksum(read_at_start)},
        )

    def _volumes(
        self, resources: Sequence[Resource], files: Mapping[str, bytes]
    ) -> Iterator[Volume]:
        directories = grafana.dashboards_of(resources)
        if _directory(files, grafana.DATASOURCES):
            path = f"{grafana.PROVISIONING}/{grafana.DATASOURCES}"
            yield "gk-datasources", path, [self.name("datasources")]
        if directories:
            yield (
                "gk-providers",
                f"{grafana.PROVISIONING}/dashboards",
                [self.name("providers")],
            )
        for directory in sorted(directories):
            names = sorted(
                self.name(f"dashboard-{dashboard.uid}") for dashboard in directories[directory]
            )
            # A folder's uid has 40 characters at most, and the name of a volume 63.
            yield object_name(f"gk-in-{directory}"), f"{DASHBOARDS}/{directory}", names

    def component(self, patch: Manifest, **more: Any) -> dict[str, Manifest]:
        """A kustomize component that patches a Deployment or a StatefulSet."""
        target = {"kind": patch["kind"], "name": patch["metadata"]["name"]}
        path = f"{patch['kind'].lower()}.yaml"
        kustomization = {
            "apiVersion": "kustomize.config.k8s.io/v1alpha1",
            "kind": "Component",
            "patches": [{"path": path, "target": target}],
            **more,
        }
        return {path: patch, "kustomization.yaml": kustomization}

    def _with_files(
        self, name: str, data: Mapping[str, str], patch: Manifest, **metadata: Any
    ) -> dict[str, Manifest]:
        """A component that brings the ConfigMap with the files that it mounts."""
        files = config_map(self.settings, name, data, **metadata)
        return {"configmap.yaml": files} | self.component(patch, resources=["configmap.yaml"])

    def _patch(
        self,
        volumes: Sequence[Volume],
        environment: Mapping[str, Mapping[str, Any]],
        annotations: Mapping[str, str],
        *,
        stateful_set: str = "",
        secrets: Sequence[str] = (),
    ) -> Manifest:
        """A strategic merge patch, by default of the Deployment in the settings: volumes, mounts,
        environment variables for Secrets' keys, and Alertmanager's Secrets.

        In a StatefulSet the container `config-reloader` has the volumes, too: it watches them.
        """
        name = stateful_set or self.settings.deployment
        mounts = [(volume, path) for volume, path, _ in volumes]
        mounts += [
            (f"gk-secret-{secret}", f"{ALERTMANAGER_SECRETS}/{secret}") for secret in secrets
        ]
        container: dict[str, Any] = {
            "name": name,
            "volumeMounts": [
                {"name": volume, "mountPath": path, "readOnly": True} for volume, path in mounts
            ],
        }
        if environment:
            container["env"] = [
                {"name": name, "valueFrom": value} for name, value in environment.items()
            ]
        # It watches files of ConfigMaps, and needs no Secret for that.
        reloader = {"name": RELOADER, "volumeMounts": container["volumeMounts"][: len(volumes)]}
        spec = {
            "containers": [container, reloader] if stateful_set else [container],
            "volumes": [
                {
                    "name": volume,
                    # A plain volume holds one ConfigMap, a projected one several.
                    "projected": {
                        "sources": [{"configMap": {"name": source}} for source in sources]
                    },
                }
                for volume, _, sources in volumes
            ],
        }
        spec["volumes"] += [
            {"name": f"gk-secret-{secret}", "secret": {"secretName": secret}} for secret in secrets
        ]
        metadata = {"metadata": {"annotations": dict(annotations)}} if annotations else {}
        return {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet" if stateful_set else "Deployment",
            "metadata": {"name": name, "namespace": self.settings.namespace},
            "spec": {"template": {**metadata, "spec": spec}},
        }


def _directory(files: Mapping[str, bytes], directory: str) -> dict[str, str]:
    """The YAML files of one directory of Grafana's tree, by name."""
    prefix = f"{directory}/"
    return {
        path.removeprefix(prefix): text.decode()
        for path, text in files.items()
        if path.startswith(prefix)
    }


def _checksum(files: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for path, text in sorted(files.items()):
        # Neither has a NUL character, so different files cannot give the same bytes.
        digest.update(f"{path}\0{text}\0".encode())
    return digest.hexdigest()[:16]
