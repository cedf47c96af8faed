"""What the parts of compile share: the project, the mistakes found so far, and the links between
definitions."""

from __future__ import annotations

import re
import traceback
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from gk.define.alerting import Alert, AlertGroup
from gk.define.datasource import Datasource
from gk.define.folder import Folder
from gk.define.library_panel import LibraryPanel
from gk.documents.durations import milliseconds
from gk.documents.names import MAX_UID, folder_names, folder_path, is_uid, slug
from gk.errors import DefinitionError, Problem, Source, Where, did_you_mean
from gk.project import Project
from gk.project.raised import is_gk
from gk.promql.rendering import Renderer, SnippetMistake
from gk.promql.snippet import NODE_LABEL, Query
from gk.resource import Kind, Resource, Use, canonical

__all__ = ["Compilation", "PanelRef", "name_node", "name_node_in_format"]

MAX_NAME = 190
"""Characters of a rule's or a group's name (pkg/services/ngalert/store/alert_rule.go at 9.4);
Grafana does not start with more."""

# With any white space, because the same text is written `{{$node}}` in legends and `{{ $node }}` in
# alerts.
_NODE = re.compile(r"\{\{\s*" + re.escape(NODE_LABEL) + r"\s*\}\}")


def name_node(value: Any, label: str) -> Any:
    """Replace each `{{$node}}` in JSON with `label`, for JSON that names fields: transformations,
    overrides, links."""
    if isinstance(value, str):
        return _NODE.sub(label, value)
    if isinstance(value, dict):
        return {name_node(key, label): name_node(inner, label) for key, inner in value.items()}
    return [name_node(inner, label) for inner in value] if isinstance(value, list) else value


def name_node_in_format(text: str, label: str) -> str:
    """Replace each `{{$node}}` in a legend or annotation format with a reference to `label`."""
    return _NODE.sub("{{" + label + "}}", text) if NODE_LABEL in text else text


class PanelRef(NamedTuple):
    """A panel that an alert can link to.

    `labels` are the labels of series that choose the values of its dashboard's variables, by the
    name of the variable.
    """

    dashboard_uid: str
    panel_id: int
    labels: Mapping[str, str]


class _Used(NamedTuple):
    """A mistake of a snippet, and the places that use it, in their order."""

    mistake: SnippetMistake
    by: dict[tuple[Source, Where], None]


_MOST_LISTED = 2


def _listed(places: Sequence[Where]) -> str:
    """The places as words: `panel 'A', alert 'B' and 3 more`."""
    shown, more = [*map(str, places[:_MOST_LISTED])], len(places) - _MOST_LISTED
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(shown)


