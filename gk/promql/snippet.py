"""The snippet engine: PromQL that a panel and an alert share, so the two cannot drift apart.

    Exporter    what sends the series: the name that settings know its labels by
    Scope       which series and which range a query reads
    Snippet     a named PromQL function of a scope, with unit, legend and documentation
    Query       a snippet and its arguments, not yet rendered
    Condition   a query compared with a threshold

Definitions hold queries and never text: gk.compile renders them with the project's labels, once for
a panel's scope and once for an alert's. Two definitions with equal queries share them.
"""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, overload
from weakref import WeakValueDictionary

from gk.promql.labels import Labels, LabelScheme
from gk.promql.syntax import RATE_INTERVAL, enclosed, matcher, one_line, variables

if TYPE_CHECKING:
    from types import ModuleType

__all__ = [
    "NODE_LABEL",
    "Condition",
    "Exporter",
    "Query",
    "Scope",
    "Snippet",
    "exporter_of",
    "query_of",
]

NODE_LABEL = "$node"
"""Stands, in a legend (`{{$node}}`) or an alert's text (`{{ $node }}`), for the label that tells
nodes apart."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """What sends a family of series, such as the node exporter.

    `name` is the key of its labels in gk.yaml and in the presets. `metric` is a series that each of
    its targets has: the variables `$job` and `$node` are read from it.
    """

    name: str
    metric: str = "up"

    def snippet(
        self, *, unit: str = "", legend: str = "{{$node}}"
    ) -> Callable[[Callable[..., str]], Snippet]:
        """Make the decorated function a snippet of this exporter.

        `unit` is Grafana's id of the unit, `legend` a legend format in which `{{$node}}` is the
        label that tells nodes apart; an empty one leaves the naming of series to Grafana. The
        docstring becomes the description.
        """

        def decorate(function: Callable[..., str]) -> Snippet:
            return Snippet(self, function, unit, legend)

        return decorate


@dataclass(frozen=True, slots=True)
class Scope:
    """Which series and which range a query reads.

    In a panel that is `$job`, `$node` and `$__rate_interval`; in an alert a fixed job, every node
    and a fixed window. Snippets write PromQL through it: `s.rate("node_cpu_seconds_total",
    mode="idle")`.
    """

    exporter: Exporter
    labels: LabelScheme
    window: str
    variables_of: Exporter | None = None
    is_per_node: bool = True
    one_node: bool = False
    called: set[Snippet] | None = field(default=None, compare=False)
    """Collects the snippets that are rendered in this scope, where somebody wants to know."""

    @classmethod
    def panel(
        cls,
        labels: LabelScheme,
        dashboard: Exporter | None,
        window: str = RATE_INTERVAL,
        *,
        one_node: bool = False,
    ) -> Scope:
        """Scope of a panel on a dashboard whose `$job` and `$node` are those of the exporter
        `dashboard`.

        Without an exporter the dashboard has no such variables, and queries read the fixed job and
        every node. With `one_node` exactly one node is chosen.
        """
        return cls(dashboard or Exporter(""), labels, window, dashboard, one_node=one_node)

    @classmethod
    def alert(cls, labels: LabelScheme, window: str = "5m") -> Scope:
        """Scope of an alert or a recording rule: a fixed window, and no variable anywhere."""
        return cls(Exporter(""), labels, window)

    def of(self, exporter: Exporter) -> Scope:
        """The same scope over another exporter's series: same nodes and window, its own job."""
        return self if exporter == self.exporter else replace(self, exporter=exporter)

    @property
    def node(self) -> str:
        """Name of the label that tells nodes apart, for `by (...)` and `on (...)`."""
        return self._labels.node

    @property
    def all_nodes(self) -> Scope:
        """The same scope without a choice of nodes, for series that do not name the node of what
        they describe."""
        return replace(self, is_per_node=False)

    @property
    def _labels(self) -> Labels:
        return self.labels.of(self.exporter.name)

    def select(self, metric: str, /, *matchers: str, **labels: Any) -> str:
        """An instant vector selector: `metric` for the scope's job and nodes.

        `matchers` are PromQL matchers as they stand (`'mode!="idle"'`). `labels` match for
        equality; a list matches any of its values, None matches nothing in particular and is left
        out.
        """
        equal = (matcher(label, value) for label, value in labels.items() if value is not None)
        return f"{metric}{{{','.join([*self._scope_matchers(), *matchers, *equal])}}}"

    def recorded(self, record: str, /, *matchers: str, **labels: Any) -> str:
        """A series that a recording rule made, whose expression keeps the label job: that of the
        scope's job.

        Other labels of the exporter's targets are gone, and so are its matchers, which the rule has
        applied already.
        """
        equal = (matcher(label, value) for label, value in labels.items() if value is not None)
        return f"{record}{{{','.join([self._job(), *matchers, *equal])}}}"

    def _job(self) -> str:
        return matcher("job", "$job" if self.variables_of == self.exporter else self._labels.job)

    def _scope_matchers(self) -> list[str]:
        matchers = [self._job(), *self._labels.matchers]
        has_node = self.is_per_node and self.variables_of is not None
        return [*matchers, self._node_matcher("$node")] if has_node else matchers

    def _node_matcher(self, pattern: str) -> str:
        # Grafana puts the value of a choice of one into the query as it is, so that `[::1]:9100`
        # would be a pattern.
        return f'{self.node}="$node"' if self.one_node else f'{self.node}=~"{pattern}"'

    def firing(self, *matchers: str) -> str:
        """Prometheus's own series of the alerts that fire, each as 1: those of the scope's nodes,
        and those that name no node unless exactly one is chosen. Nothing where Grafana evaluates
        the rules, which sends no such series.
        """
        node = (
            [self._node_matcher("$node|")]
            if self.is_per_node and self.variables_of is not None
            else []
        )
        return f"ALERTS{{{','.join([matcher('alertstate', 'firing'), *matchers, *node])}}}"

    def up(self) -> str:
        """Whether each target of the exporter can be scraped, 1 or 0: Prometheus's own series `up`.

        Where the job is shared, a target counts that sent the exporter's metric within the last
        day.
        """
        up = self.select("up")
        if not self._labels.shared:
            return up
        return (
            f"({up} and on (job, instance) "
            f"last_over_time({self.range(self.exporter.metric, window='1d')}))"
        )

    def range(self, metric: str, /, *matchers: str, window: str = "", **labels: Any) -> str:
        """A range vector selector over the scope's window, or over `window` (a Prometheus
        duration)."""
        return f"{self.select(metric, *matchers, **labels)}[{window or self.window}]"

    def rate(self, metric: str, /, *matchers: str, **labels: Any) -> str:
        """Per-second increase of a counter, averaged over the scope's window."""
        return f"rate({self.range(metric, *matchers, **labels)})"

    def increase(self, metric: str, /, *matchers: str, **labels: Any) -> str:
        """Increase of a counter over the scope's window."""
        return f"increase({self.range(metric, *matchers, **labels)})"


