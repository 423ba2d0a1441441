"""Every figure of the two manuals, as a table: rulebook, event, facts, start, rule → due (local time of the estate)."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import pytest

from desk import resources, rules
from desk.calendars import Calendar, load_calendar
from desk.rulebook import Rulebook, load


@cache
def desk(name: str) -> tuple[Rulebook, Calendar]:
    book = load(resources.path(f"rulebooks/{name}.toml"))
    folder = resources.path("calendars")
    return book, load_calendar(folder / f"{book.calendar}.toml", folder)


def local(text: str, calendar: Calendar) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=calendar.timezone)


RES, WO = "residential", "work-orders"
MON = "2026-03-02"  # a Monday with nothing special about it

# id, rulebook, event, facts, start, rule, due
CASES = [
    ("D-01", RES, "shift.planned", {"shift_start": "2026-03-03T08:00:00+08:00"}, f"{MON} 09:00", "shift.briefing", "2026-03-03 07:45"),
    ("D-02", RES, "shift.planned", {"shift_start": "2026-03-03T08:00:00+08:00"}, f"{MON} 09:00", "shift.arrival", "2026-03-03 07:45"),
    ("D-03", RES, "ticket.opened", {"kind": "repair"}, f"{MON} 10:00", "matter.same_day", f"{MON} 17:00"),
    ("D-03 summer", RES, "ticket.opened", {"kind": "inquiry"}, "2026-07-06 10:00", "matter.same_day", "2026-07-06 17:30"),
    ("D-03 after closing", RES, "ticket.opened", {"kind": "repair"}, f"{MON} 18:00", "matter.same_day", "2026-03-03 17:00"),
    ("D-03 at lunch", RES, "ticket.opened", {"kind": "repair"}, f"{MON} 12:30", "matter.same_day", f"{MON} 17:00"),
    ("S0-25 reopened", RES, "ticket.reopened", {"kind": "repair"}, f"{MON} 10:00", "matter.same_day", f"{MON} 17:00"),
    ("S0-25 emergency reopened", RES, "ticket.reopened", {"kind": "repair", "emergency": True}, f"{MON} 10:00", "matter.emergency_same_day", f"{MON} 17:00"),
    ("S4-14 reopened", WO, "ticket.reopened", {"kind": "repair"}, f"{MON} 10:00", "repair.movement", f"{MON} 12:00"),
    ("S4-39 reopened", WO, "ticket.reopened", {"kind": "complaint"}, f"{MON} 10:00", "complaint.handled", "2026-03-03 10:00"),
    ("S3-33 reopened", "serviced-apartment", "ticket.reopened", {"kind": "repair", "dispatch": "signed_out", "booked": False}, f"{MON} 10:00", "meeting.same_day", "2026-03-03 00:00"),
    ("D-04", RES, "ticket.carried_over", {"kind": "repair"}, f"{MON} 16:50", "matter.next_day", "2026-03-03 08:00"),
    ("D-04 weekend", RES, "ticket.carried_over", {"kind": "repair"}, "2026-03-06 16:50", "matter.next_day", "2026-03-09 08:00"),
    ("D-05", RES, "ticket.reply_agreed", {"kind": "inquiry", "reply_at": "2026-03-04T15:30:00+08:00"}, f"{MON} 10:00", "inquiry.reply", "2026-03-04 15:30"),
    ("D-06", RES, "appointment.made", {"kind": "repair", "appointment": "2026-03-02T14:00:00+08:00"}, f"{MON} 10:00", "repair.appointment", f"{MON} 14:00"),
    ("D-07", RES, "appointment.made", {"kind": "payment", "appointment": "2026-03-04T18:30:00+08:00"}, f"{MON} 10:00", "payment.appointment", "2026-03-04 18:30"),
    ("D-08", RES, "appointment.made", {"kind": "service", "appointment": "2026-03-07T14:00:00+08:00"}, f"{MON} 10:00", "service.appointment", "2026-03-07 14:00"),
    ("D-09", RES, "ticket.completed", {"kind": "repair", "repair_class": "safety"}, "2026-03-06 16:00", "repair.callback_safety", "2026-03-08 16:00"),
    ("D-10", RES, "ticket.leak_tested", {"kind": "repair", "repair_class": "leak"}, f"{MON} 10:00", "repair.callback_leak", "2026-03-05 10:00"),
    ("D-11", RES, "ticket.completed", {"kind": "repair", "repair_class": "other"}, f"{MON} 10:00", "repair.callback_other", "2026-03-04 10:00"),
    ("D-12", RES, "callback.done", {"kind": "repair", "outcome": "unsatisfied"}, f"{MON} 10:00", "repair.callback_problem", f"{MON} 10:30"),
    ("D-13", RES, "ticket.customer_told", {"kind": "arrears"}, "2026-11-30 10:00", "dunning.letter", "2027-02-28 10:00"),
    ("S0-54", RES, "ticket.customer_told", {"kind": "arrears"}, f"{MON} 10:00", "dunning.visit", "2026-09-02 10:00"),
    ("S0-55", RES, "ticket.customer_told", {"kind": "arrears"}, f"{MON} 10:00", "dunning.legal", "2027-03-02 10:00"),
    ("S0-52", RES, "ticket.opened", {"kind": "arrears"}, f"{MON} 10:00", "dunning.phone", "2026-03-03 10:00"),
    ("D-14", RES, "ticket.opened", {"kind": "complaint", "grade": "major"}, f"{MON} 10:00", "complaint.major_to_manager", f"{MON} 17:00"),
    ("D-15", RES, "ticket.opened", {"kind": "complaint", "grade": "major"}, f"{MON} 10:00", "complaint.major_answer", "2026-03-04 10:00"),
    ("D-16", RES, "ticket.opened", {"kind": "complaint", "grade": "major"}, f"{MON} 10:00", "complaint.major_solved", "2026-03-12 10:00"),
    ("D-17", RES, "ticket.opened", {"kind": "complaint", "grade": "important"}, f"{MON} 10:00", "complaint.important_to_head", f"{MON} 11:00"),
    ("D-17 over lunch", RES, "ticket.opened", {"kind": "complaint", "grade": "important"}, f"{MON} 11:40", "complaint.important_to_head", f"{MON} 13:40"),
    ("D-17 holiday", RES, "ticket.opened", {"kind": "complaint", "grade": "important"}, "2026-09-30 17:15", "complaint.important_to_head", "2026-10-08 08:45"),
    ("D-18", RES, "ticket.opened", {"kind": "complaint", "grade": "important"}, f"{MON} 10:00", "complaint.important_solved", "2026-03-05 10:00"),
    ("D-19", RES, "ticket.opened", {"kind": "complaint", "grade": "minor"}, f"{MON} 10:00", "complaint.minor_solved", "2026-03-04 10:00"),
    ("D-19 own limit", RES, "ticket.opened", {"kind": "complaint", "grade": "minor", "resident_limit": "2026-03-03T09:00:00+08:00"}, f"{MON} 10:00", "complaint.minor_solved", "2026-03-03 09:00"),
    ("D-20", RES, "complaint.handling_reported", {"kind": "complaint"}, f"{MON} 15:00", "complaint.tell_result", f"{MON} 17:00"),
    ("D-21", RES, "complaint.harm_seen", {"kind": "complaint"}, f"{MON} 12:10", "complaint.stop_harm", f"{MON} 12:10"),
    ("D-59", WO, "ticket.opened", {"kind": "repair"}, f"{MON} 10:00", "repair.claim", f"{MON} 10:05"),
    ("D-60", WO, "ticket.assigned", {"kind": "repair"}, f"{MON} 10:00", "repair.accept", f"{MON} 10:05"),
    ("D-61", WO, "ticket.opened", {"kind": "repair"}, f"{MON} 17:00", "repair.movement", f"{MON} 19:00"),
    ("D-62", WO, "ticket.completed", {"kind": "incident"}, f"{MON} 10:00", "callback.at_once", f"{MON} 10:10"),
    ("D-63", WO, "ticket.opened", {"kind": "incident", "lift": True}, f"{MON} 22:00", "lift.rescue", f"{MON} 22:01"),
    ("D-64", WO, "ticket.claimed", {"kind": "repair"}, f"{MON} 10:00", "unfinished.tell", f"{MON} 18:00"),
    ("D-66", WO, "ticket.promised", {"kind": "repair", "promised_at": "2026-03-03T11:00:00+08:00"}, f"{MON} 17:30", "unfinished.promise", "2026-03-03 11:00"),
    ("D-67", WO, "ticket.opened", {"kind": "incident"}, f"{MON} 10:00", "unfinished.publish", "2026-03-03 10:00"),
    ("D-68", WO, "ticket.opened", {"kind": "complaint"}, f"{MON} 10:00", "complaint.contact", f"{MON} 10:15"),
    ("D-69", WO, "ticket.told", {"kind": "complaint"}, f"{MON} 10:00", "complaint.accept", f"{MON} 10:05"),
    ("D-69 shops", WO, "ticket.told", {"kind": "complaint", "residential": False}, f"{MON} 10:00", "complaint.accept_non_residential", f"{MON} 10:05"),
    ("D-70", WO, "ticket.opened", {"kind": "complaint"}, "2026-03-06 20:00", "complaint.handled", "2026-03-07 20:00"),
    ("D-71", WO, "ticket.claimed", {"kind": "repair", "busy": True}, f"{MON} 10:00", "repair.next_job", f"{MON} 10:30"),
    ("S4-40", WO, "ticket.completed", {"kind": "complaint"}, f"{MON} 10:00", "complaint.handler", f"{MON} 10:10"),
    ("S0-19", RES, "ticket.opened", {"kind": "todo", "due_by": "2026-03-05T12:00:00+08:00"}, f"{MON} 10:00", "todo.due", "2026-03-05 12:00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("book", "event", "facts", "start", "rule", "due"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_figure(book: str, event: str, facts: dict[str, object], start: str, rule: str, due: str) -> None:
    rulebook, calendar = desk(book)
    found = {s.rule.id: s for s in rules.preview(rulebook, calendar, event, facts, local(start, calendar))}
    assert rule in found, f"{event} with {facts} opens {sorted(found)}"
    due_at = found[rule].due_at
    assert due_at is not None
    assert due_at == local(due, calendar)


# Facts under which a rule must stay silent
SILENT = [
    (RES, "ticket.opened", {"kind": "repair", "emergency": True}, "matter.same_day"),
    (RES, "ticket.opened", {"kind": "todo"}, "matter.same_day"),
    (RES, "ticket.opened", {"kind": "complaint"}, "complaint.minor_solved"),
    (RES, "ticket.opened", {"kind": "complaint", "grade": "minor"}, "complaint.major_to_manager"),
    (RES, "ticket.completed", {"kind": "repair", "repair_class": "leak"}, "repair.callback_other"),
    (RES, "callback.done", {"kind": "repair", "outcome": "satisfied"}, "repair.callback_problem"),
    (WO, "ticket.claimed", {"kind": "repair", "busy": False}, "repair.next_job"),
    (WO, "ticket.opened", {"kind": "incident"}, "lift.rescue"),
    (WO, "ticket.opened", {"kind": "incident"}, "repair.claim"),
    (WO, "ticket.told", {"kind": "complaint", "residential": False}, "complaint.accept"),
]


@pytest.mark.parametrize(("book", "event", "facts", "rule"), SILENT)
def test_silent(book: str, event: str, facts: dict[str, object], rule: str) -> None:
    rulebook, calendar = desk(book)
    found = rules.preview(rulebook, calendar, event, facts, local(f"{MON} 10:00", calendar))
    assert rule not in {s.rule.id for s in found}


# D-65, R-01, R-02, R-32, R-33 come round: rule, from, to → occurrences and their due times
ROUND = [
    (RES, "day.report", f"{MON} 00:00", "2026-03-04 00:00", [(f"{MON} 08:00", f"{MON} 17:00"), ("2026-03-03 08:00", "2026-03-03 17:00")]),
    (RES, "day.report", "2026-03-07 00:00", "2026-03-09 00:00", []),
    (RES, "month.repairs", "2026-01-15 00:00", "2026-02-15 00:00", [("2026-01-30 08:00", "2026-01-30 17:00")]),
    # and what the manual wants now and then
    (RES, "year.survey", "2026-01-01 00:00", "2026-12-31 00:00", [("2026-11-02 08:00", "2026-12-02 08:00")]),
    (RES, "month.visits", "2026-03-01 00:00", "2026-04-01 00:00", [("2026-03-20 08:00", "2026-04-20 08:00")]),
    (RES, "fortnight.notice_board", "2026-03-01 00:00", "2026-03-31 00:00", [("2026-03-09 08:00", "2026-03-09 17:00"), ("2026-03-23 08:00", "2026-03-23 17:00")]),
    (RES, "quarter.complaints", "2026-03-01 00:00", "2026-05-01 00:00", [("2026-04-07 08:00", "2026-04-14 08:00")]),
    (RES, "month.overdue_list", "2026-03-01 00:00", "2026-04-01 00:00", [("2026-03-10 08:00", "2026-03-13 08:00")]),
    (RES, "quarter.accounts", "2026-03-01 00:00", "2026-05-01 00:00", [("2026-04-08 08:00", "2026-04-22 08:00")]),
    (RES, "month.inspection", "2026-03-01 00:00", "2026-04-01 00:00", [("2026-03-16 08:00", "2026-03-23 08:00")]),
    (RES, "quarter.event", "2026-04-01 00:00", "2026-06-30 00:00", [("2026-05-20 08:00", "2026-06-20 08:00")]),
    (WO, "day.sweep", f"{MON} 00:00", f"{MON} 23:00", [(f"{MON} 08:00", f"{MON} 18:00")]),
    (WO, "day.publish", "2026-03-07 00:00", "2026-03-07 23:00", [("2026-03-07 08:00", "2026-03-07 18:00")]),
]  # fmt: skip


@pytest.mark.parametrize(("book", "rule", "after", "upto", "expected"), ROUND)
def test_comes_round(book: str, rule: str, after: str, upto: str, expected: list[tuple[str, str]]) -> None:
    from desk.recurrence import occurrences

    rulebook, calendar = desk(book)
    at = occurrences(rulebook.rules[rule], calendar, local(after, calendar), local(upto, calendar))
    found = []
    for each in at:
        opened = rules.preview(rulebook, calendar, "duty.opened", {"rule": rule, "occurrence": each.isoformat()}, each)
        found.append((each, opened[0].due_at))
    assert found == [(local(a, calendar), local(b, calendar)) for a, b in expected]


def test_the_ids_asked_for_are_there() -> None:
    """Every id of the issue's list that is a rule, a guard or a target stands in one of the two rulebooks."""
    said: set[str] = set()
    for name in (RES, WO):
        book, _ = desk(name)
        sources = (
            [r.source for r in book.rules.values()] + [g.source for g in book.guards] + [t.source for t in book.targets]
        )
        said.update(*sources)
    wanted = [f"D-{n:02d}" for n in [*range(1, 7), *range(8, 13), *range(14, 22), *range(59, 72)]]
    wanted += ["R-01", "R-02", "R-32", "R-33", "T-01", "T-15", "T-16"]
    assert sorted(set(wanted) - said) == []
