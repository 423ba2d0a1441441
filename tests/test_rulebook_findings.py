"""What a check finds in a rulebook that reads well: what can't be right, and what is right but worth a look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk import resources
from desk.calendars import Calendar, load_calendar
from desk.errors import Refusal
from desk.rulebook import build, load
from desk.rulebook.checking import Collector
from desk.rulebook.findings import Finding, findings

LUNCH = Calendar.from_dict(
    {"timezone": "Asia/Shanghai", "holidays": "none", "hours": {"mon-sun": ["08:00-12:00", "13:00-17:00"]}},
    name="lunch",
    statutory={},
)
NEVER_CLOSED = Calendar.from_dict(
    {"timezone": "Asia/Shanghai", "holidays": "none", "day_ends": "24:00", "hours": {"mon-sun": ["00:00-24:00"]}},
    name="always",
    statutory={},
)
REPAIR = {"title": "Repair", "key": 1, "number": "R", "dispatch": "pool"}


def look(*rules: Mapping[str, Any], calendar: Calendar = NEVER_CLOSED, **parts: Any) -> list[Finding]:
    """What is found in a rulebook of these rules; what a rule leaves out is plain and right."""
    plain = {"title": "t", "on": "ticket.opened", "until": ["ticket.closed"], "within": "1 day", "by": "agent"}
    rows = [{**plain, "id": f"rule.{n}", **rule} for n, rule in enumerate(rules, 1)]
    raw = {"calendar": "c", "kind": {"repair": REPAIR}, "rule": rows, **parts}
    return findings(build(raw, name="t", file="t.toml"), calendar)


def told(found: list[Finding]) -> list[tuple[str, str | None]]:
    return [(("!" if each.error else "") + each.about.code.removeprefix("rulebook."), each.rule) for each in found]


TICKS = {"missed": [{"then": "chase", "who": "manager", "within": "1 min"}]}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        # right as it is
        ([{}], []),
        ([{"warn": "1 hour before"}, {"until": ["ticket.told"]}], []),
        # no event can open it
        ([{"on": "shift.planned", "until": ["shift.arrived"], "where": {"kind": "repair"}}], [("!never_opens", "rule.1")]),
        (
            [{"on": {"event": "ticket.opened", "where": {"urgent": True}}, "where": {"urgent": False}}],
            [("!never_opens", "rule.1")],
        ),
        ([{"where": {"urges": {"min": 3, "max": 2}}}], [("!never_opens", "rule.1")]),
        ([{"where": {"grade": {"not": ["major", "important", "minor"]}}}], [("!never_opens", "rule.1")]),
        ([{"where": {"grade": {"not": ["major", "important"]}}}], []),
        ([{"where": {"kind": "repair", "dispatch": "told"}}], [("no_such_kind", "rule.1")]),
        ([{"where": {"kind": "repair", "dispatch": ["told", "pool"]}}], []),
        # one of two events is enough
        ([{"on": ["shift.planned", "ticket.opened"], "where": {"kind": "repair"}}], []),
        # nothing can meet it
        ([{"until": []}], [("!never_met", "rule.1")]),
        ([{"until": ["shift.arrived"]}], [("!never_met", "rule.1")]),
        ([{"until": ["callback.done"]}], []),
        ([{"on": "shift.planned", "until": ["shift.briefed"], "within": "15 min before @shift_start"}], []),
        ([{"on": "shift.planned", "until": ["shift.briefed"], "within": "@appointment"}], [("!anchor_never", "rule.1")]),
        # a warning before its start, or after the deadline
        ([{"within": "10 min", "warn": "10 min before"}], [("!warn_before_start", "rule.1")]),
        ([{"within": "10 min", "warn": "9 min before"}], []),
        ([{"within": "3 days", "warn": "4 days before"}], [("!warn_before_start", "rule.1")]),
        ([{"within": "10 min", "warn": "1 min"}], [("!warn_after", "rule.1")]),
        ([{"within": "end of duty", "warn": "30 min before"}], []),
        # opened again without end
        ([{"on": "escalation.fired", "until": ["ticket.chased"], **TICKS}], [("!endless_steps", "rule.1")]),
        (
            [{"on": {"event": "escalation.fired", "where": {"rule": "rule.2"}}, "until": ["ticket.chased"], **TICKS}],
            [],
        ),
        (
            [
                {"on": {"event": "escalation.fired", "where": {"rule": "rule.2"}}, "until": ["ticket.chased"], **TICKS},
                {"on": {"event": "escalation.fired", "where": {"rule": "rule.1"}}, "until": ["ticket.told"], **TICKS},
            ],
            [("!endless_steps", "rule.1")],
        ),
        (
            [{"on": "ticket.told", "until": ["ticket.accepted"]}, {"on": "ticket.accepted", "until": ["ticket.told"]}],
            [("!endless", "rule.1")],
        ),
        (
            [
                {"on": "ticket.told", "until": ["ticket.accepted"]},
                {"on": "ticket.accepted", "until": ["ticket.told", "ticket.closed"]},
            ],
            [],
        ),
        ([{"on": "ticket.published", "until": ["ticket.published"], "cancel": ["ticket.closed"]}], []),
        # one duty, two figures
        ([{"within": "1 day"}, {"within": "2 days"}], [("!two_figures", "rule.2")]),
        ([{"within": "1 day"}, {"within": "1 day"}], [("same_duty", "rule.2")]),
        ([{"within": "1 day"}, {"within": "2 days", "by": "manager"}], []),
        ([{"within": "1 day", "where": {"urgent": True}}, {"within": "2 days", "where": {"urgent": False}}], []),
        ([{"within": "1 day", "where": {"urgent": True}}, {"within": "2 days"}], [("!two_figures", "rule.2")]),
        ([{"within": "1 day"}, {"within": "2 days", "on": "ticket.told"}], []),
        ([{"cancel": ["ticket.closed"]}], [("met_and_withdrawn", "rule.1")]),
    ],
)  # fmt: skip
def test_what_is_found(rules: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    assert told(look(*rules)) == expected


def test_figures_still_to_be_filled_in_and_not_asked_for() -> None:
    found = look({"within": "$soon"}, figures={"soon": "", "idle": "1 day"})
    assert told(found) == [("empty_figure", None), ("unused_figure", None)]
    assert found[0].about.params["rules"] == ["rule.1"]


def test_two_kinds_by_one_key() -> None:
    kinds = {"repair": REPAIR, "other": {**REPAIR, "number": "O"}, "third": {**REPAIR, "key": 3}}
    assert told(look(kind=kinds)) == [("!same_key", "kind.other"), ("same_number", "kind.third")]


@pytest.mark.parametrize(
    ("within", "code", "due"),
    [
        ("2 working min", "rulebook.stretched", "13:01"),
        ("2 min", "rulebook.through_closing", "12:01"),
        ("$promptly", "rulebook.through_closing", "12:29"),
    ],
)
def test_two_minutes_at_a_desk_that_closes_for_lunch(within: str, code: str, due: str) -> None:
    [found] = look({"within": within}, calendar=LUNCH, figures={"promptly": "30 min"} if "$" in within else {})
    params = found.about.params
    assert (found.error, found.about.code) == (False, code)
    assert (f"{params['start']:%H:%M}", f"{params['due']:%H:%M}") == ("11:59", due)
    assert told(look({"within": within}, figures={"promptly": "30 min"} if "$" in within else {})) == []


@pytest.mark.parametrize("name", resources.names("rulebooks"))
def test_our_own_have_no_faults(name: str) -> None:
    book = load(resources.path(f"rulebooks/{name}.toml"))
    folder = resources.path("calendars")
    found = findings(book, load_calendar(folder / f"{book.calendar}.toml", folder))
    assert [each for each in told(found) if each[0].startswith("!")] == []


WORDS = st.sampled_from(
    [
        "ticket.opened",
        "ticket.clsed",
        "agent",
        "agnet",
        "5 min",
        "5 mins ago",
        "$promptly",
        "$nothing",
        "@owner",
        "",
        "repair",
    ]
)
VALUES = st.one_of(
    WORDS, st.integers(-3, 3), st.booleans(), st.lists(WORDS, max_size=2), st.dictionaries(WORDS, WORDS, max_size=2)
)  # fmt: skip


MANUAL = load(resources.path("rulebooks/residential.toml")).raw


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 30),
    st.sampled_from(
        ["id", "title", "on", "where", "until", "cancel", "within", "warn", "by", "missed", "times", "every", "x"]
    ),
    VALUES,
)
def test_whatever_is_written_is_refused_with_a_fault_or_looked_through(number: int, key: str, value: object) -> None:
    """A check finds a fault exactly where the loader refuses; nothing that is written makes either fall over."""
    raw = dict(MANUAL)
    rows = [dict(row) for row in raw["rule"]]
    rows[number][key] = value
    raw["rule"] = rows
    collector = Collector(raw, "own", "own.toml")
    collector.rulebook()
    try:
        book = build(raw, name="own", file="own.toml")
    except Refusal:
        assert collector.faults
    else:
        assert collector.faults == []
        findings(book, LUNCH)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(
        ["calendar", "title", "name", "settings", "figures", "table", "kind", "rule", "guard", "target", "x"]
    ),
    VALUES | st.lists(VALUES, max_size=2) | st.dictionaries(WORDS, VALUES, max_size=2),
)
def test_whatever_stands_at_the_top_too(key: str, value: object) -> None:
    raw = {**MANUAL, "rule": MANUAL["rule"][:3], key: value}
    collector = Collector(raw, "own", "own.toml")
    collector.whole()
    try:
        build(raw, name="own", file="own.toml")
    except Refusal:
        assert collector.faults
    else:
        assert collector.faults == []


@pytest.mark.parametrize(("warn", "found"), [("90 min before", False), ("3 hours before", True)])
def test_a_warning_before_the_start_of_some_is_said(warn: str, found: bool) -> None:
    """Over night two working hours are long; begun in the morning they are over before the warning would come."""
    codes = [code for code, _rule in told(look({"within": "2 working hours", "warn": warn}, calendar=LUNCH))]
    assert ("warn_at_once" in codes, "!warn_before_start" in codes) == (found, False)
