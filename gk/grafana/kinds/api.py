"""The interface of each kind of object in Grafana, and its values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from gk.grafana.about import About
from gk.grafana.apis import Apis
from gk.grafana.client import Client
from gk.grafana.live import Live, Parts
from gk.resource import Key, Kind, Resource

__all__ = ["Document", "KindApi", "Listed", "Refusal", "Surroundings"]


@dataclass(frozen=True, slots=True)
class Document:
    """What gk writes: the body for the HTTP API, the uid of the folder, and the version message of
    a dashboard."""

    body: Any
    folder: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object in one of Grafana's lists. `folder` is the uid of its folder, `members` are the
    uids of a group's rules, `type` is that of a data source, and `locked` says why it may not be
    changed, if the object itself does not."""

    kind: Kind
    uid: str
    title: str
    folder: str = ""
    tags: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    is_default: bool = False
    type: str = ""
    locked: str = ""

    @property
    def key(self) -> Key:
        """Its kind and uid."""
        return self.kind, self.uid


@dataclass(frozen=True)
class Surroundings:
    """The surroundings of an object: the Grafana, the objects that it has (`listed`), the other
    resources (`defined`), and the objects that gk pushed (`owned`). `has_path`: the URL has a
    path."""

    about: About
    apis: Apis
    has_path: bool
    listed: Sequence[Listed]
    defined: Mapping[Key, Resource]
    owned: Set[Key]

    def of(self, kind: Kind) -> Sequence[Listed]:
        """The listed objects of a kind."""
        return self._by_kind.get(kind, ())

    def called(self, title: str) -> Sequence[Listed]:
        """The listed objects with a title, ignoring case."""
        return self._by_title.get(title.casefold(), ())

    @cached_property
    def folder_titles(self) -> Set[str]:
        """The titles of listed and defined folders, case-folded."""
        there = [folder.title for folder in self.of(Kind.FOLDER)]
        defined = [new.title for new in self.defined.values() if new.kind is Kind.FOLDER]
        return {title.casefold() for title in (*there, *defined)}

    @cached_property
    def group_of(self) -> Mapping[str, str]:
        """The uid of the group that each rule is in, by the rule's uid."""
        return {uid: group.uid for group in self.of(Kind.RULE_GROUP) for uid in group.members}

    @cached_property
    def rules_called(self) -> Mapping[tuple[str, str], int]:
        """The number of defined rules of each name in each folder, by the folder's uid."""
        return Counter(
            (new.folder, rule["title"])
            for new in self.defined.values()
            if new.kind is Kind.RULE_GROUP
            for rule in new.body["rules"]
        )

    @cached_property
    def _by_kind(self) -> Mapping[Kind, Sequence[Listed]]:
        kinds: dict[Kind, list[Listed]] = defaultdict(list)
        for listed in self.listed:
            kinds[listed.kind].append(listed)
        return kinds

    @cached_property
    def _by_title(self) -> Mapping[str, Sequence[Listed]]:
        titles: dict[str, list[Listed]] = defaultdict(list)
        for listed in self.listed:
            titles[listed.title.casefold()].append(listed)
        return titles


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why gk does not write an object: Grafana would refuse it; or, with `is_conflict`, it would
    take something from others, which --force allows."""

    reason: str
    is_conflict: bool = False


class KindApi(Protocol):
    """One kind of objects: a module of this package."""

    def read(self, client: Client, uid: str) -> Live | None:
        """Read an object. Raises NotFoundError or returns None if it does not exist."""

    def every(self, client: Client) -> Iterator[Live]:
        """Every object that the account may see, from a list where Grafana has one that is
        complete."""

    def write(self, client: Client, live: Live | None, document: Document) -> str:
        """Write a document over an object as it was read, or create one; returns its stamp, if the
        answer has it."""

    def delete(self, client: Client, live: Live) -> None:
        """Delete an object. Raises NotFoundError if it does not exist."""

    def listed(self, client: Client) -> Sequence[Listed]:
        """Every object that the account may see; none if Grafana has no list."""

    def parts(self, body: Any, folder: str) -> Parts:
        """The form in which a document is compared, be it a resource's or Grafana's answer."""

    def refusal(
        self, resource: Resource, live: Live | None, surroundings: Surroundings
    ) -> Refusal | None:
        """Why gk does not write a resource; None if it does."""
