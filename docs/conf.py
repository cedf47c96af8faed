"""Sphinx's settings: `make site` builds the documentation into build/site, and refuses broken
links.

The documents are read on the forge as well. There, links may lead to any file of the repository. On
the site, such a link leads to the forge, or is plain text if the address of the repository is
unknown.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from docutils import nodes
from sphinx import addnodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

DOCS = Path(__file__).parent
ROOT = DOCS.parent

# The reference reads docstrings from gk itself, which is not installed beside Sphinx.
sys.path.insert(0, str(ROOT))

project = "gk"
html_title = "gk"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
exclude_patterns = ["*.py"]
# The address of the repository on its forge.
repository = os.environ.get("REPOSITORY_URL", "").rstrip("/")
suppress_warnings = [
    # Pygments knows no Grafana variables in PromQL, such as [$__rate_interval].
    "misc.highlighting_failure",
    # Runbooks are reached from their alerts. A test says which other document the index lacks.
    "toc.not_included",
]

# Anchors of headings are those of the forge.
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]

# Docstrings write code in single backticks, as Markdown does.
default_role = "code"
add_module_names = False
# Headings are in the contents already.
toc_object_entries = False
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
pygments_dark_style = "github-dark"
html_baseurl = os.environ.get("SITE_URL", "")
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
# The prompts of examples are not copied.
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True


def lead_outside(app: Sphinx, tree: nodes.document) -> None:
    """Make links to files outside of docs/ lead to the forge, and those to a folder in it to the
    page about it."""
    folder = Path(tree["source"]).parent
    links = (addnodes.download_reference, addnodes.pending_xref)
    for link in [each for kind in links for each in tree.findall(kind)]:
        path, _, anchor = str(link.get("reftarget", "")).partition("#")
        # MyST leaves out the suffix of documents, and makes their paths absolute.
        suffix = ".md" if link.get("refdomain") == "doc" else ""
        file = (folder / f"{path}{suffix}").resolve()
        if path and file.is_dir() and file.with_suffix(".md").exists():
            link["refdomain"], link["reftargetid"] = "doc", None
            link["reftarget"] = file.relative_to(DOCS).as_posix()
        elif path and file.exists() and not file.is_relative_to(DOCS):
            link.replace_self(_outside(app.config.repository, link, file, anchor))


def _outside(repository: str, link: nodes.Element, file: Path, anchor: str) -> nodes.Element:
    inner = link.children
    if not repository:
        return nodes.inline("", "", *inner)
    kind = "tree" if file.is_dir() else "blob"
    address = f"{repository}/{kind}/HEAD/{quote(file.relative_to(ROOT).as_posix())}"
    return nodes.reference("", "", *inner, refuri=f"{address}#{anchor}" if anchor else address)


def shorten_contents(app: Sphinx, env: BuildEnvironment) -> None:
    """Leave single snippets and runbooks out of the table of contents, which every page has."""
    for chapter in list(env.tocs["snippets"].findall(nodes.list_item))[1:]:
        del chapter.children[1:]
    for runbooks in list(env.tocs["runbooks"].findall(addnodes.toctree)):
        runbooks.parent.remove(runbooks)


def tidy_signature(
    app: Sphinx, what: str, name: str, value: object, *rest: object
) -> tuple[object, object]:
    """Show an empty mapping as one, and no argument that gk passes itself."""
    _, signature, returns = rest
    if isinstance(signature, str):
        signature = re.sub(r", source: [^,)]+", "", signature)
        signature = re.sub(r"<factory>|mappingproxy\(\{\}\)", "{}", signature)
    return signature, returns


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what this file adds to Sphinx."""
    app.add_config_value("repository", "", "env", str)
    app.connect("doctree-read", lead_outside)
    app.connect("autodoc-process-signature", tidy_signature)
    app.connect("env-updated", shorten_contents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
