"""A panel as the call of its constructor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from gk.decompile import fields
from gk.decompile.leaves import Leaves, Path, document_of, leaves_of, value_of
from gk.decompile.probes import APART, PANELS, WITHOUT_QUERIES, Drawn, of_panel
from gk.decompile.python import Call, Code, Name
from gk.documents.parts import path, without
from gk.documents.references import MIXED, is_prometheus, type_of
from gk.documents.shapes import PANEL, Json, wrong_part
from gk.documents.targets import number

__all__ = ["Given", "Place", "Queries", "in_order", "panel_code"]

_COMMON: Mapping[str, Path] = {
    "description": ("description",),
    "unit": ("fieldConfig", "defaults", "unit"),
    "decimals": ("fieldConfig", "defaults", "decimals"),
    "min": ("fieldConfig", "defaults", "min"),
    "max": ("fieldConfig", "defaults", "max"),
    "no_value": ("fieldConfig", "defaults", "noValue"),
    "display_name": ("fieldConfig", "defaults", "displayName"),
    "interval": ("interval",),
    "max_data_points": ("maxDataPoints",),
    "time_from": ("timeFrom",),
    "time_shift": ("timeShift",),
    "hide_time_info": ("hideTimeOverride",),
    "repeat": ("repeat",),
    "repeat_direction": ("repeatDirection",),
    "max_per_row": ("maxPerRow",),
    "transparent": ("transparent",),
}
"""Arguments of all panels, and the leaf that each sets."""
_TEXTS = frozenset(
    {
        "description",
        "unit",
        "no_value",
        "display_name",
        "interval",
        "time_from",
        "time_shift",
        "repeat",
        "repeat_direction",
    }
)
_FLAGS = frozenset({"hide_time_info", "transparent"})
_WHOLE = frozenset({"decimals", "max_data_points", "max_per_row"})
_UNIT_OF_HEATMAP = ("options", "yAxis", "unit")
_STYLE = ("fieldConfig", "defaults", "custom", "thresholdsStyle", "mode")


class Place(NamedTuple):
    """Where a panel is: what its arguments say if the layout does not give it that place."""

    arguments: Mapping[str, Code]
    id: int | None


class Queries(Protocol):
    """How the texts of queries are written: as text, or as the name of a snippet."""

    def code(self, expr: str) -> Code:
        """The expression for a query."""

    def legend(self, expr: str) -> str | None:
        """The legend that the query's snippet has; None if it is text."""

    def unit(self, expr: str) -> str:
        """The unit that the query's snippet has, empty without one."""

    def description(self, expr: str) -> str:
        """The description that the query's snippet has, empty without one."""


class Given(NamedTuple):
    """What a panel's dashboard and project give it: the data source that it need not name, and how
    queries and other data sources are written."""

    datasource: Json | None
    queries: Queries
    reference: Any
    library: Mapping[str, Name] = MappingProxyType({})
    """The library panels that have definitions, by uid."""


@dataclass(frozen=True, slots=True)
class Written:
    """A panel's code: whether it is a call, and one without `extra`."""

    code: Code
    is_call: bool
    has_extra: bool


