"""Brings changes that somebody made in Grafana into the definitions that they are of.

An argument that says what changed gets the new value, in the text of the file. Whether that is
right is not guessed but tried: the changed project is built, and a change stays only if the object
is nearer to what Grafana has, and no other object is another one. All else is for people, who get
the code to write.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

from gk.compile import compile
from gk.decompile.files import copied, there
from gk.decompile.leaves import Leaves, leaves_of
from gk.decompile.python import text
from gk.documents.dashboards import drop_ids_of_one_side, normalized, tidy_queries
from gk.documents.differences import ABSENT
from gk.documents.parts import without
from gk.documents.references import share_types
from gk.documents.schema_v2 import as_classic
from gk.errors import GkError
from gk.grafana.live import Live
from gk.project import load
from gk.pull.changes import Change, by_hand, changes, is_pulled
from gk.pull.documents import both, by_id
from gk.pull.source import (
    Call,
    again,
    calls,
    has_argument,
    laid_out,
    with_argument,
    with_constant,
    with_title,
)
from gk.push.plan import Action, Secrets, compare, desired_parts, live_parts, unseen
from gk.resource import Key, Kind, Resource

__all__ = ["Pulled", "pulled"]


@dataclass
class Pulled:
    """The changes that files say now, with the file and the line of each; those that people have to
    make; and the files before and after."""

    done: list[tuple[Change, str]] = field(default_factory=list)
    by_hand: list[Change] = field(default_factory=list)
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, str]:
        """The files that changed."""
        return {
            file: content for file, content in self.after.items() if content != self.before[file]
        }


Adapt: TypeAlias = Callable[[Iterable[Resource]], Sequence[Resource]]
"""Makes what definitions build what a push brings to a certain Grafana."""


def pulled(
    root: Path,
    environment: str,
    resources: Sequence[Resource],
    lives: Mapping[Key, Live],
    adapt: Adapt,
) -> Pulled:
    """Find the changes of objects in Grafana, and the files that say them. Writes nothing.

    `resources` are what a push brings, which is what `adapt` makes of all that is built.
    """
    files = there(root)
    with tempfile.TemporaryDirectory() as name:
        copy = copied(root, Path(name))
        built = {resource.key: resource for resource in resources}
        trial = _Trial(copy, environment, adapt, dict(files), built)
        result = Pulled(before=files)
        for key, live in lives.items():
            before = len(result.by_hand)
            _pull(trial, key, live, result)
            if len(result.by_hand) == before:
                result.by_hand += _left(trial.built[key], live)
        result.after = trial.files
    return result


def _pull(trial: _Trial, key: Key, live: Live, result: Pulled) -> None:
    resource = trial.built[key]
    if resource.folder != live.folder and resource.kind is Kind.DASHBOARD:
        folder = f"folder '{live.folder}'" if live.folder else "General"
        about = f"dashboard '{resource.title}' was moved to {folder}"
        result.by_hand.append(by_hand(resource.title, about, "set folder= to its title"))
    if not trial.distance(resource, live):
        return
    edits = changes(resource.kind, *both(resource, live))
    # Calls are found by their titles, so titles change last.
    edits.sort(key=lambda change: (change.argument == "title", change.group))
    # All at once first: each trial builds the project. Below 1, nothing differs any more.
    if places := trial.together(edits, key, live, 1):
        result.done += zip(edits, places, strict=True)
        return
    for name, together in groupby(edits, key=lambda change: change.group):
        group = [*together]
        distance = trial.distance(trial.built[key], live)
        if name and (places := trial.together(group, key, live, distance)):
            result.done += zip(group, places, strict=True)
            continue
        for change in group:
            place = "" if change.is_by_hand else trial.tried(change, key, live)
            if place:
                result.done.append((change, place))
            elif trial.distance(trial.built[key], live):
                result.by_hand.append(change)


def _left(resource: Resource, live: Live) -> Iterator[Change]:
    """What a push would still find, such as a tab that was renamed."""
    planned = compare(resource, live, None, secrets=Secrets.UNKNOWN)
    if planned.action is not Action.UNCHANGED:
        elsewhere = " elsewhere" if is_pulled(resource.kind) else ""
        about = f"{resource.kind.value} '{resource.title}' differs{elsewhere}"
        lines = [
            f"{field.path}: {_shown(field.here)} -> {_shown(field.there)}"
            for field in planned.fields
        ]
        yield by_hand(resource.title, about, "\n".join(lines))


def _shown(value: Any) -> str:
    return "(nothing)" if value is ABSENT else text(value)


@dataclass
class _Trial:
    """A copy of the project, in which changes are tried."""

    root: Path
    environment: str
    adapt: Adapt
    files: dict[str, str]
    built: dict[Key, Resource]

    def together(self, edits: Sequence[Change], key: Key, live: Live, distance: int) -> list[str]:
        """Make all changes where they most likely belong; returns the places, or none if the object
        is not nearer than a distance to what Grafana has then."""
        files, places = dict(self.files), list[str]()
        for change in edits:
            call = next(iter(self._calls(change, key, files)), None)
            if change.is_by_hand or call is None:
                return []
            try:
                files[call.file] = _changed(files[call.file], call, change)
            except ValueError:
                # One that cannot be made spoils the whole; `tried` does the others one by one.
                return []
            places.append(f"{call.file}:{call.line}")
        built = self._built(files)
        if built and self._is_better(built, key, live, distance):
            self._keep(files, built)
            return places
        return []

    def tried(self, change: Change, key: Key, live: Live) -> str:
        """Make a change where it brings the object nearer to Grafana's; returns the file and the
        line, or an empty text."""
        distance = self.distance(self.built[key], live)
        for call in self._calls(change, key, self.files):
            try:
                content = _changed(self.files[call.file], call, change)
            except ValueError:
                continue
            files = {**self.files, call.file: content}
            built = self._built(files)
            if built and self._is_better(built, key, live, distance):
                self._keep(files, built)
                return f"{call.file}:{call.line}"
        return ""

    def _keep(self, files: dict[str, str], built: dict[Key, Resource]) -> None:
        for file, content in files.items():
            if content != self.files[file]:
                (self.root / file).write_text(content, encoding="utf-8")
        self.files, self.built = files, built

    def _calls(self, change: Change, key: Key, files: Mapping[str, str]) -> Iterator[Call]:
        """The calls with the title of a change, those in the object's own file first."""
        own = self.built[key].source.file
        # The same title in another file is mostly another object's.
        ordered = dict(sorted(files.items(), key=lambda item: item[0] != own))
        return calls(ordered, change.title)

    def _built(self, files: Mapping[str, str]) -> dict[Key, Resource] | None:
        """What the project builds with these files; None if it does not build."""
        changed = [file for file, content in files.items() if content != self.files[file]]
        try:
            for file in changed:
                (self.root / file).write_text(files[file], encoding="utf-8")
            built = compile(load(self.root, self.environment), is_pushed=True)
            return {resource.key: resource for resource in self.adapt(built)}
        except GkError:
            return None
        finally:
            for file in changed:
                (self.root / file).write_text(self.files[file], encoding="utf-8")

    def _is_better(
        self, built: Mapping[Key, Resource], key: Key, live: Live, distance: int
    ) -> bool:
        others = [resource for resource in self.built.values() if resource.key != key]
        is_same = all(
            other.key in built and built[other.key].json == other.json for other in others
        )
        return is_same and key in built and self.distance(built[key], live) < distance

    def distance(self, resource: Resource, live: Live) -> int:
        """The number of fields in which a resource differs from what Grafana has."""
        one, other = _compared(resource, live)
        return len(one.items() ^ other.items())


