"""How gk impact shows the dependents of a name."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from gk.explain.impact import Dependent, Field, Impact, Meaning
from gk.forms import Style, Tone, plain
from gk.forms.plurals import counted, several

__all__ = ["FORMS"]

KINDS = (
    "panel",
    "row",
    "variable",
    "annotation",
    "link",
    "title",
    "alert",
    "recording rule",
    "data source",
    "message template",
    "contact point",
    "notification policy",
)
"""The order in which dependents are counted."""
MOST_NAMES = 6
"""Dependents with the same way that a line lists."""


# Text


def text(impacts: Sequence[Impact], style: Style = plain) -> str:
    """The dependents of each meaning of a name, resource by resource, and counts."""
    return "\n\n".join(
        "\n".join(_lines(meaning, style)) for impact in impacts for meaning in impact.meanings
    )


def _lines(meaning: Meaning, style: Style) -> Iterator[str]:
    yield style(f"{meaning.kind} {meaning.name}", Tone.STRONG)
    for owned in _by_owner(meaning.dependents):
        first = owned[0]
        title = style(_quoted(first.title), Tone.STRONG)
        uid = f" ({first.uid})" if first.uid != first.title else ""
        yield f"\n{first.owner} {title}{uid}  {style(str(first.source), Tone.FAINT)}"
        direct = [dependent for dependent in owned if not dependent.through]
        yield from _once(
            f"  {_named(dependent)}{_places(dependent, style)}" for dependent in direct
        )
        for way, group in _by_way(owned).items():
            yield style(f"  through {way}", Tone.INDIRECT)
            yield from (f"    {line}" for line in _briefly(group))
    yield f"\n{_summary(meaning.dependents)}" if meaning.dependents else "nothing depends on it"


def _once(lines: Iterable[str]) -> Iterator[str]:
    """Lines that are equal as one, as of rules that record the same series with other labels."""
    for line, number in Counter(lines).items():
        yield f"{line}  ({number} of them)" if number > 1 else line


def _quoted(name: str) -> str:
    """The name in single quotes."""
    return f"'{name}'"


def _named(dependent: Dependent) -> str:
    if dependent.kind == dependent.owner:
        return "itself"
    if dependent.kind == "variable":
        return f"variable ${dependent.name}"
    return f"{dependent.kind} {_quoted(dependent.name)}"


def _places(dependent: Dependent, style: Style) -> str:
    """The fields that refer to the name, unless it is only its one query."""
    fields = [field for field in dependent.where if field != Field("query")]
    if fields in ([Field("query", "A")], []):
        return ""
    return style(f"  {', '.join(map(_words, fields))}", Tone.FAINT)


def _words(field: Field) -> str:
    return f"{field.kind} {field.name}".strip()


def _briefly(dependents: Iterable[Dependent]) -> Iterator[str]:
    """A line for each kind: the first names, and the number of others."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for dependent in dependents:
        by_kind[dependent.kind].append(
            f"${dependent.name}" if dependent.kind == "variable" else _quoted(dependent.name)
        )
    for kind, names in by_kind.items():
        label = kind if len(names) == 1 else counted(len(names), kind)
        yield f"{label} {several(names, MOST_NAMES)}"


def _by_owner(dependents: Iterable[Dependent]) -> list[list[Dependent]]:
    by_owner: dict[tuple[object, ...], list[Dependent]] = defaultdict(list)
    for dependent in dependents:
        by_owner[dependent.owner, dependent.uid, dependent.source].append(dependent)
    return list(by_owner.values())


def _by_way(dependents: Iterable[Dependent]) -> dict[str, list[Dependent]]:
    """Those that depend through others, by the way there."""
    by_way: dict[str, list[Dependent]] = defaultdict(list)
    for dependent in dependents:
        if dependent.through:
            by_way[" -> ".join(dependent.through)].append(dependent)
    return by_way


def _summary(dependents: Sequence[Dependent]) -> str:
    """`4 panels in 2 dashboards, 1 variable, 2 alerts; 3 of these through others`."""
    # The values are dicts without values, because they keep the order and count each owner once.
    owners: dict[str, dict[tuple[object, ...], None]] = defaultdict(dict)
    numbers: dict[str, int] = defaultdict(int)
    for dependent in dependents:
        numbers[dependent.kind] += 1
        owners[dependent.kind][dependent.owner, dependent.uid, dependent.source] = None
    parts = [
        f"{counted(number, kind)} in {counted(len(owners[kind]), 'dashboard')}"
        if kind == "panel"
        else counted(number, kind)
        for kind, number in sorted(numbers.items(), key=lambda item: KINDS.index(item[0]))
    ]
    indirect = sum(bool(dependent.through) for dependent in dependents)
    return f"{', '.join(parts)}{f'; {indirect} of these through others' if indirect else ''}"


# JSON


def as_json(impacts: Sequence[Impact]) -> str:
    """A document for machines."""
    return json.dumps(
        {"version": 1, "impacts": [_impact_json(impact) for impact in impacts]}, indent=2
    )


def _impact_json(impact: Impact) -> dict[str, Any]:
    meanings = [
        {
            "kind": meaning.kind,
            "summary": _summary(meaning.dependents),
            "dependents": [_dependent_json(dependent) for dependent in meaning.dependents],
        }
        for meaning in impact.meanings
    ]
    return {"name": impact.name, "meanings": meanings}


def _dependent_json(dependent: Dependent) -> dict[str, Any]:
    return {
        "kind": dependent.kind,
        "name": dependent.name,
        "id": dependent.id,
        "owner": {"kind": dependent.owner, "uid": dependent.uid, "title": dependent.title},
        "file": dependent.source.file,
        "line": dependent.source.line,
        "where": [_words(field) for field in dependent.where],
        "through": list(dependent.through),
    }


# Markdown


def markdown(impacts: Sequence[Impact]) -> str:
    """A section with a table for each meaning of a name, for a comment."""
    return "\n\n".join(
        "\n".join(_section(meaning)) for impact in impacts for meaning in impact.meanings
    )


def _section(meaning: Meaning) -> Iterator[str]:
    yield f"### {meaning.kind} {_code(meaning.name)}\n"
    yield f"{_summary(meaning.dependents)}\n" if meaning.dependents else "Nothing depends on it."
    if meaning.dependents:
        yield "| in | what | through | defined at |\n| --- | --- | --- | --- |"
    for dependent in meaning.dependents:
        name = f"${dependent.name}" if dependent.kind == "variable" else dependent.name
        through = " → ".join(map(_code, dependent.through))
        owner = f"{dependent.owner} {_cell(dependent.title)}"
        what = f"{dependent.kind} {_cell(name)}"
        yield f"| {owner} | {what} | {through} | {_code(str(dependent.source))} |"


def _cell(text: str) -> str:
    """Text for a table cell, with Markdown and HTML escaped."""
    # The backslash comes first: the others add backslashes of their own.
    for sign in "\\|`*_<>[]":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def _code(text: str) -> str:
    return f"`{text.replace('|', chr(92) + '|')}`"


FORMS: Mapping[str, Callable[..., str]] = {"text": text, "json": as_json, "markdown": markdown}
