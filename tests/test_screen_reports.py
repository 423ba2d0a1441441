"""Reports: a month's totals and targets, the register of a kind, both on paper."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.screens.more import digit_of
from desk.screens.paper import PaperScreen
from desk.screens.reports import RegisterScreen, ReportsScreen, as_lines
from desk.screens.ticket import TicketScreen
from desk.widgets.text import draw_plainly
from tests.desks import DeskForTest, make_desk
from tests.screens import HOSTILE, DeskPilot, run_desk


@pytest.fixture
def desk(tmp_path: Path) -> DeskForTest:
    desk = make_desk(tmp_path, "work-orders")
    desk.open("inquiry", what="上个月的", at="2026-02-20 9:00")
    first = desk.open("repair", what="厨房漏水", room="3-2-501", person_name="张伟", at="2026-03-01 9:00")
    desk.do("complete", first, at="2026-03-01 11:00")
    desk.open("repair", what="灯坏", room="3-2-502", at="2026-03-02 9:00")
    desk.open("complaint", what="噪声", room="3-2-502", person_name="王芳", phone="13900001111", at="2026-03-02 9:05")
    return desk


def cells(pilot: DeskPilot) -> list[tuple[str, ...]]:
    return [tuple(map(str, row.cells)) for row in pilot.table.rows_shown if len(row.cells) > 1]


async def opened(pilot: DeskPilot) -> None:
    await pilot.press("f7", digit_of("ReportsScreen"))
    await pilot.until(lambda: isinstance(pilot.app.screen, ReportsScreen) and pilot.table.rows_shown)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_totals_and_targets(desk: DeskForTest, size: tuple[int, int]) -> None:
    async with run_desk(desk, size=size) as pilot:
        await opened(pilot)
        await pilot.sees("2026-03", "Repair", "Targets", "Callback rate")
        assert cells(pilot)[0][:4] == ("Repair", "2", "1", "1")
        await pilot.press("left")
        await pilot.sees("2026-02")
        await pilot.until(lambda: cells(pilot)[0][:2] == ("Inquiry", "1"))
        await pilot.press("right")
        await pilot.sees("2026-03")
        await pilot.press("right")  # not beyond this month
        await pilot.sees("2026-03")


async def test_the_register_of_a_kind(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await opened(pilot)
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, RegisterScreen) and pilot.table.rows_shown)
        assert [row[4] for row in cells(pilot)] == ["厨房漏水", "灯坏"]
        await pilot.press("ctrl+l")
        await pilot.until(lambda: isinstance(pilot.app.screen, PaperScreen))
        await pilot.sees("厨房漏水", "张伟")
        await pilot.press("escape", "enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, TicketScreen))
        await pilot.sees("R-260301-001")


async def test_totals_on_paper(desk: DeskForTest) -> None:
    async with run_desk(desk) as pilot:
        await opened(pilot)
        await pilot.press("ctrl+l")
        await pilot.until(lambda: isinstance(pilot.app.screen, PaperScreen))
        await pilot.sees("Received", "Callback rate")


async def test_hostile_text(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, "residential")
    for text in HOSTILE:
        desk.open("repair", what=text, room_text=text, person_name=text, at="2026-03-02 9:00")
    async with run_desk(desk, lang="zh", size=(140, 40), theme="desk-plain") as pilot:
        await opened(pilot)
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, RegisterScreen) and pilot.table.rows_shown)
        await pilot.press("ctrl+l")
        await pilot.until(lambda: isinstance(pilot.app.screen, PaperScreen))
        assert "\x1b" not in pilot.text()


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([["漏水", "b"]], ["A     Bee", "漏水  b"]),
        ([["a" * 50, ""]], ["A" + " " * 41 + "Bee", "a" * 39 + "…"]),
        ([], ["A  Bee"]),
    ],
)
def test_a_table_as_lines(rows: list[list[str]], lines: list[str]) -> None:
    draw_plainly(False)
    assert as_lines(["A", "Bee"], rows) == lines


async def test_how_long_visitors_waited_stands_in_the_month(tmp_path: Path) -> None:
    """Where the manual receives visitors, each share with what it is a share of; on paper too."""
    desk = make_desk(tmp_path, "reception")
    ident = desk.do("arrive-visitor", of="visit", at="10:00", matter="payment").subject_id
    desk.do("serve", ident, of="visit", at="10:01")
    desk.do("arrive-visitor", of="visit", at="10:02")
    desk.at("10:10")
    async with run_desk(desk, mode="due") as pilot:
        await opened(pilot)
        await pilot.sees("Visitors and callers", "Served in time", "1/2", "50%", "Longest wait", "1:00")
        await pilot.press("ctrl+l")
        await pilot.sees("Served in time 1/2 50%")
