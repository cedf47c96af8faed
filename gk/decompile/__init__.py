"""Turns resources into definitions in Python: the opposite of gk.compile.

It takes resources from any source (files, a running Grafana) and returns the text of modules. It
writes no files, and does not know whether a definition is right: gk.decompile.proof builds them and
compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from gk.decompile.dashboards import Parts, Surroundings, dashboard_code, leaves_default
from gk.decompile.datasources import EXTERNAL, Datasources, KnownDatasource
from gk.decompile.library_panels import library_panel_code
from gk.decompile.names import IMPORTED, Names, identifier
from gk.decompile.notifications import (
    contact_point_code,
    mute_timing_code,
    policy_code,
    template_code,
)
from gk.decompile.python import Call, Code, Name, assignment, module, text
from gk.decompile.queries import Asked, Known, Snippets, shared_queries
from gk.decompile.rules import compared, grafana_group_code, prometheus_group_code
from gk.documents.dashboards import normalized
from gk.documents.names import folder_names, folder_path, slug
from gk.documents.parts import dicts, every_panel, path, without
from gk.documents.references import GRAFANAS_DEFAULT, references
from gk.documents.schema_v2 import as_classic, enveloped, is_v2, spec_of
from gk.documents.shapes import Json
from gk.errors import Problem
from gk.promql.syntax import tidy
from gk.resource import Key, Kind, Resource, canonical

__all__ = ["EXTERNAL", "SNIPPETS", "Counts", "Definitions", "Parts", "decompile"]

SNIPPETS = "queries"
"""The module of snippets, in dashboards/, unless there is one of this name."""
_NOTIFICATIONS = "notifications"
_LIBRARY = "library_panels"
_INDENT = 8
"""Where a dashboard's panels start."""


@dataclass
class Counts:
    """What became of the panels and queries: panels, those with `extra`, those that stay JSON;
    texts of queries that occur twice or more, and how many of them are a snippet; lines; and the
    code of each panel."""

    panels: int = 0
    with_extra: int = 0
    as_json: int = 0
    repeated: int = 0
    shared: int = 0
    lines: int = 0
    codes: list[Code] = field(default_factory=list)

    @property
    def lines_of_panels(self) -> list[int]:
        """The lines of each panel's own code."""
        return [text(code, _INDENT, _INDENT).count("\n") + 1 for code in self.codes]


@dataclass(frozen=True)
class Definitions:
    """The modules of a project by their paths, the file that defines each resource and the variable
    there, what could not be written, and counts."""

    files: Mapping[str, str]
    of: Mapping[Key, str]
    variables: Mapping[Key, str]
    problems: Sequence[Problem]
    counts: Counts


def decompile(
    resources: Sequence[Resource],
    *,
    known: Iterable[KnownDatasource] = (),
    snippets: Sequence[Known] = (),
    module: str = SNIPPETS,
    external: str = EXTERNAL,
    default_folder: str = "",
    as_json: Mapping[Key, Parts] | None = None,
    kept: Set[Key] = frozenset(),
    elsewhere: Set[Key] = frozenset(),
) -> Definitions:
    """Return modules that define the resources.

    `known` are the data sources that the project defines already, and `snippets` its snippets;
    `external` and `module` are the names for the modules of new ones, `default_folder` is the title
    of its default folder. `as_json` are the panels and variables of dashboards that no constructor
    makes, and `kept` the dashboards that stay JSON as a whole. Other resources that are `kept` are
    left out, and so are those that the project defines `elsewhere`.
    """
    resources = [
        resource
        for resource in resources
        if resource.kind is Kind.DASHBOARD or resource.key not in kept
    ]
    bodies = {
        resource.key: normalized(as_classic(resource.body))
        for resource in resources
        if resource.kind is Kind.DASHBOARD and resource.key not in kept
    }
    asked = [*_asked_in_panels(bodies.values()), *_asked_in_rules(resources)]
    shared = shared_queries(asked, module, snippets)
    run = _Run(
        resources,
        bodies,
        shared,
        Datasources(known, external, IMPORTED | {"dashboard"} | shared.modules),
        default_folder,
        as_json or {},
        elsewhere,
    )
    run.write_datasources()
    run.write_folders()
    run.write_library_panels()
    run.write_dashboards()
    run.write_prometheus_groups()
    run.write_grafana_groups()
    run.write_notifications()
    run.write_snippets()
    run.files.update(run.datasources.files())
    run.counts.lines = sum(text.count("\n") for text in run.files.values())
    return Definitions(run.files, run.of, run.variables, run.problems, run.counts)


