"""Tests of rules, in promtool's format: what the files of tests/alerts/ expect, and on which lines.

https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/

gk.check.promtool runs them. What they expect is read without it, so it is known which alerts have a
test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from promql_parser import MatchOp

from gk.bounded.reading import UnusableFileError, read_bytes
from gk.promql.syntax import parsed as promql
from gk.promql.syntax import selectors

__all__ = ["FOLDER", "Case", "Expectation", "Failure", "RuleTest", "RuleTests", "parsed", "read"]

FOLDER = "tests/alerts"
"""Where a project has its tests of rules."""
_LARGEST = 16 << 20
"""Bytes of a file of tests."""
# The pure Python loader needs seconds for what libyaml reads in some milliseconds.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case expects at a time: `subject` is the name of an alert, or an expression.

    `alerts` are the alerts that are to fire, each with its labels as far as the case says them.
    """

    subject: str
    time: str
    line: int
    alerts: tuple[tuple[str, Mapping[str, str]], ...] = ()
    is_alert: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """A case of a test: series, and what is expected of them."""

    name: str
    line: int
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a test fails, its line, and the name of the case."""

    message: str
    line: int = 1
    case: str = ""


@dataclass(frozen=True, slots=True)
class RuleTest:
    """A file of tests; `failures` are known once promtool has run it."""

    file: str
    rule_files: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def expectations(self) -> Iterator[Expectation]:
        """What all of its cases expect."""
        for case in self.cases:
            yield from case.expectations


@dataclass(frozen=True, slots=True)
class RuleTests:
    """The files of tests of a project, whether promtool has run them, and why not if somebody asked
    for it."""

    files: Sequence[RuleTest] = field(default=())
    is_run: bool = False
    not_run: str = ""

    @property
    def fired(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """The alerts that some case expects to fire, with the labels that it says."""
        for test in self.files:
            for expectation in test.expectations:
                yield from expectation.alerts


def read(root: Path) -> RuleTests:
    """The tests of the project in `root`."""
    folder = root / FOLDER
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml"))
    return RuleTests([test for path in paths if (test := _read(root, path))])


def _read(root: Path, path: Path) -> RuleTest | None:
    file = path.relative_to(root).as_posix()
    try:
        return parsed(file, read_bytes(path, _LARGEST))
    except UnusableFileError as error:
        return RuleTest(file, failures=(Failure(str(error)),))


def parsed(file: str, text: bytes) -> RuleTest | None:
    """The test in a file; None for a file of rules, which may be beside them."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return RuleTest(file, failures=(Failure(f"is not YAML: {error.problem}", line),))
    except (yaml.YAMLError, RecursionError) as error:
        return RuleTest(file, failures=(Failure(f"is not YAML: {error}"),))
    keys = {key for key, _ in _items(node)}
    if "groups" in keys and "tests" not in keys:
        return None
    return RuleTest(
        file,
        tuple(_text(file) for file in _listed(node, "rule_files")),
        tuple(_case(case) for case in _listed(node, "tests")),
    )


def _case(node: yaml.Node) -> Case:
    return Case(
        _text(_child(node, "name")),
        node.start_mark.line + 1,
        (
            *map(_of_alert, _listed(node, "alert_rule_test")),
            *map(_of_expression, _listed(node, "promql_expr_test")),
        ),
    )


def _of_alert(node: yaml.Node) -> Expectation:
    name = _text(_child(node, "alertname"))
    fires = tuple(
        (name, {key: _text(value) for key, value in _items(_child(alert, "exp_labels"))})
        for alert in _listed(node, "exp_alerts")
    )
    return Expectation(name, _text(_child(node, "eval_time")), node.start_mark.line + 1, fires)


def _of_expression(node: yaml.Node) -> Expectation:
    """A query: of the series ALERTS, it is about alerts, too."""
    expr = _text(_child(node, "expr"))
    fires = tuple(_asked_for(expr)) if _listed(node, "exp_samples") else ()
    line = node.start_mark.line + 1
    return Expectation(expr, _text(_child(node, "eval_time")), line, fires, is_alert=False)


def _asked_for(expr: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    if "ALERTS" not in expr:
        return
    tree = promql(expr)
    for selector in selectors(tree) if tree else ():
        labels = {
            matcher.name: matcher.value
            for matcher in selector.matchers.matchers
            if matcher.op == MatchOp.Equal
        }
        # Without a state, it selects the pending and the firing ones.
        if selector.name == "ALERTS" and labels.get("alertstate", "firing") == "firing":
            name = labels.pop("alertname", "")
            labels.pop("alertstate", None)
            yield name, labels


# Nodes of YAML, which know their lines: what has another shape reads as empty.


def _items(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield _text(key), value


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    return dict(_items(node)).get(key)


def _listed(node: yaml.Node | None, key: str) -> list[yaml.Node]:
    inner = _child(node, key)
    return list(inner.value) if isinstance(inner, yaml.SequenceNode) else []


def _text(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""
