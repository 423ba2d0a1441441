"""Every figure of the manual ``service-centre``, as a table: event, facts, start, rule → due (the estate's local time)."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import pytest

from desk import resources, rules
from desk.calendars import Calendar, load_calendar
from desk.recurrence import occurrences
from desk.rulebook import Rulebook, load

MON = "2026-03-02"  # a Monday with nothing special about it
REPAIR, COMPLAINT = {"kind": "repair", "emergency": False}, {"kind": "complaint", "channel": "visit"}
BURST = {"kind": "repair", "emergency": True}


@cache
def desk() -> tuple[Rulebook, Calendar]:
    book = load(resources.path("rulebooks/service-centre.toml"))
    folder = resources.path("calendars")
    return book, load_calendar(folder / f"{book.calendar}.toml", folder)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=desk()[1].timezone)


# id, event, facts, start, rule, due
CASES = [
    # the 24-hour line: 72 hours by the clock, over the night, the weekend and a public holiday alike
    ("D-33", "ticket.opened", {"kind": "complaint", "channel": "hotline"}, f"{MON} 10:00", "line.reply", "2026-03-05 10:00"),
    ("D-33 at night", "ticket.opened", {"kind": "inquiry", "channel": "hotline"}, f"{MON} 23:30", "line.reply", "2026-03-05 23:30"),
    ("D-33 weekend", "ticket.opened", {"kind": "complaint", "channel": "hotline"}, "2026-03-06 19:00", "line.reply", "2026-03-09 19:00"),
    ("D-33 holiday", "ticket.opened", {"kind": "complaint", "channel": "hotline"}, "2026-10-01 02:00", "line.reply", "2026-10-04 02:00"),
    ("D-33 window", "ticket.opened", COMPLAINT, f"{MON} 10:00", "complaint.reply", "2026-03-05 10:00"),
    # callbacks: calendar days from the completion
    ("D-34", "ticket.completed", {"kind": "repair", "repair_class": "safety"}, "2026-03-06 16:00", "repair.callback_safety", "2026-03-08 16:00"),
    ("D-35", "ticket.completed", {"kind": "repair", "repair_class": "leak"}, f"{MON} 10:00", "repair.callback_leak", "2026-03-05 10:00"),
    ("D-36", "ticket.completed", {"kind": "repair", "repair_class": "other"}, f"{MON} 10:00", "repair.callback_other", "2026-03-09 10:00"),
    ("D-36 a shop's", "ticket.completed", {"kind": "repair", "room_kind": "shop"}, f"{MON} 10:00", "repair.callback_other", "2026-03-09 10:00"),
    ("D-36 complaint", "ticket.completed", COMPLAINT, f"{MON} 10:00", "complaint.callback", "2026-03-09 10:00"),
    ("D-37", "callback.done", {"kind": "repair", "outcome": "unsatisfied"}, "2026-03-07 16:30", "callback.notice", "2026-03-08 16:30"),
    ("S2-29", "notice.issued", {"kind": "repair", "correct_by": "2026-03-05T18:00:00+08:00"}, f"{MON} 10:00", "notice.corrected", "2026-03-05 18:00"),
    # an emergency's clocks do not know opening hours; everything else waits for the counter
    ("S2-24", "ticket.opened", BURST, f"{MON} 02:10", "emergency.call_out", f"{MON} 02:20"),
    ("S2-24 next", "oncall.rung", {**BURST, "on_call_left": 2}, f"{MON} 02:12", "emergency.ring_next", f"{MON} 02:15"),
    ("S2-24 none left", "oncall.rung", {**BURST, "on_call_left": 0}, f"{MON} 02:12", "emergency.nobody", f"{MON} 02:15"),
    ("S2-24 there", "oncall.coming", BURST, f"{MON} 02:15", "emergency.arrive", f"{MON} 03:15"),
    ("S2-90", "ticket.opened", REPAIR, f"{MON} 10:00", "repair.tell", f"{MON} 10:30"),
    ("S2-23 evening", "ticket.opened", REPAIR, f"{MON} 17:50", "repair.tell", "2026-03-03 08:50"),
    ("S2-23 night", "ticket.opened", REPAIR, f"{MON} 21:00", "repair.tell", "2026-03-03 09:00"),
    ("S2-23 Saturday", "ticket.opened", REPAIR, "2026-03-07 16:45", "repair.tell", "2026-03-08 09:15"),
    ("S2-23 Sunday", "ticket.opened", REPAIR, "2026-03-08 17:30", "repair.tell", "2026-03-09 09:00"),
    ("S2-23 holiday", "ticket.opened", REPAIR, "2026-10-01 08:00", "repair.tell", "2026-10-01 09:00"),
    ("S2-90 shop", "ticket.told", {**REPAIR, "room_kind": "shop"}, "2026-03-07 10:00", "repair.shop_follow", "2026-03-08 10:00"),
    ("S2-31", "ticket.opened", COMPLAINT, f"{MON} 10:00", "complaint.contact", f"{MON} 10:30"),
    ("S2-31 result", "ticket.completed", {**COMPLAINT, "result_told": False}, f"{MON} 17:45", "complaint.tell_result", "2026-03-03 08:45"),
    ("S2-76", "ticket.opened", COMPLAINT, f"{MON} 10:00", "complaint.department", f"{MON} 10:30"),
    ("S2-81", "ticket.opened", {**COMPLAINT, "large_effect": True}, f"{MON} 10:00", "complaint.serious_up", f"{MON} 10:30"),
    ("S2-19", "callback.done", {"kind": "repair", "opinion_given": True}, "2026-03-07 16:30", "callback.opinion", "2026-03-08 16:30"),
    ("R-34 department", "ticket.opened", {"kind": "opinion"}, f"{MON} 10:00", "opinion.department", "2026-03-03 10:00"),
    ("R-34 head", "ticket.opened", {"kind": "opinion"}, f"{MON} 10:00", "opinion.head", "2026-03-03 10:00"),
    ("S2-17", "box.opened", {"letters_left": 3}, f"{MON} 09:05", "box.letters", "2026-03-03 09:05"),
    ("R-11 check", "callback.drawn", {}, "2026-04-01 10:00", "sample.review", "2026-04-08 10:00"),
    ("S2-22", "ticket.opened", {"kind": "inquiry"}, f"{MON} 10:00", "inquiry.answer", "2026-03-03 10:00"),
    ("S2-22 pay", "ticket.opened", {"kind": "payment"}, f"{MON} 10:00", "payment.done", "2026-03-03 10:00"),
    ("S2-103", "ticket.reply_agreed", {"kind": "inquiry", "reply_at": "2026-03-03T15:00:00+08:00"}, f"{MON} 10:00", "inquiry.reply", "2026-03-03 15:00"),
    ("S2-20", "appointment.made", {"kind": "repair", "appointment": "2026-03-07T14:00:00+08:00"}, f"{MON} 10:00", "repair.appointment", "2026-03-07 14:00"),
    ("D-32", "ticket.promised", {"kind": "move_in", "promised_at": "2026-03-09T18:00:00+08:00"}, f"{MON} 10:00", "move_in.defects", "2026-03-09 18:00"),
    ("D-38", "ticket.opened", {"kind": "renovation"}, f"{MON} 10:00", "renovation.first_review", f"{MON} 10:30"),
    ("D-39", "ticket.opened", {"kind": "renovation"}, "2026-03-06 16:00", "renovation.copy", "2026-03-07 16:00"),
    ("D-39 weekend", "ticket.opened", {"kind": "renovation"}, "2026-03-06 17:30", "renovation.copy", "2026-03-08 09:00"),
    ("D-40", "ticket.opened", {"kind": "renovation"}, f"{MON} 10:00", "renovation.review", "2026-03-04 10:00"),
    ("D-42", "ticket.opened", {"kind": "survey"}, "2026-03-11 10:00", "survey.collect", "2026-03-26 10:00"),
    ("D-44", "ticket.reported", {"kind": "survey"}, "2026-04-03 10:00", "survey.originals", "2026-04-13 10:00"),
    ("S2-89", "ticket.opened", {"kind": "todo", "due_by": "2026-03-05T12:00:00+08:00"}, f"{MON} 10:00", "todo.due", "2026-03-05 12:00"),
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
    ("ticket.opened", {"kind": "complaint", "channel": "visit"}, "line.reply"),
    ("ticket.opened", {"kind": "complaint", "channel": "hotline"}, "complaint.reply"),
    ("ticket.opened", {"kind": "complaint"}, "complaint.serious_up"),
    ("ticket.opened", BURST, "repair.tell"),
    ("ticket.opened", REPAIR, "emergency.call_out"),
    ("ticket.told", REPAIR, "emergency.arrive"),
    ("ticket.told", {**REPAIR, "room_kind": "home"}, "repair.shop_follow"),
    ("ticket.completed", {"kind": "repair", "repair_class": "leak"}, "repair.callback_other"),
    ("callback.done", {"kind": "repair", "outcome": "satisfied"}, "callback.notice"),
    ("callback.done", {"kind": "repair", "outcome": "satisfied"}, "callback.opinion"),
    ("box.opened", {"letters_left": 0}, "box.letters"),
    ("oncall.rung", {**BURST, "on_call_left": 0}, "emergency.ring_next"),
    ("oncall.rung", {**BURST, "on_call_left": 1}, "emergency.nobody"),
]


@pytest.mark.parametrize(("event", "facts", "rule"), SILENT)
def test_silent(event: str, facts: dict[str, object], rule: str) -> None:
    book, calendar = desk()
    found = rules.preview(book, calendar, event, facts, local(f"{MON} 10:00"))
    assert rule not in {s.rule.id for s in found}


# what comes round: rule, from, to → occurrences and their due times
ROUND = [
    ("day.box", f"{MON} 00:00", "2026-03-03 00:00", [(f"{MON} 08:30", f"{MON} 09:30")]),
    ("day.box", "2026-10-01 00:00", "2026-10-02 00:00", [("2026-10-01 08:30", "2026-10-01 09:30")]),
    ("week.complaints", "2026-03-01 00:00", "2026-03-15 00:00", [(f"{MON} 08:30", f"{MON} 18:00"), ("2026-03-09 08:30", "2026-03-09 18:00")]),
    ("month.sample", "2026-02-15 00:00", "2026-04-02 00:00", [("2026-03-01 09:00", "2026-03-06 09:00"), ("2026-04-01 09:00", "2026-04-06 09:00")]),
    # noted by hand until their papers have procedures of their own
    ("day.patrol", f"{MON} 00:00", "2026-03-03 00:00", [(f"{MON} 08:30", f"{MON} 18:00")]),
    ("month.plan", "2026-04-30 00:00", "2026-05-30 00:00", [("2026-05-01 08:30", "2026-05-04 08:30")]),
    ("month.meetings", f"{MON} 00:00", "2026-05-01 00:00", [("2026-04-01 08:30", "2026-05-01 00:00")]),
    ("month.movein_papers", f"{MON} 00:00", "2026-04-01 00:00", [("2026-03-10 08:30", "2026-04-01 00:00")]),
    ("month.movein_charges", f"{MON} 00:00", "2026-04-01 00:00", [("2026-03-10 08:30", "2026-04-01 00:00")]),
    ("month.handbook", f"{MON} 00:00", "2026-04-01 00:00", [("2026-03-10 08:30", "2026-04-01 00:00")]),
    ("month.vacant", f"{MON} 00:00", "2026-04-01 00:00", [("2026-03-15 08:30", "2026-04-01 00:00")]),
    ("month.tools", f"{MON} 00:00", "2026-04-01 00:00", [("2026-03-15 08:30", "2026-04-01 00:00")]),
    ("month.survey", f"{MON} 00:00", "2026-04-01 00:00", [("2026-03-15 08:30", "2026-04-01 00:00")]),
    ("month.lists", f"{MON} 00:00", "2026-04-01 00:00", [("2026-03-25 08:30", "2026-04-01 00:00")]),
    ("month.lists_review", f"{MON} 00:00", "2026-04-01 00:00", [("2026-03-31 08:30", "2026-04-06 00:00")]),
    ("month.archive", f"{MON} 00:00", "2026-04-01 00:00", [("2026-03-31 08:30", "2026-04-06 00:00")]),
    ("quarter.files", f"{MON} 00:00", "2026-07-01 00:00", [("2026-06-01 08:30", "2026-07-01 00:00")]),
    ("quarter.forms", f"{MON} 00:00", "2026-04-01 00:00", [("2026-03-11 00:00", "2026-03-21 00:00")]),
    ("quarter.summary", f"{MON} 00:00", "2026-06-01 00:00", [("2026-03-31 08:30", "2026-04-06 00:00")]),
    ("half_year.survey", f"{MON} 00:00", "2026-12-01 00:00", [("2026-06-01 08:30", "2026-07-01 00:00")]),
    ("half_year.event", f"{MON} 00:00", "2026-12-01 00:00", [("2026-07-01 00:00", "2027-01-01 00:00")]),
    ("day.renovation_sites", f"{MON} 00:00", "2026-03-03 00:00", [(f"{MON} 08:30", f"{MON} 18:00")]),
    ("month.renovations", f"{MON} 00:00", "2026-04-02 00:00", [("2026-04-01 08:30", "2026-05-01 00:00")]),
    ("month.breaches", f"{MON} 00:00", "2026-04-02 00:00", [("2026-04-01 08:30", "2026-05-01 00:00")]),
    ("month.fees", f"{MON} 00:00", "2026-04-02 00:00", [("2026-03-05 08:30", "2026-04-01 00:00")]),
    ("quarter.rules", f"{MON} 00:00", "2026-07-01 00:00", [("2026-06-01 08:30", "2026-07-01 00:00")]),
    ("year.statistics", f"{MON} 00:00", "2027-02-01 00:00", [("2026-12-31 08:30", "2027-01-06 00:00")]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "after", "upto", "expected"), ROUND)
def test_comes_round(rule: str, after: str, upto: str, expected: list[tuple[str, str]]) -> None:
    book, calendar = desk()
    found = []
    for each in occurrences(book.rules[rule], calendar, local(after), local(upto)):
        opened = rules.preview(book, calendar, "duty.opened", {"rule": rule, "occurrence": each.isoformat()}, each)
        found.append((each, opened[0].due_at))
    assert found == [(local(a), local(b)) for a, b in expected]


def test_the_ids_asked_for_are_there() -> None:
    book, _calendar = desk()
    said = {each for rule in book.rules.values() for each in rule.source}
    wanted = [f"D-{n}" for n in range(32, 46)] + [f"R-{n:02d}" for n in (*range(7, 30), 34)]
    wanted += [f"S2-{n}" for n in (17, 18, 19, 22, 24, 26, 27, 28, 29, 31, 76, 81, 90, 91, 97, 103, 104, 105)]
    assert sorted(set(wanted) - said) == []
