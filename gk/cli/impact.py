"""gk impact."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gk.cli.console import format_option, print_, progress, project_option, root_of
from gk.plurals import counted

if TYPE_CHECKING:
    from gk.explain.impact import Dependent, Impact, Meaning

__all__ = ["impact"]

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
"""Dependents of the same way that a line of text names."""


def _complete_name(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """The names of the project that start so; nothing where its definitions do not load."""
    from gk.compile import compile
    from gk.errors import GkError
    from gk.explain.impact import names
    from gk.explain.reference import built_in
    from gk.project import load

    snippets = dict.fromkeys((each.name for each in built_in()), ())
    try:
        known = names(compile(load(root_of(context.params.get("project")))), snippets)
    except GkError:
        return []
    return [name for name in known if name.startswith(incomplete)]


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True, shell_complete=_complete_name)
@project_option
@format_option("text", "json", "markdown")
def impact(names: tuple[str, ...], project: Path | None, format_: str) -> None:
    """Show what depends on a name, directly and through others.

    NAME is a snippet (node.cpu_busy), all of an exporter (node), a metric or a recorded series, the
    uid or name of a data source, a variable ('$node'), a contact point, a mute timing or a message
    template.
    """
    import gc

    from gk.compile import compile
    from gk.explain.impact import impacts
    from gk.explain.reference import entries
    from gk.project import load

    # As in a build: the process is short, and its objects form few cycles.
    gc.disable()
    with progress("compiling"):
        loaded = load(root_of(project))
        resources = compile(loaded)
        snippets = {each.name: each.metrics for each in entries(loaded, resources)}
    found = impacts(resources, names, snippets)
    print_({"text": _text, "json": _json, "markdown": _markdown}[format_](found), sys.stdout)


# Text


def _text(impacts: Sequence[Impact]) -> str:
    return "\n\n".join("\n".join(_lines(meaning)) for each in impacts for meaning in each.meanings)


def _lines(meaning: Meaning) -> Iterator[str]:
    yield click.style(f"{meaning.kind} {meaning.name}", bold=True)
    for owned in _by_owner(meaning.dependents):
        yield f"\n{_owner(owned[0])}  {click.style(str(owned[0].source), dim=True)}"
        direct = [each for each in owned if not each.through]
        yield from _once(f"  {_named(each)}{_places(each)}" for each in direct)
        for way, group in _by_way(owned).items():
            yield click.style(f"  through {way}", fg="cyan")
            yield from (f"    {line}" for line in _briefly(group))
    yield f"\n{_summary(meaning.dependents)}" if meaning.dependents else "nothing depends on it"


def _once(lines: Iterable[str]) -> Iterator[str]:
    """Lines that are equal as one, as of rules that record the same series with other labels."""
    for line, number in Counter(lines).items():
        yield f"{line}  ({number} of them)" if number > 1 else line


def _owner(dependent: Dependent) -> str:
    uid = f" ({dependent.uid})" if dependent.uid != dependent.title else ""
    return f"{dependent.owner} {click.style(_quoted(dependent.title), bold=True)}{uid}"


def _quoted(name: str) -> str:
    """The name in single quotes."""
    return f"'{name}'"


def _named(dependent: Dependent) -> str:
    if dependent.kind == dependent.owner:
        return "itself"
    if dependent.kind == "variable":
        return f"variable ${dependent.name}"
    return f"{dependent.kind} {_quoted(dependent.name)}"


def _places(dependent: Dependent) -> str:
    """Where in it, but for a query that is the only one."""
    places = [each for each in dependent.where if each != "query"]
    shown = places if places not in (["query A"], []) else []
    return click.style(f"  {', '.join(shown)}", dim=True) if shown else ""


def _briefly(dependents: Iterable[Dependent]) -> Iterator[str]:
    """A line for each kind: the names of its first, and how many more there are."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for each in dependents:
        by_kind[each.kind].append(
            f"${each.name}" if each.kind == "variable" else _quoted(each.name)
        )
    for kind, found in by_kind.items():
        more = f" and {len(found) - MOST_NAMES} more" if len(found) > MOST_NAMES else ""
        label = kind if len(found) == 1 else counted(len(found), kind)
        yield f"{label} {', '.join(found[:MOST_NAMES])}{more}"


def _by_owner(dependents: Iterable[Dependent]) -> list[list[Dependent]]:
    found: dict[tuple[object, ...], list[Dependent]] = defaultdict(list)
    for each in dependents:
        found[each.owner, each.uid, each.source].append(each)
    return list(found.values())


def _by_way(dependents: Iterable[Dependent]) -> dict[str, list[Dependent]]:
    """Those that depend through others, by the way there."""
    found: dict[str, list[Dependent]] = defaultdict(list)
    for each in dependents:
        if each.through:
            found[" -> ".join(each.through)].append(each)
    return found


def _summary(dependents: Sequence[Dependent]) -> str:
    """`4 panels in 2 dashboards, 1 variable, 2 alerts; 3 of these through others`."""
    owners: dict[str, dict[tuple[object, ...], None]] = defaultdict(dict)
    numbers: dict[str, int] = defaultdict(int)
    for each in dependents:
        numbers[each.kind] += 1
        owners[each.kind][each.owner, each.uid, each.source] = None
    parts = [
        f"{counted(number, kind)} in {counted(len(owners[kind]), 'dashboard')}"
        if kind == "panel"
        else counted(number, kind)
        for kind, number in sorted(numbers.items(), key=lambda each: KINDS.index(each[0]))
    ]
    indirect = sum(bool(each.through) for each in dependents)
    return f"{', '.join(parts)}{f'; {indirect} of these through others' if indirect else ''}"


# JSON


def _json(impacts: Sequence[Impact]) -> str:
    return json.dumps({"version": 1, "impacts": [_impact_json(each) for each in impacts]}, indent=2)


def _impact_json(impact: Impact) -> dict[str, Any]:
    meanings = [
        {
            "kind": each.kind,
            "summary": _summary(each.dependents),
            "dependents": [_dependent_json(dependent) for dependent in each.dependents],
        }
        for each in impact.meanings
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
        "where": list(dependent.where),
        "through": list(dependent.through),
    }


# Markdown


def _markdown(impacts: Sequence[Impact]) -> str:
    return "\n\n".join(
        "\n".join(_section(meaning)) for each in impacts for meaning in each.meanings
    )


def _section(meaning: Meaning) -> Iterator[str]:
    yield f"### {meaning.kind} {_code(meaning.name)}\n"
    yield f"{_summary(meaning.dependents)}\n" if meaning.dependents else "Nothing depends on it."
    if meaning.dependents:
        yield "| in | what | through | defined at |\n| --- | --- | --- | --- |"
    for each in meaning.dependents:
        name = f"${each.name}" if each.kind == "variable" else each.name
        through = " → ".join(map(_code, each.through))
        owner = f"{each.owner} {_cell(each.title)}"
        yield f"| {owner} | {each.kind} {_cell(name)} | {through} | {_code(str(each.source))} |"


def _cell(text: str) -> str:
    """Text of a table's cell: nothing in it is Markdown or HTML."""
    for sign in "\\|`*_<>[]":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def _code(text: str) -> str:
    return f"`{text.replace('|', chr(92) + '|')}`"
