"""A matcher's regular expression looks like a file pattern, and so matches other values.

Problem: in a regular expression, `*` repeats the character before it. This matches `pro`, `prod`
and `prodd`, but not `production`.

    up{env=~"prod*"}

Instead: `.*` is any text.

    up{env=~"prod.*"}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from promql_parser import MatchOp

from gk.check.expressions.trees import matcher_text
from gk.check.model import Severity, check
from gk.check.subjects import Expression

__all__ = ["glob_as_regex"]

# A letter at the end of a word or a separator, repeated; not a class, a group or an escape.
_GLOB = re.compile(r"(?<!\\)[A-Za-z0-9_/-]\*(?![?])")
_CLASS = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\.|\{[^}]*\}")


@check(Severity.WARNING)
def glob_as_regex(expression: Expression) -> Iterator[str]:
    """Look at each `*` of a regular expression."""
    if expression.tree is None or "~" not in expression.text or "*" not in expression.text:
        return
    for selector in expression.selectors:
        for matcher in selector.matchers.matchers:
            if matcher.op in (MatchOp.Re, MatchOp.NotRe):
                glob = _GLOB.search(_CLASS.sub(".", matcher.value))
                if glob:
                    yield (
                        f"{matcher_text(matcher)}: '{glob.group()}' repeats one character; "
                        f"write '{glob.group()[0]}.*' for any text after it"
                    )
