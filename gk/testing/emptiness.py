"""Why a query returns nothing, as far as Prometheus can tell: what it selects is not there, or what
it does with that leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator

import promql_parser
from promql_parser import MatchOp

from gk.errors import did_you_mean
from gk.prometheus import Prometheus, PrometheusError
from gk.promql.syntax import parse, selectors

__all__ = ["why_empty"]

_SHOWN = 5
"""Values of a label that a reason names."""
_OPERATORS = (
    (MatchOp.Equal, "="),
    (MatchOp.NotEqual, "!="),
    (MatchOp.Re, "=~"),
    (MatchOp.NotRe, "!~"),
)


def why_empty(prometheus: Prometheus, expr: str) -> list[str]:
    """The reasons why `expr` returns no number, as sentences."""
    try:
        tree = parse(expr)
        of_selectors = [
            reason
            for selector in (selectors(tree) if tree else ())
            for reason in _of_selector(prometheus, selector)
        ]
        if of_selectors:
            return list(dict.fromkeys(of_selectors))
        if prometheus.query(expr):
            return ["each of its values is NaN"]
    except (PrometheusError, ValueError) as error:
        return [str(error)]
    return ["what it selects is there; the operations on it leave nothing"]


def _of_selector(prometheus: Prometheus, selector: promql_parser.VectorSelector) -> Iterator[str]:
    """What a selector does not find."""
    named = f"{{__name__={json.dumps(selector.name)}}}" if selector.name else "{__name__!=''}"
    if not prometheus.query(f"count({named})"):
        hint = did_you_mean(selector.name or "", prometheus.label_values("__name__"))
        yield f"there is no series {selector.name or ''}{hint}"
        return
    matchers = [(matcher.name, _text_of(matcher)) for matcher in selector.matchers.matchers]
    lacking = [
        _of_matcher(prometheus, named, selector.name or "series", name, text)
        for name, text in matchers
        if not prometheus.query(f"count({named[:-1]},{text}}})")
    ]
    yield from lacking
    every = ", ".join(text for _, text in matchers)
    if not lacking and every and not prometheus.query(f"count({named[:-1]},{every}}})"):
        yield f"no series {selector.name or ''} has all of {every}"


def _text_of(matcher: promql_parser.Matcher) -> str:
    (operator,) = (text for op, text in _OPERATORS if op == matcher.op)
    return f"{matcher.name}{operator}{json.dumps(matcher.value, ensure_ascii=False)}"


def _of_matcher(prometheus: Prometheus, named: str, metric: str, label: str, text: str) -> str:
    values = prometheus.label_values(label, named)
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    there = ", ".join(f"'{value}'" for value in values[:_SHOWN])
    has = f"{label} is {there}{more}" if values else f"it has no label {label}"
    return f"no series {metric} has {text}; {has}"
