"""Intervals of mute timings: what Alertmanager refuses is a mistake, and nothing else is."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gk.compile.mute_timings import mistakes_in_interval
from gk.documents.timezones import is_timezone
from gk.errors import DefinitionError
from gk.resource import Kind
from tests.cases import every
from tests.conftest import ProjectFolder


@every(
    "interval, expected",
    [
        (
            {"times": [{"start_time": "22:00", "end_time": "06:00"}]},
            "times: '22:00' to '06:00' ends before it starts; write '22:00' to '24:00' and "
            "'00:00' to '06:00'",
        ),
        (
            {"times": [{"start_time": "22:00", "end_time": "00:00"}]},
            "times: '22:00' to '00:00' ends before it starts; the end of the day is '24:00'",
        ),
        (
            {"times": [{"start_time": "22:00", "end_time": "22:00"}]},
            "times: '22:00' to '22:00' is empty",
        ),
        (
            {"times": [{"start_time": "9:00", "end_time": "17:00"}]},
            "times: '9:00' must be HH:MM, from '00:00' to '24:00'",
        ),
        (
            {"times": [{"start_time": "09:00"}]},
            "times: each needs 'start_time' and 'end_time'",
        ),
        (
            {"times": ["09:00"]},
            "times: each must be a dict with 'start_time' and 'end_time'",
        ),
        ({"times": {"start_time": "09:00"}}, "times must be a list, not dict"),
        ({"weekdays": "monday"}, "weekdays must be a list, not str"),
        (
            {"weekdays": ["mon"]},
            "weekdays: 'mon' is not a weekday; did you mean 'monday'?",
        ),
        (
            {"weekdays": ["6"]},
            "weekdays: '6' is not a weekday; one of sunday, monday, tuesday, wednesday, thursday, "
            "friday, saturday",
        ),
        (
            {"weekdays": ["saturday:sunday"]},
            "weekdays: 'saturday:sunday' ends before it starts; write two ranges",
        ),
        (
            {"weekdays": ["monday:tuesday:friday"]},
            "weekdays: 'monday:tuesday:friday' must be one value, or a range with one ':'",
        ),
        ({"months": ["januar"]}, "months: 'januar' is not a month; did you mean 'january'?"),
        (
            {"months": ["november:february"]},
            "months: 'november:february' ends before it starts; write two ranges",
        ),
        (
            {"days_of_month": [0]},
            "days_of_month: '0' must be 1 to 31, or -31 to -1 from the end of the month",
        ),
        (
            {"days_of_month": ["-3:3"]},
            "days_of_month: '-3:3' starts from the end of the month, so its end must, too",
        ),
        (
            {"days_of_month": ["31:-1"]},
            "days_of_month: '31:-1' ends before it starts in a short month",
        ),
        ({"years": ["soon"]}, "years: 'soon' is not a year"),
        ({"years": ["2027:2026"]}, "years: '2027:2026' ends before it starts; write two ranges"),
        (
            {"location": "Europe/Berln"},
            "location 'Europe/Berln' is not a time zone; did you mean 'Europe/Berlin'?",
        ),
        (
            {"location": "europe/berlin"},
            "location 'europe/berlin' is not a time zone; did you mean 'Europe/Berlin'?",
        ),
        ({"location": 1}, "location must be text, not int"),
        ({"times": [None]}, "times: None is not a value"),
        ({"days_of_month": [None]}, "days_of_month: None is not a value"),
        ({"weekday": []}, "unknown key 'weekday'; did you mean 'weekdays'?"),
    ],
)
def test_what_alertmanager_refuses_is_a_mistake(interval: dict[str, Any], expected: str) -> None:
    assert [expected] == list(mistakes_in_interval(interval))


def test_unknown_keys_of_a_time_are_mistakes() -> None:
    interval = {"times": [{"start": "22:00", "end": "23:00"}]}

    assert [
        "times: unknown key 'end'; did you mean 'end_time'?",
        "times: unknown key 'start'; did you mean 'start_time'?",
    ] == list(mistakes_in_interval(interval))


def test_a_mistake_is_shown_at_the_line_of_its_mute_timing(empty_project: ProjectFolder) -> None:
    empty_project.write(
        {"alerts/m.py": "from gk import *\n\nm = mute_timing('m', {'months': ['januar']})\n"}
    )

    with pytest.raises(DefinitionError) as caught:
        empty_project.resources()

    assert (
        "alerts/m.py:3: mute timing 'm': months: 'januar' is not a month; did you mean 'january'?"
        == str(caught.value)
    )


ACCEPTED: list[dict[str, Any]] = [
    {},
    {"times": [{"start_time": "00:00", "end_time": "24:00"}]},
    {"weekdays": ["Monday:FRIDAY", "sunday"], "times": None},
    {"days_of_month": ["1:5", -1, "-7:-1", "+3", "27:-1"]},
    {"months": ["january:3", 12, "May"]},
    {"years": [2026, "2026:2030"]},
    {"location": "Local"},
    {"location": "US/Pacific"},
    {"weekdays": []},
]


@pytest.mark.parametrize("interval", ACCEPTED)
def test_what_alertmanager_takes_compiles(
    empty_project: ProjectFolder, interval: dict[str, Any]
) -> None:
    empty_project.write({"alerts/m.py": f"from gk import *\nm = mute_timing('m', {interval!r})\n"})

    body = empty_project.resource(Kind.MUTE_TIMING).body

    assert {"name": "m", "time_intervals": [interval]} == body


def test_time_zones_are_known_on_a_machine_without_a_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Slim containers have none, and Debian 13 has the old names in a package of its own."""
    monkeypatch.setattr("gk.documents.timezones.available_timezones", set)

    assert is_timezone("America/Argentina/Ushuaia")
    assert is_timezone("US/Pacific")


