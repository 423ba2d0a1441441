"""A repair taken at the counter: whose parts, what price, in how many minutes, a second promise, whose number."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk.errors import Refusal
from desk.queries.slips import forms_of, slip_text
from desk.queries.tickets import ticket_view
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def counter(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "reception")


def repair(counter: DeskForTest, **values: Any) -> UUID:
    ident = counter.open("repair", at="10:00", room="3-2-501", what="水龙头漏水", **values)
    return ident


def refusal(counter: DeskForTest, name: str, ident: UUID, **values: Any) -> str:
    with pytest.raises(Refusal) as caught:
        counter.do(name, ident, **values)
    return caught.value.code


def said(counter: DeskForTest, name: str, ident: UUID, **values: Any) -> list[str]:
    return [guard.id for guard in counter.do(name, ident, **values).said]


def test_engineering_is_called_and_the_customer_told(counter: DeskForTest) -> None:
    """S1-31…S1-34: the parts, the time, the price list, when somebody is home."""
    ident = repair(counter)
    assert counter.due(ident, "repair.tell") == "2026-03-02 10:05"
    assert said(counter, "tell", ident, at="10:02", to="technician") == ["repair.parts"]
    assert counter.due(ident, "repair.promise") == "2026-03-02 10:07"
    counter.do("say-parts", ident, at="10:03", parts="customer")
    assert said(counter, "tell", ident, at="10:03", to="technician") == []
    assert said(counter, "tell-minutes", ident, at="10:04") == ["repair.price_list"]
    assert counter.due(ident, "repair.inspect") == "2026-03-02 10:34"  # the usual minutes, D-27
    assert "repair.promise" not in counter.open_rules(ident)
    counter.do("show-prices", ident, at="10:05")
    assert said(counter, "appoint", ident, at="10:06", appointment="15:00") == []
    assert counter.due(ident, "repair.visit") == "2026-03-02 15:00"
    counter.do("arrive", ident, at="10:30", by="technician")
    assert counter.open_rules(ident) == []


@pytest.mark.parametrize(
    ("values", "due"), [({"minutes": 45}, "10:49"), ({"minutes": 10}, "10:14"), ({"told_at": "11:30"}, "11:30")]
)
def test_the_minutes_told_are_the_promise(counter: DeskForTest, values: dict[str, Any], due: str) -> None:
    ident = repair(counter)
    counter.do("tell-minutes", ident, at="10:04", **values)
    assert counter.due(ident, "repair.inspect_told") == f"2026-03-02 {due}"
    assert "repair.inspect" not in counter.deadlines(ident)
    counter.do("start", ident, by="technician")
    assert counter.deadlines(ident)["repair.inspect_told"].met_at == counter.now


@pytest.mark.parametrize("minutes", [0, -5, 1e9])
def test_minutes_that_cannot_be(counter: DeskForTest, minutes: float) -> None:
    assert refusal(counter, "tell-minutes", repair(counter), minutes=minutes) == "value.number"


def test_a_time_told_lies_ahead(counter: DeskForTest) -> None:
    assert refusal(counter, "tell-minutes", repair(counter), told_at="9:30") == "value.past"


def test_a_promise_missed_is_chased_and_reported(counter: DeskForTest) -> None:
    ident = repair(counter)
    counter.do("tell", ident, to="technician")
    counter.do("tell-minutes", ident, at="10:04")
    counter.tick("10:50")
    assert [name for name in counter.open_rules(ident) if name.startswith("repair.inspect")] == [
        "repair.inspect",
        "repair.inspect/1",
        "repair.inspect/2",
    ]
    assert counter.deadlines(ident)["repair.inspect"].staff_id == counter.staff["technician"]


def test_the_second_promise_has_its_own_time_and_is_kept(counter: DeskForTest) -> None:
    """S1-35…S1-37, T-06: whoever promises again says when; a third time only with a director's consent."""
    ident = repair(counter)
    counter.do("tell-minutes", ident, at="10:04")
    assert refusal(counter, "tell-minutes", ident, at="10:20") == "repair.when"
    counter.do("tell-minutes", ident, at="10:20", told_at="14:00", reason="师傅在抢修")
    assert "repair.inspect" not in counter.open_rules(ident)
    assert counter.due(ident, "repair.inspect_second") == "2026-03-02 14:00"
    assert refusal(counter, "tell-minutes", ident, at="13:50", told_at="16:00") == "guard.approve"
    assert refusal(counter, "tell-minutes", ident, told_at="16:00", approved_by="supervisor") == "guard.approve"
    counter.tick("14:02")
    assert {"repair.inspect_second/1", "repair.inspect_second/2"} <= set(counter.open_rules(ident))
    counter.do("tell-minutes", ident, told_at="16:00", approved_by="director")
    assert counter.due(ident, "repair.inspect_second") == "2026-03-02 16:00"


