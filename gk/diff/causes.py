"""Finds causes: one change of a snippet, of an exporter's labels or of an alert that shows in many
places."""

from __future__ import annotations

import enum
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from gk.diff.codes import Code
from gk.diff.model import Cause, Change, Edit, Form, Mark, Part
from gk.diff.parts.fields import both, edit_of, one_edit
from gk.diff.parts.rules import rules, split_bound
from gk.diff.repeated import Repeated, cause_of, place_of
from gk.diff.sides.side import Side, Used
from gk.documents.dashboards import is_classic
from gk.documents.differences import ABSENT
from gk.documents.parts import every_panel
from gk.errors import Where
from gk.resource import Kind

__all__ = ["told_once"]

_CausesOf = Callable[[Change, Part, Edit], tuple[str, ...]]


def told_once(old: Side, new: Side, changes: Sequence[Change]) -> tuple[list[Cause], list[Change]]:
    """Find the causes of changes. Returns the causes, those with most places first, and the changes
    with their edits marked by cause."""
    named = _Causes(old, new, changes)
    changes = [_with_causes(change, named.of_snippets) for change in changes]
    # Snippets, labels and alerts first: an edit that they explain does not count as repeated.
    repeated = Repeated(changes)
    changes = [_with_causes(change, repeated.of_edit) for change in changes]
    causes = [*named.causes(), *repeated.causes()]
    return sorted(causes, key=lambda cause: (-len(cause.places), cause.title)), changes


def _with_causes(change: Change, causes_of: _CausesOf) -> Change:
    # Everything in an added or removed resource is new or gone: causes explain changes only.
    if change.mark is not Mark.CHANGED or change.is_twin:
        return change
    parts = tuple(_part_with_causes(part, change, causes_of) for part in change.parts)
    return replace(change, parts=parts)


def _part_with_causes(part: Part, change: Change, causes_of: _CausesOf) -> Part:
    if part.mark is not Mark.CHANGED:
        return part
    caused = {
        index: causes
        for index, edit in enumerate(part.edits)
        if not edit.causes and (causes := causes_of(change, part, edit))
    }
    if not caused:
        # Most edits have no cause in common, and copies of thousands of them take seconds.
        return part
    edits = (
        replace(edit, causes=caused[index]) if index in caused else edit
        for index, edit in enumerate(part.edits)
    )
    return replace(part, edits=tuple(edits))


# Snippets and labels


class _What(enum.Enum):
    SNIPPET = "snippet"
    LABELS = "labels of"
    ALERT = "alert"
    LINKS = "links follow their panels"


@dataclass(frozen=True)
class _Key:
    """Identifies a cause; its text is both the cause's id and its title."""

    what: _What
    name: str = ""

    def __str__(self) -> str:
        return f"{self.what.value} {self.name}".rstrip()


@dataclass(frozen=True)
class _Effect:
    """An edit with a known cause. `direct` is whether its query is that snippet itself, not another
    one that calls it."""

    change: Change
    part: Part
    edit: Edit
    direct: bool


