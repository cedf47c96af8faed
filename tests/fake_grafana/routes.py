"""How Grafana reads routes of policies, and intervals of mute timings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tests.fake_grafana.calls import Json, bad_request, duration, typed

_OPERATORS = ("=", "!=", "=~", "!~")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


def interval_of(body: Any) -> Json:
    """Return an interval of a mute timing: months become numbers, the rest is checked."""
    if not isinstance(body, dict):
        raise bad_request()
    kept = {
        key: body[key]
        for key in ("times", "weekdays", "days_of_month", "months", "years", "location")
        if key in body
    }
    if "months" in kept:
        numbers = {name: str(number) for number, name in enumerate(_MONTHS, start=1)}
        kept["months"] = [
            ":".join(numbers.get(part.lower(), part) for part in span.split(":"))
            for span in kept["months"]
        ]
    days = [
        [_DAYS.index(part) if part in _DAYS else -1 for part in span.lower().split(":")]
        for span in kept.get("weekdays", ())
    ]
    times = [
        (span.get("start_time", ""), span.get("end_time", "")) for span in kept.get("times", ())
    ]
    numbers_of_days = [
        int(part) for span in kept.get("days_of_month", ()) for part in span.split(":")
    ]
    good = (
        all(-1 not in span and span == sorted(span) for span in days)
        and all(
            re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", time) for both in times for time in both
        )
        and all(start < end for start, end in times)
        and all(1 <= abs(number) <= 31 for number in numbers_of_days)
    )
    if not good:
        raise bad_request()
    return kept


def routes_of(tree: Json) -> Iterator[Json]:
    """Return the root and all routes below it."""
    yield tree
    for route in tree.get("routes", ()):
        yield from routes_of(route)


def route_of(body: Any) -> Json:
    """Return a route of the policies as Grafana stores it: no empty keys, no unknown ones, and its
    own spelling."""
    if not isinstance(body, dict):
        raise bad_request()
    kept: Json = {
        "receiver": typed(body, "receiver", str),
        "group_by": typed(body, "group_by", list),
        "match": typed(body, "match", dict),
        "match_re": typed(body, "match_re", dict),
        "matchers": [
            "".join(matcher)
            for matcher in _sorted(_matcher(text) for text in typed(body, "matchers", list))
        ],
        "object_matchers": [
            list(matcher) for matcher in _sorted(typed(body, "object_matchers", list))
        ],
        "mute_time_intervals": typed(body, "mute_time_intervals", list),
        "continue": typed(body, "continue", bool),
        "routes": [route_of(route) for route in typed(body, "routes", list)],
    }
    kept |= {
        key: duration(body[key])
        for key in ("group_wait", "group_interval", "repeat_interval")
        if body.get(key)
    }
    labels = kept["group_by"]
    if len(set(labels)) < len(labels) or ("..." in labels and len(labels) > 1):
        raise bad_request()
    if "0s" in (kept.get("group_interval"), kept.get("repeat_interval")):
        raise bad_request()
    return {key: value for key, value in kept.items() if value}


def _sorted(matchers: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    """Return matchers of label, operator and value in Alertmanager's order."""
    kept = list(matchers)
    if not all(len(matcher) == 3 and matcher[1] in _OPERATORS for matcher in kept):
        raise bad_request()
    return sorted(kept, key=lambda matcher: (matcher[0], matcher[2], _OPERATORS.index(matcher[1])))


def _matcher(text: Any) -> tuple[str, str, str]:
    match = (
        re.fullmatch(r'\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*(?:"(.*)"|([^"]*?))\s*', text)
        if isinstance(text, str)
        else None
    )
    if match is None:
        raise bad_request()
    value = match[3] if match[3] is not None else match[4]
    if "~" in match[2]:
        try:
            re.compile(value)
        except re.error:
            raise bad_request() from None
    return match[1], match[2], f'"{value}"'