class _Queryable:
    """What a snippet and a query can do: four comparisons make a condition. `==` and `!=` keep
    Python's meaning."""

    __slots__ = ()

    def top(self, limit: int) -> Query:
        """The same query, of which a panel shows the series with the `limit` highest values at each
        point in time."""
        given: object = limit
        if isinstance(given, bool) or not isinstance(given, int) or limit < 1:
            raise ValueError(
                f"{query_of(self)}: top({limit!r}); it takes how many series to show, at least 1"
            )
        return replace(query_of(self), limit=limit)

    def __gt__(self, threshold: float) -> Condition:
        return Condition(query_of(self), ">", threshold)

    def __lt__(self, threshold: float) -> Condition:
        return Condition(query_of(self), "<", threshold)

    def __ge__(self, threshold: float) -> Condition:
        return Condition(query_of(self), ">=", threshold)

    def __le__(self, threshold: float) -> Condition:
        return Condition(query_of(self), "<=", threshold)


_NUMBERS = itertools.count()
_NUMBERED: WeakValueDictionary[int, Snippet] = WeakValueDictionary()


def _numbered(number: int) -> Snippet:
    return _NUMBERED[number]


@dataclass(frozen=True, eq=False)
class Snippet(_Queryable):
    """A named PromQL function of a scope.

    A snippet is a query as it stands; called with arguments it is a query with these; called with a
    scope, inside another snippet, it is text that can stand as an operand.
    """

    exporter: Exporter
    function: Callable[..., str]
    unit: str = ""
    legend: str = ""
    name: str = field(init=False)
    number: int = field(init=False, repr=False, default_factory=_NUMBERS.__next__)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"{self.exporter.name}.{self.function.__name__}")
        _NUMBERED[self.number] = self

    def __reduce__(self) -> tuple[Callable[[int], Snippet], tuple[int]]:
        # To a process that was forked from this one, or forked it: there it is the same object.
        return _numbered, (self.number,)

    @property
    def description(self) -> str:
        """The function's docstring on one line."""
        return " ".join((self.function.__doc__ or "").split())

    @property
    def place(self) -> tuple[str, int]:
        """File, as Python names it, and line of the function."""
        code = self.function.__code__
        return code.co_filename, code.co_firstlineno

    @overload
    def __call__(self, scope: Scope, /, **arguments: Any) -> str: ...

    @overload
    def __call__(self, /, **arguments: Any) -> Query: ...

    def __call__(self, scope: Scope | None = None, /, **arguments: Any) -> str | Query:
        """PromQL in `scope`, ready to stand as an operand; or, without a scope, a query with
        `arguments`."""
        if scope is not None:
            return enclosed(self.render(scope, **arguments))
        return Query(self, tuple(sorted(self._own(arguments).items())))

    def _own(self, arguments: Mapping[str, Any]) -> dict[str, Hashable]:
        """The arguments that differ from the function's defaults, so that a default that is given
        is no other query.

        Raises TypeError for arguments that the function does not take, and for those that cannot be
        compared.
        """
        signature = inspect.signature(self.function)
        try:
            signature.bind(None, **arguments)
        except TypeError as error:
            names = list(signature.parameters)[1:]
            takes = f"it takes {', '.join(names)}" if names else "it takes no arguments"
            raise TypeError(f"snippet {self.name}: {error}; {takes}") from None
        own = {}
        for name, value in arguments.items():
            frozen = _frozen(value)
            if not _is_hashable(frozen):
                raise TypeError(
                    f"snippet {self.name}: {name} takes text, numbers or lists, "
                    f"got {type(value).__name__}"
                )
            parameter = signature.parameters.get(name)
            if parameter is None or _frozen(parameter.default) != frozen:
                own[name] = frozen
        return own

    def render(self, scope: Scope, **arguments: Any) -> str:
        """PromQL in `scope`, on one line."""
        given: object = scope
        if not isinstance(given, Scope):
            raise TypeError(
                f"snippet {self.name}: arguments are given by name, "
                "and inside a snippet the scope first"
            )
        if scope.called is not None:
            scope.called.add(self)
        expr: object = self.function(scope.of(self.exporter), **arguments)
        if not isinstance(expr, str):
            raise TypeError(f"the function returns {expr!r}, not PromQL text")
        return one_line(expr)


