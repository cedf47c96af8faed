"""Compares two documents of the other kinds: data sources, contact points, notification
policies, ..."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gk.diff.codes import Code
from gk.diff.model import Edit, Mark, Part
from gk.diff.parts.fields import (
    OF_NOTIFICATIONS,
    Json,
    Named,
    as_list,
    as_mapping,
    edit_of,
    edits,
    one_edit,
)
from gk.diff.parts.panel import panel_edits
from gk.documents.parts import without
from gk.resource import Kind

__all__ = ["object_parts"]

_CODES = {
    "name": Code.NAME,
    "title": Code.TITLE,
    "isDefault": Code.DEFAULT,
    "basicAuthUser": Code.BASIC_AUTH_USER,
    "parentUid": Code.INSIDE_FOLDER,
    "receiver": Code.RECEIVER,
    **OF_NOTIFICATIONS,
}


def object_parts(kind: Kind, old: Json, new: Json) -> list[Part]:
    """The parts of an object that differ, its own settings first."""
    key, parts = _PARTS.get(kind, ("", _no_parts))
    changed = tuple(_own_edits(kind, without(old, key), without(new, key)))
    own = [Part("", "", Mark.CHANGED, changed)] if changed else []
    return [*own, *parts(_listed(old, key), _listed(new, key))]


def _own_edits(kind: Kind, old: Json, new: Json) -> Iterator[Edit]:
    if kind is Kind.LIBRARY_PANEL:
        yield from panel_edits(as_mapping(old.get("model")), as_mapping(new.get("model")))
        old, new = without(old, "model"), without(new, "model")
    yield from edits(old, new, _CODES)


def _listed(body: Json, key: str) -> list[Any]:
    value = body.get(key)
    if isinstance(value, dict):
        return [{"uid": uid, **item} for uid, item in value.items()]
    return as_list(value)


def _no_parts(old: list[Json], new: list[Json]) -> Iterator[Part]:
    return iter(())


def _receivers(old: list[Json], new: list[Json]) -> Iterator[Part]:
    def changed(before: Json, after: Json) -> Iterator[Edit]:
        yield from edits(before.get("settings") or {}, after.get("settings") or {})
        yield from edits(without(before, "uid", "settings"), without(after, "uid", "settings"))

    def chief(receiver: Json) -> Iterator[Edit]:
        yield from one_edit(Code.TYPE, None, receiver.get("type"))

    yield from Named(
        "receiver", lambda receiver: str(receiver.get("uid", "")), chief, changed
    ).parts(old, new)


def _routes(old: list[Json], new: list[Json]) -> Iterator[Part]:
    """Compare routes, by matchers and then by receiver. Nested routes count as a field. The order
    of routes matters."""

    def changed(before: Json, after: Json) -> Iterator[Edit]:
        # The matchers are the name of the route.
        yield from edits(without(before, *_MATCHERS), without(after, *_MATCHERS), _CODES)

    def chief(route: Json) -> Iterator[Edit]:
        yield from one_edit(Code.RECEIVER, None, route.get("receiver"))

    # str(), because a malformed document may have any type here.
    others = (lambda route: str(route["receiver"]) if "receiver" in route else None,)
    yield from Named("route", _name_of_route, chief, changed, others).parts(old, new)
    kept, now = ([_name_of_route(route) for route in side] for side in (old, new))
    if kept != now and sorted(kept) == sorted(now):
        yield Part("", "", Mark.CHANGED, (edit_of(Code.ORDER, kept, now, of="routes"),))


_MATCHERS = ("object_matchers", "matchers")


def _name_of_route(route: Json) -> str:
    matchers = as_list(route.get("object_matchers")) or as_list(route.get("matchers"))
    words = [
        "".join(map(str, matcher)) if isinstance(matcher, list) else str(matcher)
        for matcher in matchers
    ]
    return ", ".join(words) or "everything"


_PARTS: dict[Kind, tuple[str, Callable[[list[Json], list[Json]], Iterator[Part]]]] = {
    Kind.CONTACT_POINT: ("receivers", _receivers),
    Kind.NOTIFICATION_POLICY: ("routes", _routes),
}
