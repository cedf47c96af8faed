"""The page of a comparison as somebody reads it: what its HTML says, as values.

    page = read(html(diff))
    page.said.changes[0].parts[0].edits[0].new == "sum(orders_open)"

It is read by its marks (elements, classes, labels), without knowing how it is made. A link is read
as what it says and the place that it leads to. Signs and the words beside them are read together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder

__all__ = ["Cause", "Change", "Edit", "Link", "Page", "Panel", "Part", "Picture", "Said", "read"]

_VOID = frozenset(("br", "hr", "img", "input", "link", "meta"))
_FATES = frozenset(("added", "removed", "changed", "moved"))


class Link(NamedTuple):
    """What is said of a place, and the place: `dashboard orders`, `dashboard orders, panel
    Requests`, `cause unit`; empty without a link."""

    text: str
    place: str


class Edit(NamedTuple):
    """A field and its values, None on a side without one. What causes tell has them as links, and
    may have no values of its own: both are None then."""

    field: str
    old: str | None
    new: str | None
    causes: tuple[Link, ...] = ()


class Part(NamedTuple):
    """A part of a change; without kind and name the settings of the whole, which have no sign."""

    mark: str
    kind: str
    name: str
    row: str
    edits: tuple[Edit, ...]


class Panel(NamedTuple):
    """A panel in a picture: its title and where that leads, what became of it and what is said of
    that, and where it is: column, columns, pixels from the top, pixels."""

    title: Link
    type: str
    fate: str
    words: str
    box: tuple[int, ...]


class Picture(NamedTuple):
    """A side of a dashboard."""

    caption: str
    height: int
    panels: tuple[Panel, ...]


class Change(NamedTuple):
    """What became of an object. `where` has its folder, and the line of its definition."""

    mark: str
    kind: str
    title: str
    uid: str
    where: tuple[str, ...]
    unknown: str
    facts: tuple[Edit, ...]
    history: tuple[str, ...]
    pictures: tuple[Picture, ...]
    parts: tuple[Part, ...]


class Cause(NamedTuple):
    """What changed in many places."""

    title: str
    summary: str
    edits: tuple[Edit, ...]
    places: tuple[Link, ...]


class Said(NamedTuple):
    """All that a page says of a comparison, from its heading to its end."""

    sides: tuple[str, ...]
    counts: tuple[str, ...]
    contents: tuple[Link, ...]
    notes: tuple[str, ...]
    problems: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    """For each side the lines and the mistakes."""
    risks: tuple[tuple[str, Link], ...]
    """Each with its level."""
    causes: tuple[Cause, ...]
    changes: tuple[Change, ...]


class Page(NamedTuple):
    """What a page says, and what it is made of: elements with the names of their attributes."""

    said: Said
    ids: tuple[str, ...]
    links: frozenset[str]
    """The ids that links lead to."""
    elements: frozenset[tuple[str, ...]]


def read(text: str) -> Page:
    """Read a page, in which every element has to be closed where it was opened."""
    root = _Parser(text).root
    return Page(
        _Reader(root).said(),
        tuple(element.attrib["id"] for element in root.iter() if "id" in element.attrib),
        frozenset(element.attrib["href"].removeprefix("#") for element in root.iter("a")),
        frozenset((element.tag, *sorted(element.attrib)) for element in root.iter()),
    )


class _Parser(HTMLParser):
    """The elements of a page as a tree."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._tree = TreeBuilder()
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert [] == self._open
        self.root: Element = self._tree.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), attrs
        self._tree.start(tag, {name: value or "" for name, value in attrs})
        if tag in _VOID:
            self._tree.end(tag)
        else:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert [tag] == self._open[-1:]
        self._open.pop()
        self._tree.end(tag)

    def handle_data(self, data: str) -> None:
        if self._open:
            self._tree.data(data)


