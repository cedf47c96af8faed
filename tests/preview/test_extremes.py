"""Numbers at the ends of what floats are: no panel may fail of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.preview.kinds import KINDS
from tests.previews import drawn, panel, series

_NUMBERS = st.sampled_from([1.7e308, -1.7e308, 1e-308, 5e-324, 0.0, 1.0])
_DEFAULTS = st.one_of(
    st.just({}),
    st.builds(lambda low, high: {"min": low, "max": high}, _NUMBERS, _NUMBERS),
    st.builds(
        lambda low, high: {"custom": {"axisSoftMin": low, "axisSoftMax": high}}, _NUMBERS, _NUMBERS
    ),
)


@pytest.mark.parametrize("type", KINDS)
@given(st.lists(_NUMBERS, max_size=3), _DEFAULTS, st.booleans())
def test_no_number_is_too_large_or_too_small(
    type: str, values: list[float], defaults: dict[str, Any], calculates: bool
) -> None:
    frames = (series("a", *values), series("b", *reversed(values)))
    options = {"calculate": calculates}
    assert drawn(panel(type, *frames, defaults=defaults, options=options))
