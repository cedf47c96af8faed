"""Arguments as type checkers and editors see them.

tests/repository/test_types.py has mypy read this file, which is never run. A line that a checker
must refuse ends with `# wrong`. pyright refuses the same lines: `npx pyright
tests/typed_examples.py`.
"""

from __future__ import annotations

from gk import Dashboard, Row, stat, timeseries
from gk.library import node
from gk.promql import Exporter, Query, Scope, Snippet

snippet = Exporter("shop", metric="http_requests_total").snippet


@snippet(unit="reqps", legend="{{code}}")
def requests(s: Scope, route: str | None = None, *, window: str = "") -> str:
    """Requests a second by status code."""
    return f"sum by (code) ({s.rate('http_requests_total', route=route, window=window)})"


@snippet(unit="reqps")
def purchases(s: Scope) -> str:
    """Purchases a second, as another snippet reads requests."""
    text: str = requests(s, route="/buy")
    return text


@snippet()
def mistakes(s: Scope) -> str:
    """Wrong arguments inside a snippet."""
    requests(s, rout="/buy")  # wrong
    requests(s, route=5)  # wrong
    return ""


# A query with arguments, with a variable, or without any.
query: Query = requests(route="/buy")
chosen: Query = node.filesystem_used(mountpoint="$mount")
whole: Query = purchases()
busiest: Query = requests(route="/buy").top(10)

misspelt = node.filesystem_used(mount="/")  # wrong
other_type = node.filesystem_used(mountpoint=3)  # wrong
own_misspelt = requests(rout="/buy")  # wrong
takes_none = purchases(route="/buy")  # wrong
not_text: str = requests(route="/buy")  # wrong

# Wherever a query is expected, a snippet may stand for it, whatever its arguments are.
anything: list[Snippet | Query] = [requests, purchases, node.cpu_busy, requests(window="1h")]
condition = requests > 5

panel = timeseries("Requests", requests, purchases, draw="bars", unit="reqps", decimals=1)
wrong_word = timeseries("Requests", requests, draw="bar")  # wrong
wrong_common = stat("Requests", requests, decimals="1")  # wrong
unknown = stat("Requests", requests, colour="red")  # wrong

dashboard = Dashboard("Shop", rows=[Row("Requests", [panel])])
wrong_nodes = Dashboard("Shop", nodes="two")  # wrong
