"""What changed once and shows in many places: a snippet, the labels of an exporter, the same value
everywhere."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from gk.diff.model import Cause, Change, Edit, Form, Mark, Part, Place
from gk.diff.parts.rules import rules, split_bound
from gk.diff.sides.side import Side, Used
from gk.documents.dashboards import is_classic
from gk.documents.differences import ABSENT
from gk.plurals import counted
from gk.promql.alignment import align
from gk.resource import Kind

__all__ = ["told_once"]

_PIECES = 2
"""How many stretches of a query may change to be the same change elsewhere."""
_ENOUGH = 3
"""In how many places the same edit is told once."""
_OF_A_QUERY = re.compile(r"^(query|legend) \w+")
_OF_ONE_PLACE = frozenset(
    {"id", "uid", "name", "title", "layout", "moved", "size", "collapsed", "tags"}
)
"""Fields whose equal edits have no cause in common."""


_CausesOf = Callable[[Change, Part, Edit], tuple[str, ...]]


def told_once(old: Side, new: Side, changes: Sequence[Change]) -> tuple[list[Cause], list[Change]]:
    """The causes, those of most places first, and the changes with the causes of each edit."""
    found = _Causes(old, new, changes)
    changes = [_each_edit(change, found.of_snippets) for change in changes]
    repeated = _Repeated(changes)
    changes = [_each_edit(change, repeated.of_edit) for change in changes]
    causes = [*found.causes(), *repeated.causes()]
    return sorted(causes, key=lambda each: (-len(each.places), each.title)), changes


def _each_edit(change: Change, causes_of: _CausesOf) -> Change:
    if change.mark is not Mark.CHANGED or change.is_twin:
        return change
    return replace(
        change, parts=tuple(_each_edit_of(part, change, causes_of) for part in change.parts)
    )


def _each_edit_of(part: Part, change: Change, causes_of: _CausesOf) -> Part:
    if part.mark is not Mark.CHANGED:
        return part
    edits = tuple(
        replace(edit, causes=edit.causes or causes_of(change, part, edit)) for edit in part.edits
    )
    return replace(part, edits=edits)


def _place(change: Change, part: Part) -> Place:
    return Place(change.kind, change.uid, change.title, part.title or change.kind.value)


# Snippets and labels


@dataclass(frozen=True)
class _Seen:
    """An edit that a snippet made: where, of which query, and whether that query is the snippet
    itself."""

    change: Change
    part: Part
    edit: Edit
    direct: bool


class _Causes:
    """The snippets and labels that are not the same on both sides, and what they changed."""

    def __init__(self, old: Side, new: Side, changes: Sequence[Change]) -> None:
        self.old, self.new = old, new
        both = [name for name in old.snippets if name in new.snippets]
        self.code = {
            name
            for name in both
            if old.snippets[name].fingerprint != new.snippets[name].fingerprint
        }
        self.texts = {name for name in both if old.snippets[name] != new.snippets[name]}
        self.labels = {
            name for name in old.labels if new.labels.get(name) not in (None, old.labels[name])
        }
        self._uses = [_by_place(old), _by_place(new)]
        self._used_in: dict[int, tuple[Sequence[Used], Sequence[Used]]] = {}
        self._seen: dict[str, list[_Seen]] = defaultdict(list)
        self._alerts = self._drawn(changes)
        self._bounds = _bounds(changes)
        self._followed = _followed(changes)

    def _drawn(self, changes: Sequence[Change]) -> dict[str, Part]:
        """The alerts that changed, by their queries, as far as panels of these queries changed with
        them."""
        alerts: dict[str, Part] = {}
        drawn: set[str] = set()
        for change in changes:
            for part in (*change.parts, *_unknown_alerts(change)) if not change.is_twin else ():
                if part.kind == "alert":
                    if part.mark is not Mark.CHANGED or any(
                        each.field in _OF_ALERT for each in part.edits
                    ):
                        alerts |= dict.fromkeys(self._queries(change, part), part)
                elif change.mark is Mark.CHANGED and any(map(_is_of_alert, part.edits)):
                    drawn |= self._queries(change, part)
        return {query: part for query, part in alerts.items() if query in drawn}

    def _queries(self, change: Change, part: Part) -> set[str]:
        return {each.query for side in self._used(change, part) for each in side}

    def of_snippets(self, change: Change, part: Part, edit: Edit) -> tuple[str, ...]:
        """The ids of the causes of an edit."""
        ids = self._ids(change, part, edit)
        for cause, direct in ids.items():
            self._seen[cause].append(_Seen(change, part, edit, direct))
        return tuple(ids)

    def _ids(self, change: Change, part: Part, edit: Edit) -> dict[str, bool]:
        """The ids, and whether the edit is of that snippet itself."""
        old, new = self._used(change, part)
        before = {each.query: each for each in old}
        # A query that stands there on both sides, and is another text now, was not changed by the
        # definition.
        used = [each for each in new if each.query in before]
        if part.kind == "variable" and part.name in _OF_LABELS:
            return self._of_labels(self._labels_in(change), edit)
        if edit.form is Form.PROMQL:
            return self._of_query(
                [
                    each
                    for each in used
                    if _is_text(before[each.query], edit.old) and _is_text(each, edit.new)
                ]
            )
        if edit.field == "unit" or edit.field.startswith("legend ") or edit.field == "description":
            names = dict.fromkeys(each.snippet for each in used if each.snippet in self.texts)
            said = {f"snippet {name}": True for name in names if self._says(name, edit)}
            return said or self._of_labels(self._labels_of(used), edit)
        if _is_of_alert(edit):
            alerts = {
                id(each): each
                for query in self._queries(change, part)
                if (each := self._alerts.get(query))
            }
            return {_cause_of(each): True for each in alerts.values() if self._draws(each, edit)}
        if edit.field == "panel" and (edit.old, edit.new) in self._followed:
            return {_LINKS: True}
        return {}

    def _of_query(self, used: Iterable[Used]) -> dict[str, bool]:
        ids: dict[str, bool] = {}
        for each in used:
            for name in sorted(each.made_of & self.code):
                ids[f"snippet {name}"] = ids.get(f"snippet {name}", False) or name == each.snippet
        return ids | dict.fromkeys((f"labels of {name}" for name in self._labels_of(used)), True)

    def _of_labels(self, exporters: Iterable[str], edit: Edit) -> dict[str, bool]:
        """The exporters of whose labels an edit is nothing but the change."""
        found = {}
        for name in exporters:
            old, new = (dict(_LABEL.findall(side.labels[name])) for side in (self.old, self.new))
            renamed = {old[key]: new[key] for key in old.keys() & new.keys()}
            words = _WORD.split(str(edit.old))
            if "".join(str(renamed.get(word, word)) for word in words) == str(edit.new):
                found[f"labels of {name}"] = True
        return found

    def _draws(self, alert: Part, edit: Edit) -> bool:
        """Whether an edit of a panel, or of the alert itself, is nothing but the change of the
        alert."""
        if edit.field.startswith("links"):
            return any(
                f"search={name}" in f"{edit.old}{edit.new}"
                for name in {alert.name, *_old_names(alert)}
            )
        if edit.field.startswith("thresholds") or ": thresholds" in edit.field:
            gone, come = self._bounds[alert.name]
            old, new = (
                Counter(map(float, _NUMBER.findall(str(each)))) for each in (edit.old, edit.new)
            )
            return "thresholdsStyle" in edit.field or old - gone == new - come
        return True

    def _labels_of(self, used: Iterable[Used]) -> list[str]:
        """The exporters of these queries whose labels changed."""
        return sorted(
            {name.partition(".")[0] for each in used for name in each.made_of} & self.labels
        )

    def _labels_in(self, change: Change) -> list[str]:
        """Those of all queries of a dashboard."""
        return self._labels_of(self.new.uses.get((change.kind, change.uid), ()))

    def _says(self, name: str, edit: Edit) -> bool:
        """Whether an edit of a panel is the one of what the snippet says of itself."""
        facts = [side.snippets[name] for side in (self.old, self.new)]
        key = "legend" if edit.field.startswith("legend ") else edit.field
        before, after = (getattr(each, key) for each in facts)
        if before == after:
            return False
        if key == "unit" or not before or not after:
            return bool((edit.old, edit.new) == (before or ABSENT, after or ABSENT))
        if key == "legend":
            return _is_legend(before, edit.old) and _is_legend(after, edit.new)
        # A panel of several queries has their descriptions in one.
        return str(edit.old).replace(before, after) == str(edit.new)

    def _used(self, change: Change, part: Part) -> tuple[Sequence[Used], Sequence[Used]]:
        """The queries that stand in a part, on both sides. Found once, for all its edits."""
        if id(part) not in self._used_in:
            self._used_in[id(part)] = self._find_used(change, part)
        return self._used_in[id(part)]

    def _find_used(self, change: Change, part: Part) -> tuple[Sequence[Used], Sequence[Used]]:
        name = next(
            (str(each.old) for each in part.edits if each.field in ("title", "name")), part.name
        )
        return (
            self._uses[0].get((change.kind, change.old_uid, _where(part.kind, name)), ()),
            self._uses[1].get((change.kind, change.uid, _where(part.kind, part.name)), ()),
        )

    def causes(self) -> Iterator[Cause]:
        """Those that were found for edits."""
        for cause, seen in self._seen.items():
            places = tuple(dict.fromkeys(_place(each.change, each.part) for each in seen))
            yield Cause(cause, cause, tuple(self._edits(cause, seen)), places, _counted(places))

    @cached_property
    def _told(self) -> Set[str]:
        """The alerts the change of whose queries is told by a snippet or labels."""
        seen = (each for cause in self._seen.values() for each in cause)
        return {each.part.title for each in seen if each.edit.field == "query"}

    @cached_property
    def _alert_of(self) -> Mapping[str, Part]:
        """The alerts by the ids of their causes."""
        found: dict[str, Part] = {}
        for part in self._alerts.values():
            found.setdefault(_cause_of(part), part)
        return found

    def _edits(self, cause: str, seen: Sequence[_Seen]) -> Iterator[Edit]:
        kind, _, name = cause.partition(" ")
        if cause == _LINKS:
            return
        if kind == "alert":
            part = self._alert_of[cause]
            if part.mark is Mark.CHANGED:
                told = part.title in self._told
                yield from (
                    each
                    for each in part.edits
                    if each.field in _OF_ALERT and not (told and each.field == "query")
                )
            return
        if kind == "labels":
            exporter = name.removeprefix("of ")
            yield Edit("labels", self.old.labels[exporter], self.new.labels[exporter], Form.WORDS)
        else:
            facts = [side.snippets[name] for side in (self.old, self.new)]
            for key in ("unit", "legend", "description"):
                before, after = (getattr(each, key) or ABSENT for each in facts)
                if before != after:
                    yield Edit(key, before, after)
        for where, of_rules in (("in a panel", False), ("in an alert", True)):
            example = _example([each for each in seen if (each.part.kind in _RULES) is of_rules])
            if example:
                yield replace(example.edit, field=where, path="", causes=())


_LINKS = "links follow their panels"
_OF_ALERT = ("threshold", "severity", "name", "uid", "query")
_DRAWN = re.compile(r"threshold$|severity$|name$|uid$|thresholds|.*: thresholds|thresholdsStyle")


def _is_of_alert(edit: Edit) -> bool:
    """Whether an edit, of an alert or of a panel that draws its threshold and links to it, may be
    the alert's doing."""
    if edit.field.startswith("links"):
        return "/alerting/list?search=" in f"{edit.old}{edit.new}"
    return bool(_DRAWN.match(edit.field))


