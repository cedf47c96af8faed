"""What the arguments of gk's constructors do to a document, found by calling them.

A constructor turns arguments into JSON; the way back is the same table read from right to left. It
is not written down a second time: gk calls each constructor with every value of an argument, or
with two values that it can recognize, compiles the results, and notes which leaves change. An
argument that a constructor gets later is known here at once.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import UnionType
from typing import (
    Any,
    Literal,
    NamedTuple,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from gk.decompile.leaves import Leaves, Path, text_of, value_of

__all__ = ["Constructor", "Measure", "Read", "learn"]

Arguments: TypeAlias = dict[str, Any]
Measure: TypeAlias = Callable[[Sequence[Arguments]], Sequence["Leaves | None"]]
"""Makes an object with each of these arguments, and returns its leaves; None if the constructor
refuses them."""

_MOST_COMBINED = 64
"""Combinations of arguments that change the same leaves: a legend has 12."""
_SURPLUS = 100
"""How much worse than a leaf that is missing is one that nothing can take away again."""


class Read(NamedTuple):
    """How a document is written: the arguments that differ from their defaults, the leaves that no
    argument sets (`rest`), and those that the constructor sets although the document lacks them
    (`surplus`)."""

    arguments: Arguments
    rest: Leaves
    surplus: Leaves


@dataclass(frozen=True)
class _Choice:
    """Arguments with few values, which change the same leaves."""

    paths: frozenset[Path]
    leaves: Sequence[tuple[Arguments, Leaves]]
    """What each combination makes of these paths, the default first."""


class _Form(NamedTuple):
    """The texts before and after an argument's value in its leaf, the other arguments that go with
    this form, and the leaves that the argument also makes."""

    before: str
    after: str
    companions: Arguments
    beside: Leaves


@dataclass(frozen=True)
class _Free:
    """An argument of any value, and the forms of its leaf."""

    name: str
    path: Path
    forms: Sequence[_Form]
    default: Any
    absent: Any = None
    """The value that makes no leaf; None if every value makes one."""


@dataclass(frozen=True)
class Constructor:
    """A constructor read backwards."""

    base: Leaves
    choices: Sequence[_Choice] = ()
    free: Sequence[_Free] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def read(self, leaves: Leaves) -> Read:
        """Find the arguments that make a document, as far as there are some."""
        arguments: Arguments = {}
        made = dict(self.base)
        for choice in self.choices:
            chosen, own = min(choice.leaves, key=lambda case: _cost(case[1], leaves, choice.paths))
            arguments |= chosen
            made = {path: text for path, text in made.items() if path not in choice.paths} | own
        for parameter in self.free:
            self._read_free(parameter, leaves, arguments, made)
        rest = {path: text for path, text in leaves.items() if made.get(path) != text}
        surplus = {path: text for path, text in made.items() if path not in leaves}
        given = {
            name: arguments[name]
            for name, default in self.defaults.items()
            if name in arguments and text_of(arguments[name]) != text_of(default)
        }
        return Read(given, rest, surplus)

    def _read_free(self, free: _Free, leaves: Leaves, arguments: Arguments, made: Leaves) -> None:
        text = leaves.get(free.path)
        if text is None:
            if free.absent is not None:
                arguments[free.name] = free.absent
                made.pop(free.path, None)
            return
        fitting = [form for form in free.forms if _inside(form, text, free.default) is not None]
        if fitting:
            form = min(fitting, key=lambda form: _cost(form.beside, leaves, form.beside))
            arguments.update({free.name: _inside(form, text, free.default), **form.companions})
            made.update({free.path: text, **form.beside})


def _inside(form: _Form, text: str, like: Any) -> Any:
    """The value in a leaf of this form; None if it has another."""
    if not (text.startswith(form.before) and text.endswith(form.after)):
        return None
    return _value(text[len(form.before) : len(text) - len(form.after)], like)


def _value(text: str, like: Any) -> Any:
    """The value of a JSON text, if it is one of the argument's type."""
    try:
        value = value_of(text)
    except ValueError:
        return None
    if isinstance(value, list):
        return tuple(value) if isinstance(like, (tuple, list)) else None
    if isinstance(value, (bool, dict)) or isinstance(like, (tuple, list)):
        return None
    return value if isinstance(value, str) is isinstance(like, str) else None


