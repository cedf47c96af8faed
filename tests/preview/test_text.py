"""Text panels of a preview: Markdown and HTML without what could run, or ask anybody."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect

from gk.preview.kinds import text
from gk.preview.theme import DARK
from tests.cases import every
from tests.chromium import Chromium
from tests.previews import JSON, drawn, page, panel, texts_of

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)
HOSTILE = [
    "<![a](http://127.0.0.1:9/a.png)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    f'<img src="{PIXEL}" onload=alert(1)>',
    '<img src="data:text/html,<script>alert(1)</script>">',
    "[a](javascript:alert(1))",
    "[a](java&#115;cript:alert(1))",
    '<a href="javascript:alert(1)">a</a>',
    '<a href="java\nscript:alert(1)">a</a>',
    '<a href=" &#14; javascript:alert(1)">a</a>',
    '<a href="data:text/html,<script>alert(1)</script>">a</a>',
    '<a href="vbscript:alert(1)">a</a>',
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>a</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></math>",
    '<iframe src="http://127.0.0.1:9/"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="http://127.0.0.1:9/"></object><embed src="http://127.0.0.1:9/">',
    "<style>body { display: none }</style>",
    '<p style="background: url(http://127.0.0.1:9/)">a</p>',
    '<p style="position: fixed; inset: 0">a</p>',
    '<meta http-equiv="refresh" content="0; url=http://127.0.0.1:9/">',
    '<base href="http://127.0.0.1:9/"><a href="a">a</a>',
    '<link rel="stylesheet" href="http://127.0.0.1:9/">',
    '<form action="http://127.0.0.1:9/"><input autofocus onfocus=alert(1)></form>',
    "<details open ontoggle=alert(1)><summary>a</summary></details>",
    '<video src="http://127.0.0.1:9/" onerror=alert(1)></video>',
    '<div class="top panel" id="main" popover>a</div>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "</div></section></body><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<template><script>alert(1)</script></template>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "![a](http://127.0.0.1:9/a.png)",
    "`</code><script>alert(1)</script>`",
]
ELEMENTS = {
    "a", "b", "blockquote", "br", "code", "details", "div", "em", "h1", "h2", "hr", "img", "li",
    "ol", "p", "pre", "span", "strong", "summary", "s", "table", "tbody", "td", "th", "thead", "tr",
    "ul",
}  # fmt: skip
ATTRIBUTES = {
    "align", "alt", "class", "colspan", "height", "href", "rel", "rowspan", "span", "src", "start",
    "target", "title", "value", "width",
}  # fmt: skip


def shown(content: Any, mode: str = "markdown", **keys: Any) -> text.Text:
    """What a text panel shows."""
    return text.view(panel("text", options={"mode": mode, "content": content}, **keys))


class _Elements(HTMLParser):
    """The elements of HTML, their attributes and addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.classes: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        self.classes += [
            word for name, value in attrs if name == "class" for word in (value or "").split()
        ]


# What is shown


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("# Title", "<h1>Title</h1>\n"),
        ("a **b** ~~c~~", "<p>a <strong>b</strong> <s>c</s></p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("```\na < b\n```", "<pre><code>a &lt; b\n</code></pre>\n"),
        ("a\r\nb", "<p>a\nb</p>\n"),
        (
            "[a](https://x.example/?a=1&b=2)",
            '<p><a href="https://x.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">'
            "a</a></p>\n",
        ),
        ("[a](/d/b)", '<p><a href="/d/b" target="_blank" rel="noopener noreferrer">a</a></p>\n'),
    ],
)
def test_markdown_is_as_in_grafana(content: str, expected: str) -> None:
    assert expected == shown(content).markup


def test_html_in_markdown_is_html() -> None:
    assert "<p>a <b>b</b></p>\n" == shown("a <b>b</b>").markup


def test_html_is_not_markdown() -> None:
    assert "*a* <b>b</b>" == shown("*a* <b>b</b>", "html").markup


def test_code_is_what_it_is() -> None:
    content = shown(
        "<b>&amp;\n  # $x", "code", interpolate=lambda text: text.replace("$x", "&lt;i&gt;")
    )
    assert "&lt;b&gt;&amp;amp;\n  # &lt;i&gt;" == content.markup
    assert "<b>&amp;\n  # <i>" == str(content)


def test_the_text_is_there_without_its_markup() -> None:
    assert "Title\na b\none\n1 2" == str(
        shown("# Title\n\na **b**\n\n- one\n\n| 1 | 2 |\n|---|---|\n")
    )


@pytest.mark.parametrize("mode", ["markdown", "html"])
def test_values_of_variables_come_as_html_and_stay_harmless(mode: str) -> None:
    markup = shown("a $x $y", mode, interpolate=_interpolated).markup
    assert "a &lt;b&gt; <i>c</i>" in markup
    assert "script" not in markup


def _interpolated(text: str) -> str:
    """With x for `<b>`, and with y for HTML that its author wanted raw."""
    return text.replace("$x", "&lt;b&gt;").replace("$y", "<i>c</i><script>alert(1)</script>")


def test_a_picture_of_another_place_is_a_link_to_it() -> None:
    markup = shown("![Plan](https://x.example/a.png)").markup
    assert ("<p><a href=", '"https://x.example/a.png"') == (markup[:11], markup[11:36])
    assert ">Plan</a>" in markup


