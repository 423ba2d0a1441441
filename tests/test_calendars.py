"""The nine rules of the reckoning, a table each: calendar, start, amount → due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.calendars import (
    Amount,
    Calendar,
    Name,
    Span,
    Statutory,
    add_months,
    load_calendar,
    statutory_years,
)
from desk.errors import Refusal

ROOT = Path(__file__).resolve().parent.parent
CALENDARS = ROOT / "data" / "calendars"
SHANGHAI = "Asia/Shanghai"
YEARS = statutory_years(CALENDARS)


def made(statutory: Mapping[int, Statutory] | None = None, **data: Any) -> Calendar:
    tables = {"timezone": SHANGHAI, "holidays": "CN" if statutory else "none", **data}
    return Calendar.from_dict(tables, name="test", statutory=statutory)


WEEK = {"mon-fri": ["08:00-12:00", "13:00-17:00"]}
SUMMER = {
    "name": {"zh": "夏季", "en": "summer"},
    "from": "06-01",
    "to": "09-30",
    "hours": {"mon-fri": ["08:00-12:00", "13:30-17:30"]},
}
BERLIN = "Europe/Berlin"
DESKS: dict[str, Calendar] = {
    "residential": load_calendar(CALENDARS / "residential.toml", CALENDARS),
    "lunch": made(hours=WEEK),
    "exact": made(
        YEARS,
        hours=WEEK,
        season=[SUMMER],
        days={"2026-10-03": ["09:00-16:00"], "2026-10-08": "closed", "2026-06-03": ["10:00-11:00"]},
    ),
    "closed": made(hours=WEEK, closed={"2026-03-02": ["10:00-11:30"], "2026-03-03": ["16:00-17:00"]}),
    "saturday": made(hours={"mon-fri": ["09:00-17:00"], "sat": ["10:00-12:00"]}),
    "half_summer": made(
        hours={"mon-fri": ["09:00-17:00"], "sat": ["10:00-12:00"]},
        season=[{**SUMMER, "hours": {"mon-fri": ["08:00-16:00"]}}],
    ),
    "make_up": made(
        {
            2026: Statutory(
                2026,
                {},
                {
                    date(2026, 6, 6): Name("补班", "make-up"),
                    date(2026, 6, 7): Name("补班", "make-up"),
                    date(2026, 5, 9): Name("补班", "make-up"),
                },
            )
        },
        hours={"mon": ["09:00-11:00"], "tue-thu": ["09:00-17:00"], "fri": ["08:00-12:00"]},
        season=[{**SUMMER, "hours": {"mon": ["07:00-10:00"], "fri": ["07:00-09:00"]}}],
    ),
    "night": made(hours={"mon-sun": ["22:00-06:00"]}),
    "evening": made(
        hours={"mon": ["18:00-24:00"], "wed-sat": ["18:00-24:00"]}, days={"2026-03-07": "closed"}
    ),
    "weeknight": made(hours={"mon-fri": ["22:00-06:00"]}),
    "always": made(hours={"mon-sun": ["00:00-24:00"]}, day_ends="07:00"),
    "midnight": made(hours={"mon-sun": ["00:00-24:00"]}, day_ends="24:00"),
    "weekdays_through": made(hours={"mon-fri": ["00:00-24:00"]}),
    "berlin_office": made(timezone=BERLIN, hours={"mon-sun": ["09:00-17:00"]}),
    "berlin_night": made(timezone=BERLIN, hours={"mon-sun": ["22:00-06:00"]}),
    "berlin_always": made(timezone=BERLIN, hours={"mon-sun": ["00:00-24:00"]}, day_ends="24:00"),
    "berlin_early": made(timezone=BERLIN, hours={"mon-sun": ["02:30-05:00"]}),
    "june": made(
        hours={}, season=[{"name": "june", "from": "06-01", "to": "06-30", "hours": {"mon-sun": ["08:00-12:00"]}}]
    ),
    "winter": made(
        hours=WEEK, season=[{"name": "winter", "from": "11-15", "to": "03-15", "hours": {"mon-fri": ["10:00-12:00"]}}]
    ),
}  # fmt: skip

UNITS = {
    "s": "seconds",
    "min": "minutes",
    "h": "hours",
    "d": "days",
    "mo": "months",
    "ws": "working_seconds",
    "wmin": "working_minutes",
    "wh": "working_hours",
    "wd": "working_days",
}


def instant(desk: Calendar, text: str) -> datetime:
    """``2026-03-02 09:00`` on the desk's wall clock; a trailing ``*`` is the second pass of a repeated hour."""
    wall = datetime.fromisoformat(text.rstrip("*"))
    return wall.replace(tzinfo=desk.timezone, fold=int(text.endswith("*"))).astimezone(UTC)


def amount(text: str) -> Amount:
    value, unit = text.split()
    return Amount(int(value), UNITS[unit])  # type: ignore[arg-type]


def due(name: str, start: str, text: str, **options: Any) -> datetime:
    desk = DESKS[name]
    return desk.add(instant(desk, start), amount(text), **options).due_at


def shown(desk: Calendar, at: datetime) -> str:
    local = desk.local(at)
    return f"{local:%Y-%m-%d %H:%M}{f':{local:%S}' if local.second else ''}{'*' if local.fold else ''}"


