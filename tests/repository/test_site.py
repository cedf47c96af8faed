"""The site's reference is complete, and its examples are true."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

import gk
from docs.examples import Example, examples
from gk.define import datasource, panel
from tests.cases import every
from tests.conftest import DATASOURCE, REPOSITORY, ProjectFolder, RunGk

DOCS = REPOSITORY / "docs"
REFERENCE = "\n".join(page.read_text("utf-8") for page in DOCS.glob("reference/*.md"))


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_example_builds(example: Example, empty_project: ProjectFolder, run_gk: RunGk) -> None:
    """Without a mistake, in a project with what it imports."""
    formats = "alertmanager" if "inhibit_rule(" in example.code else "grafana, prometheus"
    empty_project.write({"gk.yaml": f"build: {{formats: [{formats}]}}", **example.files})

    ran = run_gk("build")

    assert (0, "") == (ran.code, "\n".join(_unexpected(ran.err)))
    assert re.search(r"[1-9]\d* (dashboard|data source|rule group|contact point|folder)", ran.out)


@pytest.mark.parametrize("document", ["tutorial", "alerts", "migration"])
def test_the_files_of_a_guide_build(
    document: str, empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """Without a mistake, and without a warning."""
    shown = re.findall(
        r"^`([\w/]+\.(?:py|yaml))`:\n\n```\w+\n(.*?)^```$",
        (DOCS / f"{document}.md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    empty_project.write({"datasources/prometheus.py": DATASOURCE, **dict(shown)})

    ran = run_gk("build")

    assert (0, "") == (ran.code, ran.err)
    assert shown


def test_the_tutorial_shows_what_gk_prints(empty_project: ProjectFolder, run_gk: RunGk) -> None:
    """The built query, and the message of the mistake."""
    text = (DOCS / "tutorial.md").read_text("utf-8")
    shown = re.findall(r"^`([\w/]+\.(?:py|yaml))`:\n\n```\w+\n(.*?)^```$", text, re.M | re.S)
    empty_project.write(dict(shown))
    run_gk("build")
    built = (empty_project.root / "provisioning/prometheus/rules/shop.yaml").read_text("utf-8")
    empty_project.write({path: content.replace('"reqps"', '"reqPs"') for path, content in shown})

    mistake = run_gk("build").err.strip()

    (expr,) = re.findall(r"expr: (.*) > 0\.05$", built, re.M)
    assert f"\n    {expr}\n" in text
    assert f"\n    {mistake}\n" in text


def _unexpected(err: str) -> list[str]:
    """Warnings, except of what only other versions of Grafana and other engines have."""
    return [line for line in err.splitlines() if "warning:" not in line]


@every("name", gk.__all__)
def test_every_public_name_is_in_the_reference(name: str) -> None:
    """A page of docs/reference shows its signature and docstring."""
    assert re.search(rf"^\.\. auto(function|class):: gk\.{name}$", REFERENCE, re.MULTILINE)


@pytest.mark.parametrize("arguments", [panel.Common, datasource.Common, datasource.CommonOfHttp])
def test_every_shared_argument_is_explained(arguments: type) -> None:
    """The reference shows the docstring that follows each."""
    (body,) = ast.parse(inspect.getsource(arguments)).body
    assert isinstance(body, ast.ClassDef)

    bare = [
        ast.unparse(one.target)
        for one, after in zip(body.body, [*body.body[1:], None], strict=True)
        if isinstance(one, ast.AnnAssign)
        and not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant))
    ]
    assert [] == bare


def test_every_picture_is_there_and_small() -> None:
    """Each page loads quickly: 25 KB a picture."""
    sizes = {
        example.picture: (DOCS / "pictures" / f"{example.picture}.webp").stat().st_size
        for example in examples()
        if example.picture
    }

    assert len(sizes) > 10
    assert {} == {name: size for name, size in sizes.items() if size > 25_000}
    assert sizes.keys() == {file.stem for file in (DOCS / "pictures").glob("*.webp")}


def test_every_document_is_in_the_navigation() -> None:
    """docs/index.md lists it, or docs/reference/index.md."""
    listed = {
        line
        for index in ("index.md", "reference/index.md")
        for block in re.findall(
            r"```\{toctree\}\n(.*?)```", (DOCS / index).read_text("utf-8"), re.S
        )
        for line in block.split()
    }

    documents = {file.stem for file in DOCS.glob("*.md")} - {"index"}
    pages = {file.stem for file in DOCS.glob("reference/*.md")} - {"index"}
    assert [] == sorted((documents | pages) - listed)
