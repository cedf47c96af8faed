"""What somebody changed in Grafana, as changes of arguments: two objects as the calls that make
them, and where these calls differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gk.decompile.dashboards import head, positions
from gk.decompile.datasources import datasource_code
from gk.decompile.notifications import contact_point_code, mute_timing_code, template_code
from gk.decompile.panels import Given, Place, panel_code
from gk.decompile.python import Call, Code, text
from gk.decompile.queries import Snippets
from gk.decompile.rules import grafana_group_code
from gk.decompile.variables import variable_code
from gk.documents.parts import dicts, every_panel, path, without
from gk.documents.shapes import Json
from gk.pull.documents import by_id
from gk.resource import Kind

__all__ = ["Change", "by_hand", "changes", "is_pulled"]

_TEXT_ONLY = Snippets("")


@dataclass(frozen=True)
class Change:
    """A change of one argument of the call with this title, or of the title itself.

    `argument` is empty for a constant: the call has `old` somewhere, and gets `new` there. `about`
    says it in words, and `code` is what to write where nothing can be changed by itself. A new
    title may come with an argument, `keeps`, for what gk made of the old one. `otherwise` is an
    argument that says the same where the call has no such constant. Changes of one `group` make
    sense together only.
    """

    title: str
    argument: str
    old: Code
    new: Code
    about: str
    is_gone: bool = False
    code: str = ""
    keeps: tuple[str, Code] | None = None
    otherwise: tuple[str, Code] | None = None
    group: str = ""

    @property
    def is_by_hand(self) -> bool:
        """Whether no argument says it."""
        return bool(self.code)


def changes(kind: Kind, old: Any, new: Any) -> list[Change]:
    """The changes that make what a definition builds (`old`) what Grafana has (`new`).

    Dashboards are normalized; other documents are those of Grafana's HTTP API. There are
    none of a kind that is not pulled.
    """
    if kind is Kind.DASHBOARD:
        return [*_dashboard(old, new)]
    make = _CODES.get(kind)
    return [*_calls(make(old), make(new))] if make else []


_CODES: Mapping[Kind, Any] = {
    Kind.CONTACT_POINT: contact_point_code,
    Kind.DATASOURCE: datasource_code,
    Kind.MESSAGE_TEMPLATE: template_code,
    Kind.MUTE_TIMING: mute_timing_code,
    Kind.RULE_GROUP: lambda body: grafana_group_code(body, "", str),
}


def is_pulled(kind: Kind) -> bool:
    """Whether objects of this kind can be written as calls, and so changes of them be found."""
    return kind is Kind.DASHBOARD or kind in _CODES


def by_hand(title: str, about: str, code: str) -> Change:
    """A change that people have to make, with the code to write."""
    return Change(title, "", None, None, about, code=code)


# Dashboards


def _dashboard(old: Json, new: Json) -> Iterator[Change]:
    title = str(old.get("title", ""))
    # Both were found by their uid, so it is the same.
    one, other = (without(head(body, ""), "uid") for body in (old, new))
    yield from _named(title, one, other, f"dashboard '{title}'")
    if old.get("title") != new.get("title"):
        about, uid = f"dashboard '{title}': title", str(new.get("uid", ""))
        yield Change(title, "title", title, str(new.get("title")), about, keeps=("uid", uid))
    given = Given(None, _TEXT_ONLY, _reference)
    before, after = (by_id(every_panel(body)) for body in (old, new))
    for id_, panel in before.items():
        if id_ in after:
            yield from _panel(panel, after[id_], given)
        else:
            about = f"panel '{panel.get('title', '')}' was deleted"
            yield by_hand(str(panel.get("title", "")), about, "delete its call")
    yield from _moved(old, new)
    for id_, panel in after.items():
        if id_ in before:
            continue
        position = panel.get("gridPos", {})
        place = Place({"grid": tuple(int(position.get(key, 0)) for key in "xywh")}, panel.get("id"))
        code = panel_code(panel, place, given).code
        about = f"panel '{panel.get('title', '')}' was added"
        yield by_hand(str(panel.get("title", "")), about, text(code))
    yield from _variables(old, new, given)
    for key in ("links", "annotations"):
        listed = _listed(new, key)
        if listed != _listed(old, key):
            yield by_hand(title, f"{key} of dashboard '{title}'", text(listed))


def _listed(body: Json, key: str) -> list[Any]:
    own = body.get(key)
    return list(own.get("list", [])) if isinstance(own, dict) else list(own or ())


def _reference(given: Any) -> Code:
    return str(given.get("uid", "")) if isinstance(given, dict) else str(given)


def _variables(old: Json, new: Json, given: Given) -> Iterator[Change]:
    before, after = (
        {
            str(variable.get("name")): variable
            for variable in dicts(path(body, "templating"), "list")
        }
        for body in (old, new)
    )
    for name in (name for name in before if name in after):
        one, other = (variable_code(variables[name], given) for variables in (before, after))
        if isinstance(one, Call) and isinstance(other, Call):
            yield from _calls(one, other)
        elif one != other:
            yield by_hand(name, f"variable ${name}", text(other))
    for name in (name for name in before if name not in after):
        yield by_hand(name, f"variable ${name} was deleted", "delete its call")
    for name in (name for name in after if name not in before):
        about = f"variable ${name} was added"
        yield by_hand(name, about, text(variable_code(after[name], given)))


def _panel(old: Json, new: Json, given: Given) -> Iterator[Change]:
    title = str(old.get("title", ""))
    who = f"panel '{title}'"
    if old.get("type") == new.get("type") == "row":
        if title != new.get("title", ""):
            yield _retitled(title, new, f"row '{title}'", f"row {title}")
        return
    one, other = (panel_code(panel, Place({}, None), given) for panel in (old, new))
    if not (isinstance(one.code, Call) and isinstance(other.code, Call)) or (
        one.code.function != other.code.function
    ):
        if one.code != other.code:
            yield by_hand(title, who, text(other.code))
        return
    if title != new.get("title", ""):
        yield _retitled(title, new, who, title)
    # _targets compares queries, one by one.
    before, after = (
        without(code.named, "series", "legend_format") for code in (one.code, other.code)
    )
    yield from _named(title, before, after, who)
    if old.get("type") == "text" and one.code.arguments[1:] != other.code.arguments[1:]:
        content = [code.arguments[1] for code in (one.code, other.code)]
        yield Change(title, "", content[0], content[1], f"{who}: content")
    legend = other.code.named.get("legend_format") if len(dicts(new, "targets")) == 1 else None
    yield from _targets(title, old, new, who, text(other.code), legend=legend)


def _retitled(title: str, new: Json, who: str, key: str) -> Change:
    """A new title of a panel, which keeps the id that gk made of its key."""
    about = f"{who}: title"
    return Change(title, "title", title, str(new.get("title", "")), about, keeps=("key", key))


def _targets(
    title: str, old: Json, new: Json, who: str, code: str, *, legend: Code
) -> Iterator[Change]:
    """Texts and legends of queries, by refId; anything else of a query is by hand. `legend` is what
    the panel's argument says of the legend of its only query; None if it says nothing."""
    before, after = (
        {target.get("refId"): target for target in dicts(panel, "targets")} for panel in (old, new)
    )
    if before.keys() != after.keys():
        yield by_hand(title, f"{who}: queries were added or deleted", code)
        return
    for ref_id, target in before.items():
        other = after[ref_id]
        for key in ("expr", "legendFormat"):
            one, two = target.get(key, ""), other.get(key, "")
            if one != two:
                is_said = key == "legendFormat" and legend is not None
                otherwise = ("legend_format", legend) if is_said else None
                about = f"{who}: query {ref_id}: {key}"
                yield Change(title, "", one, two, about, otherwise=otherwise)
        one, two = (without(side, "expr", "legendFormat") for side in (target, other))
        if one != two:
            yield by_hand(title, f"{who}: options of query {ref_id}", code)