class _Causes:
    """The snippets, labels and alerts that differ between the sides, and the edits they caused."""

    def __init__(self, old: Side, new: Side, changes: Sequence[Change]) -> None:
        self.old, self.new = old, new
        # A snippet that only one side has is no cause: queries moved to or from it, which is an
        # edit of the definition.
        kept = [name for name in old.snippets if name in new.snippets]
        self.code = {
            name
            for name in kept
            if old.snippets[name].fingerprint != new.snippets[name].fingerprint
        }
        self.texts = {name for name in kept if old.snippets[name] != new.snippets[name]}
        self.labels = {
            name for name in old.labels if new.labels.get(name) not in (None, old.labels[name])
        }
        self._uses = [_by_place(old), _by_place(new)]
        self._used_in: dict[int, tuple[Sequence[Used], Sequence[Used]]] = {}
        self._effects: dict[_Key, list[_Effect]] = defaultdict(list)
        self._alerts = self._drawn(changes)
        self._bounds = _bounds(changes)
        self._followed = _followed(changes)

    def _drawn(self, changes: Sequence[Change]) -> dict[str, Part]:
        """The changed alerts by query, if panels with the same query changed too."""
        alerts: dict[str, Part] = {}
        drawn: set[str] = set()
        for change in changes:
            for part in (*change.parts, *_unknown_alerts(change)) if not change.is_twin else ():
                if part.kind == "alert":
                    if part.mark is not Mark.CHANGED or any(
                        edit.code in _OF_ALERT for edit in part.edits
                    ):
                        alerts |= dict.fromkeys(self._queries(change, part), part)
                elif change.mark is Mark.CHANGED and any(map(_is_of_alert, part.edits)):
                    drawn |= self._queries(change, part)
        return {query: part for query, part in alerts.items() if query in drawn}

    def _queries(self, change: Change, part: Part) -> set[str]:
        return {used.query for side in self._used(change, part) for used in side}

    def of_snippets(self, change: Change, part: Part, edit: Edit) -> tuple[str, ...]:
        """The ids of an edit's causes, which are recorded for `causes`."""
        causes = self._causes_of(change, part, edit)
        for cause, direct in causes.items():
            self._effects[cause].append(_Effect(change, part, edit, direct))
        return tuple(map(str, causes))

    def _causes_of(self, change: Change, part: Part, edit: Edit) -> dict[_Key, bool]:
        """The causes of an edit, each with `_Effect.direct`."""
        old, new = self._used(change, part)
        before = {use.query: use for use in old}
        # The definition has the same query on both sides here: if its text changed, something else
        # changed it, such as a snippet.
        used = [use for use in new if use.query in before]
        # The queries of these variables use the labels of the exporters, not snippets.
        if part.kind == "variable" and part.name in _OF_LABELS:
            used_anywhere = self.new.uses.get((change.kind, change.uid), ())
            return self._of_labels(self._labels_of(used_anywhere), edit)
        if edit.form is Form.PROMQL:
            return self._of_query(
                [
                    use
                    for use in used
                    if _is_text(before[use.query], edit.old) and _is_text(use, edit.new)
                ]
            )
        if edit.code in _FACTS:
            names = dict.fromkeys(use.snippet for use in used if use.snippet in self.texts)
            # The value changed as the snippet's own one did, so the definition did not change it.
            said = {_Key(_What.SNIPPET, name): True for name in names if self._says(name, edit)}
            # A legend also names the label that tells nodes apart, so new labels may have changed
            # it.
            return said or self._of_labels(self._labels_of(used), edit)
        if _is_of_alert(edit):
            alerts = {
                id(alert): alert
                for query in self._queries(change, part)
                if (alert := self._alerts.get(query))
            }
            return {_key_of(alert): True for alert in alerts.values() if self._draws(alert, edit)}
        if edit.code is Code.PANEL and (edit.old, edit.new) in self._followed:
            return {_Key(_What.LINKS): True}
        return {}

    def _of_query(self, used: Iterable[Used]) -> dict[_Key, bool]:
        causes: dict[_Key, bool] = {}
        for use in used:
            for name in sorted(use.made_of & self.code):
                key = _Key(_What.SNIPPET, name)
                causes[key] = causes.get(key, False) or name == use.snippet
        return causes | {_Key(_What.LABELS, name): True for name in self._labels_of(used)}

    def _of_labels(self, exporters: Iterable[str], edit: Edit) -> dict[_Key, bool]:
        """The exporters whose label change alone explains an edit."""
        causes = {}
        for name in exporters:
            old, new = self.old.labels[name], self.new.labels[name]
            renamed = {old.job: new.job, old.node: new.node}
            words = _WORD.split(str(edit.old))
            # Replace whole words only: a job may be part of another word.
            if "".join(str(renamed.get(word, word)) for word in words) == str(edit.new):
                causes[_Key(_What.LABELS, name)] = True
        return causes

    def _draws(self, alert: Part, edit: Edit) -> bool:
        """Whether the change of an alert alone explains an edit of a panel or of the alert."""
        if edit.code is Code.LINKS:
            return any(
                f"search={name}" in f"{edit.old}{edit.new}"
                for name in {alert.name, *_old_names(alert)}
            )
        if edit.code in (Code.THRESHOLDS, Code.OVERRIDE_THRESHOLDS):
            gone, come = self._bounds[alert.name]
            old, new = (Counter(bounds) for bounds in edit.bounds)
            # The bounds may be among other thresholds, which must be the same on both sides.
            return old - gone == new - come
        return True

    def _labels_of(self, used: Iterable[Used]) -> list[str]:
        """The exporters with changed labels among those of the queries."""
        return sorted(
            {name.partition(".")[0] for use in used for name in use.made_of} & self.labels
        )

    def _says(self, name: str, edit: Edit) -> bool:
        """Whether an edit of a panel copies a change of the snippet's own unit, legend or
        description."""
        facts = [side.snippets[name] for side in (self.old, self.new)]
        before, after = (getattr(side, _FACTS[edit.code]) for side in facts)
        if before == after:
            return False
        if edit.code is Code.UNIT or not before or not after:
            return bool((edit.old, edit.new) == (before or ABSENT, after or ABSENT))
        if edit.code is Code.LEGEND:
            return _is_legend(before, edit.old) and _is_legend(after, edit.new)
        # A panel with several queries joins their descriptions.
        return str(edit.old).replace(before, after) == str(edit.new)

    def _used(self, change: Change, part: Part) -> tuple[Sequence[Used], Sequence[Used]]:
        """The queries of a part on both sides, cached for all of its edits."""
        if id(part) not in self._used_in:
            self._used_in[id(part)] = self._find_used(change, part)
        return self._used_in[id(part)]

    def _find_used(self, change: Change, part: Part) -> tuple[Sequence[Used], Sequence[Used]]:
        # Look up the old queries by the old title: the part has the new one.
        name = next(
            (str(edit.old) for edit in part.edits if edit.code in (Code.TITLE, Code.NAME)),
            part.name,
        )
        return (
            self._uses[0].get((change.kind, change.old_uid, str(Where(part.kind, name))), ()),
            self._uses[1].get((change.kind, change.uid, str(Where(part.kind, part.name))), ()),
        )

    def causes(self) -> Iterator[Cause]:
        """The causes of the edits that were passed to `of_snippets`."""
        for cause, effects in self._effects.items():
            places = [place_of(effect.change, effect.part) for effect in effects]
            yield cause_of(str(cause), str(cause), self._edits(cause, effects), places)

    @cached_property
    def _told(self) -> Set[str]:
        """The alerts whose changed query already has a snippet or labels as its cause."""
        return {
            effect.part.name
            for effects in self._effects.values()
            for effect in effects
            if effect.part.kind == "alert" and effect.edit.code is Code.QUERY
        }

    @cached_property
    def _alert_of(self) -> Mapping[_Key, Part]:
        """The alerts that are causes themselves."""
        alerts: dict[_Key, Part] = {}
        for part in self._alerts.values():
            alerts.setdefault(_key_of(part), part)
        return alerts

    def _edits(self, cause: _Key, effects: Sequence[_Effect]) -> Iterator[Edit]:
        if cause.what is _What.ALERT:
            alert = self._alert_of[cause]
            told = {Code.QUERY} if alert.name in self._told else set()
            if alert.mark is Mark.CHANGED:
                yield from (edit for edit in alert.edits if edit.code in _OF_ALERT - told)
        elif cause.what is _What.LABELS:
            labels = both(lambda side: side.labels[cause.name].words, self.old, self.new)
            yield edit_of(Code.LABELS, *labels, Form.WORDS)
            yield from _examples(effects)
        elif cause.what is _What.SNIPPET:
            facts = both(lambda side: side.snippets[cause.name], self.old, self.new)
            for code, key in _FACTS.items():
                before, after = (getattr(side, key) or None for side in facts)
                yield from one_edit(code, before, after)
            yield from _examples(effects)