# Queries


def _asked_in_panels(bodies: Iterable[Json]) -> Iterable[Asked]:
    for body in bodies:
        for panel in every_panel(body):
            targets = dicts(panel, "targets")
            own = path(panel, "fieldConfig", "defaults").get("unit")
            unit = own or path(panel, "options", "yAxis").get("unit") or ""
            for target in targets:
                if isinstance(target.get("expr"), str):
                    legend = str(target.get("legendFormat", ""))
                    title = about = str(panel.get("title", ""))
                    if len(targets) > 1 and legend and "{{" not in legend and legend != "__auto":
                        about = f"{about} {legend}"
                    yield Asked(target["expr"], about, legend, str(unit), title)


def _asked_in_rules(resources: Iterable[Resource]) -> Iterable[Asked]:
    for resource in resources:
        if resource.kind is not Kind.PROMETHEUS_GROUP:
            continue
        for rule in resource.body.get("rules") or ():
            expr = str(rule.get("expr", ""))
            name = str(rule.get("alert") or rule.get("record") or "")
            split = compared(expr) if "alert" in rule else None
            yield Asked(split[0] if split else expr, name)


# Modules


@dataclass
class _Run:
    """The modules that are written, and what they share."""

    resources: Sequence[Resource]
    bodies: Mapping[Key, Json]
    snippets: Snippets
    datasources: Datasources
    default_folder: str
    as_json: Mapping[Key, Parts]
    elsewhere: Set[Key]
    files: dict[str, str] = field(default_factory=dict)
    of: dict[Key, str] = field(default_factory=dict)
    variables: dict[Key, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    library: Mapping[str, Name] = field(default_factory=dict)
    """The variables of library panels, by uid."""

    def _kind(self, kind: Kind) -> list[Resource]:
        return [
            resource
            for resource in self.resources
            if resource.kind is kind and resource.key not in self.elsewhere
        ]

    def _write(
        self,
        file: str,
        about: str,
        codes: Sequence[tuple[str, Code]],
        defined: Sequence[Resource],
    ) -> None:
        """Write a module. The last of its `codes` are those of the resources that it defines."""
        for resource, (variable, _) in zip(reversed(defined), reversed(codes), strict=False):
            self.of[resource.key], self.variables[resource.key] = file, variable
        statements = [assignment(name, code) for name, code in codes]
        docstring = " ".join(about.replace("\\", "/").replace('"', "'").split())
        self.files[file] = module(docstring, statements, [code for _, code in codes])

    def _named(
        self, resources: Sequence[Resource], codes: Sequence[Code], default: str
    ) -> list[tuple[str, Code]]:
        """Variables for the codes of resources, after their titles."""
        names = self._names()
        return [
            (names.new(resource.title, default), code)
            for resource, code in zip(resources, codes, strict=True)
        ]

    def _names(self) -> Names:
        """Names for variables, none of which a module of definitions imports."""
        return Names(IMPORTED | self.snippets.modules | self.datasources.variables)

    def _folder(self, uid: str) -> str:
        """The path of a folder, which definitions call it by."""
        names: list[str] = []
        inner = uid
        # Folders that are in each other would have no end.
        while inner in self._folders and len(names) < len(self._folders):
            names.insert(0, str(self._folders[inner].body.get("title", "")))
            inner = self._folders[inner].folder
        return folder_path(names) if names else uid

    @cached_property
    def _folders(self) -> Mapping[str, Resource]:
        return {
            resource.uid: resource for resource in self.resources if resource.kind is Kind.FOLDER
        }

    def _folder_of(self, resource: Resource) -> str:
        """The argument for the folder of a dashboard or a library panel; empty for the default."""
        title = self._folder(resource.folder) if resource.folder else "General"
        default = self.default_folder or "General"
        return "" if title in (default, slug(default)) else title

    def write_datasources(self) -> None:
        """A module of all data sources."""
        own = self._kind(Kind.DATASOURCE)
        if own:
            codes: list[tuple[str, Code]] = list(self.datasources.add_all(own))
            self._write("datasources/grafana.py", "Data sources.", codes, own)

    def write_folders(self) -> None:
        """A module of the folders whose uids or permissions no title says."""
        permissions = {resource.uid: resource for resource in self._kind(Kind.FOLDER_PERMISSIONS)}
        names, codes = self._names(), list[tuple[str, Code]]()
        for folder in self._kind(Kind.FOLDER):
            named: dict[str, Code] = {"uid": folder.uid}
            if folder.uid in permissions:
                named["permissions"] = permissions[folder.uid].body["permissions"]
            call = Call(Name("folder", "gk"), [self._folder(folder.uid)], named)
            codes.append((names.new(folder.title, "folder"), call))
        # A folder that only files name has the uid that gk makes of its title.
        if any(folder.source.file == "" for folder in self._kind(Kind.FOLDER)) or permissions:
            file = "dashboards/folders.py"
            self._write(file, "Folders.", codes, self._kind(Kind.FOLDER))
            self.of |= {permission.key: file for permission in permissions.values()}

    def write_library_panels(self) -> None:
        """A module of all library panels."""
        codes, written = list[Code](), list[Resource]()
        for panel in self._kind(Kind.LIBRARY_PANEL):
            folder = self._folder(panel.folder) if panel.folder else ""
            code = library_panel_code(panel, folder, self.snippets, self.datasources.reference)
            if code is None:
                message = f"library panel '{panel.title}' has no constructor in gk"
                self.problems.append(Problem(panel.source, message))
                continue
            codes.append(code)
            written.append(panel)
        if codes:
            named = self._named(written, codes, "panel")
            self._write(f"dashboards/{_LIBRARY}.py", "Library panels.", named, written)
            self.library = {
                panel.uid: Name(f"{_LIBRARY}.{variable}", "dashboards")
                for panel, (variable, _) in zip(written, named, strict=True)
            }

    def write_dashboards(self) -> None:
        """A module for each dashboard."""
        files = Names(frozenset({self.snippets.module, "folders", _LIBRARY}))
        for resource in self._kind(Kind.DASHBOARD):
            name = files.new(resource.title, identifier(resource.uid, "dashboard"))
            if resource.key not in self.bodies:
                self._keep(f"dashboards/{name}", resource)
                continue
            written = dashboard_code(
                {**self.bodies[resource.key], "uid": resource.uid},
                self._folder_of(resource),
                Surroundings(self.snippets, self.datasources.reference, self.library),
                Names(frozenset({"dashboard", _LIBRARY, *self.snippets.modules})),
                self.as_json.get(resource.key, Parts()),
            )
            self._refer(self.bodies[resource.key])
            self.counts.panels += len(written.panels)
            self.counts.codes += written.codes
            self.counts.with_extra += sum(panel.has_extra for panel in written.panels)
            self.counts.as_json += sum(not panel.is_call for panel in written.panels)
            codes: list[tuple[str, Code]] = [*written.shared, ("dashboard", written.code)]
            about = f"Dashboard {resource.title}."
            self._write(f"dashboards/{name}.py", about, codes, [resource])

    def _keep(self, stem: str, resource: Resource) -> None:
        """A dashboard as it is, in Grafana's own envelope, which says its folder."""
        # A build also wants the data source of a panel whose queries have others.
        classic = as_classic(resource.body)
        self._refer(classic)
        self._refer(normalized(classic))
        if not is_v2(spec := spec_of(resource.body)) and leaves_default(normalized(classic)):
            # A file cannot say that it is Grafana's default, and not the project's.
            folder = self._folder_of(resource)
            named: dict[str, Code] = {"folder": folder} if folder else {}
            named["datasource"] = GRAFANAS_DEFAULT
            code = Call(Name("Dashboard.wrap", "gk"), [resource.body], named)
            about = f"Dashboard {resource.title}."
            self._write(f"{stem}.py", about, [("dashboard", code)], [resource])
            return
        default = self.default_folder
        is_default = resource.folder in (default, slug(default))
        folder = default if is_default else self._folder(resource.folder)
        body = {"dashboard": resource.body, "meta": {"folderTitle": folder}}
        if is_v2(spec):
            body = enveloped(without(spec, "uid"), resource.uid, "v2")
            body["metadata"]["annotations"] = {"grafana.app/folder": folder}
        self.files[f"{stem}.json"] = canonical(body).decode()
        self.of[resource.key] = f"{stem}.json"

    def _refer(self, body: Json) -> None:
        """Define the data sources that only JSON names."""
        for reference in references(body):
            self.datasources.reference(reference)

    def write_prometheus_groups(self) -> None:
        """A module for each rule file."""
        by_file: dict[str, list[Resource]] = {}
        for group in self._kind(Kind.PROMETHEUS_GROUP):
            by_file.setdefault(group.source.file, []).append(group)
        titles = [group.title for group in self._kind(Kind.PROMETHEUS_GROUP)]
        shown = {
            tidy(target["expr"])
            for body in self.bodies.values()
            for panel in every_panel(body)
            for target in dicts(panel, "targets")
            if isinstance(target.get("expr"), str)
        }
        files = Names(frozenset({_NOTIFICATIONS}))
        for file, own in by_file.items():
            stem = file.rpartition("/")[2].partition(".")[0].removesuffix("-prometheusRule")
            name = files.new(stem, "rules")
            names, codes = self._names(), list[tuple[str, Code]]()
            for group in own:
                # gk tells groups of one name apart by their folders.
                folder = f"Alerts of {name}" if titles.count(group.title) > 1 else ""
                code = prometheus_group_code(
                    group.body, folder, self.snippets, lambda expr: tidy(expr) in shown
                )
                codes.append((names.new(group.title, "group"), code))
            self._write(f"alerts/{name}.py", f"Rules of {stem}.", codes, own)

    def write_grafana_groups(self) -> None:
        """A module for the rule groups of each folder."""
        by_folder: dict[str, list[Resource]] = {}
        for group in self._kind(Kind.RULE_GROUP):
            by_folder.setdefault(group.folder, []).append(group)
        files = Names(frozenset({_NOTIFICATIONS}))
        for uid, own in by_folder.items():
            title = self._folder(uid)
            reference = self.datasources.reference
            codes = [grafana_group_code(group.body, title, reference) for group in own]
            name = files.new(f"grafana {title}")
            named = self._named(own, codes, "group")
            about = f"Rules in the folder {'/'.join(folder_names(title))}."
            self._write(f"alerts/{name}.py", about, named, own)

    def write_notifications(self) -> None:
        """A module of all that notifies: policies name contact points and mute timings."""
        names, codes, written = self._names(), list[tuple[str, Code]](), list[Resource]()
        variables: dict[Kind, dict[str, Name]] = {}
        for kind, make in (
            (Kind.MESSAGE_TEMPLATE, template_code),
            (Kind.MUTE_TIMING, mute_timing_code),
            (Kind.CONTACT_POINT, contact_point_code),
        ):
            for resource in self._kind(kind):
                name = names.new(resource.title, kind.value)
                variables.setdefault(kind, {})[resource.title] = Name(name)
                codes.append((name, make(resource.body)))
                written.append(resource)
        for resource in self._kind(Kind.NOTIFICATION_POLICY):
            points = variables.get(Kind.CONTACT_POINT, {})
            timings = variables.get(Kind.MUTE_TIMING, {})
            try:
                code = policy_code(resource.body, points, timings)
            except ValueError as error:
                self.problems.append(Problem(resource.source, str(error)))
                continue
            codes.append((names.new("notifications"), code))
            written.append(resource)
        if codes:
            file = f"alerts/{_NOTIFICATIONS}.py"
            self._write(file, "Who is notified of what.", codes, written)

    def write_snippets(self) -> None:
        """The module of the queries that panels and alerts share."""
        if self.snippets.definitions:
            head = [
                '"""Queries that panels and alerts share."""',
                "from gk.promql import Exporter, Scope",
                f'exporter = Exporter("{self.snippets.module}")\nsnippet = exporter.snippet',
            ]
            body = "\n\n\n".join(self.snippets.definitions)
            self.files[f"dashboards/{self.snippets.module}.py"] = (
                "\n\n".join(head) + "\n\n\n" + body + "\n"
            )
        self.counts.repeated = self.snippets.repeated
        self.counts.shared = self.snippets.shared