_OF_LABELS = ("job", "node")
_WORD = re.compile(r"([\w-]+)")
_LABEL = re.compile(r'\b(job|node)="?([^",]*)')
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def _is_text(used: Used, text: Any) -> bool:
    """Whether a text is the query as it is used, of an alert's without its bound; an older gk does
    not say how."""
    if text is ABSENT:
        return False
    return not used.expr or text in (
        used.expr,
        f"query_result({used.expr})",
        split_bound(used.expr)[0],
    )


def _is_legend(legend: str, text: Any) -> bool:
    """Whether a text is the legend, in which compile puts the label that tells nodes apart."""
    pattern = re.escape(legend).replace(re.escape("{{$node}}"), r"\{\{\w+\}\}")
    return bool(re.fullmatch(pattern, str(text)))


def _old_names(alert: Part) -> list[str]:
    return [str(each.old) for each in alert.edits if each.field == "name"]


def _bounds(changes: Sequence[Change]) -> dict[str, tuple[Counter[float], Counter[float]]]:
    """What alerts compare with on both sides, by their names on the new side."""
    found: dict[str, tuple[Counter[float], Counter[float]]] = defaultdict(
        lambda: (Counter(), Counter())
    )
    for change in changes:
        if change.kind is Kind.RULE_GROUP:
            names = {name: part.name for part in change.parts for name in _old_names(part)}
            for side, body in enumerate((change.old, change.new)):
                for rule in rules(body or {}):
                    if rule.threshold:
                        found[rule.name if side else names.get(rule.name, rule.name)][side][
                            rule.threshold[1]
                        ] += 1
    return found


