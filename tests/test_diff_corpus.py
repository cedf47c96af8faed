"""Edits of a shop's project, each with what every form says of it.

golden/diff/<edit>.txt has the forms one after the other; of the HTML what is in <main>.
GK_UPDATE_GOLDEN=1 writes them anew. The sides are built as `gk diff` builds them: the last commit
and the working tree, each in a process of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import jsonpatch
import jsonschema
import pytest

from gk.diff.compare import compare
from gk.diff.forms.as_json import as_json
from gk.diff.forms.from_json import from_json
from gk.diff.forms.html import html
from gk.diff.forms.markdown import markdown
from gk.diff.forms.text import text
from gk.diff.model import Diff
from gk.diff.sides.git import parse
from gk.diff.sides.revision import sides
from gk.diff.sides.sandbox import Walls
from tests.conftest import REPOSITORY
from tests.diffs import EDITS, SHOP, write

GOLDEN = Path(__file__).parent / "golden" / "diff"
SCHEMA = json.loads((REPOSITORY / "docs" / "diff.schema.json").read_text("utf-8"))
_COLOR = re.compile(r"\x1b\[[0-9;]*m")


def commit(root: Path) -> None:
    """Make a repository of a folder, with all of it committed."""
    who = {
        f"GIT_{role}_{what}": "shop@example.com"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    for arguments in (
        ["init", "--quiet"],
        ["add", "."],
        ["commit", "--quiet", "--message", "The shop"],
    ):
        subprocess.run(["git", *arguments], cwd=root, env={**os.environ, **who}, check=True)


def compared(edit: str, root: Path) -> Diff:
    """The shop's project before and after an edit."""
    write(root, SHOP)
    commit(root)
    EDITS[edit].write(root)
    # Which walls there are is the machine's.
    return replace(
        compare(*sides(root, parse([]), timeout=60)), walls=Walls(7, seccomp=True, network=True)
    )


def _forms(found: Diff) -> str:
    page = html(found)
    body = page[page.index("<main") : page.index("</main>")]
    forms = {
        "text": _COLOR.sub("", text(found)),
        "markdown": markdown(found),
        "json": as_json(found),
        "html": body,
    }
    shown = "\n".join(f"{f' {name} ':=^100}\n{form.strip()}\n" for name, form in forms.items())
    return re.sub(r"HEAD \([0-9a-f]{7,}\)", "HEAD (1a2b3c4)", shown)


@pytest.mark.parametrize("edit", EDITS)
def test_golden_each_edit_is_told_in_every_form(edit: str, tmp_path: Path) -> None:
    found = compared(edit, tmp_path / "shop")
    jsonschema.validate(json.loads(as_json(found)), SCHEMA)
    for change in found.changes:
        assert change.new == jsonpatch.apply_patch(change.old, change.patch)
    assert markdown(found) == markdown(from_json(as_json(found).encode(), edit))
    golden = GOLDEN / f"{edit}.txt"
    if os.environ.get("GK_UPDATE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(_forms(found), encoding="utf-8")
    assert golden.read_text("utf-8") == _forms(found)


def test_every_golden_file_is_of_an_edit() -> None:
    assert sorted(EDITS) == sorted(each.stem for each in GOLDEN.glob("*.txt"))
