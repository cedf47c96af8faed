"""What notifies becomes Grafana's alerting documents: contact points, policies, mute timings and
message templates."""

from __future__ import annotations

import pytest

from gk.resource import Kind
from tests.alerting import FIRST_LINE, group, mistake, mistakes, shop, write
from tests.conftest import ProjectFolder

__all__ = ["shop"]

# Contact points


def test_a_contact_point(shop: ProjectFolder) -> None:
    """Receivers get uids of their own, and secrets stay references, however deep they are."""
    write(
        shop,
        "team = contact_point('Team A',\n"
        "    receiver('slack', {'url': secret('SLACK'), 'recipient': '#shop'}),\n"
        "    receiver('slack', {'url': secret_file('/run/slack')}, disable_resolve_message=True),\n"
        "    receiver('webhook', "
        "{'url': 'http://hook', 'headers': {'X-Key': secret_key('grafana', 'key')}}, uid='hook'),\n"
        ")\n",
    )
    key = {"env": "GK_SECRET_GRAFANA_KEY", "name": "grafana", "key": "key"}
    expected = {
        "name": "Team A",
        "receivers": [
            {
                "uid": "team-a-slack",
                "type": "slack",
                "settings": {"url": {"$secret": {"env": "SLACK"}}, "recipient": "#shop"},
            },
            {
                "uid": "team-a-slack-2",
                "type": "slack",
                "settings": {"url": {"$secret": {"file": "/run/slack"}}},
                "disableResolveMessage": True,
            },
            {
                "uid": "hook",
                "type": "webhook",
                "settings": {"url": "http://hook", "headers": {"X-Key": {"$secret": key}}},
            },
        ],
    }

    assert expected == shop.resource(Kind.CONTACT_POINT, "Team A").body


EMAIL = "receiver('email', {'addresses': 'a@b'}"


@pytest.mark.parametrize(
    ("message", "line", "definitions"),
    [
        pytest.param(
            "contact point 'a': the name is taken by the one at alerts/rules.py:{first}; "
            "change one",
            1,
            f"one = contact_point('a', {EMAIL}))\ntwo = contact_point('a', {EMAIL}, uid='x'))",
            id="name",
        ),
        pytest.param(
            "contact point 'b': uid 'x' is taken by a receiver at alerts/rules.py:{first}; "
            "change one",
            1,
            f"one = contact_point('a', {EMAIL}, uid='x'))\n"
            f"two = contact_point('b', {EMAIL}, uid='x'))",
            id="uid",
        ),
        pytest.param(
            "contact point 'a': uid 'x' is taken by a receiver at alerts/rules.py:{first}; "
            "change one",
            0,
            f"one = contact_point('a', {EMAIL}, uid='x'), {EMAIL}, uid='x'))",
            id="uid-within",
        ),
        pytest.param(
            "contact point 'a': uid 'a b' must be 1 to 40 letters",
            0,
            f"one = contact_point('a', {EMAIL}, uid='a b'))",
            id="bad-uid",
        ),
        pytest.param(
            "contact point 'a': receiver 'email' has no type or no settings",
            0,
            "one = contact_point('a', receiver('email', {}))",
            id="no-settings",
        ),
        pytest.param(
            "contact point: the name is empty",
            0,
            f"one = contact_point('', {EMAIL}))",
            id="no-name",
        ),
    ],
)
def test_a_contact_point_that_grafana_would_refuse_is_a_mistake(
    shop: ProjectFolder, message: str, line: int, definitions: str
) -> None:
    """At its line, and with the other's."""
    problem = mistake(write(shop, definitions))

    assert problem.startswith(
        f"alerts/rules.py:{FIRST_LINE + line}: " + message.replace("{first}", str(FIRST_LINE))
    )


# Notification policies


