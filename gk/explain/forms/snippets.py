"""How gk snippets shows the snippets of a project."""

from __future__ import annotations

import json
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict

from gk.explain.reference import SnippetEntry
from gk.forms import Style, Tone, plain

__all__ = ["FORMS", "details"]

WIDTH = 100
"""Columns of text for people."""


def as_json(entries: Sequence[SnippetEntry]) -> str:
    """A document for machines; `version` changes when a field changes its meaning."""
    return json.dumps({"version": 1, "snippets": [asdict(entry) for entry in entries]}, indent=2)


def text(entries: Sequence[SnippetEntry], style: Style = plain) -> str:
    """A paragraph for each snippet: name, unit and metrics, its description, and what uses it."""
    return "\n\n".join(_paragraph(entry, style) for entry in entries)


def _paragraph(entry: SnippetEntry, style: Style) -> str:
    first = "  ".join(filter(None, [entry.title, entry.unit, ", ".join(entry.metrics)]))
    lines = [entry.description, f"Used by {_brief(entry)}." if entry.used_by else "Not used."]
    return "\n".join(
        [style(first, Tone.STRONG), *(_wrapped(line, "    ") for line in lines if line)]
    )


def _brief(entry: SnippetEntry) -> str:
    """The places that use a snippet, those of one dashboard together."""
    places: dict[str, list[str]] = defaultdict(list)
    for use in entry.used_by:
        places[f"{use.kind} {use.name}"].append(use.where)
    return "; ".join(
        f"{owner}: {', '.join(dict.fromkeys(wheres))}" for owner, wheres in places.items()
    )


def details(entry: SnippetEntry, style: Style = plain) -> str:
    """Everything about one snippet, with its PromQL in a panel and in an alert."""
    example = "" if entry.panel else "requires arguments and is not used yet"
    facts = {
        "unit": entry.unit,
        "legend": entry.legend,
        "metrics": ", ".join(entry.metrics),
        "made of": ", ".join(entry.made_of),
        "in a panel": entry.panel or example,
        "in an alert": entry.alert or example,
    }
    width = max(map(len, facts)) + 2
    # PromQL stays on one line, to be copied.
    lines = [f"{name:<{width}}{value}" for name, value in facts.items() if value]
    used = [f"  {use}" for use in entry.used_by] or ["  nothing"]
    title, described = style(entry.title, Tone.STRONG), _wrapped(entry.description, "  ")
    return "\n".join([title, described, "", *lines, "", "used by", *used])


def markdown(entries: Sequence[SnippetEntry]) -> str:
    """A page of documentation: a chapter for each exporter, a section for each of its snippets."""
    chapters: dict[str, list[SnippetEntry]] = defaultdict(list)
    for entry in entries:
        chapters[entry.exporter].append(entry)
    head = (
        "# Snippets\n\n"
        "Every snippet, as `gk snippets --format markdown` prints them. "
        "`gk snippets NAME` shows one of them with the labels of your\n"
        "project.\n"
    )
    contents = [
        f"- [{name}](#{name}): {len(chapter)} snippets" for name, chapter in chapters.items()
    ]
    body = [
        f"\n## {name}\n\n" + "\n".join(map(_section, chapter)) for name, chapter in chapters.items()
    ]
    return "\n".join([head, *contents, *body]).rstrip()


def _section(entry: SnippetEntry) -> str:
    facts = [
        f"- unit: `{entry.unit}`" if entry.unit else "",
        f"- metrics: {_code(entry.metrics)}" if entry.metrics else "",
        f"- made of: {_code(entry.made_of)}" if entry.made_of else "",
        f"- used by: {_brief(entry)}" if entry.used_by else "- not used",
    ]
    examples = (
        [f"In a panel and in an alert:\n\n```promql\n{entry.panel}\n{entry.alert}\n```\n"]
        if entry.panel
        else []
    )
    return "\n".join(
        [f"### `{entry.title}`\n", f"{entry.description}\n", *filter(None, facts), "", *examples]
    )


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


FORMS: Mapping[str, Callable[..., str]] = {"text": text, "json": as_json, "markdown": markdown}