def _cause_of(alert: Part) -> str:
    return alert.title if alert.mark is Mark.CHANGED else f"{alert.title} {alert.mark.value}"


def _unknown_alerts(change: Change) -> list[Part]:
    """The alerts that one side may have in definitions with mistakes: what panels know of them is
    unknown, too."""
    if change.mark is not Mark.UNKNOWN or change.kind is not Kind.RULE_GROUP:
        return []
    return [
        Part("alert", each.name, Mark.UNKNOWN) for each in rules(change.new or change.old or {})
    ]


def _followed(changes: Sequence[Change]) -> set[tuple[str, str]]:
    """Where the panels were that are elsewhere now, and where they are: by the uid of the dashboard
    and their id."""
    found = set()
    for change in changes:
        if change.kind is Kind.DASHBOARD and change.mark is Mark.CHANGED:
            renamed = {part.ids for part in change.parts if part.kind == "panel" and all(part.ids)}
            ids = _panel_ids(change.new) - {new for _, new in renamed}
            for old, new in renamed | {(each, each) for each in ids}:
                found.add((f"{change.old_uid}/{old}", f"{change.uid}/{new}"))
    return found


def _panel_ids(body: Any) -> set[str]:
    panels = body.get("panels", []) if is_classic(body) else []
    return {
        str(each["id"])
        for panel in panels
        for each in (panel, *panel.get("panels", ()))
        if "id" in each
    }


