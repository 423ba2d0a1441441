"""A slow, plain reckoner: the same rules, walked step by step, sharing no code with desk.calendars.

It reads the tables of a calendar file as they are written, asks of every second or minute whether the desk is
open, and counts. All times are whole steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY = timedelta(days=1)
Span = tuple[datetime, datetime]
Hours = list[tuple[timedelta, timedelta]]


def offset(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def read_hours(spans: list[str]) -> Hours:
    hours = []
    for span in spans:
        start, end = (offset(text) for text in span.split("-"))
        hours.append((start, end if end > start else end + DAY))
    return hours


def of_weekday(table: Mapping[str, list[str]], weekday: int) -> list[str] | None:
    for key, spans in table.items():
        first, _, last = key.partition("-")
        if WEEKDAYS.index(first) <= weekday <= WEEKDAYS.index(last or first):
            return spans
    return None


class Reckoner:
    """``data`` as in a calendar file; ``off`` and ``make_up`` as ISO dates."""

    def __init__(
        self,
        data: Mapping[str, Any],
        off: frozenset[str] = frozenset(),
        make_up: frozenset[str] = frozenset(),
        step: timedelta = timedelta(minutes=1),
    ) -> None:
        self.data, self.off, self.make_up, self.step = data, off, make_up, step
        self.zone = ZoneInfo(data["timezone"])
        self._open: dict[datetime, bool] = {}
        self._days: dict[date, Hours] = {}

    def in_force(self, day: date, weekday: int) -> list[str]:
        for season in self.data.get("season", []):
            month_day, first, last = day.isoformat()[5:], season["from"], season["to"]
            holds = first <= month_day <= last if first <= last else month_day >= first or month_day <= last
            if holds and (spans := of_weekday(season["hours"], weekday)) is not None:
                return spans
        return of_weekday(self.data["hours"], weekday) or []

    def hours_of(self, day: date) -> Hours:
        if day not in self._days:
            self._days[day] = self.read_day(day)
        return self._days[day]

    def read_day(self, day: date) -> Hours:
        text, weekday = day.isoformat(), day.weekday()
        if text in self.data.get("days", {}):
            spans = self.data["days"][text]
            return [] if spans == "closed" else read_hours(spans)
        if text in self.off:
            return []
        spans = self.in_force(day, weekday)
        if text in self.make_up and not spans:
            spans = self.in_force(day, {5: 4, 6: 0}.get(weekday, weekday))
        return read_hours(spans)

    def wall(self, at: datetime) -> datetime:
        """The wall clock; in a repeated hour it stands at the moment before it was put back."""
        local = at.astimezone(self.zone)
        while local.fold:
            at -= self.step
            local = at.astimezone(self.zone)
        return local.replace(tzinfo=None)

    def is_open(self, at: datetime) -> bool:
        if at not in self._open:
            self._open[at] = self._look(self.wall(at))
        return self._open[at]

    def _look(self, wall: datetime) -> bool:
        today = datetime.combine(wall.date(), time())
        for start, end in read_hours(self.data.get("closed", {}).get(today.date().isoformat(), [])):
            if today + start <= wall < today + end:
                return False
        for midnight in (today, today - DAY):
            for start, end in self.hours_of(midnight.date()):
                if midnight + start <= wall < midnight + end:
                    return True
        return False

    def works_on(self, day: date) -> bool:
        """Whether a duty begins on the date and is not closed from end to end."""
        midnight = datetime.combine(day, time())
        for start, end in self.hours_of(day):
            wall = midnight + start
            while wall < midnight + end:
                if self._look(wall):
                    return True
                wall += timedelta(minutes=1)
        return False

    def counts(self, at: datetime, working: bool, pauses: list[Span]) -> bool:
        if any(start <= at < end for start, end in pauses):
            return False
        return self.is_open(at) if working else True

    def walk(self, at: datetime, steps: int, working: bool, pauses: list[Span]) -> datetime:
        """So many counted steps on; back, when negative; zero waits for one that counts."""
        if steps == 0:
            while not self.counts(at, working, pauses):
                at += self.step
        while steps > 0:
            steps -= self.counts(at, working, pauses)
            at += self.step
        while steps < 0:
            at -= self.step
            steps += self.counts(at, working, pauses)
        return at

    def add_days(self, start: datetime, days: int, working: bool, pauses: list[Span]) -> datetime:
        """Positive days only."""
        local = start.astimezone(self.zone).replace(tzinfo=None)
        day = local.date()
        if working:
            for _ in range(days):
                day += DAY
                while not self.works_on(day):
                    day += DAY
        else:
            day += days * DAY
        wall = datetime.combine(day, time()) + (local - datetime.combine(local.date(), time()))
        due = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if working and not self.is_open(due - self.step):
            while not self.is_open(due):
                due += self.step
        paused, at = 0, start
        while at < due:
            paused += self.counts(at, working, []) and not self.counts(at, working, pauses)
            at += self.step
        return self.walk(due, paused, working, pauses) if paused else due
