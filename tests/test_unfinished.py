"""Orders that stay unfinished: told, promised, explained; the day's sweep; what is published (S4-25…S4-29)."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from desk import i18n
from desk.errors import Refusal
from desk.procedures.unfinished import Answer, Unfinished, group_text, publish_sheet, sweep, sweep_sheet
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path)


def sheet(desk: DeskForTest) -> list[Unfinished]:
    with desk.store.read() as session:
        return sweep_sheet(desk.ledger, session, desk.now)


def overdue(desk: DeskForTest) -> list[Unfinished]:
    with desk.store.read() as session:
        return publish_sheet(desk.ledger, session, desk.now)


@pytest.fixture
def orders(desk: DeskForTest) -> list[UUID]:
    """Three orders of the day, the second finished; a question, which is no order."""
    found = []
    for clock, what in (("9:00", "厨房漏水"), ("9:30", "换灯"), ("15:00", "门锁坏\n进不去")):
        order = desk.open("repair", at=clock, room="3-2-501", what=what, person_name="业主甲", phone="13800001111")
        desk.do("claim", order, by="technician")
        found.append(order)
    desk.do("complete", found[1], by="technician", at="16:00")
    desk.open("inquiry", what="几点开门")
    return found


# -- one order -----------------------------------------------------------------------------------------------


def test_the_worker_tells_leader_and_centre_before_leaving(desk: DeskForTest, orders: list[UUID]) -> None:
    assert desk.due(orders[0], "unfinished.tell") == "2026-03-02 18:00"
    desk.do("tell-unfinished", orders[0], reason="parts", whom="repair_team_leader", note="等配件", at="17:00")
    assert not desk.deadlines(orders[0])["unfinished.tell"].open
    assert desk.due(orders[0], "unfinished.customer") == "2026-03-02 18:00"
    desk.do("explain", orders[0], note="配件明天到", at="17:10")
    assert not desk.deadlines(orders[0])["unfinished.customer"].open


def test_a_promise_is_a_deadline_and_a_new_one_moves_it(desk: DeskForTest, orders: list[UUID]) -> None:
    order = orders[0]
    desk.do("promise", order, promised_at="明天 10:00", at="17:00")
    assert desk.due(order, "unfinished.promise") == "2026-03-03 10:00"
    desk.do("promise", order, promised_at="明天 15:00", at="2026-03-03 9:00")
    assert desk.due(order, "unfinished.promise") == "2026-03-04 15:00"  # 明天 as said on the 3rd
    assert desk.local(desk.ticket(order).promised_at) == "2026-03-04 15:00"
    assert not [step for step in desk.tick("11:00").steps if step.rule_id == "unfinished.promise"]
    with pytest.raises(Refusal, match=r"promise\.past"):
        desk.do("promise", order, promised_at="9:00")


@pytest.mark.parametrize("reason", ["", "weather", None])
def test_the_reason_is_one_of_the_manuals(desk: DeskForTest, orders: list[UUID], reason: str | None) -> None:
    with pytest.raises(Refusal, match=r"value\."):
        desk.do("tell-unfinished", orders[0], reason=reason)


# -- the sweep -----------------------------------------------------------------------------------------------


def test_the_sheet_has_the_days_unfinished_orders(desk: DeskForTest, orders: list[UUID]) -> None:
    desk.do("explain", orders[2], note="稍晚到", at="16:30")
    desk.do("pause", orders[0], reason="parts", at="16:40")
    desk.at("17:30")
    rows = sheet(desk)
    assert [(row.id, row.room, row.assignee) for row in rows] == [
        (orders[0], "3-2-501", "technician"),
        (orders[2], "3-2-501", "technician"),
    ]
    assert [row.reason for row in rows] == ["parts", None]
    assert [desk.local(row.told) for row in rows] == [None, "2026-03-02 16:30"]
    desk.at("2026-03-03 9:00")
    assert sheet(desk) == []


def test_the_sweep_writes_every_answer_and_meets_the_duty(desk: DeskForTest, orders: list[UUID]) -> None:
    desk.tick("17:30")
    duty = next(row for row in desk.subjects("duty") if row.facts["rule"] == "day.sweep")
    assert desk.due(duty.id, "day.sweep") == "2026-03-02 18:00"
    answers = [
        Answer(orders[0], desk.time("明天 10:00"), reason="parts", note="等水泵", told="已告知明天修好"),
        Answer(orders[2], desk.time("20:00")),
    ]
    assert sweep(desk.ledger, answers, desk.doing()) == 0
    assert [desk.local(desk.ticket(order).promised_at) for order in orders] == [
        "2026-03-03 10:00", None, "2026-03-02 20:00",
    ]  # fmt: skip
    assert not desk.deadlines(duty.id)["day.sweep"].open
    assert desk.subjects("duty")[0].status == "done"
    for rule in ("unfinished.tell", "unfinished.customer"):
        assert not desk.deadlines(orders[0])[rule].open
    day = desk.subjects("day")[0]
    event = desk.events(day.id)[-1]
    assert (event.name, event.facts["listed"], event.facts["unchecked"]) == ("day.swept", 2, 0)


def test_the_sweep_alone_counts_what_has_no_time(desk: DeskForTest, orders: list[UUID]) -> None:
    with pytest.raises(Refusal, match=r"guard\.ask"):
        desk.do("sweep", of="day", at="17:30")
    desk.do("sweep", of="day", confirmed=True)
    event = next(each for each in desk.events() if each.name == "day.swept")
    assert (event.facts["listed"], event.facts["unchecked"]) == (2, 2)


def test_an_answer_that_cannot_be_leaves_nothing_of_the_sweep(desk: DeskForTest, orders: list[UUID]) -> None:
    desk.at("17:30")
    before = desk.names()
    for wrong in (Answer(orders[1], desk.time("20:00")), Answer(orders[2], desk.time("9:00"))):
        with pytest.raises(Refusal):
            sweep(desk.ledger, [Answer(orders[0], desk.time("20:00"), told="x"), wrong], desk.doing())
    assert desk.names() == before


def test_the_text_for_the_group_names_no_resident(desk: DeskForTest, orders: list[UUID]) -> None:
    i18n.install("en")
    desk.do("tell-unfinished", orders[0], reason="parts", at="17:00")
    desk.do("promise", orders[0], promised_at="明天 10:00")
    desk.at("17:30")
    text = group_text(desk.ledger, sheet(desk), desk.now, whom="engineering_supervisor")
    assert text.splitlines() == [
        "@engineering_supervisor 2026-03-02 Orders unfinished today: 2",
        "1. R-260302-001 3-2-501 厨房漏水 technician because of parts to buy promised 03-03 10:00",
        "2. R-260302-003 3-2-501 门锁坏 进不去 technician no time promised yet",
    ]
    assert "业主甲" not in text
    assert "138" not in text
    assert group_text(desk.ledger, [], desk.now).endswith("None. Thank you.")


# -- publishing ----------------------------------------------------------------------------------------------


def test_after_a_day_it_is_published_every_day(desk: DeskForTest, orders: list[UUID]) -> None:
    i18n.install("en")
    desk.tick("2026-03-03 8:30")
    assert overdue(desk) == []
    desk.tick("9:01")  # 24 hours after the first
    assert [row.id for row in overdue(desk)] == [orders[0]]
    assert desk.deadlines(orders[0])["unfinished.publish/1"].open
    desk.at("17:01")
    assert [row.id for row in overdue(desk)] == [orders[0], orders[2]]
    text = group_text(desk.ledger, overdue(desk), desk.now, published=True)
    assert "open for 32 h" in text.splitlines()[1]
    desk.do("publish-day", of="day", at="17:01")
    assert not desk.deadlines(orders[0])["unfinished.publish/1"].open
    assert not desk.deadlines(orders[2])["unfinished.publish/1"].open
    event = next(each for each in desk.events() if each.name == "day.published")
    assert event.facts["listed"] == 2
    # and again the next day, until it is finished
    desk.tick("2026-03-04 8:05")
    assert desk.deadlines(orders[0])["unfinished.publish/1"].open
    desk.do("complete", orders[0], by="technician")
    assert [row.id for row in overdue(desk)] == [orders[2]]
    assert not desk.deadlines(orders[0])["unfinished.publish/1"].open


def test_one_order_may_be_published_by_itself(desk: DeskForTest, orders: list[UUID]) -> None:
    desk.tick("2026-03-03 9:01")
    desk.do("publish", orders[0], note="群里已发")
    assert not desk.deadlines(orders[0])["unfinished.publish/1"].open


def test_a_manual_without_publishing_has_no_such_verbs(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "residential")
    order = desk.open("repair", room="3-2-501", what="x")
    for subject, of, name in ((order, "ticket", "publish"), (None, "day", "publish-day")):
        with pytest.raises(Refusal, match=r"verb\.not_here"):
            desk.do(name, subject, of=of)