def _moved(old: Json, new: Json) -> Iterator[Change]:
    """The arguments that say where panels are: one that is moved or resized may move others, so
    that all have to change together."""
    moved = {panel.get("id"): path(panel, "gridPos") for panel in every_panel(new)}
    before, after = positions(old, {}), positions(old, moved)
    titles = {panel.get("id"): str(panel.get("title", "")) for panel in every_panel(old)}
    for id_, arguments in before.items():
        who = f"panel '{titles[id_]}'"
        for change in _named(titles[id_], arguments, after[id_], who):
            yield replace(change, group="positions")


# Calls


def _named(
    title: str, old: Mapping[str, Code], new: Mapping[str, Code], who: str
) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if name not in new or name not in old or before != after:
            yield Change(title, name, before, after, f"{who}: {name}", is_gone=name not in new)


def _calls(old: Call, new: Call, outer: str = "") -> Iterator[Change]:
    """Where two calls of one constructor differ, and those in their arguments. A call without a
    title has that of the `outer` one."""
    first = old.arguments[0] if old.arguments else old.named.get("name", "")
    title = first if isinstance(first, str) and first else outer
    who = f"{old.function.text} '{title}'"
    yield from _named(title, old.named, new.named, who)
    one, other = [*old.arguments], [*new.arguments]
    if "uid" in old.named and one and other and first == one[0] != other[0]:
        keeps = ("uid", old.named["uid"])
        yield Change(title, "title", title, other[0], f"{who}: title", keeps=keeps)
        one, other = one[1:], other[1:]
    pairs = _pairs(one, other)
    if pairs is None:
        yield by_hand(title, who, text(new))
        return
    for before, after in pairs:
        if isinstance(before, Call) and isinstance(after, Call):
            yield from _calls(before, after, title)
        elif before != after:
            yield from _inside(title, who, before, after, text(new))


def _pairs(old: Sequence[Code], new: Sequence[Code]) -> list[tuple[Code, Code]] | None:
    """The arguments of both calls in pairs, and those in lists; None if one has more."""
    if len(old) != len(new):
        return None
    pairs: list[tuple[Code, Code]] = []
    for one, other in zip(old, new, strict=True):
        if (
            isinstance(one, list)
            and isinstance(other, list)
            and any(isinstance(value, Call) for value in (*one, *other))
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
    constants = [*_constants(old, new)]
    if not constants:
        yield by_hand(title, who, code)
    for one, other in constants:
        if isinstance(one, (Mapping, list)) or isinstance(other, (Mapping, list, Call)):
            yield by_hand(title, who, code)
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
