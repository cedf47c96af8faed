"""Edits of JSON text: other values and new keys, and every other character as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.documents.json_edits import NoEditError, applied, edits
from tests.cases import every

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
SPACES = st.sampled_from([None, 0, 1, 2, "\t"])


def edited(text: str, after: Any) -> str:
    """The text, edited to be `after`."""
    return applied(text, edits(text, after))


@every(
    "before, after, expected",
    [
        ('{"a": 1, "b": [1, {"c": "x"}]}', {"a": 2, "b": [1, {"c": "y"}]},
         '{"a": 2, "b": [1, {"c": "y"}]}'),
        ('{\r\n\t"a":1.50,\r\n\t"b":2\r\n}\r\n', {"a": 1.5, "b": 3},
         '{\r\n\t"a":1.50,\r\n\t"b":3\r\n}\r\n'),
        ('{\n  "a": 1\n}', {"a": 1, "b": True}, '{\n  "a": 1,\n  "b": true\n}'),
        ('{"a":1,"b":2}', {"a": 1, "b": 2, "c": None}, '{"a":1,"b":2,"c":null}'),
        ("{}", {"a": 1}, '{"a": 1}'),
        ('{"a": 1}', {"a": True}, '{"a": true}'),
        ('{"a": "\\u00e4"}', {"a": "\xf6"}, '{"a": "\\u00f6"}'),
        ('{"a": "\xe4"}', {"a": "\xf6"}, '{"a": "\xf6"}'),
        ('{"a": 1, "a": 2}', {"a": 3}, '{"a": 1, "a": 3}'),
        ('\ufeff{"a": 1}', {"a": 2}, '\ufeff{"a": 2}'),
        ('{"a": {"b": 1}}', {"a": [1]}, '{"a": [1]}'),
    ],
)  # fmt: skip
def test_an_edit_leaves_the_rest_of_the_text(before: str, after: Any, expected: str) -> None:
    """Indentation, line breaks, the form of numbers, escapes, keys that are there twice."""
    assert expected == edited(before, after)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('{"a": 1, "b": 2}', {"a": 1}),
        ("[1, 2]", [1]),
        ('{"a": 1} x', {"a": 2}),
        ('{"a" 1}', {"a": 2}),
        ("[1 2]", [1, 2]),
        ('{"a": ', {"a": 2}),
        ("[" * 5000 + "]" * 5000, [1]),
    ],
)
def test_what_is_no_single_value_is_refused(text: str, after: Any) -> None:
    """A key that is taken away, a list of another length, and what is not JSON."""
    with pytest.raises(NoEditError):
        edits(text, after)


@given(VALUES, SPACES)
def test_an_equal_document_needs_no_edit(value: Any, indent: Any) -> None:
    """In any layout."""
    assert [] == edits(json.dumps(value, indent=indent), value)


@given(st.dictionaries(st.text(), VALUES, min_size=1, max_size=5), SPACES, VALUES, st.data())
def test_an_edited_text_is_the_other_document(
    value: dict[str, Any], indent: Any, new: Any, data: st.DataObject
) -> None:
    """With a value changed, and with a key added."""
    key = data.draw(st.sampled_from(sorted(value)) | st.text())
    if isinstance(value.get(key), (dict, list)) and type(new) is type(value[key]):
        return
    after = {**value, key: new}

    assert after == json.loads(edited(json.dumps(value, indent=indent), after))
