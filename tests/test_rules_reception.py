"""Every figure of the reception manual as a table: event, facts, start → rule, due (local time of the estate)."""

from __future__ import annotations

from datetime import datetime

import pytest

from desk import resources, rules
from desk.calendars import load_calendar
from desk.rulebook import load

BOOK = load(resources.path("rulebooks/reception.toml"))
CALENDAR = load_calendar(resources.path("calendars") / f"{BOOK.calendar}.toml", resources.path("calendars"))

VISITOR = {"channel": "visit", "urgent": False, "desk": "busy"}
TOLD = {"kind": "repair", "told_times": 1, "missed_appointments": 0}

# id, event, facts, start, rule, due
CASES = [
    ("D-22", "visit.arrived", VISITOR, "10:00:00", "visit.wait", "10:03:00"),
    ("D-22 desk free", "visit.arrived", {**VISITOR, "desk": "free"}, "10:00:00", "visit.wait", "10:03:00"),
    ("D-22 at closing", "visit.arrived", VISITOR, "17:58:30", "visit.wait", "18:01:30"),
    ("D-23", "visit.arrived", {**VISITOR, "desk": "phone"}, "10:00:00", "visit.wait_phone", "10:03:00"),
    ("S1-06 urgent", "visit.arrived", {**VISITOR, "urgent": True}, "10:00:00", "visit.urgent", "10:01:00"),
    ("S1-06 later", "visit.turned_urgent", {**VISITOR, "urgent": True}, "10:02:00", "visit.urgent", "10:03:00"),
    ("D-24", "visit.held", {"channel": "phone"}, "10:00:40", "visit.hold", "10:01:00"),
    ("D-25", "visit.explaining", {"level": 0}, "10:00:00", "visit.answer", "10:03:00"),
    ("D-25 a question", "visit.served", {"level": 0, "matter": "question"}, "10:00:00", "visit.answer", "10:03:00"),
    ("D-25 passed on", "visit.passed", {"level": 0}, "10:00:00", "visit.answer", "10:03:00"),
    ("D-26", "visit.upgraded", {"level": 1, "upgrade_to": "director"}, "10:03:00", "visit.answer_director", "10:06:00"),
    ("S1-52", "visit.served", {"matter": "business"}, "10:00:00", "visit.host", "10:02:00"),
    ("D-31", "visit.host_out", {"urgent": True}, "10:00:00", "visit.host_phone", "10:01:00"),
    ("S1-54", "visit.message_taken", {}, "10:00:00", "visit.message", "18:00:00"),
    ("S1-56", "visit.host_busy", {"host_state": "busy"}, "10:00:00", "visit.tea", "10:10:00"),
    ("S1-31", "ticket.opened", {"kind": "repair"}, "10:00:00", "repair.tell", "10:05:00"),
    ("S1-32", "ticket.told", {"kind": "repair", "in_house": True}, "10:00:00", "repair.promise", "10:05:00"),
    ("D-27", "ticket.arrival_told", {**TOLD, "told_usual": True}, "10:00:00", "repair.inspect", "10:30:00"),
    (
        "D-27 told",
        "ticket.arrival_told",
        {**TOLD, "told_usual": False, "told_at": "2026-03-02T10:20:00+08:00"},
        "10:00:00",
        "repair.inspect_told",
        "10:20:00",
    ),
    (
        "T-06 told again",
        "ticket.arrival_told",
        {**TOLD, "told_usual": False, "told_times": 2, "told_at": "2026-03-02T14:00:00+08:00"},
        "10:00:00",
        "repair.inspect_second",
        "14:00:00",
    ),
    (
        "T-06 told after a broken appointment",
        "ticket.arrival_told",
        {**TOLD, "told_usual": False, "missed_appointments": 1, "told_at": "2026-03-02T14:00:00+08:00"},
        "10:00:00",
        "repair.inspect_second",
        "14:00:00",
    ),
    (
        "S1-34",
        "appointment.made",
        {"kind": "repair", "appointment": "2026-03-02T15:00:00+08:00"},
        "10:00:00",
        "repair.visit",
        "15:00:00",
    ),
    (
        "D-28",
        "appointment.rebooked",
        {"kind": "repair", "appointment": "2026-03-02T16:00:00+08:00"},
        "10:00:00",
        "repair.visit_second",
        "16:00:00",
    ),
    ("T-06", "appointment.missed", {"kind": "repair", "rebooked": 1}, "16:00:00", "repair.second_broken", "16:01:00"),
    ("S1-35", "appointment.missed", {"kind": "repair"}, "14:00:00", "repair.new_time", "14:15:00"),
    ("D-29", "ticket.completed", {"kind": "renovation"}, "10:00:00", "renovation.tell", "10:01:00"),
    ("D-30", "ticket.opened", {"kind": "payment"}, "10:00:00", "payment.invoice", "2026-03-04 10:00:00"),
    ("S1-38", "ticket.opened", {"kind": "repair", "in_house": False}, "10:00:00", "repair.refer", "10:05:00"),
]


