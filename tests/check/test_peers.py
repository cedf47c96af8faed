"""docs/checks.md, which is made of the checks themselves, and the checks of other linters."""

from __future__ import annotations

import re
from collections import Counter

from gk.check.checks import ALL_CHECKS
from gk.check.forms import CATALOG
from gk.check.forms.catalog import Catalog
from gk.check.peers import PEERS, covering
from tests.cases import every
from tests.conftest import REPOSITORY

PAGE = CATALOG["markdown"](Catalog(ALL_CHECKS))


def test_the_reference_of_checks_is_up_to_date() -> None:
    """docs/checks.md is what `make docs` writes."""
    assert f"{PAGE}\n" == (REPOSITORY / "docs/checks.md").read_text("utf-8")


def test_each_check_of_a_linter_is_listed_once() -> None:
    """As many as each of them has."""
    assert {
        "dashboard-linter": 17,
        "pint": 36,
        "mixtool": 10,
        "gcx": 6,
        "promtool": 1,
    } == Counter(peer.tool for peer in PEERS)
    assert len(PEERS) == len({str(peer) for peer in PEERS})


@every("check", ALL_CHECKS)
def test_what_a_check_replaces_exists(check: object) -> None:
    """A mistyped name would be missing in the table."""
    peers = getattr(check, "peers", ())

    assert [] == sorted(set(peers) - {str(peer) for peer in PEERS})


def test_the_table_has_a_row_for_each_of_them() -> None:
    """With what stands for it in gk; a bar in a text ends no cell."""
    rows = [
        line
        for line in PAGE.splitlines()
        if re.match(r"\| (dashboard-linter|pint|mix|gcx|promt)", line)
    ]

    assert [(peer.tool, f"`{peer.name}`") for peer in PEERS] == [
        tuple(cell.strip() for cell in row.split("|")[1:3]) for row in rows
    ]
    assert {5} == {len(re.findall(r"(?<!\\)\|", row)) for row in rows}


def test_a_link_to_a_check_leads_to_its_section() -> None:
    """Each check of the table has one."""
    links = set(re.findall(r"\]\(#([\w-]+)\)", PAGE))
    sections = set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))

    assert links <= sections
    assert {check.name for check in ALL_CHECKS} <= links


def test_a_row_names_the_checks_that_replace_it() -> None:
    """In the order of their names, after a link to each."""
    peer = next(peer for peer in PEERS if str(peer) == "pint: promql/syntax")

    assert "invalid-promql" in [check.name for check in covering(peer, ALL_CHECKS)]
    assert "| pint | `promql/syntax` | [invalid-promql](#invalid-promql)" in PAGE


def test_nothing_of_the_linters_is_missing() -> None:
    """70 of 70."""
    assert [] == [str(peer) for peer in PEERS if not peer.means and not covering(peer, ALL_CHECKS)]
