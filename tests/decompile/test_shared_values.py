"""Values that several imported panels have get a name, and the file defines each name before it is
used."""

from __future__ import annotations

from gk.decompile.names import Names
from gk.decompile.probes import usual
from gk.decompile.python import Call, Code, Name, assignment, text
from gk.decompile.sharing import shared


def override(key: str) -> Call:
    """A call of some lines."""
    properties = {f"custom.{key}{number}": "x" * 40 for number in range(4)}
    return Call(Name("override", "gk"), (), {"properties": properties})


def panel(title: str, *overrides: Code) -> Call:
    return Call(Name("timeseries", "gk"), (title,), {"overrides": list(overrides)})


def test_a_value_comes_after_those_inside_it() -> None:
    """Also if one inside was found first, in a panel that has it alone."""
    inner, other = override("a"), override("b")
    panels = [panel("One", inner), panel("Two", inner, other), panel("Three", inner, other)]
    assigned, _ = shared(panels, Names(), usual)
    names = [name for name, _ in assigned]
    used = {
        name: [part.text for part in code if isinstance(part, Name)]
        for name, code in assigned
        if isinstance(code, list)
    }
    assert {"_two_overrides": ["_one_override", "_two_override"]} == used
    assert names.index("_two_overrides") > max(map(names.index, used["_two_overrides"]))


def series(title: str, **named: Code) -> Call:
    """A time series."""
    return Call(Name("timeseries", "gk"), (title,), named)


def written(panels: list[Call]) -> list[str]:
    """The texts of the assignments, and of the panels."""
    assigned, called = shared(panels, Names(), usual)
    return [*(assignment(*pair) for pair in assigned), *map(text, called)]


def test_what_most_panels_say_the_others_say_otherwise() -> None:
    """One that has the default says that."""
    panels = [series(title, fill=20, points="auto", height=10) for title in "abcd"]
    lines = written([*panels, series("e", fill=40, points="auto")])
    assert lines == [
        '_timeseries = partial(timeseries, height=10, fill=20, points="auto")',
        *(f'_timeseries("{title}")' for title in "abcd"),
        '_timeseries("e", height=8, fill=40)',
    ]


def test_a_panel_with_a_position_needs_no_height() -> None:
    panels = [series(title, fill=20, height=10) for title in "abcd"]
    assert (
        '_timeseries("e", grid=(0, 0, 12, 10), fill=10)'
        == written([*panels, series("e", grid=(0, 0, 12, 10))])[-1]
    )


def test_a_constructor_with_more_arguments_is_called_after_them() -> None:
    """After the unit, or the first text, so that a reader knows it again."""
    overrides = [override("a")]
    panels = [series(f"{unit}{n}", unit=unit) for unit in ("s", "m") for n in range(9)]
    labelled = [series(f"x{n}", axis_label="out / in", overrides=overrides) for n in range(3)]
    names = [line.partition(" = ")[0] for line in written([*panels, *labelled]) if " = " in line]
    assert {"_s_timeseries", "_m_timeseries", "_timeseries_out_in"} <= set(names)
