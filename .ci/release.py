"""Check that a tag may be released, and print its notes.

    python .ci/release.py v1.2.0

Its version is that of what is in dist/, and CHANGELOG.md has a section for it, `## 1.2.0 -
2026-12-01`, with at least one line: these are the notes. Exit code 1 if not.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

NAME = "grafana_gk"


def main(arguments: list[str]) -> int:
    """Print the notes of the tag, or every reason that speaks against a release."""
    (tag,) = arguments
    version = tag.removeprefix("v")
    problems = [*built(version), *written(version)]
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    if not problems:
        print(section(version))
    return 1 if problems else 0


def built(version: str) -> Iterator[str]:
    """What is wrong with the files in dist/."""
    expected = {f"{NAME}-{version}.tar.gz", f"{NAME}-{version}-py3-none-any.whl"}
    there = {file.name for file in Path("dist").glob(f"{NAME}-*")}
    for name in sorted(expected - there):
        yield f"dist/{name} is missing: run `make dist` at the tag, in a clone that has its tags"
    for name in sorted(there - expected):
        yield f"dist/{name} is not of version {version}"


def written(version: str) -> Iterator[str]:
    """What is wrong with the section of the changelog."""
    if section(version) is None:
        yield f"CHANGELOG.md: has no section `## {version} - YEAR-MONTH-DAY`; rename Unreleased"
    elif not section(version):
        yield f"CHANGELOG.md: the section {version} is empty"


def section(version: str) -> str | None:
    """The text of the version's section; None if there is none."""
    text = Path("CHANGELOG.md").read_text("utf-8")
    heading = rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d$"
    found = re.search(rf"{heading}(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
