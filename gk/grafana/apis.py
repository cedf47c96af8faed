"""Grafana's resource API (/apis), which serves dashboards and folders as Kubernetes serves its
objects.

A list comes in pages, and without the documents if that is asked for. Each object has a version
that a write names, so Grafana itself refuses a write that comes too late (409). Its old API checks
a version, and then writes whatever is there by then (12.4, pkg/services/dashboards/service:
saveDashboardThroughK8s).

Grafana serves dashboards there since 12.0. What is written here was seen on 12.4.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from gk.grafana.answers import Shape
from gk.grafana.errors import GrafanaError, MalformedError, UnansweredError

__all__ = [
    "DASHBOARDS",
    "FOLDER",
    "FOLDERS",
    "IDENTITIES",
    "MESSAGE",
    "OBJECT",
    "Apis",
    "Collection",
    "Group",
    "discovered",
    "heads",
    "objects",
]

PAGE = 500
"""Objects per page."""

FOLDER = "grafana.app/folder"
MESSAGE = "grafana.app/message"

METADATA: Shape = {
    "name": str,
    "uid?": str,
    "resourceVersion?": str,
    "generation?": int,
    "creationTimestamp?": str,
    "labels?": {"*": str},
    "annotations?": {"*": str},
}
OBJECT: Shape = {"metadata": METADATA, "spec": dict, "status?": dict}
_GROUPS: Shape = {"groups": [{"name": str, "versions": [{"version": str}]}]}
_SETTINGS: Shape = {"namespace?": str, "featureToggles?": dict}
# Grafana's own, by which its pages show what schema v2 adds: off in 12.4, on from 13.0
# (pkg/services/featuremgmt/registry.go at 12.4.0; grafana/grafana#121836).
_LAYOUTS = "dashboardNewLayouts"
# Without the documents, which are nearly all of a list.
_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"


class _Reader(Protocol):
    """What discovery and lists need of a client."""

    def get(
        self, path: str, shape: Shape = ..., accept: str = ..., /, **parameters: str | int
    ) -> Any:
        """Grafana's answer to a GET."""


@dataclass(frozen=True, slots=True)
class Group:
    """An API group, its objects, and the versions in which gk reads and writes them: the first that
    is served. Nothing is used of a Grafana that does not serve one of `mature`: before, the group
    is behind a feature toggle."""

    name: str
    resource: str
    kind: str
    versions: tuple[str, ...]
    mature: frozenset[str]


# v0alpha1 is what the old API writes: the document as it was sent. v1beta1 and v1 migrate it.
DASHBOARDS = Group(
    "dashboard.grafana.app",
    "dashboards",
    "Dashboard",
    ("v0alpha1", "v1", "v1beta1"),
    frozenset({"v1beta1", "v1"}),
)
IDENTITIES = "iam.grafana.app"
FOLDERS = Group(
    "folder.grafana.app", "folders", "Folder", ("v1", "v1beta1"), frozenset({"v1beta1", "v1"})
)


@dataclass(frozen=True, slots=True)
class Collection:
    """The objects of a group in the account's organization: their path, and what a write says that
    they are."""

    path: str
    api_version: str
    kind: str

    @property
    def version(self) -> str:
        """The version of its group."""
        return self.api_version.rpartition("/")[2]

    def body(self, metadata: Mapping[str, Any], spec: Any) -> dict[str, Any]:
        """An object, as it is sent."""
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": dict(metadata),
            "spec": spec,
        }


@dataclass(frozen=True, slots=True)
class Apis:
    """What a Grafana serves: the versions of each group, and the namespace of the account's
    organization.

    Without `shows_v2`, its pages show a dashboard of schema v2 as a classic one.
    """

    namespace: str = ""
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shows_v2: bool = True

    def collection(self, group: Group, version: str = "") -> Collection | None:
        """The objects of a group, in this or in the preferred version; None where Grafana does not
        serve them."""
        served = self.versions.get(group.name, ())
        if not self.namespace or not group.mature.intersection(served):
            return None
        if version and version not in served:
            return None
        version = version or next(candidate for candidate in group.versions if candidate in served)
        api_version = f"{group.name}/{version}"
        base = f"/apis/{api_version}/namespaces/{self.namespace}"
        return Collection(f"{base}/{group.resource}", api_version, group.kind)

    def serves(self, group: Group, version: str) -> bool:
        """Whether a group is served in a version."""
        return self.collection(group, version) is not None

    def path(self, group: str, resource: str) -> str:
        """The path of anything else that a group serves; empty if it is not served."""
        served = self.versions.get(group, ())
        return f"/apis/{group}/{served[0]}/namespaces/{self.namespace}/{resource}" if served else ""


def discovered(client: _Reader) -> Apis:
    """What a Grafana serves; nothing before 12, for an account that may not ask, or behind a proxy
    that lets only the old API through. Raises UnansweredError."""
    try:
        groups = client.get("/apis", _GROUPS)["groups"]
        versions = {
            group["name"]: tuple(version["version"] for version in group["versions"])
            for group in groups
        }
        if not DASHBOARDS.mature.intersection(versions.get(DASHBOARDS.name, ())):
            return Apis()
        # `default` for the first organization, and a name of its own in Grafana Cloud.
        settings = client.get("/frontend/settings", _SETTINGS)
    except UnansweredError:
        raise
    except GrafanaError:
        return Apis()
    toggles = settings.get("featureToggles")
    # A Grafana that does not name its toggles may have any.
    shows_v2 = toggles is None or bool(toggles.get(_LAYOUTS))
    return Apis(settings.get("namespace") or "", versions, shows_v2)


def objects(client: _Reader, collection: Collection) -> Iterator[Mapping[str, Any]]:
    """Every object of a collection that the account may see, with its document."""
    return _every(client, collection, {"items": [OBJECT, None]}, "application/json")


def heads(client: _Reader, collection: Collection) -> Iterator[Mapping[str, Any]]:
    """The metadata of every object of a collection that the account may see."""
    shape = {"items": [{"metadata": METADATA}, None]}
    for item in _every(client, collection, shape, _METADATA_ONLY):
        yield item["metadata"]


def _every(
    client: _Reader, collection: Collection, shape: Shape, accept: str
) -> Iterator[Mapping[str, Any]]:
    token, seen = "", set[str]()
    while token not in seen:
        seen.add(token)
        where = {"continue": token} if token else {}
        answer = client.get(
            collection.path,
            {"metadata": {"continue?": str}, **shape},
            accept,
            limit=PAGE,
            **where,
        )
        yield from answer["items"] or ()
        token = answer["metadata"].get("continue") or ""
        if not token:
            return
    raise MalformedError(f"GET {collection.path}: its pages do not end")