def panel_code(
    panel: Json,
    place: Place,
    given: Given,
    *,
    as_json: bool = False,
    exported: bool = False,
) -> Written:
    """Return a panel as the call of its constructor, or as its JSON where there is none, and where
    the constructor adds what nothing can take away again. One that is `exported` is JSON in which
    gk refuses nothing."""
    if exported:
        code = Call(Name("exported_panel", "gk"), [fields.with_suffixes(panel)])
        return Written(code, is_call=False, has_extra=False)
    if not as_json and (shown := _of_library(panel, place, given)):
        return Written(shown, is_call=True, has_extra=False)
    type = str(panel.get("type"))
    is_odd = "libraryPanel" in panel or "panels" in panel or wrong_part(panel, PANEL)
    if as_json or type not in PANELS or is_odd:
        return Written(fields.with_suffixes(panel), is_call=False, has_extra=False)
    drawn = of_panel(type)
    taken = _Taken(leaves_of(without(panel, *APART)))
    named = {**_common(taken, panel), **_forms(taken, panel, drawn)}
    content = taken.pop(("options", "content")) if type == "text" else None
    read = drawn.constructor.read(taken.left)
    if any(where not in taken.gone for where in read.surplus):
        return Written(fields.with_suffixes(panel), is_call=False, has_extra=False)
    named = {**read.arguments, **named}
    rest = dict(read.rest)
    _style_thresholds(type, named, taken.left, rest)
    queries: list[Code] = []
    if type not in WITHOUT_QUERIES:
        queries, legends = _targets(panel, drawn, read.arguments, given)
        named |= legends
    _leave_to_snippets(named, panel, given)
    if rest:
        named["extra"] = document_of(rest)
    reference = panel.get("datasource")
    if reference and reference not in (given.datasource, MIXED):
        named["datasource"] = given.reference(reference)
    if place.id is not None:
        named["id"] = place.id
    first: list[Code] = [panel.get("title", ""), *([content] if content is not None else [])]
    call = Call(
        Name(PANELS[type], "gk"), [*first, *queries], in_order({**place.arguments, **named})
    )
    return Written(call, is_call=True, has_extra=bool(rest))


_SAID_OF_LIBRARY: Mapping[str, str] = {
    "repeat": "repeat",
    "repeatDirection": "repeat_direction",
    "maxPerRow": "max_per_row",
}


def _of_library(panel: Json, place: Place, given: Given) -> Code | None:
    """A library panel as its definition, with what the dashboard says of it."""
    shared = path(panel, "libraryPanel")
    name = given.library.get(str(shared.get("uid")))
    known = {"id", "gridPos", "title", "type", "libraryPanel", *_SAID_OF_LIBRARY}
    if name is None or panel.keys() - known:
        return None
    named = dict(place.arguments)
    if panel.get("title") and panel["title"] != shared.get("name"):
        named["title"] = panel["title"]
    named |= {to: panel[key] for key, to in _SAID_OF_LIBRARY.items() if key in panel}
    if place.id is not None:
        named["id"] = place.id
    return Call(Name(f"{name.text}.at", name.module), (), named)


_ORDER = (
    "width",
    "height",
    "grid",
    "series",
    "legend_format",
    "unit",
    "decimals",
    "min",
    "max",
    "description",
    "thresholds",
    "thresholds_mode",
)
_LAST = (
    "links",
    "data_links",
    "mappings",
    "overrides",
    "transformations",
    "datasource",
    "extra",
    "id",
)


def in_order(named: Mapping[str, Code]) -> dict[str, Code]:
    """What a panel is about comes first, and long lists last."""
    middle = [name for name in named if name not in (*_ORDER, *_LAST)]
    return {name: named[name] for name in (*_ORDER, *middle, *_LAST) if name in named}


class _Taken:
    """Leaves of which some are taken out."""

    def __init__(self, leaves: Leaves) -> None:
        self.left = leaves
        self.gone: set[Path] = set()

    def pop(self, path: Path) -> Any:
        """Take out a leaf, and return its value."""
        text = self.left.pop(path, None)
        self.gone.add(path)
        return None if text is None else value_of(text)


def _common(taken: _Taken, panel: Json) -> dict[str, Code]:
    """The arguments of all panels that set one leaf."""
    named: dict[str, Code] = {}
    is_heatmap = panel.get("type") == "heatmap"
    for name, usual in _COMMON.items():
        where = _UNIT_OF_HEATMAP if name == "unit" and is_heatmap else usual
        text = taken.left.get(where)
        if text is not None and _fits(name, value_of(text)):
            named[name] = fields.unit(taken.pop(where)) if name == "unit" else taken.pop(where)
    return named


def _fits(name: str, value: Any) -> bool:
    if name in _TEXTS:
        return isinstance(value, str)
    # Python's True is an int, too.
    if isinstance(value, bool) or name in _FLAGS:
        return value is True and name in _FLAGS
    return isinstance(value, int) or (isinstance(value, float) and name not in _WHOLE)


