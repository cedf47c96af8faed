"""The examples of the reference: docs/pictures.py draws them, and tests build them.

An example is a block of Python, after a paragraph that names its file, or without one if it is a
panel. A picture after the block shows the panel.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Example", "examples"]

REFERENCE = Path(__file__).parent / "reference"
_PARTS = re.compile(
    r"^`(?P<path>[\w/]+\.py)`:$|^```python\n(?P<code>.*?)^```$|^!\[[^\]\n]*\]\((?P<picture>\S+)\)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass
class Example:
    """A block of code on a page, the file that it is, and the picture of it."""

    page: str
    line: int
    path: str
    code: str
    picture: str = ""

    @property
    def name(self) -> str:
        """Where it is, for messages."""
        return f"{self.page}.md:{self.line}"

    @property
    def files(self) -> dict[str, str]:
        """The files of a project with this example, and with those that others import. A panel is
        on a dashboard."""
        return {**_common(), self.path: self.code + self._dashboard()}

    def _dashboard(self) -> str:
        if self.path != _PANEL:
            return ""
        *_, panel = (node for node in ast.parse(self.code).body if isinstance(node, ast.Assign))
        name = ast.unparse(panel.targets[0])
        return (
            "\n\nimport gk\nfrom dashboards import shop\n"
            f"example = gk.Dashboard('Example', exporter=shop, panels=[{name}])\n"
        )


_PANEL = "dashboards/example.py"
_SHARED = ("dashboards/shop.py", "datasources/stores.py")
"""The examples that others import."""


def _common() -> dict[str, str]:
    return {each.path: each.code for each in examples() if each.path in _SHARED}


def examples() -> list[Example]:
    """All of them, page by page."""
    return [each for page in sorted(REFERENCE.glob("*.md")) for each in of(page)]


def of(page: Path) -> list[Example]:
    text, found, path = page.read_text("utf-8"), list[Example](), ""
    for part in _PARTS.finditer(text):
        if part["code"]:
            line = text.count("\n", 0, part.start()) + 1
            found.append(Example(page.stem, line, path or _PANEL, part["code"]))
        elif part["picture"]:
            found[-1].picture = Path(part["picture"]).stem
        path = part["path"] or ""
    return found
