"""What a check is, and what it finds.

A check is a generator function with one parameter, whose type says what it looks at (gk.check.
subjects), and keyword-only options. It yields messages: what is wrong, and what to do.

    @check(Severity.WARNING)
    def panel_without_unit(panel: Panel) -> Iterator[str]:
        if ...:
            yield "has no unit; set unit=..."

Its name is the function's, with hyphens. The docstring of its module is its page, or its own if
the module is not named after it and so may have several.

A check may have a `fix`: a generator function that changes a classic dashboard, as somebody
exported it, in place, and yields what it changed (gk.check.fixing).
"""

from __future__ import annotations

import enum
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, get_type_hints

from gk.errors import Source, Where
from gk.forms.plurals import counted
from gk.resource import Key, Resource

__all__ = ["ALONE", "Check", "Finding", "Fix", "Found", "Option", "Severity", "Turn", "check"]


Turn: TypeAlias = "tuple[int, int]"
"""The place of a part among those of its name in the object, from 0, and how many these are."""

ALONE: Turn = (0, 1)


class Severity(enum.Enum):
    """How bad a finding is. The order is from the mildest to the worst."""

    INFO = "info"
    """A matter of taste, or a hint."""
    WARNING = "warning"
    """It shows or means something else than its author probably thinks."""
    ERROR = "error"
    """It does not work."""

    @property
    def rank(self) -> int:
        """The place in the order: higher is worse."""
        return list(Severity).index(self)

    def __ge__(self, other: Severity) -> bool:
        return self.rank >= other.rank


@dataclass(frozen=True, slots=True)
class Found:
    """What a check yields if a message alone is not enough: `where` is a place inside the subject,
    in place of the subject itself. A check of the whole project names the `resource`, or the file
    and line. `others` are objects that it is about besides: a change of one may be the reason of it
    (`gk check --since`). `turn` tells apart parts with one name. `failed_at` is where the check
    failed, if it is about that."""

    message: str
    where: Where | None = None
    resource: Resource | None = None
    source: Source | None = None
    turn: Turn | None = None
    failed_at: Source | None = None
    others: tuple[Key, ...] = ()


Fix: TypeAlias = "Callable[..., Iterator[str]]"
"""Changes a classic dashboard in place, and yields what it changed; takes the check's options."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a check: its type is that of its default."""

    name: str
    default: Any


@dataclass(frozen=True, slots=True)
class Check:
    """A check.

    `peers` are the checks of other tools that it replaces, as `tool: name` (gk.check.peers). One
    that `is_policy` enforces a rule that a team has to choose: it is off until gk.yaml gives it a
    severity. `page` is what `gk check --explain` prints. `source` is the place of a team's own.
    """

    name: str
    severity: Severity
    subject: type
    function: Callable[..., Iterable[str | Found]]
    page: str
    options: tuple[Option, ...] = ()
    peers: tuple[str, ...] = ()
    is_policy: bool = False
    fix: Fix | None = None
    source: Source | None = None

    @property
    def summary(self) -> str:
        """The first sentence of the page."""
        return " ".join(self.page.partition("\n\n")[0].split())


def check(
    severity: Severity,
    *,
    peers: Iterable[str] = (),
    is_policy: bool = False,
    fix: Fix | None = None,
) -> Callable[[Callable[..., Iterable[str | Found]]], Check]:
    """Make the decorated function a check. Raises TypeError for one without a page, and for
    parameters that are not as described above."""

    def decorate(function: Callable[..., Iterable[str | Found]]) -> Check:
        name = function.__name__.replace("_", "-")
        if not (page := _page(function)):
            raise TypeError(f"check {name}: write a docstring, which is its page")
        parameters = list(inspect.signature(function).parameters.values())
        hints = get_type_hints(function)
        if not parameters or parameters[0].name not in hints:
            raise TypeError(
                f"check {name}: annotate its first parameter with what it looks at, such as Panel"
            )
        return Check(
            name,
            severity,
            hints[parameters[0].name],
            function,
            page,
            tuple(_option(name, parameter) for parameter in parameters[1:]),
            tuple(peers),
            is_policy,
            fix,
        )

    return decorate


def _page(function: Callable[..., object]) -> str:
    module = sys.modules[function.__module__]
    # A module of one check, as gk's own, has the page; a team may have several in a file.
    is_of_module = module.__name__.rpartition(".")[2] == function.__name__
    pages = [inspect.getdoc(owner) for owner in (module, function)]
    return next(filter(None, pages if is_of_module else reversed(pages)), "")


_OPTIONS = (bool, int, float, str, tuple)
"""The types of options, which gk.yaml can write."""


def _option(check: str, parameter: inspect.Parameter) -> Option:
    default = parameter.default
    if parameter.kind is not parameter.KEYWORD_ONLY or type(default) not in _OPTIONS:
        raise TypeError(
            f"check {check}: write '{parameter.name}' after '*' and with a default, which is text, "
            "a number, a bool or a tuple of texts: it is an option"
        )
    return Option(parameter.name, default)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found: its place in the project, the object and the part of it, what
    is wrong, and what to do.

    In a snippet, `where` is the snippet, and `also` counts the other places that show it.
    """

    check: str
    severity: Severity
    source: Source
    message: str
    key: Key | None = None
    title: str = ""
    """The title of the object."""
    where: Where | None = None
    ref: str = ""
    """The refId of the query."""
    also: int = 0
    only_in: tuple[str, ...] = ()
    """The environments that have it, if not all do."""
    turn: Turn = ALONE
    others: tuple[Key, ...] = ()
    """The objects that it is about besides."""

    @property
    def place(self) -> str:
        """The part, for people: `panel 'CPU busy' A`; the object if it is about the whole."""
        if self.where:
            return f"{self.where} {self.ref}".rstrip()
        return f"{self.key[0].noun} '{self.title}'" if self.key else ""

    @property
    def text(self) -> str:
        """What is wrong, and what to do, with the part before it."""
        also = f" (and {counted(self.also, 'more place')})" if self.also else ""
        only = f" (only in {', '.join(self.only_in)})" if self.only_in else ""
        before = f"{self.place}: " if self.place else ""
        return f"{before}{self.message}{also}{only}"

    @property
    def order(self) -> tuple[Any, ...]:
        """The order of a report: by file and line, the worst first."""
        return self.source, -self.severity.rank, self.check, self.place, self.message
