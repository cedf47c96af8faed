"""What each kind of object of a Grafana can do, and the values in which that is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from gk.grafana.about import About
from gk.grafana.client import Client
from gk.grafana.live import Live, Parts
from gk.resource import Key, Kind, Resource

__all__ = ["Document", "KindApi", "Listed", "Refusal", "Surroundings"]


@dataclass(frozen=True, slots=True)
class Document:
    """What is written: the HTTP API's body, the uid of its folder, and the message of a dashboard's
    version."""

    body: Any
    folder: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a list of Grafana's has it. `folder` is the uid of the one that it is in,
    `members` are the uids of a group's rules, and `locked` says why it may not be changed, where
    the object itself does not."""

    kind: Kind
    uid: str
    title: str
    folder: str = ""
    tags: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    is_default: bool = False
    locked: str = ""

    @property
    def key(self) -> Key:
        """Its kind and uid."""
        return self.kind, self.uid


@dataclass(frozen=True)
class Surroundings:
    """What an object comes into: a Grafana, what is `listed` there, what else is `defined` for it,
    and what is `owned`, because gk pushed it. `has_path` says that its URL is below a path."""

    about: About
    has_path: bool
    listed: Sequence[Listed]
    defined: Mapping[Key, Resource]
    owned: Set[Key]

    def of(self, kind: Kind) -> Sequence[Listed]:
        """What is listed of a kind."""
        return self._by_kind.get(kind, ())

    def called(self, title: str) -> Sequence[Listed]:
        """What is listed under a title, whatever the case of its letters."""
        return self._by_title.get(title.casefold(), ())

    @cached_property
    def folder_titles(self) -> Set[str]:
        """The titles of folders that are there or defined, without the case of their letters."""
        there = [folder.title for folder in self.of(Kind.FOLDER)]
        defined = [new.title for new in self.defined.values() if new.kind is Kind.FOLDER]
        return {title.casefold() for title in (*there, *defined)}

    @cached_property
    def group_of(self) -> Mapping[str, str]:
        """The uid of the group that each rule is in, by the rule's uid."""
        return {uid: group.uid for group in self.of(Kind.RULE_GROUP) for uid in group.members}

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
    """Why an object is not written: Grafana refuses it; or it takes something from others, which
    `is_conflict` says, and which may be forced."""

    reason: str
    is_conflict: bool = False


class KindApi(Protocol):
    """One kind of objects: a module of this package."""

    def read(self, client: Client, uid: str) -> Live | None:
        """An object. Raises NotFoundError, or returns None, for what is not there."""

    def write(self, client: Client, live: Live | None, document: Document) -> str:
        """Put a document in place of an object as it was read, or where there is none; its stamp,
        if the answer tells."""

    def delete(self, client: Client, live: Live) -> None:
        """Delete an object. Raises NotFoundError for what is not there."""

    def listed(self, client: Client) -> Sequence[Listed]:
        """Every object that we may see; none where Grafana has no list."""

    def parts(self, body: Any, folder: str) -> Parts:
        """The form in which a document is compared, be it a resource's or Grafana's answer."""

    def refusal(
        self, resource: Resource, live: Live | None, surroundings: Surroundings
    ) -> Refusal | None:
        """Why a resource is not written in place of an object, or where there is none."""