def local(clock: str) -> datetime:
    """A time of a Monday with nothing special about it, or a moment said whole."""
    return datetime.fromisoformat(clock if " " in clock else f"2026-03-02T{clock}").replace(tzinfo=CALENDAR.timezone)


@pytest.mark.parametrize(("event", "facts", "start", "rule", "due"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_figure(event: str, facts: dict[str, object], start: str, rule: str, due: str) -> None:
    found = {s.rule.id: s for s in rules.preview(BOOK, CALENDAR, event, facts, local(start))}
    assert rule in found, f"{event} with {facts} opens {sorted(found)}"
    assert found[rule].due_at == local(due)


# Facts under which a rule must stay silent
SILENT: list[tuple[str, dict[str, object], str]] = [
    ("visit.arrived", {**VISITOR, "urgent": True}, "visit.wait"),
    ("visit.arrived", VISITOR, "visit.urgent"),
    ("visit.arrived", {**VISITOR, "desk": "phone"}, "visit.wait"),
    ("visit.arrived", {"channel": "phone", "urgent": False, "desk": "free"}, "visit.wait"),
    ("visit.explaining", {"level": 1}, "visit.answer"),
    ("visit.served", {"level": 0, "matter": "payment"}, "visit.answer"),
    ("visit.upgraded", {"level": 2, "upgrade_to": "office_director"}, "visit.answer_director"),
    ("visit.upgraded", {"level": 1, "upgrade_to": "colleague"}, "visit.answer_director"),
    ("visit.host_out", {"urgent": False}, "visit.host_phone"),
    ("visit.turned_urgent", {"urgent": True}, "visit.host_phone"),
    ("visit.served", {"matter": "repair"}, "visit.host"),
    ("ticket.opened", {"kind": "repair", "in_house": False}, "repair.tell"),
    ("ticket.opened", {"kind": "repair"}, "repair.refer"),
    ("appointment.missed", {"kind": "repair", "rebooked": 0}, "repair.second_broken"),
    ("ticket.arrival_told", {**TOLD, "told_usual": True, "told_times": 2}, "repair.inspect"),
    ("ticket.arrival_told", {**TOLD, "told_usual": False, "missed_appointments": 1}, "repair.inspect_told"),
]


@pytest.mark.parametrize(("event", "facts", "rule"), SILENT)
def test_silent(event: str, facts: dict[str, object], rule: str) -> None:
    found = rules.preview(BOOK, CALENDAR, event, facts, local("10:00:00"))
    assert rule not in {s.rule.id for s in found}


# Before an event: facts, guards that stand there
GUARDS = [
    ("visit.sent_off", {"satisfied": False, "level": 0}, [("visit.not_satisfied", "ask")]),
    ("visit.sent_off", {"satisfied": False, "level": 2}, []),
    ("visit.sent_off", {"satisfied": True, "level": 0}, []),
    ("visit.sent_off", {"level": 0, "host_state": "out"}, [("visit.offer_message", "say")]),
    ("visit.sent_off", {"level": 0, "host_state": "out", "message": "passed"}, []),
    ("ticket.told", {"kind": "repair", "in_house": True}, [("repair.parts", "say")]),
    ("ticket.told", {"kind": "repair", "in_house": True, "parts": "company"}, []),
    ("ticket.arrival_told", {"kind": "repair", "in_house": True, "told_times": 1}, [("repair.price_list", "say")]),
    (
        "ticket.arrival_told",
        {"kind": "repair", "in_house": True, "told_times": 3, "price_shown": True},
        [("repair.one_promise", "approve")],
    ),
    ("appointment.rebooked", {"kind": "repair", "rebooked": 1}, []),
    ("appointment.rebooked", {"kind": "repair", "rebooked": 2}, [("repair.one_change", "approve")]),
]


@pytest.mark.parametrize(("event", "facts", "expected"), GUARDS)
def test_guard(event: str, facts: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert [(guard.id, guard.do) for guard in rules.guards(BOOK, event, facts)] == expected


def test_the_ids_asked_for_are_there() -> None:
    """Every id of the manual that is a rule or a guard of waiting, hosts and repairs is a source of one."""
    said = {source for rule in BOOK.rules.values() for source in rule.source}
    said |= {source for guard in BOOK.guards for source in guard.source}
    wanted = {*(f"D-{n}" for n in range(22, 32)), "T-06"}
    wanted |= {
        f"S1-{n:02d}" for n in (3, 5, 6, 7, 8, 9, 10, 30, 31, 32, 33, 34, 35, 37, 38, 52, 53, 54, 55, 56, 57, 58, 59)
    }
    assert sorted(wanted - said) == []


def test_seven_matters_have_their_kind() -> None:
    """S1-02: what is taken down of a visit becomes a ticket of the kind that says it is its matter."""
    found = sorted(str(kind.facts["matter"]) for kind in BOOK.kinds.values())
    assert found == ["business", "move_in", "payment", "question", "release", "renovation", "repair"]
