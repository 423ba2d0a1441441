"""Open stretches in a row with running totals, so that an addition is two binary searches."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from desk.calendars.amounts import Interval
from desk.calendars.schedule import Schedule
from desk.errors import Refusal

ZERO: Final = timedelta(0)
_DAY: Final = timedelta(days=1)
_CENTURY: Final = 100


class Line(NamedTuple):
    """An immutable stretch of years, all instants UTC and sorted.

    ``before[i]`` is the open time up to ``starts[i]``, ``through[i]`` up to ``ends[i]``. ``openings`` are
    each duty's first, ``closings`` each duty's last; ``open_days`` the local dates with hours. It may be
    asked about instants from ``safe_from`` to before ``safe_to``.
    """

    first_year: int
    last_year: int
    safe_from: datetime
    safe_to: datetime
    starts: list[datetime]
    ends: list[datetime]
    before: list[timedelta]
    through: list[timedelta]
    openings: list[datetime]
    closings: list[datetime]
    open_days: list[date]

    def worked(self, at: datetime) -> timedelta:
        """Open time from the beginning of the line to an instant."""
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return ZERO
        end = self.ends[index]
        return self.before[index] + ((at if at < end else end) - self.starts[index])


class Timeline:
    """The lines of one schedule, made when first asked for and lengthened as needed.

    Lines never change; threads may share a timeline, the worst being that two make the same line.
    """

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._years: dict[int, _Year] = {}
        self._line: Line | None = None

    def over(self, at: datetime, to: datetime | None = None) -> Line:
        """A line that covers an instant, or two and what lies between."""
        first, last = (at, at) if to is None else (at, to) if at <= to else (to, at)
        line = self._line
        if line is not None and line.safe_from <= first and last < line.safe_to:
            return line
        return self._extend(line, first.year - 1, last.year + 1)

    def longer(self, line: Line, at: datetime) -> Line:
        """A line twice as long into the future, for a reckoning from ``at``.

        Refuses to look further than a century (``calendar.too_far``).
        """
        last = min(2 * line.last_year - line.first_year, at.year + _CENTURY)
        if last <= line.last_year:
            raise Refusal("calendar.too_far")
        return self._extend(line, at.year - 1, last)

    def earlier(self, line: Line, at: datetime) -> Line:
        """The mirror image: a line twice as long into the past."""
        first = max(2 * line.first_year - line.last_year, at.year - _CENTURY)
        if first >= line.first_year:
            raise Refusal("calendar.too_far")
        return self._extend(line, first, at.year + 1)

    def _extend(self, line: Line | None, first: int, last: int) -> Line:
        """A line over the years, and over those of ``line`` unless it lies too far from them."""
        if line is not None and max(last, line.last_year) - min(first, line.first_year) <= 4 * _CENTURY:
            first, last = min(first, line.first_year), max(last, line.last_year)
        if last - first > 4 * _CENTURY or first < 1000 or last > 9000:
            raise Refusal("calendar.too_far")
        years = [self._year(year) for year in range(first, last + 1)]
        stretches = sorted(stretch for year in years for stretch in year.stretches)
        starts, ends = _joined(stretches)
        before, through, total = [], [], ZERO
        for start, end in zip(starts, ends, strict=True):
            before.append(total)
            total += end - start
            through.append(total)
        first_openings = {opening for year in years for opening in year.openings}
        last_closings = {closing for year in years for closing in year.closings}
        day_ends = [at for year in years for at in year.day_ends if _strictly_inside(at, starts, ends)]
        line = Line(
            first_year=first,
            last_year=last,
            # The first days lack what ran over from the year before, the last what is joined to the next.
            safe_from=datetime(first, 1, 4, tzinfo=UTC),
            safe_to=datetime(last, 12, 28, tzinfo=UTC),
            starts=starts,
            ends=ends,
            before=before,
            through=through,
            openings=sorted({*first_openings.intersection(starts), *day_ends}),
            closings=sorted({*last_closings.intersection(ends), *day_ends}),
            open_days=[day for year in years for day in year.open_days],
        )
        self._line = line
        return line

    def _year(self, year: int) -> _Year:
        if year not in self._years:
            self._years[year] = _Year(self._schedule, year)
        return self._years[year]


class _Year:
    """One year's stretches, openings and closings."""

    def __init__(self, schedule: Schedule, year: int) -> None:
        self.stretches: list[Interval] = []
        self.openings: list[datetime] = []
        self.closings: list[datetime] = []
        self.day_ends: list[datetime] = []
        self.open_days: list[date] = []
        day = date(year, 1, 1)
        while day.year == year:
            intervals = schedule.day(day).intervals
            if intervals:
                self.stretches += intervals
                self.openings.append(intervals[0][0])
                self.closings.append(intervals[-1][1])
                self.open_days.append(day)
            if schedule.day_ends is not None:
                self.day_ends += [at for at, _ in schedule.instants(day, ((schedule.day_ends, 2 * _DAY),))]
            day += _DAY


def _joined(stretches: list[Interval]) -> tuple[list[datetime], list[datetime]]:
    starts: list[datetime] = []
    ends: list[datetime] = []
    for start, end in stretches:
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends


def _strictly_inside(at: datetime, starts: list[datetime], ends: list[datetime]) -> bool:
    index = bisect_right(starts, at) - 1
    return index >= 0 and starts[index] < at < ends[index]