_DEFAULTS = ("fieldConfig", "defaults")
_THRESHOLDS = (*_DEFAULTS, "thresholds")
_FORMS: Mapping[Path, str] = {
    (*_DEFAULTS, "mappings"): "mappings",
    (*_DEFAULTS, "links"): "data_links",
    ("links",): "links",
    ("fieldConfig", "overrides"): "overrides",
    ("transformations",): "transformations",
}


def _forms(taken: _Taken, panel: Json, drawn: Drawn) -> dict[str, Code]:
    """The arguments with a form of their own."""
    named: dict[str, Code] = {}
    defaults = path(panel, *_DEFAULTS)
    for key, form in (("thresholds", fields.thresholds), ("color", _color)):
        own = [where for where in taken.left if where[:3] == (*_DEFAULTS, key)]
        arguments = form(path(defaults, key)) if own else None
        if arguments is not None:
            named |= arguments
            for where in own:
                taken.pop(where)
    of_thresholds = [where for where in drawn.constructor.base if where[:3] == _THRESHOLDS]
    if of_thresholds and not path(defaults, "thresholds"):
        # Grafana's own, where a panel has none; gk's panels have one colour then.
        named["thresholds"] = {80: "red"}
    taken.gone.update(of_thresholds)
    for where, name in _FORMS.items():
        text = taken.left.get(where)
        code = _LISTS[name](value_of(text)) if text is not None else None
        if code is not None:
            named[name] = code
            taken.pop(where)
    return named


def _color(given: Json) -> dict[str, Code] | None:
    color = fields.color(given)
    return None if color is None else {"color": color}


_LISTS: Mapping[str, Any] = {
    "mappings": fields.mappings,
    "data_links": fields.links,
    "links": fields.links,
    "overrides": fields.overrides,
    "transformations": list,
}


def _style_thresholds(type: str, named: dict[str, Code], leaves: Leaves, rest: Leaves) -> None:
    """Say how thresholds are drawn, unless it is as gk draws them."""
    if type != "timeseries":
        return
    style = value_of(leaves.get(_STYLE, '"off"'))
    # Where the colour of a series follows thresholds, gk draws no line for them.
    drawn = "line" if "thresholds" in named and named.get("color") != "thresholds" else "off"
    named.pop("threshold_style", None)
    rest.pop(_STYLE, None)
    if style != drawn:
        named["threshold_style"] = style


# Queries


class _Asked(NamedTuple):
    """A target as a call would write it: its query, its legend, and the other options."""

    query: Code
    legend: str
    snippet_legend: str | None
    options: Mapping[str, Code]


def _targets(
    panel: Json, drawn: Drawn, arguments: Mapping[str, Any], given: Given
) -> tuple[list[Code], dict[str, Code]]:
    """The panel's queries, and what it says of their legends."""
    usual = drawn.target
    for name, value in arguments.items():
        usual = drawn.targets.get((name, repr(value)), usual)
    targets, own = panel.get("targets", []), panel.get("datasource")
    # The data source that a target need not name.
    implied = given.datasource if own in (None, MIXED) else own
    queries = [
        _target(target, usual, ref_id, implied, given)
        for target, ref_id in zip(targets, _made_ids(targets), strict=True)
    ]
    return _by_legend(queries)


def _made_ids(targets: Sequence[Json]) -> list[str]:
    """The refIds that gk makes, if the targets with other ones say so."""
    own = [target.get("refId") for target in targets]
    said: list[Any] = [None] * len(own)
    # A letter that one target says is not given to another, which may then have to say its own.
    while True:
        made: list[Json] = [{"refId": ref_id} if ref_id else {} for ref_id in said]
        number(made)
        ids = [str(target["refId"]) for target in made]
        now = [said[i] or (own[i] if own[i] != ids[i] else None) for i in range(len(own))]
        if now == said:
            return ["" if is_said else id for is_said, id in zip(said, ids, strict=True)]
        said = now


