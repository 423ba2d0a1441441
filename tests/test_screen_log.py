"""The duty log on the console: day by day, filters, a note in two keys, corrections, taking back."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.screens.log import CorrectScreen, LogScreen
from desk.screens.verb import VerbScreen
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    return make_desk(tmp_path, "residential")


async def on(pilot: DeskPilot, *texts: str) -> None:
    await pilot.until(lambda: isinstance(pilot.app.screen, LogScreen))
    await pilot.sees(*texts)


async def test_the_day_as_it_happened_with_late_entries_marked(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水[/b]", room="3-2-501")
    desk.do("note", ticket, at="10:07", late="10:03", by="technician", note="已到现场")
    async with run_desk(desk, mode="log", size=(80, 24)) as pilot:
        await on(pilot, "R-0302-001", "漏水[/b]", "10:03 late", "已到现场", "technician; 10:07 agent")


async def test_a_note_in_two_keys(desk: DeskForTest) -> None:
    async with run_desk(desk, mode="log") as pilot:
        await on(pilot, "Nothing has happened")
        await pilot.press("ctrl+n")
        await pilot.until(lambda: isinstance(pilot.app.screen, VerbScreen) and pilot.app.screen.form is not None)
        await pilot.until(lambda: pilot.app.focused is pilot.form.fields["note"])
        await pilot.type("电梯年检三点到")
        await pilot.press("ctrl+s")
        await on(pilot, "电梯年检三点到", "1 entry")


async def test_day_by_day_not_beyond_today(desk: DeskForTest) -> None:
    desk.do("log", None, of="log", note="昨天的事")
    desk.at("2026-03-03 9:00")
    async with run_desk(desk, mode="log") as pilot:
        await on(pilot, "03-03 Tue today", "Nothing has happened")
        await pilot.press("left")
        await on(pilot, "03-02 Mon", "昨天的事")
        await pilot.press("right", "right")
        await on(pilot, "03-03 Tue today", "Nothing has happened")


async def test_what_is_looked_for_is_found_on_another_day(desk: DeskForTest) -> None:
    desk.do("log", None, of="log", note="年检三点到", at="2026-02-20 23:50")
    desk.do("log", None, of="log", note="钥匙在抽屉", at="2026-02-25 10:00")
    desk.at("2026-03-03 9:00")
    async with run_desk(desk, mode="log") as pilot:
        await on(pilot, "03-03 Tue today")
        await pilot.press("ctrl+f")
        await pilot.type("年检")
        await pilot.sees("Nothing of the kind on this day")
        await pilot.press("down", "left")
        await on(pilot, "02-20 Fri", "年检三点到")
        await pilot.press("left")
        await pilot.sees("Nothing of the kind earlier")
        await pilot.press("right")
        await pilot.sees("Nothing of the kind later", "02-20 Fri")


async def test_filters(desk: DeskForTest) -> None:
    desk.open("repair", what="漏水", room="3-2-501")
    desk.do("log", None, of="log", note="年检三点到", by="agent2")
    async with run_desk(desk, mode="log") as pilot:
        await on(pilot, "漏水", "年检三点到")
        await pilot.press("ctrl+f")
        await pilot.type("年检")
        await pilot.until(lambda: "漏水" not in pilot.text() and "年检三点到" in pilot.text(), "by words")
        await pilot.press("escape")
        await on(pilot, "漏水", "年检三点到")
        await pilot.press("ctrl+k")
        await pilot.sees("Which part of the log?")
        await pilot.press("2")
        await pilot.until(lambda: "年检三点到" not in pilot.text() and "漏水" in pilot.text(), "tickets alone")
        await pilot.press("ctrl+k")
        await pilot.sees("Which part of the log?")
        await pilot.press("1")
        await on(pilot, "漏水", "年检三点到")
        await pilot.press("ctrl+e")
        await pilot.sees("Whose entries?", "agent2")
        await pilot.type("agent2")
        await pilot.press("enter")
        await pilot.until(lambda: "漏水" not in pilot.text() and "年检三点到" in pilot.text(), "one person's")


async def test_an_entry_is_corrected_and_the_old_one_stays(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501", at="9:30")
    desk.do("note", ticket, at="10:00", note="水管在墙里")
    async with run_desk(desk, mode="log") as pilot:
        await on(pilot, "水管在墙里")
        await pilot.press("ctrl+d")
        await pilot.until(lambda: isinstance(pilot.app.screen, CorrectScreen))
        await pilot.sees("水管在墙里", "When it happened")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: "!" in pilot.text(), "nothing to correct is refused")
        pilot.form.fields["word.note"].put("水管在地下")
        await pilot.press("escape")
        await on(pilot, "水管在墙里")
        await pilot.press("ctrl+d")
        await pilot.sees("水管在地下", "Taken up where it was left")
        await pilot.press("ctrl+s")
        await on(pilot, "corrected later", "水管在墙里", "水管在地下")
        # a form that was left is asked nothing any more, whoever sits down next
        assert not [keeper.form for keeper in pilot.app.keepers if keeper.form.startswith("correct")]
        await pilot.press("f8")
        await pilot.sees("Who are you?")
        await pilot.type("agent2")
        await pilot.press("enter")
        await pilot.until(lambda: pilot.who == "agent2")
    assert desk.names(ticket)[-1] == "event.corrected"


async def test_an_own_act_is_taken_back_and_stays_readable(desk: DeskForTest) -> None:
    ticket = desk.open("repair", what="漏水", room="3-2-501")
    desk.do("note", ticket, note="写错了", at="10:05")
    async with run_desk(desk, mode="log") as pilot:
        await on(pilot, "写错了")
        await pilot.press("ctrl+z")
        await pilot.sees("Take back:")
        await pilot.press("enter")
        await on(pilot, "taken back", "写错了")
    assert desk.names(ticket)[-1] == "event.retracted"


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_hostile_text_is_shown_as_text(desk: DeskForTest, size: tuple[int, int]) -> None:
    for text in HOSTILE:
        desk.do("log", None, of="log", note=text)
    async with run_desk(desk, mode="log", size=size) as pilot:
        await on(pilot, "[/b]")
        await pilot.press("enter", "escape", "ctrl+d")
        await pilot.until(lambda: isinstance(pilot.app.screen, CorrectScreen))
