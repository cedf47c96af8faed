"""Units: which ids are accepted, and what is suggested for the others."""

from __future__ import annotations

import pytest
from grafanalib import formatunits

from gk.documents.units import ALIASES, FORMS, UNITS, unit_mistake


def suggested(unit: str) -> str | None:
    """The one id that the message about `unit` suggests."""
    _, asks, rest = (unit_mistake(unit) or "").partition("; did you mean '")
    return rest.removesuffix("'?") if asks else None


@pytest.mark.parametrize(
    "unit", ["percentunit", "Bps", "binBps", "\u00b5s", "con\u03bcgm3", "lengthcm"]
)
def test_a_known_id_is_accepted(unit: str) -> None:
    """An id of any Grafana from 9.3 to 13 passes, whatever its case or letters."""
    assert unit_mistake(unit) is None


def test_every_unit_of_grafanalib_is_accepted() -> None:
    """Definitions may use grafanalib's constants."""
    constants = {value for name, value in vars(formatunits).items() if name.isupper()}
    assert set() == {unit for unit in constants if unit_mistake(unit)}


@pytest.mark.parametrize("unit", ["", "farenheit"])
def test_what_grafana_resolves_without_listing_it_is_accepted(unit: str) -> None:
    """No unit, and the misspelt id of old dashboards, mean something to Grafana."""
    assert unit_mistake(unit) is None


@pytest.mark.parametrize("form", FORMS)
def test_a_form_takes_any_text(form: str) -> None:
    """What comes after the colon is the user's own, colons included."""
    assert unit_mistake(f"{form}:HH:mm") is None


def test_a_case_slip_suggests_the_id() -> None:
    """The whole message, as the tail of a problem."""
    expected = "unit 'percentUnit' is not a Grafana unit; did you mean 'percentunit'?"
    assert expected == unit_mistake("percentUnit")


def test_a_case_slip_between_two_ids_suggests_both() -> None:
    """Bytes must not become bits by a guess."""
    message = unit_mistake("BPS") or ""
    assert message.endswith("; did you mean 'Bps' for bytes/s (SI) or 'bps' for bits/s (SI)?")


@pytest.mark.parametrize(
    ("unit", "typed"),
    [
        ("percent", "%"),
        ("percent", "percent100"),
        ("Bps", "bytes/sec"),
        ("reqpm", "Requests per minute"),
        ("MBs", "MB/s"),
        ("Mbits", "Mb/s"),
    ],
)
def test_an_alias_suggests_the_id(unit: str, typed: str) -> None:
    """Rates are read however they are typed, and case still tells bytes from bits."""
    assert unit == suggested(typed)


@pytest.mark.parametrize(
    ("unit", "typed"), [("ms", "milliseconds"), ("ms", "miliseconds"), ("deckbytes", "kilobyte")]
)
def test_a_name_suggests_the_id(unit: str, typed: str) -> None:
    """The names in UNITS are understood, in the singular and with a slip."""
    assert unit == suggested(typed)


@pytest.mark.parametrize(
    ("unit", "typed"), [("currencyUSD", "usd"), ("masskg", "kg"), ("pressurehpa", "hPa")]
)
def test_an_id_without_its_category_suggests_the_id(unit: str, typed: str) -> None:
    """People type the symbol, Grafana's id has the category before it."""
    assert unit == suggested(typed)


@pytest.mark.parametrize(("form", "typed"), [("suffix:", "sufix:jobs"), ("time:", "Time:HH:mm")])
def test_a_slip_in_a_form_suggests_the_form(form: str, typed: str) -> None:
    """The text after the colon has no part in the guess."""
    assert form == suggested(typed)


@pytest.mark.parametrize("unit", ["widgets", "cores", "tps", ":jobs"])
def test_a_word_like_no_unit_suggests_nothing(unit: str) -> None:
    """A chance likeness (`cores` and `acres`) is worse than none; a suffix shows any text."""
    expected = (
        f"unit '{unit}' is not a Grafana unit; 'suffix:{unit}' shows this text after the value"
    )
    assert expected == unit_mistake(unit)


def test_every_alias_leads_to_a_unit() -> None:
    """No suggestion is itself a mistake."""
    assert set() == set(ALIASES.values()) - set(UNITS)


def test_no_alias_hides_a_unit() -> None:
    """An alias that is an id would never be reached."""
    assert set() == set(ALIASES) & set(UNITS)


def test_names_are_distinct() -> None:
    """A name leads back to one id."""
    assert len(UNITS) == len({name.casefold() for name in UNITS.values()})
