"""A Grafana at the start of a push: the account, the lists of objects, and the ledgers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import urlsplit

from gk.documents.parts import path
from gk.documents.references import Ref, with_references
from gk.documents.schema_v2 import is_enveloped
from gk.grafana.about import RESOURCE_API_SINCE, About
from gk.grafana.client import Client
from gk.grafana.errors import (
    DeniedError,
    GrafanaError,
    MalformedError,
    NotFoundError,
    UnansweredError,
)
from gk.grafana.kinds import KINDS, Listed, Surroundings, dashboard, lists, search
from gk.grafana.live import Head, Live
from gk.grafana.objects import Grafana
from gk.push.ledger import TAG, Entry, Ledger
from gk.push.plan import is_as_pushed
from gk.push.sent import sent, sent_as
from gk.resource import Key, Kind, Resource, canonical

__all__ = ["Server", "in_parallel", "open_server"]

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Server:
    """A Grafana as it was when a push began.

    `ledger` is this project's, `kept` the dashboard that it was read from. `owners` has the other
    projects' objects, as far as we see their ledgers, all of them if `sees_all`. `listed` has what
    is there of the kinds of which a plan needs a list; `heads` the dashboards, where Grafana lists
    their versions.
    """

    grafana: Grafana
    about: About
    ledger: Ledger
    kept: Live | None
    owners: Mapping[Key, str]
    sees_all: bool
    listed: Sequence[Listed]
    heads: Mapping[str, Head] | None
    workers: int
    environments: Set[str] = frozenset()
    """The names in ledgers of the project's other environments."""

    @property
    def signature(self) -> str:
        """How this project's version messages of dashboards begin."""
        return f"gk push of {self.ledger.project} at "

    @property
    def keeps_messages(self) -> bool:
        """Whether the message of a version may stay on the next one, which somebody else saved:
        kubectl and other programs send it back with the rest of the object (12.4.0)."""
        return self.about.number >= RESOURCE_API_SINCE

    @cached_property
    def titles(self) -> Mapping[Key, str]:
        """The titles of listed objects."""
        return {listed.key: listed.title for listed in self.listed}

    @cached_property
    def dashboards(self) -> Set[str]:
        """The uids of the dashboards that the account may see, and maybe others."""
        if self.heads is not None:
            # The search of 12 may lag behind.
            return self.heads.keys()
        # Until 10, a folder answers as a dashboard with its uid.
        kinds = (Kind.DASHBOARD, Kind.FOLDER)
        return {listed.uid for listed in self.listed if listed.kind in kinds}

    @cached_property
    def locked(self) -> Mapping[Key, str]:
        """Why objects may not be changed, if a list says so."""
        return {listed.key: listed.locked for listed in self.listed if listed.locked}

    def surroundings(self, resources: Iterable[Resource]) -> Surroundings:
        """What `resources` meet in this Grafana."""
        return Surroundings(
            about=self.about,
            apis=self.grafana.client.apis,
            has_path=bool(urlsplit(self.grafana.client.connection.url).path),
            listed=self.listed,
            defined={resource.key: resource for resource in resources},
            owned=self.ledger.entries.keys(),
        )

    def entry(self, key: Key) -> Entry | None:
        """What the ledger has of an object."""
        return self.ledger.entries.get(key)

    def has_newest(self, resource: Resource) -> bool:
        """Whether a list says that Grafana has the very version of a dashboard that gk pushed, and
        that the ledger says it is this one: then nobody needs to read it."""
        head, entry = (self.heads or {}).get(resource.uid), self.entry(resource.key)
        return (
            resource.kind is Kind.DASHBOARD
            and head is not None
            and entry is not None
            and not entry.pending
            and (entry.stamp, entry.folder) == (head.stamp, head.folder)
            and entry.stamp != ""
            and entry.sent == sent(resource)
        )

    def read(self, key: Key) -> Live | None:
        """An object; None if it does not exist. Raises GrafanaError."""
        kind, uid = key
        is_listed = kind is not Kind.DASHBOARD or uid in self.dashboards
        # An account that does not see all would be told that it may not see this one.
        live = self.grafana.read(kind, uid) if is_listed or not self.sees_all else None
        if live and live.is_untouched:
            # Unless gk pushed the same.
            entry = self.entry(key)
            return live if entry and is_as_pushed(entry, live) else None
        return self._named_alike(live) if live else None

    def version(self, uid: str, version: int) -> Any:
        """The document of a dashboard's version; None if Grafana has it no longer."""
        _, body = self.grafana.version(uid, version)
        is_v1 = isinstance(body, dict) and not is_enveloped(body)
        return with_references(body, self._datasources) if is_v1 else body

    def every(self, kind: Kind) -> Iterator[Live]:
        """Every object of a kind that the account may see. Raises GrafanaError."""
        return map(self._named_alike, self.grafana.every(kind))

    @cached_property
    def _datasources(self) -> Mapping[str, Ref]:
        """References to the data sources by their names, as far as these are no uids themselves:
        Grafana takes what a dashboard says for a uid first."""
        datasources = [listed for listed in self.listed if listed.kind is Kind.DATASOURCE]
        uids = {listed.uid for listed in datasources}
        return {
            listed.title: {"type": listed.type, "uid": listed.uid}
            for listed in datasources
            if listed.title not in uids
        }

    def _named_alike(self, live: Live) -> Live:
        """The object with references in place of the names of data sources, which dashboards from
        before 8.3 have: definitions have uids."""
        if live.kind is Kind.DASHBOARD and not is_enveloped(live.body):
            body = with_references(live.body, self._datasources)
        elif live.kind is Kind.LIBRARY_PANEL:
            body = {
                **live.body,
                "model": with_references(path(live.body, "model"), self._datasources),
            }
        else:
            return live
        return live if body == live.body else replace(live, body=body)

    def read_lists(self, keys: Iterable[Key]) -> Mapping[Kind, Mapping[str, Live]]:
        """The objects of each kind by uid, as far as `keys` has several of a kind and one list has
        them all with their documents."""
        wanted = Counter(kind for kind, _ in keys)
        kinds = [
            kind
            for kind, number in wanted.items()
            if number > 1
            and kind.facts.has_whole_list
            and (kind is not Kind.FOLDER or self.heads is not None)
        ]
        lists = in_parallel(self._all, kinds, self.workers, lambda: None)
        return {kind: lives for kind, lives in zip(kinds, lists, strict=True) if lives is not None}

    def _all(self, kind: Kind) -> Mapping[str, Live] | None:
        """All objects of a kind; None if Grafana refuses the list: then it says of each why."""
        try:
            return {live.uid: live for live in self.every(kind)}
        except MalformedError:
            raise
        except GrafanaError:
            return None

    def pushed(self, live: Live) -> str:
        """The fingerprint of what this project sent, if it saved the version of a dashboard that
        Grafana has; otherwise empty."""
        message, _ = self.grafana.version(live.uid, live.version)
        if not message.startswith(self.signature):
            return ""
        fingerprint = message.rpartition("(")[2].removesuffix(")")
        # An edit with kubectl keeps our message, so the content must be what we sent.
        if self.keeps_messages and fingerprint != sent_as(live.body, live.folder):
            return ""
        return fingerprint

    def foreign(self) -> dict[str, int]:
        """The number of objects of each kind in Grafana that are not in this project's ledger."""
        rest = lists(kind for kind in KINDS if not kind.facts.is_listed_first)
        # Ledgers are gk's own, whichever project they belong to.
        there = [listed for listed in self.listed if TAG not in listed.tags]
        for list_of in rest:
            there += _listed(list_of, self.grafana.client)
        foreign = Counter(listed.kind for listed in there if listed.key not in self.ledger.entries)
        return {kind.value: foreign[kind] for kind in Kind if foreign[kind]}

    def resources(self, resources: Iterable[Resource]) -> list[Resource]:
        """The resources for this Grafana: without Prometheus rule groups, and with flat folders if
        it has no nested ones."""
        sent = [resource for resource in resources if resource.kind.facts.in_grafana]
        if self.about.has_nested_folders:
            return sent
        return [_flat(resource) if resource.kind is Kind.FOLDER else resource for resource in sent]