# Compared with Alertmanager's own parser

NUMBERS = st.one_of(
    st.integers(-40, 40),
    st.sampled_from([2**63, -(2**63), 2**63 - 1, True, 1.5, None, "01", "0" * 30]),
)
NAMES = st.sampled_from(
    [
        "monday",
        "Friday",
        "sunday",
        "mon",
        "january",
        "DECEMBER",
        "may",
        "sept",
        "",
        " 1",
        "1_0",
        "٣",
    ]
)
MEMBERS = st.one_of(NAMES, NUMBERS.map(str))
RANGES = st.one_of(
    NUMBERS,
    MEMBERS,
    st.tuples(MEMBERS, MEMBERS).map(":".join),
    st.just("1:2:3"),
    st.just(["monday"]),
    st.just({"a": 1}),
)
CLOCK = st.sampled_from(
    ["00:00", "06:30", "23:59", "24:00", "24:01", "6:30", "22:60", "", "22:00\n", 7]
)
TIMES = st.one_of(
    st.fixed_dictionaries({"start_time": CLOCK, "end_time": CLOCK}),
    st.fixed_dictionaries({"start_time": CLOCK}),
    st.sampled_from([None, "06:00", {"start": "06:00", "end": "07:00"}]),
)
ZONES = st.sampled_from(
    [
        *("Europe/Berlin", "europe/berlin", "UTC", "utc", "", "Local", "EST", "Etc/GMT+3", None, 1),
        *("Europe/Berln", "../etc/passwd", "/Europe/Berlin", "Europe", "US/Pacific", "GMT0"),
    ]
)


def lists(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.lists(items, max_size=2), st.none(), st.just("monday"))


INTERVALS = st.fixed_dictionaries(
    {},
    optional={
        "times": lists(TIMES),
        "weekdays": lists(RANGES),
        "days_of_month": lists(RANGES),
        "months": lists(RANGES),
        "years": lists(RANGES),
        "location": ZONES,
        "month": st.just([]),
    },
)
# Intervals of one key each: most of more keys are wrong somewhere.
ONE_KEY = INTERVALS.map(lambda interval: dict(list(interval.items())[-1:]))


def accepted(amtool: str, folder: Path, intervals: list[Any]) -> list[bool]:
    """Whether amtool takes each interval."""
    for number, interval in enumerate(intervals):
        config = {
            "route": {"receiver": "r"},
            "receivers": [{"name": "r"}],
            "time_intervals": [{"name": "m", "time_intervals": [interval]}],
        }
        (folder / f"{number}.yml").write_text(json.dumps(config))
    names = [f"{number}.yml" for number in range(len(intervals))]
    run = subprocess.run(
        [amtool, "check-config", *names], cwd=folder, capture_output=True, text=True, check=False
    )
    return [f"Checking '{name}'  SUCCESS" in run.stdout for name in names]


def has_null(interval: Any) -> bool:
    """Whether an interval has a null that Grafana refuses, and Alertmanager does not."""
    values = (interval.get("times"), interval.get("days_of_month"))
    return any(isinstance(value, list) and None in value for value in values)


@settings(max_examples=5)
@given(st.lists(st.one_of(INTERVALS, ONE_KEY), min_size=60, max_size=60))
def test_gk_and_amtool_refuse_the_same_intervals(
    tmp_path_factory: pytest.TempPathFactory, intervals: list[Any]
) -> None:
    amtool = shutil.which("amtool")
    if amtool is None:
        pytest.skip("not installed: amtool")

    taken = accepted(amtool, tmp_path_factory.mktemp("configs"), intervals)

    taken_by_gk = [not list(mistakes_in_interval(interval)) for interval in intervals]
    assert [
        is_taken and not has_null(interval)
        for is_taken, interval in zip(taken, intervals, strict=True)
    ] == taken_by_gk
