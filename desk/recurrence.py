"""When a recurring duty comes up: an RRULE in the estate's own time, or each duty. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dateutil.rrule import rrulestr

from desk.calendars import Calendar
from desk.rulebook import Rule
from desk.rulebook.every import PHASE


def occurrences(rule: Rule, calendar: Calendar, after: datetime, upto: datetime) -> list[datetime]:
    """Occurrences later than ``after`` and not later than ``upto`` (aware UTC).

    On a closed day an occurrence ``lands`` before, after, or exactly where it is.
    """
    if rule.every is None or upto <= after:
        return []
    if rule.every == "each duty":
        found, at = [], after - timedelta(seconds=1)
        while (at := calendar.start_of_next_duty(at)) <= upto:
            if at > after:
                found.append(at)
        return found
    zone = calendar.timezone
    local_from = after.astimezone(zone).replace(tzinfo=None) - timedelta(days=15)
    local_upto = upto.astimezone(zone).replace(tzinfo=None) + timedelta(days=15)
    dates = rrulestr(rule.every, dtstart=PHASE).between(local_from, local_upto, inc=True)
    landed = {_land(rule.lands, calendar, each.replace(tzinfo=zone).astimezone(UTC)) for each in dates}
    return sorted(at for at in landed if after < at <= upto)


def _land(lands: str, calendar: Calendar, at: datetime) -> datetime:
    local = at.astimezone(calendar.timezone)
    step = {"before": -1, "after": 1}.get(lands)
    if step is None:
        return at
    for _ in range(366):
        if calendar.intervals(local.date()):
            break
        local += timedelta(days=step)
    return local.astimezone(UTC)
