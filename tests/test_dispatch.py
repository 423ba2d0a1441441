"""Who does it: told, claimed, given out, accepted; chased and reported; linked orders. Under manual 004 and 000."""

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
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path)


@pytest.fixture
def counter(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


def repair(desk: DeskForTest, at: str = "10:00", **values: Any) -> UUID:
    return desk.open("repair", at=at, room="3-2-501", **{"what": "厨房漏水", **values})


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


# -- the pool (004) ------------------------------------------------------------------------------------------


def test_an_order_in_the_pool_is_claimed_within_five_minutes(desk: DeskForTest) -> None:
    order = repair(desk)
    assert desk.due(order, "repair.claim") == "2026-03-02 10:05"
    desk.do("claim", order, by="technician", at="10:03")
    ticket = desk.ticket(order)
    assert (ticket.status, ticket.assignee) == ("accepted", desk.staff["technician"])
    assert desk.local(desk.deadlines(order)["repair.claim"].met_at) == "2026-03-02 10:03"
    event = desk.events(order)[-1]
    assert (event.done_by, event.recorded_by) == (desk.staff["technician"], desk.staff["agent"])
    assert event.facts["busy"] is False


def test_unclaimed_it_is_chased_then_reported_and_dispatched(desk: DeskForTest) -> None:
    order = repair(desk)
    assert [step.then for step in desk.tick("10:06").steps] == ["chase"]
    chase = procedures.find_verb("chase")
    start = chase.params[0].start
    assert start is not None
    assert start(desk.ledger, desk.ticket(order), desk.doing()) == desk.staff["engineering_supervisor"]
    desk.do("chase", order, whom="engineering_supervisor", answer="马上派人", at="10:06")
    assert desk.local(desk.deadlines(order)["repair.claim/1"].met_at) == "2026-03-02 10:06"
    desk.do("assign", order, assignee="technician", by="engineering_supervisor", at="10:08")
    assert desk.ticket(order).status == "assigned"
    assert desk.local(desk.deadlines(order)["repair.claim"].met_at) == "2026-03-02 10:08"
    assert desk.due(order, "repair.accept") == "2026-03-02 10:13"
    assert desk.deadlines(order)["repair.accept"].staff_id == desk.staff["technician"]
    desk.do("accept", order, by="technician", at="10:10")
    assert desk.local(desk.deadlines(order)["repair.accept"].met_at) == "2026-03-02 10:10"
    assert desk.words(order, "ticket.chased") == {"answer": "马上派人"}
    assert "马上派人" not in str([event.facts for event in desk.events(order)])


def test_a_chase_that_is_not_made_goes_up(desk: DeskForTest) -> None:
    order = repair(desk)
    desk.tick("10:06")
    assert [step.then for step in desk.tick("10:11").steps] == ["report"]
    desk.do("report", order, whom="manager", at="10:11")
    assert not desk.deadlines(order)["repair.claim/2"].open


def test_claimed_in_time_and_written_down_late(desk: DeskForTest) -> None:
    order = repair(desk)
    desk.tick("10:06")
    desk.at("10:07")
    desk.do("claim", order, by="technician", late="10:03")
    deadlines = desk.deadlines(order)
    assert desk.local(deadlines["repair.claim"].met_at) == "2026-03-02 10:03"
    assert deadlines["repair.claim/1"].cancelled_why == "in_time"


def test_only_one_can_claim_and_the_other_is_told_who_has_it(desk: DeskForTest) -> None:
    order = repair(desk)
    desk.do("claim", order, assignee="technician2", at="10:01")
    refusal = refused(lambda: desk.do("claim", order, by="technician", at="10:02"))
    assert refusal.code == "ticket.claimed_already"
    assert refusal.params["who"] == "technician2"
    assert desk.names(order).count("ticket.claimed") == 1


@pytest.mark.parametrize(
    ("before", "busy"),
    [
        ([], False),
        (["claim"], True),
        (["claim", "verify"], True),
        (["claim", "verify", "complete"], False),
    ],
)
def test_who_claims_while_still_at_work_begins_within_half_an_hour(
    desk: DeskForTest, before: list[str], busy: bool
) -> None:
    other = repair(desk, "9:00", what="换灯")
    for name in before:
        values: dict[str, Any] = {"code": desk.opened[0].code} if name == "verify" else {}
        desk.do(name, other, by="technician", **values)
    order = repair(desk)
    desk.do("claim", order, by="technician", at="10:02")
    assert desk.events(order)[-1].facts["busy"] is busy
    assert ("repair.next_job" in desk.deadlines(order)) is busy
    if busy:
        assert desk.due(order, "repair.next_job") == "2026-03-02 10:32"
        desk.do("ask-help", order, whom="repair_team_leader", note="还在上一户", at="10:20")
        assert not desk.deadlines(order)["repair.next_job"].open


@pytest.mark.parametrize(
    ("verb", "values", "code"),
    [
        ("claim", {"by": "agent"}, "claim.not_theirs"),
        ("accept", {}, "ticket.not_given"),
        ("start", {}, "code.first"),
        ("arrive", {}, "ticket.unclaimed"),
        ("verify", {"code": "0000"}, "ticket.unclaimed"),
        ("tell", {}, "tell.whom"),
        ("chase", {"answer": "好"}, "press.whom"),
        ("promise", {"promised_at": "9:00"}, "promise.past"),
        ("helper-left", {}, "helper.none"),
        ("leak-test", {}, "verb.not_here"),
        ("link-repair", {"order": "x"}, "verb.not_here"),
        ("calm", {}, "verb.not_here"),
        ("coordinate", {"whom": "engineering_supervisor"}, "verb.not_here"),
    ],
)
def test_what_makes_no_sense_yet_is_refused_and_not_written(
    desk: DeskForTest, verb: str, values: dict[str, Any], code: str
) -> None:
    order = repair(desk)
    assert refused(lambda: desk.do(verb, order, **values)).code == code
    assert desk.names(order) == ["ticket.opened"]


@pytest.mark.parametrize(
    ("verb", "values"),
    [("claim", {}), ("assign", {"assignee": "technician"}), ("feedback", {"note": "x"}), ("tell", {"department": "x"})],
)
def test_over_is_over(desk: DeskForTest, verb: str, values: dict[str, Any]) -> None:
    order = repair(desk)
    desk.do("cancel", order, reason="打错了")
    assert refused(lambda: desk.do(verb, order, **values)).code in ("ticket.over", "ticket.not_unfinished")


# -- the named worker ----------------------------------------------------------------------------------------


def test_a_worker_asked_for_by_name_is_given_the_order(desk: DeskForTest) -> None:
    order = repair(desk, named_worker="technician2")
    verb = procedures.find_verb("assign")
    start = verb.params[0].start
    assert start is not None
    chosen = start(desk.ledger, desk.ticket(order), desk.doing())
    assert chosen == desk.staff["technician2"]
    desk.do("assign", order, assignee=chosen, at="10:02")
    assert desk.events(order)[-1].facts["named"] is True
    assert not desk.deadlines(order)["repair.claim"].open
    # the worker is on a job: the customer hears roughly when (S4-12)
    desk.do("accept", order, by="technician2", at="10:03")
    there = desk.time("11:30")
    desk.do("explain", order, note="约11点半到", expected_at=there, by="technician2", at="10:04")
    assert desk.ticket(order).facts["expected_at"] == there.isoformat()


# -- told by the desk (000) ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "assignee", "status"),
    [
        ({"department": "维修部", "means": "phone"}, None, "assigned"),
        ({"to": "technician"}, "technician", "assigned"),
        ({"who": "外包电工", "note": "已应下"}, None, "assigned"),
    ],
)
def test_the_desk_tells_the_department(
    counter: DeskForTest, values: dict[str, Any], assignee: str | None, status: str
) -> None:
    order = repair(counter, "9:00")
    assert counter.due(order, "repair.tell") == "2026-03-02 09:30"
    counter.do("tell", order, at="9:10", **values)
    ticket = counter.ticket(order)
    assert (ticket.status, ticket.assignee) == (status, counter.staff[assignee] if assignee else None)
    assert ticket.department == "维修部"
    assert not counter.deadlines(order)["repair.tell"].open
    assert values.get("who") == counter.words(order, "ticket.told").get("who")
    assert "外包电工" not in str([event.facts | event.sets for event in counter.events(order)])


