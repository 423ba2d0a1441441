"""The list of tickets: filters, pages, jumping to a number."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from textual.widgets import Static

from desk.screens.more import digit_of
from desk.screens.ticket import TicketScreen
from desk.screens.tickets import TicketsScreen
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    desk = make_desk(tmp_path, "residential")
    first = desk.open("repair", what="厨房漏水", room="3-2-501", person_name="张伟", at="2026-03-01 9:00")
    second = desk.open("complaint", what="夜里装修噪声", room="3-2-502", at="2026-03-02 9:40")
    desk.open("inquiry", what="咨询物业费", at="2026-03-02 9:45")
    desk.do("assign", first, assignee="technician2", at="2026-03-02 9:50")
    desk.do("cancel", second, reason="重复", at="2026-03-02 9:55")
    return desk


async def listed(pilot: DeskPilot) -> TicketsScreen:
    """The list, opened through F7, read."""
    await pilot.press("f7", digit_of("TicketsScreen"))
    await pilot.until(lambda: isinstance(pilot.app.screen, TicketsScreen) and pilot.table.rows_shown)
    screen = pilot.app.screen
    assert isinstance(screen, TicketsScreen)
    return screen


def numbers(pilot: DeskPilot) -> list[str]:
    return [str(row.cells[0]) for row in pilot.table.rows_shown if len(row.cells) > 1]


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_open_ones_the_latest_first(desk: DeskForTest, size: tuple[int, int]) -> None:
    async with run_desk(desk, size=size) as pilot:
        await listed(pilot)
        await pilot.sees("All open ones", "Inquiry 咨询物业费", "Repair 厨房漏水")
        assert numbers(pilot) == ["Q-0302-001", "R-0301-001"]
        await pilot.press("down", "down", "enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, TicketScreen))
        await pilot.sees("R-260301-001")
        await pilot.press("escape", "escape")
        await pilot.until(lambda: not isinstance(pilot.app.screen, TicketsScreen | TicketScreen))


async def test_filters(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await listed(pilot)
        await pilot.press("ctrl+t")
        await pilot.sees("Which state?")
        await pilot.press("2")  # all
        await pilot.until(lambda: numbers(pilot) == ["Q-0302-001", "C-0302-001", "R-0301-001"])
        await pilot.press("ctrl+k")
        await pilot.sees("Which kind?")
        await pilot.press("3")  # all kinds, repair, complaint
        await pilot.until(lambda: numbers(pilot) == ["C-0302-001"])
        await pilot.sees("Complaint")
        await pilot.press("ctrl+k", "1")
        await pilot.until(lambda: len(numbers(pilot)) == 3)
        await pilot.press("ctrl+e")
        await pilot.sees("Whose tickets?")
        await pilot.type("technician2")
        await pilot.press("enter")
        await pilot.until(lambda: numbers(pilot) == ["R-0301-001"])
        await pilot.press("ctrl+e")
        await pilot.until(lambda: len(numbers(pilot)) == 3)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("漏水", ["R-0301-001"]),
        ("3栋2单元501", ["R-0301-001"]),
        ("张", ["R-0301-001"]),
        ("咨询", ["Q-0302-001"]),
        ("%", []),
    ],
)
async def test_search_as_one_types(desk: DeskForTest, typed: str, found: list[str]) -> None:
    async with run_desk(desk) as pilot:
        await listed(pilot)
        await pilot.type(typed)
        await pilot.until(lambda: numbers(pilot) == found)
        if not found:
            await pilot.sees("No ticket fits.")
        await pilot.press("escape")  # empties the line first
        await pilot.until(lambda: len(numbers(pilot)) == 2)


async def test_a_whole_number_opens_its_ticket(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await listed(pilot)
        await pilot.type("ｃ０３０２００１")
        await pilot.press("enter")
        await pilot.sees("C-260302-001", "夜里装修噪声")


async def test_pages(desk: DeskForTest, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(12):
        desk.open("inquiry", what=f"第{n}件", at=f"2026-03-02 10:{n:02d}")
    monkeypatch.setattr(TicketsScreen, "PAGE", 5)
    async with run_desk(desk, size=(80, 24)) as pilot:
        await listed(pilot)
        await pilot.press("down")
        for _ in range(14):
            await pilot.press("down")
        await pilot.until(lambda: len(numbers(pilot)) == 14)
        assert len(set(numbers(pilot))) == 14


async def test_a_long_search_goes_by_stretches_and_esc_stops_it(
    desk: DeskForTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(12):
        desk.open("inquiry", what=f"第{n}件", at=f"2026-03-02 10:{n:02d}")
    monkeypatch.setattr(TicketsScreen, "STRETCH", 2)
    async with run_desk(desk) as pilot:
        screen = await listed(pilot)
        await pilot.press("ctrl+t")
        await pilot.sees("Which state?")
        await pilot.press("2")
        await pilot.until(lambda: len(numbers(pilot)) == 15)
        words: list[str] = []
        show = screen._show_searching

        def shown(back_to: datetime, found: int) -> None:
            show(back_to, found)
            words.append(str(screen.query_one("#filter-words", Static).content))
            if stop:
                screen.action_close()

        monkeypatch.setattr(screen, "_show_searching", shown)
        stop = False
        await pilot.press("ctrl+f")
        await pilot.type("漏水")
        await pilot.until(lambda: numbers(pilot) == ["R-0301-001"])
        assert "Searching… back to 03-02 Mon, 0 found. Esc stops." in words[0]
        before = len(words)
        desk.do("note", desk.numbered("R-260301-001").id, note="看过了")
        pilot.app.stale()
        await pilot.until(lambda: not screen.searching)
        assert len(words) == before, "what was found is read anew, not sought anew"
        stop = True
        await pilot.press("escape")
        await pilot.type("没有这样的")
        await pilot.until(lambda: len(words) > before and "more below" in pilot.text())
        assert screen.filters.text == "没有这样的", "Esc stopped the search and left the line"


async def test_hostile_text(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "residential")
    for text in HOSTILE:
        desk.open("repair", what=text, room_text=text, person_name=text, at="2026-03-02 9:00")
    async with run_desk(desk, lang="zh", size=(140, 40), theme="desk-plain") as pilot:
        await listed(pilot)
        for text in HOSTILE:
            pilot.one("#search").put(None)
            await pilot.type(text)
            await pilot.press("enter")
            assert "\x1b" not in pilot.text()
            await pilot.press("ctrl+f")
