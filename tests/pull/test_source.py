"""How gk pull changes the text of a file: one argument, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from gk.decompile.python import WIDTH
from gk.errors import ConfigError
from gk.pull.files import write
from gk.pull.source import Call, again, calls, laid_out, with_argument, with_constant, with_title
from tests.cases import every


def _call(text: str, title: str = "CPU") -> Call:
    return next(calls({"a.py": text}, title))


def _text(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


@every(
    "before, name, value, after",
    [
        pytest.param(
            'x = stat("CPU", "a", unit="s")  # !\n',
            "unit",
            "ms",
            'x = stat("CPU", "a", unit="ms")  # !\n',
            id="another value",
        ),
        pytest.param(
            'x = stat("CPU", "a")\n',
            "unit",
            "ms",
            'x = stat("CPU", "a", unit="ms")\n',
            id="a new argument on the line",
        ),
        pytest.param(
            """
            x = stat(
                "CPU",
                "a",
            )
            """,
            "unit",
            "ms",
            """
            x = stat(
                "CPU",
                "a",
                unit="ms",
            )
            """,
            id="a new argument on a line of its own",
        ),
        pytest.param(
            """
            x = stat(
                "CPU",
                "a"
            )
            """,
            "unit",
            "ms",
            """
            x = stat(
                "CPU",
                "a",
                unit="ms"
            )
            """,
            id="after one without a comma",
        ),
        pytest.param(
            """
            x = stat(
                "CPU",
                "a",  # a comment on a
            )
            """,
            "unit",
            "ms",
            """
            x = stat(
                "CPU",
                "a",  # a comment on a
                unit="ms",
            )
            """,
            id="after a comment",
        ),
        pytest.param(
            'x = stat("CPU", "a", thresholds={1: "red"}, unit="s")\n',
            "thresholds",
            {0.5: "orange", 0.9: "red"},
            'x = stat("CPU", "a", thresholds={0.5: "orange", 0.9: "red"}, unit="s")\n',
            id="a dictionary",
        ),
        pytest.param(
            'x = stat("CPU", "ä€𝄞", description="ö", unit="s")\n',
            "unit",
            "ms",
            'x = stat("CPU", "ä€𝄞", description="ö", unit="ms")\n',
            id="after letters of several bytes",
        ),
        pytest.param(
            '# a\x0cb\u2028c\nx = stat("CPU", "a", unit="s")\n',
            "unit",
            "ms",
            '# a\x0cb\u2028c\nx = stat("CPU", "a", unit="ms")\n',
            id="after characters that only Unicode takes for line breaks",
        ),
        pytest.param(
            'x = stat(\r\n    "CPU",\r\n    "a",\r\n    unit="s",\r\n)\r\n',
            "unit",
            "ms",
            'x = stat(\r\n    "CPU",\r\n    "a",\r\n    unit="ms",\r\n)\r\n',
            id="in a file of Windows",
        ),
    ],
)
def test_an_argument_gets_a_value(before: str, name: str, value: Any, after: str) -> None:
    """Every other character stays."""
    before, after = _text(before), _text(after)

    assert after == with_argument(before, _call(before), name, value)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            'x = stat("CPU", "a", unit="s", id=1)', 'x = stat("CPU", "a", id=1)', id="in between"
        ),
        pytest.param('x = stat("CPU", "a", unit="s")', 'x = stat("CPU", "a")', id="at the end"),
        pytest.param(
            'x = stat(\n    "CPU",\n    unit="s",\n    id=1,\n)',
            'x = stat(\n    "CPU",\n    id=1,\n)',
            id="with its line",
        ),
        pytest.param(
            'x = stat(\n    "CPU",\n    unit="s"\n)',
            'x = stat(\n    "CPU"\n)',
            id="without a comma",
        ),
    ],
)
def test_an_argument_goes(before: str, after: str) -> None:
    """With its comma."""
    assert after == with_argument(before, _call(before), "unit", None, gone=True)


def test_an_argument_that_comes_from_elsewhere_cannot_go() -> None:
    """The call does not have it."""
    text = 'x = stat("CPU", **shared)'

    with pytest.raises(ValueError, match="unit is not an argument of this call"):
        with_argument(text, _call(text), "unit", None, gone=True)


def test_a_constant_is_changed_where_it_is_the_only_one() -> None:
    """A text in a longer expression."""
    text = 'x = stat("CPU", series={"a": query("up == 0")}, unit="s")'

    after = with_constant(text, _call(text), "up == 0", "up == 1")

    assert 'x = stat("CPU", series={"a": query("up == 1")}, unit="s")' == after


@pytest.mark.parametrize(
    ("text", "old"),
    [
        pytest.param('x = stat("CPU", "up", description="up")', "up", id="twice"),
        pytest.param('x = stat("CPU", query)', "up", id="not at all"),
        pytest.param('x = stat("CPU", collapsed=True)', 1, id="of another type"),
    ],
)
def test_a_constant_that_is_not_the_only_one_stays(text: str, old: Any) -> None:
    """Nobody knows which one is meant."""
    with pytest.raises(ValueError, match="times in this call"):
        with_constant(text, _call(text), old, "down")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('x = stat("CPU", "a")', 'x = stat("Load", "a")', id="the first argument"),
        pytest.param(
            'x = Datasource(uid="x", name="CPU")',
            'x = Datasource(uid="x", name="Load")',
            id="a keyword that is not the first",
        ),
    ],
)
def test_a_title_is_changed_where_it_is(before: str, after: str) -> None:
    """Among the arguments that a call may have it in."""
    assert after == with_title(before, _call(before), "Load")


LONG = "a" * 80


def formatted(text: str) -> str:
    """A module as ruff formats it."""
    ruff = [sys.executable, "-m", "ruff", "format", "--line-length", str(WIDTH), "--isolated", "-"]
    ran = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True)
    return ran.stdout


@every(
    "text",
    [
        pytest.param(f'x = stat("CPU", "{LONG}", unit="s")\n', id="the arguments fit on a line"),
        pytest.param(f'x = stat("CPU", "{LONG}", unit="s", width=24, **rest)\n', id="they do not"),
        pytest.param(
            f'x = stat(\n    "CPU", "{LONG}", unit="s", width=24\n)\n', id="they do no longer"
        ),
        pytest.param(f'x = [\n    stat("CPU", "{LONG}", unit="s", width=24),\n]\n', id="in a list"),
        pytest.param(
            f'x = row(\n    a=stat("CPU", "{LONG}", unit="s", width=24),\n)\n', id="an argument"
        ),
        pytest.param('x = stat("CPU", "up")\n', id="a short line"),
    ],
)
def test_a_line_that_became_too_long_is_laid_out_as_ruff_does(text: str) -> None:
    assert formatted(text) == laid_out(text, _call(text))


@every(
    "text",
    [
        pytest.param(f'x = [stat("CPU", "{LONG}"), stat("Up", "up")]\n', id="beside another"),
        pytest.param(f'x = stat("CPU", "{LONG}", unit="s")  # how busy\n', id="a comment"),
        pytest.param(f'x = stat("CPU", [\n  "{LONG}{LONG}"], unit="s")\n', id="several lines"),
    ],
)
def test_what_only_a_person_can_lay_out_stays(text: str) -> None:
    assert text == laid_out(text, _call(text))


def test_calls_are_found_by_their_titles_in_the_order_of_the_files() -> None:
    """In Python that can be read; a title that is computed is none."""
    files = {
        "b.py": 'stat("CPU")\nstat(f"{cpu}")\n',
        "broken.py": 'stat("CPU"',
        "a.json": '{"title": "CPU"}',
        "a.py": '\nrow(panels=[stat("CPU")])\nstat("Memory")\n',
    }

    assert [("b.py", 1), ("a.py", 2)] == [(call.file, call.line) for call in calls(files, "CPU")]


def test_a_call_is_found_again_after_a_change() -> None:
    """So that a second argument can be changed."""
    text = 'x = stat("CPU", "a", unit="s", id=1)'
    call = _call(text)

    longer = with_argument(text, call, "unit", "percentunit")

    assert 'x = stat("CPU", "a", unit="percentunit", id=2)' == with_argument(
        longer, again(longer, call), "id", 2
    )


def test_files_are_written_as_a_whole(tmp_path: Path) -> None:
    """A script stays one, and line breaks are not translated."""
    path = tmp_path / "a.py"
    path.write_bytes(b"x = 1\r\n")
    path.chmod(0o755)

    write(tmp_path, {"a.py": "x = 1\r\n"}, {"a.py": "x = 2\r\n"})

    assert (b"x = 2\r\n", 0o755) == (path.read_bytes(), path.stat().st_mode & 0o777)
    assert [path] == list(tmp_path.iterdir())


def test_a_file_that_somebody_saved_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """The error names it, and no other file is written."""
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("x = 1\n", encoding="utf-8")
    before = {"a.py": "x = 1\n", "b.py": "x = 1\n"}
    (tmp_path / "b.py").write_text("x = 3\n", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"b\.py: somebody changed it meanwhile"):
        write(tmp_path, before, {"a.py": "x = 2\n", "b.py": "x = 2\n"})

    assert ["x = 1\n", "x = 3\n"] == [(tmp_path / name).read_text("utf-8") for name in before]


def test_what_a_link_leads_to_is_written(tmp_path: Path) -> None:
    """The link stays one."""
    (tmp_path / "shared").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "a.py").symlink_to("shared")

    write(tmp_path, {"a.py": "x = 1\n"}, {"a.py": "x = 2\n"})

    assert (tmp_path / "a.py").is_symlink()
    assert "x = 2\n" == (tmp_path / "shared").read_text("utf-8")