def test_a_page_inside_of_a_text_is_a_link_to_it() -> None:
    markup = shown('<iframe src="https://x.example/" width=9></iframe>', "html").markup
    assert ('<a href="https://x.example/"', "</a>") == (markup[:28], markup[-4:])


def test_a_picture_in_a_data_url_is_a_picture(browser: Chromium) -> None:
    seen = browser.open(page(text.html(shown(f"![Plan]({PIXEL})"))))
    assert 1 == seen.page.evaluate("document.querySelector('img').naturalWidth")
    assert ([], []) == (
        seen.console,
        [url for url in seen.requests if not url.startswith("data:")],
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('<p style="color: #F00">a</p>', '<p class="ink paint-xff0000">a</p>'),
        ('<p style="color:red;text-align:center">a</p>', '<p class="ink paint-red center">a</p>'),
        ('<p style="background: #112233">a</p>', '<p class="ground paint-x112233">a</p>'),
        ('<font color="green">a</font>', '<span class="ink paint-green">a</span>'),
        ('<p style="color: var(--x)">a</p>', "<p>a</p>"),
        ('<p class="top ink">a</p>', "<p>a</p>"),
    ],
)
def test_simple_styles_are_classes(content: str, expected: str) -> None:
    assert expected == shown(content, "html").markup


@pytest.mark.parametrize("options", [{}, {"content": 5}, {"content": None, "mode": []}])
def test_without_content_nothing_is_shown(options: Any) -> None:
    assert "" == str(text.view(panel("text", options=options)))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a<![CDATA[b]]>c", "ac"),
        ("a<![b](c)", "a"),
        ("a<<!-- -->![b]>c", "a&lt;![b]&gt;c"),
        ("a<<![b]>![c]>d", "a&lt;![c]&gt;d"),
    ],
)
def test_what_browsers_take_for_a_comment_is_not_shown(content: str, expected: str) -> None:
    """What is left by its removal is a text."""
    assert expected == shown(content, "html").markup


# What is not


@every("mode", ["markdown", "html", "code"])
@every("content", HOSTILE)
def test_hostile_content_has_only_elements_and_addresses_that_are_harmless(
    content: str, mode: str
) -> None:
    assert_harmless(shown(content, mode).markup)


@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=5), max_size=5), st.integers(0, 9))
def test_whatever_the_content_is_it_is_harmless(pieces: list[str], cut: int) -> None:
    for mode in ("markdown", "html"):
        assert_harmless(shown("".join(pieces)[cut:], mode).markup)


def assert_harmless(html: str) -> None:
    parsed = _Elements(html)
    assert set() == parsed.elements - ELEMENTS
    assert set() == parsed.attributes - ATTRIBUTES
    assert [] == [
        address
        for address in parsed.addresses
        # Browsers skip white space and control characters in a scheme.
        if re.match(
            r"(?!https?:|data:image/)[a-z][a-z0-9+.-]*:", re.sub(r"[\0- ]", "", address), re.I
        )
    ]
    own = ("paint-", "ink", "ground", "center", "right")
    assert [] == [name for name in parsed.classes if not name.startswith(own)]


@pytest.mark.parametrize("mode", ["markdown", "html", "code"])
def test_hostile_content_runs_nothing_and_asks_nobody(browser: Chromium, mode: str) -> None:
    bodies = [text.html(shown(content, mode)) for content in HOSTILE]
    seen = browser.open(page(*bodies))
    for link in seen.page.locator("a[href^='#'], summary").all():
        link.click()
    assert len(HOSTILE) == seen.page.locator(".body > .text, .body > .code").count()
    expect(seen.page.locator("body")).to_be_visible()
    asked = [url for url in seen.requests if not url.startswith("data:image/")]
    assert ([], [], []) == (seen.console, asked, seen.dialogs)
    assert "A page" == seen.page.title()


@pytest.mark.parametrize("piece", ["<div>", "<b>", "<!--", "<ul><li>", "<svg>", "> "])
def test_content_that_is_deep_takes_no_longer(piece: str) -> None:
    content = shown(piece * (100_000 // len(piece)), "html")
    assert content.markup.count("<div>") <= 100


# Pictures


def test_a_picture_has_the_lines_that_fit() -> None:
    svg = drawn(panel("text", options={"content": "# Title\n\none two three"}), 60, 200)
    assert ["Title", "one two", "three"] == texts_of(svg)


def test_a_picture_says_that_there_is_more() -> None:
    svg = drawn(panel("text", options={"content": "a\n\n" * 9}), 60, 60)
    assert ["a", "…"] == texts_of(svg)


@given(st.text(), st.sampled_from(["markdown", "html", "code"]))
def test_any_content_makes_a_picture(content: str, mode: str) -> None:
    drawn(panel("text", options={"mode": mode, "content": content}))


@given(JSON)
def test_any_options_make_a_picture(options: Any) -> None:
    drawn(panel("text", options=options))


def test_the_same_text_gives_the_same_bytes() -> None:
    one, other = (shown("# a\n\n<p style='color:red' class=x>b</p>") for _ in range(2))
    assert text.html(one) == text.html(other)
    assert text.draw(one, 300, 200, DARK) == text.draw(other, 300, 200, DARK)
