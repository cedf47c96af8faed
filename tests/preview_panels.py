"""Panels as they are shown, with frames as Prometheus's answers make them, for tests of their
kinds."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from hypothesis import strategies as st
from markupsafe import Markup

from gk.preview.fields import configured
from gk.preview.kinds import kind_of
from gk.preview.model import Field, FieldType, Frame, Shown
from gk.preview.svg import picture
from gk.preview.theme import DARK, LIGHT
from gk.prometheus.macros import TimeRange

START = 1_700_000_000_000
MINUTE = 60_000


def series(
    name: str, *values: float | None, step: int = MINUTE, labels: Mapping[str, str] | None = None
) -> Frame:
    """A series whose values begin at START."""
    times = [START + step * index for index in range(len(values))]
    return Frame(
        [
            Field("Time", FieldType.TIME, times, config={"interval": step}),
            Field("Value", FieldType.NUMBER, values, labels or {}, {"displayNameFromDS": name}),
        ],
        name=name,
        ref_id="A",
    )


def table(**columns: Sequence[Any]) -> Frame:
    """A table of texts and numbers."""
    return Frame(
        [
            Field(
                name,
                FieldType.STRING if isinstance(values[0], str) else FieldType.NUMBER,
                values,
            )
            for name, values in columns.items()
        ],
        ref_id="A",
    )


def panel(
    type: str,
    *frames: Frame,
    options: Mapping[str, Any] | None = None,
    defaults: Mapping[str, Any] | None = None,
    overrides: Sequence[Mapping[str, Any]] = (),
    size: tuple[int, int] = (400, 240),
    minutes: float = 10,
) -> Shown:
    """A panel of a type, whose time begins at START."""
    config = {"defaults": dict(defaults or {}), "overrides": list(overrides)}
    return Shown(
        {"type": type, "options": dict(options or {}), "fieldConfig": config},
        title="Panel",
        frames=configured(frames, config, panel=type),
        time=TimeRange(START / 1000, START / 1000 + 60 * minutes),
        width=size[0],
        height=size[1],
        timezone="utc",
    )


def drawn(shown: Shown, width: float = 400, height: float = 200) -> str:
    """The picture of a panel, after it and the page's picture were read as XML."""
    kind = kind_of(shown.type)
    view = kind.view(shown)
    pictures = [
        picture(width, height, kind.draw(view, width, height, theme)) for theme in (DARK, LIGHT)
    ]
    for text in (*pictures, Markup("<div>{}</div>").format(kind.html(view))):
        ElementTree.parse(io.StringIO(str(text)))
    assert pictures[0] == picture(width, height, kind.draw(view, width, height, DARK))
    return str(pictures[0])


def texts(markup: str) -> list[str]:
    """The texts of a picture, without those that a pointer shows."""
    root = ElementTree.fromstring(markup)
    name = "{http://www.w3.org/2000/svg}"
    return ["".join(each.itertext()) for each in root.iter(f"{name}text")]


_VALUES = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-1e6, 1e6),
    st.just(0.0),
)
_NAMES = st.text(max_size=30)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def frames(draw: st.DrawFn) -> list[Frame]:
    """Frames of any values, names and types."""
    found = []
    for _ in range(draw(st.integers(0, 3))):
        length = draw(st.integers(0, 5))
        times = sorted(draw(st.lists(st.integers(0, 600_000), min_size=length, max_size=length)))
        fields = [Field("Time", FieldType.TIME, [START + each for each in times])]
        for _ in range(draw(st.integers(0, 3))):
            type = draw(st.sampled_from([FieldType.NUMBER, FieldType.STRING, FieldType.BOOLEAN]))
            of_type = {FieldType.NUMBER: _VALUES, FieldType.STRING: _NAMES}.get(type, st.booleans())
            values = draw(st.lists(of_type, min_size=length, max_size=length))
            fields.append(Field(draw(_NAMES), type, values, {"a": draw(_NAMES)}))
        found.append(Frame(draw(st.permutations(fields)), name=draw(_NAMES)))
    return found


@st.composite
def panels(draw: st.DrawFn, type: str, options: Mapping[str, Sequence[Any]]) -> Shown:
    """Panels of a type with any frames; each option has one of its values, or is malformed."""
    given = {
        key: draw(st.one_of(st.sampled_from(list(values)), st.sampled_from(list(values)), _JSON))
        for key, values in options.items()
        if draw(st.booleans())
    }
    mode = draw(st.sampled_from(["thresholds", "palette-classic", "continuous-GrYlRd", "fixed"]))
    defaults = {
        "color": {"mode": mode},
        "unit": draw(st.sampled_from(["", "percent", "bytes", "s"])),
        "min": draw(st.one_of(st.none(), st.floats(-1e3, 1e3))),
        "max": draw(st.one_of(st.none(), st.floats(-1e3, 1e3))),
        "custom": draw(_JSON),
    }
    size = draw(st.tuples(st.integers(1, 2000), st.integers(1, 1000)))
    return panel(type, *draw(frames()), options=given, defaults=defaults, size=size)