_RULES = ("alert", "recording rule")


def _example(seen: Sequence[_Seen]) -> _Seen | None:
    """The change that shows most plainly what a snippet does: where it stands alone, and is
    short."""
    queries = [each for each in seen if each.edit.form is Form.PROMQL]

    def plainness(seen: _Seen) -> tuple[bool, bool, int]:
        return seen.part.kind == "variable", not seen.direct, len(str(seen.edit.new))

    return min(queries, key=plainness, default=None)


def _by_place(side: Side) -> Mapping[tuple[Kind, str, str], list[Used]]:
    found: dict[tuple[Kind, str, str], list[Used]] = defaultdict(list)
    for (kind, uid), uses in side.uses.items():
        for each in uses:
            found[kind, uid, each.where].append(each)
    return found


def _where(kind: str, name: str) -> str:
    """A part as gk.resource.Use calls it."""
    return f"variable ${name}" if kind == "variable" else f"{kind} '{name}'"


# The same edit in many places


@dataclass
class _Same:
    edit: Edit
    places: list[Place] = field(default_factory=list)


class _Repeated:
    """Edits without another cause that are the same in at least three places."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._found: dict[str, _Same] = {}
        self._key_of: dict[int, str] = {}
        for change in changes:
            if change.mark is Mark.CHANGED and not change.is_twin:
                for part in change.parts:
                    for edit in part.edits:
                        self._add(change, part, edit)
        self._ids: dict[str, str] = {}
        for key, same in self._found.items():
            if len(dict.fromkeys(same.places)) >= _ENOUGH:
                self._ids[key] = f"{same.edit.field} {len(self._ids) + 1}"

    def _add(self, change: Change, part: Part, edit: Edit) -> None:
        if same := _same(part, edit):
            key, plain = same
            self._key_of[id(edit)] = key
            self._found.setdefault(key, _Same(plain)).places.append(_place(change, part))

    def of_edit(self, change: Change, part: Part, edit: Edit) -> tuple[str, ...]:
        """The ids of the causes of an edit: one of those that this was made of."""
        cause = self._ids.get(self._key_of.get(id(edit), ""))
        return (cause,) if cause else ()

    def causes(self) -> Iterator[Cause]:
        for key, id_ in self._ids.items():
            same = self._found[key]
            places = tuple(dict.fromkeys(same.places))
            yield Cause(id_, f"the same {same.edit.field}", (same.edit,), places, _counted(places))


def _same(part: Part, edit: Edit) -> tuple[str, Edit] | None:
    """What makes edits the same: of a query the tokens that changed, of anything else both values;
    and how that is told."""
    if edit.causes or edit.field in _OF_ONE_PLACE or part.mark is not Mark.CHANGED:
        return None
    if edit.form is Form.PROMQL and ABSENT not in (edit.old, edit.new):
        pieces = list(
            dict.fromkeys(each for each in align(str(edit.old), str(edit.new)) if not each.is_same)
        )
        before, after = (
            " ... ".join(getattr(each, side) for each in pieces) for side in ("old", "new")
        )
        # Pieces of white space, or of one bracket, say nothing by themselves; many are a query made
        # anew.
        if len(pieces) <= _PIECES and any(character.isalnum() for character in before + after):
            edit = Edit("change of queries", before or ABSENT, after or ABSENT, Form.PROMQL)
            return f"query {[(each.old, each.new) for each in pieces]}", edit
        return None
    name = _OF_A_QUERY.sub(r"\1", edit.field)
    values = [None if each is ABSENT else each for each in (edit.old, edit.new)]
    return json.dumps([part.kind, name, values], sort_keys=True, default=str), replace(
        edit, field=name, path=""
    )


def _counted(places: Iterable[Place]) -> str:
    """`3 panels in 2 dashboards, 1 alert`."""
    panels = [each for each in places if each.kind is Kind.DASHBOARD]
    words = []
    kinds = Counter(
        each.part.partition(" ")[0] if "'" in each.part else each.part for each in panels
    )
    if panels:
        parts = ", ".join(counted(number, kind) for kind, number in kinds.items())
        dashboards = len({each.uid for each in panels})
        words.append(f"{parts} in {counted(dashboards, 'dashboard')}")
    others = Counter(
        each.part.partition(" '")[0] for each in places if each.kind is not Kind.DASHBOARD
    )
    return ", ".join([*words, *(counted(number, kind) for kind, number in others.items())])
