"""The names of variables in the texts of a dashboard.

In a query, `$name` is a variable. In other texts a `$` may mean itself ("cost in $USD"): only
`${name}`, and a name near to one of the dashboard's, is certainly one there.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from gk.promql.syntax import one_line, variables

__all__ = [
    "BRACED",
    "in_promql",
    "in_text",
    "is_built_in",
    "is_near",
    "may_have_some",
    "mistake_in_built_in",
]

BRACED = re.compile(r"\$\{([A-Za-z_]\w*)(?:[:.][^}$]*)?\}")
# https://grafana.com/docs/grafana/latest/dashboards/variables/add-template-variables/
# #global-variables; the names with a further part are objects.
_BUILT_IN = (
    "__all_variables", "__annotation", "__auto", "__cell", "__dashboard", "__data", "__field",
    "__from", "__interval", "__interval_ms", "__name", "__org", "__range", "__range_ms",
    "__range_s", "__rate_interval", "__rate_interval_ms", "__searchFilter", "__series",
    "__timeFilter", "__timezone", "__to", "__url", "__url_time_range", "__user", "__value",
)  # fmt: skip
_NEAR_BUILT_IN = 0.85
_NEAR = 0.8
# In a regular expression, `\\$SYS` matches `$SYS`; in PostgreSQL, `$$` quotes.
_ESCAPED = re.compile(r"\\+\$|\$\$")
# Named groups of the regular expression of label_replace().
_GROUP = re.compile(r"\(\?P?<(\w+)>")


def is_built_in(name: str) -> bool:
    """Whether Grafana itself defines a variable."""
    return name.startswith("__")


def in_promql(text: str) -> set[str]:
    """The variables in a query of a Prometheus, Grafana's own too."""
    if not may_have_some(text):
        return set()
    return in_text(one_line(text)) - {*_GROUP.findall(text)}


def in_text(text: str) -> set[str]:
    """What may be the variables in a text."""
    return variables(_ESCAPED.sub("", text)) if may_have_some(text) else set()


def may_have_some(text: str) -> bool:
    """Whether a text may name a variable."""
    # Most texts have no variable, and this is quicker than a regular expression.
    return "$" in text or "[[" in text


def mistake_in_built_in(name: str) -> str:
    """Why a name that looks like one of Grafana's own is probably a slip; empty if it may be
    right."""
    if name in _BUILT_IN or name.startswith("__auto_interval_"):
        return ""
    near = difflib.get_close_matches(name, _BUILT_IN, n=1, cutoff=_NEAR_BUILT_IN)
    return f"Grafana has no variable ${name}; did you mean '${near[0]}'?" if near else ""


def is_near(name: str, known: Iterable[str]) -> bool:
    """Whether a name is probably one of those known, misspelt."""
    folded = [name.casefold() for name in known]
    return bool(difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=_NEAR))
