"""Which hours a date has, and why: design section 3, rule 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from desk.calendars.amounts import Interval, Name
from desk.calendars.reading import (
    DAY,
    Row,
    Table,
    nearest,
    parse_clock,
    parse_date,
    parse_name,
    parse_row,
    parse_week,
)
from desk.calendars.statutory import Statutory, all_days

Why = Literal["exact", "holiday", "make_up", "season", "weekly"]

_KEYS: Final = ("timezone", "title", "holidays", "day_ends", "hours", "season", "days", "closed", "statutory")
_SATURDAY, _SUNDAY, _FRIDAY, _MONDAY = 5, 6, 4, 0


@dataclass(frozen=True, slots=True)
class Day:
    """One date as the calendar sees it.

    ``intervals`` are the open stretches that begin on the date (UTC, closed spans taken out); ``why`` says
    which table gave them; ``name`` is the holiday's or the season's.
    """

    date: date
    intervals: tuple[Interval, ...]
    why: Why
    name: Name | None = None


@dataclass(frozen=True, slots=True)
class Season:
    """Hours that hold from one day of the year to another, both included; may run over New Year."""

    name: Name
    first: tuple[int, int]
    last: tuple[int, int]
    week: Mapping[int, Row]

    def holds(self, month_day: tuple[int, int]) -> bool:
        """Whether the season holds on this (month, day)."""
        if self.first <= self.last:
            return self.first <= month_day <= self.last
        return month_day >= self.first or month_day <= self.last


@dataclass(frozen=True, slots=True)
class Schedule:
    """The tables of a calendar, read and checked; turns a date into hours."""

    timezone: ZoneInfo
    title: Name | None
    statutory: bool
    day_ends: timedelta | None
    week: Mapping[int, Row]
    seasons: tuple[Season, ...]
    exact: Mapping[date, Row]
    closed: Mapping[date, Row]
    off: Mapping[date, Name] = field(default_factory=dict)
    make_up: Mapping[date, Name] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, file: str, statutory: Mapping[int, Statutory]) -> Schedule:
        """Read the tables of a calendar file. Refuses, code ``calendar.*``, with file and key named."""
        table = Table(data, file=file, valid=_KEYS)
        use_statutory = _holidays(table)
        if use_statutory and not statutory:
            raise table.refuse("calendar.statutory_missing", "holidays")
        off, make_up = all_days(statutory.values()) if use_statutory else ({}, {})
        schedule = cls(
            timezone=_timezone(table),
            title=_title(table),
            statutory=use_statutory,
            day_ends=parse_clock(table, "day_ends", table.string("day_ends")) if "day_ends" in data else None,
            week=parse_week(table.table("hours", valid=None)),
            seasons=_seasons(table),
            exact=_exact(table.table("days", valid=None)),
            closed=_closed(table.table("closed", valid=None)),
            off=off,
            make_up=make_up,
        )
        schedule._check(table)
        return schedule

    def row(self, day: date) -> tuple[Row, Why, Name | None]:
        """The hours of a date before closed spans are taken out, which table gave them, and its name."""
        if (exact := self.exact.get(day)) is not None:
            return exact, "exact", None
        if (name := self.off.get(day)) is not None:
            return (), "holiday", name
        season = next((s for s in self.seasons if s.holds((day.month, day.day))), None)
        weekday = day.weekday()
        if (name := self.make_up.get(day)) is not None:
            row = self._in_force(season, weekday)[0]
            if not row and weekday in (_SATURDAY, _SUNDAY):
                row = self._in_force(season, _FRIDAY if weekday == _SATURDAY else _MONDAY)[0]
            return row, "make_up", name
        return self._in_force(season, weekday)

    def _in_force(self, season: Season | None, weekday: int) -> tuple[Row, Why, Name | None]:
        if season is not None and weekday in season.week:
            return season.week[weekday], "season", season.name
        return self.week.get(weekday, ()), "weekly", None

    def changes(self, other: Schedule) -> set[date]:
        """The dates that are a holiday or a make-up workday in one of two schedules only."""
        return set(self.off) ^ set(other.off) | set(self.make_up) ^ set(other.make_up)

    def day(self, day: date) -> Day:
        """A date's open stretches and where they come from."""
        row, why, name = self.row(day)
        stretches = self.instants(day, row)
        # A span closed tomorrow morning also cuts the duty that runs into it over midnight.
        if row and row[-1][1] > DAY:
            stretches = _without(stretches, self.closed_spans(day + DAY))
        if self.closed:
            stretches = _without(stretches, self.closed_spans(day))
        return Day(day, tuple(stretches), why, name)

    def midnight(self, day: date) -> datetime:
        """The instant at which a local date begins."""
        return self._instant(datetime.combine(day, time()))

    def closed_spans(self, day: date) -> list[Interval]:
        """The spans within a date when the desk is closed whatever its hours say."""
        row = self.closed.get(day)
        return self.instants(day, row) if row else []

    def instants(self, day: date, row: Row) -> list[Interval]:
        """Wall-clock offsets of a date as instants; what a clock change leaves empty is dropped."""
        midnight = datetime.combine(day, time())
        offset = _midnight_offset(self.timezone, day)
        if offset == _midnight_offset(self.timezone, day + 2 * DAY):
            base = (midnight - offset).replace(tzinfo=UTC)
            return [(base + start, base + end) for start, end in row]
        moved = ((self._instant(midnight + start), self._instant(midnight + end)) for start, end in row)
        return [(start, end) for start, end in moved if start < end]

    def _instant(self, wall: datetime) -> datetime:
        """When the wall clock reaches a time, on a date on which it may be changed.

        A repeated time is its first pass; a time left out is reached at the change itself, so that a desk
        that opens at 02:30 is open when the clock jumps from 02:00 to 03:00.
        """
        before = _offset(wall, self.timezone)
        after = _offset(wall.replace(fold=1), self.timezone)
        at = (wall - before).replace(tzinfo=UTC)
        if after <= before:
            return at
        low, high = at - (after - before), at  # the change lies in (low, high]
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) // 2
            if middle.astimezone(self.timezone).utcoffset() == before:
                low = middle
            else:
                high = middle
        return high.replace(microsecond=0)

    def _check(self, table: Table) -> None:
        mentioned = {day.year for days in (self.exact, self.off, self.make_up) for day in days}
        # 2000 stands for every year of which nothing is said; it has a 29 February.
        for year in sorted(mentioned | {2000}):
            days = [date(year, 1, 1) + timedelta(n) for n in range(365)]
            rows = [self.row(day)[0] for day in days]
            if not any(rows):
                if year == 2000:
                    raise table.refuse("calendar.never_open", "hours")
                raise table.refuse("calendar.no_open_hour", "days", year=year)
            if self.day_ends is None and _never_closes(rows):
                raise table.refuse("calendar.day_ends_missing", "day_ends")


