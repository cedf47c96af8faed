"""What somebody changed in Grafana, as changes of arguments: two objects as the calls that make
them, and where these calls differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gk.decompile.dashboards import head
from gk.decompile.datasources import datasource_code
from gk.decompile.notifications import contact_point_code, mute_timing_code, template_code
from gk.decompile.panels import Given, Place, panel_code
from gk.decompile.python import Call, Code, text
from gk.decompile.queries import Snippets
from gk.decompile.rules import grafana_group_code
from gk.decompile.variables import variable_code
from gk.documents.parts import dicts, every_panel, path
from gk.documents.shapes import Json
from gk.resource import Kind

__all__ = ["Change", "changes"]

_TEXT_ONLY = Snippets("")


@dataclass(frozen=True)
class Change:
    """A change of one argument of the call with this title, or of the title itself.

    `argument` is empty for a constant: the call has `old` somewhere, and gets `new` there. `about`
    says it in words, and `code` is what to write where nothing can be changed by itself.
    """

    title: str
    argument: str
    old: Code
    new: Code
    about: str
    is_gone: bool = False
    code: str = ""

    @property
    def is_by_hand(self) -> bool:
        """Whether no argument says it."""
        return bool(self.code)


def changes(kind: Kind, old: Any, new: Any) -> list[Change]:
    """The changes that make what a definition builds (`old`) what Grafana has (`new`).

    Dashboards are normalized; other documents are those of Grafana's HTTP API.
    """
    if kind is Kind.DASHBOARD:
        return [*_dashboard(old, new)]
    make = _CODES.get(kind)
    if make is None:
        return [_by_hand(str(kind.value), str(kind.value), "change it in the definition")]
    return [*_calls(make(old), make(new))]


_CODES: Mapping[Kind, Any] = {
    Kind.CONTACT_POINT: contact_point_code,
    Kind.DATASOURCE: datasource_code,
    Kind.MESSAGE_TEMPLATE: template_code,
    Kind.MUTE_TIMING: mute_timing_code,
    Kind.RULE_GROUP: lambda body: grafana_group_code(body, "", str),
}


def _by_hand(title: str, about: str, code: str) -> Change:
    return Change(title, "", None, None, about, code=code)


# Dashboards


def _dashboard(old: Json, new: Json) -> Iterator[Change]:
    title = str(old.get("title", ""))
    yield from _named(title, head(old, ""), head(new, ""), f"dashboard '{title}'")
    if old.get("title") != new.get("title"):
        yield Change(title, "title", title, str(new.get("title")), f"dashboard '{title}': title")
    given = Given(None, _TEXT_ONLY, _reference)
    before, after = ({each.get("id"): each for each in every_panel(body)} for body in (old, new))
    for id_, panel in before.items():
        if id_ in after:
            yield from _panel(panel, after[id_], given)
        else:
            about = f"panel '{panel.get('title', '')}' was deleted"
            yield _by_hand(str(panel.get("title", "")), about, "delete its call")
    for id_ in after.keys() - before.keys():
        panel = after[id_]
        code = panel_code(panel, Place(_position(panel), panel.get("id")), given).code
        about = f"panel '{panel.get('title', '')}' was added"
        yield _by_hand(str(panel.get("title", "")), about, text(code))
    yield from _variables(old, new, given)
    for key in ("links", "annotations"):
        one, other = _listed(old, key), _listed(new, key)
        if one != other:
            yield _by_hand(title, f"{key} of dashboard '{title}'", text([*other]))


def _listed(body: Json, key: str) -> list[Any]:
    own = body.get(key)
    return list(own.get("list", [])) if isinstance(own, dict) else list(own or ())


def _reference(given: Any) -> Code:
    return str(given.get("uid", "")) if isinstance(given, dict) else str(given)


def _variables(old: Json, new: Json, given: Given) -> Iterator[Change]:
    before, after = (
        {str(each.get("name")): each for each in dicts(path(body, "templating"), "list")}
        for body in (old, new)
    )
    for name in before.keys() & after.keys():
        one, other = (variable_code(each[name], given) for each in (before, after))
        if isinstance(one, Call) and isinstance(other, Call):
            yield from _calls(one, other)
        elif one != other:
            yield _by_hand(name, f"variable '{name}'", text(other))
    for name in before.keys() - after.keys():
        yield _by_hand(name, f"variable '{name}' was deleted", "delete its call")
    for name in after.keys() - before.keys():
        about = f"variable '{name}' was added"
        yield _by_hand(name, about, text(variable_code(after[name], given)))


def _panel(old: Json, new: Json, given: Given) -> Iterator[Change]:
    title = str(old.get("title", ""))
    who = f"panel '{title}'"
    if old.get("type") == new.get("type") == "row":
        if title != new.get("title", ""):
            yield Change(title, "title", title, str(new.get("title", "")), f"row '{title}': title")
        return
    one, other = (panel_code(panel, Place({}, None), given) for panel in (old, new))
    if not (isinstance(one.code, Call) and isinstance(other.code, Call)) or (
        one.code.function != other.code.function
    ):
        if one.code != other.code:
            yield _by_hand(title, who, text(other.code))
        return
    if title != new.get("title", ""):
        yield Change(title, "title", title, str(new.get("title", "")), f"{who}: title")
    apart = ("series", "legend_format")
    yield from _named(
        title,
        {k: v for k, v in one.code.named.items() if k not in apart},
        {k: v for k, v in other.code.named.items() if k not in apart},
        who,
    )
    if old.get("type") == "text" and one.code.arguments[1:] != other.code.arguments[1:]:
        content = [each.arguments[1] for each in (one.code, other.code)]
        yield Change(title, "", content[0], content[1], f"{who}: content")
    yield from _targets(title, old, new, who, text(other.code))
    if old.get("gridPos") != new.get("gridPos"):
        yield from _moved(title, old, new, who)


def _targets(title: str, old: Json, new: Json, who: str, code: str) -> Iterator[Change]:
    """Texts and legends of queries, by refId; anything else of a query is by hand."""
    before, after = ({each.get("refId"): each for each in dicts(p, "targets")} for p in (old, new))
    if before.keys() != after.keys():
        yield _by_hand(title, f"{who}: queries were added or deleted", code)
        return
    for ref_id, target in before.items():
        other = after[ref_id]
        for key in ("expr", "legendFormat"):
            one, two = target.get(key, ""), other.get(key, "")
            if one != two:
                yield Change(title, "", one, two, f"{who}: query {ref_id}: {key}")
        apart = ("expr", "legendFormat")
        rest = [{k: v for k, v in each.items() if k not in apart} for each in (target, other)]
        if rest[0] != rest[1]:
            yield _by_hand(title, f"{who}: options of query {ref_id}", code)


def _moved(title: str, old: Json, new: Json, who: str) -> Iterator[Change]:
    before, after = old.get("gridPos", {}), new.get("gridPos", {})
    for key, name in (("w", "width"), ("h", "height")):
        if before.get(key) != after.get(key):
            yield Change(title, name, before.get(key), after.get(key), f"{who}: {name}")
    if any(before.get(key) != after.get(key) for key in "xy"):
        place = tuple(int(after.get(key, 0)) for key in "xywh")
        yield Change(title, "grid", None, place, f"{who}: position")


def _position(panel: Json) -> dict[str, Code]:
    position = panel.get("gridPos", {})
    return {"grid": tuple(int(position.get(key, 0)) for key in "xywh")}


# Calls


def _named(
    title: str, old: Mapping[str, Code], new: Mapping[str, Code], who: str
) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if name not in new or name not in old or text(before) != text(after):
            yield Change(title, name, before, after, f"{who}: {name}", is_gone=name not in new)


def _calls(old: Call, new: Call, outer: str = "") -> Iterator[Change]:
    """Where two calls of one constructor differ, and those in their arguments. A call without a
    title has that of the `outer` one."""
    first = old.arguments[0] if old.arguments else old.named.get("name", "")
    title = first if isinstance(first, str) and first else outer
    who = f"{old.function.text} '{title}'"
    yield from _named(title, old.named, new.named, who)
    pairs = _pairs(old.arguments, new.arguments)
    if pairs is None:
        yield _by_hand(title, who, text(new))
        return
    for one, other in pairs:
        if isinstance(one, Call) and isinstance(other, Call):
            yield from _calls(one, other, title)
        elif text(one) != text(other):
            yield from _inside(title, who, one, other, text(new))


def _pairs(old: Sequence[Code], new: Sequence[Code]) -> list[tuple[Code, Code]] | None:
    """The arguments of both calls in pairs, and those in lists; None if one has more."""
    if len(old) != len(new):
        return None
    pairs: list[tuple[Code, Code]] = []
    for one, other in zip(old, new, strict=True):
        if (
            isinstance(one, list)
            and isinstance(other, list)
            and any(isinstance(each, Call) for each in (*one, *other))
        ):
            inner = _pairs(one, other)
            if inner is None:
                return None
            pairs += inner
        else:
            pairs.append((one, other))
    return pairs


def _inside(title: str, who: str, old: Code, new: Code, code: str) -> Iterator[Change]:
    """The constants in which two values differ."""
    found = [*_constants(old, new)]
    if not found or len(found) > len(text(old)):
        yield _by_hand(title, who, code)
    for one, other in found:
        if isinstance(one, (Mapping, list)) or isinstance(other, (Mapping, list)):
            yield _by_hand(title, who, code)
        else:
            yield Change(title, "", one, other, f"{who}: {text(one)} -> {text(other)}")


def _constants(old: Any, new: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old.keys() == new.keys():
        for key in old:
            yield from _constants(old[key], new[key])
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            yield from _constants(one, other)
    elif isinstance(old, Call) and isinstance(new, Call):
        yield from _constants([*old.arguments], [*new.arguments])
        yield from _constants(dict(old.named), dict(new.named))
    elif old != new:
        yield old, new
