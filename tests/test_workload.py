"""The workload is full: later visits only, special faults coordinated, until it is free again (S4-16, S4-17)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from desk.errors import Refusal
from desk.models import Room
from desk.procedures.verbs import full_workloads
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path)


def full(desk: DeskForTest, **values: Any) -> None:
    desk.do("saturate", of="workload", at="10:00", bookable_from="明天 8:00", told_by="repair_team_leader", **values)


def test_an_earlier_visit_is_asked_about_and_a_later_one_is_not(desk: DeskForTest) -> None:
    full(desk)
    order = desk.open("repair", at="10:10", room="3-2-501", what="漏水")
    assert desk.ticket(order).facts["saturated"] is True
    with pytest.raises(Refusal) as caught:
        desk.do("appoint", order, appointment="16:00")
    assert (caught.value.code, caught.value.params["guard"]) == ("guard.ask", "workload.saturated")
    assert not desk.appointments(order)
    desk.do("appoint", order, appointment="明天 8:00")
    assert "before_bookable" not in desk.events(order)[-2].facts
    with pytest.raises(Refusal, match=r"guard\.ask"):
        desk.do("rebook", desk.appointments(order)[0].id, of="appointment", appointment="17:00", reason="急")
    desk.do(
        "rebook", desk.appointments(order)[0].id, of="appointment", appointment="17:00", reason="急", confirmed=True
    )
    assert next(e for e in desk.events(order) if e.name == "appointment.rebooked").facts["before_bookable"] is True


def test_intake_asks_too_and_writes_nothing_until_answered(desk: DeskForTest) -> None:
    full(desk)
    with pytest.raises(Refusal, match=r"guard\.ask"):
        desk.open("repair", room="3-2-501", what="漏水", appointment="16:00")
    assert "ticket.opened" not in desk.names()
    desk.open("repair", room="3-2-501", what="漏水", appointment="16:00", confirmed=True)


@pytest.mark.parametrize(("free", "at"), [("free", "11:00"), (None, "15:00")], ids=["freed", "over by itself"])
def test_free_again(desk: DeskForTest, free: str | None, at: str) -> None:
    full(desk, until="15:00")
    if free:
        desk.do(free, of="workload", at="10:30")
    order = desk.open("repair", at=at, room="3-2-501", what="漏水", appointment="16:00")
    assert "saturated" not in desk.ticket(order).facts
    assert [load.status for load in desk.subjects("workload")] == ["open" if free else "full"]


def test_a_special_fault_is_coordinated(desk: DeskForTest) -> None:
    calm = desk.open("repair", at="9:00", room="3-2-501", what="换灯")
    full(desk)
    order = desk.open("repair", at="10:10", room="3-2-501", what="水管爆裂")
    with pytest.raises(Refusal, match=r"verb\.not_here"):
        desk.do("coordinate", calm, whom="engineering_supervisor")
    desk.do("coordinate", order, whom="engineering_supervisor", note="插队处理", by="supervisor", at="10:14")
    event = desk.events(order)[-1]
    assert (event.name, event.done_by) == ("ticket.coordinated", desk.staff["supervisor"])
    assert event.facts["whom"] == str(desk.staff["engineering_supervisor"])


def test_it_is_one_subject_however_often_it_fills(desk: DeskForTest) -> None:
    full(desk)
    desk.do("saturate", of="workload", at="11:00", bookable_from="后天 8:00")
    assert len(desk.subjects("workload")) == 1
    order = desk.open("repair", room="3-2-501", what="x")
    with pytest.raises(Refusal, match=r"guard\.ask"):
        desk.do("appoint", order, appointment="明天 9:00")


def test_each_project_has_its_own_team(desk: DeskForTest) -> None:
    with desk.store.write() as session:
        for room in session.exec(select(Room).where(Room.code == "3-2-501")):
            room.project = "南区"
        for room in session.exec(select(Room).where(Room.code == "3-2-502")):
            room.project = "北区"
    full(desk, project="南区")
    south = desk.open("repair", at="10:10", room="3-2-501", what="漏水")
    north = desk.open("repair", at="10:11", room="3-2-502", what="漏水")
    assert desk.ticket(south).facts["saturated"] is True
    assert "saturated" not in desk.ticket(north).facts
    desk.do("appoint", north, appointment="16:00")
    with pytest.raises(Refusal, match=r"guard\.ask"):
        desk.do("appoint", south, appointment="16:00")
    desk.do("saturate", of="workload", at="11:00", bookable_from="后天 8:00")
    with pytest.raises(Refusal, match=r"guard\.ask"):
        desk.do("rebook", desk.appointments(north)[0].id, of="appointment", appointment="明天 9:00", reason="急")
    desk.do("free", of="workload", at="11:10")
    with pytest.raises(Refusal, match=r"workload\.not_full"):
        desk.do("free", of="workload", at="11:11", project="北区")
    with desk.store.read() as session:
        now = desk.time("11:12")
        assert full_workloads(desk.ledger, session, now) == {"南区": desk.time("2026-03-03 8:00")}
    desk.do("free", of="workload", at="11:15", project="南区")
    desk.do("appoint", south, appointment="16:00")
    with pytest.raises(Refusal) as caught:
        desk.do("saturate", of="workload", at="11:20", bookable_from="明天 8:00", project="南 区")
    assert (caught.value.code, caught.value.params["nearest"]) == ("workload.project", "南区")


@pytest.mark.parametrize(
    ("verb", "values", "code"),
    [
        ("saturate", {"bookable_from": "9:00"}, "workload.past"),
        ("saturate", {"bookable_from": "12:00", "until": "9:00"}, "workload.past"),
        ("saturate", {}, "value.missing"),
        ("free", {}, "workload.not_full"),
    ],
)
def test_refusals(desk: DeskForTest, verb: str, values: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        desk.do(verb, of="workload", **values)
    assert caught.value.code == code
    assert not desk.subjects("workload")
