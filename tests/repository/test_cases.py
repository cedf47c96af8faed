"""A table of cases in one test says which of them do not hold."""

from __future__ import annotations

import pytest

from tests.cases import every


@every("given, expected", [(1, 1), pytest.param(2, 4, id="two"), (3, 3), (4, 5)])
def is_itself(given: int, expected: int) -> None:
    assert expected == given


def test_all_rows_run_and_those_that_do_not_hold_are_named() -> None:
    """With what is wrong of each."""
    with pytest.raises(AssertionError) as raised:
        is_itself()

    first, *rows = str(raised.value).splitlines()
    assert "2 of 4 cases:" == first
    assert ["[two] assert 4 == 2", "[4, 5] assert 5 == 4"] == rows


def test_a_row_that_raises_nothing_where_it_should_is_named() -> None:
    """pytest's own failures are no exceptions of Python's."""

    @every("number", [1])
    def raises(number: int) -> None:
        with pytest.raises(ZeroDivisionError):
            int(number)

    with pytest.raises(AssertionError, match=r"1 of 1 cases:\n\[1\] DID NOT RAISE"):
        raises()


def test_a_table_without_rows_fails() -> None:
    """It would test nothing."""

    @every("number", [])
    def holds(number: int) -> None: ...

    with pytest.raises(AssertionError, match="there are no cases"):
        holds()