def test_a_policy_tree(shop: ProjectFolder) -> None:
    """As Grafana's API has it, from definitions or from names; the root groups as Grafana's does by
    itself."""
    write(
        shop,
        f"team = contact_point('team', {EMAIL}))\n"
        "weekends = mute_timing('weekends', {'weekdays': ['saturday', 'sunday']})\n"
        "root = notification_policy('grafana-default-email', "
        "group_wait='0s', repeat_interval='4h', routes=[\n"
        "    notification_policy(team, matchers=['team=\"a\"'], "
        "mute_timings=[weekends, 'weekends'], active_timings=[weekends], continue_=True,\n"
        "        group_by=['...'], group_interval='5m', routes=[notification_policy('team')]),\n"
        "])\n",
    )
    expected = {
        "receiver": "grafana-default-email",
        "group_by": ["grafana_folder", "alertname"],
        "group_wait": "0s",
        "repeat_interval": "4h",
        "routes": [
            {
                "receiver": "team",
                "object_matchers": [["team", "=", "a"]],
                "mute_time_intervals": ["weekends", "weekends"],
                "active_time_intervals": ["weekends"],
                "continue": True,
                "group_by": ["..."],
                "group_interval": "5m",
                "routes": [{"receiver": "team"}],
            }
        ],
    }

    assert expected == shop.resource(Kind.NOTIFICATION_POLICY).body


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(["team", "=", "a b"], 'team="a b"', id="quoted"),
        pytest.param(["team", "=", "a"], "team=a", id="bare"),
        pytest.param(["team", "!=", ""], ' team != "" ', id="spaces"),
        pytest.param(["team", "=~", "a|b"], 'team=~"a|b"', id="pattern"),
        pytest.param(["team", "!~", "a.*"], "team!~a.*", id="bare-pattern"),
        pytest.param(["team", "=~", r"a\.b\d"], r'team=~"a\.b\d"', id="escapes-of-the-pattern"),
        pytest.param(
            ["team", "=", 'say "hi"\\\n'], r'team="say \"hi\"\\\n"', id="escapes-of-the-text"
        ),
    ],
)
def test_a_matcher_is_written_as_in_alertmanager(
    shop: ProjectFolder, expected: list[str], text: str
) -> None:
    """And becomes the three parts that Grafana's API has."""
    default = "'grafana-default-email'"
    write(
        shop,
        f"p = notification_policy({default}, routes=[notification_policy({default}, "
        f"matchers=[{text!r}])])",
    )

    assert [expected] == shop.resource(Kind.NOTIFICATION_POLICY).body["routes"][0][
        "object_matchers"
    ]


def root(**routes: str) -> str:
    """A root with one route that has these arguments, on the next line."""
    arguments = ", ".join(f"{name}={value}" for name, value in routes.items())
    return (
        "p = notification_policy('grafana-default-email', routes=[\n"
        f"    notification_policy({arguments})])\n"
    )


@pytest.mark.parametrize(
    ("message", "definitions"),
    [
        pytest.param(
            "contact point 'taem' is not defined in alerts/; did you mean 'team'?",
            root(receiver="'taem'") + f"c = contact_point('team', {EMAIL}))",
            id="unknown-contact-point",
        ),
        pytest.param(
            "contact point 'x' is not defined",
            root(receiver=f"contact_point('x', {EMAIL}))"),
            id="contact-point-that-is-no-definition",
        ),
        pytest.param(
            "mute timing 'weekend' is not defined in alerts/; did you mean 'weekends'?",
            root(receiver="'grafana-default-email'", mute_timings="['weekend']")
            + "m = mute_timing('weekends', {'weekdays': ['sunday']})",
            id="unknown-mute-timing",
        ),
        pytest.param(
            "matcher 'severity' is not of the form label=\"value\"",
            root(receiver="'grafana-default-email'", matchers="['severity']"),
            id="matcher",
        ),
        pytest.param(
            "matcher 'a=\"b' is not of the form",
            root(receiver="'grafana-default-email'", matchers="['a=\"b']"),
            id="matcher-quote",
        ),
        pytest.param(
            "'(' in matcher 'a=~(' is not a valid regular expression",
            root(receiver="'grafana-default-email'", matchers="['a=~(']"),
            id="matcher-pattern",
        ),
        pytest.param(
            "group_wait '5' is not a duration",
            root(receiver="'grafana-default-email'", group_wait="'5'"),
            id="wait",
        ),
        pytest.param(
            "group_interval is zero",
            root(receiver="'grafana-default-email'", group_interval="'0s'"),
            id="interval",
        ),
        pytest.param(
            "repeat_interval is zero",
            root(receiver="'grafana-default-email'", repeat_interval="'0s'"),
            id="repeat",
        ),
        pytest.param(
            "group_by 'alert name' is not a valid label name",
            root(receiver="'grafana-default-email'", group_by="['alert name']"),
            id="group-by",
        ),
    ],
)
def test_a_policy_that_grafana_would_refuse_is_a_mistake(
    shop: ProjectFolder, message: str, definitions: str
) -> None:
    """At the route's line: Grafana would not start with it."""
    problem = mistake(write(shop, definitions))

    assert problem.startswith(f"alerts/rules.py:{FIRST_LINE + 1}: notification policy: {message}")


@pytest.mark.parametrize("what", ["label", "annotation"])
def test_names_that_are_no_texts_are_a_mistake(shop: ProjectFolder, what: str) -> None:
    write(shop, group(f"alert('A', failed > 1, {what}s={{1: 'a', b'x': 'b', 'c': 'd'}})"))

    expected = [
        f"alert 'A': the name of each {what} must be text, not {kind}" for kind in ("bytes", "int")
    ]
    assert expected == sorted(problem.partition(": ")[2] for problem in mistakes(shop))


