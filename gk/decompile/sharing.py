"""What several panels say alike, said once: constructors with some arguments given, and values with
a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from gk.decompile.names import Names
from gk.decompile.python import Call, Code, Name, text

__all__ = ["shared"]

_FEWEST = 3
"""Panels for which a constructor gets arguments ahead."""
_LEVELS = 3
"""How often a constructor with arguments gets more of them."""
_LEAST_SAVED = 4
"""Lines."""
_OWN = frozenset({"id", "grid", "repeat", "key"})
"""Arguments that a panel never shares."""
_UNNAMED = frozenset({"extra", "mappings", "series", "thresholds"})
"""Arguments whose values get no name: a type checker would take the name for a narrower type."""
_COLUMN = 12
"""Where most arguments of panels start."""
_LONG = 3
"""Lines of a value that gets a name if it occurs twice."""


def shared(panels: Sequence[Call], names: Names) -> tuple[list[tuple[str, Code]], list[Call]]:
    """Return assignments, and the panels that use them."""
    assigned, called = _with_partials(panels, names)
    return _with_values(assigned, called, names)


# Constructors with some arguments given


def _with_partials(
    panels: Sequence[Call], names: Names
) -> tuple[list[tuple[str, Code]], list[Call]]:
    """Give arguments ahead, first those that most panels of a type have, then what many of these
    have besides."""
    assigned: list[tuple[str, Code]] = []
    result = list(panels)
    for _ in range(_LEVELS):
        by_constructor: dict[str, list[int]] = {}
        for index, panel in enumerate(result):
            by_constructor.setdefault(panel.function.text, []).append(index)
        found = [
            each
            for indexes in by_constructor.values()
            for each in _partials(result, indexes, names)
        ]
        if not found:
            break
        assigned += found
    return assigned, result


def _partials(
    result: list[Call], indexes: Sequence[int], names: Names
) -> Iterator[tuple[str, Code]]:
    """The partials of panels of one constructor, which are replaced in `result`."""
    items = {index: _items(result[index]) for index in indexes}
    while family := _family(items):
        common, members = family
        example = result[members[0]]
        given = {name: code for name, code in example.named.items() if name in common}
        name = names.new(_qualified(example.function.text, given), private=True)
        yield name, Call(Name("partial", "functools"), [example.function], given)
        for index in members:
            own = {k: v for k, v in result[index].named.items() if k not in common}
            result[index] = Call(Name(name), result[index].arguments, own)
            del items[index]


def _qualified(constructor: str, given: Mapping[str, Code]) -> str:
    plain = constructor.strip("_").rstrip("_0123456789")
    unit = given.get("unit")
    return f"{unit} {plain}" if isinstance(unit, str) else plain


def _items(panel: Call) -> dict[str, tuple[str, int]]:
    """The text of each argument that panels may share, and its lines."""
    texts = {name: text(code) for name, code in panel.named.items() if name not in _OWN}
    return {name: (each, each.count("\n") + 1) for name, each in texts.items()}


def _family(
    items: Mapping[int, Mapping[str, tuple[str, int]]],
) -> tuple[frozenset[str], list[int]] | None:
    """The arguments that some panels have in common, and these panels: those that save most lines.
    None if they save little."""
    members, common = list(items), dict[str, str]()
    lines, best = 0, (0, frozenset[str](), list[int]())
    while len(members) >= _FEWEST:
        counts = Counter(
            (name, own[0])
            for index in members
            for name, own in items[index].items()
            if name not in common
        )
        if not counts:
            break
        # The first of those that are equally frequent, in the order of the arguments' names.
        (name, value), _ = min(counts.items(), key=lambda each: (-each[1], each[0]))
        members = [index for index in members if items[index].get(name, ("", 0))[0] == value]
        common[name] = value
        lines += items[members[0]][name][1]
        saved = lines * (len(members) - 1) - 3
        if saved > best[0] and len(members) >= _FEWEST:
            best = saved, frozenset(common), members
    return (best[1], best[2]) if best[0] >= _LEAST_SAVED else None


# Values with a name


def _with_values(
    assigned: list[tuple[str, Code]], panels: list[Call], names: Names
) -> tuple[list[tuple[str, Code]], list[Call]]:
    """Give a name to each long value that occurs twice: the whole of an argument first."""
    everything: list[tuple[str, Code]] = [*assigned, *(("", panel) for panel in panels)]
    counts = Counter(text(value) for _, value in _values(code for _, code in everything))
    named: dict[str, Name] = {}
    values: list[tuple[str, Code]] = []
    titles = iter([name.strip("_") for name, _ in assigned] + [str(p.arguments[0]) for p in panels])
    for (_, code), title in zip(everything, titles, strict=True):
        for argument, value in _values([code]):
            written = text(value)
            if counts[written] > 1 and _lines(value) >= _LONG and written not in named:
                name = names.new(f"{title} {argument}", private=True)
                named[written] = Name(name)
                values.append((name, value))

    def replaced(code: Code) -> Code:
        return _replaced(code, named)

    inner = [(name, _inside(value, replaced)) for name, value in values]
    outer = [(name, replaced(code)) for name, code in assigned]
    return [*_in_order(inner), *outer], [_as_call(replaced(panel)) for panel in panels]


def _lines(value: Code) -> int:
    """The lines of a value where it is used."""
    return text(value, _COLUMN, _COLUMN).count("\n") + 1


def _as_call(code: Code) -> Call:
    assert isinstance(code, Call)
    return code


def _values(codes: Iterable[Code]) -> Iterator[tuple[str, Code]]:
    """The values of arguments, and calls in lists, from the outside in."""
    for code in codes:
        if isinstance(code, Call):
            for name, value in code.named.items():
                if isinstance(value, (list, Mapping)) and name not in _UNNAMED:
                    yield name, value
                if isinstance(value, list):
                    for item in value:
                        if isinstance(item, (Call, Mapping)):
                            yield name.removesuffix("s"), item
                yield from _values(
                    [value] if isinstance(value, Call) else value if isinstance(value, list) else []
                )


def _replaced(code: Code, named: Mapping[str, Name]) -> Code:
    if isinstance(code, (list, Mapping, Call)) and (name := named.get(text(code))):
        return name
    return _inside(code, lambda inner: _replaced(inner, named))


def _inside(code: Code, change: Callable[[Code], Code]) -> Code:
    if isinstance(code, Call):
        named = {name: change(value) for name, value in code.named.items()}
        return Call(code.function, [change(each) for each in code.arguments], named)
    return [change(each) for each in code] if isinstance(code, list) else code


def _in_order(values: Sequence[tuple[str, Code]]) -> list[tuple[str, Code]]:
    """Values after those that they name."""
    codes = dict(values)
    placed: dict[str, Code] = {}

    def place(name: str) -> None:
        for inner in _names(codes[name]):
            if inner in codes:
                place(inner)
        placed.setdefault(name, codes[name])

    # Most outer values were found first; one that was found before may be inside a later one, too.
    for name, _ in reversed(values):
        place(name)
    return list(placed.items())


def _names(code: Code) -> Iterator[str]:
    """The names in an expression."""
    if isinstance(code, Name):
        yield code.text
    elif isinstance(code, Call):
        for inner in (*code.arguments, *code.named.values()):
            yield from _names(inner)
    elif isinstance(code, list):
        for inner in code:
            yield from _names(inner)
