"""Writes what was read into a project: an existing one, whose data sources and snippets the new
definitions use, or a new one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gk.compile import compile
from gk.decompile import SNIPPETS, decompile
from gk.decompile.datasources import EXTERNAL, known_datasources
from gk.decompile.files import Placed, place, there, without
from gk.decompile.inputs import with_inputs
from gk.decompile.proof import Project as Target
from gk.decompile.proof import Proven, malformed, proven
from gk.decompile.queries import known_snippets, module_of
from gk.decompile.samples import replaced_samples
from gk.decompile.secrets import with_references
from gk.define.datasource import Datasource
from gk.documents.names import slug
from gk.explain.reference import built_in
from gk.project import FOLDERS, Project, load
from gk.resource import Key, Kind, Resource
from gk.settings import SETTINGS_FILE, read
from gk.settings.object_names import project_mistake

__all__ = ["Written", "into_project"]


class Written(NamedTuple):
    """What was written: what was read with its inputs and secrets filled in, the definitions, and
    their files; the data source of each input, and what each environment variable is for. What
    the project defines `elsewhere`, in another file than it would get, is left to that."""

    resources: Sequence[Resource]
    proven: Proven
    placed: Placed
    inputs: dict[str, str]
    secrets: dict[str, str]
    elsewhere: Mapping[Key, str]


def into_project(
    root: Path,
    resources: Sequence[Resource],
    environment: str = "",
    *,
    is_pushed: bool = False,
    dry_run: bool = False,
) -> Written:
    """Write definitions of resources into the project in `root`, or into a new one.

    The sample of `gk init` gives way to a data source that was read. Raises ConfigError if a file
    is there with another text, and DefinitionError for mistakes in the definitions that are there.
    """
    samples = replaced_samples(root, resources)
    with without(root, samples) as left:
        made = _made(root, left, samples, resources, environment, is_pushed=is_pushed)
    placed = place(root, made.files, without=samples, dry_run=dry_run)
    return Written(made.resources, made.proven, placed, made.inputs, made.secrets, made.elsewhere)


class _Made(NamedTuple):
    """What is `Written`, and not yet there."""

    resources: Sequence[Resource]
    proven: Proven
    files: Mapping[str, str]
    inputs: dict[str, str]
    secrets: dict[str, str]
    elsewhere: Mapping[Key, str]


def _made(
    root: Path,
    left: Path,
    samples: Sequence[str],
    resources: Sequence[Resource],
    environment: str,
    *,
    is_pushed: bool,
) -> _Made:
    """Definitions for the project in `root`, of which `left` is what will be there."""
    project = _project(root, environment)
    settings = project.settings if project else read(root, environment)
    others = there(root) if root.is_dir() else {}
    own_datasources = [
        definition
        for definition in (project.of(Datasource) if project else ())
        if definition.source.file not in samples
    ]
    datasources = known_datasources(own_datasources, others)
    uids = {datasource.name: datasource.uid for datasource in datasources}
    filled, inputs = [*resources], dict[str, str]()
    if not is_pushed:
        # What a dashboard in Grafana names is there, or is nowhere.
        default = _default([definition.value for definition in own_datasources])
        filled, inputs = with_inputs(resources, default, uids)
    filled, secrets = with_references(filled)
    if not is_pushed:
        filled = [_in_folder(resource, settings.folder) for resource in filled]
    own = {} if SETTINGS_FILE in others else {SETTINGS_FILE: _settings(root.name, filled)}
    would = decompile(
        filled,
        known=datasources,
        default_folder=settings.folder,
        kept=malformed(filled).keys(),
    )
    elsewhere = {
        key: file
        for key, file in _elsewhere(project, would.of, is_pushed=is_pushed).items()
        if file not in samples
    }
    own_snippets = project.snippets if project else []
    known = known_snippets(dict.fromkeys([*own_snippets, *built_in()]), settings.labels)
    for module in _numbered(SNIPPETS):
        # The same files, imported once more, become the same definitions.
        proof = proven(
            filled,
            Target(left if left.is_dir() else None, own, environment),
            known=datasources,
            snippets=[snippet for snippet in known if module_of(snippet) != module],
            module=module,
            external=_unused("datasources", EXTERNAL, others),
            default_folder=settings.folder,
            elsewhere=elsewhere.keys(),
            is_pushed=is_pushed,
        )
        file = f"dashboards/{module}.py"
        if others.get(file) in (None, proof.definitions.files.get(file)):
            break
    files = {**own, **proof.definitions.files}
    return _Made(filled, proof, files, inputs, secrets, elsewhere)


def _elsewhere(
    project: Project | None, files: Mapping[Key, str], *, is_pushed: bool
) -> dict[Key, str]:
    """Where the project defines resources that would get other files."""
    if project is None:
        return {}
    own = {resource.key: resource.source.file for resource in compile(project, is_pushed=is_pushed)}
    return {key: own[key] for key, file in files.items() if own.get(key, file) != file}


def _numbered(name: str) -> Iterator[str]:
    """A name, and others like it."""
    return itertools.chain([name], (f"{name}_{number}" for number in itertools.count(2)))


def _unused(folder: str, name: str, files: Mapping[str, str]) -> str:
    """A name for a module beside those that are there."""
    return next(numbered for numbered in _numbered(name) if f"{folder}/{numbered}.py" not in files)


def _project(root: Path, environment: str) -> Project | None:
    """The project in a folder; None if it has no definitions."""
    has_some = any(any((root / folder).rglob("*")) for folder in FOLDERS)
    return load(root, environment) if has_some else None


def _default(datasources: Sequence[Datasource]) -> str:
    """The uid of a project's only or default Prometheus; empty without one."""
    own = [datasource for datasource in datasources if datasource.type == "prometheus"]
    default = next(
        (datasource for datasource in own if datasource.default), own[0] if len(own) == 1 else None
    )
    return default.uid if default else ""


def _in_folder(resource: Resource, default: str) -> Resource:
    """A dashboard whose file does not say its folder, in the project's."""
    if resource.kind is not Kind.DASHBOARD or resource.folder or not default:
        return resource
    return replace(resource, folder=slug(default))


def _settings(name: str, resources: Sequence[Resource]) -> str:
    """The text of gk.yaml for a new project: its name, and the output that has all of this."""
    kinds = {resource.kind for resource in resources}
    formats = [
        *(["grafana"] if kinds - {Kind.PROMETHEUS_GROUP} else []),
        *(["prometheus"] if Kind.PROMETHEUS_GROUP in kinds else []),
    ]
    project = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-_.")[:40]
    named = "imported" if not project or project_mistake(project) else project
    # A rule file says which engine evaluates its alerts.
    engine = {Kind.PROMETHEUS_GROUP: "prometheus", Kind.RULE_GROUP: "grafana"}
    engines = [name for kind, name in engine.items() if kind in kinds]
    alerts = f"alerts: {engines[0]}\n" if len(engines) == 1 else ""
    return f"project: {named}\n{alerts}build:\n  formats: [{', '.join(formats)}]\n"
