"""Opening hours in the console: a month drawn, the months beside it, in both languages and sizes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from rich.cells import cell_len

from desk import i18n, resources
from desk.calendars import Calendar, Statutory, load_calendar, load_statutory
from desk.screens.calendar import CalendarScreen
from desk.wording.month import month_of
from tests.commandline import CommandLine
from tests.desks import make_desk
from tests.screens import DeskPilot, run_desk


async def opened(pilot: DeskPilot) -> None:
    await pilot.app.push_screen(CalendarScreen())
    await pilot.until(lambda: isinstance(pilot.app.screen, CalendarScreen))


@pytest.mark.parametrize(
    ("lang", "size", "texts", "before"),
    [
        ("en", (80, 24), ("2026-03", "Sun", " 2* A", "closed", "A: 08:00-12:00 13:00-17:00"), "Spring Fe"),
        ("zh", (140, 40), ("2026年03月", "周日", " 2* A", "休息", "A：08:00-12:00 13:00-17:00"), "春节"),
    ],
)
async def test_the_months(
    tmp_path: Path, lang: str, size: tuple[int, int], texts: tuple[str, ...], before: str
) -> None:
    async with run_desk(make_desk(tmp_path, "residential"), lang=lang, size=size) as pilot:
        await opened(pilot)
        await pilot.sees(*texts)
        await pilot.press("left")
        await pilot.sees(before)
        await pilot.press("right", "right")
        await pilot.until(lambda: "2026-04" in pilot.text() or "2026年04月" in pilot.text())
        await pilot.press("ctrl+t")
        await pilot.sees(*texts)
        await pilot.press("escape")
        await pilot.until(lambda: not isinstance(pilot.app.screen, CalendarScreen))
    i18n.install("en")


async def test_from_the_palette(tmp_path: Path) -> None:
    async with run_desk(make_desk(tmp_path, "residential")) as pilot:
        await pilot.press("ctrl+p")
        await pilot.type("Opening hours")
        await pilot.sees("A month drawn")
        await pilot.press("enter")
        await pilot.until(lambda: isinstance(pilot.app.screen, CalendarScreen))


YEAR = Statutory.from_dict(
    {
        "year": 2026,
        "holiday": [
            {
                "name": {"zh": "国庆节", "en": "National Day"},
                "from": "2026-10-01",
                "to": "2026-10-02",
                "make_up": ["2026-10-10"],
            }
        ],
    },
    file="cn-2026.toml",
)
TABLES = {
    "timezone": "Asia/Shanghai",
    "holidays": "CN",
    "hours": {"mon-fri": ["08:00-12:00", "13:00-24:00"]},
    "season": [
        {"name": {"zh": "夏季", "en": "summer"}, "from": "06-01", "to": "10-15", "hours": {"wed": ["09:00-10:00"]}}
    ],
    "days": {"2026-10-20": ["22:00-06:00"], "2026-10-21": "closed", "2026-10-22": "closed"},
    "closed": {"2026-10-23": ["08:00-09:30"]},
}


def test_everything_a_day_can_be() -> None:
    month = month_of(Calendar.from_dict(TABLES, name="x", statutory={2026: YEAR}), date(2026, 10, 1), date(2026, 10, 7))
    squares = {day.date.day: (day.head, day.word, day.kind) for week in month.weeks for day in week if day}
    assert [week[0].date.day if week[0] else None for week in month.weeks] == [None, 5, 12, 19, 26]
    assert squares[1] == (" 1 -", "National Day", "holiday")
    assert squares[3] == (" 3 -", "closed", "closed")
    assert squares[5] == (" 5 A", "open", "open")
    assert squares[7] == (" 7* B", "open", "open")
    assert squares[10] == ("10 A", "make-up", "make_up")
    assert squares[20] == ("20 C", "set day", "exact")
    assert squares[21] == ("21 -", "closed", "exact")
    assert squares[23] == ("23 D", "open", "open")
    assert month.hours == (
        ("A", "08:00-12:00 13:00-24:00"),
        ("B", "09:00-10:00"),
        ("C", "22:00-06:00"),
        ("D", "09:30-12:00 13:00-24:00"),
    )
    assert month.notes == (
        "06-01 – 10-15: summer hours",
        "10-01 Thu – 10-02 Fri: National Day, closed",
        "10-10 Sat: make-up workday (National Day), hours A",
        "10-20 Tue: set for this day, hours C",
        "10-21 Wed – 10-22 Thu: set for this day, closed",
        "10-23 Fri: closed 08:00-09:30",
    )


def test_what_is_not_known_yet_has_a_question_mark() -> None:
    calendar = Calendar.from_dict(TABLES, name="x", statutory={2026: YEAR})
    month = month_of(calendar, date(2027, 1, 1))
    assert [day.head for day in month.weeks[0] if day] == [" 1? A", " 2? -", " 3? -"]
    assert month.notes[-1].startswith("?: the statutory days")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_month_fits_eighty_columns(tmp_path: Path, lang: str) -> None:
    line = CommandLine(tmp_path / "no.db")
    for name in ("residential", "serviced-apartment"):
        for month in ("2026-02", "2026-05", "2026-10", "2027-03"):
            out = line.run("calendar", "show", month, "--calendar", name, "--lang", lang).out
            assert all(cell_len(each) <= 80 for each in out.splitlines()[:-1]), out
    i18n.install("en")


def test_shipped_years_are_drawn() -> None:
    calendars = resources.path("calendars")
    calendar = load_calendar(calendars / "residential.toml", calendars)
    for day in load_statutory(calendars / "cn-2026.toml").off:
        squares = [each for week in month_of(calendar, day.replace(day=1)).weeks for each in week if each]
        assert squares[day.day - 1].kind == "holiday"
