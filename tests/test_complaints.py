"""Complaints under both manuals: grades and their clocks, the sheet, the manager, liability, harm, result, filing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk import procedures
from desk.errors import Refusal
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def counter(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


@pytest.fixture
def pool(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path)


def complaint(desk: DeskForTest, at: str = "10:00", **values: Any) -> UUID:
    given = {"what": "楼上装修太吵", "person_name": "业主", "phone": "13800000000", **values}
    return desk.open("complaint", at=at, room="3-2-501", **given)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


# -- grades --------------------------------------------------------------------------------------------------

# grade given at 10:20 → rules that now run and when they are due, from 10:00 on
GRADES = [
    (
        "major",
        {
            "complaint.major_to_manager": "2026-03-02 17:00",
            "complaint.major_answer": "2026-03-04 10:00",
            "complaint.major_solved": "2026-03-12 10:00",
        },
    ),
    (
        "important",
        {"complaint.important_to_head": "2026-03-02 11:00", "complaint.important_solved": "2026-03-05 10:00"},
    ),
    ("minor", {"complaint.minor_solved": "2026-03-04 10:00"}),
]
GRADED = sorted(rule for _, rules in GRADES for rule in rules)


@pytest.mark.parametrize(("grade", "due"), GRADES)
def test_a_grade_given_later_counts_from_the_opening(counter: DeskForTest, grade: str, due: dict[str, str]) -> None:
    ticket = complaint(counter)
    assert not set(counter.open_rules(ticket)) & set(GRADED)
    counter.do("grade", ticket, at="10:20", grade=grade)
    assert counter.ticket(ticket).facts["grade"] == grade
    assert {rule: counter.due(ticket, rule) for rule in counter.open_rules(ticket) if rule in GRADED} == due


def test_another_grade_ends_the_former_ones_clocks(counter: DeskForTest) -> None:
    ticket = complaint(counter)
    counter.do("grade", ticket, at="10:20", grade="important")
    counter.do("grade", ticket, at="10:30", grade="minor")
    former = counter.deadlines(ticket)["complaint.important_to_head"]
    assert (former.open, former.cancelled_why) == (False, "facts")
    assert [rule for rule in counter.open_rules(ticket) if rule in GRADED] == ["complaint.minor_solved"]


def test_the_residents_own_limit_wins_if_it_is_earlier(counter: DeskForTest) -> None:
    ticket = complaint(counter, resident_limit=counter.time("2026-03-03 09:00"))
    counter.do("grade", ticket, grade="minor")
    assert counter.due(ticket, "complaint.minor_solved") == "2026-03-03 09:00"


def test_grading_nothing_is_refused(counter: DeskForTest) -> None:
    assert refused(lambda: counter.do("grade", complaint(counter), note="?")) == "complaint.grade_nothing"


# -- an ordinary complaint under manual 000, from intake to filing ---------------------------------------------


def test_a_major_complaint_from_intake_to_filing(counter: DeskForTest) -> None:
    ticket = complaint(counter, complained_department="保洁部", demand="停工", event_time="昨晚", channel="letter")
    number = counter.ticket(ticket).number
    assert counter.due(ticket, "complaint.sheet") == "2026-03-02 11:00"
    counter.do("send-sheet", ticket, at="10:10", department="保洁部", due=counter.time("16:00"), matter="请核实")
    assert counter.words(ticket, "complaint.sheet_sent")["sheet"] == f"{number}-1"
    assert counter.ticket(ticket).department == "保洁部"
    counter.do("grade", ticket, at="10:15", grade="major", beyond_department=True)
    counter.do("put-to-manager", ticket, at="10:30", whom="manager")
    assert "complaint.major_decision" in counter.open_rules(ticket)
    counter.do("decide", ticket, at="11:00", by="manager", decision="责令整改")
    assert "complaint.major_decision" not in counter.open_rules(ticket)
    counter.do("contact", ticket, at="11:10", by="department_head")
    counter.do("answer-sheet", ticket, at="14:00", by="department_head", reply="已核实")
    counter.do("reply", ticket, at="14:30", answer="明天起只在九点后施工", means="phone")
    counter.do("report-handling", ticket, at="15:00", by="department_head", handling="已约谈施工队")
    assert counter.due(ticket, "complaint.tell_result") == "2026-03-02 17:00"
    counter.do("tell-result", ticket, at="15:30", means="visit", result="已处理")
    counter.do("complete", ticket, at="16:00", result="已处理")
    assert counter.ticket(ticket).status == "done"
    # the result was told before it was complete: completing asks for it once more only if it was not
    assert refused(lambda: counter.do("file", ticket)) == "complaint.callback_first"
    (callback,) = counter.callbacks(ticket)
    counter.do("callback", callback.id, of="callback", at="2026-03-03 10:00", outcome="satisfied")
    assert counter.due(ticket, "complaint.file") == "2026-03-05 10:00"
    counter.do("tell-result", ticket, at="10:05", means="phone")
    counter.do("file", ticket, at="10:30", folder="2026-投诉-3")
    counter.do("review-callback", callback.id, of="callback", by="supervisor", at="11:00")
    assert counter.open_rules(ticket) == []
    assert counter.ticket(ticket).facts["filed"] is True
    assert refused(lambda: counter.do("file", ticket)) == "complaint.filed_already"


def test_sheets_are_numbered_and_answered_once(counter: DeskForTest) -> None:
    ticket = complaint(counter)
    assert refused(lambda: counter.do("answer-sheet", ticket, reply="?")) == "complaint.no_sheet"
    counter.do("send-sheet", ticket, department="保洁部")
    counter.do("answer-sheet", ticket, reply="不是我们")
    counter.do("send-sheet", ticket, department="秩序部")
    number = counter.ticket(ticket).number
    assert counter.words(ticket, "complaint.sheet_sent")["sheet"] == f"{number}-2"
    late = counter.time("2026-03-01 09:00")
    assert refused(lambda: counter.do("send-sheet", ticket, department="x", due=late)) == "value.past"


# verb, values → rule that opens, verb that meets it
PAIRS: list[tuple[str, dict[str, Any], str, str, dict[str, Any]]] = [
    ("set-liability", {"liability": "company"}, "complaint.company_remedy", "choose-remedy", {"remedy": 1}),
    ("set-liability", {"liability": "neighbour"}, "complaint.mediate", "mediate", {"note": "双方同意"}),
    ("set-liability", {"liability": "resident"}, "complaint.mediate", "mediate", {"note": "已说明"}),
    (
        "set-liability",
        {"liability": "shared"},
        "complaint.heads_on_site",
        "call-heads",
        {"departments": "工程部、秩序部"},
    ),
    ("call-supervisor", {"whom": "supervisor"}, "complaint.agitated", "receive-apart", {"meeting_room": "洽谈室"}),
    ("harm", {"note": "水还在漏"}, "complaint.stop_harm", "stop-harm", {"measure": "关总阀"}),
    ("remedy", {"draft": "再补一稿"}, "complaint.cannot_solve", "report", {"whom": "supervisor"}),
]


@pytest.mark.parametrize(("verb", "values", "rule", "answer", "more"), PAIRS)
def test_each_step_asks_for_the_next(
    counter: DeskForTest, verb: str, values: dict[str, Any], rule: str, answer: str, more: dict[str, Any]
) -> None:
    ticket = complaint(counter)
    if answer == "choose-remedy":
        counter.do("remedy", ticket, draft="重做防水", cost=1200.5)
        counter.do("report", ticket, whom="supervisor")
    counter.do(verb, ticket, at="10:20", **values)
    assert rule in counter.open_rules(ticket)
    counter.do(answer, ticket, at="10:21", **more)
    assert rule not in counter.open_rules(ticket)


def test_heads_are_noted_as_they_come(counter: DeskForTest) -> None:
    ticket = complaint(counter)
    counter.do("call-heads", ticket, departments="工程部、秩序部")
    for department in ("工程部", "秩序部"):
        counter.do("head-arrived", ticket, department=department, head="部长")
    came = [event.facts["department"] for event in counter.events(ticket) if event.name == "complaint.head_arrived"]
    assert came == ["工程部", "秩序部"]


def test_remedies_are_drafted_with_costs_and_one_is_chosen(counter: DeskForTest) -> None:
    ticket = complaint(counter)
    assert refused(lambda: counter.do("choose-remedy", ticket)) == "complaint.no_remedy"
    counter.do("remedy", ticket, draft="赔偿", cost=300)
    counter.do("remedy", ticket, draft="重做")
    assert refused(lambda: counter.do("remedy", ticket, draft="x", cost=-1)) == "value.negative"
    for wrong in (0, 3, 1.5):
        assert refused(lambda n=wrong: counter.do("choose-remedy", ticket, remedy=n)) == "complaint.no_such_remedy"  # type: ignore[misc]
    counter.do("choose-remedy", ticket, remedy=1)
    chosen = counter.events(ticket)[-1]
    assert (chosen.facts["remedy"], chosen.facts["cost"]) == (1, 300)
    assert counter.ticket(ticket).facts["chosen_remedy"] == 1


def test_harm_makes_an_emergency_until_it_is_stopped(counter: DeskForTest) -> None:
    ticket = complaint(counter, harm=True)
    assert counter.ticket(ticket).emergency
    assert counter.due(ticket, "complaint.stop_harm") == "2026-03-02 10:00"
    assert "matter.emergency_same_day" in counter.open_rules(ticket)
    counter.do("stop-harm", ticket, at="10:04", measure="关总阀")
    assert not counter.ticket(ticket).emergency
    assert "matter.emergency_same_day" not in counter.open_rules(ticket)
    assert refused(lambda: counter.do("stop-harm", ticket, measure="x")) == "complaint.no_harm"
    counter.do("harm", ticket)
    counter.do("stop-harm", ticket, measure="断电", emergency=True)
    assert counter.ticket(ticket).emergency


def test_an_invalid_complaint_is_served_all_the_same(counter: DeskForTest) -> None:
    ticket = complaint(counter)
    assert refused(lambda: counter.do("invalid", ticket, reason="非物业范围")) == "value.missing"
    counter.do("invalid", ticket, reason="非物业范围", served="代为联系街道")
    row = counter.ticket(ticket)
    assert (row.facts["valid"], row.status) == (False, "open")
    assert counter.words(ticket, "complaint.judged_invalid") == {"reason": "非物业范围", "served": "代为联系街道"}


# -- manual 004 ----------------------------------------------------------------------------------------------


def test_a_complaint_of_large_effect_goes_up(pool: DeskForTest) -> None:
    ticket = complaint(pool, definite_time=True)
    assert pool.due(ticket, "complaint.contact") == "2026-03-02 10:15"
    assert pool.due(ticket, "complaint.handled") == "2026-03-03 10:00"
    pool.do("tell", ticket, at="10:02", to="supervisor")
    pool.do("accept", ticket, at="10:04", by="supervisor")
    pool.do("contact", ticket, at="10:12", by="complaint_specialist")
    pool.do("grade", ticket, at="10:20", by="supervisor", grade="major", large_effect=True)
    assert pool.due(ticket, "complaint.large_effect") == "2026-03-02 10:30"
    pool.do("report", ticket, at="10:25", by="supervisor", whom="leader_in_charge")
    assert pool.due(ticket, "complaint.decision") == "2026-03-02 14:25"
    pool.do("decide", ticket, at="11:00", by="leader_in_charge", decision="上门致歉")
    assert pool.open_rules(ticket) == ["complaint.handled", "unfinished.publish", "unfinished.tell"]


def test_a_day_without_handling_goes_to_the_quality_specialist(pool: DeskForTest) -> None:
    ticket = complaint(pool)
    pool.tick("2026-03-03 10:01")
    step = pool.deadlines(ticket)["complaint.handled/1"]
    assert (step.then, step.by, step.open) == ("escalate", "quality_specialist", True)
    pool.do("escalate", ticket, at="10:05", whom="quality_specialist")
    assert not pool.deadlines(ticket)["complaint.handled/1"].open


def test_not_satisfied_goes_to_the_company(pool: DeskForTest) -> None:
    ticket = complaint(pool)
    pool.do("complete", ticket, at="11:00", by="supervisor")
    (callback,) = pool.callbacks(ticket)
    pool.do("hear-handler", callback.id, of="callback", account="已道歉")
    pool.do("callback", callback.id, of="callback", at="11:05", outcome="unsatisfied", why="没有解决")
    assert pool.due(ticket, "complaint.to_company") == "2026-03-02 11:35"
    pool.do("escalate", ticket, at="11:20", whom="quality_specialist")
    assert "complaint.to_company" not in pool.open_rules(ticket)


OFFERED = {
    "residential": {"send-sheet", "put-to-manager", "pass-to-head", "decide", "reply", "set-liability", "remedy"}
    | {"harm", "stop-harm", "invalid", "report-handling", "tell-result", "file", "call-supervisor", "grade"},
    "work-orders": {"grade", "decide", "call-supervisor", "receive-apart"},
}


@pytest.mark.parametrize("manual", OFFERED)
def test_only_steps_the_manual_knows_are_offered(tmp_path: Path, manual: str) -> None:
    desk = make_desk(tmp_path, manual)
    ticket, other = desk.ticket(complaint(desk)), desk.ticket(desk.open("repair", what="灯不亮", room="3-2-501"))
    ours = [verb for verb in procedures.VERBS.values() if verb.event.startswith("complaint.") or verb.name == "decide"]
    offered = {verb.name for verb in ours if verb.applies(desk.ledger.book, ticket)}
    assert OFFERED[manual] <= offered
    if manual == "work-orders":
        assert offered == OFFERED[manual]
    assert not [verb.name for verb in ours if verb.applies(desk.ledger.book, other)]