def test_another_time_and_the_second_must_be_kept(counter: DeskForTest) -> None:
    """S1-35 cannot come; S1-36, T-07 their own time lies after ours; S1-37, D-28, T-06 the second is kept."""
    ident = repair(counter, appointment="14:00")
    visit = counter.appointments(ident)[0].id

    def rebook(**values: Any) -> Any:
        return counter.do("rebook", visit, of="appointment", reason="师傅抢修", **values)

    with pytest.raises(Refusal) as caught:
        rebook(at="13:30", appointment="15:00", offered="15:30")
    assert caught.value.code == "appointment.before_offered"
    rebook(at="13:30", appointment="16:00", offered="15:30", agreed_by="张伟")
    assert "repair.visit" not in counter.open_rules(ident)
    assert counter.due(ident, "repair.visit_second") == "2026-03-02 16:00"
    with pytest.raises(Refusal) as caught:
        rebook(at="15:00", appointment="17:00")
    assert caught.value.code == "guard.approve"
    counter.do("arrive", ident, at="15:58", by="technician")
    assert "repair.visit_second" not in counter.open_rules(ident)


def test_the_second_appointment_broken_goes_up(counter: DeskForTest) -> None:
    ident = repair(counter, appointment="14:00")
    visit = counter.appointments(ident)[0].id
    counter.do("miss", visit, of="appointment", at="14:20", reason="师傅未到")
    assert counter.due(ident, "repair.new_time") == "2026-03-02 14:35"
    assert "repair.second_broken" not in counter.deadlines(ident)
    counter.do("rebook", visit, of="appointment", at="14:25", appointment="16:00", reason="抢修")
    assert "repair.new_time" not in counter.open_rules(ident)
    counter.do("miss", visit, of="appointment", at="16:10", reason="又未到")
    assert counter.deadlines(ident)["repair.second_broken"].due_at == counter.now + timedelta(minutes=1)
    counter.do("report", ident, at="16:10:30", whom="director")
    assert "repair.second_broken" not in counter.open_rules(ident)


def test_a_second_time_is_a_second_however_it_is_agreed(counter: DeskForTest) -> None:
    """S1-37: minutes told after a broken appointment must be kept as a rebooked one must, and answer for the new time."""
    ident = repair(counter, appointment="14:00")
    counter.do("miss", counter.appointments(ident)[0].id, of="appointment", at="14:20", reason="师傅未到")
    assert refusal(counter, "appoint", ident, at="14:25", appointment="16:00") == "appointment.was_missed"
    counter.do("tell-minutes", ident, minutes=60)
    assert counter.due(ident, "repair.inspect_second") == "2026-03-02 15:25"
    assert not {"repair.inspect_told", "repair.inspect"} & counter.deadlines(ident).keys()
    assert "repair.new_time" not in counter.open_rules(ident)


def test_beyond_our_ability_the_number_is_written_down(counter: DeskForTest) -> None:
    """S1-30, S1-38: nothing is asked of engineering, the trade's number is given, the matter is over."""
    ident = repair(counter, in_house=False)
    assert counter.open_rules(ident) == ["repair.refer"]
    assert refusal(counter, "refer-out", ident, trade="地暖") == "value.missing"
    counter.do("refer-out", ident, at="10:03", trade="地暖", number_given="021-55550000")
    assert counter.ticket(ident).status == "closed"
    assert counter.words(ident, "ticket.referred")["number_given"] == "021-55550000"
    assert counter.open_rules(ident) == []
    with counter.store.read() as session:
        view = ticket_view(counter.ledger, session, ident, counter.now)
    assert forms_of(view, ()) == ["referral"]
    note = slip_text(counter.ledger, view, counter.now)
    assert "地暖" in note
    assert "021-55550000" in note


def test_it_may_turn_out_to_be_beyond_us(counter: DeskForTest) -> None:
    ident = repair(counter)
    counter.do("tell", ident, to="technician")
    counter.do("tell-minutes", ident, at="10:04")
    counter.do("refer-out", ident, at="10:40", trade="电梯", number_given="400-000-0000")
    assert (counter.ticket(ident).facts["in_house"], counter.open_rules(ident)) == (False, [])


def test_only_a_repair_asks_for_it(counter: DeskForTest) -> None:
    ident = counter.open("inquiry", what="?")
    for name in ("tell-minutes", "show-prices", "say-parts", "refer-out"):
        values = {"parts": "company"} if name == "say-parts" else {}
        values |= {"trade": "x", "number_given": "1"} if name == "refer-out" else {}
        assert refusal(counter, name, ident, **values) == "verb.not_here"
