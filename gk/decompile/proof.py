"""Builds definitions and compares what they make with the originals."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from gk.compile import compile
from gk.compile.panel import Panel
from gk.decompile import SNIPPETS, Definitions, Parts, decompile
from gk.decompile.datasources import EXTERNAL, KnownDatasource
from gk.decompile.files import copied
from gk.decompile.layout import sections
from gk.decompile.leaves import Leaves, leaves_of, text_of
from gk.decompile.queries import Known
from gk.diff.compare import compare
from gk.diff.model import Diff
from gk.diff.sides.side import Side
from gk.documents.dashboards import drop_ids_of_one_side, mistake_of, normalized, tidy_queries
from gk.documents.parts import dicts, path, without
from gk.documents.references import share_types
from gk.documents.schema_v2 import as_classic
from gk.documents.shapes import Json
from gk.errors import DefinitionError, Problem, Where
from gk.grafana.kinds import KINDS
from gk.project import FOLDERS, load
from gk.push.plan import whole
from gk.resource import Key, Kind, Resource, canonical

__all__ = ["Project", "Proven", "malformed", "proven"]

_ROUNDS = 8
"""How often definitions are written at most."""


@dataclass(frozen=True)
class Project:
    """The project that gets definitions: its folder, if it exists, what it gets besides, and the
    environment to build."""

    root: Path | None
    files: Mapping[str, str]
    environment: str = ""

    def built(self, definitions: Mapping[str, str], *, is_pushed: bool) -> list[Resource]:
        """What a copy of it builds with the definitions. Raises DefinitionError."""
        with tempfile.TemporaryDirectory() as name:
            copy = copied(self.root, Path(name)) if self.root else Path(name)
            for file, text in {**self.files, **definitions}.items():
                (copy / file).parent.mkdir(parents=True, exist_ok=True)
                (copy / file).write_text(text, encoding="utf-8")
            if not any(any((copy / folder).rglob("*")) for folder in FOLDERS):
                # Everything was left out.
                return []
            return compile(load(copy, self.environment), is_pushed=is_pushed)


@dataclass(frozen=True)
class Proven:
    """Definitions, and how what they build differs from the originals.

    `diff` is None if they do not build, and `problems` says why. `kept` are the dashboards that
    stay JSON as a whole, and other resources that are left out, each with the reason. `in_parts`
    are the mistakes for which single panels and variables stay JSON.
    """

    definitions: Definitions
    diff: Diff | None
    problems: Sequence[Problem]
    kept: Mapping[Key, Problem]
    in_parts: Sequence[Problem] = ()

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        left_out = [problem for key, problem in self.kept.items() if key[0] is not Kind.DASHBOARD]
        problems = [*self.problems, *self.definitions.problems, *left_out]
        return self.diff is not None and not self.diff.changes and not problems


def proven(
    resources: Sequence[Resource],
    project: Project,
    *,
    known: Sequence[KnownDatasource] = (),
    snippets: Sequence[Known] = (),
    module: str = SNIPPETS,
    external: str = EXTERNAL,
    default_folder: str = "",
    elsewhere: Set[Key] = frozenset(),
    is_pushed: bool = False,
) -> Proven:
    """Write definitions, build them, and write again as JSON what came out otherwise: single
    panels and variables, those in which gk finds mistakes, or a dashboard that does not build even
    so.

    `module` and `external` are the names of the modules of snippets and of data sources that are
    only named. What the project defines `elsewhere` is left to that definition. `is_pushed` is for
    definitions of a running Grafana.
    """
    as_json: dict[Key, Parts] = {}
    reasons: dict[Key, list[Problem]] = {}
    kept = malformed(resources)
    built: Sequence[Resource] | None = None
    problems: Sequence[Problem] = ()
    new = [resource for resource in resources if resource.key not in elsewhere]
    for _ in range(_ROUNDS):
        definitions = decompile(
            resources,
            known=known,
            snippets=snippets,
            module=module,
            external=external,
            default_folder=default_folder,
            as_json=as_json,
            kept=kept.keys(),
            elsewhere=elsewhere,
        )
        try:
            built = project.built(definitions.files, is_pushed=is_pushed)
        except DefinitionError as error:
            built, problems = None, error.problems
            blamed = _blamed(problems, definitions)
            own = [resource for resource in new if resource.key in blamed.keys() - kept.keys()]
            of_parts = {resource.key: _in_parts(resource, blamed[resource.key]) for resource in own}
            # First only the parts that have mistakes stay JSON.
            if parts := _more({key: parts for key, (parts, _) in of_parts.items()}, as_json):
                as_json |= parts
                for key in parts:
                    reasons.setdefault(key, []).extend(of_parts[key][1])
                continue
            if not blamed.keys() - kept.keys():
                # Nothing else can stay JSON, or be left out.
                break
            kept |= {key: problems[0] for key, problems in blamed.items()}
            continue
        different = _different([resource for resource in new if resource.key not in kept], built)
        parts = _more(different, as_json)
        if not parts and not (spoilt := reasons.keys() & different.keys()):
            break
        if not parts:
            # Exported alone, a panel came out otherwise than in its dashboard: that stays JSON.
            kept |= {key: reasons[key][0] for key in spoilt}
        as_json |= parts
    if built is None:
        return Proven(definitions, None, problems, kept)
    in_parts = dict.fromkeys(
        problem for key, own in reasons.items() if key not in kept for problem in own
    )
    return Proven(definitions, _compared(_without(kept, new), built), (), kept, [*in_parts])


def malformed(resources: Iterable[Resource]) -> dict[Key, Problem]:
    """The dashboards of a shape that Grafana does not write, each with its mistake."""
    return {
        resource.key: Problem(resource.source, mistake)
        for resource in resources
        if resource.kind is Kind.DASHBOARD and (mistake := mistake_of(as_classic(resource.body)))
    }


def _without(kept: Mapping[Key, Problem], resources: Sequence[Resource]) -> list[Resource]:
    """The resources that have a definition, or are kept as JSON."""
    return [
        resource
        for resource in resources
        if resource.kind is Kind.DASHBOARD or resource.key not in kept
    ]


def _blamed(problems: Iterable[Problem], definitions: Definitions) -> dict[Key, list[Problem]]:
    """The resources with mistakes, each with its own: all of a file, if it has a mistake outside of
    what defines them."""
    blamed: dict[Key, list[Problem]] = {}
    for problem in problems:
        source = problem.source
        own = [key for key, file in definitions.of.items() if file == source.file]
        variable = _variable(definitions.files.get(source.file, ""), source.line)
        named = [key for key in own if definitions.variables.get(key) == variable]
        for key in named or own:
            blamed.setdefault(key, []).append(problem)
    return blamed


def _more(new: Mapping[Key, Parts], known: Mapping[Key, Parts]) -> dict[Key, Parts]:
    """The parts of each dashboard that has some which are not known."""
    return {
        key: known.get(key, Parts()) | parts
        for key, parts in new.items()
        if not known.get(key, Parts()).has(parts)
    }


def _in_parts(resource: Resource, problems: Sequence[Problem]) -> tuple[Parts, list[Problem]]:
    """The panels and variables of a dashboard that mistakes are about, and these mistakes."""
    places = _places(resource)
    in_parts = [problem for problem in problems if problem.where in places.values()]
    named = {problem.where for problem in in_parts}
    return Parts(exported=frozenset(key for key in places if places[key] in named)), in_parts


def _places(resource: Resource) -> dict[int | str, Where]:
    """How mistakes name the panels of a dashboard, by their numbers, and its variables, by their
    names."""
    if resource.kind is not Kind.DASHBOARD:
        return {}
    body = normalized(as_classic(resource.body))
    variables = (str(variable.get("name")) for variable in dicts(path(body, "templating"), "list"))
    return {
        **{number: Panel(panel).where for number, panel in enumerate(_seen(body))},
        **{name: Where("variable", name) for name in variables},
    }


def _variable(content: str, line: int) -> str:
    """The variable that a module assigns at a line; empty if there is none."""
    try:
        statements = ast.parse(content).body
    except SyntaxError:
        # A dashboard that stays JSON.
        return ""
    for statement in statements:
        if isinstance(statement, ast.Assign) and statement.lineno <= line <= (
            statement.end_lineno or 0
        ):
            return ast.unparse(statement.targets[0])
    return ""


def _different(resources: Sequence[Resource], built: Sequence[Resource]) -> dict[Key, Parts]:
    """The panels and variables of each dashboard that are built otherwise."""
    by_key = {resource.key: resource for resource in built}
    different: dict[Key, Parts] = {}
    for resource in resources:
        other = by_key.get(resource.key)
        if resource.kind is Kind.DASHBOARD and other:
            bodies = [tidy_queries(normalized(as_classic(side.body))) for side in (resource, other)]
            # Old dashboards do not name the types of their data sources.
            share_types(bodies)
            drop_ids_of_one_side(bodies)
            parts = _different_panels(*map(_seen, bodies)) | _different_variables(*bodies)
            if parts:
                different[resource.key] = Parts(parts)
    return different


def _different_variables(old: Json, new: Json) -> frozenset[int | str]:
    """The names of variables that differ."""
    built = {variable.get("name"): variable for variable in dicts(path(new, "templating"), "list")}
    return frozenset(
        str(variable["name"])
        for variable in dicts(path(old, "templating"), "list")
        if "name" in variable and leaves_of(variable) != leaves_of(built.get(variable["name"], {}))
    )


def _different_panels(old: Sequence[Json], new: Sequence[Json]) -> frozenset[int | str]:
    """The numbers of panels that differ, or are not there, on the new side."""
    built = {_key(panel): panel for panel in new}
    return frozenset(
        number
        for number, panel in enumerate(old)
        if (other := built.get(_key(panel))) is None or _form(panel) != _form(other)
    )


def _key(panel: Json) -> str:
    """The id of a panel, or its place if Grafana has not given it one."""
    return text_of(panel.get("id") or panel.get("gridPos"))


def _form(panel: Json) -> Leaves:
    """What a panel says. Its queries name their data sources, whatever the panel names."""
    return leaves_of(without(panel, "datasource") if panel.get("targets") else panel)


def _seen(body: Json) -> list[Json]:
    return [panel for section in sections(body.get("panels", [])) for panel in section.panels]


def _compared(resources: Sequence[Resource], built: Sequence[Resource]) -> Diff:
    # Only what the originals have: definitions also make rules for another engine.
    keys = {resource.key for resource in resources}
    old = Side(name="originals", resources=[*map(_comparable, resources)])
    new = Side(
        name="definitions",
        resources=[_comparable(resource) for resource in built if resource.key in keys],
    )
    return compare(old, new)


def _comparable(resource: Resource) -> Resource:
    """A resource in the form in which a push compares it: without what a server adds, and with one
    text for all secrets."""
    if resource.kind is Kind.DASHBOARD or not resource.kind.facts.in_grafana:
        return resource
    parts = KINDS[resource.kind].parts(resource.body, resource.folder)
    return replace(resource, json=canonical(whole(resource.kind, parts)), uses=())