def test_telling_again_does_not_take_the_work_from_who_has_it(counter: DeskForTest) -> None:
    order = repair(counter, "9:00")
    counter.do("tell", order, to="technician", at="9:05")
    counter.do("accept", order, by="technician", at="9:06")
    counter.do("tell", order, to="supervisor", at="9:07")
    assert counter.ticket(order).assignee == counter.staff["technician"]
    assert counter.ticket(order).status == "accepted"
    refusal = refused(lambda: counter.do("accept", order, by="technician2", at="9:08"))
    assert (refusal.code, refusal.params["who"]) == ("ticket.accepted_already", "technician")
    assert refused(lambda: counter.do("claim", order, by="technician2")).code == "verb.not_here"
    assert refused(lambda: counter.do("assign", order, assignee="technician")).code == "assign.same"
    counter.do("assign", order, assignee="technician2", at="9:20")
    assert counter.ticket(order).status == "assigned"


@pytest.mark.parametrize(
    ("manual", "kind", "room", "told"),
    [
        ("work-orders", "complaint", "3-2-501", "supervisor"),
        ("work-orders", "complaint", "商铺12", "project_manager"),
        ("work-orders", "incident", "3-2-501", "specialty_supervisor"),
        ("residential", "repair", "3-2-501", None),  # two have that duty
        ("residential", "service", "3-2-501", None),
    ],
)
def test_the_form_begins_with_whom_the_manual_means(
    tmp_path: Path, manual: str, kind: str, room: str, told: str | None
) -> None:
    desk = make_desk(tmp_path, manual)
    ticket = desk.open(kind, room=room, what="x", person_name="业主甲", phone="13800001111")
    start = procedures.find_verb("tell").params[0].start
    assert start is not None
    assert start(desk.ledger, desk.ticket(ticket), desk.doing()) == (desk.staff[told] if told else None)


