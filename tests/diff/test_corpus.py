"""Edits of a shop's project, each with what gk says of it.

golden/diff/<edit>.txt has the text and the Markdown, which people read; those of WHOLE have the
JSON and the HTML too (what is in <main>). GK_UPDATE_GOLDEN=1 writes them anew. The JSON of every
edit is read again here, and its page in tests.diff.test_pages.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonpatch
import jsonschema
import pytest

from gk.diff.codes import Code
from gk.diff.compare import compare
from gk.diff.forms.as_json import as_json
from gk.diff.forms.from_json import from_json
from gk.diff.forms.html import html
from gk.diff.forms.markdown import markdown
from gk.diff.forms.text import text
from gk.diff.model import Cause, Change, Diff, Edit, Mark, Part, Place, Risk, Spot
from gk.diff.sides.git import parse
from gk.diff.sides.sandbox import Walls
from gk.diff.sides.side import Side
from tests.cases import every
from tests.conftest import REPOSITORY
from tests.diffs import EDITS, SHOP, Edited, side, sides, write

GOLDEN = Path(__file__).parent.parent / "golden" / "diff"
SCHEMA = json.loads((REPOSITORY / "docs" / "diff.schema.json").read_text("utf-8"))
WHOLE = {
    # Pictures of both sides; a part that is new, with values on one side only; the layout.
    "panel-added",
    # A row that is shut, with its panels in it; panels that moved.
    "row-collapsed",
    # A cause that one place has, whose values are not repeated there.
    "snippet-legend",
    # Rules of Grafana and of Prometheus; causes whose places show more than they do; risks.
    "alert-renamed",
    # A folder that comes, and one that goes; what an object is called otherwise.
    "dashboard-moved",
    # Mistakes, and what is unknown for them.
    "one-side-does-not-load",
}
"""Edits of which the golden files have every form: between them they have nearly all that a page
and a document are made of."""
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


@cache
def _old() -> Side:
    return _side(Edited(), "HEAD (1a2b3c4)")


def _side(edit: Edited, name: str) -> Side:
    with TemporaryDirectory() as folder:
        root = Path(folder, "shop")
        write(root, SHOP)
        edit.write(root)
        return side(root, name)


@cache
def compared(edit: str) -> Diff:
    """The shop's project before and after an edit."""
    diff = compare(_old(), _side(EDITS[edit], "working tree"))
    # Which walls there are is the machine's.
    return replace(diff, walls=Walls(7, seccomp=True, network=True))


def _forms(edit: str) -> str:
    diff = compared(edit)
    forms = {"text": _COLOR.sub("", text(diff)), "markdown": markdown(diff)}
    if edit in WHOLE:
        page = html(diff)
        forms |= {"json": as_json(diff), "html": page[page.index("<main") : page.index("</main>")]}
    return "\n".join(f"{f' {name} ':=^100}\n{form.strip()}\n" for name, form in forms.items())


@every("edit", EDITS)
def test_golden_each_edit_is_told_in_words(edit: str) -> None:
    golden = GOLDEN / f"{edit}.txt"
    if os.environ.get("GK_UPDATE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(_forms(edit), encoding="utf-8")
    assert golden.read_text("utf-8") == _forms(edit)


def test_every_golden_file_is_of_an_edit() -> None:
    assert sorted(EDITS) == sorted(file.stem for file in GOLDEN.glob("*.txt"))
    assert set() == WHOLE - set(EDITS)


@every("edit", EDITS)
def test_the_json_of_each_edit_is_as_the_schema_says_and_counts_what_is_shown(edit: str) -> None:
    document = json.loads(as_json(compared(edit)))
    jsonschema.validate(document, SCHEMA)
    changes = document["changes"]
    shown = [change["mark"] for change in changes if change["parts"] or not change["twin"]]
    marks = {mark.value: shown.count(mark.value) for mark in Mark}
    assert {**marks, "unchanged": document["summary"]["unchanged"]} == document["summary"]
    assert bool(changes) is document["differs"]


@every("edit", EDITS)
def test_the_json_of_each_edit_is_read_as_the_same_comparison(edit: str) -> None:
    """But for the documents, of which it has the difference: a patch makes the new of the old."""
    diff = compared(edit)
    read = from_json(as_json(diff).encode(), edit)
    patches = [change["patch"] for change in json.loads(as_json(diff))["changes"]]
    assert _in_words(diff) == read
    assert markdown(diff) == markdown(read)
    assert [change.new for change in diff.changes] == [
        jsonpatch.apply_patch(change.old, patch)
        for change, patch in zip(diff.changes, patches, strict=True)
    ]


def _in_words(value: Any) -> Any:
    """The same without documents, and with fields and places as they are called."""
    if isinstance(value, Edit):
        return replace(value, option=value.field, code=Code.OTHER, of="")
    if isinstance(value, Spot):
        return Spot(str(value))
    if isinstance(value, tuple) and not isinstance(value, Walls):
        return tuple(map(_in_words, value))
    if not isinstance(value, Diff | Change | Cause | Part | Place | Risk):
        return value
    values = {field.name: _in_words(getattr(value, field.name)) for field in fields(value)}
    documents = {"old": None, "new": None} if isinstance(value, Change) else {}
    return replace(value, **{**values, **documents})


def test_the_kind_of_its_histograms_is_one_of_an_exporter_s_labels(tmp_path: Path) -> None:
    """Its queries change with it, so it is the cause."""
    write(tmp_path, {**SHOP, "gk.yaml": "labels: {shop: {histograms: native}}\n"})

    assert 'job="shop", node=instance, native histograms' == (
        side(tmp_path, "new").labels["shop"].words
    )


@pytest.mark.parametrize("edit", ["labels", "snippet-helper", "both-change"])
def test_a_side_is_the_same_without_the_process_that_gk_diff_starts_for_it(
    edit: str, tmp_path: Path
) -> None:
    root = tmp_path / "shop"
    write(root, SHOP)
    commit(root)
    EDITS[edit].write(root)
    old, new = sides(root, parse([]), timeout=60)
    assert replace(old, name=_old().name, walls=None) == _old()
    assert replace(new, walls=None) == _side(EDITS[edit], new.name)
