"""The documentation is true: its examples build, its output is what gk prints, and it leaves
nothing out."""

from __future__ import annotations

import json
import re

import click

import gk
from gk.cli.commands import cli
from gk.define.panel import Common
from gk.settings import read_all
from tests.cases import every
from tests.conftest import REPOSITORY, ProjectFolder, RunGk

DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])
_FILE = re.compile(r"`([\w/]+\.(?:py|yaml))`: ")


def _files(document: str) -> dict[str, str]:
    """The files that a document shows: a paragraph that starts with the path, and a block of
    code."""
    files, path, lines = {}, "", iter((REPOSITORY / document).read_text("utf-8").splitlines())
    for line in lines:
        if match := _FILE.match(line):
            path = match[1]
        elif line in ("```python", "```yaml") and path:
            files[path] = "\n".join(iter(lambda: next(lines), "```")) + "\n"
            path = ""
    return files


def _fence(document: str, language: str) -> str:
    """The first block of code in `language`."""
    text = (REPOSITORY / document).read_text("utf-8")
    return text.partition(f"```{language}\n")[2].partition("```")[0]


def test_the_environments_of_the_guide_differ_as_it_says(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """docs/environments.md: by a threshold and a URL."""
    files = _files("docs/environments.md")

    ran = run_gk("build") if empty_project.write(files) else None

    assert ran is not None
    assert (3, 0, "") == (len(files), ran.code, ran.err)
    for name, limit, host in (("prod", 0.9, "prometheus.prod"), ("staging", 0.8, "prometheus")):
        folder = f"provisioning/{name}"
        assert f"> {limit}\n" in empty_project.read(f"{folder}/prometheus/rules/node.yaml")
        datasources = empty_project.read(f"{folder}/grafana/datasources/datasources.yaml")
        assert f"url: http://{host}:9090\n" in datasources


@every("document", [path.relative_to(REPOSITORY).as_posix() for path in DOCUMENTS])
def test_links_inside_the_repository_lead_somewhere(document: str) -> None:
    """Every relative link of a document names a file that exists."""
    folder = (REPOSITORY / document).parent
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (REPOSITORY / document).read_text("utf-8"))

    assert [] == [link for link in links if not (folder / link).exists()]


def test_the_settings_page_is_a_valid_gk_yaml(empty_project: ProjectFolder) -> None:
    """The whole example of docs/settings.md is accepted, and so are those of labels."""
    pages = (REPOSITORY / "docs" / "settings.md").read_text("utf-8").split("```yaml\n")[1:]
    for page in pages:
        empty_project.write({"gk.yaml": page.partition("```")[0]})
        read_all(empty_project.root)

    assert 3 == len(pages)


def test_the_json_of_a_build_has_the_documented_keys(project: ProjectFolder, run_gk: RunGk) -> None:
    """docs/commands.md names every key of the document, and no other."""
    documented = json.loads(_fence("docs/commands.md", "json"))
    project.write({"gk.yaml": ""})

    printed = json.loads(run_gk("build", "--format", "json").out)

    assert documented.keys() == printed.keys()


@every(
    "name", [name for name, command in cli.commands.items() if isinstance(command, click.Command)]
)
def test_every_command_has_a_chapter(name: str) -> None:
    """docs/commands.md has a chapter for each command, which names each of its options."""
    page = (REPOSITORY / "docs" / "commands.md").read_text("utf-8")
    chapter = page.partition(f"## gk {name}\n")[2].partition("\n## ")[0]

    options = [
        max(option.opts, key=len)
        for option in cli.commands[name].params
        if isinstance(option, click.Option)
    ]
    short = [
        option for option in options if option not in chapter and option.lstrip("-")[:1] not in "Co"
    ]

    assert chapter
    assert [] == short


@every("name", gk.__all__)
def test_every_public_name_is_explained(name: str) -> None:
    """docs/definitions.md mentions every name that definitions import from gk."""
    page = (REPOSITORY / "docs" / "definitions.md").read_text("utf-8")

    assert re.search(rf"\b{name}\b", page)


@every("name", sorted(Common.__annotations__))
def test_every_argument_of_all_panels_is_explained(name: str) -> None:
    """Help for a constructor does not list what all panels take, so docs/definitions.md does."""
    page = (REPOSITORY / "docs" / "definitions.md").read_text("utf-8")
    table = page.partition("| arguments | are |\n")[2].partition("\n\n")[0]

    assert f"`{name}`" in table
