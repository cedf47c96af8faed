"""Matchers as Alertmanager writes them."""

from __future__ import annotations

from gk.documents.matchers import matcher, matcher_text
from tests.cases import every


@every("value", ["", "a b", 'a "b"', "a\\b", "a\\nb", "a\nb", "a\tb", "é"])
def test_a_matcher_is_read_as_it_was_written(value: str) -> None:
    """A backslash stays before any letter but `n`, so a tab is not written as `\\t`."""
    assert ("team", "=", value) == matcher(matcher_text("team", "=", value))
