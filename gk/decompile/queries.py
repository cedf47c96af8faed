"""Queries that occur more than once become snippets: the same text, or texts that differ in the
values of matchers alone, in panels of any dashboard and in alerts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from gk.decompile.names import Names, identifier
from gk.decompile.python import WIDTH, Call, Code, Name, text
from gk.promql.labels import LabelScheme
from gk.promql.snippet import NODE_LABEL, Query, Scope, Snippet
from gk.promql.syntax import parses, tidy

__all__ = ["Asked", "Known", "Snippets", "known_snippets", "module_of", "shared_queries"]

_MOST_ARGUMENTS = 2
_MATCHER = re.compile(r'(?<=[{,\s(])([A-Za-z_]\w*)\s*(?:=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"')


class Asked(NamedTuple):
    """A query where somebody asks it. `legend`, `unit` and `title` are those of its panel; None in
    a rule."""

    expr: str
    about: str
    legend: str | None = None
    unit: str | None = None
    title: str | None = None


class _Form(NamedTuple):
    """A query without what its uses may differ in: the values of matchers, and the window."""

    skeleton: str
    labels: tuple[str, ...]


@dataclass
class _Shared:
    """A snippet: its name, its text with a hole for each argument, and what all its uses have."""

    name: str
    expr: str
    holes: Sequence[tuple[int, int, str]]
    legend: str
    unit: str
    description: str = ""


class Known(NamedTuple):
    """A snippet that exists: the text that it renders to where a dashboard has no exporter, its
    name, and what panels take from it."""

    expr: str
    name: Name
    legend: str
    unit: str
    description: str


def module_of(known: Known) -> str:
    """The name of a snippet's module, where it is imported."""
    return known.name.text.partition(".")[0]


def known_snippets(snippets: Iterable[Snippet], labels: LabelScheme) -> list[Known]:
    """The snippets of a project, and of the modules that it uses, that need no arguments."""
    known = []
    for snippet in snippets:
        module, _, stem = snippet.function.__module__.rpartition(".")
        try:
            expr = Query(snippet).render(Scope.panel(labels, None))
        except (TypeError, ValueError):
            # It needs arguments, or has a mistake, which gk build reports.
            continue
        legend = snippet.legend.replace(
            f"{{{{{NODE_LABEL}}}}}", f"{{{{{labels.of(snippet.exporter.name).node}}}}}"
        )
        name = Name(f"{stem}.{snippet.function.__name__}", module)
        known.append(Known(tidy(expr), name, legend, snippet.unit, snippet.description))
    return known


@dataclass
class Snippets:
    """The snippets of some queries, and how each query is written."""

    module: str
    definitions: list[str] = field(default_factory=list)
    by_expr: dict[str, tuple[_Shared, dict[str, str]]] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    repeated: int = 0
    """Texts that occur twice or more, whether they parse or not."""
    shared: int = 0
    """Those that became a snippet."""

    @property
    def modules(self) -> frozenset[str]:
        """The names of the modules of snippets, which are no names for variables."""
        return frozenset({self.module, *map(module_of, self.known.values())})

    def code(self, expr: str) -> Code:
        """The expression for a query: a snippet, a call of one, or its text."""
        if known := self.known.get(tidy(expr)):
            return known.name
        written = self.by_expr.get(tidy(expr))
        if written is None:
            return expr
        snippet, arguments = written
        name = Name(f"{self.module}.{snippet.name}", "dashboards")
        return Call(name, (), arguments) if arguments else name

    def legend(self, expr: str) -> str | None:
        """The legend of a query's snippet; None for text."""
        snippet = self._of(expr)
        return snippet.legend if snippet else None

    def unit(self, expr: str) -> str:
        """The unit of a query's snippet."""
        snippet = self._of(expr)
        return snippet.unit if snippet else ""

    def description(self, expr: str) -> str:
        """The description of a query's snippet."""
        snippet = self._of(expr)
        return snippet.description if snippet else ""

    def _of(self, expr: str) -> Known | _Shared | None:
        expr = tidy(expr)
        written = self.by_expr.get(expr)
        return self.known.get(expr) or (written[0] if written else None)


