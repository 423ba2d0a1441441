"""An information handling slip from the desk and back: signed out, on site, planned, explained, signed, checked, rated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk import i18n, procedures
from desk.errors import Refusal
from desk.ledger import Doing
from desk.procedures.verbs import act
from desk.queries.rates import Rate, by_week, shares
from desk.queries.reports import month_of
from desk.queries.slips import forms_of, slip_text
from desk.queries.tickets import ticket_view
from tests.desks import DeskForTest, make_desk

FIVE: dict[str, Any] = {
    "working_time": "半小时",
    "effects": "停水十分钟",
    "protection": "铺防水布",
    "cooperation": "请清空水槽",
    "charges": "人工30元,材料另计",
}


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "serviced-apartment")


@pytest.fixture
def slip(desk: DeskForTest) -> UUID:
    """An immediate repair, passed on and read back at 10:01."""
    slip = desk.open("repair", at="10:00", room="3-2-501", what="水龙头滴水")
    desk.do("relay", slip, to="technician", at="10:01")
    return slip


def through(desk: DeskForTest, slip: UUID, *steps: str, **values: Any) -> None:
    """The usual acts of a slip, a minute each."""
    usual: dict[str, dict[str, Any]] = {
        "sign-out": {},
        "arrive": {},
        "diagnose": {"diagnosis": "垫圈老化"},
        "plan": {"plan": "换垫圈"},
        "explain-plan": FIVE,
        "start": {},
        "complete": {"result": "已换", "materials": "垫圈1个", "charge": 30},
        "sign-off": {"signed_by": "业主1", "opinion": "满意"},
        "return-slip": {},
        "check-slip": {},
    }
    for step in steps:
        at = desk.local(desk.now.replace(second=0) + (desk.time("10:01") - desk.time("10:00")))
        by = "agent" if step in ("return-slip", "check-slip") else "technician"
        desk.do(step, slip, by=by, at=at, **{**usual[step], **values.get(step.replace("-", "_"), {})})


TO_DONE = ("sign-out", "arrive", "diagnose", "plan", "explain-plan", "start", "complete")


def called(desk: DeskForTest, slip: UUID, outcome: str = "satisfied", **values: Any) -> None:
    callback = desk.callbacks(slip)[-1]
    desk.do("callback", callback.id, of="callback", outcome=outcome, **values)


def test_the_whole_life(desk: DeskForTest, slip: UUID) -> None:
    assert desk.due(slip, "slip.sign_out") == "2026-03-02 10:06"
    assert desk.due(slip, "site.ten_minutes") == "2026-03-02 10:11"
    through(desk, slip, "sign-out")
    ticket = desk.ticket(slip)
    assert (ticket.status, ticket.facts["slip"], ticket.assignee) == ("accepted", "out", desk.staff["technician"])
    with pytest.raises(Refusal, match=r"slip\.out"):
        desk.do("sign-out", slip, by="technician2")
    through(desk, slip, "arrive", "diagnose")
    assert desk.due(slip, "plan.three_minutes") == "2026-03-02 10:07"
    through(desk, slip, "plan", "explain-plan", "start", "complete")
    assert desk.ticket(slip).status == "done"
    assert desk.open_rules(slip) == ["accept.sign"]
    through(desk, slip, "sign-off")
    assert desk.due(slip, "slip.back") == "2026-03-02 10:19"
    through(desk, slip, "return-slip")
    assert desk.due(slip, "callback.two_minutes") == "2026-03-02 10:12"
    through(desk, slip, "check-slip")
    assert desk.open_rules(slip) == ["callback.two_minutes"]
    called(desk, slip, at="10:12")
    ticket = desk.ticket(slip)
    assert (ticket.status, ticket.facts["charge"], ticket.facts["slip"]) == ("closed", 30, "checked")
    assert desk.open_rules(slip) == []


# -- signed out ----------------------------------------------------------------------------------------------


def test_signed_for_before_going_unless_it_is_urgent(desk: DeskForTest, slip: UUID) -> None:
    with pytest.raises(Refusal, match=r"guard\.ask"):
        desk.do("arrive", slip, by="technician", at="10:05")
    urgent = desk.open("security", what="门口有人打斗", urgent=True, at="10:05")
    desk.do("ring", urgent, whom="security", role="responsible", at="10:06")
    desk.do("arrive", urgent, by="security", at="10:08")
    assert desk.due(urgent, "slip.sign_later") == "2026-03-02 10:38"
    desk.do("sign-out", urgent, by="security", at="10:25")
    assert desk.events(urgent)[-1].facts["signed_late"] is True
    assert "slip.sign_later" not in desk.open_rules(urgent)


def test_signed_in_time_and_written_up_later_is_not_late(desk: DeskForTest, slip: UUID) -> None:
    desk.do("arrive", slip, by="technician", at="10:08", confirmed=True)
    desk.do("sign-out", slip, by="technician", at="10:30", late="10:04")
    assert "signed_late" not in desk.events(slip)[-1].facts
    assert not desk.deadlines(slip)["slip.sign_out"].open


def test_nobody_named_and_nobody_there(desk: DeskForTest) -> None:
    slip = desk.open("cleaning", what="地毯有污渍")
    with pytest.raises(Refusal, match=r"value\.missing"):
        act(desk.ledger, procedures.VERBS["ticket", "sign-out"], slip, {}, Doing(desk.now))


def test_a_booked_service(desk: DeskForTest) -> None:
    slip = desk.open("repair", at="10:00", room="3-2-501", what="装灯", appointment="14:00")
    desk.do("relay", slip, to="technician", at="10:01")
    assert {"site.ten_minutes", "slip.sign_out", "meeting.same_day"}.isdisjoint(desk.open_rules(slip))
    dues = {name: desk.due(slip, name) for name in ("slip.sign_out_booked", "visit.confirm", "visit.early")}
    assert dues == {
        "slip.sign_out_booked": "2026-03-02 14:00",
        "visit.confirm": "2026-03-02 13:45",
        "visit.early": "2026-03-02 13:57",
    }
    (visit,) = desk.appointments(slip)
    desk.do("confirm", visit.id, of="appointment", by="technician", at="13:44")
    desk.do("sign-out", slip, by="technician", at="13:50")
    done = desk.do("arrive", slip, by="technician", at="13:53")
    assert [guard.id for guard in done.said] == ["visit.too_early"]
    arrived = next(event for event in desk.events(slip) if event.name == "ticket.arrived")
    assert arrived.facts["early"] == 7
    assert desk.due(slip, "meeting.booked_day") == "2026-03-03 00:00"
    assert {"visit.confirm", "visit.early", "slip.sign_out_booked"}.isdisjoint(desk.open_rules(slip))


def test_an_immediate_service_becomes_a_booked_one(desk: DeskForTest, slip: UUID) -> None:
    assert "site.ten_minutes" in desk.open_rules(slip)
    desk.do("appoint", slip, appointment="15:00", at="10:03")
    assert {"site.ten_minutes", "slip.sign_out", "meeting.same_day"}.isdisjoint(desk.open_rules(slip))
    (visit,) = desk.appointments(slip)
    desk.do("cancel-appointment", visit.id, of="appointment", reason="客人改主意,马上要", at="10:04")
    assert desk.due(slip, "site.ten_minutes") == "2026-03-02 10:11"


# -- the plan ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({}, None),
        ({"chargeable": True, "price_shown": True}, None),
        ({"chargeable": True}, "guard.refuse"),
        ({"effects": None}, "guard.ask"),
    ],
)
def test_the_five_points_and_the_price(
    desk: DeskForTest, slip: UUID, given: dict[str, Any], refused: str | None
) -> None:
    through(desk, slip, "sign-out", "arrive", "diagnose", "plan")
    points = {name: value for name, value in {**FIVE, **given}.items() if value is not None}
    if refused:
        with pytest.raises(Refusal) as caught:
            desk.do("explain-plan", slip, by="technician", **points)
        assert caught.value.code == refused
        return
    desk.do("explain-plan", slip, by="technician", **points)
    assert desk.events(slip)[-1].facts["points"] == 5
    assert desk.words(slip, "ticket.plan_explained")["protection"] == "铺防水布"


def test_no_start_before_the_customer_agrees(desk: DeskForTest, slip: UUID) -> None:
    through(desk, slip, "sign-out", "arrive", "diagnose", "plan")
    desk.do("explain-plan", slip, by="technician", agreed=False, **FIVE)
    with pytest.raises(Refusal, match=r"guard\.ask"):
        desk.do("start", slip, by="technician")
    desk.do("plan", slip, plan="只换垫圈,不换龙头", by="technician")
    desk.do("explain-plan", slip, by="technician", **FIVE)
    desk.do("start", slip, by="technician")
    assert desk.ticket(slip).status == "working"


# -- cannot, the meeting -------------------------------------------------------------------------------------


def test_what_cannot_be_handled_goes_up_and_to_the_meeting(desk: DeskForTest, slip: UUID) -> None:
    through(desk, slip, "sign-out", "arrive")
    desk.do("cannot", slip, reason="主管道锈穿", beyond=True, by="technician", at="10:20")
    assert desk.due(slip, "stuck.supervisor") == "2026-03-02 10:25"
    assert desk.due(slip, "meeting.beyond") == "2026-03-02 11:20"
    assert "site.diagnose" not in desk.open_rules(slip)
    desk.do("report", slip, whom="engineering_supervisor", by="technician", at="10:24")
    assert "stuck.supervisor" not in desk.open_rules(slip)
    with pytest.raises(Refusal, match=r"verb\.not_here"):
        desk.do("decide", slip, decision="换管")
    desk.do("to-meeting", slip, matter="更换主管道", at="10:50")
    with pytest.raises(Refusal, match=r"meeting\.listed"):
        desk.do("to-meeting", slip)
    assert desk.due(slip, "meeting.decides") == "2026-03-03 10:50"
    desk.do("decide", slip, decision="周三换管,停水公告", by="manager", at="2026-03-03 09:00")
    assert desk.ticket(slip).facts["meeting"] == "decided"
    assert {"meeting.decides", "meeting.beyond", "meeting.same_day"}.isdisjoint(desk.open_rules(slip))


def test_not_done_today_it_must_be_put_to_the_meeting(desk: DeskForTest, slip: UUID) -> None:
    assert desk.due(slip, "meeting.same_day") == "2026-03-03 00:00"
    desk.tick("2026-03-03 00:01")
    assert "meeting.same_day/1" in desk.open_rules(slip)


# -- signed, returned, checked -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("completed", "signed", "gaps"),
    [
        ({"materials": None}, {}, ["Materials used"]),
        ({"charge": None}, {}, ["Amount charged"]),
        ({}, {"signed_by": None}, ["Signed by"]),
        ({}, {"copy_left": False}, ["Customer's copy left"]),
        ({"charge": 0}, {}, []),
    ],
)
def test_an_incomplete_slip_is_not_checked(
    desk: DeskForTest, slip: UUID, completed: dict[str, Any], signed: dict[str, Any], gaps: list[str]
) -> None:
    through(desk, slip, *TO_DONE, "sign-off", "return-slip", complete=completed, sign_off=signed)
    if not gaps:
        desk.do("check-slip", slip)
        return
    with pytest.raises(Refusal) as caught:
        desk.do("check-slip", slip)
    assert (caught.value.code, caught.value.params["gaps"]) == ("slip.incomplete", gaps)
    desk.do("check-slip", slip, materials="无", charge=0, signed_by="业主1", copy_left=True)
    assert desk.ticket(slip).facts["slip"] == "checked"


def test_in_its_order(desk: DeskForTest, slip: UUID) -> None:
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("sign-off", "slip.not_done", {}),
        ("reject", "slip.not_done", {"reason": "不合格"}),
        ("return-slip", "slip.not_out", {}),
        ("check-slip", "slip.not_back", {}),
    ]
    for verb, code, values in steps:
        with pytest.raises(Refusal) as caught:
            desk.do(verb, slip, **values)
        assert caught.value.code == code
    through(desk, slip, *TO_DONE, "sign-off")
    with pytest.raises(Refusal, match=r"slip\.signed"):
        desk.do("sign-off", slip)
    with pytest.raises(Refusal, match=r"guard\.ask"):
        called(desk, slip)  # the slip is not back yet


def test_a_charge_is_never_less_than_nothing(desk: DeskForTest, slip: UUID) -> None:
    with pytest.raises(Refusal, match=r"value\.negative"):
        desk.do("complete", slip, charge=-1)


def test_rejected_it_is_handled_a_second_time(desk: DeskForTest, slip: UUID) -> None:
    through(desk, slip, *TO_DONE)
    desk.do("reject", slip, reason="还在滴", at="10:20")
    ticket = desk.ticket(slip)
    assert (ticket.status, ticket.facts["reopened"], ticket.assignee) == ("accepted", 1, desk.staff["technician"])
    rejected = next(event for event in desk.events(slip) if event.name == "ticket.rejected")
    assert rejected.facts["round"] == 2
    assert desk.due(slip, "accept.second") == "2026-03-02 10:25"
    assert desk.callbacks(slip)[-1].status == "stopped"
    through(desk, slip, "plan", "explain-plan", "start", "complete", "sign-off", "return-slip", "check-slip")
    called(desk, slip)
    assert desk.ticket(slip).status == "closed"
    assert desk.open_rules(slip) == []


def test_the_slip_on_paper(desk: DeskForTest, slip: UUID) -> None:
    """The desk's part holds the whole life; the customer's copy what was done, charged and signed."""
    through(desk, slip, *TO_DONE, "sign-off")
    with desk.store.read() as session:
        view = ticket_view(desk.ledger, session, slip, desk.now)
    assert forms_of(view, ("complaint",)) == ["handling", "copy"]
    i18n.install("en")
    kept = slip_text(desk.ledger, view, desk.now, width=60)
    left = slip_text(desk.ledger, view, desk.now, form="copy", width=60)
    assert "Protective measures: 铺防水布" in kept
    assert "Diagnosis: 垫圈老化" in kept
    for text in (kept, left):
        assert "Materials used: 垫圈1个" in text
        assert "Amount charged: 30" in text
        assert "Signed by: 业主1" in text
    assert "Diagnosis" not in left


# -- the four rates ------------------------------------------------------------------------------------------


def the_rates(desk: DeskForTest, day: str = "2026-03-02") -> dict[str, tuple[int | None, int]]:
    with desk.store.read() as session:
        since, _until = month_of(desk.ledger, desk.time(f"{day} 12:00").astimezone(desk.ledger.zone).date())
        return counted(shares(desk.ledger, session, desk.now, since))


def counted(found: Sequence[Rate]) -> dict[str, tuple[int | None, int]]:
    return {rate.measure: (rate.part, rate.count) for rate in found}


def test_four_rates_each_with_its_denominator(desk: DeskForTest, slip: UUID) -> None:
    """One at the first handling and satisfied; one rejected, satisfied in the end; one not called back yet."""
    through(desk, slip, *TO_DONE, "sign-off", "return-slip", "check-slip")
    called(desk, slip)
    second = desk.open("cleaning", what="地毯污渍", at="11:00")
    desk.do("relay", second, to="technician", at="11:10")  # eight minutes late
    through(desk, second, *TO_DONE)
    desk.do("reject", second, reason="还有印子")
    through(desk, second, "plan", "explain-plan", "start", "complete", "sign-off", "return-slip", "check-slip")
    called(desk, second, "unsatisfied", why="等太久")
    through(desk, second, "sign-out", "arrive", "plan", "explain-plan", "start", "complete", "sign-off")
    through(desk, second, "return-slip", "check-slip")
    called(desk, second)
    third = desk.open("repair", what="灯不亮", at="13:00")
    desk.do("relay", third, to="technician", at="13:01")
    through(desk, third, *TO_DONE, "sign-off", "return-slip", "check-slip")
    desk.at("14:00")
    found = the_rates(desk)
    assert found["satisfaction"] == (2, 3)  # of three answers
    assert found["callback_rate"] == (3, 4)  # of four callbacks; that of the rejected work never was one
    assert found["pass_rate"] == (2, 3)  # of three matters done
    met, due = found["timeliness"]
    assert met is not None
    assert 0 < met < due


def test_the_weeks_of_a_month(desk: DeskForTest, slip: UUID) -> None:
    through(desk, slip, *TO_DONE, "sign-off", "return-slip", "check-slip")
    called(desk, slip)
    now = desk.at("2026-03-12 10:00")
    with desk.store.read() as session:
        weeks = by_week(desk.ledger, session, now.date(), now)
    assert [(str(week.first), str(week.last)) for week in weeks] == [
        ("2026-03-01", "2026-03-01"),
        ("2026-03-02", "2026-03-08"),
        ("2026-03-09", "2026-03-15"),
    ]
    assert [counted(week.rates)["satisfaction"] for week in weeks] == [(0, 0), (1, 1), (0, 0)]


@pytest.mark.parametrize(
    ("verb", "given", "period"),
    [
        ("rate-week", {}, "2026-03-02"),
        ("rate-week", {"of_day": "2026-03-04 12:00"}, "2026-03-02"),
        ("rate-month", {"of_day": "2026-02-20 12:00"}, "2026-02-01"),
    ],
)
def test_taken_down_as_they_were(desk: DeskForTest, slip: UUID, verb: str, given: dict[str, Any], period: str) -> None:
    i18n.install("en")
    through(desk, slip, *TO_DONE, "sign-off", "return-slip", "check-slip")
    called(desk, slip)
    desk.do(verb, of="day", at="2026-03-09 09:30", **given)
    event = next(each for each in desk.events() if each.name.startswith("day."))
    text = desk.words(event.root_id, event.name)["report"]
    assert text is not None
    assert f"rates from {period}" in text
    assert text.count("of the") == 4
    if verb == "rate-week":
        assert "100.0% (1/1)" in text


def test_a_week_that_is_not_over_is_not_rated(desk: DeskForTest) -> None:
    with pytest.raises(Refusal, match=r"rates\.not_over"):
        desk.do("rate-week", of="day", at="2026-03-09 09:30", of_day="2026-03-09 08:00")


def test_the_weeks_duty_is_met_by_it(desk: DeskForTest) -> None:
    desk.tick("2026-03-09 09:01")
    desk.do("rate-week", of="day", at="2026-03-09 09:30")
    assert [row.status for row in desk.subjects("duty") if row.facts.get("rule") == "rates.week"][-1] == "done"
