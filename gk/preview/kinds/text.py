"""Text panels: Markdown and HTML, of which only what is harmless stays, and code as plain text.

The content is untrusted, and so are the values of variables in it. nh3 has the last word on the
markup: nothing is added to it afterwards. Images load only from data: URLs, because the page asks
nobody for anything; others become links, and so do pages inside of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from html.parser import HTMLParser

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from gk.forms import visible
from gk.forms.html import templates_of
from gk.preview import classes
from gk.preview.kinds.lines import Line, drawn, wrapped
from gk.preview.links import is_safe
from gk.preview.model import Shown
from gk.preview.parts import word
from gk.preview.theme import Theme

__all__ = ["Text", "draw", "html", "view"]

_MOST = 100_000
"""Letters of a text that are shown."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text: `markup` is harmless HTML, or in the mode "code" the escaped text. `blocks` are its
    paragraphs, headings and items as plain text."""

    mode: str
    markup: Markup
    blocks: Sequence[Block] = ()

    def __str__(self) -> str:
        return "\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text with lines of its own, and the element that it is in: p, h1, li, td, pre."""

    text: str
    element: str = "p"


def view(shown: Shown) -> Text:
    """The content of the panel, with the values of its variables in it."""
    mode = word(shown.options, "mode")
    content = word(shown.options, "content")[:_MOST].replace("\r\n", "\n")
    if mode == "code":
        code = visible(_as_code(content, shown.interpolate))
        return Text("code", escape(code), [Block(line, "pre") for line in code.splitlines()])
    content = visible(shown.interpolate(content))
    markup = harmless(content if mode == "html" else _markdown().render(content))
    return Text("html" if mode == "html" else "markdown", markup, _Blocks(markup).blocks)


# $name, ${name}, ${name:format}, [[name]]
_VARIABLE = re.compile(r"\$\{[^{}]*\}|\$\w+|\[\[[^\[\]]*\]\]")


def _as_code(text: str, interpolate: Callable[[str], str]) -> str:
    """The text with values in it as they are: those of a text panel come as HTML."""
    return _VARIABLE.sub(lambda match: unescape(interpolate(match[0])), text)


@cache
def _markdown() -> MarkdownIt:
    # Grafana's is GitHub's dialect, with HTML in it.
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


# What is harmless

_ELEMENTS = frozenset(
    (
        "a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col",
        "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure",
        "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p",
        "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "summary",
        "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
    )
)  # fmt: skip
_ATTRIBUTES = {
    "*": {"class", "title"},
    "a": {"href"},
    "col": {"span", "width"},
    "img": {"alt", "height", "src", "width"},
    "li": {"value"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan", "width"},
    "th": {"align", "colspan", "rowspan", "width"},
}
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml)[;,]", re.IGNORECASE)


def harmless(html: str) -> Markup:
    """HTML without what could run, ask anybody, or look like a part of the page."""
    return Markup(
        nh3.clean(
            _Rewritten(html).text,
            tags=set(_ELEMENTS),
            attributes=_ATTRIBUTES,
            attribute_filter=_attribute,
            url_schemes={"http", "https", "data"},
            link_rel="noopener noreferrer",
            set_tag_attribute_values={"a": {"target": "_blank"}},
        )
    )


def _attribute(element: str, name: str, value: str) -> str | None:
    """The value that an attribute keeps; None removes it."""
    if name == "href":
        return value if is_safe(value) else None
    if name == "src":
        return value if _PICTURE.match(value) else None
    if name == "class":
        own = [name for name in value.split() if _OURS.fullmatch(name)]
        return " ".join(own) or None
    if name in ("width", "height", "span", "colspan", "rowspan", "start", "value"):
        return value if re.fullmatch("[0-9]{1,4}%?", value) else None
    return value


# Classes that stand for styles; no other class of the page can be given.
_OURS = re.compile(r"ink|ground|center|right|paint-(?:x[0-9a-f]{6}|[a-z]{1,30})")


_DEEPEST = 100
"""How deep elements may be in each other: parsers take the square of the depth as time."""
# Elements that end without an end tag.
_ENDLESS = frozenset(
    (
        "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link",
        "meta", "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr",
        "track", "wbr",
    )
)  # fmt: skip


