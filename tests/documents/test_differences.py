"""gk.documents.differences: fields that differ, found by what Grafana's lists call their
elements."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.documents.differences import ABSENT, Difference, differences
from tests.cases import every

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("abc", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3)
    ),
    max_leaves=12,
)


@every(
    "old, new, expected",
    [
        pytest.param({"a": 1}, {"a": 2}, [Difference("a", 1, 2)], id="a value"),
        pytest.param(
            {"a": {"b": 1}}, {"a": {}}, [Difference("a.b", 1, ABSENT)], id="a field that is gone"
        ),
        pytest.param(
            {}, {"a b": 1}, [Difference("['a b']", ABSENT, 1)], id="a name that is no word"
        ),
        pytest.param({"a": True}, {"a": 1}, [Difference("a", True, 1)], id="a truth and a number"),
        pytest.param(
            {"a": [1, 2]},
            {"a": [1, 3]},
            [Difference("a[1]", 2, 3)],
            id="lists of one length, by place",
        ),
        pytest.param(
            {"a": [1]},
            {"a": [1, 2]},
            [Difference("a", [1], [1, 2])],
            id="lists of two lengths, as a whole",
        ),
        pytest.param(
            {"targets": [{"refId": "A", "expr": "up"}, {"refId": "B"}]},
            {"targets": [{"refId": "B"}, {"refId": "A", "expr": "down"}]},
            [
                Difference("targets['A'].expr", "up", "down"),
                Difference("targets (order)", ["A", "B"], ["B", "A"]),
            ],
            id="targets by refId, wherever they stand",
        ),
        pytest.param(
            {"panels": [{"id": 1, "title": "CPU"}, {"id": 2, "title": "Memory"}]},
            {"panels": [{"id": 1, "title": "CPU busy"}, {"id": 2, "title": "Memory"}]},
            [Difference("panels['CPU'].title", "CPU", "CPU busy")],
            id="panels by id, called by their title",
        ),
        pytest.param(
            {"panels": [{"id": 1, "title": "CPU"}]},
            {"panels": [{"id": 2, "title": "CPU"}]},
            [
                Difference("panels['CPU']", {"id": 1, "title": "CPU"}, ABSENT),
                Difference("panels['CPU']", ABSENT, {"id": 2, "title": "CPU"}),
            ],
            id="a panel that another took the place of",
        ),
    ],
)
def test_fields_that_differ_are_named_with_their_values(
    old: Any, new: Any, expected: list[Difference]
) -> None:
    """Each by its path, with what it was and what it is."""
    assert expected == differences(old, new)


@given(JSON)
def test_a_document_does_not_differ_from_itself(document: Any) -> None:
    """Whatever it is."""
    assert [] == differences(document, document)


@given(JSON, JSON)
def test_documents_that_are_not_equal_differ_somewhere_and_the_same_way_back(
    old: Any, new: Any
) -> None:
    """What changed there is what changes back."""
    there = {
        (difference.path, repr(difference.old), repr(difference.new))
        for difference in differences(old, new)
    }
    back = {
        (difference.path, repr(difference.new), repr(difference.old))
        for difference in differences(new, old)
    }

    assert bool(there) == (repr(_sorted(old)) != repr(_sorted(new)))
    assert len(there) == len(back)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
