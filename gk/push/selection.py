"""Which objects a push is limited to, by their names on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from gk.errors import ConfigError, Problem, Source, did_you_mean
from gk.push.ledger import Entry
from gk.resource import Key, Kind, Resource

__all__ = ["NAMES", "select"]

NAMES = {kind.plural.replace(" ", "-"): kind for kind in Kind}
"""The names of kinds on the command line: `dashboards`, `data-sources`, `notification-policies`."""


def select(
    names: Sequence[str],
    resources: Sequence[Resource],
    entries: Mapping[Key, Entry],
    titles: Mapping[Key, str] | None = None,
) -> Set[Key]:
    """The keys that `names` stand for; without names, all. A name is a kind, a uid or a title; a
    folder includes its contents. `titles` has the titles of objects in Grafana, for entries that
    are no longer defined.

    Raises ConfigError for unknown names.
    """
    known = [
        _Named(resource.kind, resource.uid, resource.title, resource.folder)
        for resource in resources
    ]
    defined = {resource.key for resource in resources}
    known += [
        _Named(kind, uid, (titles or {}).get((kind, uid), uid), entry.folder)
        for (kind, uid), entry in entries.items()
        if (kind, uid) not in defined
    ]
    if not names:
        return {named.key for named in known}
    by_name = {name: _called(name, known) for name in names}
    if unknown := [name for name in names if not by_name[name] and name not in NAMES]:
        words = [*NAMES, *(named.uid for named in known), *(named.title for named in known)]
        kinds = f"; a uid, a title, or one of {', '.join(NAMES)}"
        hints = {name: did_you_mean(name, words) or kinds for name in unknown}
        raise ConfigError(
            Problem(Source(""), f"nothing is named '{name}'{hints[name]}") for name in unknown
        )
    chosen = {key for keys in by_name.values() for key in keys}
    # What is chosen needs the folders that it is in.
    above = {named.uid: named.folder for named in known if named.kind is Kind.FOLDER}
    for named in known:
        folder = named.folder if named.key in chosen and named.key in defined else ""
        while folder in above and (Kind.FOLDER, folder) not in chosen:
            chosen.add((Kind.FOLDER, folder))
            folder = above[folder]
    return chosen


@dataclass(frozen=True, slots=True)
class _Named:
    kind: Kind
    uid: str
    title: str
    folder: str

    @property
    def key(self) -> Key:
        return (self.kind, self.uid)


def _called(name: str, known: Sequence[_Named]) -> set[Key]:
    """The keys of a name: all of a kind; or those with this uid or title, with the contents of
    folders."""
    if kind := NAMES.get(name):
        return {named.key for named in known if named.kind is kind}
    keys = {named.key for named in known if name in (named.uid, named.title)}
    # Until nothing is added: folders may be in folders.
    while inside := {named.key for named in known if (Kind.FOLDER, named.folder) in keys} - keys:
        keys |= inside
    return keys
