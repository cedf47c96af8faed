"""What a change touches: the objects, the parts of them and the snippets that differ between the
working tree and a revision, and which findings of gk check are about these.

Both sides are built as gk diff builds them, each in a process of its own. Since a branch means
since this branch left it: what others added there in the meantime is no change of this one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gk.check import Finding, Report
from gk.diff.sides.git import WORKING_TREE, Range, Repository
from gk.diff.sides.revision import sides
from gk.diff.sides.side import Side
from gk.documents.parts import dicts, every_panel, path
from gk.documents.schema_v2 import as_classic
from gk.errors import GkError
from gk.project.imports import CHECKS
from gk.resource import Key, Kind, Resource, canonical
from gk.settings import SETTINGS_FILE

__all__ = ["Change", "change_since"]

_Part = tuple[str, str]
"""The kind and the name of a part of an object; of one without a title, an empty name."""
_COMPARED = ("alert", "annotation", "panel", "recording rule", "row", "variable")
"""The kinds of parts that are compared; any other belongs to its object."""


@dataclass(frozen=True)
class Change:
    """The working tree and a revision: two sides."""

    old: Side
    new: Side

    @property
    def warnings(self) -> Iterator[str]:
        """Why gk may report more than what changed: sentences."""
        for side in (self.old, self.new):
            problems = [
                *side.problems,
                *(problem for own in side.environments.values() for problem in own.problems),
            ]
            if problems:
                more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
                yield (
                    f"{side.name} has mistakes, and what they concern counts as changed: "
                    f"{problems[0]}{more}"
                )

    def of(self, environment: str) -> Touched:
        """What it touches in an environment, or in a project without any."""
        return Touched.between(self.old.of(environment), self.new.of(environment))


def change_since(root: Path, revision: str, environment: str = "") -> Change:
    """The change of the project in `root` since a revision, or since this branch left it.

    Raises ConfigError for an unknown revision, and where gk diff refuses to build a side.
    """
    base, _ = Repository(root).commits(Range(revision, "HEAD", merge_base=True))
    assert base is not None
    old, new = sides(root, Range(base.id, WORKING_TREE), environment=environment)
    for side in (old, new):
        if side.is_tampered:
            raise GkError(f"--since: {side.name}: {side.problems[0].message}")
    return Change(old, new)


@dataclass(frozen=True)
class Touched:
    """What a change touches in one environment. `known` are the objects of the new side: any other
    one did not load there, and counts as touched."""

    known: Collection[Key]
    changed: Mapping[Key, Collection[_Part]]
    """The objects that differ, each with the parts that differ."""
    snippets: Collection[str]
    files: Collection[str]
    gone: Collection[Key]

    @classmethod
    def between(cls, old: Side, new: Side) -> Touched:
        """What differs between two sides."""
        before = {resource.key: resource for resource in old.resources}
        after = {resource.key: resource for resource in new.resources}
        changed = [
            resource
            for key, resource in after.items()
            if key not in before or before[key].json != resource.json
        ]
        return cls(
            after.keys(),
            {
                resource.key: _changed_parts(before.get(resource.key), resource)
                for resource in changed
            },
            _changed_snippets(old, new),
            {resource.source.file for resource in changed},
            before.keys() - after.keys(),
        )

    def only(self, report: Report) -> Report:
        """The report with the findings in what is touched; it counts the others."""
        findings = [finding for finding in report.findings if self.contains(finding)]
        silenced = [pair for pair in report.silenced if self.contains(pair[0])]
        elsewhere = len(report.findings) - len(findings)
        return replace(report, findings=findings, silenced=silenced, elsewhere=elsewhere)

    def contains(self, finding: Finding) -> bool:
        """Whether a finding is about what is touched."""
        if finding.where and finding.where.kind == "snippet":
            return finding.where.name in self.snippets
        if any(key in self.changed or key in self.gone for key in finding.others):
            return True
        if finding.key is None:
            return self._is_about_change(finding)
        if finding.key not in self.known:
            return True
        if finding.key not in self.changed:
            return False
        where = finding.where
        return (
            where is None
            or where.kind not in _COMPARED
            or (where.kind, where.name or "") in self.changed[finding.key]
        )

    def _is_about_change(self, finding: Finding) -> bool:
        """Whether a finding of no object is about what is touched: it is in a file of one.
        Silences in gk.yaml, checks and tests that fail are of the whole project."""
        file = finding.source.file
        is_of_all = file == SETTINGS_FILE or file.startswith((f"{CHECKS}/", "tests/"))
        return is_of_all or file in self.files


# Parts


def _changed_parts(old: Resource | None, new: Resource) -> frozenset[_Part]:
    """The parts of an object that differ, or read a variable that does. Parts of one name are
    compared together."""
    before, after = (_parts(resource) if resource else {} for resource in (old, new))
    changed = {part for part in {*before, *after} if before.get(part) != after.get(part)}
    variables = [re.escape(name) for kind, name in changed if kind == "variable"]
    if variables:
        reads = re.compile(rf"\$\{{?(?:{'|'.join(variables)})\b|\[\[(?:{'|'.join(variables)})\b")
        changed |= {
            part
            for part, documents in after.items()
            if any(reads.search(document.decode()) for document in documents)
        }
    return frozenset(changed)


def _parts(resource: Resource) -> dict[_Part, list[bytes]]:
    documents: dict[_Part, list[bytes]] = defaultdict(list)
    for part, document in _documents(resource):
        documents[part].append(canonical(document))
    return documents


def _documents(resource: Resource) -> Iterator[tuple[_Part, Any]]:
    if resource.kind is Kind.DASHBOARD:
        # gk lays out the panels of definitions: one more row moves all those below it.
        is_placed = not resource.source.file.endswith(".py")
        yield from _of_dashboard(as_classic(resource.body), is_placed=is_placed)
    elif resource.kind is Kind.LIBRARY_PANEL:
        model = path(resource.body, "model")
        yield ("panel", str(model.get("title") or "")), model
    elif resource.kind in (Kind.RULE_GROUP, Kind.PROMETHEUS_GROUP):
        for rule in dicts(resource.body, "rules"):
            kind = "recording rule" if rule.get("record") else "alert"
            names = (rule.get(key) for key in ("title", "alert", "record"))
            yield (kind, next((name for name in names if isinstance(name, str)), "")), rule


def _of_dashboard(body: Any, *, is_placed: bool) -> Iterator[tuple[_Part, Any]]:
    for panel in every_panel(body):
        kind = "row" if panel.get("type") == "row" else "panel"
        document = {key: value for key, value in panel.items() if key != "panels"}
        if not is_placed:
            place = path(panel, "gridPos")
            document["gridPos"] = [place.get("w"), place.get("h")]
        yield (kind, str(panel.get("title") or "")), document
    for variable in dicts(path(body, "templating"), "list"):
        yield ("variable", str(variable.get("name", ""))), variable
    for annotation in dicts(path(body, "annotations"), "list"):
        yield ("annotation", str(annotation.get("name", ""))), annotation


# Snippets


def _changed_snippets(old: Side, new: Side) -> frozenset[str]:
    """The snippets whose code differs, or that render a query that they did not render before."""
    code = {
        name
        for name, facts in new.snippets.items()
        if name not in old.snippets or old.snippets[name].fingerprint != facts.fingerprint
    }
    rendered = _rendered(new) - _rendered(old)
    return frozenset(code | {name for name, _ in rendered})


def _rendered(side: Side) -> set[tuple[str, str]]:
    return {(use.snippet, use.expr) for uses in side.uses.values() for use in uses}
