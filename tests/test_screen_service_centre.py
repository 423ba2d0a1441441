"""The service centre on the console: whom to ring at night, the roster's on-call list, the day's duties, the notice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from desk.models import Staff
from desk.procedures.shifts import plan_on_call
from desk.screens.day import DayScreen
from desk.screens.intake import IntakeScreen
from desk.screens.roster import PlanScreen, PlanWeekScreen, RosterScreen
from desk.screens.slip import SlipScreen
from desk.screens.verb import VerbScreen
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk

NIGHT = "2026-03-02 23:40"


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    """Two on call with a telephone each, ten days from the 2nd."""
    made = make_desk(tmp_path, "service-centre")
    with made.store.write() as session:
        for name, phone in (("technician", "13800001111"), ("technician2", "13800002222")):
            row = session.get_one(Staff, (made.ledger.estate_id, made.staff[name]))
            row.phone = phone
            session.add(row)
    ring = [made.staff["technician"], made.staff["technician2"]]
    plan_on_call(made.ledger, ring, date(2026, 3, 2), 10, made.doing())
    return made


async def form(pilot: DeskPilot) -> None:
    """Wait for an act's form, and for the keys to be in it: its draft is looked up in between."""
    await pilot.until(
        lambda: isinstance(screen := pilot.app.screen, VerbScreen) and screen.form and pilot.has_keys(screen.form),
        "a form",
    )


async def mark_emergency(pilot: DeskPilot) -> None:
    """To the mark of the intake's form, and there the key for an emergency."""
    screen = pilot.app.screen
    assert isinstance(screen, IntakeScreen)
    await pilot.until(lambda: screen.form.details.settled.is_set() and screen.form.widget_of("emergency") is not None)
    widget = screen.form.widget_of("emergency")
    assert widget is not None
    widget.focus()
    await pilot.until(lambda: pilot.has_keys(widget), "the mark")
    await pilot.press("2")


@pytest.mark.parametrize(("size", "beside"), [((80, 24), False), ((140, 40), True)])
async def test_an_emergency_at_night_says_whom_to_ring(desk: DeskForTest, size: tuple[int, int], beside: bool) -> None:
    """Before anything is saved, on the screen where it is taken down; the prompts stay where there is room."""
    desk.at(NIGHT)
    async with run_desk(desk, size=size) as pilot:
        await pilot.type("3-2-501")
        await pilot.press("enter", "1")
        await pilot.sees("Ask and say")
        assert "13800001111" not in pilot.text()
        await mark_emergency(pilot)
        await pilot.sees("Ring in this order", "1. technician 13800001111", "2. technician2 13800002222")
        assert ("what is broken" in pilot.text()) is beside
        await pilot.press("2")
        await pilot.sees("Ask and say")


async def test_in_opening_hours_the_desk_sends_somebody(desk: DeskForTest) -> None:
    async with run_desk(desk, size=(140, 40)) as pilot:
        await pilot.type("3-2-501")
        await pilot.press("enter", "1")
        await mark_emergency(pilot)
        await pilot.sees("Ring who is on call until one is coming")
        assert "Ring in this order" not in pilot.text()


async def test_ringing_from_the_board(desk: DeskForTest) -> None:
    """Enter on the board puts the list before one, with the next on it filled in: three keys a call."""
    desk.tick("2026-03-02 9:00")
    desk.do("count-week", of="day", summary="无")
    desk.do("open-box", of="box", letters=0)
    for duty in desk.subjects("duty"):
        if duty.status == "open":
            desk.do("duty-done", duty.id, of="duty")
    ticket = desk.open("repair", at=NIGHT, room="3-2-501", what="水管爆裂", emergency=True)
    desk.do("call-out", ticket, whom="technician", answer="unanswered")
    async with run_desk(desk, mode="due", size=(100, 40)) as pilot:
        await pilot.sees("Not coming: ring the next on the list", "Ring who is on call")
        await pilot.press("enter")
        await form(pilot)
        await pilot.sees("1. technician 13800001111 23:40 No answer", "2. technician2 13800002222")
        await pilot.press("1", "ctrl+s")
        await pilot.until(lambda: "oncall.coming" in desk.names(ticket))
    assert desk.ticket(ticket).assignee == desk.staff["technician2"]


