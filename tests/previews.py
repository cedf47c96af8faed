"""What tests of the preview's kinds share: panels, pages around them, and pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from hypothesis import strategies as st
from markupsafe import Markup

from gk.html import file_of, policy
from gk.preview import classes
from gk.preview.fields import configured
from gk.preview.kinds import kind_of
from gk.preview.model import Field, FieldType, Frame, Shown
from gk.preview.page.colors import palette
from gk.preview.svg import picture
from gk.preview.theme import DARK, LIGHT, PAGE
from gk.prometheus.macros import TimeRange

__all__ = ["CONFIGS", "FRAMES", "JSON", "drawn", "field", "page", "panel", "texts_of"]

NOW = 1_800_000_000


def panel(
    type: str,
    *frames: Frame,
    options: Any = None,
    config: Mapping[str, Any] | None = None,
    interpolate: Callable[[str], str] = lambda text: text,
    **custom: Any,
) -> Shown:
    """A panel of a type; `custom` is the configuration of all its fields."""
    fields = {"defaults": {"custom": custom}} if config is None else dict(config)
    return Shown(
        {"type": type, "options": {} if options is None else options, "fieldConfig": fields},
        title="A panel",
        frames=configured(frames, fields, panel=type),
        time=TimeRange(NOW - 3_600, NOW),
        timezone="utc",
        interpolate=interpolate,
    )


def field(name: str, values: Sequence[Any], **config: Any) -> Field:
    """A field of the type of its first value."""
    first = next((each for each in values if each is not None), None)
    types = {bool: FieldType.BOOLEAN, str: FieldType.STRING}
    number = FieldType.NUMBER if isinstance(first, int | float) else FieldType.OTHER
    return Field(name, types.get(type(first), number), values, config=config)


def drawn(shown: Shown, width: float = 400, height: float = 300) -> Element:
    """A panel's picture, in both themes and as the page has it; returns the one in the dark theme.
    Fails if one of them is not XML."""
    kind = kind_of(shown.type)
    view = kind.view(shown)
    pictures = [
        fromstring(picture(width, height, kind.draw(view, width, height, theme)))
        for theme in (LIGHT, PAGE, DARK)
    ]
    return pictures[-1]


def texts_of(svg: Element) -> list[str]:
    """The texts of a picture, in their order."""
    return [each.text or "" for each in svg.iter() if each.tag.endswith("text") and each.text]


def page(*bodies: Markup) -> str:
    """A page with the policy and the style of a preview."""
    body = Markup("").join(
        Markup('<section class="panel"><div class="body">{}</div></section>').format(each)
        for each in bodies
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