def shared_queries(asked: Sequence[Asked], module: str, existing: Sequence[Known] = ()) -> Snippets:
    """Find the queries that are a snippet already, or occur more than once, and make snippets of
    these."""
    snippets = Snippets(
        module, known=_used(existing, {tidy(query.expr) for query in asked}, module)
    )
    # These are names in each module of snippets.
    names = Names(frozenset({"exporter", "snippet", "Exporter", "Scope", "s"}))
    uses: dict[str, list[Asked]] = defaultdict(list)
    for query in asked:
        # What does not parse would be a mistake of the snippet, and not of one panel.
        if query.expr.strip() and tidy(query.expr) not in snippets.known and parses(query.expr):
            uses[tidy(query.expr)].append(query)
    families: dict[_Form, list[str]] = defaultdict(list)
    for expr in uses:
        form = _Form(_MATCHER.sub(_without_value, expr), tuple(_labels(expr)))
        families[form].append(expr)
    for family in families.values():
        for group, holes in _groups(family):
            if sum(len(uses[expr]) for expr in group) > 1:
                _add(snippets, names, group, holes, uses)
    texts = Counter(tidy(query.expr) for query in asked if query.expr.strip())
    repeated = [expr for expr, count in texts.items() if count > 1]
    snippets.repeated = len(repeated)
    snippets.shared = sum(expr in snippets.by_expr or expr in snippets.known for expr in repeated)
    return snippets


def _used(existing: Iterable[Known], exprs: Set[str], module: str) -> dict[str, Known]:
    """The snippets of some queries. Of two modules with one name, only the first can be
    imported."""
    sources = {module: ""}
    used: dict[str, Known] = {}
    for snippet in existing:
        if snippet.expr in exprs and snippet.expr not in used:
            source = sources.setdefault(module_of(snippet), snippet.name.module)
            if source == snippet.name.module:
                used[snippet.expr] = snippet
    return used


def _without_value(match: re.Match[str]) -> str:
    start, end = match.start(2) - match.start(), match.end(2) - match.start()
    return match[0][:start] + "\0" + match[0][end:]


def _values(expr: str) -> list[str]:
    return [match[2] for match in _MATCHER.finditer(expr)]


def _groups(family: Sequence[str]) -> list[tuple[list[str], list[int]]]:
    """Divide queries of one form into groups, each with the numbers of the matchers in which they
    differ: all of them in one, if they differ in few labels, or each alone."""
    if len(family) > 1:
        values = [_values(expr) for expr in family]
        differing = [
            index for index, own in enumerate(zip(*values, strict=True)) if len(set(own)) > 1
        ]
        labels = _labels(family[0])
        if 0 < len({labels[index] for index in differing}) <= _MOST_ARGUMENTS and _is_one_value(
            values, differing, labels
        ):
            return [(list(family), differing)]
    return [([expr], []) for expr in family]


def _labels(expr: str) -> list[str]:
    return [match[1] for match in _MATCHER.finditer(expr)]


def _is_one_value(
    values: Sequence[Sequence[str]], differing: Sequence[int], labels: Sequence[str]
) -> bool:
    """Whether a label has one value in each query, wherever it differs: one argument then."""
    return all(
        len({own[index] for index in differing if labels[index] == label}) == 1
        for own in values
        for label in {labels[index] for index in differing}
    )