def _frozen(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    return frozenset(value) if isinstance(value, set) else value


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Query(_Queryable):
    """A snippet and its arguments, not yet rendered. Equal snippets with equal arguments are the
    same query.

    `limit` is how many of its series are shown, None for all. The ten highest of a query are still
    that query: it shares what alerts know.
    """

    snippet: Snippet
    arguments: tuple[tuple[str, Hashable], ...] = ()
    limit: int | None = field(default=None, compare=False)

    @property
    def of_all(self) -> Query:
        """The query without those arguments that are a dashboard's variable
        (`namespace="$namespace"`).

        They choose among its series, so what alerts know of all of them holds for the chosen ones.
        """
        fixed = [
            (name, value)
            for name, value in self.arguments
            if not (isinstance(value, str) and variables(value))
        ]
        return replace(self, arguments=tuple(fixed))

    def render(self, scope: Scope) -> str:
        """PromQL in `scope`."""
        expr = self.snippet.render(scope, **dict(self.arguments))
        return f"topk({self.limit}, {expr})" if self.limit else expr

    def __str__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.arguments)
        return f"{self.snippet.name}({arguments})" if arguments else self.snippet.name


@dataclass(frozen=True, slots=True)
class Condition:
    """A query compared with a threshold: what an alert waits for. `operator` is one of > < >=
    <=."""

    query: Query
    operator: str
    threshold: float

    def __post_init__(self) -> None:
        given: object = self.threshold
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise TypeError(
                f"{self.query} is compared with {type(given).__name__}; a threshold is a number"
            )
        if not math.isfinite(given):
            raise ValueError(
                f"{self.query} is compared with {given}; a threshold is a finite number"
            )

    def __bool__(self) -> bool:
        # Python reads `0.1 < query < 0.9` as two comparisons joined by `and`, which would drop the
        # first.
        raise TypeError("a condition has one threshold; write an alert for each bound")

    def __str__(self) -> str:
        return f"{self.query} {self.operator} {self.threshold:g}"


def query_of(queryable: Any) -> Query:
    """The query that a snippet or a query stands for. Raises TypeError for anything else."""
    if isinstance(queryable, Query):
        return queryable
    if isinstance(queryable, Snippet):
        return Query(queryable)
    raise TypeError(f"expected a snippet or a query, not {type(queryable).__name__}")


def exporter_of(given: ModuleType | Exporter | None) -> Exporter | None:
    """The exporter itself, or that of a module of snippets. Raises TypeError for a module without
    one."""
    exporter = (
        given if given is None or isinstance(given, Exporter) else getattr(given, "exporter", given)
    )
    if exporter is None or isinstance(exporter, Exporter):
        return exporter
    raise TypeError(
        f"{getattr(given, '__name__', given)!r} has no exporter: "
        "a module of snippets defines `exporter`"
    )
