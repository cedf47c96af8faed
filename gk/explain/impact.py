"""What depends on a name: a snippet, a metric, a data source, a variable, a contact point, a mute
timing or a template.

The document of a resource says what its parts refer to. Indirect dependents refer to parts such as
the series of a recording rule, a variable or a contact point. This module reads only the resources.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gk.errors import ConfigError, did_you_mean
from gk.explain.parts import (
    DATASOURCE,
    EXPORTER,
    METRIC,
    SNIPPET,
    TEMPLATE,
    Dependent,
    Field,
    Node,
    Part,
    Reference,
    parts_of,
)
from gk.promql.syntax import variables
from gk.resource import Kind, Resource

__all__ = ["Dependent", "Field", "Impact", "Meaning", "impact", "impacts", "names"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning of a name, by kind (`snippet`, `metric`, `data source`), and its dependents."""

    kind: str
    name: str
    dependents: tuple[Dependent, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """All meanings of a name."""

    name: str
    meanings: tuple[Meaning, ...]


def impact(
    resources: Sequence[Resource], name: str, snippets: Mapping[str, Iterable[str]] | None = None
) -> Impact:
    """What depends on `name`: of a project's resources, and of the metrics of snippets by their
    names, used or not.

    `name` is a snippet's, an exporter's, a metric's, a data source's uid or name, a contact
    point's, a mute timing's or a message template's; of a variable it starts with `$`. Raises
    ConfigError, with the nearest name, if it is none.
    """
    return impacts(resources, [name], snippets)[0]


def impacts(
    resources: Sequence[Resource],
    wanted: Iterable[str],
    snippets: Mapping[str, Iterable[str]] | None = None,
) -> list[Impact]:
    """The same for several names; the error lists all unknown ones."""
    parts = list(parts_of(resources))
    for order, part in enumerate(parts):
        part.order = order
    _tell_apart(parts, snippets or {})
    known = _known(resources, parts, snippets or {})
    wanted = list(dict.fromkeys(map(_plain, wanted)))
    if unknown := [name for name in wanted if name not in known]:
        raise ConfigError("\n".join(_unknown(name, known) for name in unknown))
    referring = _referring(parts)
    return [
        Impact(
            name,
            tuple(
                Meaning(kind, name, _dependents(known[name][kind], referring))
                for kind in sorted(known[name])
            ),
        )
        for name in wanted
    ]


def names(resources: Sequence[Resource], snippets: Mapping[str, Iterable[str]]) -> list[str]:
    """Every name that `impact` knows."""
    return sorted(_known(resources, list(parts_of(resources)), snippets))


def _tell_apart(parts: Iterable[Part], snippets: Mapping[str, Iterable[str]]) -> None:
    """Leave to each of several panels of one title the snippets whose metrics it reads: uses know
    the title only."""
    titled: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in parts:
        if part.itself.kind == "panel":
            titled[part.itself.uid, part.itself.name].append(part)
    for part in (part for same in titled.values() if len(same) > 1 for part in same):
        for node in [node for node in part.refers if node.kind == SNIPPET]:
            read = list(snippets.get(node.name, ()))
            if read and not any(Node(METRIC, metric) in part.refers for metric in read):
                del part.refers[node]


def _plain(name: str) -> str:
    """`$node` for `${node}` and `${node:regex}` too."""
    names = variables(name) if name.startswith(("$", "[[")) else set()
    return f"${names.pop()}" if len(names) == 1 else name


def _unknown(name: str, known: Mapping[str, object]) -> str:
    meant = (
        "variable of a dashboard"
        if name.startswith("$")
        else "snippet, metric, data source or contact point"
    )
    # People omit the $, which a shell would replace.
    hint = f"; did you mean '${name}'?" if f"${name}" in known else did_you_mean(name, known)
    hint = hint or "; gk snippets lists the snippets"
    return f"unknown name: no {meant} is called '{name}'{hint}"


def _known(
    resources: Sequence[Resource], parts: Iterable[Part], snippets: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, set[Node]]]:
    """The meanings of each name: nodes by kind."""
    known: dict[str, dict[str, set[Node]]] = defaultdict(lambda: defaultdict(set))

    def add(node: Node) -> None:
        known[str(node)][node.kind].add(node)
        if node.kind == SNIPPET:
            known[node.name.partition(".")[0]][EXPORTER].add(node)

    for part in parts:
        for node in (*part.refers, *part.stands_for):
            add(node)
        if part.itself.kind == TEMPLATE:
            # Others refer to what a template file defines, not to the file.
            known[part.itself.name][TEMPLATE].update(part.stands_for)
    for snippet, read in snippets.items():
        add(Node(SNIPPET, snippet))
        for metric in read:
            add(Node(METRIC, metric))
    for resource in resources:
        if resource.kind is Kind.DATASOURCE:
            # Its name is another word for its uid.
            known.setdefault(resource.uid, defaultdict(set))[DATASOURCE] |= {
                Node(DATASOURCE, resource.uid)
            }
            known[resource.title][DATASOURCE] |= {
                Node(DATASOURCE, resource.uid),
                Node(DATASOURCE, resource.title),
            }
    return known


# From nodes to dependents


_Referring = Mapping[Node, Sequence[tuple[Part, Reference]]]


def _referring(parts: Iterable[Part]) -> _Referring:
    by_node: dict[Node, list[tuple[Part, Reference]]] = defaultdict(list)
    for part in parts:
        for node, reference in part.refers.items():
            by_node[node].append((part, reference))
    return by_node


def _dependents(start: Iterable[Node], referring: _Referring) -> tuple[Dependent, ...]:
    """Each part that refers to one of the nodes or to a part that does, by its shortest way, and
    once only."""
    start = sorted(start, key=lambda node: (node.kind, node.name, node.within))
    names = {str(node) for node in start}
    reached: dict[int, tuple[Part, Reference]] = {}
    frontier: list[tuple[Node, tuple[str, ...]]] = [(node, ()) for node in start]
    seen = set(start)
    # Step by step from the start, so that the first way to a part is its shortest.
    while frontier:
        steps = [
            (part, ref, (*way, *ref.through))
            for node, way in frontier
            for part, ref in referring.get(node, ())
        ]
        # A snippet of the exporter that is asked for is no detour.
        steps = [
            (part, ref, tuple(name for name in way if name not in names))
            for part, ref, way in steps
        ]
        frontier = []
        for part, ref, way in sorted(steps, key=lambda step: len(step[2])):
            _reach(reached, part, ref, way)
            fresh = [node for node in part.stands_for if node not in seen]
            seen.update(fresh)
            frontier += [(node, (*way, str(node))) for node in fresh]
    return tuple(
        replace(part.itself, where=tuple(ref.where), through=ref.through)
        for part, ref in sorted(reached.values(), key=_order)
    )


def _reach(
    reached: dict[int, tuple[Part, Reference]],
    part: Part,
    reference: Reference,
    way: tuple[str, ...],
) -> None:
    """Note the way to a part; of ways that are as long, the places of all and the first one's
    names."""
    before = reached.get(id(part), (part, Reference(through=way)))[1]
    if len(before.through) < len(way):
        return
    reached[id(part)] = part, Reference({**before.where, **reference.where}, before.through)


def _order(pair: tuple[Part, Reference]) -> tuple[tuple[bool, int], str, int, int]:
    """Owner by owner, direct dependents first, then in the order of the document."""
    part, reference = pair
    owner = Kind(part.itself.owner).reading_order
    return owner, part.itself.uid, len(reference.through), part.order
