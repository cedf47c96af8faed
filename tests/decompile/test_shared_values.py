"""Values that several imported panels have get a name, and the file defines each name before it is
used."""

from __future__ import annotations

from gk.decompile.names import Names
from gk.decompile.python import Call, Code, Name
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
    assigned, _ = shared(panels, Names())
    names = [name for name, _ in assigned]
    used = {
        name: [each.text for each in code if isinstance(each, Name)]
        for name, code in assigned
        if isinstance(code, list)
    }
    assert {"_two_overrides": ["_one_override", "_two_override"]} == used
    assert names.index("_two_overrides") > max(map(names.index, used["_two_overrides"]))