RULES = {
    "1 precedence": [
        ("residential", "2026-09-30 16:00", "2 wh", "2026-10-08 08:30"),  # summer hours, then the long holiday
        ("residential", "2026-05-29 16:30", "1 wh", "2026-06-01 08:30"),
        ("residential", "2026-06-01 11:30", "1 wh", "2026-06-01 14:00"),
        ("residential", "2026-09-30 11:30", "1 wh", "2026-09-30 14:00"),  # the last day of summer
        ("exact", "2026-09-30 16:30", "2 wh", "2026-10-03 10:00"),  # an exact date over the holiday
        ("exact", "2026-10-03 15:00", "2 wh", "2026-10-09 09:00"),  # and a closed date after it
        ("exact", "2026-06-03 08:00", "2 wh", "2026-06-04 09:00"),  # over the season
        ("half_summer", "2026-07-03 15:00", "2 wh", "2026-07-04 11:00"),  # weekday without words: as ever
        ("winter", "2026-12-31 11:30", "1 wh", "2027-01-01 10:30"),  # a season over New Year
        ("winter", "2026-03-13 11:30", "1 wh", "2026-03-16 08:30"),
        ("residential", "2026-02-14 16:00", "2 wh", "2026-02-24 09:00"),  # Saturday made up, then Spring Festival
        ("residential", "2026-09-20 13:15", "1 wh", "2026-09-20 14:30"),  # Sunday made up in summer: as Monday
        ("make_up", "2026-06-06 00:00", "1 wh", "2026-06-06 08:00"),  # Saturday as the season's Friday
        ("make_up", "2026-06-06 08:00", "3 wh", "2026-06-07 09:00"),  # Sunday as the season's Monday
        ("make_up", "2026-05-09 00:00", "1 wh", "2026-05-09 09:00"),  # out of season as the week's Friday
    ],
    "2 open stretches on the wall clock": [
        ("lunch", "2026-03-02 11:00", "2 wh", "2026-03-02 14:00"),
        ("lunch", "2026-03-06 16:30", "90 wmin", "2026-03-09 09:00"),
        ("lunch", "2026-03-02 11:59", "90 ws", "2026-03-02 13:00:30"),
        ("closed", "2026-03-02 09:00", "2 wh", "2026-03-02 13:30"),
        ("closed", "2026-03-02 10:15", "30 wmin", "2026-03-02 12:00"),
        ("closed", "2026-03-03 15:30", "1 wh", "2026-03-04 08:30"),  # closed up to the day's end
        ("night", "2026-03-02 23:00", "8 wh", "2026-03-03 23:00"),
        ("night", "2026-03-02 23:30", "60 wmin", "2026-03-03 00:30"),  # joined at midnight
        ("always", "2026-03-02 23:30", "60 wmin", "2026-03-03 00:30"),
        ("berlin_always", "2025-03-29 12:00", "24 wh", "2025-03-30 13:00"),  # 23-hour day
        ("berlin_always", "2025-10-25 12:00", "24 wh", "2025-10-26 11:00"),  # 25-hour day
        ("berlin_night", "2025-03-29 22:00", "7 wh", "2025-03-30 06:00"),
        ("berlin_night", "2025-10-25 22:00", "9 wh", "2025-10-26 06:00"),
        ("berlin_office", "2025-03-29 16:00", "2 wh", "2025-03-30 10:00"),
        ("berlin_early", "2025-03-29 04:00", "2 wh", "2025-03-30 04:00"),  # opening left out: at the change
        ("berlin_early", "2025-10-25 04:00", "2 wh", "2025-10-26 02:30*"),  # opening repeated: its first pass
    ],
    "3 closing time is in time": [
        ("lunch", "2026-03-02 15:00", "2 wh", "2026-03-02 17:00"),
        ("lunch", "2026-03-02 08:00", "4 wh", "2026-03-02 12:00"),
        ("lunch", "2026-03-06 13:00", "4 wh", "2026-03-06 17:00"),
        ("night", "2026-03-02 22:00", "2 wh", "2026-03-03 00:00"),
        ("night", "2026-03-02 22:00", "8 wh", "2026-03-03 06:00"),
        ("weekdays_through", "2026-03-06 20:00", "4 wh", "2026-03-07 00:00"),
    ],
    "4 half-open; zero; back": [
        ("lunch", "2026-03-02 17:00", "1 wmin", "2026-03-03 08:01"),
        ("lunch", "2026-03-02 12:00", "1 wmin", "2026-03-02 13:01"),
        ("lunch", "2026-03-07 10:00", "1 wh", "2026-03-09 09:00"),
        ("lunch", "2026-03-02 07:00", "0 wmin", "2026-03-02 08:00"),
        ("lunch", "2026-03-02 17:00", "0 wmin", "2026-03-03 08:00"),
        ("lunch", "2026-03-02 09:00", "0 wmin", "2026-03-02 09:00"),
        ("lunch", "2026-03-02 08:00", "0 wh", "2026-03-02 08:00"),
        ("lunch", "2026-03-02 20:00", "0 min", "2026-03-02 20:00"),
        ("lunch", "2026-03-03 09:00", "-2 wh", "2026-03-02 16:00"),
        ("lunch", "2026-03-02 14:00", "-2 wh", "2026-03-02 11:00"),
        ("lunch", "2026-03-07 10:00", "-1 wh", "2026-03-06 16:00"),  # closed: back from the last closing
        ("lunch", "2026-03-02 17:00", "-1 wh", "2026-03-02 16:00"),
        ("lunch", "2026-03-02 12:00", "-4 wh", "2026-03-02 08:00"),  # exactly at an opening: stays
        ("lunch", "2026-03-02 14:00", "-1 wh", "2026-03-02 13:00"),
        ("lunch", "2026-03-02 08:00", "-1 wmin", "2026-02-27 16:59"),
        ("lunch", "2026-03-02 09:00", "-90 min", "2026-03-02 07:30"),
    ],
    "5 days and months": [
        ("lunch", "2026-03-02 10:00", "3 wd", "2026-03-05 10:00"),
        ("lunch", "2026-03-06 10:00", "1 wd", "2026-03-09 10:00"),
        ("lunch", "2026-03-07 10:00", "1 wd", "2026-03-09 10:00"),  # Saturday + 1 = Monday
        ("lunch", "2026-03-08 10:00", "2 wd", "2026-03-10 10:00"),
        ("lunch", "2026-03-02 12:30", "1 wd", "2026-03-03 13:00"),  # outside hours: that day's next opening
        ("lunch", "2026-03-02 06:00", "1 wd", "2026-03-03 08:00"),
        ("lunch", "2026-03-02 19:00", "1 wd", "2026-03-04 08:00"),  # else the next working day's first
        ("lunch", "2026-03-05 19:00", "1 wd", "2026-03-09 08:00"),
        ("lunch", "2026-03-02 17:00", "1 wd", "2026-03-03 17:00"),  # the closing instant stands
        ("lunch", "2026-03-02 12:00", "1 wd", "2026-03-03 12:00"),
        ("lunch", "2026-03-02 10:00", "0 wd", "2026-03-02 10:00"),
        ("lunch", "2026-03-07 10:00", "0 wd", "2026-03-09 08:00"),
        ("lunch", "2026-03-02 10:00", "-1 wd", "2026-02-27 10:00"),
        ("lunch", "2026-03-07 10:00", "-1 wd", "2026-03-06 10:00"),
        ("lunch", "2026-03-03 12:30", "-1 wd", "2026-03-02 12:00"),  # the mirror: the closing before
        ("lunch", "2026-03-03 06:00", "-1 wd", "2026-02-27 17:00"),
        ("lunch", "2026-03-03 08:00", "-1 wd", "2026-03-02 08:00"),
        ("saturday", "2026-03-06 15:00", "1 wd", "2026-03-09 09:00"),  # Saturday is shorter
        ("residential", "2026-09-30 10:00", "1 wd", "2026-10-08 10:00"),
        ("residential", "2026-02-13 10:00", "2 wd", "2026-02-24 10:00"),  # a make-up Saturday is a working day
        ("residential", "2026-05-29 17:30", "1 wd", "2026-06-01 17:30"),  # outside in spring, closing in summer
        ("residential", "2026-09-29 17:30", "2 wd", "2026-10-09 08:00"),
        ("weeknight", "2026-03-06 23:00", "1 wd", "2026-03-09 23:00"),  # Saturday morning is Friday's duty
        ("june", "2026-06-30 20:00", "30 wd", "2028-06-01 08:00"),  # after the last hours of a whole year
        ("lunch", "2026-03-02 20:00", "3 d", "2026-03-05 20:00"),
        ("lunch", "2026-03-06 10:00", "-3 d", "2026-03-03 10:00"),
        ("berlin_office", "2025-03-29 12:00", "1 d", "2025-03-30 12:00"),  # 23 hours
        ("berlin_office", "2025-10-25 12:00", "1 d", "2025-10-26 12:00"),  # 25 hours
        ("berlin_office", "2025-03-29 02:30", "1 d", "2025-03-30 03:30"),  # a time left out
        ("berlin_office", "2025-10-25 02:30", "1 d", "2025-10-26 02:30"),  # a time repeated: its first pass
        ("berlin_office", "2025-10-26 02:30*", "1 d", "2025-10-27 02:30"),
        ("lunch", "2026-01-31 09:00", "1 mo", "2026-02-28 09:00"),  # the 31st clamps
        ("lunch", "2028-01-31 09:00", "1 mo", "2028-02-29 09:00"),
        ("lunch", "2026-08-31 09:00", "6 mo", "2027-02-28 09:00"),
        ("lunch", "2026-11-30 09:00", "3 mo", "2027-02-28 09:00"),
        ("lunch", "2026-12-31 09:00", "12 mo", "2027-12-31 09:00"),
        ("lunch", "2026-03-31 09:00", "-1 mo", "2026-02-28 09:00"),
        ("lunch", "2026-01-15 09:00", "-1 mo", "2025-12-15 09:00"),
        ("lunch", "2028-02-29 09:00", "12 mo", "2029-02-28 09:00"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start", "text", "expected"),
    [pytest.param(*row, id=f"{rule[0]}:{row[0]}:{row[1]}+{row[2]}") for rule, rows in RULES.items() for row in rows],
)  # fmt: skip
def test_rule(name: str, start: str, text: str, expected: str) -> None:
    assert shown(DESKS[name], due(name, start, text)) == expected


@pytest.mark.parametrize(
    ("start", "text", "expected"),
    [
        ("2026-03-07 10:00", "1 wd", "2026-03-10 08:00"),  # a Saturday call + 1 = Tuesday
        ("2026-03-02 19:00", "1 wd", "2026-03-04 08:00"),
        ("2026-03-02 10:00", "1 wd", "2026-03-03 10:00"),  # open: not moved
        ("2026-03-07 10:00", "2 h", "2026-03-09 10:00"),
        ("2026-03-07 10:00", "3 d", "2026-03-12 08:00"),
        ("2026-03-07 10:00", "1 mo", "2026-04-09 08:00"),
        ("2026-03-07 10:00", "0 min", "2026-03-09 08:00"),
        ("2026-03-07 10:00", "-1 d", "2026-03-05 17:00"),  # going back: from the last closing
        ("2026-03-02 17:00", "-1 h", "2026-03-02 16:00"),
    ],
)
def test_rule_5_counts_from_opening(start: str, text: str, expected: str) -> None:
    assert shown(DESKS["lunch"], due("lunch", start, text, counts_from="opening")) == expected


@pytest.mark.parametrize(
    ("name", "at", "end", "next_start"),
    [
        ("lunch", "2026-03-02 10:00", "2026-03-02 17:00", "2026-03-03 08:00"),
        ("lunch", "2026-03-02 12:30", "2026-03-02 17:00", "2026-03-03 08:00"),  # lunch is no start of duty
        ("lunch", "2026-03-02 17:00", "2026-03-03 17:00", "2026-03-03 08:00"),
        ("lunch", "2026-03-02 08:00", "2026-03-02 17:00", "2026-03-03 08:00"),
        ("lunch", "2026-03-02 06:00", "2026-03-02 17:00", "2026-03-02 08:00"),
        ("lunch", "2026-03-06 18:00", "2026-03-09 17:00", "2026-03-09 08:00"),
        ("residential", "2026-09-30 10:00", "2026-09-30 17:30", "2026-10-08 08:00"),
        ("closed", "2026-03-03 10:00", "2026-03-03 16:00", "2026-03-04 08:00"),
        ("night", "2026-03-02 23:00", "2026-03-03 06:00", "2026-03-03 22:00"),
        ("night", "2026-03-03 02:00", "2026-03-03 06:00", "2026-03-03 22:00"),
        ("always", "2026-03-02 10:00", "2026-03-03 07:00", "2026-03-03 07:00"),
        ("always", "2026-03-02 07:00", "2026-03-03 07:00", "2026-03-03 07:00"),
        ("midnight", "2026-03-02 10:00", "2026-03-03 00:00", "2026-03-03 00:00"),
        ("midnight", "2026-12-31 10:00", "2027-01-01 00:00", "2027-01-01 00:00"),
        ("weekdays_through", "2026-03-02 10:00", "2026-03-07 00:00", "2026-03-09 00:00"),
        ("weekdays_through", "2026-12-30 10:00", "2027-01-02 00:00", "2027-01-04 00:00"),  # not at New Year
    ],
)
def test_rule_6_duties(name: str, at: str, end: str, next_start: str) -> None:
    desk = DESKS[name]
    assert shown(desk, desk.end_of_duty(instant(desk, at))) == end
    assert shown(desk, desk.start_of_next_duty(instant(desk, at))) == next_start


@pytest.mark.parametrize(
    ("start", "text", "pauses", "expected"),
    [
        # overlapping pauses are merged, never summed
        ("2026-03-02 09:00", "1 h", ["09:30-10:30", "10:00-11:00"], "2026-03-02 11:30"),
        ("2026-03-02 09:00", "1 h", ["10:00-11:00", "09:30-10:30", "09:45-10:00"], "2026-03-02 11:30"),
        ("2026-03-02 09:00", "1 wh", ["09:30-10:30", "10:00-11:00"], "2026-03-02 11:30"),
        ("2026-03-02 09:00", "1 wh", ["09:30-10:00", "10:00-11:00"], "2026-03-02 11:30"),
        ("2026-03-02 11:00", "2 wh", ["11:30-13:30"], "2026-03-02 15:00"),  # over lunch
        ("2026-03-02 16:00", "2 wh", ["16:30-20:00"], "2026-03-03 09:30"),  # into the night
        ("2026-03-02 09:00", "2 wh", ["07:00-10:00"], "2026-03-02 12:00"),  # begun before the start
        ("2026-03-02 09:00", "2 wh", ["07:00-08:30"], "2026-03-02 11:00"),  # over before the start
        ("2026-03-02 09:00", "2 wh", ["11:00-16:00"], "2026-03-02 11:00"),  # used up when it begins
        ("2026-03-02 09:00", "2 h", ["11:00-16:00"], "2026-03-02 11:00"),
        ("2026-03-02 09:00", "2 h", ["10:59-16:00"], "2026-03-02 16:01"),
        ("2026-03-02 09:00", "0 wh", ["08:30-10:00"], "2026-03-02 10:00"),
        ("2026-03-02 18:00", "0 wh", ["19:00-20:00"], "2026-03-03 08:00"),
        ("2026-03-02 06:00", "0 wh", ["07:00-09:00"], "2026-03-02 09:00"),
        ("2026-03-02 09:00", "0 h", ["08:30-10:00"], "2026-03-02 10:00"),
        # days move by the time paused, working days by the working time paused
        ("2026-03-02 09:00", "3 d", ["10:00-15:00"], "2026-03-05 14:00"),
        ("2026-03-02 09:00", "1 mo", ["10:00-15:00"], "2026-04-02 14:00"),
        ("2026-03-02 09:00", "1 wd", ["10:00-15:00"], "2026-03-03 14:00"),  # four working hours, over lunch
        ("2026-03-02 09:00", "1 wd", ["18:00-23:00"], "2026-03-03 09:00"),  # the desk was closed anyway
        ("2026-03-02 09:00", "1 d", ["08:00-10:00"], "2026-03-03 10:00"),
        ("2026-03-02 09:00", "1 d", [], "2026-03-03 09:00"),
        # going back
        ("2026-03-02 16:00", "-1 h", ["15:00-15:30"], "2026-03-02 14:30"),
        ("2026-03-02 16:00", "-2 wh", ["14:30-18:00"], "2026-03-02 11:30"),
        ("2026-03-02 16:00", "-1 h", ["10:00-15:00"], "2026-03-02 15:00"),
        ("2026-03-03 09:00", "-1 d", ["10:00-15:00"], "2026-03-02 04:00"),
    ],
)
def test_rule_7_pauses(start: str, text: str, pauses: list[str], expected: str) -> None:
    desk = DESKS["lunch"]
    spans = []
    for pause in pauses:
        first, last = (instant(desk, f"2026-03-02 {clock}") for clock in pause.split("-"))
        spans.append((first, last))
    assert shown(desk, due("lunch", start, text, pauses=spans)) == expected
    unpaused = due("lunch", start, text)
    assert due("lunch", start, text, pauses=spans, runs_through_pauses=True) == unpaused


def test_rule_7_a_pause_over_the_due_day_and_one_after_it() -> None:
    desk = DESKS["lunch"]
    over = [(instant(desk, "2026-03-03 08:30"), instant(desk, "2026-03-03 11:00"))]
    assert shown(desk, due("lunch", "2026-03-02 09:00", "1 d", pauses=over)) == "2026-03-03 11:30"
    after = [(instant(desk, "2026-03-03 09:15"), instant(desk, "2026-03-03 11:00"))]
    assert shown(desk, due("lunch", "2026-03-02 09:00", "1 d", pauses=after)) == "2026-03-03 09:00"
    both = [*over, (instant(desk, "2026-03-03 11:10"), instant(desk, "2026-03-03 14:00"))]
    assert shown(desk, due("lunch", "2026-03-02 09:00", "1 d", pauses=both)) == "2026-03-03 14:20"


def test_rule_7_a_pause_that_still_lasts_ends_when_told() -> None:
    desk = DESKS["lunch"]
    lasting = [(instant(desk, "2026-03-02 09:30"), None)]
    until = instant(desk, "2026-03-02 10:45")
    assert shown(desk, due("lunch", "2026-03-02 09:00", "1 h", pauses=lasting, until=until)) == "2026-03-02 11:15"
    assert shown(desk, due("lunch", "2026-03-02 09:00", "1 h", pauses=lasting)) == "2026-03-02 10:00"


@pytest.mark.parametrize(
    ("start", "text", "counts_from", "provisional"),
    [
        ("2026-12-31 15:00", "2 wh", None, False),
        ("2026-12-31 16:00", "2 wh", None, True),
        ("2026-12-31 10:00", "1 wd", None, True),
        ("2026-12-31 18:00", "0 wh", None, True),
        ("2027-03-02 10:00", "-1 wh", None, True),
        ("2027-01-04 08:30", "-1 wh", None, True),
        ("2024-12-31 10:00", "1 wh", None, True),  # before the first year known: no better
        ("2025-01-02 10:00", "1 wh", None, False),
        ("2026-12-31 16:00", "24 h", None, False),  # elapsed time asks no calendar
        ("2026-12-31 16:00", "3 mo", None, False),
        ("2027-03-06 16:00", "24 h", "opening", True),
        ("2025-01-01 00:00", "1 wh", None, False),
        ("2024-12-31 23:59", "1 wh", None, True),
    ],
)
def test_rule_8_provisional(start: str, text: str, counts_from: Any, provisional: bool) -> None:
    desk = DESKS["residential"]
    assert desk.known_until == date(2026, 12, 31)
    reckoned = desk.add(instant(desk, start), amount(text), counts_from=counts_from)
    assert reckoned.provisional is provisional


def test_rule_8_only_where_statutory_days_count() -> None:
    desk = DESKS["lunch"]
    assert desk.known_until is None
    start = instant(desk, "2031-03-02 10:00")
    assert not desk.add(start, Amount(2, "working_days")).provisional
    assert not desk.is_provisional(start, start)


def test_rule_8_a_gap_in_the_known_years_ends_what_is_known() -> None:
    years = {2025: YEARS[2025], 2027: Statutory(2027, {date(2027, 1, 1): Name("元旦", "New Year's Day")}, {})}
    assert made(years, hours=WEEK).known_until == date(2025, 12, 31)


def test_rule_8_the_last_midnight_is_still_known() -> None:
    desk = made(YEARS, hours={"mon-fri": ["00:00-24:00"]})
    eve = instant(desk, "2026-12-31 20:00")
    assert not desk.add(eve, Amount(4, "working_hours")).provisional
    assert desk.add(eve, Amount(241, "working_minutes")).provisional
    new_year = instant(desk, "2027-01-01 00:00")
    assert desk.add(new_year, Amount(0, "working_minutes")).provisional


@pytest.mark.parametrize("day_ends", ["08:00", "12:00", "12:30", "17:00", "20:00", "24:00"])
def test_rule_6_a_day_ends_only_where_the_desk_works_through(day_ends: str) -> None:
    desk = made(hours=WEEK, day_ends=day_ends)
    for at in ("2026-03-02 07:00", "2026-03-02 08:00", "2026-03-02 12:10", "2026-03-02 16:00"):
        assert shown(desk, desk.end_of_duty(instant(desk, at))) == "2026-03-02 17:00"
    assert shown(desk, desk.start_of_next_duty(instant(desk, "2026-03-02 08:00"))) == "2026-03-03 08:00"


def test_rule_6_new_year_is_no_closing_whatever_was_asked_before() -> None:
    desk = made(hours={"mon-fri": ["00:00-24:00"]})
    assert desk.is_open(instant(desk, "2025-06-02 10:00"))
    # The years reckoned so far end on 31 December 2026, a Thursday the desk works through.
    assert shown(desk, desk.end_of_duty(instant(desk, "2026-12-27 10:00"))) == "2027-01-02 00:00"
    assert shown(desk, desk.start_of_next_duty(instant(desk, "2026-12-28 10:00"))) == "2027-01-04 00:00"


# -- explaining --------------------------------------------------------------------------------------


def told(desk: Calendar, spans: tuple[Span, ...]) -> list[str]:
    return [
        f"{shown(desk, span.start)[5:]} {shown(desk, span.end)[5:]} {span.kind}{f' {span.name.en}' if span.name else ''}"
        for span in spans
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start", "text", "expected"),
    [
        (
            "lunch", "2026-03-02 11:00", "2 wh",
            ["03-02 11:00 03-02 12:00 counted", "03-02 12:00 03-02 13:00 lunch", "03-02 13:00 03-02 14:00 counted"],
        ),
        (
            "residential", "2026-09-30 17:00", "1 wh",
            [
                "09-30 17:00 09-30 17:30 counted", "09-30 17:30 10-01 00:00 night",
                "10-01 00:00 10-08 00:00 holiday National Day", "10-08 00:00 10-08 08:00 night",
                "10-08 08:00 10-08 08:30 counted",
            ],
        ),
        (
            "residential", "2026-02-13 16:30", "1 wh",
            [
                "02-13 16:30 02-13 17:00 counted", "02-13 17:00 02-14 08:00 night",
                "02-14 08:00 02-14 08:30 counted Spring Festival",
            ],
        ),
        (
            "lunch", "2026-03-07 10:00", "1 wmin",
            [
                "03-07 10:00 03-09 00:00 weekend", "03-09 00:00 03-09 08:00 night",
                "03-09 08:00 03-09 08:01 counted",
            ],
        ),
        (
            "closed", "2026-03-03 15:30", "1 wh",
            [
                "03-03 15:30 03-03 16:00 counted", "03-03 16:00 03-03 17:00 closed",
                "03-03 17:00 03-04 08:00 night", "03-04 08:00 03-04 08:30 counted",
            ],
        ),
        (
            "exact", "2026-10-07 12:00", "0 wh",
            ["10-07 12:00 10-08 00:00 holiday National Day", "10-08 00:00 10-09 00:00 closed",
             "10-09 00:00 10-09 08:00 night"],
        ),
        ("night", "2026-03-02 23:00", "2 wh", ["03-02 23:00 03-03 01:00 counted"]),
        (
            "night", "2026-03-03 05:00", "2 wh",
            ["03-03 05:00 03-03 06:00 counted", "03-03 06:00 03-03 22:00 closed", "03-03 22:00 03-03 23:00 counted"],
        ),
        ("lunch", "2026-03-02 20:00", "24 h", ["03-02 20:00 03-03 20:00 counted"]),
        ("lunch", "2026-03-02 20:00", "0 h", []),
        ("weeknight", "2026-03-06 23:00", "2 wh", ["03-06 23:00 03-07 01:00 counted"]),  # Saturday has no part in it
        (
            "closed", "2026-03-03 17:00", "1 wmin",  # begun where a closed span ends
            ["03-03 17:00 03-04 08:00 night", "03-04 08:00 03-04 08:01 counted"],
        ),
        (
            "closed", "2026-03-02 10:30", "1 wmin",  # begun within a closed span
            ["03-02 10:30 03-02 11:30 closed", "03-02 11:30 03-02 11:31 counted"],
        ),
        (
            "evening", "2026-03-02 23:30", "1 wh",  # a weekday without hours, a Saturday closed by date
            [
                "03-02 23:30 03-03 00:00 counted", "03-03 00:00 03-04 00:00 closed",
                "03-04 00:00 03-04 18:00 night", "03-04 18:00 03-04 18:30 counted",
            ],
        ),
        (
            "evening", "2026-03-06 23:59", "2 wmin",
            [
                "03-06 23:59 03-07 00:00 counted", "03-07 00:00 03-08 00:00 closed",
                "03-08 00:00 03-09 00:00 weekend", "03-09 00:00 03-09 18:00 night",
                "03-09 18:00 03-09 18:01 counted",
            ],
        ),
        (
            "lunch", "2026-03-02 14:00", "-2 wh",
            ["03-02 11:00 03-02 12:00 counted", "03-02 12:00 03-02 13:00 lunch", "03-02 13:00 03-02 14:00 counted"],
        ),
    ],
)  # fmt: skip
def test_explained(name: str, start: str, text: str, expected: list[str]) -> None:
    desk = DESKS[name]
    assert told(desk, desk.add(instant(desk, start), amount(text), explain=True).spans) == expected
    assert desk.add(instant(desk, start), amount(text)).spans == ()


def test_explained_with_a_pause_and_a_wait_for_the_opening() -> None:
    desk = DESKS["lunch"]
    reckoned = desk.add(
        instant(desk, "2026-03-08 10:00"),
        Amount(2, "hours"),
        pauses=[(instant(desk, "2026-03-09 09:00"), instant(desk, "2026-03-09 09:30"))],
        counts_from="opening",
        explain=True,
    )
    assert told(desk, reckoned.spans) == [
        "03-08 10:00 03-09 00:00 weekend",
        "03-09 00:00 03-09 08:00 night",
        "03-09 08:00 03-09 09:00 counted",
        "03-09 09:00 03-09 09:30 paused",
        "03-09 09:30 03-09 10:30 counted",
    ]


def test_a_pause_that_only_touches_is_not_told() -> None:
    desk = DESKS["lunch"]
    nine, ten = instant(desk, "2026-03-02 09:00"), instant(desk, "2026-03-02 10:00")
    hour = ten - nine
    for unit in ("hours", "working_hours"):
        spans = desk.add(nine, Amount(1, unit), pauses=[(nine - hour, nine), (ten, ten + hour)], explain=True).spans
        assert told(desk, spans) == ["03-02 09:00 03-02 10:00 counted"]


# -- asking ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "at", "is_open", "next_opening", "last_closing"),
    [
        ("lunch", "2026-03-02 08:00", True, "2026-03-02 08:00", "2026-02-27 17:00"),
        ("lunch", "2026-03-02 11:59", True, "2026-03-02 11:59", "2026-03-02 11:59"),
        ("lunch", "2026-03-02 12:00", False, "2026-03-02 13:00", "2026-03-02 12:00"),
        ("lunch", "2026-03-02 12:30", False, "2026-03-02 13:00", "2026-03-02 12:00"),
        ("lunch", "2026-03-07 12:30", False, "2026-03-09 08:00", "2026-03-06 17:00"),
        ("night", "2026-03-03 00:00", True, "2026-03-03 00:00", "2026-03-03 00:00"),
        ("always", "2026-03-03 00:00", True, "2026-03-03 00:00", "2026-03-03 00:00"),
    ],
)
def test_open_or_not(name: str, at: str, is_open: bool, next_opening: str, last_closing: str) -> None:
    desk = DESKS[name]
    moment = instant(desk, at)
    assert desk.is_open(moment) is is_open
    assert shown(desk, desk.next_opening(moment)) == next_opening
    assert shown(desk, desk.last_closing(moment)) == last_closing


def test_a_day_says_why_it_has_its_hours() -> None:
    residential, exact = DESKS["residential"], DESKS["exact"]
    national = Name("国庆节", "National Day")
    table = [
        (residential, date(2026, 3, 2), "weekly", None, ["08:00-12:00", "13:00-17:00"]),
        (residential, date(2026, 3, 7), "weekly", None, []),
        (residential, date(2026, 7, 1), "season", Name("夏季", "summer"), ["08:00-12:00", "13:30-17:30"]),
        (residential, date(2026, 10, 1), "holiday", national, []),
        (residential, date(2026, 9, 20), "make_up", national, ["08:00-12:00", "13:30-17:30"]),
        (residential, date(2026, 10, 10), "make_up", national, ["08:00-12:00", "13:00-17:00"]),
        (exact, date(2026, 10, 3), "exact", None, ["09:00-16:00"]),
        (exact, date(2026, 10, 8), "exact", None, []),
    ]
    for desk, day, why, name, hours in table:
        found = desk.day(day)
        spans = [f"{desk.local(a):%H:%M}-{desk.local(b):%H:%M}" for a, b in found.intervals]
        assert (found.date, found.why, found.name, spans) == (day, why, name, hours)
        assert desk.intervals(day) == found.intervals


def test_a_closed_span_cuts_the_duty_that_runs_into_it() -> None:
    desk = made(hours={"mon-sun": ["22:00-06:00"]}, closed={"2026-03-03": ["01:00-02:00"]})
    assert shown(desk, desk.add(instant(desk, "2026-03-02 23:00"), Amount(3, "working_hours")).due_at) == (
        "2026-03-03 03:00"
    )


def test_a_span_closed_from_the_opening_or_to_the_closing_leaves_no_empty_stretch() -> None:
    desk = made(hours=WEEK, closed={"2026-03-03": ["08:00-10:00", "16:00-17:00"]})
    stretches = [f"{desk.local(a):%H:%M}-{desk.local(b):%H:%M}" for a, b in desk.intervals(date(2026, 3, 3))]
    assert stretches == ["10:00-12:00", "13:00-16:00"]


def test_what_a_notice_changes() -> None:
    first, second, third, off = date(2026, 5, 1), date(2026, 5, 4), date(2026, 5, 9), Name("假", "off")
    known = made({2026: Statutory(2026, {first: off}, {third: off})}, hours=WEEK).schedule
    for more_off, make_up, moved in (
        ([first], [third], set()),
        ([first, second], [third], {second}),
        ([], [third], {first}),
        ([first], [], {third}),
        ([second], [first], {first, second, third}),
    ):
        years = {2026: Statutory(2026, dict.fromkeys(more_off, off), dict.fromkeys(make_up, off))}
        assert known.changes(made(years, hours=WEEK).schedule) == moved


def test_working_time_between() -> None:
    desk = DESKS["residential"]
    start, end = instant(desk, "2026-09-30 16:00"), instant(desk, "2026-10-08 09:00")
    assert desk.between(start, end) == timedelta(hours=2, minutes=30)
    assert desk.between(end, start) == -timedelta(hours=2, minutes=30)
    assert desk.between(start, start) == timedelta()


def test_a_date_the_zone_left_out() -> None:
    # Samoa crossed the date line: there was no 30 December 2011.
    desk = made(timezone="Pacific/Apia", hours={"mon-sun": ["08:00-16:00"]})
    assert desk.intervals(date(2011, 12, 30)) == ()
    reckoned = desk.add(instant(desk, "2011-12-29 15:00"), Amount(2, "working_hours"), explain=True)
    assert shown(desk, reckoned.due_at) == "2011-12-31 09:00"
    assert sum((s.end - s.start for s in reckoned.spans if s.kind == "counted"), timedelta()) == timedelta(hours=2)


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ("2025-10-26 02:30", "2025-10-26 00:30"),  # repeated: its first pass
        ("2025-10-26 03:00", "2025-10-26 02:00"),
        ("2025-03-30 02:30", "2025-03-30 01:30"),  # left out: as far past the change
        ("2025-03-30 03:00", "2025-03-30 01:00"),
    ],
)
def test_the_instant_of_a_wall_clock_time(wall: str, utc: str) -> None:
    at = DESKS["berlin_office"].wall(datetime.fromisoformat(wall))
    assert (at, at.tzinfo) == (datetime.fromisoformat(utc).replace(tzinfo=UTC), UTC)