def _examples(effects: Sequence[_Effect]) -> Iterator[Edit]:
    for code, of_rules in ((Code.IN_PANEL, False), (Code.IN_ALERT, True)):
        if example := _example(
            [effect for effect in effects if (effect.part.kind in _RULES) is of_rules]
        ):
            # Drop what belongs to the place of the example: the cause shows it for all places.
            yield replace(example.edit, code=code, of="", option="", path="", causes=())


_FACTS = {Code.UNIT: "unit", Code.LEGEND: "legend", Code.DESCRIPTION: "description"}
"""The fields that a panel takes over from its snippet."""
_OF_ALERT = frozenset({Code.THRESHOLD, Code.SEVERITY, Code.NAME, Code.UID, Code.QUERY})
_DRAWN = frozenset(
    {
        Code.THRESHOLD,
        Code.SEVERITY,
        Code.NAME,
        Code.UID,
        Code.THRESHOLDS,
        Code.THRESHOLDS_STYLE,
        Code.OVERRIDE_THRESHOLDS,
    }
)


def _is_of_alert(edit: Edit) -> bool:
    """Whether an alert may have caused an edit: its own, or of a panel that draws its threshold or
    links to it."""
    if edit.code is Code.LINKS:
        return "/alerting/list?search=" in f"{edit.old}{edit.new}"
    return edit.code in _DRAWN