# An open comment is all of the rest; HTMLParser would look for the end of each anew. `<![a]>` is a
# comment for browsers, too, and an AssertionError for HTMLParser (Python 3.10 to 3.13).
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<!\[[^>]*>?", re.DOTALL)


class _Rewritten(HTMLParser):
    """HTML in which images and pages that would not load are links, and simple styles are classes.
    It makes nothing harmless."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self._pieces: list[str] = []
        self._depth = 0
        # What was around a comment may be the begin of another one.
        self.feed(_COMMENT.sub("", html).replace("<![", "&lt;!["))
        self.close()

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self._pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ENDLESS:
            self._depth += 1
            if self._depth > _DEEPEST:
                return
        given = {name: value or "" for name, value in attrs}
        source = given.get("src", "").strip()
        if tag == "iframe" or (tag == "img" and not _PICTURE.match(source)):
            text = given.get("alt") or given.get("title") or source
            self._pieces.append(f'<a href="{escape(source)}">{escape(text)}</a>')
            return
        styles = [given.pop("style", ""), f"color:{given.get('color', '')}" * (tag == "font")]
        own = " ".join(name for style in styles for name in _classes(style))
        given["class"] = own
        said = "".join(f' {name}="{escape(value)}"' for name, value in given.items() if value)
        self._pieces.append(f"<{'span' if tag == 'font' else tag}{said}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # It has no end, as in browsers, which read `<div/>` as an opening tag.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _ENDLESS:
            self._depth = max(0, self._depth - 1)
        self._pieces.append(f"</{'span' if tag == 'font' else tag}>")

    def handle_data(self, data: str) -> None:
        self._pieces.append(data)

    def handle_entityref(self, name: str) -> None:
        self._pieces.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._pieces.append(f"&#{name};")


def _classes(style: str) -> Iterator[str]:
    """The classes for a style attribute: colours, and where the text is."""
    rules = {
        name.strip().lower(): value.strip().lower()
        for name, _, value in (declaration.partition(":") for declaration in style.split(";"))
    }
    ground = rules.get("background-color") or rules.get("background", "")
    # One class sets the colour, so that a text has one, or what is behind it.
    if name := classes.css(ground):
        yield f"ground {name}"
    elif name := classes.css(rules.get("color", "")):
        yield f"ink {name}"
    if rules.get("text-align") in ("center", "right"):
        yield rules["text-align"]


# The page


def html(view: Text) -> Markup:
    """The text as the page shows it."""
    template = templates_of("gk.preview.kinds").get_template("text.html")
    return Markup(template.render(view=view))


# Pictures

_BLOCKS = frozenset(
    (
        "blockquote", "center", "caption", "dd", "details", "div", "dl", "dt", "figcaption",
        "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "section",
        "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
    )
)  # fmt: skip
_CELLS = frozenset(("td", "th"))
# Font sizes of headings in Grafana's text panels.
_SIZES: Mapping[str, float] = {"h1": 28, "h2": 24, "h3": 22, "h4": 18, "h5": 16, "h6": 14}


class _Blocks(HTMLParser):
    """The text of harmless HTML, block by block."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._open: list[str] = ["p"]
        self._text = ""
        # A slice of Markup would escape what is added to it.
        self.feed(str(html))
        self.close()
        self._end()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._end()
            if tag != "hr":
                self._open.append(tag)
        elif tag == "br":
            self._end()
        elif tag in _CELLS and self._text:
            self._text += "  "
        elif tag == "img":
            self._text += dict(attrs).get("alt") or "(picture)"

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end()
            if tag in self._open[1:]:
                del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        self._text += data

    def _end(self) -> None:
        inner = next((tag for tag in reversed(self._open) if tag in _NAMED), "p")
        lines = self._text.splitlines() if inner == "pre" else [" ".join(self._text.split())]
        self.blocks += [Block(line, inner) for line in lines if line.strip()]
        self._text = ""


_NAMED = frozenset((*_SIZES, "li", "pre", "dt", "tr"))


def draw(view: Text, width: float, height: float, theme: Theme) -> Markup:
    """The lines that fit, without what is inside of them: bold letters, links, pictures."""
    return drawn(_lines(view, width, height), width, height, theme)


def _lines(view: Text, width: float, height: float) -> Iterator[Line]:
    used = 0.0
    for block in view.blocks:
        size = _SIZES.get(block.element, 14.0)
        is_code = block.element == "pre"
        indent = 18.0 if block.element == "li" else 0.0
        pieces = [block.text] if is_code else wrapped(block.text, width - indent, size)
        for index, piece in enumerate(pieces):
            gap = 6.0 if index == 0 and used and not is_code else 0.0
            yield Line(
                piece,
                size,
                is_bold=block.element in _SIZES,
                is_code=is_code,
                indent=indent,
                gap=gap,
                bullet=block.element == "li" and index == 0,
            )
            used += size * 1.5 + gap
            if used > height + 2 * size:
                return