def _cost(own: Leaves, leaves: Leaves, paths: Iterable[Path]) -> int:
    cost = 0
    for path in paths:
        if own.get(path) != leaves.get(path):
            cost += _SURPLUS if path in own and path not in leaves else 1
    return cost


# Learning


def learn(
    function: Callable[..., Any], measure: Measure, apart: Set[str] = frozenset()
) -> Constructor:
    """Find what the keyword arguments of a constructor do, but for those `apart`."""
    parameters = {
        name: parameter for name, parameter in _parameters(function).items() if name not in apart
    }
    finite = {name: parameter.values for name, parameter in parameters.items() if parameter.values}
    free = {name: parameter for name, parameter in parameters.items() if not parameter.values}
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    single = [{name: value} for name, values in finite.items() for value in values]
    probes = [{name: probe} for name, kind in free.items() for probe in kind.probes]
    base, *measured = measure([{}, *single, *probes])
    assert base is not None
    changed = dict(zip(map(_key, [*single, *probes]), measured, strict=True))
    probed = _Probed(base, changed, measure)
    affected = {
        name: _differing(base, (changed[_key({name: value})] for value in values))
        for name, values in finite.items()
    }
    for name in [name for name in finite if not affected[name]]:
        affected[name] = _differing_beside(name, finite, probed)
    idle = [{name: value} for name in finite if not affected[name] for value in finite[name]]
    others = [{name: value} for name in finite if affected[name] for value in finite[name]]
    frees = [
        known
        for name, parameter in free.items()
        if (known := _free(name, parameter, probed, idle, others))
    ]
    groups = _groups({name: paths for name, paths in affected.items() if paths})
    choices = [_choice(group, parameters, affected, measure) for group in groups]
    return Constructor(base, choices, frees, defaults)


class _Probed(NamedTuple):
    """What the constructor makes without arguments and with single ones, and how to try more."""

    base: Leaves
    changed: Mapping[str, Leaves | None]
    measure: Measure


class _Parameter(NamedTuple):
    """A keyword argument: its values, if these are few, or else those to try."""

    default: Any
    values: Sequence[Any]
    probes: Sequence[Any]


def _parameters(function: Callable[..., Any]) -> dict[str, _Parameter]:
    """The keyword arguments with a default."""
    hints = get_type_hints(function, localns={"Unpack": Sequence})
    return {
        name: _Parameter(parameter.default, *_values(hints[name], parameter.default))
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY or parameter.default is not parameter.empty
    }


def _values(hint: Any, default: Any) -> tuple[Sequence[Any], Sequence[Any]]:
    """The values of an argument, and those to try where any is possible: two that no constructor
    has by itself, and those that may stand for none."""
    if hint is bool:
        return (False, True), ()
    alternatives = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    # Words beside any text are only suggestions.
    if get_origin(alternatives[0]) is Literal and str not in alternatives:
        words = get_args(alternatives[0])
        return ((None, *words) if default is None else words), ()
    if isinstance(default, tuple):
        [item] = get_args(hint) or (str,)
        words = get_args(item)
        one, two = words[:2] if len(words) > 1 else (7, 11) if item is int else ("gkone", "gktwo")
        return (), ((one,), (two,), (), default)
    if isinstance(default, str):
        return (), ("gkone", "gktwo", "", default)
    if hint is float:
        # Shares from 0 to 1, too.
        return (), (0.375, 0.625, 0, 1, default)
    return (), (7, 11, 0, 1, 5, default)


