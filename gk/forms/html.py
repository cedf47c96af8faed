"""Self-contained HTML pages, which forms render from templates beside them.

What a page shows is untrusted: titles, queries and labels. The template escapes every expression,
characters that nobody would see are shown by their number, and the page's content security policy
allows only the style and the script of the page.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gk.forms import visible

__all__ = ["file_of", "policy", "templates_of"]


@cache
def templates_of(package: str) -> Environment:
    """The templates of a package."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        finalize=_visible,
        # A typo in the template fails instead of showing nothing.
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _visible(value: Any) -> Any:
    """Make every character of a text visible; markup of the template stays as it is."""
    return value if isinstance(value, Markup) else visible(str(value))


@cache
def file_of(package: str, name: str) -> str:
    """The text of a file beside the templates of a package."""
    source, _, _ = PackageLoader(package).get_source(templates_of(package), name)
    return source


def policy(style: str, script: str = "", *, is_served: bool = False) -> str:
    """A content security policy under which the browser makes no requests, with the hashes of the
    page's style and script; if the page is served, its script may ask that server. The icon is an
    empty data URL in the page, which img-src allows."""
    scripts = f"script-src {_hash(script)}; " if script else ""
    own = "connect-src 'self'; " if is_served else ""
    return (
        f"default-src 'none'; style-src {_hash(style)}; {scripts}{own}"
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
