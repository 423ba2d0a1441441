"""Pauses: stretches in which a clock stands still."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from desk.calendars.amounts import Interval

Pause = tuple[datetime, datetime | None]
"""A pause from its first instant to its last; an end of None is a pause that still lasts."""


def utc(at: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime: it names no instant."""
    if at.tzinfo is None:
        raise ValueError(f"a datetime without time zone: {at}")
    return at.astimezone(UTC)


def merged(pauses: Iterable[Pause], until: datetime | None) -> tuple[Interval, ...]:
    """The pauses in UTC, in order, overlapping and touching ones made one.

    A pause that still lasts is taken as ended at ``until`` (usually now); without it, as not begun.
    """
    closed = []
    for start, end in pauses:
        start = utc(start)
        end = utc(end) if end is not None else start if until is None else utc(until)
        if start < end:
            closed.append((start, end))
    joined: list[Interval] = []
    for start, end in sorted(closed):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)