async def roster(pilot: DeskPilot, *texts: str) -> None:
    if not any(isinstance(screen, RosterScreen) for screen in pilot.app.screen_stack):
        pilot.app.push_screen(RosterScreen())
    await pilot.until(lambda: isinstance(pilot.app.screen, RosterScreen))
    await pilot.sees(*texts)


async def test_the_roster_shows_whom_to_ring(desk: DeskForTest) -> None:
    desk.at("2026-03-05 12:00")
    async with run_desk(desk, mode="more", size=(80, 24)) as pilot:
        await roster(pilot, "To be rung now: 1. technician2 13800002222 2. technician 13800001111", "on call, place 1")


async def test_on_call_is_planned_on_the_roster(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "service-centre")
    async with run_desk(desk, mode="more") as pilot:
        await roster(pilot, "nobody")
        await pilot.press("ctrl+b")
        await pilot.until(lambda: isinstance(pilot.app.screen, PlanWeekScreen))
        pilot.form.fields["names"].put("technician2 technician")
        pilot.form.fields["on_call"].put(True)
        await pilot.press("ctrl+s")
        await roster(pilot, "on call, place 1", "on call, place 2", "nobody")
        await pilot.press("ctrl+n")
        await pilot.until(lambda: isinstance(pilot.app.screen, PlanScreen))
        await pilot.until(lambda: pilot.app.focused is not None)
        await pilot.type("engineering_sup")
        await pilot.until(lambda: len(getattr(pilot.form.fields["staff"], "items")) == 1)  # noqa: B009
        await pilot.press("enter")
        pilot.form.fields["starts_at"].put("10:00")
        pilot.form.fields["ends_at"].put("18:00")
        pilot.form.fields["rank"].put("3")
        await pilot.press("ctrl+s")
        await roster(pilot, "3. engineering_supervisor")


async def test_the_days_duties_are_done_from_the_day(desk: DeskForTest) -> None:
    desk.tick("9:10")
    desk.open("complaint", at="2026-03-01 10:00", late="2026-02-25 10:00", what="吵闹[/b]")
    desk.tick("2026-03-02 9:10")
    async with run_desk(desk, mode="more", size=(100, 40)) as pilot:
        pilot.app.push_screen(DayScreen())
        await pilot.sees("Duties of the day (3)", "Open the contact box at its time", "Last week's complaints")
        await pilot.press("enter")
        await form(pilot)
        await pilot.sees("Open the contact box")
        pilot.form.fields["letters"].put("2")
        pilot.form.fields["contents"].put("[/b]多种花")
        await pilot.press("ctrl+s")
        await pilot.sees("Duties of the day (3)", "Take down every letter")
        await pilot.press("ctrl+p")
        await pilot.type("Weekly complaint")
        await pilot.sees("Weekly complaint statistics")
        await pilot.press("enter")
        await form(pilot)
        await pilot.sees("complaints of the week 2026-02-23 to 03-01", "Received 1", "吵闹[/b]")
        pilot.form.fields["summary"].put("一件")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: "day.week_counted" in desk.names())


async def test_the_notice_is_a_slip_of_its_own(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    desk.do("assign", ticket, assignee="technician")
    desk.do("complete", ticket)
    desk.do("callback", desk.callbacks(ticket)[0].id, of="callback", outcome="unsatisfied", why=HOSTILE[0])
    desk.do("issue-notice", ticket, matter=HOSTILE[0], correct_by="17:00")
    async with run_desk(desk, mode="more", size=(80, 40)) as pilot:
        pilot.app.push_screen(SlipScreen(ticket))
        await pilot.sees("Work order")
        await pilot.press("2")
        await pilot.sees("Found at the callback", HOSTILE[0], "17:00")
