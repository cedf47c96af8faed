"""deploy/, copied and built, and its scrape configuration without a Kubernetes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from gk.compile import compile
from gk.project import load
from gk.provisioning import tree, write
from gk.settings import read

__all__ = [
    "BASE",
    "CONTROL_PLANE",
    "DEPLOY",
    "DIRECT",
    "PROJECTS",
    "build",
    "copy",
    "endpoint",
    "pod",
    "scraping",
]

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
PROJECTS = ("stack", "notifications", "demo")
BASE = "kubernetes/base"
DIRECT = {
    "EXTERNAL_LABELS": "{}",
    "REMOTE_WRITE": "[]",
    "KUBELET_ADDRESS": "$1",
    "KUBELET_PATH": "",
    "KUBELET_INSECURE": "true",
    "CONTROL_PLANE": "none",
}
"""The variables of the StatefulSet; tests/deploy/test_deploy.py checks that it sets each."""
CONTROL_PLANE = {"CONTROL_PLANE": "etcd|kube-proxy|kube-scheduler|kube-controller-manager"}
"""Those that components/control-plane changes; tests/deploy/test_deploy.py checks that it does."""

Targets = Sequence[Mapping[str, Any]]


def copy(root: Path, projects: Sequence[str] = PROJECTS) -> Path:
    """Copy deploy/ into a folder, with the definitions that it links to, and build `projects`."""
    for name in ("dashboards", "alerts", "deploy"):
        ignored = shutil.ignore_patterns("provisioning", "__pycache__")
        shutil.copytree(ROOT / name, root / name, symlinks=True, ignore=ignored)
    for name in projects:
        build(root / "deploy" / name)
    return root / "deploy"


def build(project: Path) -> None:
    """What gk build writes."""
    output = project / "provisioning"
    write(tree(compile(load(project)), read(project), output).files, output)


def endpoint(
    address: str,
    service: str,
    annotations: Mapping[str, str] | None = None,
    *,
    namespace: str = "monitoring",
    port: str = "metrics",
    node: str = "worker-1",
    phase: str = "Running",
) -> Mapping[str, Any]:
    """A target as the discovery of endpoint slices finds it."""
    labels = {
        "__meta_kubernetes_namespace": namespace,
        "__meta_kubernetes_service_name": service,
        "__meta_kubernetes_service_label_app_kubernetes_io_name": service,
        "__meta_kubernetes_endpointslice_port_name": port,
        "__meta_kubernetes_pod_node_name": node,
        "__meta_kubernetes_pod_phase": phase,
    }
    labels |= {
        f"__meta_kubernetes_service_annotation_{re.sub('[^a-zA-Z0-9_]', '_', name)}": value
        for name, value in (annotations or {}).items()
    }
    return {"targets": [address], "labels": labels}


def pod(
    ip: str, app: str, *, port: int = 0, node: str = "control-1", phase: str = "Running"
) -> Mapping[str, Any]:
    """A target as the discovery of pods in kube-system finds it: kubeadm's static pods have a label
    of their own, and no port."""
    is_static = app not in ("kube-dns", "kube-proxy")
    labels = {
        "__meta_kubernetes_namespace": "kube-system",
        "__meta_kubernetes_pod_ip": ip,
        "__meta_kubernetes_pod_node_name": node,
        "__meta_kubernetes_pod_phase": phase,
        f"__meta_kubernetes_pod_label_{'component' if is_static else 'k8s_app'}": app,
    }
    if port:
        labels["__meta_kubernetes_pod_container_port_number"] = str(port)
    return {"targets": [f"{ip}:{port}" if port else ip], "labels": labels}


def scraping(
    folder: Path,
    discovered: Mapping[str, Targets],
    *,
    variables: Mapping[str, str] = DIRECT,
    substitutions: Mapping[str, str] | None = None,
) -> Path:
    """Write the configuration of deploy/kubernetes for a Prometheus outside of Kubernetes.

    `discovered` has the targets of each job, and of `alertmanagers`, in place of what Kubernetes
    would say. Only http is spoken, and without a token.
    """
    text = (DEPLOY / BASE / "prometheus/prometheus.yml").read_text(encoding="utf-8")
    text = re.sub(r"\$\((\w+)\)", lambda match: variables[match[1]], text)
    for old, new in (substitutions or {}).items():
        assert old in text, old
        text = text.replace(old, new)
    config = yaml.safe_load(text)
    for job in config["scrape_configs"]:
        _without_kubernetes(job, job["job_name"], discovered, folder)
    for alerting in config["alerting"]["alertmanagers"]:
        _without_kubernetes(alerting, "alertmanagers", discovered, folder)
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return file


def _without_kubernetes(
    job: dict[str, Any], name: str, discovered: Mapping[str, Targets], folder: Path
) -> None:
    for key in ("scheme", "authorization", "tls_config"):
        job.pop(key, None)
    if job.pop("kubernetes_sd_configs", None):
        file = folder / f"{name}.json"
        file.write_text(json.dumps(list(discovered.get(name, ()))), encoding="utf-8")
        job["file_sd_configs"] = [{"files": [str(file)]}]