# -- movement, linked orders ---------------------------------------------------------------------------------


def test_feedback_within_two_hours_or_a_chase_to_the_team_leader(desk: DeskForTest) -> None:
    silent, heard = repair(desk), repair(desk)
    for order in (silent, heard):
        desk.do("claim", order, by="technician", at="10:01")
    desk.do("feedback", heard, note="在路上", at="11:30")
    steps = desk.tick("12:01").steps
    assert [(step.rule_id, step.by) for step in steps if step.rule_id == "repair.movement"] == [
        ("repair.movement", "repair_team_leader")
    ]
    assert desk.due(silent, "repair.movement") == "2026-03-02 12:00"
    assert not desk.deadlines(heard)["repair.movement"].open


def test_an_incident_that_needs_repair_gets_an_order_of_its_own(desk: DeskForTest) -> None:
    incident = desk.open("incident", at="10:00", room="东门岗", what="大门撞歪", place="东门", person_name="保安")
    desk.do("tell", incident, to="specialty_supervisor", means="message", at="10:02")
    desk.do("accept", incident, by="specialty_supervisor", at="10:05")
    assert not desk.open_rules(incident) or "incident.accept" not in desk.open_rules(incident)
    done = desk.do(
        "link-repair", incident, order="校正大门", assignee="technician", by="engineering_supervisor", at="10:20"
    )
    assert len(done.opened) == 1
    order = desk.numbered(done.opened[0])
    assert (order.kind, order.linked_to, order.status, order.assignee) == (
        "repair", incident, "assigned", desk.staff["technician"],
    )  # fmt: skip
    assert (order.what, order.place, order.room_id, order.person_name) == (
        "校正大门",
        "东门",
        desk.rooms["东门岗"],
        "保安",
    )
    assert order.facts["area"] == "public"
    assert "code" not in order.facts
    linked = desk.events(incident)[-1]
    assert (linked.name, linked.facts["number"]) == ("ticket.linked", order.number)
    assert desk.ticket(incident).what == "大门撞歪"


def test_extra_work_that_cannot_be_done_becomes_an_order(desk: DeskForTest) -> None:
    order = repair(desk, person_name="业主甲", phone="13800001111")
    desk.do("claim", order, by="technician")
    done = desk.do("extra-order", order, extra="阳台换窗", by="technician", at="10:30")
    other = desk.numbered(done.opened[0])
    assert (other.kind, other.what, other.phone, other.linked_to, other.status) == (
        "repair", "阳台换窗", "13800001111", order, "open",
    )  # fmt: skip
    assert other.id != order
    assert desk.due(other.id, "repair.claim") == "2026-03-02 10:35"


# -- other callers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("approver", [None, "agent", "technician"])
def test_a_self_inspection_fault_needs_approval(desk: DeskForTest, approver: str | None) -> None:
    refusal = refused(
        lambda: desk.open("repair", room="东门岗", what="水泵异响", source="self_inspection", approved_by=approver)
    )
    assert refusal.code == "guard.approve"
    assert not [name for name in desk.names() if name == "ticket.opened"]


@pytest.mark.parametrize("approver", ["engineering_supervisor", "repair_team_leader"])
def test_an_approved_self_inspection_fault_is_an_order_like_any(desk: DeskForTest, approver: str) -> None:
    order = desk.open("repair", room="东门岗", what="水泵异响", source="self_inspection", approved_by=approver)
    assert desk.ticket(order).facts["source"] == "self_inspection"
    assert "repair.claim" in desk.open_rules(order)


def test_another_department_calls_and_is_called_back(desk: DeskForTest) -> None:
    order = desk.open(
        "repair", room="东门岗", what="路灯不亮", source="department", source_department="保洁部", person_name="保洁员"
    )
    assert desk.ticket(order).facts["source_department"] == "保洁部"
    desk.do("claim", order, by="technician")
    desk.do("complete", order, by="technician", result="换灯泡")
    assert [callback.status for callback in desk.callbacks(order)] == ["open"]
