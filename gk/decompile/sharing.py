"""What several panels say alike, said once: constructors with some arguments given, and values with
a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from gk.decompile.names import Names
from gk.decompile.panels import in_order
from gk.decompile.probes import PANELS
from gk.decompile.python import WIDTH, Call, Code, Name, text
from gk.documents.parts import without

__all__ = ["shared"]

_FEWEST = 3
"""Panels for which a constructor gets arguments ahead."""
_LEVELS = 3
"""How often a constructor with arguments gets more of them."""
_STARTS = 24
"""Arguments around which families are tried: those that take most lines."""
_LEAST_SAVED = 4
"""Lines."""
_OWN = frozenset({"id", "grid", "repeat", "key"})
"""Arguments that a panel never shares."""
_UNNAMED = frozenset({"extra", "mappings", "series", "thresholds"})
"""Arguments whose values get no name: a type checker would take the name for a narrower type."""
_PLACE = frozenset({"width", "height"})
"""What the position of a panel says, too."""
_LINES_OF_PARTIAL = 3
_COLUMN = 12
"""Where most arguments of panels start."""
_LONG = 3
"""Lines of a value that gets a name if it occurs twice."""


Usual: TypeAlias = Callable[[str], Mapping[str, Any]]
"""The values that the arguments of a constructor have if nobody says another."""


def shared(
    panels: Sequence[Call], names: Names, usual: Usual
) -> tuple[list[tuple[str, Code]], list[Call]]:
    """Return assignments, and the panels that use them."""
    bases, based = _with_bases(panels, names, usual)
    assigned, called = _with_partials(based, names)
    return _with_values([*bases, *assigned], called, names)


# What most panels of a constructor say


def _with_bases(
    panels: Sequence[Call], names: Names, usual: Usual
) -> tuple[list[tuple[str, Code]], list[Call]]:
    """Give each constructor what most of its panels say ahead; the others say it otherwise."""
    bases: dict[str, tuple[Name, Mapping[str, Code]]] = {}
    by_constructor: dict[str, list[Call]] = {}
    for panel in panels:
        by_constructor.setdefault(panel.function.text, []).append(panel)
    assigned: list[tuple[str, Code]] = []
    for constructor, own in by_constructor.items():
        if given := _base(own, usual(constructor)):
            name = names.new(constructor, private=True)
            bases[constructor] = Name(name), given
            assigned.append((name, Call(Name("partial", "functools"), [own[0].function], given)))
    return assigned, [
        _on(panel, *bases[panel.function.text], usual(panel.function.text))
        if panel.function.text in bases
        else panel
        for panel in panels
    ]


def _base(panels: Sequence[Call], usual: Mapping[str, Any]) -> Mapping[str, Code]:
    """The arguments that save lines if panels have them already, although some have to say that
    they do not; and those that all panels say alike."""
    given: dict[str, Code] = {}
    saved = -_LINES_OF_PARTIAL
    for name in dict.fromkeys(name for panel in panels for name in panel.named):
        if name in _OWN:
            continue
        said = [panel.named[name] for panel in panels if name in panel.named]
        silent = sum(_is_silent(name, panel) for panel in panels)
        value, count = Counter(map(text, said)).most_common(1)[0]
        code = next(code for code in said if text(code) == value)
        lines = _lines(code, f"{name}=", value) * count - silent
        is_for_all = name in usual or count == len(panels)
        if is_for_all and count >= _FEWEST and lines >= _LEAST_SAVED / 2:
            given[name] = code
            saved += lines
    return in_order(given) if saved >= _LEAST_SAVED else {}


def _is_silent(name: str, panel: Call) -> bool:
    """Whether a panel has the default of an argument, by not saying it."""
    return name not in panel.named and not (name in _PLACE and "grid" in panel.named)


def _on(panel: Call, base: Name, given: Mapping[str, Code], usual: Mapping[str, Any]) -> Call:
    """A panel as the call of its base."""
    named = dict(panel.named)
    otherwise = {name: usual[name] for name in given if _is_silent(name, panel)}
    for name, code in given.items():
        if name in named and text(named[name]) == text(code):
            del named[name]
    return Call(base, panel.arguments, in_order({**named, **otherwise}))


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
        partials = [
            partial
            for indexes in by_constructor.values()
            for partial in _partials(result, indexes, names)
        ]
        if not partials:
            break
        assigned += partials
    return assigned, result


def _partials(
    result: list[Call], indexes: Sequence[int], names: Names
) -> Iterator[tuple[str, Code]]:
    """The partials of panels of one constructor, which are replaced in `result`."""
    items = {index: _items(result[index]) for index in indexes}
    while family := _family(items):
        _, common, members = family
        example = result[members[0]]
        given = {name: code for name, code in example.named.items() if name in common}
        name = names.first(*_qualified(example.function.text, given), private=True)
        yield name, Call(Name("partial", "functools"), [example.function], given)
        for index in members:
            own = without(result[index].named, *common)
            result[index] = Call(Name(name), result[index].arguments, own)
            del items[index]


def _qualified(constructor: str, given: Mapping[str, Code]) -> Iterator[str]:
    """What a constructor with more arguments may be called: after its unit, or what else they
    say."""
    plain = constructor.strip("_")
    unit = given.get("unit")
    if isinstance(unit, str):
        # `_bytes_timeseries`, though it is one `_timeseries_min_0`.
        yield f"{unit} {max((name for name in PANELS.values() if name in plain), key=len)}"
        yield f"{unit} {plain}"
    for name, value in in_order(given).items():
        if isinstance(value, str) and value:
            yield f"{plain} {value}"
        elif name not in _PLACE and isinstance(value, (int, float)):
            yield f"{plain} {name} {value}"
    yield plain


_Items: TypeAlias = Mapping[str, tuple[str, int]]


class _Family(NamedTuple):
    """Arguments that some panels have in common, these panels, and how many lines it saves to say
    them once."""

    saved: int
    common: frozenset[str]
    members: Sequence[int]


def _items(panel: Call) -> _Items:
    """The text of each argument that panels may share, and its lines."""
    texts = {name: text(code) for name, code in panel.named.items() if name not in _OWN}
    return {
        name: (text, _lines(panel.named[name], f"{name}=", text)) for name, text in texts.items()
    }


def _family(items: Mapping[int, _Items]) -> _Family | None:
    """The family that saves most lines; None if all save little."""
    counts: Counter[tuple[str, str]] = Counter()
    for item in items.values():
        counts.update({(name, value): lines for name, (value, lines) in item.items()})
    starts = sorted(counts, key=lambda start: (-counts[start], start))[:_STARTS]
    families = [_grown(items, *start) for start in starts]
    best = max(families, key=lambda family: family.saved, default=None)
    return best if best and best.saved >= _LEAST_SAVED else None


def _grown(items: Mapping[int, _Items], name: str, value: str) -> _Family:
    """The best family around an argument: with what most of its panels say besides, and of these
    again, as long as that saves lines."""
    members, common = list(items), dict[str, str]()
    lines, best = 0, _Family(0, frozenset(), ())
    while True:
        members = [index for index in members if items[index].get(name, ("", 0))[0] == value]
        if len(members) < _FEWEST:
            return best
        common[name] = value
        lines += items[members[0]][name][1]
        saved = lines * (len(members) - 1) - _LINES_OF_PARTIAL
        if saved > best.saved:
            best = _Family(saved, frozenset(common), members)
        counts = Counter(
            (name, own[0])
            for index in members
            for name, own in items[index].items()
            if name not in common
        )
        if not counts:
            return best
        # The first of those that are equally frequent, in the order of the arguments' names.
        name, value = min(counts, key=lambda argument: (-counts[argument], argument))


# Values with a name


def _with_values(
    assigned: list[tuple[str, Code]], panels: list[Call], names: Names
) -> tuple[list[tuple[str, Code]], list[Call]]:
    """Give a name to each long value that occurs twice: the whole of an argument first."""
    everything: list[tuple[str, Code]] = [*assigned, *(("", panel) for panel in panels)]
    counts = Counter(text(value) for _, value in _values(code for _, code in everything))
    named: dict[str, Name] = {}
    values: list[tuple[str, Code]] = []
    titles = [
        *(name.strip("_") for name, _ in assigned),
        *(str(panel.arguments[0]) for panel in panels),
    ]
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


def _lines(value: Code, prefix: str = "", flat: str = "\n") -> int:
    """The lines of a value where it is used, after its argument's name; `flat` is its text where
    it starts at a margin."""
    if "\n" not in flat and _COLUMN + len(prefix) + len(flat) < WIDTH:
        return 1
    return text(value, _COLUMN + len(prefix), _COLUMN, after=1).count("\n") + 1


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
        return Call(code.function, [change(argument) for argument in code.arguments], named)
    return [change(inside) for inside in code] if isinstance(code, list) else code


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
