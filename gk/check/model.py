"""What a check is, and what it finds.

A check is a generator function with one parameter, whose type says what it looks at (gk.check.
subjects), and keyword-only options. It yields messages: what is wrong, and what to do.

    @check(Severity.WARNING)
    def panel_without_unit(panel: Panel) -> Iterator[str]:
        if ...:
            yield "has no unit; set unit=..."

Its name is the function's, with hyphens. The docstring of its module is its page.
"""

from __future__ import annotations

import enum
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, get_type_hints

from gk.errors import Source
from gk.plurals import counted
from gk.resource import Key, Resource, Where

__all__ = ["ALONE", "Check", "Finding", "Found", "Option", "Severity", "Turn", "check"]


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
    and line. `turn` tells apart parts with one name."""

    message: str
    where: Where | None = None
    resource: Resource | None = None
    source: Source | None = None
    turn: Turn | None = None


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
    severity. `page` is what `gk check --explain` prints.
    """

    name: str
    severity: Severity
    subject: type
    function: Callable[..., Iterable[str | Found]]
    page: str
    options: tuple[Option, ...] = ()
    peers: tuple[str, ...] = ()
    is_policy: bool = False

    @property
    def summary(self) -> str:
        """The first sentence of the page."""
        return " ".join(self.page.partition("\n\n")[0].split())

    def __call__(self, subject: object, options: Mapping[str, Any]) -> Iterator[Found]:
        """What the check finds in one subject."""
        for found in self.function(subject, **options):
            yield found if isinstance(found, Found) else Found(found)


def check(
    severity: Severity, *, peers: Iterable[str] = (), is_policy: bool = False
) -> Callable[[Callable[..., Iterable[str | Found]]], Check]:
    """Make the decorated function a check. Raises TypeError for one without a page or without
    annotations."""

    def decorate(function: Callable[..., Iterable[str | Found]]) -> Check:
        name = function.__name__.replace("_", "-")
        page = inspect.getdoc(sys.modules[function.__module__]) or ""
        if not page:
            raise TypeError(f"check {name}: its module has no docstring, which is its page")
        subject, *options = inspect.signature(function).parameters.values()
        hints = get_type_hints(function)
        if subject.name not in hints:
            raise TypeError(f"check {name}: annotate '{subject.name}' with what it looks at")
        return Check(
            name,
            severity,
            hints[subject.name],
            function,
            page,
            tuple(Option(each.name, each.default) for each in options),
            tuple(peers),
            is_policy,
        )

    return decorate


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
