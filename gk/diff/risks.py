"""Finds the risks of changes: what a reviewer must not miss."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gk.diff.codes import Code
from gk.diff.model import Change, Edit, Form, Level, Mark, Part, Risk, Spot
from gk.diff.parts.beyond import CLASSIC, WITH
from gk.diff.parts.fields import as_list, as_mapping
from gk.diff.parts.placed import placed
from gk.diff.parts.rules import NO_BOUND, SEVERITIES, threshold
from gk.diff.search import Search, is_gone_series, named
from gk.documents.differences import ABSENT
from gk.documents.durations import milliseconds
from gk.documents.parts import every_panel
from gk.documents.schema_v2 import is_in_parts
from gk.forms.plurals import several
from gk.promql.syntax import parse, variables
from gk.resource import Kind, Resource

__all__ = ["risks"]


def risks(changes: Sequence[Change], resources: Sequence[Resource]) -> list[Risk]:
    """The risks of the changes, worst first. `resources` are all resources of the new side."""
    search = Search(changes, resources)
    listed = [risk for change in changes for risk in _of_change(change, search)]
    # Sorting is stable: within a level, the order of changes remains.
    levels = list(Level)
    return sorted(listed, key=lambda risk: levels.index(risk.level))


def _of_change(change: Change, search: Search) -> Iterator[Risk]:
    # Nothing is known to be lost.
    if change.mark is Mark.UNKNOWN:
        return
    if change.kind is Kind.DASHBOARD:
        yield from _of_dashboard(change, search)
    elif change.kind in (Kind.RULE_GROUP, Kind.PROMETHEUS_GROUP):
        yield from _of_group(change, search)
    elif change.kind is Kind.DATASOURCE:
        yield from _of_datasource(change, search)
    elif change.mark is not Mark.ADDED:
        yield from _of_others(change)


def _danger(change: Change, message: str, part: Spot | None = None) -> Risk:
    return Risk(Level.DANGER, message, change.kind, change.uid, part)


def _warning(change: Change, message: str, part: Spot | None = None) -> Risk:
    return Risk(Level.WARNING, message, change.kind, change.uid, part)


# Dashboards


def _of_dashboard(change: Change, search: Search) -> Iterator[Risk]:
    who = f"dashboard '{change.old_title}'"
    if change.mark is Mark.REMOVED:
        linked = named(search.linking(change.uid), "still link")
        still = f"; {linked} to it" if linked else ""
        yield _danger(
            change,
            f"{who} ({change.uid}) is deleted: links to it, stars and its history are lost{still}",
        )
        return
    if change.old_uid != change.uid:
        linked = named(search.linking(change.old_uid), "still link")
        still = f"; {linked} to the old one" if linked else ""
        message = (
            f"{who} has another uid, {change.old_uid} -> {change.uid}: "
            f"links to it and stars break{still}"
        )
        yield _danger(change, message)
    if change.old_folder != change.folder:
        folders = f"'{change.old_folder or 'General'}' -> '{change.folder or 'General'}'"
        yield _warning(
            change,
            f"{who} moves to another folder, {folders}: who may see and edit it follows the folder",
        )
    yield from _of_schema(change, who)
    gone = {
        part.ids[0]: part for part in change.parts if part.kind == "variable" and _is_gone(part)
    }
    users = _users(change.new) if gone and change.mark is Mark.CHANGED else {}
    for part in change.parts:
        if change.mark is Mark.CHANGED and part.kind == "variable" and _is_gone(part):
            yield from _of_variable(change, part, users.get(part.ids[0], ()), search)
        if any(edit.code is Code.PART_OF for edit in part.edits) and change.mark is Mark.CHANGED:
            yield from _of_moved_variable(change, part)
        yield from _of_part(change, part)


def _of_schema(change: Change, who: str) -> Iterator[Risk]:
    for part in change.parts if change.mark is Mark.CHANGED else ():
        for edit in part.edits:
            if edit.code is Code.SCHEMA and edit.new == CLASSIC:
                lost = str(edit.old).removeprefix(f"{WITH} ")
                yield _danger(change, f"{who} becomes a classic one and loses {lost}")


def _is_gone(part: Part) -> bool:
    return bool(part.ids[0]) and (part.mark is Mark.REMOVED or part.ids[0] != part.ids[1])


def _of_part(change: Change, part: Part) -> Iterator[Risk]:
    for edit in part.edits:
        if edit.form is Form.PROMQL and edit.new is not ABSENT and (mistake := _new_mistake(edit)):
            yield _danger(
                change,
                f"{part.title} of {change.name}: its {edit.field} {_parses_not(edit)}: {mistake}",
                part.spot,
            )
        if (
            edit.code is Code.ID
            and part.kind == "panel"
            and edit.new is not ABSENT
            and edit.old is not ABSENT
        ):
            message = (
                f"{part.title} of {change.name} has another id: "
                "links to the panel (viewPanel) break"
            )
            yield _warning(change, f"{message}; key= keeps it", part.spot)


def _of_variable(
    change: Change, part: Part, users: Sequence[str], search: Search
) -> Iterator[Risk]:
    name = part.ids[0]
    if users:
        message = f"variable ${name} of {change.name} is gone, and {_still_using(users)}"
        yield _danger(change, message, part.spot)
    if linking := named(search.setting(change.uid, name), "still set"):
        yield _danger(
            change,
            f"variable ${name} of {change.name} is gone, and {linking} it in a link",
            part.spot,
        )


def _still_using(users: Sequence[str]) -> str:
    return f"{several(users, 3)} still {'use it' if len(users) > 1 else 'uses it'}"


def _of_moved_variable(change: Change, part: Part) -> Iterator[Risk]:
    """Only what is in a row or a tab of schema v2 knows its variables."""
    listed = as_list(as_mapping(change.new.get("templating")).get("list"))
    owners = {str(variable.get("name")): variable.get("part") for variable in listed}
    inside: set[int] = set()
    users = []
    for shown in placed(change.new) if owners.get(part.name) else ():
        said = {**shown.body, **shown.item}
        if shown.pointer == owners[part.name] or shown.within in inside:
            inside.add(shown.index)
        elif part.name in variables(json.dumps(said)) | _ruling(said):
            users.append(f"{shown.kind} '{shown.title}'")
    if users:
        where = next(edit.new for edit in part.edits if edit.code is Code.PART_OF)
        message = f"variable ${part.name} of {change.name} is known only in {where} now"
        yield _danger(change, f"{message}, and {_still_using(users)}", part.spot)


def _users(body: Any) -> Mapping[str, Sequence[str]]:
    """The panels, variables, ... of a dashboard that use each variable."""
    users: dict[str, list[str]] = defaultdict(list)
    for user, names in _naming(body):
        for name in names:
            if user not in users[name]:
                users[name].append(user)
    return users


def _naming(body: Any) -> Iterator[tuple[str, set[str]]]:
    for panel in every_panel(body):
        own = {key: value for key, value in panel.items() if key != "panels"}
        kind = "row" if panel.get("type") == "row" else "panel"
        yield (
            f"{kind} '{panel.get('title', '')}'",
            variables(json.dumps(own)) | {str(panel.get("repeat", ""))},
        )
    for shown in placed(body) if is_in_parts(body) else ():
        said = shown.body if shown.is_part else shown.item
        yield f"{shown.kind} '{shown.title}'", variables(json.dumps(said)) | _ruling(said)
    for kind, listed, key in (
        ("variable", body.get("templating", {}).get("list", []), "name"),
        ("annotation", body.get("annotations", {}).get("list", []), "name"),
        ("link", body.get("links", []), "title"),
    ):
        for item in listed:
            yield str(Spot(kind, item.get(key, ""))), variables(json.dumps(item))
    yield "the title", variables(str(body.get("title", "")))


def _ruling(said: Mapping[str, Any]) -> set[str]:
    """The variables by which a part or a panel is repeated, or which decide whether it is shown."""
    rules = as_mapping(as_mapping(said.get("conditionalRendering")).get("spec")).get("items")
    named = [as_mapping(as_mapping(rule).get("spec")).get("variable") for rule in as_list(rules)]
    return {str(name) for name in (as_mapping(said.get("repeat")).get("value"), *named) if name}


def _parses_not(edit: Edit) -> str:
    return "does not parse" if edit.old is ABSENT else "no longer parses"


def _new_mistake(edit: Edit) -> str:
    """Why a changed or added query does not parse; empty if it does, or if the old one did not
    either."""
    if edit.old is not ABSENT and _mistake(edit.old):
        return ""
    return _mistake(edit.new)


# Grafana's own functions in the queries of variables.
_ASKED = re.compile(
    r"\s*(?:label_values|label_names|metrics|query_result|series_query)\(.*\)\s*", re.DOTALL
)


def _mistake(expr: Any) -> str:
    if not isinstance(expr, str) or not expr.strip() or _ASKED.fullmatch(expr):
        return ""
    try:
        parse(expr)
    except ValueError as error:
        return " ".join(str(error).split())
    return ""


# Alerts


def _of_group(change: Change, search: Search) -> Iterator[Risk]:
    for part in change.parts:
        if part.kind == "alert":
            yield from _of_alert(change, part, search)
        elif part.kind == "recording rule":
            yield from _of_recording_rule(change, part, search)
        for edit in part.edits:
            if edit.code is Code.LIMIT and (message := _lower_limit(edit)):
                yield _warning(change, f"rule group '{change.title}' {message}", part.spot)
            if (
                part.kind
                and edit.form is Form.PROMQL
                and edit.new is not ABSENT
                and (mistake := _new_mistake(edit))
            ):
                yield _danger(change, f"{part.title} {_parses_not(edit)}: {mistake}", part.spot)


def _lower_limit(edit: Edit) -> str:
    if not isinstance(edit.new, int) or (isinstance(edit.old, int) and edit.old <= edit.new):
        return ""
    return f"has the limit {edit.new}, was {_said(edit.old)}: a rule that returns more fails"


def _of_alert(change: Change, part: Part, search: Search) -> Iterator[Risk]:
    if part.mark is Mark.REMOVED:
        # The same alert is added elsewhere, so it only moved.
        if group := search.alerts.get((change.kind, part.name)):
            yield _warning(
                change,
                f"{part.title} moves from group '{change.title}' to '{group}': "
                "what is pending or firing starts anew",
                part.spot,
            )
        else:
            yield _danger(
                change, f"{part.title} is removed: it no longer notifies anybody", part.spot
            )
        return
    if part.mark is Mark.ADDED:
        return
    edits = {edit.code: edit for edit in part.edits}
    if Code.NAME in edits:
        old = edits[Code.NAME].old
        yield _warning(
            change,
            f"alert '{old}' is renamed to '{part.name}': silences and routes "
            "that match it by name miss it",
            part.spot,
        )
    for loosened in filter(
        None, (judge(edits[code]) for code, judge in _JUDGES.items() if code in edits)
    ):
        yield _danger(change, f"{part.title} is {loosened}", part.spot)
    if Code.RECEIVER in edits:
        edit = edits[Code.RECEIVER]
        yield _warning(
            change,
            f"{part.title} notifies a different receiver: {_said(edit.old)} -> {_said(edit.new)}",
            part.spot,
        )
    for code in (Code.MUTE_TIMINGS, Code.ACTIVE_TIMINGS):
        if code in edits:
            edit = edits[code]
            yield _warning(
                change,
                f"{part.title} notifies at other times: {code.value} {_listed(edit.old)} -> "
                f"{_listed(edit.new)}",
                part.spot,
            )


def _paused(edit: Edit) -> str:
    return "paused: it does not fire any more" if edit.new is True else ""


def _higher_bound(edit: Edit) -> str:
    if edit.new == NO_BOUND:
        return ""
    old, new = threshold(edit.old), threshold(edit.new)
    # Numbers compare only if both bounds have the same direction.
    if not old or not new or old[0][0] != new[0][0]:
        return f"changed: it fires at {edit.new}, was {edit.old}"
    (operator, before), (now, after) = old, new
    # `>= 5` also fires at 5, `> 5` does not.
    is_stricter = (operator, now) in ((">=", ">"), ("<=", "<")) and before == after
    is_looser = after > before if now.startswith(">") else after < before
    return f"loosened: it fires at {edit.new}, was {edit.old}" if is_looser or is_stricter else ""


def _longer_wait(edit: Edit) -> str:
    before, after = milliseconds(str(edit.old)) or 0, milliseconds(str(edit.new)) or 0
    return f"loosened: it waits {edit.new}, was {edit.old}" if after > before else ""


def _less_severe(edit: Edit) -> str:
    if edit.old is ABSENT:
        return ""
    ranks = {name: rank for rank, name in enumerate(SEVERITIES)}
    before, after = (
        ranks.get(str(edit.old)),
        ranks.get(str(edit.new), len(SEVERITIES) if edit.new is ABSENT else None),
    )
    if before is None or after is None:
        # A team's own severity: gk cannot know whether it is higher or lower.
        return f"changed: its severity is {_said(edit.new)}, was {edit.old}"
    return f"less severe: {edit.old} -> {_said(edit.new)}" if after > before else ""


def _silent_without_data(edit: Edit) -> str:
    return (
        f"silent without data now, was {_said(edit.old)}" if edit.new in ("OK", "KeepLast") else ""
    )


def _silent_on_errors(edit: Edit) -> str:
    return (
        f"silent on errors of its query now, was {_said(edit.old)}"
        if edit.new in ("OK", "KeepLast")
        else ""
    )


_JUDGES = {
    Code.PAUSED: _paused,
    Code.THRESHOLD: _higher_bound,
    Code.WAITS: _longer_wait,
    Code.SEVERITY: _less_severe,
    Code.NO_DATA: _silent_without_data,
    Code.ON_ERROR: _silent_on_errors,
}


def _said(value: Any) -> str:
    return "none" if value is ABSENT else str(value)


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else _said(value)


def _of_recording_rule(change: Change, part: Part, search: Search) -> Iterator[Risk]:
    name = part.ids[0] or part.name
    if not is_gone_series(part) or name in search.recorded:
        return
    if users := named(search.having(name), "still read"):
        yield _danger(change, f"recording rule '{name}' is gone, and {users} it", part.spot)


# Data sources, folders and notifications


def _of_datasource(change: Change, search: Search) -> Iterator[Risk]:
    if change.mark is Mark.ADDED:
        return
    old_uid = change.old_uid
    if change.mark is Mark.REMOVED or old_uid != change.uid:
        users = named(search.asking(old_uid), "still ask")
        still = f"; {users} it" if users else ""
        became = (
            "is removed"
            if change.mark is Mark.REMOVED
            else f"has another uid, {old_uid} -> {change.uid}"
        )
        yield _danger(change, f"data source '{change.old_title}' ({old_uid}) {became}{still}")
        return
    fields = ", ".join(edit.field for part in change.parts for edit in part.edits)
    users = named(search.asking(change.uid), "ask")
    yield _warning(
        change, f"data source '{change.title}' changes ({fields}){f'; {users} it' if users else ''}"
    )


_OTHERS = {
    Kind.FOLDER: (
        "is removed: Grafana deletes what is left in it",
        "changes: its contents move",
    ),
    Kind.CONTACT_POINT: ("is removed", "changes: notifications go elsewhere, or look different"),
    Kind.NOTIFICATION_POLICY: (
        "is removed: all alerts go to Grafana's default",
        "changes: which alerts notify whom",
    ),
    Kind.MUTE_TIMING: ("is removed", "changes: when alerts are silent"),
}
_ANY_OTHER = ("is removed", "")


def _of_others(change: Change) -> Iterator[Risk]:
    gone, changed = _OTHERS.get(change.kind, _ANY_OTHER)
    words = gone if change.mark is Mark.REMOVED else changed
    if words:
        yield _warning(change, f"{change.kind.value} '{change.old_title}' {words}")
