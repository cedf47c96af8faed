"""What the parts of compile share: the project, the mistakes found so far, and what definitions know of each other."""

from __future__ import annotations

import hashlib
import re
import traceback
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from gk.alerting import Alert, AlertGroup
from gk.datasource import Datasource
from gk.errors import DefinitionError, Problem, Source, did_you_mean
from gk.project import Project, is_gk
from gk.promql.snippet import NODE_LABEL, Query, Scope, Snippet
from gk.promql.syntax import parse
from gk.resource import Kind, Resource, Use, canonical

__all__ = ["MAX_UID", "Context", "PanelRef", "is_uid", "name_node", "name_node_in_format", "slug"]

MAX_UID = 40
"""Grafana refuses longer uids of dashboards, folders and rules, and since 12.0 of data sources."""

_UID = re.compile(r"[A-Za-z0-9_-]{1,%d}" % MAX_UID)  # noqa: UP031 - braces of the regex
_NODE = re.compile(r"\{\{\s*" + re.escape(NODE_LABEL) + r"\s*\}\}")


def is_uid(text: str) -> bool:
    """Whether Grafana takes `text` as a uid in each of its versions."""
    return _UID.fullmatch(text) is not None


def slug(text: str) -> str:
    """A uid made of `text`: the same for the same text, and at most 40 characters."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9_]+", "-", ascii_text.lower()).strip("-")
    if plain and len(plain) <= MAX_UID and len(ascii_text) >= len(text):
        return plain
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{plain[: MAX_UID - 9].rstrip('-')}-{digest}".lstrip("-")


def name_node(value: Any, label: str) -> Any:
    """JSON in which `label` stands for each `{{$node}}`, for what names a field: transformations, overrides, links."""
    if isinstance(value, str):
        return _NODE.sub(label, value)
    if isinstance(value, dict):
        return {name_node(key, label): name_node(each, label) for key, each in value.items()}
    return [name_node(each, label) for each in value] if isinstance(value, list) else value


def name_node_in_format(text: str, label: str) -> str:
    """A legend format or an annotation's, in which the value of `label` stands for each `{{$node}}`."""
    return _NODE.sub("{{" + label + "}}", text)


class PanelRef(NamedTuple):
    """A panel that an alert can link to."""

    dashboard_uid: str
    panel_id: int


_LONGEST_SHOWN = 1000
"""Characters of a query in a message."""


