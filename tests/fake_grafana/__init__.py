"""A Grafana in the test's own process, which answers as the real one does where gk can tell the
difference.

    with FakeGrafana(version="9.3.2", prefix="/grafana", tokens={"glsa_x": "Viewer"}) as grafana:
        requests.get(f"{grafana.url}/api/org", auth=("admin", "admin"))
        assert grafana.writes == []

The tests that take tests.grafana_contract's `server` run against this and against a real server.
What a version does otherwise than 9.3 is asked with `since`. That of 9.3 was seen on a running
9.3.2; that of later versions was read, not seen. Not here: other organizations, permissions of
folders, and whatever gk does not send. Ids, times and the text of a few errors of validation are
its own.

`python -m tests.fake_grafana --port 3000` serves one as a program.
"""

from tests.fake_grafana.server import FakeGrafana, Faults, Request

__all__ = ["FakeGrafana", "Faults", "Request"]
