"""Sample fields, frames and panels as they are shown, and what is drawn of them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import fromstring

from hypothesis import strategies as st
from markupsafe import Markup

from gk.forms.html import file_of, policy
from gk.preview import classes
from gk.preview.fields import configured
from gk.preview.kinds import kind_of
from gk.preview.model import Field, FieldType, Frame, Shown
from gk.preview.page.colors import palette
from gk.preview.svg import picture
from gk.preview.theme import DARK, LIGHT, PAGE
from gk.prometheus.macros import TimeRange

__all__ = [
    "CONFIGS",
    "FIRST",
    "FRAMES",
    "JSON",
    "MINUTE",
    "START",
    "drawn",
    "field",
    "frame",
    "page",
    "panel",
    "panels",
    "series",
    "table",
    "texts_of",
    "times",
    "wave",
]

START = 1_780_000_000
"""When samples begin, in seconds since 1970."""
FIRST = 1000 * START
MINUTE = 60_000
"""In milliseconds, as all times of frames."""


# Fields and frames


def times(count: int = 360, step: int = 60) -> list[int]:
    """Milliseconds since 1970, so many seconds apart."""
    return [FIRST + 1000 * index * step for index in range(count)]


def wave(seed: int, count: int = 360, low: float = 0, high: float = 100) -> list[float]:
    """Values that wander."""
    made = random.Random(seed)
    middle, size, speed = made.random(), made.uniform(0.1, 0.3), made.uniform(20, 80)
    return [
        low
        + (high - low)
        * min(max(middle * 0.6 + 0.2 + size * math.sin(at / speed) + made.gauss(0, 0.015), 0), 1)
        for at in range(count)
    ]


def field(name: str, values: Sequence[Any], **config: Any) -> Field:
    """A field of the type of its first value."""
    first = next((value for value in values if value is not None), None)
    types = {bool: FieldType.BOOLEAN, str: FieldType.STRING}
    number = FieldType.NUMBER if isinstance(first, int | float) else FieldType.OTHER
    return Field(name, types.get(type(first), number), values, config=config)


def frame(
    name: str,
    values: Sequence[float | None],
    *,
    at: Sequence[float] | None = None,
    step: int = 60,
    labels: Mapping[str, str] | None = None,
    **config: Any,
) -> Frame:
    """A series as Prometheus gives it."""
    when = times(len(values), step) if at is None else at
    return Frame(
        [
            Field("Time", FieldType.TIME, when, config={"interval": step * 1000}),
            Field(
                "Value",
                FieldType.NUMBER,
                values,
                {"instance": name} if labels is None else labels,
                {"displayNameFromDS": name, **config},
            ),
        ],
        name=name,
        ref_id="A",
    )


def series(name: str, *values: float | None, **given: Any) -> Frame:
    """A series of a few values."""
    return frame(name, values, **given)


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


# Panels


def panel(
    type: str,
    *frames: Frame,
    title: str = "Panel",
    options: Any = None,
    defaults: Mapping[str, Any] | None = None,
    overrides: Sequence[Mapping[str, Any]] = (),
    config: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
    minutes: float = 10,
    size: tuple[int, int] = (400, 300),
    interpolate: Callable[[str], str] = lambda text: text,
    shown: Mapping[str, Any] | None = None,
    **custom: Any,
) -> Shown:
    """A panel of a type, whose time begins at START. `custom` is the configuration of all its
    fields that its type knows, `config` the whole configuration of fields in place of all other,
    and `shown` is anything else of how it is shown."""
    fields = {
        "defaults": {**({"custom": custom} if custom else {}), **(defaults or {})},
        "overrides": list(overrides),
    }
    fields = fields if config is None else dict(config)
    given = {"title": title, "options": {} if options is None else options, "fieldConfig": fields}
    return Shown(
        {"type": type, **given, **(body or {})},
        title,
        configured(frames, fields, panel=type),
        **{
            "time": TimeRange(START, START + 60 * minutes),
            "width": size[0],
            "height": size[1],
            "timezone": "utc",
            "interpolate": interpolate,
            **(shown or {}),
        },
    )


def drawn(shown: Shown, width: float = 400, height: float = 300) -> str:
    """The picture of a panel in the dark theme. Fails if that in any theme is not XML, or another
    one the next time."""
    kind = kind_of(shown.type)
    view = kind.view(shown)
    light, page, dark, again = (
        str(picture(width, height, kind.draw(view, width, height, theme)))
        for theme in (LIGHT, PAGE, DARK, DARK)
    )
    for markup in (light, page, dark):
        fromstring(markup)
    assert dark == again
    return dark


def texts_of(markup: str) -> list[str]:
    """The texts of a picture in their order, without those that a pointer shows."""
    texts = fromstring(markup).iter("{http://www.w3.org/2000/svg}text")
    return [text for element in texts if (text := "".join(element.itertext()))]


def page(*bodies: Markup) -> str:
    """A page with the policy and the style of a preview."""
    body = Markup("").join(
        Markup('<section class="panel"><div class="body">{}</div></section>').format(content)
        for content in bodies
    )
    style = "\n".join(
        (
            palette(),
            file_of("gk.preview.page", "kinds.css"),
            classes.rules(body),
        )
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(style)}">'
        f'<title>A page</title><link rel="icon" href="data:,"><style>{style}</style></head>'
        f"<body>{body}</body></html>"
    )


# Anything that a dashboard's JSON may be, and any data.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
_NAMES = st.sampled_from(
    ["Time", "Value", "Line", "labels", "alertname", "state", "title", "tags", "<b>", ""]
)
_OPTIONS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("width", "minWidth", "align", "cellOptions", "displayMode", "hidden", "footer"), JSON
    ),
)
_TYPES = st.sampled_from(
    ["auto", "color-text", "color-background", "gauge", "json-view", "sparkline", "data-links", ""]
)
CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "unit": st.sampled_from(["percent", "bytes", "s", "dateTimeAsIso", "", "none"]) | JSON,
        "custom": _OPTIONS
        | JSON
        | st.fixed_dictionaries(
            {"cellOptions": st.fixed_dictionaries({"type": _TYPES, "mode": st.just("lcd")})}
        ),
        "links": st.lists(
            st.fixed_dictionaries(
                {
                    "title": st.text(max_size=5),
                    "url": st.text(max_size=9) | st.just("${__data.fields[0]}"),
                }
            )
            | JSON,
            max_size=2,
        )
        | JSON,
        "min": JSON,
        "max": JSON,
    },
)


@st.composite
def _frames(draw: st.DrawFn) -> Frame:
    length = draw(st.integers(0, 4))
    return Frame(
        [
            Field(
                draw(_NAMES),
                draw(st.sampled_from(FieldType)),
                draw(st.lists(JSON, min_size=length, max_size=length)),
                draw(st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2)),
            )
            for _ in range(draw(st.integers(0, 4)))
        ],
        name=draw(st.text(max_size=4)),
        meta={"type": draw(st.sampled_from(["", "alerts", "dashboards"]))},
    )


FRAMES = st.lists(_frames(), max_size=3)


_VALUES = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-1e6, 1e6),
    st.just(0.0),
)
_TEXTS = st.text(max_size=30)


@st.composite
def _any_frames(draw: st.DrawFn) -> list[Frame]:
    """Frames of any values, names and types."""
    frames = []
    for _ in range(draw(st.integers(0, 3))):
        length = draw(st.integers(0, 5))
        times = sorted(draw(st.lists(st.integers(0, 600_000), min_size=length, max_size=length)))
        fields = [Field("Time", FieldType.TIME, [FIRST + offset for offset in times])]
        for _ in range(draw(st.integers(0, 3))):
            type = draw(st.sampled_from([FieldType.NUMBER, FieldType.STRING, FieldType.BOOLEAN]))
            of_type = {FieldType.NUMBER: _VALUES, FieldType.STRING: _TEXTS}.get(type, st.booleans())
            values = draw(st.lists(of_type, min_size=length, max_size=length))
            fields.append(Field(draw(_TEXTS), type, values, {"a": draw(_TEXTS)}))
        frames.append(Frame(draw(st.permutations(fields)), name=draw(_TEXTS)))
    return frames


@st.composite
def panels(draw: st.DrawFn, type: str, options: Mapping[str, Sequence[Any]]) -> Shown:
    """Panels of a type with any frames; each option has one of its values, or is malformed."""
    given = {
        key: draw(st.one_of(st.sampled_from(list(values)), st.sampled_from(list(values)), JSON))
        for key, values in options.items()
        if draw(st.booleans())
    }
    mode = draw(st.sampled_from(["thresholds", "palette-classic", "continuous-GrYlRd", "fixed"]))
    defaults = {
        "color": {"mode": mode},
        "unit": draw(st.sampled_from(["", "percent", "bytes", "s"])),
        "min": draw(st.one_of(st.none(), st.floats(-1e3, 1e3))),
        "max": draw(st.one_of(st.none(), st.floats(-1e3, 1e3))),
        "custom": draw(JSON),
    }
    size = draw(st.tuples(st.integers(1, 2000), st.integers(1, 1000)))
    return panel(type, *draw(_any_frames()), options=given, defaults=defaults, size=size)