_OF_LABELS = ("job", "node")
_WORD = re.compile(r"([\w-]+)")


def _is_text(used: Used, text: Any) -> bool:
    """Whether a text is the rendered query; an alert's may lack its bound. An older gk did not
    report rendered queries: then any text matches."""
    if text is ABSENT:
        return False
    return not used.expr or text in (
        used.expr,
        f"query_result({used.expr})",
        split_bound(used.expr)[0],
    )


def _is_legend(legend: str, text: Any) -> bool:
    """Whether a text is the legend, in which compile replaces {{$node}} with the label that tells
    nodes apart."""
    pattern = re.escape(legend).replace(re.escape("{{$node}}"), r"\{\{\w+\}\}")
    return bool(re.fullmatch(pattern, str(text)))


def _old_names(alert: Part) -> list[str]:
    return [str(edit.old) for edit in alert.edits if edit.code is Code.NAME]


def _bounds(changes: Sequence[Change]) -> dict[str, tuple[Counter[float], Counter[float]]]:
    """The numbers that alerts compare with, old and new, by the alert's new name."""
    bounds: dict[str, tuple[Counter[float], Counter[float]]] = defaultdict(
        lambda: (Counter(), Counter())
    )
    for change in changes:
        if change.kind is Kind.RULE_GROUP:
            names = {name: part.name for part in change.parts for name in _old_names(part)}
            for side, body in enumerate((change.old, change.new)):
                for rule in rules(body or {}):
                    if rule.threshold:
                        bounds[rule.name if side else names.get(rule.name, rule.name)][side][
                            rule.threshold[1]
                        ] += 1
    return bounds


def _key_of(alert: Part) -> _Key:
    # `alert 'Down'`, but `alert 'Down' removed`.
    became = "" if alert.mark is Mark.CHANGED else f" {alert.mark.value}"
    return _Key(_What.ALERT, f"'{alert.name}'{became}")


def _unknown_alerts(change: Change) -> list[Part]:
    """The alerts of a group that did not load on one side. They explain edits of panels, too: the
    panels lost their thresholds with them."""
    if change.mark is not Mark.UNKNOWN or change.kind is not Kind.RULE_GROUP:
        return []
    return [
        Part("alert", rule.name, Mark.UNKNOWN) for rule in rules(change.new or change.old or {})
    ]


def _followed(changes: Sequence[Change]) -> set[tuple[str, str]]:
    """Old and new `uid/panel id` of each panel that links may have followed to its new place."""
    moved = set()
    for change in changes:
        if change.kind is Kind.DASHBOARD and change.mark is Mark.CHANGED:
            renamed = {part.ids for part in change.parts if part.kind == "panel" and all(part.ids)}
            panels = every_panel(change.new) if is_classic(change.new) else ()
            ids = {str(panel["id"]) for panel in panels if "id" in panel}
            kept = {(id, id) for id in ids - {new for _, new in renamed}}
            for old, new in renamed | kept:
                moved.add((f"{change.old_uid}/{old}", f"{change.uid}/{new}"))
    return moved


_RULES = ("alert", "recording rule")


def _example(effects: Sequence[_Effect]) -> _Effect | None:
    """The edit that shows the change of a snippet most plainly: the snippet alone, and short."""
    queries = [effect for effect in effects if effect.edit.form is Form.PROMQL]

    def plainness(effect: _Effect) -> tuple[bool, bool, int]:
        return effect.part.kind == "variable", not effect.direct, len(str(effect.edit.new))

    return min(queries, key=plainness, default=None)


def _by_place(side: Side) -> Mapping[tuple[Kind, str, str], list[Used]]:
    by_place: dict[tuple[Kind, str, str], list[Used]] = defaultdict(list)
    for (kind, uid), uses in side.uses.items():
        for used in uses:
            by_place[kind, uid, used.where].append(used)
    return by_place