def _free(
    name: str,
    parameter: _Parameter,
    probed: _Probed,
    idle: Sequence[Arguments],
    companions: Sequence[Arguments],
) -> _Free | None:
    base, changed, measure = probed
    one, two, *others = parameter.probes
    first, second = changed[_key({name: one})], changed[_key({name: two})]
    if first is None or second is None:
        return None
    # Some arguments mean something only beside this one, such as the order of a table; or this one
    # does only beside another, such as the width of a legend.
    tried: Sequence[Arguments] = [{}, *idle]
    path = _path_of(first, one, second, two, base)
    if path is None:
        path, tried = _path_beside(name, (one, two), companions, probed)
    if path is None:
        return None
    absent = [
        value
        for value in others
        if (made := changed[_key({name: value})]) is not None and path not in made
    ]
    forms: list[_Form] = []
    for given, made in zip(
        tried, measure([{name: one, **arguments} for arguments in tried]), strict=True
    ):
        if made and path in made and _around(made[path], one) is not None:
            beside = {
                other: text
                for other, text in made.items()
                if other != path and base.get(other) != text
            }
            before, _, after = made[path].partition(text_of(one))
            form = _Form(before, after, given, beside)
            if all(form[:2] != known[:2] or form.beside != known.beside for known in forms):
                forms.append(form)
    return _Free(name, path, forms, parameter.default, absent[0] if absent else None)


def _path_of(first: Leaves, one: Any, second: Leaves, two: Any, base: Leaves) -> Path | None:
    """The leaf that has the one value in the first, and the other in the second."""
    return next(
        (
            path
            for path in sorted(first)
            if first[path] != base.get(path)
            and _around(first[path], one) is not None
            and _around(first[path], one) == _around(second.get(path, ""), two)
        ),
        None,
    )


def _path_beside(
    name: str, values: tuple[Any, Any], companions: Sequence[Arguments], probed: _Probed
) -> tuple[Path | None, Sequence[Arguments]]:
    """The leaf of an argument that makes one only beside another argument, and that one."""
    one, two = values
    made = probed.measure(
        [{name: value, **companion} for companion in companions for value in values]
    )
    for beside, first, second in zip(companions, made[::2], made[1::2], strict=True):
        if first is not None and second is not None:
            path = _path_of(first, one, second, two, {})
            if path is not None:
                return path, [beside]
    return None, ()


def _around(text: str, value: Any) -> str | None:
    """The text of a leaf without the value that is in it once."""
    own = text_of(value)
    before, separator, after = text.partition(own)
    return f"{before}\0{after}" if separator else None


def _differing(base: Leaves, others: Iterable[Leaves | None]) -> frozenset[Path]:
    return frozenset(
        path
        for other in others
        if other is not None
        for path in base.keys() | other.keys()
        if base.get(path) != other.get(path)
    )


def _differing_beside(
    name: str, finite: Mapping[str, Sequence[Any]], probed: _Probed
) -> frozenset[Path]:
    """The leaves that an argument changes only beside a value of another one, and those of that
    one, for they belong together."""
    paths = frozenset[Path]()
    for other, values in finite.items():
        for value in values if other != name else ():
            without = probed.changed[_key({other: value})]
            if without is not None:
                tried = [{name: chosen, other: value} for chosen in finite[name]]
                if own := _differing(without, probed.measure(tried)):
                    paths |= own | _differing(probed.base, [without])
    return paths


def _groups(affected: Mapping[str, frozenset[Path]]) -> list[list[str]]:
    """Arguments that change a common leaf, together."""
    groups: list[tuple[list[str], frozenset[Path]]] = []
    for name, paths in affected.items():
        joined = [group for group in groups if group[1] & paths]
        groups = [group for group in groups if not group[1] & paths]
        names = [*(member for group, _ in joined for member in group), name]
        groups.append((names, paths.union(*(own for _, own in joined))))
    return [names for names, _ in groups]


def _choice(
    group: Sequence[str],
    parameters: Mapping[str, _Parameter],
    affected: Mapping[str, frozenset[Path]],
    measure: Measure,
) -> _Choice:
    paths = frozenset[Path]().union(*(affected[name] for name in group))
    combined = [
        dict(zip(group, values, strict=True))
        for values in itertools.islice(
            itertools.product(*(parameters[name].values for name in group)), _MOST_COMBINED
        )
    ]
    # The fewest arguments that make a document are the ones to write.
    combined.sort(
        key=lambda arguments: sum(arguments[name] != parameters[name].default for name in group)
    )
    leaves = [
        (given, {path: text for path, text in made.items() if path in paths})
        for given, made in zip(combined, measure(combined), strict=True)
        if made is not None
    ]
    return _Choice(paths, leaves)


def _key(arguments: Arguments) -> str:
    return repr(sorted(arguments.items()))
