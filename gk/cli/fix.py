"""gk check --fix: builds and checks copies of the project, and writes what is proven."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gk.cli.console import progress, say
from gk.forms.plurals import counted

if TYPE_CHECKING:
    from gk.check.fixing import Checked, Outcome

__all__ = ["fix"]


def fix(root: Path, names: Sequence[str], only: Sequence[str]) -> None:
    """Fix exported dashboards of the project in `root`, in its environments `names`, and say what
    changed."""
    from gk.check.fixing import fixes, write
    from gk.check.forms.lines import in_one_line
    from gk.check.policy import chosen
    from gk.cli.checked import checks_of
    from gk.settings import read_all

    settings = read_all(root)[names[0]]
    with progress("fixing"):
        fixed = fixes(
            root,
            chosen(checks_of(root, settings), settings.check, only),
            _outcome(root, names, only),
            lambda texts: _of_copy(root, names, only, texts),
        )
        write(root, fixed)
    for done in fixed.done:
        say(in_one_line(f"fixed {done}"), "green")
    for problem in fixed.refused:
        say(in_one_line(str(problem)), "yellow")
    if fixed.done:
        say(f"changed {counted(len(fixed.after), 'file')}", "green")


def _of_copy(
    root: Path, names: Sequence[str], only: Sequence[str], texts: Mapping[str, str]
) -> Outcome | None:
    """What a copy of the project is with other texts; None if it does not build."""
    from gk.decompile.files import copied
    from gk.errors import GkError

    with tempfile.TemporaryDirectory() as folder:
        copy = copied(root, Path(folder))
        for file, text in texts.items():
            path = copy / file
            # A folder of the project may be a link, and so would be that of the copy.
            if not path.parent.resolve().is_relative_to(copy.resolve()):
                return None
            # A link would lead to the file itself.
            path.unlink()
            path.write_text(text, encoding="utf-8", newline="")
        try:
            return _outcome(copy, names, only)
        except GkError:
            return None


def _outcome(root: Path, names: Sequence[str], only: Sequence[str]) -> Outcome:
    return {name: _checked(root, name, only) for name in names}


def _checked(root: Path, name: str, only: Sequence[str]) -> Checked:
    from gk.check import Project as Subject
    from gk.check import run
    from gk.check.fixing import Checked
    from gk.cli.checked import checks_of, commented
    from gk.compile import compile
    from gk.project import load

    loaded = load(root, name)
    resources = compile(loaded)
    project = Subject(resources, loaded.settings, place=loaded.place)
    checks = checks_of(loaded.root, loaded.settings)
    report = run(project, checks, loaded.root, commented(loaded), only=only)
    return Checked(resources, report)
