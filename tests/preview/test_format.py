"""The page's format.js: a browser writes numbers as Python does, and so as Grafana does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from gk.preview import page as page_of
from gk.preview.fields import display_of, spec_of, tick_decimals
from gk.preview.model import Field, FieldType
from tests.chromium import Chromium
from tests.grafana_values import EXCEPTIONS, decoded, encoded, field_of, numbers, table

SCRIPT = Path(str(page_of.__path__[0])) / "templates" / "format.js"
RUN = """given => {
  const decode = (value) => (typeof value === "string" ? Number(value) : value);
  return JSON.stringify(JSON.parse(given).map(
    ([value, spec, decimals]) => text(decode(value), spec, decimals ?? undefined)));
}"""
TABLE = table()
# Patterns of times that a browser does not need, today and now, which the page has not.
_NOT_THERE = ("time:[week]", "time:LLLL", "dateTimeFromNow", "NoDateIfToday")
UNITS = [
    unit
    for unit in TABLE["formats"].keys() - EXCEPTIONS.keys()
    if not unit.startswith(_NOT_THERE) and not unit.endswith(_NOT_THERE)
]


@pytest.fixture
def page(browser: Chromium) -> Page:
    """A page that has the script and nothing else."""
    script = SCRIPT.read_text(encoding="utf-8")
    return browser.open(f"<meta charset=utf-8><script>{script}</script>").page


def written(page: Page, rows: list[Any]) -> list[str]:
    """Values with a spec, and with the decimals of an axis or none, as the page writes them."""
    given = json.dumps([[encoded(row[0]), *row[1:]] for row in rows])
    texts: list[str] = json.loads(page.evaluate(RUN, given))
    return texts


def plain(config: dict[str, Any]) -> Field:
    return Field("Value", FieldType.NUMBER, (), {}, config)


def test_numbers_in_units_are_those_of_grafana(page: Page) -> None:
    rows, expected = [], []
    for unit in UNITS:
        for value, decimals, parts in numbers(unit):
            if value != value:  # noqa: PLR0124 - fields show it without a unit
                continue
            text, suffix, prefix = (*parts, "", "")[:3]
            config = {"unit": unit} | ({} if decimals is None else {"decimals": decimals})
            rows.append((value, spec_of(plain(config)), None))
            expected.append((unit, value, decimals, f"{prefix}{text}{suffix}"))
    texts = written(page, rows)
    assert expected == [(*row[:3], text) for row, text in zip(expected, texts, strict=True)]


def test_values_of_fields_are_shown_as_python_shows_them(page: Page) -> None:
    rows, expected = [], []
    for row in TABLE["displays"]:
        field = field_of(row["field"])
        values = [value for value in decoded(row["values"]) if _is_number(value)]
        if field.type is FieldType.NUMBER and field.config.get("unit") != "string":
            rows += [(value, spec_of(field), None) for value in values]
            expected += [str(display) for display in map(display_of(field), values)]
    assert expected == written(page, rows)


def _is_number(value: Any) -> bool:
    return value is None or isinstance(value, float)


def test_ticks_are_written_as_in_grafana(page: Page) -> None:
    rows, expected = [], []
    for row in TABLE["axes"]:
        spec = spec_of(field_of(row["field"]))
        for value, parts in zip(row["values"], row["shown"], strict=True):
            text, suffix, prefix = (*parts, "", "")[:3]
            rows.append((float(value), spec, row["decimals"]))
            expected.append(f"{prefix}{text}{suffix}")
    assert expected == written(page, rows)


@given(
    st.lists(
        st.tuples(
            st.floats(1e-12, 1e18)
            | st.floats(-1e18, -1e-12)
            | st.integers(-(10**6), 10**6).map(float),
            st.sampled_from([unit for unit in UNITS if not unit.startswith(("time:", "date"))]),
            st.none() | st.integers(0, 6),
            st.none() | st.integers(0, 4),
        ),
        min_size=40,
        max_size=80,
    )
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_number_is_written_as_python_writes_it(page: Page, cases: list[Any]) -> None:
    rows, expected = [], []
    for value, unit, decimals, ticks in cases:
        field = plain({"unit": unit} | ({} if decimals is None else {"decimals": decimals}))
        rows.append((value, spec_of(field), ticks))
        expected.append((value, unit, decimals, ticks, str(display_of(field)(value, ticks))))
    texts = written(page, rows)
    assert expected == [(*row[:4], text) for row, text in zip(expected, texts, strict=True)]


@given(st.floats(1e-9, 1e9))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_ticks_have_as_many_decimals_as_in_python(page: Page, increment: float) -> None:
    assert tick_decimals(increment) == page.evaluate("x => tickDecimals(x)", increment)


def test_a_spec_is_json(page: Page) -> None:
    for unit in UNITS:
        spec = spec_of(plain({"unit": unit}))
        assert spec == json.loads(json.dumps(spec))
