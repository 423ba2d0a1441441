"""At the customer's: contact, the code at the door, arrival, start, helpers, extra work, the leak test."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk.errors import Refusal
from tests.desks import DeskForTest, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path)


@pytest.fixture
def order(desk: DeskForTest) -> UUID:
    """A repair in the home, claimed by ``technician``."""
    order = desk.open("repair", at="10:00", room="3-2-501", what="厨房漏水")
    desk.do("claim", order, by="technician", at="10:02")
    return order


def code_of(desk: DeskForTest) -> str:
    code = desk.opened[-1].code
    assert code is not None
    return code


def wide(text: str) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in text)


def test_the_customer_is_told_the_code(desk: DeskForTest, order: UUID) -> None:
    assert desk.due(order, "repair.tell_code") == "2026-03-02 10:05"
    desk.do("tell-code", order, means="message", at="10:03")
    assert desk.ticket(order).facts["code_state"] == "told"
    assert not desk.deadlines(order)["repair.tell_code"].open


def test_a_public_area_has_no_code(desk: DeskForTest) -> None:
    order = desk.open("repair", room="东门岗", what="灯不亮")
    desk.do("claim", order, by="technician")
    with pytest.raises(Refusal, match=r"verb\.not_here"):
        desk.do("verify", order, code="1234")
    desk.do("start", order, by="technician")
    assert desk.ticket(order).status == "working"


def test_the_customer_is_asked_before_somebody_goes(desk: DeskForTest, order: UUID) -> None:
    assert desk.due(order, "repair.contact") == "2026-03-02 10:32"
    desk.do("contact", order, consent=True, means="phone", by="technician", at="10:10")
    assert not desk.deadlines(order)["repair.contact"].open
    assert desk.events(order)[-1].facts["consent"] is True


@pytest.mark.parametrize("written", [lambda code: code, wide, lambda code: f" {code[:2]} {code[2:]} "])
def test_the_right_code_starts_the_work(desk: DeskForTest, order: UUID, written: Any) -> None:
    desk.do("verify", order, code=written(code_of(desk)), by="technician", at="10:40")
    ticket = desk.ticket(order)
    assert (ticket.status, ticket.facts["code_state"]) == ("working", "verified")
    assert desk.names(order)[-3:] == ["ticket.code_verified", "ticket.arrived", "ticket.started"]
    with pytest.raises(Refusal, match=r"code\.checked"):
        desk.do("verify", order, code=code_of(desk))


@pytest.mark.parametrize("wrong", ["", "x", "12", "٣٣٣٣", "[/b]", "0" * 200])
def test_a_wrong_code_is_refused_and_nothing_starts(desk: DeskForTest, order: UUID, wrong: str) -> None:
    with pytest.raises(Refusal) as caught:
        desk.do("verify", order, code=wrong)
    assert caught.value.code in ("code.wrong", "value.missing")
    assert desk.ticket(order).status == "accepted"
    with pytest.raises(Refusal, match=r"code\.first"):
        desk.do("start", order, by="technician")


def test_without_the_code_the_desk_verifies_by_telephone(desk: DeskForTest, order: UUID) -> None:
    desk.do("arrive", order, by="technician", at="10:30")
    with pytest.raises(Refusal, match=r"value\.missing"):
        desk.do("override", order)
    desk.do("override", order, reason="业主不在家,电话核实", by="agent", at="10:35")
    ticket = desk.ticket(order)
    assert (ticket.status, ticket.facts["code_state"]) == ("working", "overridden")
    event = next(each for each in desk.events(order) if each.name == "ticket.code_overridden")
    assert event.done_by == desk.staff["agent"]
    assert desk.words(order, "ticket.code_overridden") == {"reason": "业主不在家,电话核实"}
    assert desk.names(order).count("ticket.arrived") == 1


def test_arriving_keeps_the_appointment(desk: DeskForTest, order: UUID) -> None:
    desk.do("appoint", order, appointment="14:00")
    desk.do("arrive", order, by="technician", at="13:58")
    assert [visit.status for visit in desk.appointments(order)] == ["kept"]
    assert desk.local(desk.deadlines(order)["repair.appointment"].met_at) == "2026-03-02 13:58"


def test_helpers_come_and_leave_by_name(desk: DeskForTest, order: UUID) -> None:
    desk.do("helper", order, helper="协助甲", at="11:00")
    desk.do("helper", order, helper="协助乙", at="11:10")
    with pytest.raises(Refusal, match=r"helper\.there"):
        desk.do("helper", order, helper="协助甲")
    with pytest.raises(Refusal) as caught:
        desk.do("helper-left", order, at="11:20")
    assert caught.value.code == "helper.which"
    assert caught.value.params["names"] == ["协助甲", "协助乙"]
    desk.do("helper-left", order, helper="协助甲", at="11:30")
    desk.do("helper-left", order, at="11:40")
    moves = [(event.name, desk.local(event.happened_at)) for event in desk.events(order) if "helper" in event.name]
    assert moves == [
        ("ticket.helper_came", "2026-03-02 11:00"),
        ("ticket.helper_came", "2026-03-02 11:10"),
        ("ticket.helper_left", "2026-03-02 11:30"),
        ("ticket.helper_left", "2026-03-02 11:40"),
    ]
    assert "协助甲" not in str([event.facts | event.sets for event in desk.events(order)])
    with pytest.raises(Refusal, match=r"helper\.none"):
        desk.do("helper-left", order)


def test_extra_work_is_noted_on_the_order(desk: DeskForTest, order: UUID) -> None:
    desk.do("extra", order, extra="顺手换了软管", by="technician")
    assert desk.words(order, "ticket.extra_work") == {"extra": "顺手换了软管"}
    assert desk.ticket(order).what == "厨房漏水"


@pytest.mark.parametrize(("repair_class", "rule", "due"), [
    ("safety", "repair.callback_safety", "2026-03-04 15:00"),
    ("other", "repair.callback_other", "2026-03-04 15:00"),
    ("leak", "repair.callback_leak", "2026-03-08 09:00"),
])  # fmt: skip
def test_the_callback_of_a_leak_counts_from_its_test(tmp_path: Path, repair_class: str, rule: str, due: str) -> None:
    counter = make_desk(tmp_path, "residential")
    order = counter.open("repair", at="9:00", room="3-2-501", what="漏水", repair_class=repair_class)
    counter.do("tell", order, to="technician")
    counter.do("accept", order, by="technician", at="9:30")
    counter.do("complete", order, by="technician", at="15:00")
    if repair_class == "leak":
        assert "repair.callback_leak" not in counter.deadlines(order)
        assert counter.due(order, "repair.leak_test") == "2026-03-05 15:00"
        counter.do("leak-test", order, by="technician", at="2026-03-05 9:00", result="不漏")
        assert not counter.deadlines(order)["repair.leak_test"].open
    assert counter.due(order, rule) == due