def _never_closes(rows: Sequence[Row]) -> bool:
    """Whether the hours of days in a row leave no gap between them."""
    reached = rows[0][0][0] if rows[0] else timedelta()
    for number, row in enumerate(rows):
        for start, end in row:
            if number * DAY + start > reached:
                return False
            reached = max(reached, number * DAY + end)
    return reached >= len(rows) * DAY


@lru_cache(maxsize=16384)
def _midnight_offset(timezone: ZoneInfo, day: date) -> timedelta:
    """Asked twice of every date of every calendar, and most of what making a year's stretches costs."""
    return _offset(datetime.combine(day, time()), timezone)


def _offset(wall: datetime, timezone: ZoneInfo) -> timedelta:
    return timezone.utcoffset(wall.replace(tzinfo=timezone)) or timedelta()


def _without(stretches: list[Interval], spans: list[Interval]) -> list[Interval]:
    for start, end in spans:
        kept = []
        for opening, closing in stretches:
            kept += [(opening, min(closing, start)), (max(opening, end), closing)]
        stretches = [(opening, closing) for opening, closing in kept if opening < closing]
    return stretches


def _timezone(table: Table) -> ZoneInfo:
    text = table.string("timezone")
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        close = nearest(text, sorted(available_timezones()))
        raise table.refuse("calendar.timezone_unknown", "timezone", text=text, nearest=close) from None


def _holidays(table: Table) -> bool:
    text = table.string("holidays")
    if text not in ("CN", "none"):
        raise table.refuse("calendar.bad_value", "holidays", text=text, expected='"CN", "none"')
    return text == "CN"


def _title(table: Table) -> Name | None:
    if "title" not in table.data:
        return None
    return parse_name(Table({"name": table.data["title"]}, file=table.file, valid=None, at="title"))


def _seasons(table: Table) -> tuple[Season, ...]:
    seasons: list[Season] = []
    for entry in table.tables("season", valid=("name", "from", "to", "hours")):
        season = Season(
            parse_name(entry),
            _month_day(entry, "from"),
            _month_day(entry, "to"),
            parse_week(entry.table("hours", valid=None)),
        )
        year = [date(2000, 1, 1) + timedelta(n) for n in range(366)]
        for other in seasons:
            if any(season.holds((d.month, d.day)) and other.holds((d.month, d.day)) for d in year):
                raise entry.refuse("calendar.seasons_overlap", "from", text=other.name.en)
        seasons.append(season)
    return tuple(seasons)


def _month_day(table: Table, key: str) -> tuple[int, int]:
    text = table.string(key)
    try:
        day = date.fromisoformat(f"2000-{text}")
    except ValueError:
        raise table.refuse("calendar.bad_value", key, text=text, expected="06-01") from None
    return day.month, day.day


def _exact(table: Table) -> dict[date, Row]:
    rows: dict[date, Row] = {}
    for key, value in table.data.items():
        rows[parse_date(table, key, key)] = () if value == "closed" else parse_row(table, key, value)
    return rows


def _closed(table: Table) -> dict[date, Row]:
    return {
        parse_date(table, key, key): parse_row(table, key, value, within_day=True) for key, value in table.data.items()
    }
