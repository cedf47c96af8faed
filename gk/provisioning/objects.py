"""What the outputs for Kubernetes share: names and metadata of objects, and kustomizations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gk.settings import Settings
from gk.settings.object_names import object_name

__all__ = ["MAX_DATA", "Manifest", "config_map", "kustomization", "metadata_of", "name_of"]

MAX_DATA = 1_048_576
"""Bytes of all values of a ConfigMap together; the API server refuses more."""

PROJECT_LABEL = "gk/project"

Manifest = dict[str, Any]


def name_of(settings: Settings, what: str) -> str:
    """The name of an object: `gk-shop.datasources` in the project `shop`, and `gk-datasources`
    without a project.

    Only the dot ends the project, so that no object of one project is one of another's.
    """
    project = settings.identity
    return (
        f"{object_name(f'gk-{project}')}.{object_name(what)}"
        if project
        else object_name(f"gk-{what}")
    )


def metadata_of(
    settings: Settings, name: str, labels: Mapping[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    """The metadata of an object of this name."""
    # The settings' labels come last, so that a project can replace the others.
    project = {PROJECT_LABEL: settings.identity} if settings.identity else {}
    own = {
        "app.kubernetes.io/managed-by": "gk",
        **project,
        **(labels or {}),
        **settings.object_labels,
    }
    return {"name": name, "namespace": settings.namespace, "labels": own, **more}


def config_map(settings: Settings, name: str, data: Mapping[str, str], **metadata: Any) -> Manifest:
    """A ConfigMap of texts."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata_of(settings, name, **metadata),
        "data": dict(data),
    }


def kustomization(paths: Sequence[str]) -> Manifest:
    """A kustomization of these files."""
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(paths),
    }