class _Reader:
    """Reads what there is at the marks of a page."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._places = dict(_places(root))

    def said(self) -> Said:
        root, main = self._root, _one(self._root, "main")
        return Said(
            sides=tuple(_text(side) for side in _all(_one(root, "h1"), "bdi", "of")),
            counts=tuple(
                _words(badge) for badge in _all(_one(root, "p", "counts"), "span", "badge")
            ),
            contents=tuple(self._link(link) for nav in _all(root, "nav") for link in nav.iter("a")),
            notes=tuple(
                _words(note)
                for part in (main, _one(main, "", "changes"))
                for note in part
                if note.tag == "p"
            ),
            problems=tuple(
                self._problems(section) for section in _all(main, "section", "problems")
            ),
            risks=tuple(
                (
                    f"{item.attrib['class']} {_text(_one(item, 'span', 'level'))}",
                    self._link(item[1]),
                )
                for section in _all(main, "section", "risks")
                for item in section.iter("li")
            ),
            causes=tuple(self._cause(section) for section in _all(main, "section", "cause")),
            changes=tuple(self._change(article) for article in _all(main, "article", "change")),
        )

    def _link(self, element: Element) -> Link:
        """The link that an element is or has, or its text without one."""
        link = next(element.iter("a"), None)
        if link is None:
            return Link(_words(element), "")
        return Link(_words(link), self._places[link.attrib["href"].removeprefix("#")])

    def _problems(self, section: Element) -> tuple[str, tuple[tuple[str, str], ...]]:
        lines = [(_of(item, "code"), _of(item, "span", "message")) for item in section.iter("li")]
        return _of(section, "bdi"), tuple(lines)

    def _cause(self, section: Element) -> Cause:
        places = _one(section, "details", "places").iter("li")
        return Cause(
            _of(_one(section, "h3"), "bdi"),
            _of(section, "span", "summary"),
            self._edits(section),
            tuple(self._link(place) for place in places),
        )

    def _change(self, article: Element) -> Change:
        heading = _one(_one(article, "summary"), "h3")
        badge = _one(heading, "span", "badge")
        assert article.attrib["class"].split()[1:] == badge.attrib["class"].split()[1:]
        return Change(
            mark=f"{badge.attrib['class'].partition(' ')[2]} {_words(badge)}",
            kind=_of(heading, "span", "kind"),
            title=_of(heading, "bdi", "name"),
            uid=_of(heading, "span", "uid"),
            where=tuple(_words(element) for element in _one(article, "p", "where")),
            unknown=_of(article, "p", "unknown-why"),
            facts=tuple(self._edit(fact) for dl in _all(article, "dl", "facts") for fact in dl),
            history=tuple(_words(item) for ul in _all(article, "ul", "history") for item in ul),
            pictures=tuple(self._picture(figure) for figure in article.iter("figure")),
            parts=tuple(self._part(section) for section in _all(article, "section", "part")),
        )

    def _picture(self, figure: Element) -> Picture:
        grid = _one(figure, "div", "grid")
        (height,) = re.findall(r"\bb(\d+)", grid.attrib["class"])
        panels = tuple(self._panel(panel) for panel in _all(grid, "", "panel"))
        return Picture(_of(figure, "figcaption"), int(height), panels)

    def _panel(self, element: Element) -> Panel:
        names = element.attrib["class"].split()
        signs = [
            f"{sign.text or ''} {sign.get('aria-label')}" for sign in _all(element, "", "sign")
        ]
        return Panel(
            Link(_of(element, "bdi"), self._link(element).place),
            "row" if "bar" in names else _of(element, "small"),
            " ".join([*(name for name in names if name in _FATES), *signs]),
            element.get("title", ""),
            tuple(int(name[1:]) for name in names if re.fullmatch(r"[xwth]\d+", name)),
        )

    def _part(self, section: Element) -> Part:
        heading = _one(section, "h4")
        mark = section.attrib["class"].partition(" ")[2]
        for sign in _all(heading, "span", "sign"):
            assert mark == sign.attrib["class"].partition(" ")[2]
            mark = f"{mark} {sign.text} {sign.get('aria-label')}"
        row = [_of(span, "bdi") for span in _all(heading, "span", "in-row")]
        kind, name = _of(heading, "span", "kind"), _of(heading, "bdi", "name")
        return Part(mark, kind, name, "".join(row), self._edits(section))

    def _edits(self, element: Element) -> tuple[Edit, ...]:
        return tuple(self._edit(edit) for edit in _all(element, "div", "edit"))

    def _edit(self, element: Element) -> Edit:
        causes = [self._link(link) for note in _all(element, "p", "note") for link in note]
        return Edit(_of(element, "dt"), *_values(element), tuple(causes))


def _values(edit: Element) -> tuple[str | None, str | None]:
    """The old and the new value, in columns with labels or on one line. Both have what is not
    marked; where there is only one, nothing is."""
    by_label: dict[str, Element] = {}
    for side in _all(edit, "div", "side"):
        by_label[_of(side, "span", "label")] = _one(side, "code")
    for name, label in (("was", "old"), ("now", "new")):
        by_label.update((label, value) for value in _all(edit, "", name))
    old, new = by_label.pop("old", None), by_label.pop("new", None)
    assert {} == by_label
    if old is not None and new is not None:
        assert _unmarked(old) == _unmarked(new)
        assert {"del", "ins"} >= {mark.tag for mark in (*old, *new)}
        assert len(old) + len(new) > 0
        return _text(old), _text(new)
    assert [] == [*([] if old is None else old), *([] if new is None else new)]
    return None if old is None else _text(old), None if new is None else _text(new)


def _unmarked(value: Element) -> str:
    return (value.text or "") + "".join(mark.tail or "" for mark in value)


def _places(root: Element) -> Iterator[tuple[str, str]]:
    """What there is at each id: a change, a part of one, a cause, or else the id."""
    yield from ((element.attrib["id"],) * 2 for element in root.iter() if "id" in element.attrib)
    for section in _all(root, "section", "cause"):
        yield section.attrib["id"], f"cause {_of(_one(section, 'h3'), 'bdi')}"
    for article in _all(root, "article", "change"):
        heading = _one(article, "summary")
        uid = _of(heading, "span", "uid") or _of(heading, "bdi", "name")
        change = f"{_of(heading, 'span', 'kind')} {uid}"
        yield article.attrib["id"], change
        for section in _all(article, "section", "part"):
            name = f"{_of(section, 'span', 'kind')} {_of(section, 'bdi', 'name')}".strip()
            yield section.attrib["id"], f"{change}, {name or 'itself'}"


# Elements


def _all(element: Element, tag: str = "", name: str = "") -> Iterator[Element]:
    """Those below it of a tag and a class, where these are given."""
    for inner in element.iter(tag or None):
        if inner is not element and (not name or name in inner.get("class", "").split()):
            yield inner


def _one(element: Element, tag: str = "", name: str = "") -> Element:
    """The first of them, which has to be there."""
    return next(_all(element, tag, name))


def _of(element: Element, tag: str = "", name: str = "") -> str:
    """The text of the first of them; nothing if there is none."""
    return "".join(_text(inner) for inner in [*_all(element, tag, name)][:1])


def _text(element: Element) -> str:
    return "".join(element.itertext())


def _words(element: Element) -> str:
    return " ".join(_text(element).split())