def _add(
    snippets: Snippets,
    names: Names,
    group: Sequence[str],
    holes: Sequence[int],
    uses: Mapping[str, Sequence[Asked]],
) -> None:
    asked = [query for expr in group for query in uses[expr]]
    # Of equal queries, the one that somebody wrote on several lines is the easiest to read.
    first = max((query.expr for query in asked), key=lambda expr: ("\n" in expr.strip(), expr))
    matches = list(_MATCHER.finditer(first))
    marked = [(*matches[index].span(2), _argument(matches[index][1])) for index in holes]
    arguments = list(dict.fromkeys(name for _, _, name in marked))
    shared = _Shared(
        names.new(_about(asked, first, arguments), "query"),
        first,
        marked,
        legend=_common(query.legend for query in asked),
        unit=_common(query.unit for query in asked),
    )
    snippets.definitions.append(_definition(shared))
    for expr in group:
        values = _values(expr)
        labels = _labels(expr)
        given = {_argument(labels[index]): values[index] for index in holes}
        snippets.by_expr[expr] = shared, given


def _argument(label: str) -> str:
    # The scope is the first argument of each snippet.
    return label if label not in ("s", "scope") else f"{label}_"


def _common(values: Iterable[str | None]) -> str:
    """What all panels have; empty if they differ."""
    given = {value for value in values if value is not None}
    return given.pop() if len(given) == 1 else ""


_METRIC = re.compile(r"\b([a-zA-Z_:][\w:]*)\s*[{\[]")
_OUTERMOST = re.compile(
    r"\s*\(*\s*(sum|avg|max|min|count|topk|histogram_quantile|rate|irate|increase)\b"
)


def _about(asked: Sequence[Asked], expr: str, arguments: Sequence[str]) -> str:
    """What a snippet is called: the title of its panels, if they have one, or its metric, with the
    outermost function and the arguments."""
    titles = {identifier(query.about) for query in asked if query.about}
    if len(titles) == 1:
        return titles.pop()
    panels = {query.title for query in asked}
    if arguments and len(panels) == 1 and (title := panels.pop()):
        # What the queries of one panel differ in, the arguments say.
        return title
    metrics = dict.fromkeys(match[1] for match in _METRIC.finditer(expr))
    named = [name for name in metrics if name not in ("by", "on", "without", "ignoring")]
    if len(named) != 1:
        return min((query.about for query in asked if query.about), key=len, default="query")
    outer = _OUTERMOST.match(expr)
    by = f" by {' '.join(arguments)}" if arguments else ""
    return f"{outer[1] if outer else ''} {named[0].replace(':', '_')}{by}"


def _definition(shared: _Shared) -> str:
    """The function of a snippet."""
    named = {"unit": shared.unit, "legend": shared.legend}
    given = {name: value for name, value in named.items() if value or name == "legend"}
    arguments = list(dict.fromkeys(name for _, _, name in shared.holes))
    signature = ", ".join(["s: Scope", *(f"{name}: str" for name in arguments)])
    if arguments:
        # So that a panel names them: node.filesystem_used(mountpoint="/").
        signature = signature.replace("s: Scope, ", "s: Scope, *, ", 1)
    decorator = f"@{text(Call(Name('snippet'), (), given))}"
    return "\n".join([decorator, f"def {shared.name}({signature}) -> str:", _returned(shared)])


def _returned(shared: _Shared) -> str:
    expr = shared.expr.strip("\n")
    if not shared.holes:
        return _return(text(expr))
    # The holes are places in the text with the line breaks before it.
    offset = shared.expr.index(expr) if expr else 0
    parts, end = [], 0
    for start, stop, name in shared.holes:
        parts += [_braced(expr[end : start - offset]), f"{{{name}}}"]
        end = stop - offset
    parts.append(_braced(expr[end:]))
    return _return(f"f{_quoted(''.join(parts))}")


def _return(value: str) -> str:
    """A statement, in parentheses where the value fits on a line of its own only."""
    if "\n" in value or not WIDTH - 7 < len(value) + 4 <= WIDTH - 4:
        return f"    return {value}"
    return f"    return (\n        {value}\n    )"


def _braced(part: str) -> str:
    return part.replace("{", "{{").replace("}", "}}")


def _quoted(body: str) -> str:
    if "\n" in body:
        return f'"""\n{body}\n"""'.replace("\\", "\\\\")
    return text(body)
