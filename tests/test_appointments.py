"""Visits: agreed, confirmed, moved, missed, withdrawn, kept; the ticket always knows the time."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk.errors import Refusal
from tests.desks import DeskForTest, make_desk

MANUALS = ("residential", "work-orders")


@pytest.fixture(params=MANUALS)
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> DeskForTest:
    return make_desk(tmp_path, request.param)


@pytest.fixture
def order(desk: DeskForTest) -> UUID:
    return desk.open("repair", at="9:00", room="3-2-501", what="空调不制冷")


def visit(desk: DeskForTest, order: UUID) -> UUID:
    return desk.appointments(order)[-1].id


def move(desk: DeskForTest, verb: str, order: UUID, **values: Any) -> None:
    desk.do(verb, visit(desk, order), of="appointment", **values)


def test_a_visit_agreed_at_intake(desk: DeskForTest) -> None:
    order = desk.open("repair", at="9:00", room="3-2-501", what="x", appointment="14:00")
    assert desk.local(desk.ticket(order).appointment) == "2026-03-02 14:00"
    assert desk.due(order, "repair.appointment") == "2026-03-02 14:00"
    assert desk.names(order) == ["ticket.opened", "appointment.made"]
    with pytest.raises(Refusal, match=r"appointment\.already"):
        desk.do("appoint", order, appointment="15:00")


def test_a_visit_agreed_later_stands_on_the_ticket(desk: DeskForTest, order: UUID) -> None:
    desk.do("appoint", order, appointment="14:00", note="家里有人", at="9:04")
    assert desk.local(desk.ticket(order).appointment) == "2026-03-02 14:00"
    assert desk.names(order)[-2:] == ["appointment.made", "ticket.scheduled"]
    deadline = desk.deadlines(order)["repair.appointment"]
    assert (desk.local(deadline.due_at), desk.local(deadline.warn_at)) == ("2026-03-02 14:00", "2026-03-02 13:30")


@pytest.mark.parametrize(
    ("acts", "status", "counts", "due", "state"),
    [
        ([("confirm", {})], "confirmed", (0, 0), "2026-03-02 14:00", "open"),
        ([("rebook", {"appointment": "明天 9:30", "reason": "师傅忙"})], "made", (1, 0), "2026-03-03 09:30", "open"),
        (
            [("confirm", {}), ("rebook", {"appointment": "16:00", "reason": "业主有事", "agreed_by": "业主甲"})],
            "made", (1, 0), "2026-03-02 16:00", "open",
        ),
        ([("miss", {"reason": "家中无人", "at": "14:05"})], "missed", (0, 1), "2026-03-02 14:00", "cancelled"),
        (
            [("miss", {"reason": "家中无人", "at": "14:05"}), ("rebook", {"appointment": "16:30", "reason": "重新约"})],
            "made", (1, 1), "2026-03-02 16:30", "open",
        ),
        ([("cancel-appointment", {"reason": "自己修好了"})], "cancelled", (0, 0), "2026-03-02 14:00", "cancelled"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_visit(
    desk: DeskForTest,
    order: UUID,
    acts: list[tuple[str, dict[str, Any]]],
    status: str,
    counts: tuple[int, int],
    due: str,
    state: str,
) -> None:
    desk.do("appoint", order, appointment="14:00", at="9:05")
    for minute, (verb, values) in enumerate(acts):
        clock = max(f"{desk.local(desk.now)}"[-5:], f"09:1{minute}")
        move(desk, verb, order, **{"at": clock, **values})
    kept = desk.appointments(order)[0]
    assert (kept.status, (kept.rebooked, kept.missed)) == (status, counts)
    deadline = desk.deadlines(order)["repair.appointment"]
    assert desk.local(deadline.due_at) == due
    assert ("open" if deadline.open else "cancelled") == state
    expected = None if status == "cancelled" else due
    assert desk.local(desk.ticket(order).appointment) == expected


def test_a_rebooking_keeps_the_former_time_and_why(desk: DeskForTest, order: UUID) -> None:
    desk.do("appoint", order, appointment="14:00", at="9:05")
    move(desk, "rebook", order, appointment="16:00", reason="师傅忙", agreed_by="业主甲", at="9:30")
    event = next(each for each in desk.events(order) if each.name == "appointment.rebooked")
    assert event.facts["former"] == desk.time("14:00").isoformat()
    assert event.facts["appointment"] == desk.time("16:00").isoformat()
    assert desk.words(order, "appointment.rebooked") == {"reason": "师傅忙", "agreed_by": "业主甲"}
    # the former deadline was restarted, not missed
    assert [step for step in desk.tick("15:00").steps if step.rule_id == "repair.appointment"] == []


def test_missed_visits_are_counted_on_the_ticket(desk: DeskForTest, order: UUID) -> None:
    desk.do("appoint", order, appointment="14:00", at="9:05")
    for times, clock in enumerate(("14:30", "16:30"), 1):
        move(desk, "miss", order, reason="无人", at=clock)
        assert desk.ticket(order).facts["missed_appointments"] == times
        event = [each for each in desk.events(order) if each.name == "appointment.missed"][-1]
        assert event.facts["missed_appointments"] == times
        move(desk, "rebook", order, appointment="16:00" if times == 1 else "明天 9:00", reason="再约", at=clock)
    assert desk.appointments(order)[0].missed == 2


@pytest.mark.parametrize(
    ("verb", "values", "code"),
    [
        ("rebook", {"appointment": "14:00", "reason": "x"}, "appointment.same"),
        ("rebook", {"appointment": "8:00", "reason": "x"}, "appointment.past"),
        ("rebook", {"appointment": "15:00"}, "value.missing"),
        ("miss", {}, "value.missing"),
        ("miss", {"reason": "x"}, "appointment.not_yet"),
    ],
)
def test_refusals_write_nothing(desk: DeskForTest, order: UUID, verb: str, values: dict[str, Any], code: str) -> None:
    desk.do("appoint", order, appointment="14:00", at="9:05")
    before = desk.names(order)
    with pytest.raises(Refusal) as caught:
        move(desk, verb, order, **values)
    assert caught.value.code == code
    assert desk.names(order) == before


@pytest.mark.parametrize("verb", ["confirm", "miss", "cancel-appointment", "rebook"])
def test_a_visit_that_is_over_stays_over(desk: DeskForTest, order: UUID, verb: str) -> None:
    desk.do("appoint", order, appointment="14:00", at="9:05")
    move(desk, "cancel-appointment", order, reason="不用了")
    values: dict[str, Any] = {} if verb == "confirm" else {"reason": "x"}
    desk.at("14:05")
    values |= {"appointment": "15:00"} if verb == "rebook" else {}
    with pytest.raises(Refusal, match=r"appointment\.not_open"):
        move(desk, verb, order, **values)
    # another one may be agreed
    desk.do("appoint", order, appointment="15:00")
    assert [each.status for each in desk.appointments(order)] == ["cancelled", "made"]


def test_no_visit_in_the_past_unless_it_is_written_up_late(desk: DeskForTest, order: UUID) -> None:
    desk.at("11:00")
    with pytest.raises(Refusal, match=r"appointment\.past"):
        desk.do("appoint", order, appointment="10:30")
    desk.do("appoint", order, appointment="10:30", late="9:30")
    assert desk.local(desk.ticket(order).appointment) == "2026-03-02 10:30"


def test_a_late_entry_leaves_the_time_as_the_events_say(desk: DeskForTest, order: UUID) -> None:
    desk.do("appoint", order, appointment="14:00", at="9:05")
    move(desk, "rebook", order, appointment="16:00", reason="师傅忙", at="9:30")
    desk.at("9:40")
    desk.do("correct", order, place="主卧", late="9:10")
    ticket = desk.ticket(order)
    assert (ticket.place, desk.local(ticket.appointment)) == ("主卧", "2026-03-02 16:00")


def test_missed_the_new_time_is_agreed_by_the_engineering_supervisor(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    order = desk.open("repair", at="9:00", room="3-2-501", what="x", appointment="14:00")
    move(desk, "miss", order, reason="师傅未到", at="14:20")
    deadline = desk.deadlines(order)["repair.rebook"]
    assert (deadline.by, desk.local(deadline.due_at)) == ("engineering_supervisor", "2026-03-02 14:50")
    move(desk, "rebook", order, appointment="17:00", reason="已与业主约好", by="engineering_supervisor", at="14:30")
    assert not desk.deadlines(order)["repair.rebook"].open