def test_start_in_another_zone_and_answers_in_utc() -> None:
    desk = DESKS["lunch"]
    berlin = datetime.fromisoformat("2026-03-02T03:00:00+01:00")  # 10:00 in Shanghai
    for unit in ("hours", "working_hours", "days", "working_days", "months"):
        assert desk.add(berlin, Amount(1, unit)).due_at.tzinfo is UTC
    assert shown(desk, desk.add(berlin, Amount(1, "working_hours")).due_at) == "2026-03-02 11:00"


def test_a_naive_datetime_is_an_error() -> None:
    with pytest.raises(ValueError, match="without time zone"):
        DESKS["lunch"].add(datetime(2026, 3, 2, 10), Amount(1, "hours"))  # noqa: DTZ001
    with pytest.raises(ValueError, match="without time zone"):
        DESKS["lunch"].is_open(datetime(2026, 3, 2, 10))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text", ["999999999 wh", "-999999999 wh", "999999999 d", "99999999 mo", "-99999999 mo", "999999 wd", "-999999 wd",
             "999999999999 h", "9999999 d"],
)  # fmt: skip
def test_what_lies_centuries_away_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        due("lunch", "2026-03-02 10:00", text)
    assert refused.value.code == "calendar.too_far"


@pytest.mark.parametrize("days", [577, 578, 579, 580, -516, -517, -518])
def test_working_days_to_the_end_of_the_years_reckoned_so_far(days: int) -> None:
    desk = made(hours={"mon-sun": ["08:00-09:00"]})
    start = instant(desk, "2026-06-01 08:00")
    assert desk.add(start, Amount(days, "working_days")).due_at == start + timedelta(days)


