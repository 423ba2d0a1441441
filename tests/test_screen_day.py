"""The day's forms on the console: the sweep with its text, publishing, carrying over, the report, the workload."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.screens.day import AnswerScreen, DayScreen
from desk.screens.paper import PaperScreen
from desk.screens.verb import VerbScreen
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path)


async def on(pilot: DeskPilot, *texts: str) -> None:
    if not any(isinstance(screen, DayScreen) for screen in pilot.app.screen_stack):
        pilot.app.push_screen(DayScreen())
    await pilot.until(lambda: isinstance(pilot.app.screen, DayScreen))
    await pilot.sees(*texts)


async def paper(pilot: DeskPilot, text: str) -> None:
    await pilot.until(lambda: isinstance(pilot.app.screen, PaperScreen), "paper")
    await pilot.sees(text)
    await pilot.press("escape")
    await pilot.until(lambda: not isinstance(pilot.app.screen, PaperScreen))


async def test_the_sweep_takes_answers_and_gives_the_text(desk: DeskForTest) -> None:
    first = desk.open("repair", what="漏水[/b]", room="3-2-501")
    desk.open("repair", what="灯不亮", room="3-2-502")
    desk.at("17:00")
    async with run_desk(desk, mode="more", size=(80, 24)) as pilot:
        await on(pilot, "Unfinished orders of the day (2)", "漏水[/b]", "no time yet")
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, AnswerScreen))
        await pilot.type("9:00")
        await pilot.press("ctrl+s")
        await pilot.sees("must lie ahead")
        pilot.form.fields["promised_at"].put("tomorrow 9:00")
        pilot.form.fields["told"].put("明天上午到")
        await pilot.press("ctrl+s")
        await on(pilot, "answered", "03-03 09:00")
        await pilot.press("ctrl+s")
        await pilot.sees("1 order has no answer yet")
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, PaperScreen) or "?" in pilot.text())
        if not isinstance(pilot.app.screen, PaperScreen):
            await pilot.press("enter")  # the rulebook asks too
        await paper(pilot, "漏水[/b]")
    assert desk.local(desk.ticket(first).promised_at) == "2026-03-03 09:00"
    assert "day.swept" in desk.names()
    assert desk.words(first, "ticket.customer_told")["note"] == "明天上午到"


async def test_answers_survive_leaving(desk: DeskForTest) -> None:
    desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk, mode="more") as pilot:
        await on(pilot, "no time yet")
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, AnswerScreen))
        await pilot.type("18:00")
        await pilot.press("ctrl+s")
        await on(pilot, "answered")
        await pilot.press("escape")
        await pilot.until(lambda: not isinstance(pilot.app.screen, DayScreen))
        await on(pilot, "answered", "18:00")


async def test_publish_what_is_too_old(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水，回电13812342211", room="3-2-501")
    desk.tick("2026-03-03 11:00")
    async with run_desk(desk, mode="more") as pilot:
        await on(pilot, "To be published (1)")
        await pilot.press("ctrl+l")
        await pilot.sees("Publish 1 order as")
        await pilot.press("enter")
        # no number that was written into the matter goes to the group
        await paper(pilot, "漏水，回电138****2211")
        assert "回电138****2211" in pilot.app.clipboard
    assert "ticket.published" in desk.names(ticket)


async def test_carry_over_and_take_up(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "residential")
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    async with run_desk(desk, mode="more") as pilot:
        await on(pilot, "漏水", "Carried over, to be taken up (0)")
        await pilot.press("ctrl+d")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.app.screen.form is not None)
        pilot.form.fields["reason"].put("缺件")
        pilot.form.fields["note"].put("明天到货")
        await pilot.press("ctrl+s")
        await on(pilot, "Carried over, to be taken up (1)")
    assert desk.ticket(ticket).facts["carried"]


async def test_the_report_is_read_then_noted(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "residential")
    desk.open("repair", what="漏水，回电13812342211", room="3-2-501")
    async with run_desk(desk, mode="more") as pilot:
        await on(pilot, "漏水")
        await pilot.press("ctrl+b")
        await paper(pilot, "漏水，回电138****2211")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.app.screen.form is not None)
        await pilot.press("ctrl+s")
        await pilot.until(lambda: "day.reported" in desk.names())


async def test_the_workload_is_full(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="more") as pilot:
        await on(pilot, "Unfinished orders of the day (0)")
        await pilot.press("ctrl+t")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.app.screen.form is not None)
        pilot.form.fields["bookable_from"].put("tomorrow 9:00")
        await pilot.press("ctrl+s")
        await on(pilot, "workload full, bookable from 03-03 09:00")


async def test_hostile_text_is_shown_as_text(desk: DeskForTest) -> None:
    for text in HOSTILE:
        desk.open("repair", what=text, room="3-2-501")
    async with run_desk(desk, mode="more", size=(80, 24)) as pilot:
        await on(pilot, "[/b]")
