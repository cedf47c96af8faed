"""gk.push.ledger: what gk remembers of its pushes, as a dashboard."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.errors import GkError
from gk.push.ledger import TAG, Entry, Ledger, is_fingerprint_of, secret_fingerprint
from gk.resource import Kind

FINGERPRINTS = st.dictionaries(
    st.text("abc/-", max_size=4), st.text("0123456789abcdef", min_size=16, max_size=16)
)
ENTRIES = st.builds(
    Entry,
    folder=st.text("abc"),
    sent=st.text("0123456789abcdef"),
    stamp=st.text("0123456789."),
    stored=FINGERPRINTS,
    pending=FINGERPRINTS,
    secrets=st.text("0123456789abcdef$"),
)
KEYS = st.tuples(st.sampled_from(Kind), st.text("abc/ü", min_size=1, max_size=5))


@given(st.dictionaries(KEYS, ENTRIES, max_size=4), st.text("abc-", min_size=1), st.text("abc-"))
def test_a_ledger_is_what_its_dashboard_holds(
    entries: dict[tuple[Kind, str], Entry], project: str, revision: str
) -> None:
    """Through JSON and back, nothing is lost."""
    ledger = Ledger(project, entries, revision)

    assert ledger == Ledger.of(json.loads(json.dumps(ledger.dashboard())))


def test_the_dashboard_of_a_ledger_says_to_people_what_it_is() -> None:
    """By its title, its tag, and a panel of text."""
    dashboard = Ledger("shop").dashboard()

    assert ("gk-shop", "gk: shop", [TAG]) == (
        dashboard["uid"],
        dashboard["title"],
        dashboard["tags"],
    )
    assert "`gk push`" in dashboard["panels"][0]["options"]["content"]
    assert "do not edit" in dashboard["panels"][0]["options"]["content"]


def test_entries_replace_those_of_the_same_object_and_none_removes_one() -> None:
    """The others stay."""
    one, two, three = ((Kind.DASHBOARD, uid) for uid in ("one", "two", "three"))
    ledger = Ledger("shop", {one: Entry(sent="1"), two: Entry(sent="2"), three: Entry(sent="3")})

    changed = ledger.with_entries({one: Entry(sent="4"), two: None})

    assert {one: Entry(sent="4"), three: Entry(sent="3")} == changed.entries


def test_what_the_ledger_lists_of_an_object_is_short() -> None:
    """Ten thousand of them fit into a dashboard of about two megabytes."""
    entry = Entry(folder="kubernetes", sent="0" * 16, stamp="17.3")
    empty = len(json.dumps(Ledger("shop").dashboard()))

    full = len(json.dumps(Ledger("shop", {(Kind.DASHBOARD, "node"): entry}).dashboard()))

    assert 220 > full - empty


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="nothing"),
        pytest.param("{}", id="no ledger"),
        pytest.param("[]", id="a list"),
        pytest.param(
            '{"format": 1, "project": "shop", "revision": "", '
            '"objects": {"widget": {"x": {"title": "X"}}}}',
            id="a kind that is none",
        ),
    ],
)
def test_a_ledger_that_somebody_edited_is_an_error_that_says_what_to_do(content: str) -> None:
    """It names the dashboard."""
    dashboard = Ledger("shop").dashboard()
    dashboard["panels"][1]["options"]["content"] = content

    with pytest.raises(
        GkError,
        match=r"^the dashboard 'gk: shop' is no longer a valid ledger.*restore its last version",
    ):
        Ledger.of(dashboard)


def test_a_ledger_of_a_newer_gk_is_left_alone() -> None:
    """Its format is another."""
    dashboard = Ledger("shop").dashboard()
    options = dashboard["panels"][1]["options"]
    options["content"] = options["content"].replace('"format": 1', '"format": 2')

    with pytest.raises(GkError, match="newer gk"):
        Ledger.of(dashboard)


def test_secrets_are_known_again_by_a_hash_that_does_not_repeat() -> None:
    """Two hashes of the same secret differ, and neither holds it."""
    secrets = {".secureJsonData.password": "hunter2"}

    one, two = secret_fingerprint(secrets), secret_fingerprint(secrets)

    assert one != two
    assert is_fingerprint_of(secrets, one)
    assert is_fingerprint_of(secrets, two)
    assert not is_fingerprint_of({**secrets, ".secureJsonData.password": "hunter3"}, one)
    assert not is_fingerprint_of(secrets, "")
    assert "hunter2" not in one


def test_a_guess_of_a_secret_takes_a_while() -> None:
    """In a process of its own: here they are quick, for all tests."""
    program = (
        "import time; from gk.push.ledger import secret_fingerprint; start = time.process_time(); "
        "secret_fingerprint({'password': 'hunter2'}); print(time.process_time() - start)"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert 0.01 < float(ran.stdout)


def test_a_ledger_without_entries_is_the_project_s_own() -> None:
    """Projects do not share one."""
    ledger = Ledger("shop")

    assert ledger != replace(ledger, project="other")
    assert ledger.uid != replace(ledger, project="other").uid
