"""A comparison as JSON. docs/diff.schema.json describes the document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from gk.diff.model import Cause, Change, Diff, Edit, Mark, Part, Risk
from gk.diff.sides.sandbox import Walls
from gk.documents.differences import ABSENT
from gk.errors import Problem

__all__ = ["VERSION", "as_json"]

VERSION = 1
"""Version of the document. It increases if a field is removed or changes its meaning, not if one is
added."""


def as_json(diff: Diff) -> str:
    """The document. A value that a side lacks is left out; a whole object that it lacks is null."""
    body = {
        "version": VERSION,
        "old": {"name": diff.old, "problems": _problems(diff.old_problems)},
        "new": {"name": diff.new, "problems": _problems(diff.new_problems)},
        "not_compared": list(diff.not_compared),
        "differs": diff.differs,
        "tampered": diff.is_tampered,
        "sandbox": _sandbox(diff.walls),
        "summary": {
            **{mark.value: diff.count(mark) for mark in Mark},
            "unchanged": {kind.value: number for kind, number in diff.unchanged.items()},
        },
        **_of_environments(diff),
        "risks": [_risk(risk) for risk in diff.risks],
        "causes": [_cause(cause) for cause in diff.causes],
        # Including twins, which other forms hide: `twin` marks them.
        "changes": [_change(change) for change in diff.changes],
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()


def _of_environments(diff: Diff) -> Mapping[str, Any]:
    if not diff.environments:
        return {}
    return {
        "environments": list(diff.environments),
        "environments_added": list(diff.environments_added),
        "environments_removed": list(diff.environments_removed),
    }


def _in(owner: Edit | Part | Change | Cause | Risk) -> Mapping[str, Any]:
    """The environments that have it; nothing in a project without environments."""
    return {"environments": list(owner.environments)} if owner.environments else {}


def _sandbox(walls: Walls | None) -> Any:
    return walls and {
        "complete": walls.stand,
        "landlock": walls.landlock,
        "seccomp": walls.seccomp,
        "network_namespace": walls.network,
    }


def _problems(problems: Iterable[Problem]) -> list[Any]:
    return [
        {"file": problem.source.file, "line": problem.source.line, "message": problem.text}
        for problem in problems
    ]


def _risk(risk: Risk) -> Mapping[str, Any]:
    return {
        "level": risk.level.value,
        "message": risk.message,
        "kind": risk.kind.value,
        "uid": risk.uid,
        "part": str(risk.part or ""),
        **_in(risk),
    }


def _cause(cause: Cause) -> Mapping[str, Any]:
    places = [
        {"kind": place.kind.value, "uid": place.uid, "title": place.title, "part": str(place.part)}
        for place in cause.places
    ]
    return {
        "id": cause.id,
        "title": cause.title,
        "summary": cause.summary,
        "edits": [_edit(edit) for edit in cause.edits],
        "places": places,
        **_in(cause),
    }


def _change(change: Change) -> Mapping[str, Any]:
    history = [
        {"version": version.number, "by": version.by, "at": version.at, "message": version.message}
        for version in change.history
    ]
    return {
        "mark": change.mark.value,
        "kind": change.kind.value,
        "uid": change.uid,
        "title": change.title,
        "folder": change.folder,
        "old_uid": change.old_uid,
        "old_title": change.old_title,
        "old_folder": change.old_folder,
        "file": change.source.file,
        "line": change.source.line,
        "twin": change.is_twin,
        "parts": [_part(part) for part in change.parts],
        "patch": change.patch,
        "history": history,
        **_in(change),
        **({"patches": patches} if (patches := change.patches) else {}),
    }


def _part(part: Part) -> Mapping[str, Any]:
    return {
        "kind": part.kind,
        "name": part.name,
        "mark": part.mark.value,
        "row": part.row,
        "within": part.within,
        "old_id": part.ids[0],
        "new_id": part.ids[1],
        "edits": [_edit(edit) for edit in part.edits],
        **_in(part),
    }


def _edit(edit: Edit) -> Mapping[str, Any]:
    values = {"old": edit.old, "new": edit.new}
    return {
        "field": edit.field,
        "path": edit.path,
        "form": edit.form.value,
        **{name: value for name, value in values.items() if value is not ABSENT},
        "causes": list(edit.causes),
        **_in(edit),
    }