def _by_legend(queries: Sequence[_Asked | Json]) -> tuple[list[Code], dict[str, Code]]:
    """Queries with legends of their own: one legend for all, or one for each."""
    asked = [query for query in queries if isinstance(query, _Asked)]
    plain = [_written(query, None) for query in queries]
    legends = [query.legend for query in asked]
    if len(asked) < len(queries) or all(_with_legend(query, None) is query for query in asked):
        return plain, {}
    if len(set(legends)) == 1:
        return [_written(query, legends[0]) for query in queries], {"legend_format": legends[0]}
    # The argument is a dictionary by legend.
    if len(set(legends)) == len(legends):
        return [], {"series": {query.legend: _written(query, query.legend) for query in asked}}
    return plain, {}


def _with_legend(asked: _Asked, of_panel: str | None) -> _Asked:
    """The target, with its legend as an option if neither the panel nor its snippet have it."""
    own = "__auto" if asked.snippet_legend is None else asked.snippet_legend
    if asked.legend == (own if of_panel is None else of_panel):
        return asked
    return asked._replace(options={"legend": asked.legend, **asked.options})


def _written(asked: _Asked | Json, of_panel: str | None) -> Code:
    if not isinstance(asked, _Asked):
        return asked
    options = _with_legend(asked, of_panel).options
    return Call(Name("target", "gk"), [asked.query], options) if options else asked.query


_TARGET = {
    "instant": "instant",
    "format": "format",
    "interval": "interval",
    "hide": "hide",
    "exemplar": "exemplar",
}
_ABSENT: Mapping[str, Code] = {
    "instant": False,
    "format": "time_series",
    "interval": "",
    "hide": False,
    "exemplar": False,
}
_FORMATS = ("time_series", "table", "heatmap")


def _target(
    target: Json, usual: Json, ref_id: str, implied: Json | None, given: Given
) -> _Asked | Json:
    """A query, with options if they are not the usual ones; its JSON if gk has no argument for
    one."""
    known = {"expr", "legendFormat", "refId", "datasource", *_TARGET}
    expr = target.get("expr")
    if (
        target.keys() - known
        or not isinstance(expr, str)
        # Old dashboards do not say of which type a data source is.
        or not (is_prometheus(target) or not type_of(target))
        or target.get("format", "time_series") not in _FORMATS
        or not _has_types(target)
    ):
        return _json(target, ref_id, implied, given)
    named: dict[str, Code] = {}
    for key, name in _TARGET.items():
        value = target.get(key, _ABSENT[key])
        if value != usual.get(key, _ABSENT[key]):
            named[name] = value
    if not ref_id and "refId" in target:
        named["ref_id"] = target["refId"]
    own = target.get("datasource")
    if own and own != implied:
        named["datasource"] = given.reference(own)
    legend = str(target.get("legendFormat", ""))
    return _Asked(given.queries.code(expr), legend, given.queries.legend(expr), named)


def _has_types(target: Json) -> bool:
    flags = ("instant", "hide", "exemplar")
    return all(isinstance(target.get(key, False), bool) for key in flags) and all(
        isinstance(target.get(key, ""), str) for key in ("legendFormat", "interval", "format")
    )


def _json(target: Json, ref_id: str, implied: Json | None, given: Given) -> Json:
    own = dict(target)
    if ref_id:
        del own["refId"]
    reference = own.pop("datasource", None)
    if reference and reference != implied:
        own["datasource"] = given.reference(reference)
    if isinstance(own.get("expr"), str):
        own["expr"] = given.queries.code(own["expr"])
    return own


def _leave_to_snippets(named: dict[str, Code], panel: Json, given: Given) -> None:
    """Leave unit and description to the panel's snippets, if they know these; and say if the panel
    has none, although they do."""
    exprs: Iterable[Any] = (target.get("expr") for target in panel.get("targets", ()))
    # Only a snippet has a legend.
    shown = [
        expr for expr in exprs if isinstance(expr, str) and given.queries.legend(expr) is not None
    ]
    units = [given.queries.unit(expr) for expr in shown]
    texts = list(dict.fromkeys(filter(None, map(given.queries.description, shown))))
    description = texts[0] if len(texts) == 1 else "\n".join(f"- {text}" for text in texts)
    for name, known in (("unit", units[0] if units else ""), ("description", description)):
        if known and named.get(name) == known:
            del named[name]
        elif name not in named and (known or (name == "unit" and any(units))):
            named[name] = ""
