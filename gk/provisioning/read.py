"""Reads a side from files: dashboards as JSON, provisioning files, rule files, Alertmanager's
configuration, Kubernetes manifests.

The opposite of gk.provisioning: the bodies are those of Grafana's HTTP API, as gk.compile makes
them. Other files are skipped, and nothing in a file is run. gk hides secrets in plain text where it
compares documents.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from gk.documents.durations import milliseconds
from gk.documents.exports import is_export, opened
from gk.documents.files import NotReadableError, documents
from gk.documents.names import slug
from gk.documents.parts import without
from gk.documents.schema_v2 import is_enveloped
from gk.documents.shapes import fault_of
from gk.errors import ConfigError, Problem, Source
from gk.provisioning.entries import BODIES, datasource_body, expanded, rule_body
from gk.provisioning.grafana import NOTIFYING
from gk.resource import Key, Kind, Resource, canonical

__all__ = ["Files", "read", "read_all"]

SUFFIXES = (".json", ".yaml", ".yml")
TEMPLATE = ".tmpl"
"""The suffix of Alertmanager's templates."""
MAX_BYTES = 64 << 20
WHAT_IS_READ = (
    "dashboards (JSON), Grafana's provisioning files, Prometheus's rule files, "
    "Alertmanager's configuration, or manifests of these"
)

_NOTHING = f"contains nothing that gk reads: {WHAT_IS_READ}"

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Files:
    """The contents of a folder or a file.

    `problems` says what could not be read, by file. `saved` has the uids of dashboards that Grafana
    saved, not gk.
    """

    resources: list[Resource]
    problems: tuple[Problem, ...]
    saved: frozenset[str]
    empty: tuple[Path, ...] = ()
    """Where nothing was found that gk reads."""


def read(path: Path) -> Files:
    """The resources of a folder or a file. Raises ConfigError if it does not exist, or contains
    nothing that gk reads."""
    if not path.exists():
        raise ConfigError(f"{path}: file or folder not found; give a built folder or a file")
    files = read_all([path])
    if files.empty:
        raise ConfigError(files.problems)
    return files


def read_all(paths: Iterable[Path]) -> Files:
    """The resources of some folders and files. One that contains nothing is a problem."""
    reader, empty = _Reader(), []
    for path in paths:
        before = reader.size
        for name, file in sorted(_files(path)) if path.is_dir() else [(path.name, path)]:
            reader.read(name, file)
        if reader.size == before:
            empty.append(path)
            reader.problems.append(Problem(Source(str(path)), _NOTHING))
    reader.finish()
    return Files(
        resources=list(reader.resources.values()),
        problems=tuple(sorted(reader.problems)),
        saved=frozenset(reader.saved),
        empty=tuple(empty),
    )


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    for folder, folders, names in os.walk(root):
        # Links to folders are not followed; a mounted ConfigMap links its files into a hidden one.
        folders[:] = [inner for inner in folders if not inner.startswith(".")]
        for name in names:
            file = Path(folder, name)
            is_read = name.endswith((*SUFFIXES, TEMPLATE)) and not name.startswith(".")
            if is_read and file.is_file():
                yield file.relative_to(root).as_posix(), file


