"""Why a deadline is due when it is: each stretch counted, skipped or paused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from desk.calendars.amounts import Interval, Span, SpanKind
from desk.calendars.reading import DAY
from desk.calendars.schedule import Day, Schedule

_SATURDAY: Final = 5


def spans_between(
    schedule: Schedule,
    begin: datetime,
    counted_from: datetime,
    due: datetime,
    stops: Sequence[Interval],
    *,
    working: bool,
) -> tuple[Span, ...]:
    """The stretches from ``begin`` to ``due`` (or, going back, from ``due`` to ``begin``), in order of time.

    What lies between ``begin`` and ``counted_from`` was skipped because counting waited for an opening.
    """
    first, last = sorted((counted_from, due))
    counting = list(_with_stops(schedule, first, last, stops, working=working))
    waiting = list(_by_hours(schedule, *sorted((begin, counted_from)))) if begin != counted_from else []
    return _joined(sorted(waiting + counting))


def _with_stops(
    schedule: Schedule, first: datetime, last: datetime, stops: Sequence[Interval], *, working: bool
) -> Iterator[Span]:
    at = first
    for start, end in stops:
        start, end = max(start, at), min(end, last)
        if start >= end:
            continue
        yield from _unpaused(schedule, at, start, working=working)
        yield Span(start, end, "paused")
        at = end
    yield from _unpaused(schedule, at, last, working=working)


def _unpaused(schedule: Schedule, first: datetime, last: datetime, *, working: bool) -> Iterator[Span]:
    if first >= last:
        return
    if working:
        yield from _by_hours(schedule, first, last)
    else:
        yield Span(first, last, "counted")


def _by_hours(schedule: Schedule, first: datetime, last: datetime) -> Iterator[Span]:
    """Open stretches as counted, the rest of each local date by what closed it."""
    day = first.astimezone(schedule.timezone).date()
    yesterday = schedule.day(day - DAY)  # its duty may run over midnight
    at = first
    while at < last:
        today = schedule.day(day)
        end = min(schedule.midnight(day + DAY), last)
        for source in (yesterday, today):
            name = source.name if source.why == "make_up" else None
            for opening, closing in source.intervals:
                opening, closing = max(opening, at), min(closing, end)
                if opening < closing:
                    yield from _gap(schedule, today, at, opening)
                    yield Span(opening, closing, "counted", name)
                    at = closing
        yield from _gap(schedule, today, at, end)
        at, yesterday, day = end, today, day + DAY


def _gap(schedule: Schedule, today: Day, first: datetime, last: datetime) -> Iterator[Span]:
    """A closed stretch of one local date, told apart by what closed it."""
    if first >= last:
        return
    row, why, name = schedule.row(today.date)
    if not row:
        kind: SpanKind = "closed"
        if why == "holiday":
            kind = "holiday"
        elif why != "exact" and today.date.weekday() >= _SATURDAY:
            kind = "weekend"
        yield Span(first, last, kind, name)
        return
    hours = schedule.instants(today.date, row)
    over_midnight = row[-1][1] > DAY
    at = first
    for start, end in schedule.closed_spans(today.date):
        start, end = max(start, at), min(end, last)
        if start < end:
            yield from _pause_of_day(hours, at, start, over_midnight=over_midnight)
            yield Span(start, end, "closed")
            at = end
    yield from _pause_of_day(hours, at, last, over_midnight=over_midnight)


def _pause_of_day(hours: Sequence[Interval], first: datetime, last: datetime, *, over_midnight: bool) -> Iterator[Span]:
    """Lunch lies between two stretches of a day, night before or after; a night desk's day is neither."""
    if first < last:
        between = any(end <= first for _, end in hours) and any(last <= start for start, _ in hours)
        yield Span(first, last, "lunch" if between else "closed" if over_midnight else "night")


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in spans:
        before = joined[-1] if joined else None
        if before and before.end == span.start and before[2:] == span[2:]:
            joined[-1] = before._replace(end=span.end)
        else:
            joined.append(span)
    return tuple(joined)