class Context:
    """One run of compile: what has been read of the project, and what was found wrong with it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.settings = project.settings
        self.problems: list[Problem] = []
        self.resources: list[Resource] = []
        self.panels: dict[Query, PanelRef] = {}
        self.panels_by_snippet: dict[Any, PanelRef] = {}
        self.datasources: list[Datasource] = [each.value for each in project.of(Datasource)]
        self.alerts: Mapping[Query, list[Alert]] = _alerts_by_query(project)
        self._folders: dict[str, str] = {}
        self._rendered: dict[tuple[Query, int | None, Scope], str] = {}
        self._snippets: dict[Query, frozenset[Snippet]] = {}

    def wrong(self, source: Source, message: str) -> None:
        """Note a mistake; compile goes on to find the others."""
        self.problems.append(Problem(self.project.place(source), message))

    @contextmanager
    def mistakes_at(self, source: Source) -> Iterator[None]:
        """While the objects of a definition are looked at, whose methods may be its own: what these raise is its
        mistake."""
        try:
            yield
        except (KeyboardInterrupt, DefinitionError):
            raise
        except RecursionError:
            self.wrong(source, "is nested too deep, or holds itself")
        except BaseException as error:
            *_, (last, _) = traceback.walk_tb(error.__traceback__)
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
        """Add a resource, if its body is JSON."""
        try:
            text = canonical(body)
        except (TypeError, RecursionError) as error:
            self.wrong(source, f"{kind.value} '{title or uid}' is not JSON: {error}")
        else:
            place = self.project.place(source)
            # Not of a class of the definition's own, which may compare as it likes.
            uid, title, folder = map(str.__str__, (uid, title or uid, folder))
            self.resources.append(Resource(kind, uid, title, folder, text, place, tuple(uses)))

    def folder(self, title: str | None, source: Source) -> str:
        """The uid of the folder with `title`, empty for General; adds the resources of those that are new.

        A slash is a folder in a folder: `Kubernetes/Nodes` is Nodes in Kubernetes.
        """
        title = self.settings.folder if title is None else title
        if title in ("", "General"):
            return ""
        names = [name.strip() for name in title.split("/")]
        if not all(names):
            self.wrong(source, f"folder '{title}' has a part without a name; a slash is a folder in a folder")
        return self._folder(names, source)

    def _folder(self, names: Sequence[str], source: Source) -> str:
        parent = self._folder(names[:-1], source) if names[:-1] else ""
        title = "/".join(names)
        uid = slug(title)
        if uid == "general":
            # Grafana answers ErrFolderInvalidUID: the uid stands for the root.
            self.wrong(source, f"folder '{title}' would have the uid 'general', which is Grafana's own; rename it")
        elif uid not in self._folders:
            self._folders[uid] = title
            body = {"uid": uid, "title": names[-1], **({"parentUid": parent} if parent else {})}
            self.add(Kind.FOLDER, body, source, uid=uid, title=title, folder=parent)
        elif self._folders[uid] != title:
            self.wrong(source, f"folders '{self._folders[uid]}' and '{title}' have the same uid '{uid}'; rename one")
        return uid

    def folder_title(self, uid: str) -> str:
        """The title of a folder that a resource is in."""
        return self._folders.get(uid, uid)

    def default_datasource(self, type: str = "") -> Datasource | None:
        """The default data source, or the only one, of `type`; of any type without it."""
        candidates = [each for each in self.datasources if type in ("", each.type)]
        default = next((each for each in candidates if each.default), None)
        return default or (candidates[0] if len(candidates) == 1 else None)

    def datasource(self, name: str, source: Source, who: str) -> dict[str, str] | None:
        """The reference to the data source with that uid or name; None, and a mistake noted, if there is none."""
        found = next((each for each in self.datasources if name in (each.uid, each.name)), None)
        if found:
            return found.ref
        known = [each.uid for each in self.datasources] + [each.name for each in self.datasources]
        what_to_do = did_you_mean(name, known) or "; define it there, with external=True if somebody else provisions it"
        self.wrong(source, f"{who}: data source '{name}' is not defined in datasources/{what_to_do}")
        return None

    def render(self, query: Query, scope: Scope, source: Source) -> str:
        """The query as PromQL in `scope`; empty if the snippet fails or is no PromQL, which is its mistake."""
        key = (query, query.limit, scope)
        if key not in self._rendered:
            self._rendered[key] = self._render(query, scope, source)
        return self._rendered[key]

    def use(self, where: str, query: Query, expr: str = "") -> Use:
        """That the query, which is rendered already as `expr`, stands at `where`."""
        return Use(where, query, self._snippets.get(query, frozenset()), expr)

    def _render(self, query: Query, scope: Scope, source: Source) -> str:
        called: set[Snippet] = set()
        try:
            expr = query.render(replace(scope, called=called))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            frames = traceback.extract_tb(error.__traceback__)
            inside = [each for each in frames if each.filename == query.snippet.place[0]]
            place = Source(inside[-1].filename, inside[-1].lineno or 0) if inside else source
            self.wrong(place, f"snippet {query}: {_words(error)}")
            return ""
        self._snippets[query] = frozenset(called)
        return self.parsed(expr, Source(*query.snippet.place), f"snippet {query}")

    def parsed(self, expr: str, source: Source, who: str) -> str:
        """`expr` itself; empty, and a mistake noted, if Prometheus would not parse it."""
        try:
            parse(expr)
        except ValueError as error:
            shown = expr if len(expr) <= _LONGEST_SHOWN else f"{expr[:_LONGEST_SHOWN]}..."
            self.wrong(source, f"{who}: PromQL does not parse: {error}: {shown}")
            return ""
        return expr

    def legend(self, query: Query) -> str:
        """The legend of the query's snippet, with the label that tells nodes apart in its place."""
        return name_node_in_format(query.snippet.legend, self.node_label(query))

    def node_label(self, query: Query | None) -> str:
        """The label that tells nodes apart in the series of `query`."""
        return self.settings.labels.of(query.snippet.exporter.name if query else "").node


def _words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


def _alerts_by_query(project: Project) -> Mapping[Query, list[Alert]]:
    found: dict[Query, list[Alert]] = defaultdict(list)
    for definition in project.of(AlertGroup):
        for rule in definition.value.rules:
            if isinstance(rule, Alert) and rule.query:
                found[rule.query].append(rule)
    return found
