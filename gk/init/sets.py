"""The dashboards and alerts that ship with gk, by the name that `gk init --with` takes.

A set names its modules. What these import, and the runbooks of their alerts, come with them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from types import MappingProxyType

__all__ = ["ALL", "RUNBOOKS", "SETS", "Set", "elsewhere", "files_of"]

ALL = "all"
RUNBOOKS = "docs/runbooks"
"""Where a repository has its runbooks."""


@dataclass(frozen=True, slots=True)
class Set:
    """Definitions that belong together, and the exporters that they need."""

    needs: str
    modules: tuple[str, ...]


SETS: Mapping[str, Set] = MappingProxyType(
    {
        "node": Set(
            "node exporter",
            ("dashboards/node.py", "dashboards/node_detail.py", "alerts/node.py"),
        ),
        "cadvisor": Set(
            "cAdvisor, kube-state-metrics",
            (
                "dashboards/cadvisor.py",
                "dashboards/cadvisor_namespace.py",
                "dashboards/cadvisor_node.py",
                "dashboards/cadvisor_pod.py",
                "dashboards/network.py",
                "alerts/cadvisor.py",
                "alerts/pods.py",
            ),
        ),
        "apiserver": Set("kube-apiserver", ("dashboards/apiserver.py", "alerts/apiserver.py")),
        "kubelet": Set(
            "kubelet, kube-state-metrics", ("dashboards/kubelet.py", "alerts/kubelet.py")
        ),
        "control-plane": Set(
            "etcd, kube-scheduler, kube-controller-manager, CoreDNS, kube-proxy",
            ("dashboards/control_plane.py", "alerts/control_plane.py"),
        ),
        "workloads": Set(
            "kube-state-metrics, cAdvisor", ("dashboards/workloads.py", "alerts/workloads.py")
        ),
        "volumes": Set(
            "kubelet, kube-state-metrics", ("dashboards/volumes.py", "alerts/volumes.py")
        ),
        "cluster": Set("all of the above", ("dashboards/cluster.py",)),
        "monitoring": Set(
            "Prometheus, Alertmanager, Grafana",
            ("dashboards/monitoring.py", "alerts/monitoring.py", "alerts/watchdog.py"),
        ),
        "blackbox": Set("blackbox exporter", ("dashboards/blackbox.py", "alerts/blackbox.py")),
    }
)


def files_of(names: Iterable[str]) -> dict[str, str]:
    """The files of the sets, with all that they need: texts by path."""
    wanted = [module for name in names for module in SETS[name].modules]
    texts: dict[str, str] = {}
    while wanted:
        path = wanted.pop()
        if path not in texts:
            texts[path] = _text(path)
            wanted += _imported(texts[path])
    runbooks = _runbooks()
    for text in list(texts.values()):
        texts |= {f"{RUNBOOKS}/{name}": runbooks[name] for name in _runbooks_of(text)}
    return dict(sorted(texts.items()))


def elsewhere(names: Iterable[str]) -> list[str]:
    """Names of other sets whose dashboards those of the sets link to."""
    brought = files_of(names)
    uids = {uid for text in brought.values() for uid in _LINK.findall(text)}
    # A module of dashboards/ is named after the uid.
    paths = {f"dashboards/{uid.replace('-', '_')}.py" for uid in uids} - brought.keys()
    return [name for name, set_ in SETS.items() if paths & set(set_.modules)]


# A path to a dashboard, or the argument of an alert.
_LINK = re.compile(r"""(?:/d/|dashboard=")([a-z][a-z-]*)""")


def _imported(text: str) -> Iterator[str]:
    """The files of dashboards/ and alerts/ that a module imports."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.ImportFrom(module=("dashboards" | "alerts") as folder):
                yield from (f"{folder}/{alias.name}.py" for alias in node.names)
            case ast.ImportFrom(module=str(module)) if module.startswith(
                ("dashboards.", "alerts.")
            ):
                yield f"{module.replace('.', '/')}.py"


def _runbooks_of(text: str) -> Sequence[str]:
    """The runbooks of the alerts in a module."""
    constants = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    names = {f"{node.value}.md" for node in constants if isinstance(node.value, str)}
    return sorted(names & _runbooks().keys())


def _text(path: str) -> str:
    return (files("gk.init") / "shipped").joinpath(*PurePosixPath(path).parts).read_text("utf-8")


@cache
def _runbooks() -> Mapping[str, str]:
    folder = files("gk.init") / "shipped" / "runbooks"
    return {file.name: file.read_text("utf-8") for file in folder.iterdir()}