def test_a_desk_of_one_month_has_its_next_duty_the_year_after() -> None:
    desk = made(hours={}, season=[{"name": "s", "from": "06-01", "to": "06-30", "hours": {"mon-sun": ["08:00-12:00"]}}])
    assert desk.is_open(instant(desk, "2026-06-10 10:00"))  # reckons to the end of 2027
    after = instant(desk, "2027-07-01 10:00")
    assert shown(desk, desk.start_of_next_duty(after)) == "2028-06-01 08:00"
    assert shown(desk, desk.end_of_duty(after)) == "2028-06-01 12:00"


def test_far_starts_either_way() -> None:
    desk = made(hours=WEEK)
    assert shown(desk, desk.add(instant(desk, "2026-03-02 10:00"), Amount(1, "working_hours")).due_at)
    assert shown(desk, desk.add(instant(desk, "2012-03-02 16:30"), Amount(1, "working_hours")).due_at) == (
        "2012-03-05 08:30"
    )
    assert shown(desk, desk.add(instant(desk, "2034-06-09 16:30"), Amount(5000, "working_days")).due_at) == (
        "2053-08-08 16:30"
    )
    assert shown(desk, desk.add(instant(desk, "2026-03-02 10:00"), Amount(-5000, "working_days")).due_at) == (
        "2007-01-01 10:00"
    )


