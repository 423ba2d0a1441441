"""Roster, coming and going, gaps, the briefing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from desk import procedures
from desk.errors import Refusal
from desk.ledger import Doing
from desk.procedures.shifts import come, plan_roster, plan_shift, turns
from desk.procedures.verbs import act
from desk.queries import shifts as queries
from tests.desks import DeskForTest, make_desk

MONDAY = date(2026, 3, 2)


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential", now="2026-03-01 12:00")


def refused(code: str, call: object) -> None:
    with pytest.raises(Refusal) as caught:
        call()  # type: ignore[operator]
    assert caught.value.code == code


def roster(desk: DeskForTest, first: date, days: int) -> list[tuple[str, str | None, str | None]]:
    start = desk.time(f"{first} 00:00")
    with desk.store.read() as session:
        rows = queries.roster(desk.ledger, session, start, start + timedelta(days=days))
    return [(row.staff, desk.local(row.starts_at), desk.local(row.ends_at)) for row in rows]


# -- planning ------------------------------------------------------------------------------------------------


def test_two_people_in_turn_along_the_calendar(desk: DeskForTest) -> None:
    two = [desk.staff["agent"], desk.staff["agent2"]]
    made = plan_roster(desk.ledger, two, date(2026, 3, 6), 4, desk.doing("supervisor"))
    # Friday, the weekend without hours, Monday
    assert roster(desk, date(2026, 3, 6), 4) == [
        ("agent", "2026-03-06 08:00", "2026-03-06 17:00"),
        ("agent2", "2026-03-09 08:00", "2026-03-09 17:00"),
    ]
    assert len(made) == 2
    # planning again only fills up
    assert len(plan_roster(desk.ledger, two, date(2026, 3, 6), 5, desk.doing("supervisor"))) == 1


def test_everyone_at_once(desk: DeskForTest) -> None:
    two = [desk.staff["agent"], desk.staff["agent2"]]
    plan_roster(desk.ledger, two, MONDAY, 1, desk.doing(), everyone=True)
    assert {row[0] for row in roster(desk, MONDAY, 1)} == {"agent", "agent2"}
    assert plan_roster(desk.ledger, two, MONDAY, 1, desk.doing(), everyone=True) == []


def test_the_rulebook_may_cut_the_day(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'extends = "residential"\ncalendar = "serviced-apartment"\n[settings]\nshifts = ['
        '{ name = "早班", from = "07:00", to = "15:00" }, { name = "中班", from = "15:00", to = "23:00" }, '
        '{ name = "夜班", from = "23:00", to = "07:00" }]\n',
        "utf-8",
    )
    desk = make_desk(tmp_path, own, "serviced-apartment")
    found = turns(desk.ledger.book, desk.ledger.calendar, MONDAY)
    assert [(name, desk.local(start), desk.local(end)) for name, start, end in found] == [
        ("早班", "2026-03-02 07:00", "2026-03-02 15:00"),
        ("中班", "2026-03-02 15:00", "2026-03-02 23:00"),
        ("夜班", "2026-03-02 23:00", "2026-03-03 07:00"),
    ]
    three = [desk.staff[name] for name in ("agent", "agent2", "supervisor")]
    plan_roster(desk.ledger, three, MONDAY, 2, desk.doing())
    with desk.store.read() as session:
        gaps = queries.gaps(desk.ledger, session, desk.time("2026-03-02 00:00"), desk.time("2026-03-05 00:00"))
    assert [(desk.local(gap.start), desk.local(gap.end)) for gap in gaps] == [
        ("2026-03-02 00:00", "2026-03-02 07:00"),
        ("2026-03-04 07:00", "2026-03-05 00:00"),
    ]


def test_planning_refuses(desk: DeskForTest) -> None:
    agent, doing = desk.staff["agent"], desk.doing()
    at = desk.time
    plan_shift(desk.ledger, agent, at("2026-03-02 08:00"), at("2026-03-02 17:00"), doing, "早班")
    for code, start, end in [
        ("shift.overlaps", "2026-03-02 16:00", "2026-03-02 20:00"),
        ("shift.ends_before", "2026-03-03 17:00", "2026-03-03 08:00"),
        ("shift.too_long", "2026-03-03 08:00", "2026-03-05 08:00"),
    ]:
        refused(code, lambda s=start, e=end: plan_shift(desk.ledger, agent, at(s), at(e), doing))
    refused("roster.nobody", lambda: plan_roster(desk.ledger, [], MONDAY, 1, doing))
    refused("roster.days", lambda: plan_roster(desk.ledger, [agent], MONDAY, 0, doing))
    assert len(roster(desk, date(2026, 3, 1), 7)) == 1


# -- coming and going ----------------------------------------------------------------------------------------


def test_a_day_on_duty(desk: DeskForTest) -> None:
    (shift,) = plan_roster(desk.ledger, [desk.staff["agent"]], MONDAY, 1, desk.doing("supervisor"))
    assert (desk.due(shift, "shift.briefing"), desk.due(shift, "shift.arrival")) == ("2026-03-02 07:45",) * 2
    desk.do("arrive-shift", shift, of="shift", at="2026-03-02 07:40")
    assert desk.open_rules(shift) == ["shift.briefing"]
    desk.do("brief", shift, of="shift", at="07:44")
    assert desk.open_rules(shift) == []
    with desk.store.read() as session:
        assert [row.staff for row in queries.on_duty(desk.ledger, session, desk.time("10:00"))] == ["agent"]
        current = queries.current(desk.ledger, session, desk.staff["agent"], desk.time("10:00"))
    assert current is not None
    assert (current.id, current.late) == (shift, False)
    refused("shift.arrived", lambda: desk.do("arrive-shift", shift, of="shift"))
    refused("shift.briefed", lambda: desk.do("brief", shift, of="shift"))
    refused("shift.arrived", lambda: desk.do("cancel-shift", shift, of="shift", reason="病假"))
    desk.do("leave-shift", shift, of="shift", at="17:02")
    refused("shift.left", lambda: desk.do("leave-shift", shift, of="shift"))
    with desk.store.read() as session:
        assert queries.on_duty(desk.ledger, session, desk.time("17:10")) == []


def test_reading_the_briefing_is_being_there(desk: DeskForTest) -> None:
    (shift,) = plan_roster(desk.ledger, [desk.staff["agent"]], MONDAY, 1, desk.doing())
    desk.do("brief", shift, of="shift", at="2026-03-02 07:50")
    assert desk.names(shift)[-3:] != []
    row = desk.row("shift", shift)
    assert row.arrived_at == row.briefed_at == desk.now  # type: ignore[union-attr]


def test_who_is_late_is_told_of(desk: DeskForTest) -> None:
    (shift,) = plan_roster(desk.ledger, [desk.staff["agent"]], MONDAY, 1, desk.doing())
    desk.tick("2026-03-02 07:50")
    assert {"shift.briefing/1", "shift.arrival/1"} <= set(desk.open_rules(shift))
    desk.do("brief", shift, of="shift", at="08:10")
    assert desk.open_rules(shift) == []


def test_a_cancelled_shift_asks_for_nothing(desk: DeskForTest) -> None:
    (shift,) = plan_roster(desk.ledger, [desk.staff["agent"]], MONDAY, 1, desk.doing())
    refused("shift.not_arrived", lambda: desk.do("leave-shift", shift, of="shift"))
    desk.do("cancel-shift", shift, of="shift", reason="调班")
    assert desk.open_rules(shift) == []
    assert roster(desk, MONDAY, 1) == []
    refused("shift.cancelled", lambda: desk.do("arrive-shift", shift, of="shift"))


def test_coming_takes_the_planned_shift_or_makes_one(desk: DeskForTest) -> None:
    agent, other = desk.staff["agent"], desk.staff["agent2"]
    (shift,) = plan_roster(desk.ledger, [agent], MONDAY, 1, desk.doing())
    desk.at("2026-03-02 07:30")
    assert come(desk.ledger, Doing(desk.now, by=agent)) == shift
    assert come(desk.ledger, Doing(desk.now, by=agent)) == shift
    assert desk.names(shift).count("shift.arrived") == 1
    desk.at("2026-03-02 13:30")
    made = come(desk.ledger, Doing(desk.now, by=other))
    with desk.store.read() as session:
        (row,) = [row for row in queries.on_duty(desk.ledger, session, desk.now) if row.id == made]
    assert (desk.local(row.starts_at), desk.local(row.ends_at)) == ("2026-03-02 13:30", "2026-03-02 17:00")
    desk.tick("16:00")
    # nobody can be early for what was never planned
    assert desk.open_rules(made) == ["shift.briefing"]
    assert desk.due(made, "shift.briefing") is None


def test_the_manual_without_a_briefing_offers_none(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    shift = plan_shift(desk.ledger, desk.staff["agent"], desk.time("10:00"), desk.time("18:00"), desk.doing())
    refused("verb.not_here", lambda: act(desk.ledger, procedures.VERBS["shift", "brief"], shift, {}, desk.doing()))


# -- gaps ----------------------------------------------------------------------------------------------------

# shifts on Monday → gaps on Monday
GAPS = [
    ([], [("08:00", "12:00"), ("13:00", "17:00")]),
    ([("08:00", "17:00")], []),
    ([("08:00", "12:00")], [("13:00", "17:00")]),
    ([("08:00", "11:30"), ("13:30", "16:00")], [("11:30", "12:00"), ("13:00", "13:30"), ("16:00", "17:00")]),
    ([("07:00", "10:00"), ("09:00", "14:00")], [("14:00", "17:00")]),
]


@pytest.mark.parametrize(("planned", "expected"), GAPS)
def test_gaps(desk: DeskForTest, planned: list[tuple[str, str]], expected: list[tuple[str, str]]) -> None:
    for index, (start, end) in enumerate(planned):
        person = desk.staff[("agent", "agent2")[index]]
        starts, ends = desk.time(f"{MONDAY} {start}"), desk.time(f"{MONDAY} {end}")
        plan_shift(desk.ledger, person, starts, ends, desk.doing())
    with desk.store.read() as session:
        found = queries.gaps(desk.ledger, session, desk.time(f"{MONDAY} 00:00"), desk.time("2026-03-03 00:00"))
    local = [(desk.local(gap.start), desk.local(gap.end)) for gap in found]
    assert local == [(f"{MONDAY} {start}", f"{MONDAY} {end}") for start, end in expected]


# -- the briefing --------------------------------------------------------------------------------------------


def test_the_briefing_says_yesterday_and_today(desk: DeskForTest) -> None:
    desk.at("2026-03-06 09:00")  # a Friday
    leak = desk.open("repair", what="漏水", room="3-2-501")
    desk.open("repair", what="灯不亮", room="3-2-502", at="10:00")
    desk.do("log", of="log", note="电梯年检改到下周")
    desk.do("log", of="log", note="东门道闸坏了", urgent=True)
    desk.do("carry-over", leak, at="16:50", reason="等配件", note="阀门订货")
    desk.at("2026-03-09 07:50")  # the Monday after
    with desk.store.read() as session:
        found = queries.briefing(desk.ledger, session, desk.staff["agent"], desk.now)
    assert (found.day, found.former_day) == (date(2026, 3, 9), date(2026, 3, 6))
    assert (found.former["ticket.opened"], found.former["ticket.carried_over"]) == (2, 1)
    assert [note.text for note in found.notes] == ["东门道闸坏了", "电梯年检改到下周"]
    assert [line.what for line in found.carried] == ["漏水"]
    rules = {(row.rule_id, row.what) for row in found.due}
    assert ("matter.next_day", "漏水") in rules
    assert ("matter.same_day", "灯不亮") in rules
    assert [(desk.local(gap.start), desk.local(gap.end)) for gap in found.gaps] == [
        ("2026-03-09 08:00", "2026-03-09 12:00"),
        ("2026-03-09 13:00", "2026-03-09 17:00"),
    ]
