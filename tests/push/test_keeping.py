"""gk.push.keeping: what a push replaces, in files that nobody else can read and that hold no
secret."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gk.errors import GkError
from gk.grafana.kinds import KINDS
from gk.grafana.live import Live
from gk.push.keeping import Keep
from gk.resource import Kind

MARK = "hunter2hunter2"


@pytest.fixture(
    autouse=True, params=[0o000, 0o022, 0o077], ids=["umask 000", "umask 022", "umask 077"]
)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "team"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def _live(kind: Kind, body: dict[str, Any], uid: str = "x") -> Live:
    return Live(kind=kind, uid=uid, title="X", folder="", body=body, form=KINDS[kind].parts)


def _dashboard(uid: str = "shop", **body: Any) -> Live:
    return _live(Kind.DASHBOARD, {"title": "Shop", **body}, uid)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_only_who_pushes_may_read_what_was_replaced(root: Path) -> None:
    """Whatever the umask is, and whatever rights an older gk gave to the folders."""
    (root / ".gk" / "replaced").mkdir(parents=True)
    for folder in (root / ".gk", root / ".gk" / "replaced"):
        folder.chmod(0o755)

    file = Path(Keep(root).write(_dashboard()))

    assert [0o600, 0o700, 0o700, 0o700] == [_mode(path) for path in (file, *list(file.parents)[:3])]
    assert "*\n" == (root / ".gk" / "replaced" / ".gitignore").read_text()


@pytest.mark.parametrize("link", [".gk", ".gk/replaced"])
def test_nothing_is_written_through_a_folder_that_is_a_link(
    root: Path, tmp_path: Path, link: str
) -> None:
    """A checkout may bring one."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    elsewhere.chmod(0o700)
    (root / link).parent.mkdir(exist_ok=True)
    (root / link).parent.chmod(0o700)
    (root / link).symlink_to(elsewhere)

    with pytest.raises(GkError, match=r"cannot be saved in .*not a link"):
        Keep(root).write(_dashboard())

    assert [] == list(elsewhere.iterdir())


def test_a_file_that_is_there_is_left_alone_be_it_a_link_or_not(root: Path, tmp_path: Path) -> None:
    """Its name can be guessed."""
    keep, target = Keep(root), tmp_path / "target"
    target.write_text("theirs")
    first = Path(keep.write(_dashboard()))
    first.unlink()
    first.symlink_to(target)

    second = Path(keep.write(_dashboard()))
    third = Path(keep.write(_dashboard()))

    assert "theirs" == target.read_text()
    assert 3 == len({first, second, third})
    assert {"title": "Shop"} == json.loads(third.read_text())


@pytest.mark.parametrize("uid", ["../../../escaped", "/etc/passwd", "a" * 5000, "ü/é\n", ".", ""])
def test_no_uid_leads_elsewhere(root: Path, uid: str) -> None:
    """Or makes a name that no file can have."""
    file = Path(Keep(root).write(_dashboard(uid)))

    assert root / ".gk" / "replaced" == file.parent.parent
    assert {"title": "Shop"} == json.loads(file.read_text())


def test_a_folder_that_is_a_file_is_a_mistake_that_says_so(root: Path) -> None:
    """The object stays as it is then."""
    (root / ".gk").write_text("")

    with pytest.raises(
        GkError, match="so it stays: Not a directory; make sure that this is your own folder"
    ):
        Keep(root).write(_dashboard())


_SECRETS = [
    (Kind.DATASOURCE, {"name": "X", "password": MARK}),
    (Kind.DATASOURCE, {"name": "X", "basicAuthPassword": MARK}),
    (Kind.DATASOURCE, {"name": "X", "url": f"https://user:{MARK}@example.com/path"}),
    (Kind.DATASOURCE, {"name": "X", "url": f"https://example.com/path?api_key={MARK}&x=1"}),
    (
        Kind.DATASOURCE,
        {"name": "X", "jsonData": {"httpHeaderName1": "X", "httpHeaderValue1": MARK}},
    ),
    (Kind.DATASOURCE, {"name": "X", "jsonData": {"customQueryParameters": f"tenant={MARK}"}}),
    (Kind.DATASOURCE, {"name": "X", "jsonData": {"auth": [{"accessToken": MARK}]}}),
    (
        Kind.CONTACT_POINT,
        {"receivers": [{"type": "webhook", "settings": {"url": f"https://x/{MARK}"}}]},
    ),
    (
        Kind.CONTACT_POINT,
        {"receivers": [{"type": "slack", "settings": {"url": MARK, "recipient": "#x"}}]},
    ),
    (
        Kind.CONTACT_POINT,
        {"receivers": [{"type": "opsgenie", "settings": {"apiKey": MARK, "x": [MARK]}}]},
    ),
    (Kind.DASHBOARD, {"title": "X", "links": [{"url": f"https://me:{MARK}@example.com"}]}),
    (Kind.DASHBOARD, {"title": "X", "links": [{"url": f"https://example.com?token={MARK}"}]}),
]


@pytest.mark.parametrize(("kind", "body"), _SECRETS)
def test_no_secret_that_grafana_gave_is_kept(root: Path, kind: Kind, body: dict[str, Any]) -> None:
    """Its place is marked."""
    text = Path(Keep(root).write(_live(kind, body))).read_text()

    assert MARK not in text
    assert "[secret]" in text


def test_all_but_the_secrets_is_kept(root: Path) -> None:
    """With the names of those that Grafana has and does not answer."""
    datasource = {
        "name": "Logs",
        "url": "https://logs.example.com",
        "jsonData": {"httpHeaderName1": "Authorization", "timeout": 30},
        "secureJsonFields": {"httpHeaderValue1": True, "password": False},
    }
    point = {
        "type": "webhook",
        "uid": "w",
        "settings": {"url": "https://x", "maxAlerts": 3, "title": "T"},
    }

    one, two = (
        json.loads(Path(Keep(root).write(_live(kind, body))).read_text())
        for kind, body in (
            (Kind.DATASOURCE, datasource),
            (Kind.CONTACT_POINT, {"receivers": [point]}),
        )
    )

    assert {**datasource, "secureJsonData": {"httpHeaderValue1": "[secret]"}} == one
    assert {**point["settings"], "url": "[secret]"} == two["receivers"][0]["settings"]  # type: ignore[dict-item]