@dataclass(frozen=True, slots=True)
class _Provider:
    directory: PurePosixPath
    title: str
    uid: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A dashboard; its folder is known once all providers are read."""

    body: dict[str, Any]
    uid: str
    title: str
    source: Source
    folder: str = ""
    folder_title: str = ""


@dataclass
class _Reader:
    """Reads one file after the other, in any form."""

    resources: dict[Key, Resource] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    saved: set[str] = field(default_factory=set)
    providers: list[_Provider] = field(default_factory=list)
    dashboards: list[_Found] = field(default_factory=list)
    later: list[Callable[[], None]] = field(default_factory=list)
    alertmanagers: list[tuple[Json, Source, str]] = field(default_factory=list)
    """Configurations of Alertmanager, and where the templates of each are: beside it in a folder or
    in a ConfigMap."""
    templates: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def size(self) -> int:
        """How much was found, whether it could be read or not."""
        parts: list[Sized] = [self.resources, self.problems, self.dashboards, self.later]
        parts += [self.providers, self.alertmanagers, self.templates]
        return sum(len(part) for part in parts)

    def read(self, name: str, file: Path) -> None:
        """Read a file."""
        try:
            text = file.read_bytes() if file.stat().st_size <= MAX_BYTES else None
        except OSError as error:
            self.problems.append(Problem(Source(name), f"cannot be read: {error.strerror}"))
            return
        if text is None:
            message = f"has more than {MAX_BYTES >> 20} MiB; leave it out, or split it"
            self.problems.append(Problem(Source(name), message))
        else:
            self._text(name, text, Source(name))

    def finish(self) -> None:
        """Add resources that refer to folders, now that the uids of folders are known."""
        # Rules name folders by their titles, and a provider in a later file may give the uid.
        for add in self.later:
            add()
        for config, source, place in self.alertmanagers:
            body = {"config": config, "templates": self.templates.get(place, {})}
            self._add(Kind.ALERTMANAGER, "alertmanager", body, source, title="Alertmanager")
        for dashboard in self.dashboards:
            folder = self._folder_of(dashboard)
            self._add(
                Kind.DASHBOARD,
                dashboard.uid,
                dashboard.body,
                dashboard.source,
                title=dashboard.title,
                folder=folder,
            )

    def _text(self, name: str, text: bytes, source: Source, folder_title: str = "") -> None:
        place = str(PurePosixPath(name).parent) if name == source.file else source.file
        try:
            if name.endswith(TEMPLATE):
                self.templates[place][PurePosixPath(name).name] = text.decode()
                return
            for document in documents(name, text):
                if _is_alertmanager(document):
                    self.alertmanagers.append((document, source, place))
                else:
                    self._document(document, source, folder_title, name)
        except NotReadableError as error:
            # Lines of a ConfigMap's entry are not those of the file that it is in.
            is_file = name == source.file
            message = f"{'' if is_file else f'its entry {name} '}{error}; fix it, or leave it out"
            self.problems.append(
                Problem(Source(source.file, error.line if is_file else 0), message)
            )
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            message = f"is malformed: {fault_of(error)}; fix it, or leave it out"
            self.problems.append(Problem(source, message))

    def _document(self, body: Any, source: Source, folder_title: str = "", name: str = "") -> None:
        if not isinstance(body, dict):
            return
        if isinstance(body.get("kind"), str) and isinstance(body.get("apiVersion"), str):
            self._object(body, source)
        elif isinstance(body.get("dashboard"), dict) and "panels" not in body:
            meta = body.get("meta") or {}
            self._dashboard(
                body["dashboard"],
                source,
                meta.get("folderUid") or "",
                meta.get("folderTitle") or folder_title,
                is_saved="meta" in body,
            )
        elif _is_dashboard(body):
            self._dashboard(body, source, "", folder_title)
        elif "apiVersion" in body:
            self._provisioning(body, source)
        elif isinstance(body.get("groups"), list):
            self._prometheus(body["groups"], source, name)

    # Kubernetes

    def _object(self, body: dict[str, Any], source: Source) -> None:
        kind, metadata = body["kind"], body.get("metadata") or {}
        if kind.endswith("List") and isinstance(body.get("items"), list):
            for item in body["items"]:
                self._document(item, source)
        elif kind == "PrometheusRule":
            self._prometheus((body.get("spec") or {}).get("groups") or [], source)
        elif kind == "ConfigMap":
            annotations = metadata.get("annotations") or {}
            for name, text in sorted((body.get("data") or {}).items()):
                if name.endswith((*SUFFIXES, TEMPLATE)) and isinstance(text, str):
                    self._text(
                        name, text.encode(), source, str(annotations.get("grafana_folder") or "")
                    )
        elif is_export(body):
            dashboard, uid, folder = opened(body)
            dashboard = {**dashboard, "uid": uid} if uid else dashboard
            # Grafana adds metadata to what it saves; gk build writes the name alone.
            is_saved = not is_enveloped(body) or metadata.keys() != {"name"}
            self._dashboard(dashboard, source, folder, "", is_saved=is_saved)

    # Dashboards

    def _dashboard(
        self,
        body: dict[str, Any],
        source: Source,
        folder: str,
        folder_title: str,
        *,
        is_saved: bool = False,
    ) -> None:
        # Only an export for other Grafanas has these two; no Grafana stores them.
        dashboard = without(body, "__inputs", "__requires")
        title = str(body.get("title") or PurePosixPath(source.file).stem)
        dashboard["uid"] = uid = str(body.get("uid") or slug(title))
        if (
            is_saved
            or body.get("id") is not None
            or {"version", "iteration", "__inputs"} & body.keys()
        ):
            self.saved.add(uid)
        # General is Grafana's name for the root, which is not a folder.
        if folder_title in ("", "General"):
            folder_title = ""
        self.dashboards.append(_Found(dashboard, uid, title, source, folder, folder_title))

    def _folder_of(self, dashboard: _Found) -> str:
        if dashboard.folder or dashboard.folder_title:
            return self._folder(
                dashboard.folder_title or dashboard.folder, dashboard.source, dashboard.folder
            )
        directory = PurePosixPath(dashboard.source.file).parent
        provider = max(
            self.providers,
            key=lambda candidate: _shared(candidate.directory, directory),
            default=None,
        )
        if provider is None or not provider.title or not _shared(provider.directory, directory):
            return ""
        return self._folder(provider.title, dashboard.source, provider.uid)

    def _folder(self, title: str, source: Source, uid: str = "") -> str:
        """The uid of a folder; adds it, and as `gk build` flattens paths, those that it is in."""
        known = next((provider.uid for provider in self.providers if provider.title == title), "")
        uid = uid or known or slug(title)
        names = title.split("/")
        is_path = len(names) > 1 and all(names) and uid == slug(title)
        parent = self._folder("/".join(names[:-1]), source) if is_path else ""
        body = {
            "uid": uid,
            "title": names[-1] if is_path else title,
            **({"parentUid": parent} if parent else {}),
        }
        self.resources.setdefault(
            (Kind.FOLDER, uid), Resource(Kind.FOLDER, uid, title, parent, canonical(body), source)
        )
        return uid

    # Provisioning files

    def _provisioning(self, body: Json, source: Source) -> None:
        for entry in body.get("providers") or ():
            path = PurePosixPath(str(expanded((entry.get("options") or {}).get("path") or "")))
            title = expanded(entry.get("folder") or "")
            self.providers.append(_Provider(path, title, str(entry.get("folderUid") or "")))
        for entry in body.get("datasources") or ():
            datasource = datasource_body(entry)
            self._add(
                Kind.DATASOURCE, datasource["uid"], datasource, source, title=datasource["name"]
            )
        for group in body.get("groups") or ():
            self.later.append(partial(self._rule_group, group, source))
        for kind, file in NOTIFYING.items():
            for entry in body.get(file.key) or ():
                document, uid, title = BODIES[kind](entry)
                self._add(kind, uid, document, source, title=title)

    def _rule_group(self, group: Json, source: Source) -> None:
        try:
            name = expanded(group["name"])
            folder = self._folder(expanded(group["folder"]), source)
            seconds = (milliseconds(str(group["interval"])) or 0) // 1000
            rules = [rule_body(rule, name, folder) for rule in group["rules"]]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"has a malformed rule group: {fault_of(error)}; fix it"
            self.problems.append(Problem(source, message))
            return
        body = {"title": name, "folderUid": folder, "interval": seconds, "rules": rules}
        self._add(Kind.RULE_GROUP, f"{folder}/{name}", body, source, title=name, folder=folder)

    def _prometheus(self, groups: Iterable[Json], source: Source, file: str = "") -> None:
        for group in groups:
            name = str(group["name"])
            # Prometheus tells groups of one name apart by their files. A built folder has each
            # three times: in a rule file, and in a manifest and an entry of one of the same name.
            stem = PurePosixPath(file or source.file).stem
            uids = (name, f"{stem}: {name}", f"{source.file}: {name}")
            uid = next((uid for uid in uids if self._is_free(uid, group)), uids[-1])
            self._add(Kind.PROMETHEUS_GROUP, uid, group, source, title=name)

    def _is_free(self, uid: str, group: Json) -> bool:
        known = self.resources.get((Kind.PROMETHEUS_GROUP, uid))
        return known is None or known.json == canonical(group)

    def _add(
        self, kind: Kind, uid: str, body: Any, source: Source, *, title: str = "", folder: str = ""
    ) -> None:
        """Add a resource; the same one may already exist in another form."""
        try:
            resource = Resource(kind, str(uid), str(title or uid), folder, canonical(body), source)
        except TypeError as error:
            self.problems.append(
                Problem(source, f"{kind.value} '{title or uid}' is not JSON: {error}; fix it")
            )
            return
        first = self.resources.setdefault((kind, resource.uid), resource)
        if first.json != resource.json:
            message = (
                f"{kind.value} '{title or uid}': {first.source} uses the same uid '{uid}'; "
                "remove one"
            )
            self.problems.append(Problem(source, message))


def _is_dashboard(body: Json) -> bool:
    # Schema v2, which Grafana 12 exports, has neither panels nor a schemaVersion.
    if {"elements", "layout"} <= body.keys():
        return True
    is_listed = isinstance(body.get("panels"), list) or isinstance(body.get("rows"), list)
    return "title" in body and (is_listed or "schemaVersion" in body or "templating" in body)


def _is_alertmanager(body: Any) -> bool:
    return (
        isinstance(body, dict)
        and isinstance(body.get("route"), dict)
        and isinstance(body.get("receivers"), list)
    )


def _shared(path: PurePosixPath, directory: PurePosixPath) -> int:
    """The number of parts that the end of a provider's path has in common with a directory, or with
    a parent of it."""
    return max((_shared_end(path, parent) for parent in (directory, *directory.parents)), default=0)


def _shared_end(one: PurePosixPath, other: PurePosixPath) -> int:
    count = 0
    for left, right in zip(reversed(one.parts), reversed(other.parts), strict=False):
        if left != right:
            break
        count += 1
    return count