@pytest.mark.parametrize("unit", ["working_hours", "working_days"])
def test_amounts_of_every_size_over_the_years(unit: Any) -> None:
    # One by one over the ends of the years reckoned so far, forward and back.
    desk, plain = made(hours={"mon-sun": ["08:00-09:00"]}), timedelta(days=1)
    start = instant(desk, "2026-06-01 08:00")
    for days in (*range(560, 600), *range(930, 960), 4000, 36_000):
        ahead, back = desk.add(start, Amount(days, unit)).due_at, desk.add(start, Amount(-days, unit)).due_at
        if unit == "working_hours":  # a budget that ends at closing time is due then
            ahead += timedelta(hours=23)
        assert ahead == start + days * plain
        assert back == start - days * plain
    for beyond in (37_000, -37_000):  # more than a century
        with pytest.raises(Refusal):
            desk.add(start, Amount(beyond, unit))


def test_years_far_apart_in_any_order() -> None:
    desk = made(hours=WEEK)
    # 1636 to 2034, a year more at either end: the four centuries that may be reckoned at once
    for year in (2026, 2034, 2012, 2030, 2015, 1636, 2015, 2500, 1400):
        at = instant(desk, f"{year}-03-05 12:30")
        weekday = at.weekday() < 5
        assert not desk.is_open(at)
        assert desk.is_open(at - timedelta(hours=1)) is weekday
        assert (desk.between(at - timedelta(hours=1), at + timedelta(hours=1)) == timedelta(hours=1)) is weekday
    with pytest.raises(Refusal, match=r"calendar\.too_far"):
        desk.between(datetime(1601, 6, 1, tzinfo=UTC), datetime(2000, 6, 1, tzinfo=UTC))
    with pytest.raises(Refusal, match=r"calendar\.too_far"):
        made(hours=WEEK).between(datetime(1601, 6, 1, tzinfo=UTC), datetime(2000, 6, 1, tzinfo=UTC))