def open_server(grafana: Grafana, project: str, environments: Set[str] = frozenset()) -> Server:
    """Connect to a Grafana, and read its lists and ledgers. `environments` are the names of the
    project's other environments. Raises GrafanaError if it does not answer."""
    about = _about(grafana)
    workers = grafana.client.connection.workers
    own = Ledger(project)
    # Most of these requests do not depend on each other.
    with ThreadPoolExecutor(workers) as pool:
        kept = pool.submit(_kept, grafana, own)
        sees_all = pool.submit(grafana.sees_every_dashboard)
        # Without the search nobody knows of other projects' ledgers: what denies it ends the push.
        hits = pool.submit(search.listed, grafana.client)
        first = lists(kind for kind in KINDS if kind.facts.is_listed_first)
        others = [
            pool.submit(_listed, list_of, grafana.client)
            for list_of in first
            if list_of is not search.listed
        ]
        heads = pool.submit(dashboard.heads, grafana.client)
        ledger = Ledger.of(own_dashboard.body) if (own_dashboard := kept.result()) else own
        ledgers = [
            listed.uid for listed in hits.result() if TAG in listed.tags and listed.uid != own.uid
        ]
        owners: dict[Key, str] = {}
        for live in pool.map(lambda uid: grafana.read(Kind.DASHBOARD, uid), ledgers):
            # It may have been deleted since the search.
            other = Ledger.of(live.body) if live else own
            owners |= dict.fromkeys(other.entries, other.project)
    return Server(
        grafana=grafana,
        about=about,
        ledger=ledger,
        kept=own_dashboard,
        owners=owners,
        sees_all=sees_all.result(),
        listed=[*hits.result(), *chain.from_iterable(listing.result() for listing in others)],
        heads=heads.result(),
        workers=workers,
        environments=environments,
    )


