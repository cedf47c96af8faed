"""Resources' canonical text, and the names that gk offers to definitions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gk
from gk import secret
from gk.errors import Source
from gk.resource import Kind, Resource, canonical
from tests.cases import every

TEXTS = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(body=JSON)
def test_the_text_is_the_document(body: Any) -> None:
    """Any reader of JSON has the same document again."""
    assert body == json.loads(canonical(body))


@given(body=JSON)
def test_the_text_of_what_was_read_is_the_same_text(body: Any) -> None:
    """A document that has been to Grafana and back has the same text, so that no difference is
    seen."""
    text = canonical(body)

    assert text == canonical(json.loads(text))


@given(body=st.dictionaries(TEXTS, JSON), order=st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(body: dict[str, Any], order: Any) -> None:
    """Equal documents have equal texts, however they were put together."""
    keys = list(body)
    order.shuffle(keys)

    assert canonical(body) == canonical({key: body[key] for key in keys})


def test_the_text_is_made_to_be_compared_line_by_line() -> None:
    """Keys in order, indented by two, letters as they are, and one newline at the end."""
    assert '{\n  "a": [\n    1.5,\n    "é"\n  ],\n  "b": {}\n}\n'.encode() == canonical(
        {"b": {}, "a": [1.5, "é"]}
    )


@dataclass
class _Point:
    x: int = 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"a": {1, 2}}, id="a set"),
        pytest.param({1: "a"}, id="a key that is no text"),
        pytest.param([2**64], id="a large number"),
        pytest.param("\ud800", id="half a character"),
        pytest.param([_Point()], id="an object"),
        pytest.param({"password": secret("PASSWORD")}, id="a secret where none may be"),
        pytest.param([date(2001, 1, 1)], id="a date"),
    ],
)
def test_what_is_no_json_is_refused(body: Any) -> None:
    """Nothing is written in a form that somebody chose for it."""
    with pytest.raises(TypeError):
        canonical(body)


def test_a_body_is_the_caller_s_own() -> None:
    """Changing one reading of a document does not change the next."""
    resource = Resource(Kind.DASHBOARD, "a", "A", "", canonical({"panels": []}), Source("a.py", 1))

    resource.body["panels"].append(1)

    assert {"panels": []} == resource.body


# The package's own names


def test_the_names_for_definitions_are_in_order() -> None:
    """`gk.__all__` is sorted, has nothing twice, and is what `dir(gk)` shows."""
    assert sorted(set(gk.__all__)) == gk.__all__ == dir(gk)


@every("name", gk.__all__)
def test_every_name_is_there_and_explained(name: str) -> None:
    """Each name can be imported from gk, and `help()` has something to say of it."""
    value = getattr(gk, name)

    assert value.__module__.startswith("gk.")
    assert len((value.__doc__ or "").strip()) > 5


def test_an_unknown_name_is_an_attribute_error_of_gk() -> None:
    """Python's own suggestions for a misspelt name need the error's name and object."""
    with pytest.raises(AttributeError, match="module 'gk' has no attribute 'timeserie'") as raised:
        gk.timeserie  # noqa: B018

    assert ("timeserie", gk) == (raised.value.name, raised.value.obj)
