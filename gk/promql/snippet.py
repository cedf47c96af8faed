"""The snippet engine: PromQL that a panel and an alert share, so that the two cannot drift apart.

    Exporter    sends the series; settings know its labels by its name
    Scope       the series and the range that a query reads
    Snippet     a named PromQL function of a scope, with unit, legend and documentation
    Query       a snippet and its arguments, not yet rendered

A comparison of a query makes a condition (gk.promql.condition).

Definitions hold queries, never text: gk.compile renders each with the project's labels, for a
panel's scope and for an alert's. Definitions with equal queries share them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Concatenate, Generic, Literal, ParamSpec, TypeAlias, overload
from weakref import WeakValueDictionary

from gk.promql.arguments import own_arguments
from gk.promql.condition import Condition, Conditions
from gk.promql.histogram import Histogram, Operand, recorded_matchers
from gk.promql.labels import Labels, LabelScheme
from gk.promql.syntax import RATE_INTERVAL, enclosed, matcher, one_line, selector, variables

if TYPE_CHECKING:
    from types import ModuleType

    from typing_extensions import ParamSpec as ParamSpecWithDefault

    # The default lets annotations name a Snippet of any arguments without brackets. typing has it
    # since Python 3.13.
    P = ParamSpecWithDefault("P", default=...)
else:
    P = ParamSpec("P")
Arguments = ParamSpec("Arguments")

__all__ = [
    "NODE_LABEL",
    "Exporter",
    "Nodes",
    "NotPromQLError",
    "Query",
    "Scope",
    "Snippet",
    "exporter_of",
    "query_of",
]

Nodes: TypeAlias = Literal["any", "one", "all"]
"""Which nodes a dashboard shows: any that its viewers choose, the one that they choose, or all."""

NODE_LABEL = "$node"
"""Stands for the name of the node label in a legend (`{{$node}}`) or an alert's text (`{{ $node
}}`)."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """The source of a family of series, such as the node exporter.

    `name` is the key of its labels in gk.yaml and in the presets. `metric` is a series of each of
    its targets: the variables `$job` and `$node` are read from it. `target` is what people call one
    of its targets, above the choice of `$node`.
    """

    name: str
    metric: str = "up"
    target: str = "Node"

    def snippet(
        self, *, unit: str = "", legend: str = "{{$node}}"
    ) -> Callable[[Callable[Concatenate[Scope, Arguments], str]], Snippet[Arguments]]:
        """Make the decorated function a snippet of this exporter.

        `unit` is Grafana's id of the unit. `legend` is a legend format, in which `{{$node}}` is the
        node label; with an empty one, Grafana names the series. The docstring becomes the
        description.
        """

        def decorate(
            function: Callable[Concatenate[Scope, Arguments], str],
        ) -> Snippet[Arguments]:
            return Snippet(self, function, unit, legend)

        return decorate


@dataclass(frozen=True, slots=True)
class Scope:
    """The series and the range that a query reads.

    In a panel, these are `$job`, `$node` and `$__rate_interval`; in an alert, a fixed job, every
    node and a fixed window. Snippets write PromQL with it: `s.rate("node_cpu_seconds_total",
    mode="idle")`.
    """

    exporter: Exporter
    labels: LabelScheme
    window: str
    variables_of: Exporter | None = None
    is_per_node: bool = True
    one_node: bool = False
    is_graph: bool = False
    """Whether the query draws a graph, and so is evaluated at many points in time."""
    called: set[Snippet] | None = field(default=None, compare=False)
    """If given, collects the snippets that are rendered in this scope."""

    @classmethod
    def panel(
        cls,
        labels: LabelScheme,
        dashboard: Exporter | None,
        window: str = RATE_INTERVAL,
        *,
        nodes: Nodes = "any",
    ) -> Scope:
        """The scope of a panel on a dashboard whose `$job` and `$node` belong to the exporter
        `dashboard`.

        Without an exporter, the dashboard has no such variables, and queries read the fixed job and
        every node. `nodes` is what viewers choose: any number, exactly one, or none, so that
        queries read every node.
        """
        return cls(
            dashboard or Exporter(""),
            labels,
            window,
            dashboard,
            is_per_node=nodes != "all",
            one_node=nodes == "one",
        )

    @classmethod
    def alert(cls, labels: LabelScheme, window: str = "5m") -> Scope:
        """The scope of an alert or a recording rule: a fixed window and no variables."""
        return cls(Exporter(""), labels, window)

    def of(self, exporter: Exporter) -> Scope:
        """The same scope for another exporter's series: same nodes and window, its own job."""
        return self if exporter == self.exporter else replace(self, exporter=exporter)

    @property
    def node(self) -> str:
        """Name of the node label, for `by (...)` and `on (...)`."""
        return self._labels.node

    @property
    def all_nodes(self) -> Scope:
        """The same scope for all nodes, for series without the node label of the object that they
        describe."""
        return replace(self, is_per_node=False)

    @property
    def _labels(self) -> Labels:
        return self.labels.of(self.exporter.name)

    def select(self, metric: str, /, *matchers: str, **labels: Any) -> str:
        """An instant vector selector: `metric` for the scope's job and nodes.

        `matchers` are complete PromQL matchers (`'mode!="idle"'`). `labels` match for equality: a
        list matches any of its values, and None omits the label.
        """
        return _selector(metric, self._scope_matchers(), matchers, labels)

    def recorded(self, record: str, /, *matchers: str, **labels: Any) -> str:
        """A series of a recording rule whose expression keeps the label `job`, for the scope's job.

        It has no other labels of the exporter's targets, and the rule has already applied the
        exporter's matchers.
        """
        return _selector(record, [*self._cluster(), *self._job()], matchers, labels)

    def _cluster(self) -> list[str]:
        # Rules are those of one cluster's Prometheus.
        label = self.labels.cluster if self.variables_of is not None else ""
        return [f'{label}="$cluster"'] if label else []

    def _job(self) -> list[str]:
        own = self._labels.job_matcher
        if own and self.variables_of == self.exporter:
            return [matcher("job", "$job")]
        return [own] if own else []

    def _scope_matchers(self) -> list[str]:
        matchers = [*self._cluster(), *self._job(), *self._labels.matchers]
        has_node = self.is_per_node and self.variables_of is not None
        return [*matchers, self._node_matcher("$node")] if has_node else matchers

    def _node_matcher(self, pattern: str) -> str:
        # Grafana inserts the value of a variable without multi unescaped, so `[::1]:9100` would be
        # a pattern.
        return f'{self.node}="$node"' if self.one_node else f'{self.node}=~"{pattern}"'

    def firing(self, *matchers: str) -> str:
        """Prometheus's own series of firing alerts, each with the value 1: those of the scope's
        nodes, and those without a node unless exactly one node is chosen. Empty if Grafana
        evaluates the rules, because it sends no such series."""
        return self._alerts("ALERTS", [matcher("alertstate", "firing"), *matchers])

    def active_since(self, *matchers: str) -> str:
        """Prometheus's own series of when the condition of each alert that is pending or fires
        began to hold, in seconds since 1970, of the same nodes as `firing`."""
        return self._alerts("ALERTS_FOR_STATE", matchers)

    def _alerts(self, metric: str, matchers: Iterable[str]) -> str:
        node = (
            [self._node_matcher("$node|")]
            if self.is_per_node and self.variables_of is not None
            else []
        )
        return f"{metric}{{{','.join([*self._cluster(), *matchers, *node])}}}"

    def up(self) -> str:
        """Whether each target of the exporter can be scraped, 1 or 0: Prometheus's own series `up`.

        If the job is shared, or there is none, only targets count that sent the exporter's metric
        within the last week.
        """
        up = self.select("up")
        if self._labels.job_matcher and not self._labels.shared:
            return up
        metric = self.select(self.exporter.metric)
        return f"({up} and on (job, instance) ({self.within_a_week('last_over_time', metric)}))"

    def within_a_week(self, function: str, expr: str) -> str:
        """`function`, such as last_over_time, of `expr` within the week before the end of the time
        range: from a look each 5 minutes at the last 12 hours, and each hour at the time before.
        What is newer has its value now. What was there for less than an hour is forgotten after 12.
        """
        # For each point of a graph, the samples of a week would be ten thousand times as many.
        before = (f"{function}({expr}[{looks}] @ end())" for looks in ("12h:5m", "7d:1h"))
        return " or ".join((*before, expr))

    def range(self, metric: str, /, *matchers: str, window: str = "", **labels: Any) -> str:
        """A range vector selector over the scope's window, or over `window`, a Prometheus
        duration."""
        return f"{self.select(metric, *matchers, **labels)}[{window or self.window}]"

    def rate(self, metric: str, /, *matchers: str, **labels: Any) -> str:
        """Per-second increase of a counter, averaged over the scope's window."""
        return f"rate({self.range(metric, *matchers, **labels)})"

    def increase(self, metric: str, /, *matchers: str, **labels: Any) -> str:
        """Increase of a counter over the scope's window."""
        return f"increase({self.range(metric, *matchers, **labels)})"

    def histogram(
        self, metric: str, /, *matchers: str, window: str = "", **labels: Any
    ) -> Histogram:
        """A histogram over the scope's window, or over `window`, by its name without a suffix such
        as `_bucket`: classic or native, as gk.yaml says of the exporter."""
        kind = self._labels.histograms

        def rates(suffix: str, **more: Any) -> str:
            selected = self.select(f"{metric}{suffix}", *matchers, **labels, **more)
            rate = f"rate({selected}[{window or self.window}])"
            # For a window after a target stopped sending a series, the rate of it sinks.
            return f"{rate} and {selected}" if kind == "both" and suffix else rate

        return Histogram(kind, rates)

    def recorded_histogram(self, record: str, /, *matchers: str, **labels: Any) -> Histogram:
        """A histogram whose `buckets` a recording rule records; see `recorded`."""
        kind = self._labels.histograms

        def rates(suffix: str, **more: Any) -> str:
            which = recorded_matchers(kind, suffix)
            return self.recorded(record, *matchers, *which, **labels, **more)

        return Histogram(kind, rates)


def _selector(
    name: str, own: Iterable[str], matchers: Iterable[str], labels: Mapping[str, Any]
) -> str:
    equal = (matcher(label, value) for label, value in labels.items() if value is not None)
    return selector(name, [*own, *matchers, *equal])


class _Queryable:
    """What snippets and queries have in common: four comparisons make a condition. `==` and `!=`
    keep Python's meaning."""

    __slots__ = ()

    def top(self, limit: int) -> Query:
        """The same query, limited in a panel to the `limit` series with the highest values: in a
        graph those that reach most within the time range, elsewhere those of now.

        A graph asks for a point a minute at most, unless its panel has an `interval`, and needs
        Prometheus 2.33 or later (`@ end()`).
        """
        given: object = limit
        if isinstance(given, bool) or not isinstance(given, int) or limit < 1:
            raise ValueError(
                f"{query_of(self)}: top({limit!r}); pass the number of series, at least 1"
            )
        return replace(query_of(self), limit=limit)

    def labelled(self, label: str, by: Snippet) -> Query:
        """The same query, whose series also have the label that `by` has for their node, such as
        its host name. `by` returns 1 for each node. A panel and an alert may differ in the label
        and still share the query."""
        return replace(query_of(self), label=(label, by))

    def __rand__(self, other: object) -> Conditions:
        # Python reads `a > 1 & b > 2` as `a > (1 & b) > 2`.
        raise TypeError("enclose each comparison in parentheses: (query > 1) & (other > 2)")

    __ror__ = __rand__

    def __gt__(self, threshold: float) -> Condition:
        return Condition(query_of(self), ">", threshold)

    def __lt__(self, threshold: float) -> Condition:
        return Condition(query_of(self), "<", threshold)

    def __ge__(self, threshold: float) -> Condition:
        return Condition(query_of(self), ">=", threshold)

    def __le__(self, threshold: float) -> Condition:
        return Condition(query_of(self), "<=", threshold)


class NotPromQLError(ValueError):
    """A snippet returns text that Prometheus does not parse."""

    def __init__(self, snippet: Snippet, expr: str, error: ValueError) -> None:
        super().__init__(str(error))
        self.snippet = snippet
        self.expr = expr


_NUMBERS = itertools.count()
_NUMBERED: WeakValueDictionary[int, Snippet] = WeakValueDictionary()


def _numbered(number: int) -> Snippet:
    return _NUMBERED[number]


@dataclass(frozen=True, eq=False)
class Snippet(_Queryable, Generic[P]):
    """A named PromQL function of a scope. `P` are the function's other arguments, so that editors
    and type checkers know them.

    Used directly, a snippet is a query; called with arguments, it returns a query with these;
    called with a scope, inside another snippet, it returns text that works as an operand.
    """

    exporter: Exporter
    function: Callable[Concatenate[Scope, P], str]
    unit: str = ""
    legend: str = ""
    name: str = field(init=False)
    number: int = field(init=False, repr=False, default_factory=_NUMBERS.__next__)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"{self.exporter.name}.{self.function.__name__}")
        _NUMBERED[self.number] = self

    def __reduce__(self) -> tuple[Callable[[int], Snippet], tuple[int]]:
        # For a forked worker and its parent: both have the same snippet under this number.
        return _numbered, (self.number,)

    @property
    def description(self) -> str:
        """The function's docstring on one line."""
        return " ".join((self.function.__doc__ or "").split())

    @property
    def place(self) -> tuple[str, int]:
        """The file (Python's name for it) and the line of the function."""
        code = self.function.__code__
        return code.co_filename, code.co_firstlineno

    # To mypy, arguments that could be anything may be a scope.
    @overload
    def __call__(  # type: ignore[overload-overlap]
        self, scope: Scope, /, *args: P.args, **arguments: P.kwargs
    ) -> str: ...

    @overload
    def __call__(self, /, *args: P.args, **arguments: P.kwargs) -> Query: ...

    # Arguments are given by name, which a ParamSpec cannot say.
    def __call__(  # type: ignore[misc]
        self, scope: Scope | None = None, /, **arguments: Any
    ) -> str | Query:
        """Return PromQL in `scope` that works as an operand; or, without a scope, a query with
        `arguments`."""
        if scope is not None:
            expr = self.render(scope, **arguments)
            try:
                return enclosed(expr)
            except ValueError as error:
                raise NotPromQLError(self, expr, error) from None
        own = own_arguments(self.name, self.function, arguments)
        return Query(self, tuple(sorted(own.items())))

    def render(self, scope: Scope, **arguments: Any) -> str:
        """PromQL in `scope`, on one line."""
        given: object = scope
        if not isinstance(given, Scope):
            raise TypeError(
                f"snippet {self.name}: pass arguments by name: `quantile=0.5`; "
                "inside a snippet, pass the scope first"
            )
        if scope.called is not None:
            scope.called.add(self)
        # A snippet may call one of another exporter, whose job and labels differ.
        function: Callable[..., object] = self.function
        expr = function(scope.of(self.exporter), **arguments)
        if not isinstance(expr, str):
            raise TypeError(f"the function returns {expr!r}, not PromQL text")
        return one_line(expr.whole if isinstance(expr, Operand) else expr)


@dataclass(frozen=True, slots=True)
class Query(_Queryable):
    """A snippet and its arguments, not yet rendered. Equal snippets with equal arguments are the
    same query.

    `limit` is the number of series to show, None for all; `label` is one that another snippet adds.
    They do not count for equality: the top ten of a query share its alerts.
    """

    snippet: Snippet
    arguments: tuple[tuple[str, Hashable], ...] = ()
    limit: int | None = field(default=None, compare=False)
    label: tuple[str, Snippet] | None = field(default=None, compare=False)

    @property
    def of_all(self) -> Query:
        """The query without the arguments that are dashboard variables (`namespace="$namespace"`).

        Variables select from its series, so alerts on all series apply to the selected ones, too.
        """
        fixed = [
            (name, value)
            for name, value in self.arguments
            if not (isinstance(value, str) and variables(value))
        ]
        return replace(self, arguments=tuple(fixed))

    def render(self, scope: Scope) -> str:
        """PromQL in `scope`."""
        expr = self._limited(scope)
        if not self.label:
            return expr
        (label, by), own = self.label, scope.of(self.snippet.exporter)
        return f"{enclosed(expr)} * on ({own.node}) group_left ({label}) {by(own)}"

    def _limited(self, scope: Scope) -> str:
        expr = self.snippet.render(scope, **dict(self.arguments))
        if not self.limit:
            return expr
        if not scope.is_graph:
            return f"topk({self.limit}, {expr})"
        # Chosen once, at the end of the range: topk alone chooses anew at each point in time, and
        # draws many more series than it names. `and` needs an operand in parentheses. The minute
        # before is for a range of seconds, which may have no multiple of the step in it.
        # The inner topk does not change the choice: what reaches most is among the highest when it
        # does. max_over_time then reads these series only.
        candidates = f"topk({self.limit}, {expr})[1m${{__range}}:{RATE_INTERVAL}] @ end()"
        return f"{enclosed(expr)} and topk({self.limit}, max_over_time({candidates}))"

    def __str__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.arguments)
        return f"{self.snippet.name}({arguments})" if arguments else self.snippet.name


def query_of(queryable: Any) -> Query:
    """Return the query for a snippet or a query. Raises TypeError for anything else."""
    if isinstance(queryable, Query):
        return queryable
    if isinstance(queryable, Snippet):
        return Query(queryable)
    raise TypeError(f"expected a snippet or a query, not {type(queryable).__name__}")


def exporter_of(given: ModuleType | Exporter | None) -> Exporter | None:
    """Return an exporter, or the exporter of a module of snippets. Raises TypeError for a module
    without one."""
    exporter = (
        given if given is None or isinstance(given, Exporter) else getattr(given, "exporter", given)
    )
    if exporter is None or isinstance(exporter, Exporter):
        return exporter
    raise TypeError(
        f"{getattr(given, '__name__', given)!r} has no exporter: "
        "a module of snippets defines `exporter`"
    )