def _kept(grafana: Grafana, ledger: Ledger) -> Live | None:
    try:
        return grafana.read(Kind.DASHBOARD, ledger.uid)
    except DeniedError as error:
        what_to_do = f"ask an Admin to give it the permission Edit on the dashboard '{ledger.uid}'"
        raise GrafanaError(
            f"this account may not see what project '{ledger.project}' pushed: {error}; "
            "push with an account "
            f"that has the role Admin, or {what_to_do}"
        ) from error


def _about(grafana: Grafana) -> About:
    shown = grafana.client.connection.shown
    try:
        with Client(grafana.client.connection.hurried) as client:
            return Grafana(client).about()
    except UnansweredError as error:
        what_to_check = (
            "check the address and the port, that Grafana runs, and anything in between (proxy, "
            "firewall, VPN)"
        )
        raise GrafanaError(f"no Grafana answers at {shown}: {error}; {what_to_check}") from error
    except DeniedError as error:
        what_to_check = "check the token or the password, and that it belongs to this Grafana"
        raise GrafanaError(f"{shown} refused the credentials: {error}; {what_to_check}") from error
    except NotFoundError as error:
        what_to_check = "check the URL and its path, and the organization's id"
        raise GrafanaError(
            f"{shown} is not a Grafana, or has no such organization: {error}; {what_to_check}"
        ) from error


def _listed(list_of: Callable[[Client], Sequence[Listed]], client: Client) -> Sequence[Listed]:
    try:
        return list_of(client)
    except (DeniedError, NotFoundError):
        # Whoever may not list them is told so of each that is to be pushed; a Grafana may have no
        # alerting.
        return ()


def _flat(folder: Resource) -> Resource:
    """A folder at the root with its path as its title, as `gk build` has it: Grafana before 11
    nests none."""
    return replace(folder, folder="", json=canonical({"uid": folder.uid, "title": folder.title}))


def in_parallel(
    work: Callable[[T], R], items: Iterable[T], workers: int, done: Callable[[], None]
) -> list[R]:
    """The results of `work` in the order of `items`, `workers` at a time; `done` is called after
    each."""

    def run(item: T) -> R:
        result = work(item)
        done()
        return result

    pool = ThreadPoolExecutor(workers)
    try:
        return list(pool.map(run, items))
    finally:
        # Ctrl-C ends what runs, not what waits.
        pool.shutdown(wait=True, cancel_futures=True)
