"""Variables need each other, so none of them gets its values.

Problem: Grafana asks for a variable's values once it knows those that its query names; here, each
waits for the other.

    cluster: label_values(up{namespace="$namespace"}, cluster)
    namespace: label_values(up{cluster="$cluster"}, namespace)

Instead: let one of them be the first.

    cluster: label_values(up, cluster)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gk.check.model import Found, Severity, check
from gk.check.parts.variables import needs
from gk.check.subjects import Dashboard
from gk.errors import Where

__all__ = ["variable_cycle"]


@check(Severity.ERROR)
def variable_cycle(dashboard: Dashboard) -> Iterator[Found]:
    """Follow what each variable is made of."""
    needed = needs(dashboard) if len(dashboard.variables) > 1 else {}
    told: set[str] = set()
    for name in needed:
        cycle = () if name in told else _cycle(name, needed)
        if cycle:
            told.update(cycle)
            way = " needs ".join(f"${member}" for member in (*cycle, name))
            yield Found(f"{way}; make one of them independent", Where("variable", name))


def _cycle(start: str, needed: Mapping[str, set[str]]) -> tuple[str, ...]:
    """A way from a variable back to it; empty without one."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while ways:
        way = ways.pop()
        for name in sorted(needed[way[-1]]):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()
