"""The desk's day: carried over and taken up again (S0-25, S0-26, S0-28), the report upward (S0-17), to-dos (S0-19)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desk import i18n
from desk.errors import Refusal
from desk.procedures.day import day_report, report_text
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential", now="2026-03-02 9:00")


CIRCUMSTANCES: dict[str, Any] = {"reason": "配件缺货", "note": "维修部已看过现场,明早送货"}


def test_a_matter_is_carried_over_with_reason_and_taken_up_the_next_day(desk: DeskForTest) -> None:
    order = desk.open("repair", at="15:00", room="3-2-501", what="空调不制冷")
    assert desk.due(order, "matter.same_day") == "2026-03-02 17:00"
    desk.do("carry-over", order, at="16:50", **CIRCUMSTANCES)
    assert not desk.deadlines(order)["matter.same_day"].open
    assert desk.ticket(order).facts["carried"] is True
    assert desk.words(order, "ticket.carried_over") == CIRCUMSTANCES
    assert desk.due(order, "matter.next_day") == "2026-03-03 08:00"
    desk.do("pick-up", order, department="维修部", to="technician", means="phone", at="2026-03-03 7:58")
    ticket = desk.ticket(order)
    assert "carried" not in ticket.facts
    assert (ticket.status, ticket.assignee, ticket.department) == ("assigned", desk.staff["technician"], "维修部")
    assert not desk.deadlines(order)["matter.next_day"].open
    assert not desk.deadlines(order)["repair.tell"].open
    # it can be carried over again
    desk.do("carry-over", order, at="16:50", **CIRCUMSTANCES)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "value.missing"),
        ({"reason": "来不及"}, "value.missing"),
        ({"reason": " ", "note": "x"}, "value.missing"),
    ],
)
def test_a_carry_over_needs_its_reason(desk: DeskForTest, values: dict[str, Any], code: str) -> None:
    order = desk.open("repair", room="3-2-501", what="x")
    with pytest.raises(Refusal) as caught:
        desk.do("carry-over", order, **values)
    assert caught.value.code == code


@pytest.mark.parametrize("confirmed", [False, True])
def test_an_emergency_is_never_carried_over(desk: DeskForTest, confirmed: bool) -> None:
    order = desk.open("repair", room="3-2-501", what="水管爆裂", emergency=True)
    with pytest.raises(Refusal) as caught:
        desk.do("carry-over", order, confirmed=confirmed, **CIRCUMSTANCES)
    assert caught.value.code == "guard.refuse"
    assert desk.ticket(order).facts.get("carried") is None
    assert "matter.emergency_same_day" in desk.open_rules(order)


def test_carried_and_taken_up_once_each(desk: DeskForTest) -> None:
    order = desk.open("repair", room="3-2-501", what="x")
    with pytest.raises(Refusal, match=r"carry\.not"):
        desk.do("pick-up", order)
    desk.do("carry-over", order, **CIRCUMSTANCES)
    with pytest.raises(Refusal, match=r"carry\.already"):
        desk.do("carry-over", order, **CIRCUMSTANCES)
    desk.do("pick-up", order, at="2026-03-03 8:00")
    assert desk.ticket(order).status == "open"


def test_nobody_took_it_up_and_the_supervisor_is_told(desk: DeskForTest) -> None:
    order = desk.open("complaint", room="3-2-501", what="吵", at="16:00")
    desk.do("carry-over", order, at="16:50", **CIRCUMSTANCES)
    steps = [step for step in desk.tick("2026-03-03 8:01").steps if step.rule_id == "matter.next_day"]
    assert [(step.then, step.by) for step in steps] == [("tell", "supervisor")]


def test_the_report_of_the_day(desk: DeskForTest) -> None:
    i18n.install("en")
    desk.open("repair", at="9:00", room="3-2-501", what="换灯\n两只", person_name="业主甲", phone="13800001111")
    done = desk.open("repair", at="9:10", room="东门岗", what="门禁失灵")
    desk.do("complete", done, at="11:00")
    desk.open("complaint", at="10:00", room="3-2-502", what="多次漏水无人管", grade="major")
    desk.open("complaint", at="10:30", what="楼道脏", grade="minor", place="2栋")
    gone = desk.open("repair", at="10:40", room="3-2-501", what="误报")
    desk.do("cancel", gone, reason="误报")
    carried = desk.open("service", at="11:00", room="3-2-501", what="搬家具")
    desk.do("carry-over", carried, at="16:30", **CIRCUMSTANCES)
    desk.at("16:40")
    with desk.store.read() as session:
        report = day_report(desk.ledger, session, desk.now)
    assert report.counts == [("repair", 2, 1), ("complaint", 2, 0), ("service", 1, 0)]
    text = report_text(desk.ledger, report)
    assert "1. C-260302-001 3-2-502 多次漏水无人管 unfinished" in text
    assert "2. R-260302-002 东门岗 门禁失灵 finished" in text
    assert "换灯 两只" in text
    assert "楼道脏" not in text
    assert "业主甲" not in text
    assert "Carried over: 1" in text


def test_reporting_upward_meets_the_days_duty_and_keeps_the_text(desk: DeskForTest) -> None:
    i18n.install("en")
    desk.open("complaint", at="10:00", room="3-2-502", what="多次漏水无人管", grade="major")
    desk.tick("16:30")
    duties = [row for row in desk.subjects("duty") if row.facts["rule"] == "day.report"]
    assert len(duties) == 1
    desk.do("report-day", of="day", whom="manager", at="16:50")
    assert not any(desk.deadlines(row.id)["day.report"].open for row in duties)
    day = desk.subjects("day")[0]
    assert desk.events(day.id)[-1].facts["whom"] == str(desk.staff["manager"])
    assert "多次漏水无人管" in str(desk.words(day.id, "day.reported")["report"])
    assert "多次漏水无人管" not in str(desk.events(day.id)[-1].facts)


def test_one_day_is_one_subject(desk: DeskForTest) -> None:
    desk.do("report-day", of="day", at="10:00")
    desk.do("report-day", of="day", at="16:00")
    desk.do("report-day", of="day", at="2026-03-03 0:10")
    assert len(desk.subjects("day")) == 2


@pytest.mark.parametrize("manual", ["residential", "work-orders"])
def test_a_leaders_to_do_runs_to_its_own_time(tmp_path: Path, manual: str) -> None:
    desk = make_desk(tmp_path, manual, now="2026-03-02 9:00")
    leader = desk.staff["manager"]
    todo = desk.open("todo", what="更新通讯录", leader=str(leader), due_by="16:00")
    assert desk.due(todo, "todo.due") == "2026-03-02 16:00"
    assert desk.deadlines(todo)["todo.due"].staff_id == desk.staff["agent"]
    desk.do("complete", todo, at="15:00", result="已更新")
    assert not desk.deadlines(todo)["todo.due"].open
