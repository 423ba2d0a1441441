"""The calendar: opening hours one can ask and reckon with."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from desk.calendars.amounts import Amount, Interval, Name, Reckoned
from desk.calendars.explain import spans_between
from desk.calendars.pauses import Pause, merged, utc
from desk.calendars.reading import DAY, read_toml
from desk.calendars.schedule import Day, Schedule
from desk.calendars.statutory import Statutory, statutory_years, years_of
from desk.calendars.timeline import ZERO, Timeline
from desk.errors import Refusal


@dataclass(frozen=True, eq=False, slots=True)
class Calendar:
    """Opening hours of a desk in its time zone.

    ``version`` is a short digest of everything the hours depend on, the statutory years included.
    ``known_until`` is the last date whose year's statutory days are known, None where none are asked for.
    """

    name: str
    version: str
    schedule: Schedule
    known_from: date | None = None
    known_until: date | None = None
    _timeline: Timeline = field(init=False, repr=False)
    _known: Interval | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_timeline", Timeline(self.schedule))
        known = None
        if self.known_from is not None and self.known_until is not None:
            known = self.end_of_day(self.known_from - DAY), self.end_of_day(self.known_until)
        object.__setattr__(self, "_known", known)

    @classmethod
    def from_dict(
        cls, data: Mapping[str, Any], *, name: str, statutory: Mapping[int, Statutory] | None = None
    ) -> Calendar:
        """Make a calendar of the tables of its file and the statutory years that are known.

        Raises Refusal ``calendar.*`` with file and key for an unknown key or zone, bad hours, a year
        without an open hour, a desk that never closes and does not say where its day ends.
        """
        # what an estate has imported holds before what came with the program
        years = dict(sorted({**(statutory or {}), **years_of(data, file=name)}.items()))
        schedule = Schedule.from_dict(data, file=name, statutory=years)
        if not schedule.statutory:
            return cls(name, _digest(data, {}), schedule)
        first = min(years)
        last = next(year for year in range(first, first + len(years) + 1) if year + 1 not in years)
        return cls(name, _digest(data, years), schedule, date(first, 1, 1), date(last, 12, 31))

    @property
    def timezone(self) -> ZoneInfo:
        """The zone its wall clock hangs in."""
        return self.schedule.timezone

    @property
    def title(self) -> Name | None:
        """What people call it, where its file says so."""
        return self.schedule.title

    # -- asking ------------------------------------------------------------------------------------

    def day(self, day: date) -> Day:
        """A local date's open stretches and why it has them."""
        return self.schedule.day(day)

    def intervals(self, day: date) -> tuple[Interval, ...]:
        """The open stretches that begin on a local date, UTC."""
        return self.schedule.day(day).intervals

    def is_open(self, at: datetime) -> bool:
        """Whether the desk is open; at closing time it is closed."""
        at = utc(at)
        line = self._timeline.over(at)
        index = bisect_right(line.starts, at) - 1
        return index >= 0 and at < line.ends[index]

    def next_opening(self, at: datetime) -> datetime:
        """The instant itself while the desk is open, else the next opening."""
        return self._forward(utc(at), ZERO)

    def last_closing(self, at: datetime) -> datetime:
        """The mirror image: the instant itself while open or just closing, else the closing before."""
        return self._back(utc(at), ZERO)

    def end_of_duty(self, at: datetime) -> datetime:
        """The first last-closing of a day after an instant; for a desk without closing, its day's end."""
        return self._next(utc(at), "closings")

    def start_of_next_duty(self, at: datetime) -> datetime:
        """The first first-opening of a day after an instant; lunch is not a start of duty."""
        return self._next(utc(at), "openings")

    def end_of_day(self, day: date) -> datetime:
        """Midnight at the end of a local date, UTC."""
        return self.wall(datetime.combine(day + DAY, time()))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two instants, negative where the second is the earlier."""
        return self._worked(utc(start), utc(end))

    def local(self, at: datetime) -> datetime:
        """An instant on the calendar's wall clock."""
        return utc(at).astimezone(self.timezone)

    def wall(self, wall: datetime) -> datetime:
        """The instant (UTC) of a naive wall-clock time.

        A repeated time is its first pass; one that a change leaves out is as far past the change as it
        would have been (02:30 becomes 03:30), as RFC 5545 has it.
        """
        return wall.replace(tzinfo=self.timezone, fold=0).astimezone(UTC)

    def is_provisional(self, start: datetime, due: datetime) -> bool:
        """Whether reckoning between two instants touches a year whose statutory days are not known."""
        if self._known is None:
            return False
        first, last = (start, due) if start <= due else (due, start)
        known, unknown = self._known
        # Midnight at the end of the last known day is still that day's closing, but no longer its opening.
        return not known <= first < unknown >= last

    # -- reckoning ---------------------------------------------------------------------------------

    def add(
        self,
        start: datetime,
        amount: Amount,
        *,
        pauses: Iterable[Pause] = (),
        counts_from: Literal["opening"] | None = None,
        runs_through_pauses: bool = False,
        until: datetime | None = None,
        explain: bool = False,
    ) -> Reckoned:
        """When an amount that began at ``start`` is used up.

        A pause without end is taken as ended at ``until``, or as not begun when that is None. With
        ``counts_from="opening"`` the start first moves to the next opening (going back: to the last
        closing). ``explain`` fills the spans. Raises ValueError for naive datetimes, Refusal
        ``calendar.too_far`` for what lies centuries away.
        """
        begin = start if start.tzinfo is UTC else utc(start)
        stops = () if runs_through_pauses or not pauses else merged(pauses, until)
        value, length, working = amount.value, amount.length, amount.working
        at = begin
        if counts_from is not None:
            at = self._forward(at, ZERO) if value >= 0 else self._back(at, ZERO)
        try:
            if length is None:
                due = self._add_days(at, amount, stops)
            elif stops:
                due = self._walk(at, length, stops, working=working)
            elif working:
                due = self._forward(at, length) if value >= 0 else self._back(at, -length)
            else:
                due = at + length
        except OverflowError:
            raise Refusal("calendar.too_far") from None
        consulted = working or counts_from is not None
        provisional = consulted and self._known is not None and self.is_provisional(begin, due)
        if not explain:
            return Reckoned(due, provisional)
        return Reckoned(due, provisional, spans_between(self.schedule, begin, at, due, stops, working=working))

    def _walk(self, at: datetime, amount: timedelta, stops: tuple[Interval, ...], *, working: bool) -> datetime:
        """Use up working or elapsed time, standing still in pauses; a negative amount goes back."""
        step = self._step if working else _elapse
        measure = self._worked if working else _elapsed
        if amount >= ZERO:
            for start, end in stops:
                if end <= at:
                    continue
                if start > at:
                    room = measure(at, start)
                    # A zero budget has no last moment before the pause: it waits for an open, unpaused one.
                    if amount < room or (amount == room and amount):
                        break
                    amount -= room
                at = end
        else:
            for start, end in reversed(stops):
                if start >= at:
                    continue
                if end < at:
                    room = measure(end, at)
                    if -amount <= room:
                        break
                    amount += room
                at = start
        return step(at, amount)

    def _add_days(self, start: datetime, amount: Amount, stops: tuple[Interval, ...]) -> datetime:
        """Days and months at the same wall-clock time, then moved by the time paused."""
        due = self._working_days(start, amount.value) if amount.working else self._wall_days(start, amount)
        if not stops:
            return due
        measure = self._worked if amount.working else _elapsed
        low, high = sorted((start, due))
        overlaps = ((max(low, first), min(high, last)) for first, last in stops)
        paused = sum((measure(first, last) for first, last in overlaps if first < last), ZERO)
        if not paused:
            return due
        return self._walk(due, paused if amount.value >= 0 else -paused, stops, working=amount.working)

    def _wall_days(self, start: datetime, amount: Amount) -> datetime:
        if not amount.value:
            return start
        wall = start.astimezone(self.schedule.timezone)
        if amount.unit == "days":
            return _on_the_wall(wall, timedelta(amount.value))
        today = wall.date()
        return _on_the_wall(wall, add_months(today, amount.value) - today)

    def _working_days(self, start: datetime, value: int) -> datetime:
        if not value:
            return self._forward(start, ZERO)
        wall = start.astimezone(self.schedule.timezone)
        today = wall.date()
        line = self._timeline.over(start)
        while True:
            days = line.open_days
            at = bisect_right(days, today) - 1 if value > 0 else bisect_left(days, today)
            index = at + value
            if index >= len(days):
                line = self._timeline.longer(line, start)
            elif index < 0:
                line = self._timeline.earlier(line, start)
            else:
                break
        due = _on_the_wall(wall, days[index] - today)
        line = self._timeline.over(due)
        index = bisect_left(line.ends, due)
        if index < len(line.ends) and line.starts[index] <= due:
            return due  # open, opening or just closing: it stands
        return self._forward(due, ZERO) if value > 0 else self._back(due, ZERO)

    def _step(self, at: datetime, amount: timedelta) -> datetime:
        return self._forward(at, amount) if amount >= ZERO else self._back(at, -amount)

    def _forward(self, at: datetime, amount: timedelta) -> datetime:
        """The first instant by which so much working time has passed; for zero the next open instant."""
        line = self._timeline.over(at)
        while True:
            index = bisect_right(line.starts, at) - 1
            if index < 0:
                target = amount
            elif at < line.ends[index]:
                due = at + amount
                if due <= line.ends[index]:
                    return due
                target = due - line.starts[index] + line.before[index]
            else:
                target = line.through[index] + amount
            # Zero must leave a closing behind, anything more may end on one.
            index = bisect_left(line.through, target) if amount else bisect_right(line.through, target)
            if index < len(line.starts):
                return line.starts[index] + (target - line.before[index])
            line = self._timeline.longer(line, at)

    def _back(self, at: datetime, amount: timedelta) -> datetime:
        """The last instant after which so much working time passes; for zero the last open or closing one."""
        line = self._timeline.over(at)
        while True:
            target = line.worked(at) - amount
            if amount:
                index = bisect_right(line.before, target) - 1 if target >= ZERO else -1
            else:
                index = bisect_left(line.before, target) - 1
            if index >= 0:
                return line.starts[index] + (target - line.before[index])
            line = self._timeline.earlier(line, at)

    def _worked(self, start: datetime, end: datetime) -> timedelta:
        line = self._timeline.over(start, end)
        return line.worked(end) - line.worked(start)

    def _next(self, at: datetime, which: Literal["openings", "closings"]) -> datetime:
        line = self._timeline.over(at)
        while True:
            instants = line.openings if which == "openings" else line.closings
            index = bisect_right(instants, at)
            # At its very end a line cannot tell a closing from a midnight the desk works through.
            if index < len(instants) and instants[index] < line.safe_to:
                return instants[index]
            line = self._timeline.longer(line, at)


def add_months(day: date, months: int) -> date:
    """The same day so many months on (or back); the 31st clamps to the month's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise Refusal("calendar.too_far")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _on_the_wall(wall: datetime, days: timedelta) -> datetime:
    """The same time of the wall clock so many days on, as :meth:`Calendar.wall` has it, in UTC."""
    # Python adds to the wall clock and takes the first pass of a repeated time; the zone is asked only afterwards
    return (wall + days).astimezone(UTC)


def _elapse(at: datetime, amount: timedelta) -> datetime:
    return at + amount


def _elapsed(start: datetime, end: datetime) -> timedelta:
    return end - start


def _digest(data: Mapping[str, Any], years: Mapping[int, Statutory]) -> str:
    days = {
        str(year): [[str(day), *name] for table in (known.off, known.make_up) for day, name in sorted(table.items())]
        for year, known in years.items()
    }
    text = json.dumps([data, days], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def load_calendar(path: Path, statutory_dir: Path) -> Calendar:
    """Read a calendar file and the ``cn-*.toml`` years beside it. Refuses as :meth:`Calendar.from_dict`."""
    return Calendar.from_dict(read_toml(path), name=path.stem, statutory=statutory_years(statutory_dir))
