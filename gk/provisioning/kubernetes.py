"""Resources to Kubernetes manifests: ConfigMaps, PrometheusRules, a kustomization, and a patch that mounts them.

Each dashboard has a ConfigMap of its own, which the label makes known to a sidecar. Without a sidecar the patch mounts
them: for each directory that Grafana reads, one projected volume of all ConfigMaps in it.

Why not one volume for all directories: in a volume with subdirectories these are links into a directory whose name
changes with every update. Grafana resolves the link, takes each update for a new path, deletes the dashboards and makes
them anew, so that versions, stars and permissions are gone (observed on 9.3.2). In a flat volume it is the files that
are links, and their paths stay.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gk.errors import Problem, Source
from gk.provisioning import grafana
from gk.provisioning.prometheus import rule_groups
from gk.provisioning.text import yaml_text
from gk.resource import Kind, Resource
from gk.settings import Settings

__all__ = ["MAX_DATA", "check", "manifests"]

MAX_DATA = 1_048_576
"""Bytes of all values of a ConfigMap together; the API server refuses more."""

MAX_APPLIED = 262_144
"""Bytes of annotations; client-side apply keeps the whole manifest in one, so larger manifests fail with it."""

DASHBOARDS = "/etc/grafana/dashboards"
LABEL = "grafana_dashboard"
"""The label by which the sidecar of Grafana's charts finds dashboards, with the value "1"."""
FOLDER_ANNOTATION = "grafana_folder"

_HAVE_SECRETS = (Kind.DATASOURCE, Kind.CONTACT_POINT)

Manifest = dict[str, Any]


def manifests(resources: Sequence[Resource], settings: Settings, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Manifest files by path. `files` are those of Grafana's tree, by their path in it."""
    writer = _Writer(settings)
    written = dict(writer.all(resources, files))
    listed = [{"path": path} for path in sorted(written)]
    written["kustomization.yaml"] = yaml_text(
        {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": [each["path"] for each in listed],
        }
    )
    patch = writer.patch(resources, files)
    written["mount/deployment.yaml"] = yaml_text(patch)
    written["mount/kustomization.yaml"] = yaml_text(
        {
            "apiVersion": "kustomize.config.k8s.io/v1alpha1",
            "kind": "Component",
            "patches": [{"path": "deployment.yaml", "target": {"kind": "Deployment", "name": settings.deployment}}],
        }
    )
    return written


def check(
    resources: Sequence[Resource], files: Mapping[str, bytes], written: Mapping[str, bytes]
) -> tuple[list[Problem], list[str]]:
    """What Kubernetes could not hold, and warnings about manifests that client-side `kubectl apply` cannot apply."""
    advice = "mount provisioning/grafana another way and leave kubernetes out of build.formats"
    problems = [
        Problem(
            each.source,
            f"dashboard '{each.title}' has {len(each.json):,} bytes of JSON, and a ConfigMap holds {MAX_DATA:,}; "
            f"split it, or {advice}",
        )
        for each in resources
        if each.kind is Kind.DASHBOARD and len(each.json) > MAX_DATA
    ]
    for directory in (grafana.DATASOURCES, grafana.ALERTING):
        size = sum(len(text) for path, text in files.items() if path.startswith(f"{directory}/"))
        if size > MAX_DATA:
            message = f"the files of {directory}/ have {size:,} bytes, and a ConfigMap holds {MAX_DATA:,}; {advice}"
            problems.append(Problem(Source(f"kubernetes/{directory}.yaml"), message))
    problems += _same_variables(resources)
    warnings = [
        f"{path} has {len(text):,} bytes; client-side `kubectl apply` fails above {MAX_APPLIED:,}: "
        "use `kubectl apply --server-side`"
        for path, text in written.items()
        if len(text) > MAX_APPLIED
    ]
    return problems, warnings


class _Writer:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def all(self, resources: Sequence[Resource], files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
        for directory in (grafana.DATASOURCES, grafana.ALERTING):
            data = _directory(files, directory)
            if data:
                yield f"{directory}.yaml", yaml_text(self._config_map(f"gk-{directory}", data))
        directories = grafana.dashboards_of(resources)
        if directories:
            providers = grafana.provider_file(resources, lambda directory: f"{DASHBOARDS}/{directory}")
            yield "providers.yaml", yaml_text(self._config_map("gk-providers", {"gk.yaml": providers.decode()}))
        titles = {each.uid: each.title for each in resources if each.kind is Kind.FOLDER}
        for dashboards in directories.values():
            for each in dashboards:
                yield f"dashboards/{each.uid}.yaml", yaml_text(self._dashboard(each, titles.get(each.folder, "")))
        for name, group in rule_groups(resources).items():
            yield f"rules/{name}.yaml", yaml_text(self._prometheus_rule(name, group))

    def _config_map(self, name: str, data: Mapping[str, str], **metadata: Any) -> Manifest:
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": self._metadata(name, **metadata),
            "data": dict(data),
        }

    def _metadata(self, name: str, labels: Mapping[str, str] | None = None, **more: Any) -> dict[str, Any]:
        own = {"app.kubernetes.io/managed-by": "gk", **(labels or {}), **self.settings.object_labels}
        return {"name": name, "namespace": self.settings.namespace, "labels": own, **more}

    def _dashboard(self, each: Resource, folder: str) -> Manifest:
        annotations = {"annotations": {FOLDER_ANNOTATION: folder}} if folder else {}
        data = {f"{each.uid}.json": each.json.decode()}
        return self._config_map(_dashboard_name(each.uid), data, labels={LABEL: "1"}, **annotations)

    def _prometheus_rule(self, name: str, group: Mapping[str, Any]) -> Manifest:
        return {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": self._metadata(_object_name(f"gk-{name}")),
            "spec": {"groups": [group]},
        }

    # The patch

    def patch(self, resources: Sequence[Resource], files: Mapping[str, bytes]) -> Manifest:
        """A strategic merge patch of a Deployment: volumes, mounts, and environment variables for Secrets' keys."""
        volumes = list(self._volumes(resources, files))
        container: dict[str, Any] = {
            "name": self.settings.deployment,
            "volumeMounts": [{"name": name, "mountPath": path, "readOnly": True} for name, path, _ in volumes],
        }
        if environment := list(_environment(resources)):
            container["env"] = environment
        spec = {
            "containers": [container],
            "volumes": [
                {"name": name, "projected": {"sources": [{"configMap": {"name": source}} for source in sources]}}
                for name, _, sources in volumes
            ],
        }
        # Grafana reads data sources and rules at its start only: another checksum makes new pods.
        checksum = {"gk/provisioning": _checksum(files)}
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": self.settings.deployment, "namespace": self.settings.namespace},
            "spec": {"template": {"metadata": {"annotations": checksum}, "spec": spec}},
        }

    def _volumes(
        self, resources: Sequence[Resource], files: Mapping[str, bytes]
    ) -> Iterator[tuple[str, str, list[str]]]:
        """Name, mount path and ConfigMaps of each volume."""
        directories = grafana.dashboards_of(resources)
        for directory in (grafana.DATASOURCES, grafana.ALERTING):
            if _directory(files, directory):
                yield f"gk-{directory}", f"{grafana.PROVISIONING}/{directory}", [f"gk-{directory}"]
        if directories:
            yield "gk-providers", f"{grafana.PROVISIONING}/dashboards", ["gk-providers"]
        for directory in sorted(directories):
            names = sorted(_dashboard_name(each.uid) for each in directories[directory])
            yield _volume_name(f"gk-in-{directory}"), f"{DASHBOARDS}/{directory}", names


