"""Searches the documents of the new side for names that are gone."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from gk.diff.codes import Code
from gk.diff.model import Change, Mark, Part
from gk.forms.plurals import counted
from gk.resource import Kind, Resource

__all__ = ["Search", "is_gone_series", "named"]

T = TypeVar("T")
Titled = tuple[str, str]
"""Kind and title of a resource."""


def is_gone_series(part: Part) -> bool:
    """Whether a part is a recording rule that was removed or renamed, so that its series ends."""
    is_renamed = any(edit.code is Code.NAME for edit in part.edits)
    return part.kind == "recording rule" and (part.mark is Mark.REMOVED or is_renamed)


class Search:
    """Finds the resources of the new side that contain a name."""

    def __init__(self, changes: Sequence[Change], resources: Sequence[Resource]) -> None:
        self._resources = resources
        # Bytes, because the search splits the documents without decoding them.
        self._gone_series = {
            (part.ids[0] or part.name).encode("utf-8", "replace"): part.ids[0] or part.name
            for change in changes
            for part in change.parts
            if is_gone_series(part)
        }
        self.alerts = {
            (change.kind, part.name): change.title
            for change in changes
            for part in change.parts
            if part.kind == "alert" and part.mark is Mark.ADDED
        }
        self.recorded = {
            part.name
            for change in changes
            for part in change.parts
            if part.kind == "recording rule" and part.mark is Mark.ADDED
        }

    def linking(self, uid: str) -> Sequence[Titled]:
        """The resources that link to a dashboard."""
        return self._linking.get(uid, ())

    def setting(self, uid: str, variable: str) -> Sequence[Titled]:
        """The resources with a link to a dashboard that sets a variable."""
        return self._setting.get((uid, variable), ())

    def asking(self, uid: str) -> Sequence[Titled]:
        """The resources that query a data source."""
        return self._asking.get(uid, ())

    def having(self, metric: str) -> Sequence[Titled]:
        """The resources that read a gone series."""
        return self._having.get(metric, ())

    # Each of these reads all documents once, no matter how many names are searched.

    @cached_property
    def _linking(self) -> Mapping[str, Sequence[Titled]]:
        return _by_name(self._resources, _linked)

    @cached_property
    def _setting(self) -> Mapping[tuple[str, str], Sequence[Titled]]:
        return _by_name(self._resources, _set)

    @cached_property
    def _asking(self) -> Mapping[str, Sequence[Titled]]:
        return _by_name(self._resources, _asked)

    @cached_property
    def _having(self) -> Mapping[str, Sequence[Titled]]:
        words = self._gone_series.keys()
        return _by_name(
            self._resources,
            lambda document: {
                self._gone_series[word] for word in words & {*document.translate(_SERIES).split()}
            },
        )


def _by_name(
    resources: Sequence[Resource], names_in: Callable[[bytes], Iterable[T]]
) -> Mapping[T, Sequence[Titled]]:
    """The resources by the names in their documents, without duplicates."""
    users: dict[T, dict[Titled, None]] = defaultdict(dict)
    for resource in resources:
        # A data source would count as a user of itself.
        if resource.kind is not Kind.DATASOURCE:
            titled = resource.kind.noun, resource.title
            for name in names_in(resource.json):
                users[name][titled] = None
    return {name: list(titled) for name, titled in users.items()}


# A link ends with its text, in JSON, or in the Markdown or HTML of a text panel.
_LINK = re.compile(r"/d/([^/?#&'\"\s\\()<>]+)([^\"\s]*)")
_SET = re.compile(r"var-([^=&\"\s]+)=")
_DRAWN = re.compile(r'"__dashboardUid__": "([^"\\]*)"')
_SERIES = bytes(
    byte if chr(byte).isalnum() or byte > 127 or chr(byte) in "_:" else 32 for byte in range(256)
)
"""Replaces all bytes that no series name contains with spaces."""
_UID = re.compile(r'id": "((?:[^"\\]|\\.)*)"')


def _linked(document: bytes) -> set[str]:
    """The uids of the dashboards that a document links to, or in whose panels its alerts are
    drawn."""
    text = _text(document)
    return {*(uid for uid, _ in _LINK.findall(text)), *_DRAWN.findall(text)}


def _set(document: bytes) -> set[tuple[str, str]]:
    """The variables that a document's links set, with the uid of the linked dashboard."""
    return {
        (uid, name) for uid, rest in _LINK.findall(_text(document)) for name in _SET.findall(rest)
    }


def _asked(document: bytes) -> set[str]:
    """The uids of the data sources in a document."""
    text, uids = _text(document), set()
    for match in _UID.finditer(text):
        # Only the keys `uid` and `datasourceUid`, not others that end in `id`.
        if text.endswith(('"u', '"datasourceU'), 0, match.start()):
            uids.add(json.loads(f'"{match[1]}"', strict=False))
    return uids


def _text(document: bytes) -> str:
    return document.decode("utf-8", "replace")


def named(users: Sequence[Titled], verb: str) -> str:
    """`dashboard 'Node' still links`, `7 dashboards and 4 rule groups still link`, or empty
    without users."""
    if not users:
        return ""
    if len(users) == 1:
        kind, title = users[0]
        return f"{kind} '{title}' {verb}s"
    if len(users) == 2:
        return f"{' and '.join(f'{kind} {title!r}' for kind, title in users)} {verb}"
    kinds = Counter(kind for kind, _ in users)
    numbers = " and ".join(counted(number, kind) for kind, number in kinds.items())
    return f"{numbers} {verb}"