def _changed(content: str, call: Call, change: Change) -> str:
    """The file after a change of a call, in the layout of `ruff format` where that was its layout
    before."""
    changed = _rewritten(content, call, change)
    was_laid_out = content == laid_out(content, call)
    return laid_out(changed, again(changed, call)) if was_laid_out else changed


def _rewritten(content: str, call: Call, change: Change) -> str:
    if change.argument == "title":
        content = with_title(content, call, str(change.new))
        if change.keeps is None or has_argument(call, "id", change.keeps[0]):
            return content
        return with_argument(content, again(content, call), *change.keeps)
    if change.argument:
        content = with_argument(content, call, change.argument, change.new, gone=change.is_gone)
        # The size is in grid= now.
        for size in ("width", "height") if change.argument == "grid" and not change.is_gone else ():
            if has_argument(call, size):
                content = with_argument(content, again(content, call), size, None, gone=True)
        return content
    try:
        return with_constant(content, call, change.old, change.new)
    except ValueError:
        # The call does not have the constant, or has it twice: an argument may say the same.
        if change.otherwise is None:
            raise
        return with_argument(content, call, *change.otherwise)


def _compared(resource: Resource, live: Live) -> tuple[Leaves, Leaves]:
    if resource.kind is not Kind.DASHBOARD:
        wanted = desired_parts(resource)
        return leaves_of(wanted), leaves_of(unseen(live_parts(resource, live), wanted))
    bodies = [tidy_queries(normalized(as_classic(body))) for body in (resource.body, live.body)]
    share_types(bodies)
    drop_ids_of_one_side(bodies)
    one, other = (_by_panel(body) for body in bodies)
    return one, other


def _by_panel(body: dict[str, Any]) -> Leaves:
    """The leaves of a dashboard, with those of each panel by its id."""
    panels = by_id(body.get("panels", ()))
    variables = {
        variable.get("name"): variable for variable in body.get("templating", {}).get("list", ())
    }
    targets = {
        f"{id_} {target.get('refId')}": target
        for id_, panel in panels.items()
        for target in panel.get("targets", ())
    }
    rest = without(body, "panels", "templating", "schemaVersion")
    inside = by_id(inner for panel in panels.values() for inner in panel.get("panels", ()))
    return leaves_of(
        {**rest, "panels": {**panels, **inside}, "variables": variables, "targets": targets}
    )
