"""Lengths of time and moments as people say them. Instants are aware; they are shown in the zone given."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from desk.i18n import N_, _
from desk.when import ending

#: from Monday on
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def duration(length: timedelta) -> str:
    """``45 s``, ``5 min``, ``2 h 05 min``, ``3 d 4 h``: two units at most, never negative."""
    seconds = abs(int(length.total_seconds()))
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return _("{d} d {h} h").format(d=days, h=hours) if hours else _("{d} d").format(d=days)
    if hours:
        return _("{h} h {m} min").format(h=hours, m=f"{minutes:02d}") if minutes else _("{h} h").format(h=hours)
    if minutes:
        return _("{m} min {s} s").format(m=minutes, s=f"{rest:02d}") if rest else _("{m} min").format(m=minutes)
    return _("{s} s").format(s=rest)


def countdown(due: datetime, now: datetime) -> str:
    """What is left, to the second within the hour (``4:12``); what is past, as a duration."""
    rest = due - now
    if timedelta(0) <= rest < timedelta(hours=1):
        minutes, seconds = divmod(int(rest.total_seconds()), 60)
        return f"{minutes}:{seconds:02d}"
    return duration(rest if rest < timedelta(hours=1) else rest - timedelta(seconds=rest.seconds % 60))


def left(due: datetime, now: datetime) -> str:
    """``4:12 left`` or ``2 h overdue``."""
    if due < now:
        late = now - due
        if late >= timedelta(minutes=1):
            late -= timedelta(seconds=late.seconds % 60)
        return _("{time} overdue").format(time=duration(late))
    return _("{time} left").format(time=countdown(due, now))


def day(when: date) -> str:
    """Month and day with the weekday: ``03-02 Mon``."""
    return _("{month}-{day} {weekday}").format(month=f"{when.month:02d}", day=f"{when.day:02d}", weekday=weekday(when))


def weekday(when: date) -> str:
    """``Mon``."""
    return _(WEEKDAYS[when.weekday()])


def moment(
    at: datetime, zone: tzinfo, now: datetime | None = None, *, seconds: bool = False, until: bool = False
) -> str:
    """A time of today by the clock alone, another by date and clock; the year where it is not this one.

    To the minute; ``seconds`` are said too where limits are as short as that, or two times are compared. ``until``
    says that it is the end of a limit: a day's is its 24:00.
    """
    local = at.astimezone(zone)
    day, clock = ending(local) if until else (local.date(), f"{local:%H:%M}")
    if seconds and local.second:
        clock = f"{local:%H:%M:%S}"
    today = now.astimezone(zone).date() if now is not None else None
    if day == today:
        return clock
    if today is not None and day.year == today.year:
        return f"{day:%m-%d} {clock}"
    return f"{day:%Y-%m-%d} {clock}"