def test_amounts_in_words() -> None:
    table = {
        "90 s": Amount(90, "seconds"),
        "5 min": Amount(5, "minutes"),
        "1 hour": Amount(1, "hours"),
        "2 working hours": Amount(2, "working_hours"),
        "30 working min": Amount(30, "working_minutes"),
        "1 working day": Amount(1, "working_days"),
        "3 months": Amount(3, "months"),
    }
    for text, value in table.items():
        assert Amount.parse(text) == value
        assert value.words() == text
    assert Amount.parse("2 weeks") == Amount(14, "days")
    for nonsense in ("", "5", "min", "-5 min", "1.5 hours", "2 working weeks", "2 working months", "5 lightyears"):
        assert Amount.parse(nonsense) is None
    with pytest.raises(ValueError, match="unknown unit"):
        Amount(1, "fortnights")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("0001-02-03", -1, "0001-01-03"),
        ("9999-11-30", 1, "9999-12-30"),
    ],
)
def test_months(day: str, months: int, expected: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


@pytest.mark.parametrize(("day", "months"), [("0001-01-31", -1), ("9999-12-01", 1)])
def test_months_beyond_the_calendar(day: str, months: int) -> None:
    with pytest.raises(Refusal, match=r"calendar\.too_far"):
        add_months(date.fromisoformat(day), months)


@pytest.mark.parametrize(
    ("first", "last", "held"),
    [
        ("06-01", "06-01", "06-01"),
        ("06-01", "06-02", "06-01 06-02"),
        ("12-31", "01-01", "01-01 12-31"),
        ("06-02", "05-30", "01-01 01-02 05-30 06-02 06-03 12-30 12-31"),
    ],
)
def test_both_ends_of_a_season_belong_to_it(first: str, last: str, held: str) -> None:
    closed = {"name": "s", "from": first, "to": last, "hours": {"mon-sun": []}}
    desk = made(hours={"mon-sun": ["08:00-12:00"]}, season=[closed])
    days = "01-01 01-02 05-30 05-31 06-01 06-02 06-03 12-30 12-31".split()
    assert " ".join(day for day in days if not desk.intervals(date.fromisoformat(f"2026-{day}"))) == held


def test_a_make_up_day_has_its_own_weekdays_hours_where_it_has_any() -> None:
    week = {"mon": ["08:00-12:00"], "fri": ["09:00-12:00"], "sat": ["10:00-11:00"]}
    off = Name("假", "off")
    worked = {date(2026, 3, day): off for day in (4, 7, 8)}  # Wednesday, Saturday, Sunday
    desk = made({2026: Statutory(2026, {}, worked)}, hours=week)
    assert [[f"{desk.local(a):%H:%M}" for a, _b in desk.intervals(day)] for day in worked] == [[], ["10:00"], ["08:00"]]


@pytest.mark.parametrize("clock", ["02:00", "02:01", "02:10", "02:25", "02:37", "02:59:59"])
def test_an_opening_in_the_hour_left_out_is_the_change_to_the_second(clock: str) -> None:
    desk = made(timezone=BERLIN, hours={"mon-sun": [f"{clock}-05:00"]})
    ((opening, _closing),) = desk.intervals(date(2025, 3, 30))
    assert opening == datetime(2025, 3, 30, 1, tzinfo=UTC)


def test_seasons_side_by_side() -> None:
    seasons = [
        {"name": name, "from": first, "to": last, "hours": {"mon-sun": [f"{hour:02d}:00-12:00"]}}
        for name, first, last, hour in (
            ("a", "12-01", "02-28", 9),
            ("b", "02-29", "05-31", 8),
            ("c", "06-01", "11-30", 7),
        )
    ]
    desk = made(hours={"mon-sun": ["10:00-12:00"]}, season=seasons)
    days = [
        date(2024, 2, 28),
        date(2024, 2, 29),
        date(2024, 5, 31),
        date(2024, 6, 1),
        date(2024, 12, 1),
        date(2025, 1, 1),
    ]
    assert [desk.local(desk.intervals(day)[0][0]).hour for day in days] == [9, 8, 8, 7, 9, 9]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("12-01", "02-29"), ("02-29", "05-31")),
        (("01-01", "03-31"), ("12-01", "01-01")),
        (("06-01", "12-31"), ("12-31", "01-31")),
    ],
)
def test_seasons_that_share_a_day_are_refused(first: tuple[str, str], second: tuple[str, str]) -> None:
    seasons = [{"name": "s", "from": a, "to": b, "hours": {}} for a, b in (first, second)]
    with pytest.raises(Refusal, match=r"calendar\.seasons_overlap"):
        made(hours=WEEK, season=seasons)


@pytest.mark.parametrize("year", [1, 500, 1000, 9000, 9999])
def test_a_start_outside_of_all_reckoning_is_refused(year: int) -> None:
    desk = made(hours=WEEK)
    with pytest.raises(Refusal, match=r"calendar\.too_far"):
        desk.add(datetime(year, 6, 1, tzinfo=UTC), Amount(1, "working_hours"))
    for first_or_last in (1001, 8999):
        assert desk.add(datetime(first_or_last, 6, 1, tzinfo=UTC), Amount(1, "working_hours"))


def test_working_time_over_the_years_on_a_fresh_calendar() -> None:
    first, last = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 6, tzinfo=UTC)  # Mondays, 366 weeks apart
    for start, end, sign in ((first, last, 1), (last, first, -1)):
        assert made(timezone="Etc/UTC", hours=WEEK).between(start, end) == sign * 366 * timedelta(hours=40)
        desk = made(timezone="Etc/UTC", hours=WEEK)
        assert desk.is_open(start + timedelta(hours=9))  # a line about one end does not do for both
        assert desk.between(start, end) == sign * 366 * timedelta(hours=40)