def _directory(files: Mapping[str, bytes], directory: str) -> dict[str, str]:
    """The YAML files of one directory of Grafana's tree, by name."""
    prefix = f"{directory}/"
    return {path.removeprefix(prefix): text.decode() for path, text in files.items() if path.startswith(prefix)}


def _checksum(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path, text in sorted(files.items()):
        if path.endswith(".yaml"):
            digest.update(path.encode() + b"\0" + text + b"\0")
    return digest.hexdigest()[:16]


def _environment(resources: Sequence[Resource]) -> Iterator[dict[str, Any]]:
    """An environment variable for each key of a Kubernetes Secret that a data source or a contact point needs."""
    found: dict[str, Mapping[str, str]] = {}
    for each in resources:
        if each.kind in _HAVE_SECRETS:
            found |= {secret["env"]: secret for secret in _secrets(each.body) if "name" in secret}
    for env, secret in sorted(found.items()):
        key = {"name": secret["name"], "key": secret["key"]}
        yield {"name": env, "valueFrom": {"secretKeyRef": key}}


def _same_variables(resources: Sequence[Resource]) -> Iterator[Problem]:
    """Different keys of Secrets that would be the same environment variable: `a-b`, `c` and `a`, `b-c`."""
    seen: dict[str, Mapping[str, str]] = {}
    for each in resources:
        if each.kind in _HAVE_SECRETS:
            for secret in _secrets(each.body):
                first = seen.setdefault(secret.get("env", ""), secret)
                if "name" in secret and first != secret:
                    both = " and ".join(f"'{one.get('name')}', '{one.get('key')}'" for one in (first, secret))
                    yield Problem(
                        each.source,
                        f"{each.kind.value} '{each.title}': the Secret keys {both} would both be the environment "
                        f"variable {secret['env']}; rename one of them",
                    )


def _secrets(value: Any) -> Iterator[Mapping[str, str]]:
    if isinstance(value, Mapping):
        if "$secret" in value:
            yield value["$secret"]
        for each in value.values():
            yield from _secrets(each)
    elif isinstance(value, list):
        for each in value:
            yield from _secrets(each)


def _dashboard_name(uid: str) -> str:
    return _object_name(f"gk-dashboard-{uid}")


def _object_name(name: str) -> str:
    """A name that Kubernetes takes (RFC 1123): lower case, and another one for uids that differ in case or in `_`."""
    plain = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _volume_name(name: str) -> str:
    # A volume's name has 63 characters at most, an object's 253.
    plain = _object_name(name)
    return plain if len(plain) <= 63 else f"{plain[:54]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