class Compilation:
    """One run of compile: what it has read from the project, and the mistakes in it."""

    def __init__(self, project: Project, *, is_pushed: bool = False) -> None:
        self.project = project
        self.is_pushed = is_pushed
        # gk push takes what Grafana's form has, whatever gk build writes.
        is_grafana_s = project.settings.alerts != "prometheus"
        self.builds_grafana = (is_pushed and is_grafana_s) or project.settings.has_grafana
        self.builds_prometheus = project.settings.has_prometheus
        self.settings = project.settings
        self.problems: list[Problem] = []
        self.mistakes = 0
        """How often a mistake was noted, also one that is reported once."""
        self.resources: list[Resource] = []
        self.panels: dict[Query, PanelRef] = {}
        self.panels_by_snippet: dict[Any, PanelRef] = {}
        self.narrow_panels: dict[Query, tuple[int, PanelRef]] = {}
        """For each query of all series, the panel whose variables choose most of its series'
        labels, with their number."""
        self.datasources: list[Datasource] = [
            definition.value for definition in project.of(Datasource)
        ]
        self.library_panels: frozenset[str] = frozenset(
            definition.value.uid for definition in project.of(LibraryPanel)
        )
        self.queries = Renderer(self.wrong, self.wrong_in_snippet)
        self._in_snippets: dict[Hashable, _Used] = {}
        self.alerts: Mapping[Query, list[Alert]] = _alerts_by_query(project)
        self._folders: dict[str, tuple[str, ...]] = {}
        """The names of each folder, by its uid."""
        self._folder_uids = {
            folder_names(definition.value.title): definition.value.uid
            for definition in project.of(Folder)
            if definition.value.uid
        }

    def wrong(self, source: Source, message: str, where: Where | None = None) -> None:
        """Note a mistake; compile continues to find the others."""
        self.mistakes += 1
        self.problems.append(Problem(self.project.place(source), message, where))

    def wrong_in_snippet(self, mistake: SnippetMistake, source: Source, where: Where) -> None:
        """Note a mistake of a snippet that is used at `where`."""
        used = self._in_snippets.setdefault(mistake.key, _Used(mistake, {}))
        used.by[source, where] = None
        self.mistakes += 1

    @property
    def every_problem(self) -> list[Problem]:
        """All mistakes that were noted: those of a snippet once, with the places that use it."""
        return [
            *self.problems,
            *(
                Problem(
                    self.project.place(mistake.source),
                    f"{mistake.message} (used by {_listed([where for _, where in by])})",
                )
                for mistake, by in self._in_snippets.values()
            ),
        ]

    @contextmanager
    def mistakes_for(self, *, built: bool) -> Iterator[list[Problem]]:
        """Collect the mistakes that are noted inside. Unless the project has the output that they
        are about, forget them, and the folders that were added with them."""
        before, mistakes = len(self.problems), list[Problem]()
        resources, folders = len(self.resources), dict(self._folders)
        yield mistakes
        mistakes += self.problems[before:]
        if mistakes and not built:
            del self.problems[before:]
            del self.resources[resources:]
            self._folders = folders

    @contextmanager
    def mistakes_at(self, source: Source) -> Iterator[None]:
        """Note what a definition's own code raises, such as the methods of its classes, as a
        mistake at `source`."""
        try:
            yield
        except (KeyboardInterrupt, DefinitionError):
            raise
        except RecursionError:
            self.wrong(source, "is nested too deep, or contains itself")
        except BaseException as error:
            *_, (last, _) = traceback.walk_tb(error.__traceback__)
            # An error raised in gk's own code is a bug of gk, and not a mistake of the definition.
            if is_gk(last.f_code.co_filename):
                raise
            self.wrong(self.project.line_of(error) or source, self.project.words_of(error))

    def add(
        self,
        kind: Kind,
        body: Any,
        source: Source,
        *,
        uid: str,
        title: str = "",
        folder: str = "",
        uses: Sequence[Use] = (),
    ) -> None:
        """Add a resource if its body is JSON."""
        try:
            json = canonical(body)
        except (TypeError, RecursionError) as error:
            self.wrong(source, f"is not JSON: {error}", Where(kind.value, title or uid))
        else:
            self.add_json(kind, json, source, uid=uid, title=title, folder=folder, uses=uses)

    def add_json(
        self,
        kind: Kind,
        json: bytes,
        source: Source,
        *,
        uid: str,
        title: str = "",
        folder: str = "",
        uses: Sequence[Use] = (),
    ) -> None:
        """Add a resource whose document is canonical JSON."""
        place = self.project.place(source)
        # A definition may pass a subclass of str, which may compare in its own way.
        uid, title, folder = map(str.__str__, (uid, title or uid, folder))
        self.resources.append(Resource(kind, uid, title, folder, json, place, tuple(uses)))

    def check_name(self, name: str, source: Source, where: Where) -> None:
        """Note a mistake for a name that Grafana refuses."""
        if not name.strip():
            self.wrong(source, "the name is empty", where)
        if len(name) > MAX_NAME:
            self.wrong(
                source, f"the name has {len(name)} characters; Grafana allows {MAX_NAME}", where
            )

    def seconds(
        self,
        duration: str,
        source: Source,
        what: str,
        where: Where | None = None,
        *,
        zero: bool = True,
    ) -> float:
        """Return a Prometheus duration in seconds.

        Notes a mistake and returns 0 for an invalid duration, and for a zero where `zero` is false.
        """
        length = milliseconds(str(duration))
        if length is None:
            message = f"{what} '{duration}' is not a duration, such as 30s, 5m or 1h30m"
            self.wrong(source, message, where)
            return 0
        if not length and not zero:
            self.wrong(source, f"{what} is zero", where)
        return length / 1000

    def folder(self, title: str | None, source: Source) -> str:
        """Return the uid of the folder with `title`, empty for General; add the resources of new
        folders.

        A slash separates nested folders: `Kubernetes/Nodes` is Nodes in Kubernetes. One with a
        backslash before it is part of a name.
        """
        title = self.settings.folder if title is None else title
        # General is Grafana's root, not a folder.
        if title in ("", "General"):
            return ""
        names = folder_names(title)
        if not all(names):
            self.wrong(
                source,
                "has a part without a name; a slash separates nested folders",
                Where("folder", title),
            )
        return self._folder(names, source)

    def _folder(self, names: tuple[str, ...], source: Source) -> str:
        parent = self._folder(names[:-1], source) if names[:-1] else ""
        title = "/".join(names)
        uid = self._folder_uids.get(names) or slug(title)
        if names in self._folder_uids and not is_uid(uid):
            self.wrong(
                source,
                f"uid '{uid}' must be 1 to {MAX_UID} letters, digits, '-' or '_'",
                Where("folder", title),
            )
        elif uid == "general":
            # Grafana answers ErrFolderInvalidUID: the uid stands for the root.
            self.wrong(
                source,
                "would have the uid 'general', which Grafana reserves; rename it",
                Where("folder", title),
            )
        elif uid not in self._folders:
            self._folders[uid] = names
            body = {"uid": uid, "title": names[-1], **({"parentUid": parent} if parent else {})}
            self.add(Kind.FOLDER, body, source, uid=uid, title=title, folder=parent)
        elif self._folders[uid] != names:
            first, second = folder_path(self._folders[uid]), folder_path(names)
            self.wrong(
                source, f"folders '{first}' and '{second}' have the same uid '{uid}'; rename one"
            )
        return uid

    def is_known_folder(self, title: str) -> bool:
        """Whether a definition says which uid a folder has."""
        return folder_names(title) in self._folder_uids

    def folder_title(self, uid: str) -> str:
        """The title of the folder with that uid, with those that it is in."""
        return "/".join(self._folders.get(uid, (uid,)))

    def default_datasource(self, type: str = "") -> Datasource | None:
        """The default data source of `type`, or the only one; of any type if `type` is empty."""
        candidates = [
            datasource for datasource in self.datasources if type in ("", datasource.type)
        ]
        default = next((datasource for datasource in candidates if datasource.default), None)
        # A project with a single data source needs no default=True.
        return default or (candidates[0] if len(candidates) == 1 else None)

    def datasource(self, name: str, source: Source, where: Where) -> dict[str, str] | None:
        """Return the reference to the data source with that uid or name; without one, note a
        mistake and return None."""
        if datasource := self.defined(name):
            return datasource.ref
        known = [
            *(datasource.uid for datasource in self.datasources),
            *(datasource.name for datasource in self.datasources),
        ]
        what_to_do = (
            did_you_mean(name, known)
            or "; define it there, with external=True if it is provisioned elsewhere"
        )
        self.wrong(
            source, f"data source '{name}' is not defined in datasources/{what_to_do}", where
        )
        return None

    def defined(self, name: str) -> Datasource | None:
        """The data source with that uid or name, in its definition or in the environment."""
        name = self.project.read.uid_of(name)
        # By name, too: old Grafana and grafanalib refer to data sources by name. What one is called
        # may be the uid of another, and is that one then, as in Grafana.
        by_uid = (datasource for datasource in self.datasources if name == datasource.uid)
        by_name = (datasource for datasource in self.datasources if name == datasource.name)
        return next(by_uid, None) or next(by_name, None)

    def use(self, where: Where, query: Query, expr: str = "") -> Use:
        """Record that `query`, rendered as `expr`, is used at `where`."""
        return Use(where, query, self.queries.snippets(query), expr)

    def legend(self, query: Query) -> str:
        """The legend of the query's snippet, with the name of the node label filled in."""
        return name_node_in_format(query.snippet.legend, self.node_label(query))

    def node_label(self, query: Query | None) -> str:
        """The label that identifies the node in the series of `query`."""
        return self.settings.labels.of(query.snippet.exporter.name if query else "").node


def _alerts_by_query(project: Project) -> Mapping[Query, list[Alert]]:
    alerts: dict[Query, list[Alert]] = defaultdict(list)
    for definition in project.of(AlertGroup):
        for rule in definition.value.rules:
            for query in rule.queries if isinstance(rule, Alert) and rule.linked else ():
                alerts[query].append(rule)
    return alerts