@pytest.mark.parametrize(
    "arguments",
    ["matchers=['a=b']", "mute_timings=['m']", "active_timings=['m']", "continue_=True"],
)
def test_the_root_takes_everything(shop: ProjectFolder, arguments: str) -> None:
    """It has no matchers and is never muted."""
    write(
        shop,
        f"p = notification_policy('grafana-default-email', {arguments})\n"
        "m = mute_timing('m', {'months': ['1']})",
    )

    cannot = "the root policy cannot have matchers, mute timings, active timings or continue_"
    assert cannot in mistake(shop)


def test_two_roots_are_a_mistake(shop: ProjectFolder) -> None:
    """Grafana has one tree, which the second would replace."""
    write(
        shop,
        "a = notification_policy('grafana-default-email')\n"
        "b = notification_policy('grafana-default-email')\n",
    )

    expected = (
        f"notification policy: there is another root at alerts/rules.py:{FIRST_LINE}; "
        "make one a route"
    )
    assert mistake(shop).startswith(f"alerts/rules.py:{FIRST_LINE + 1}: {expected}")


def test_a_route_may_have_a_name_in_python(shop: ProjectFolder) -> None:
    """A policy of a module that is a route of another, at any depth, is no second root."""
    default = "'grafana-default-email'"
    write(
        shop,
        f"inner = notification_policy({default}, matchers=['a=b'])\n"
        f"root = notification_policy({default}, routes=[notification_policy({default}, "
        "routes=[inner])])\n",
    )

    inner = shop.resource(Kind.NOTIFICATION_POLICY).body["routes"][0]["routes"][0]
    assert [["a", "=", "b"]] == inner["object_matchers"]


# Mute timings and templates


def test_a_mute_timing(shop: ProjectFolder) -> None:
    """Its intervals are Alertmanager's, as they stand."""
    interval = {
        "times": [{"start_time": "00:00", "end_time": "06:00"}],
        "weekdays": ["monday:friday"],
        "days_of_month": ["1:5"],
        "months": ["may"],
        "years": ["2026"],
        "location": "Europe/Berlin",
    }
    write(shop, f"m = mute_timing('nights', {interval!r}, {{'weekdays': ['sunday']}})")

    expected = {"name": "nights", "time_intervals": [interval, {"weekdays": ["sunday"]}]}
    assert expected == shop.resource(Kind.MUTE_TIMING, "nights").body


def test_a_message_template(shop: ProjectFolder) -> None:
    """Its text is Grafana's own, and nothing in it is changed."""
    text = '{{ define "subject" }}{{ $value := .Status }}{{ $value }} ${x} {{ end }}'
    write(shop, f"t = message_template('subject', {text!r})")

    assert {"name": "subject", "template": text} == shop.resource(
        Kind.MESSAGE_TEMPLATE, "subject"
    ).body


@pytest.mark.parametrize(
    ("message", "definitions"),
    [
        pytest.param(
            "mute timing 'm': unknown key 'weekday'; did you mean 'weekdays'?",
            "\nm = mute_timing('m', {'weekday': ['sunday']})",
            id="unknown-key",
        ),
        pytest.param(
            "mute timing 'm': the name is taken by the one at alerts/rules.py:{first}; change one",
            "a = mute_timing('m', {'years': ['2026']})\nb = mute_timing('m', {'years': ['2027']})",
            id="name",
        ),
        pytest.param(
            "mute timing: the name is empty",
            "\nm = mute_timing('', {'years': ['2026']})",
            id="no-name",
        ),
        pytest.param(
            "message template 't': 'toUper' is not a function of message templates; did you mean "
            "'toUpper'?",
            "\nt = message_template('t', '{{ toUper 1 }}')",
            id="function-of-a-template",
        ),
        pytest.param(
            "message template 't': 'toJson' works only in Alertmanager's own templates; Grafana "
            "does not have it",
            "\nt = message_template('t', '{{ toJson . }}')",
            id="function-of-alertmanager",
        ),
        pytest.param(
            "message template 't': '{{ if .Status }}' has no '{{ end }}'",
            "\nt = message_template('t', '{{ define \"t\" }}{{ if .Status }}')",
            id="open-if-of-a-template",
        ),
        pytest.param(
            "message template 't': '$labels' is not a variable; declare it with :=",
            "\nt = message_template('t', '{{ $labels.job }}')",
            id="variable-of-a-template",
        ),
        pytest.param(
            "message template 't': the template is empty",
            "\nt = message_template('t', '')",
            id="empty-template",
        ),
        pytest.param(
            "message template 't': the name is taken by the one at alerts/rules.py:{first}; "
            "change one",
            "a = message_template('t', 'x')\nb = message_template('t', 'y')",
            id="template",
        ),
    ],
)
def test_a_mute_timing_or_template_with_a_mistake(
    shop: ProjectFolder, message: str, definitions: str
) -> None:
    """Grafana would ignore an unknown key, and mute at all times."""
    problem = mistake(write(shop, definitions))

    assert (
        f"alerts/rules.py:{FIRST_LINE + 1}: " + message.replace("{first}", str(FIRST_LINE))
        == problem
    )
