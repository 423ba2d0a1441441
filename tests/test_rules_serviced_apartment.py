"""Every figure of the manual ``serviced-apartment``, as a table: event, facts, start, rule → due (local time).

The desk never closes: a limit runs through the night, the weekend and a public holiday alike.
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache

import pytest

from desk import resources, rules
from desk.calendars import Calendar, load_calendar
from desk.queries.responsible import row_for
from desk.recurrence import occurrences
from desk.rulebook import Rulebook, build, extend, load, read

MON = "2026-03-02"  # a Monday with nothing special about it
NIGHT = "2026-10-01"  # a public holiday
AT_TWO = "2026-03-02T14:00:00+08:00"
REPAIR, BOOKED = {"kind": "repair"}, {"kind": "repair", "booked": True, "appointment": AT_TWO}
URGENT = {"kind": "security", "urgent": True}


@cache
def desk() -> tuple[Rulebook, Calendar]:
    book = load(resources.path("rulebooks/serviced-apartment.toml"))
    folder = resources.path("calendars")
    return book, load_calendar(folder / f"{book.calendar}.toml", folder)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=desk()[1].timezone)


# id, event, facts, start, rule, due
CASES = [
    ("D-46", "ticket.supervisor_asked", {"kind": "inquiry"}, f"{MON} 10:00", "reply.after_asking", f"{MON} 10:05"),
    ("D-46 at midnight", "ticket.supervisor_asked", REPAIR, f"{MON} 23:58", "reply.after_asking", "2026-03-03 00:03"),
    ("D-47", "ticket.came_in", REPAIR, f"{MON} 10:00", "entry.minute", f"{MON} 10:01"),
    ("D-47 at night", "ticket.came_in", REPAIR, f"{NIGHT} 03:00", "entry.minute", f"{NIGHT} 03:01"),
    ("D-48 responsible", "ticket.opened", URGENT, f"{MON} 10:00", "urgent.responsible", f"{MON} 10:01:30"),
    ("D-48 superior", "ticket.opened", URGENT, f"{NIGHT} 03:00", "urgent.superior", f"{NIGHT} 03:01:30"),
    ("D-48 any class", "ticket.opened", {"kind": "fire", "urgent": True}, f"{MON} 23:59:30", "urgent.superior", "2026-03-03 00:01"),
    ("D-49", "ticket.opened", REPAIR, f"{MON} 10:00", "relay.read_back", f"{MON} 10:02"),
    ("D-49 cleaning", "ticket.opened", {"kind": "cleaning"}, "2026-03-07 22:00", "relay.read_back", "2026-03-07 22:02"),
    ("D-49 question", "ticket.opened", {"kind": "inquiry"}, f"{MON} 10:00", "relay.inquiry", f"{MON} 10:02"),
    ("D-50", "appointment.made", BOOKED, f"{MON} 10:00", "slip.sign_out_booked", f"{MON} 14:00"),
    ("D-51", "ticket.read_back", REPAIR, f"{MON} 10:02", "site.ten_minutes", f"{MON} 10:12"),
    ("D-51 urgent", "ticket.told", URGENT, f"{MON} 10:01", "site.ten_minutes", f"{MON} 10:11"),
    ("D-52", "appointment.made", BOOKED, f"{MON} 10:00", "visit.confirm", f"{MON} 13:45"),
    ("D-52 anew", "appointment.rebooked", BOOKED, f"{MON} 10:00", "visit.confirm", f"{MON} 13:45"),
    ("D-53", "appointment.made", BOOKED, f"{MON} 10:00", "visit.early", f"{MON} 13:57"),
    ("D-54", "ticket.diagnosed", REPAIR, f"{MON} 10:20", "plan.three_minutes", f"{MON} 10:23"),
    ("D-55", "ticket.stuck", REPAIR, f"{MON} 10:30", "stuck.supervisor", f"{MON} 10:35"),
    ("D-56", "ticket.opened", REPAIR, f"{MON} 10:00", "meeting.same_day", "2026-03-03 00:00"),
    ("D-56 booked", "appointment.kept", BOOKED, f"{MON} 13:56", "meeting.booked_day", "2026-03-03 00:00"),
    ("D-56 beyond", "ticket.stuck", {**REPAIR, "beyond": True}, f"{MON} 10:30", "meeting.beyond", f"{MON} 11:30"),
    ("D-56 late", "ticket.stuck", {**REPAIR, "beyond": True}, f"{MON} 23:30", "meeting.beyond", "2026-03-03 00:00"),
    ("D-57", "ticket.inspected", REPAIR, f"{MON} 11:00", "slip.back", f"{MON} 11:10"),
    ("D-58", "ticket.slip_returned", REPAIR, f"{MON} 11:05", "callback.two_minutes", f"{MON} 11:07"),
    ("S3-04", "ticket.delegated", REPAIR, f"{MON} 10:00", "delegation.taken", f"{MON} 10:05"),
    ("S3-06", "ticket.opened", {"kind": "help"}, f"{MON} 10:00", "reply.at_once", f"{MON} 10:05"),
    ("S3-06 agreed", "ticket.reply_agreed", {"kind": "inquiry", "reply_at": AT_TWO}, f"{MON} 10:00", "reply.agreed", f"{MON} 14:00"),
    ("S3-17", "appointment.missed", BOOKED, f"{MON} 14:10", "visit.rebook", f"{MON} 14:40"),
    ("S3-19", "ticket.opened", URGENT, f"{MON} 10:00", "urgent.direct", f"{MON} 10:05"),
    ("S3-22", "ticket.read_back", REPAIR, f"{MON} 10:02", "slip.sign_out", f"{MON} 10:07"),
    ("S3-24", "ticket.arrived", URGENT, f"{MON} 10:08", "slip.sign_later", f"{MON} 10:38"),
    ("S3-27", "ticket.arrived", REPAIR, f"{MON} 10:10", "site.diagnose", f"{MON} 10:20"),
    ("S3-29", "ticket.planned", REPAIR, f"{MON} 10:23", "plan.explain", f"{MON} 10:53"),
    ("S3-33", "ticket.put_to_meeting", REPAIR, f"{MON} 17:00", "meeting.decides", "2026-03-03 17:00"),
    ("S3-34", "ticket.completed", REPAIR, f"{MON} 10:50", "accept.sign", f"{MON} 11:05"),
    ("S3-38", "ticket.rejected", REPAIR, f"{MON} 11:00", "accept.second", f"{MON} 11:05"),
    ("S3-38 callback", "callback.done", {**REPAIR, "outcome": "unsatisfied"}, f"{MON} 11:00", "callback.second", f"{MON} 11:05"),
    ("S3-39", "ticket.slip_returned", REPAIR, f"{MON} 11:05", "slip.check", f"{MON} 11:07"),
    ("S3-40", "callback.tried", REPAIR, f"{MON} 11:07", "callback.again", f"{MON} 11:37"),
    ("S3-41", "callback.stopped", REPAIR, f"{MON} 11:07", "close.agreement", f"{MON} 11:37"),
    ("R-31 review", "callback.drawn", REPAIR, f"{MON} 11:07", "sample.review", "2026-03-09 11:07"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "facts", "start", "rule", "due"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_figure(event: str, facts: dict[str, object], start: str, rule: str, due: str) -> None:
    book, calendar = desk()
    found = {s.rule.id: s for s in rules.preview(book, calendar, event, facts, local(start))}
    assert rule in found, f"{event} with {facts} opens {sorted(found)}"
    assert found[rule].due_at == local(due)


def test_every_rule_has_its_row() -> None:
    assert {c[4] for c in CASES} | {c[0] for c in ROUND} == set(desk()[0].rules)


# Facts under which a rule must stay silent
SILENT = [
    ("ticket.opened", URGENT, "relay.read_back"),
    ("ticket.opened", REPAIR, "urgent.superior"),
    ("ticket.opened", {"kind": "inquiry"}, "relay.read_back"),
    ("ticket.opened", BOOKED, "meeting.same_day"),
    ("ticket.opened", {"kind": "inquiry"}, "meeting.same_day"),
    ("ticket.opened", REPAIR, "reply.at_once"),
    ("ticket.read_back", BOOKED, "site.ten_minutes"),
    ("ticket.read_back", BOOKED, "slip.sign_out"),
    ("ticket.read_back", URGENT, "slip.sign_out"),
    ("ticket.read_back", {"kind": "inquiry"}, "site.ten_minutes"),
    ("ticket.arrived", REPAIR, "slip.sign_later"),
    ("ticket.arrived", {**URGENT, "slip": "out"}, "slip.sign_later"),
    ("ticket.planned", {**REPAIR, "customer": "inside"}, "plan.explain"),
    ("ticket.stuck", REPAIR, "meeting.beyond"),
    ("callback.done", {**REPAIR, "outcome": "satisfied"}, "callback.second"),
]


@pytest.mark.parametrize(("event", "facts", "rule"), SILENT)
def test_silent(event: str, facts: dict[str, object], rule: str) -> None:
    book, calendar = desk()
    found = rules.preview(book, calendar, event, facts, local(f"{MON} 10:00"))
    assert rule not in {s.rule.id for s in found}


# come round: rule, from, to → occurrences and when each is due
ROUND = [
    ("rates.week", "2026-03-01 00:00", "2026-03-10 00:00", [(f"{MON} 09:00", "2026-03-03 00:00"), ("2026-03-09 09:00", "2026-03-10 00:00")]),
    ("rates.month", "2026-02-15 00:00", "2026-03-15 00:00", [("2026-03-01 09:00", "2026-03-02 00:00")]),
    ("sample.draw", "2026-09-15 00:00", "2026-10-15 00:00", [("2026-10-01 09:00", "2026-10-06 09:00")]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "after", "upto", "expected"), ROUND)
def test_comes_round(rule: str, after: str, upto: str, expected: list[tuple[str, str]]) -> None:
    book, calendar = desk()
    found = []
    for each in occurrences(book.rules[rule], calendar, local(after), local(upto)):
        opened = rules.preview(book, calendar, "duty.opened", {"rule": rule, "occurrence": each.isoformat()}, each)
        found.append((each, opened[0].due_at))
    assert found == [(local(a), local(b)) for a, b in expected]


# before, facts → what the guards of the manual say to it
GUARDS = [
    ("ticket.closed", REPAIR, ["close.source_agrees"]),
    ("ticket.closed", {**REPAIR, "source_agreed": True}, []),
    ("ticket.closed", {"kind": "inquiry"}, ["close.inquiry"]),
    ("ticket.arrived", REPAIR, ["site.sign_first"]),
    ("ticket.arrived", {**REPAIR, "slip": "out", "early": 6}, ["visit.too_early"]),
    ("ticket.arrived", {**REPAIR, "slip": "out", "early": 5}, []),
    ("ticket.arrived", URGENT, []),
    ("ticket.plan_explained", {**REPAIR, "points": 4, "chargeable": False, "price_shown": False}, ["plan.points"]),
    ("ticket.plan_explained", {**REPAIR, "points": 5, "chargeable": True, "price_shown": False}, ["plan.price"]),
    ("ticket.plan_explained", {**REPAIR, "points": 5, "chargeable": True, "price_shown": True}, []),
    ("ticket.started", REPAIR, ["plan.agreed"]),
    ("ticket.started", {**REPAIR, "plan_agreed": True}, []),
    ("callback.done", {**REPAIR, "slip": "returned"}, ["callback.slip_checked"]),
    ("callback.done", {**REPAIR, "slip": "checked"}, []),
]


@pytest.mark.parametrize(("event", "facts", "guards"), GUARDS)
def test_guards(event: str, facts: dict[str, object], guards: list[str]) -> None:
    book, _calendar = desk()
    opening = book.kinds[str(facts["kind"])].opening
    assert [guard.id for guard in rules.guards(book, event, {**opening, **facts})] == guards


def test_the_seven_classes_and_the_ids_asked_for_are_there() -> None:
    book, _ = desk()
    assert list(book.kinds) == ["complaint", "help", "inquiry", "repair", "security", "fire", "cleaning"]
    sources = [row.source for row in book.rules.values()] + [row.source for row in book.guards]
    sources += [row.source for row in book.targets] + [row.source for row in book.responsible]
    said = {source for each in sources for source in each}
    wanted = {f"D-{n}" for n in range(46, 59)} | {"R-30", "R-31", "T-14"}
    wanted |= {f"S3-{n:02d}" for n in (4, 5, 6, 11, *range(16, 43))}
    assert sorted(wanted - said) == []


TABLE = """
[[responsible]]
id = "responsible.engineering"
where = { kind = "repair" }
who = "technician@工程部"

[[responsible]]
id = "own.north"
where = { kind = "repair", building = ["1", "2"] }
who = "technician@工程一班"
superior = "repair_team_leader"

[[responsible]]
id = "own.public"
where = { kind = "repair", area = "public" }
who = "technician@公区班"
"""
WHO = [
    ({"kind": "repair", "area": "in_home"}, "technician@工程部"),
    ({"kind": "repair", "area": "in_home", "building": "2"}, "technician@工程一班"),
    ({"kind": "repair", "area": "public", "building": "9"}, "technician@公区班"),
    ({"kind": "repair", "area": "public", "building": "1"}, "technician@公区班"),
    ({"kind": "fire"}, "security"),
    ({"kind": "todo"}, None),
]


def test_an_estate_adds_its_lines_to_the_responsibility_table() -> None:
    base = read(resources.path("rulebooks/serviced-apartment.toml"))
    book = build(extend(base, tomllib.loads(TABLE), "own.toml"), name="own", file="own.toml")
    assert book.by_building
    assert not desk()[0].by_building
    for facts, who in WHO:
        row = row_for(book, facts)
        assert (row.who if row else None) == who, facts
