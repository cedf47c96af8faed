"""A table of cases in one test."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

import pytest

__all__ = ["every"]

Test = Callable[..., None]


def every(names: str, rows: Iterable[Any] | Callable[[], Iterable[Any]]) -> Callable[[Test], Test]:
    """As pytest.mark.parametrize, but one test, which runs all rows and then fails with the list of
    those that do not hold.

    To start a test takes pytest longer than most cases run: a table whose rows need no fixtures of
    their own is one test. `rows` is a function where they take long to make: what is made while
    tests are collected, every worker makes.
    """
    keys = tuple(key.strip() for key in names.split(","))

    def decorate(test: Test) -> Test:
        @wraps(test)
        def run(**fixtures: Any) -> None:
            cases = [_case(keys, row) for row in (rows() if callable(rows) else rows)]
            assert cases, "there are no cases"
            failed = {}
            for name, arguments in cases:
                try:
                    test(**fixtures, **arguments)
                except (Exception, pytest.fail.Exception) as error:
                    failed[name] = error
            if failed:
                told = "".join(f"\n[{name}] {error}" for name, error in failed.items())
                first = next(iter(failed.values()))
                raise AssertionError(f"{len(failed)} of {len(cases)} cases:{told}") from first

        of_test = inspect.signature(test)
        left = [
            parameter for parameter in of_test.parameters.values() if parameter.name not in keys
        ]
        run.__signature__ = of_test.replace(parameters=left)  # type: ignore[attr-defined]
        return run

    return decorate


def _case(keys: tuple[str, ...], row: Any) -> tuple[str, Mapping[str, Any]]:
    """The name and the arguments of a row."""
    name, values = None, (row,) if len(keys) == 1 else row
    if hasattr(row, "marks"):  # of pytest.param
        assert not row.marks, "a row cannot be marked: it is no test"
        name, values = row.id, row.values
    arguments = dict(zip(keys, values, strict=True))
    return name or ", ".join(map(repr, arguments.values()))[:200], arguments
