"""Where Python imports from, as seen from a repository: the folders inside it, whose modules come
from each revision, and those outside, whose modules both sides share."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

__all__ = ["Imports"]


class Imports(NamedTuple):
    """`outside` are folders of the machine, `inside` folders of the repository, relative to its
    top. `installed` are the packages that were installed as a copy from inside the repository."""

    outside: list[str]
    inside: list[str]
    installed: list[str]

    @classmethod
    def of(cls, top: Path, root: Path) -> Imports:
        """Where this process imports from, for the repository at `top` and the project in it."""
        outside, inside = [], []
        for path in dict.fromkeys(Path(path).resolve() for path in sys.path if path):
            if not path.is_relative_to(top) or _is_environment(path, top):
                outside.append(str(path))
            elif path != root.resolve():
                # Those of the project itself come first anyway.
                inside.append(path.relative_to(top).as_posix())
        for path in _editable():
            if path.is_relative_to(top) and not _is_environment(path, top):
                inside.append(path.parent.relative_to(top).as_posix())
        inside = list(dict.fromkeys("" if path == "." else path for path in inside))
        return cls(outside, inside, sorted(set(_copies(top))))


def _is_environment(path: Path, top: Path) -> bool:
    """Whether a path is in a virtual environment inside the repository."""
    # Python's own prefix may contain the repository: /usr and /usr/src/app.
    prefix = Path(sys.prefix)
    return prefix.is_relative_to(top) and path.is_relative_to(prefix)


def _editable() -> Iterator[Path]:
    """The packages that editable installs of setuptools map to folders by a finder."""
    for finder in sys.meta_path:
        module = sys.modules.get(getattr(finder, "__module__", ""))
        mapping = getattr(module, "MAPPING", None)
        if isinstance(mapping, dict) and module and module.__name__.startswith("__editable__"):
            yield from (Path(path).resolve() for name, path in mapping.items() if name != "gk")


def _copies(top: Path) -> Iterator[str]:
    """The top-level packages of distributions that pip installed from a folder of the repository
    (PEP 610)."""
    for folder in map(Path, sys.path):
        for direct in folder.glob("*.dist-info/direct_url.json"):
            try:
                about = json.loads(direct.read_text(encoding="utf-8"))
                url = urlsplit(about["url"])
                is_editable = about.get("dir_info", {}).get("editable", False)
                record = direct.with_name("RECORD").read_text(encoding="utf-8")
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                continue
            is_ours = url.scheme == "file" and Path(unquote(url.path)).resolve().is_relative_to(top)
            if is_ours and not is_editable:
                yield from _packages(record)


def _packages(record: str) -> Iterator[str]:
    for line in record.splitlines():
        name, slash, _ = line.partition("/")
        if slash and name.isidentifier() and name != "gk":
            yield name
