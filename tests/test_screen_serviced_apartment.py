"""The console under first-contact ownership: intake's minute, the slip's keys, the call list, the chain, the rates."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from desk.screens.more import digit_of
from desk.screens.reports import ReportsScreen
from desk.screens.ticket import Record, TicketScreen
from desk.screens.verb import VerbScreen
from desk.widgets.doings import Doings
from desk.widgets.fields import Line
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "serviced-apartment")


def passed_on(desk: DeskForTest) -> UUID:
    slip = desk.open("repair", what="水龙头滴水", room="3-2-501", at="10:00")
    desk.do("relay", slip, to="technician", at="10:01")
    return slip


async def page(pilot: DeskPilot, ticket: UUID) -> TicketScreen:
    pilot.app.open_ticket(ticket)
    await pilot.until(lambda: isinstance(pilot.app.screen, TicketScreen) and pilot.app.screen.page is not None)
    screen = pilot.app.screen
    assert isinstance(screen, TicketScreen)
    await pilot.until(lambda: screen.query_one(Doings).shown and pilot.focused is screen.query_one(Line), "the acts")
    return screen


def groups(pilot: DeskPilot, group: str) -> list[str]:
    rows = pilot.one(Record).rows_shown
    return [" ".join(map(str, row.cells)) for row in rows if row.key.startswith(f"{group}:")]


async def test_a_slip_is_signed_out_in_three_keys(desk: DeskForTest) -> None:
    """From the board two, from the ticket's page three: a letter or two of its name are words."""
    slip = passed_on(desk)
    async with run_desk(desk, mode="due", size=(80, 24)) as pilot:
        await pilot.sees("Enter Sign the slip out")
        await pilot.press("enter")
        await pilot.sees("Enter records it")
        await pilot.press("enter")
        await pilot.until(lambda: "ticket.signed_out" in desk.names(slip))
    ticket = desk.ticket(slip)
    assert (ticket.facts["slip"], ticket.assignee) == ("out", desk.staff["technician"])
    other = passed_on(desk)
    async with run_desk(desk, size=(80, 24)) as pilot:
        await pilot.until(lambda: pilot.app.who is not None)
        await page(pilot, other)
        await pilot.type("sign the slip")
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.form is not None)
        await pilot.press("ctrl+s")
        await pilot.until(lambda: "ticket.signed_out" in desk.names(other))


async def test_what_is_entered_came_in_with_the_first_key(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await pilot.type("3-2-501")
        await pilot.sees("业主1")
        await pilot.press("enter", "4")
        await pilot.sees("Came in at")
        desk.at("10:00:40")
        await pilot.type("水龙头滴水")
        await pilot.press("ctrl+s")
        await pilot.sees("Saved")
    (opened,) = [event for event in desk.events() if event.name == "ticket.opened"]
    entered = desk.deadlines(opened.root_id)["entry.minute"]
    assert entered.met_at is not None
    assert desk.ticket(opened.root_id).facts["received_at"] == desk.time("2026-03-02 10:00").isoformat()


async def test_enter_is_not_promised_where_nobody_is_named_to_pass_it_on_to(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="水龙头滴水", room="3-2-501", at="10:00")
    async with run_desk(desk, size=(80, 24)) as pilot:
        await pilot.until(lambda: pilot.app.who is not None)
        for values, ready in (({"to": None, "department": None}, False), ({"department": "工程部"}, True)):
            pilot.app.push_screen(VerbScreen("ticket", "tell", ticket, values=values, ready=True))
            await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.form is not None)
            assert bool(pilot.form._ready) is ready, values
            pilot.app.pop_screen()
            await pilot.until(lambda: not isinstance(pilot.app.screen, VerbScreen))


async def test_the_call_list_and_the_chain(desk: DeskForTest) -> None:
    fire = desk.open("fire", what=HOSTILE[0], urgent=True, at="10:00")
    desk.do("delegate", fire, to="security", node=HOSTILE[1])
    desk.do("take-over", fire, by="security")
    async with run_desk(desk, size=(140, 40)) as pilot:
        await pilot.until(lambda: pilot.app.who is not None)
        await page(pilot, fire)
        await pilot.until(lambda: groups(pilot, "calls"))
        assert [row.split(" · ")[0].strip() for row in groups(pilot, "calls")] == ["Responsible for it", "Superior"]
        assert all("not rung yet" in row for row in groups(pilot, "calls"))
        names = groups(pilot, "chain")
        assert "agent" in names[0]
        assert "first contact" in names[0]
        assert "security" in names[1]
        await pilot.press("tab", "home", "enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.form is not None)
        await pilot.sees("Enter records it")
        await pilot.press("enter")
        await pilot.until(lambda: "ticket.rung" in desk.names(fire))
        await pilot.until(lambda: "answered" in groups(pilot, "calls")[0])
    rung = next(event for event in desk.events(fire) if event.name == "ticket.rung")
    assert rung.facts["role"] == "responsible"


async def test_the_rates_and_the_meeting_among_the_reports(desk: DeskForTest) -> None:
    slip = passed_on(desk)
    desk.do("cannot", slip, reason="主管道锈穿", beyond=True, by="technician")
    desk.do("to-meeting", slip, matter=HOSTILE[1])
    async with run_desk(desk, size=(140, 40)) as pilot:
        await pilot.press("f7", digit_of("ReportsScreen"))
        await pilot.until(lambda: isinstance(pilot.app.screen, ReportsScreen) and pilot.table.rows_shown)
        await pilot.sees("Rates by week", "Timeliness rate", "of the limits that fell due", "R-0302-001 [@click")
        await pilot.press("ctrl+end", "enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, TicketScreen))
