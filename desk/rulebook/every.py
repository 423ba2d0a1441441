"""How often a recurring duty comes round, as a rulebook writes it: ``each duty``, or an RRULE of a duty a person has.

An RRULE can also say "every second" or "on 30 February", which would keep the desk reckoning for minutes each time its
clock's hand moves.
"""

from __future__ import annotations

import re
from datetime import datetime

from dateutil.rrule import rrulestr

#: a Monday: the phase of "every two weeks" where a rule gives none
PHASE = datetime(2024, 1, 1)  # noqa: DTZ001  wall time; the zone is the estate's
#: nobody does one duty oftener on one day
_MOST_A_DAY = 48
_PART = re.compile(r"([A-Z]+)=([A-Z0-9+,-]{1,200})")
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")
_KEYS = ("FREQ INTERVAL WKST BYSETPOS BYMONTH BYMONTHDAY BYYEARDAY BYWEEKNO BYDAY BYHOUR BYMINUTE BYSECOND").split()
#: what hours may be narrowed down by: anything else is a duty of days
_HOURLY = {"FREQ", "INTERVAL", "BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND"}
#: the same phase 7600 years on (the calendar repeats itself every 400): a search for a day that no year has ends soon
_LATE = PHASE.replace(year=9624)
#: years within which it must come round
_YEARS = 40


def is_sound(every: object) -> bool:
    """Whether it can be reckoned: ``each duty``, or one RRULE of hours or longer that comes round at all."""
    if every == "each duty":
        return True
    parts = _parts(every) if isinstance(every, str) else None
    if parts is None or not _bounded(parts):
        return False
    try:
        first = next(iter(rrulestr(str(every), dtstart=_LATE)), None)
    except (ValueError, TypeError, OverflowError, LookupError, AttributeError):
        return False
    return first is not None and first.year < _LATE.year + _YEARS


def _parts(every: str) -> dict[str, str] | None:
    """Its parts by name; None where one is unknown, stands twice, or is not written as it should be."""
    found = [_PART.fullmatch(part) for part in every.removeprefix("RRULE:").split(";")]
    parts = {part[1]: part[2] for part in found if part is not None}
    if None in found or len(parts) != len(found) or not parts.keys() <= set(_KEYS):
        return None
    return parts


def _bounded(parts: dict[str, str]) -> bool:
    """Not oftener than anybody could do it, and in steps no finer than that."""
    frequency, interval = parts.get("FREQ"), parts.get("INTERVAL", "1")
    if frequency not in _FREQUENCIES or not re.fullmatch("[1-9][0-9]{0,2}", interval):
        return False
    if frequency == "HOURLY" and (not parts.keys() <= _HOURLY or int(interval) > 24):
        return False
    a_day = 1
    for name, otherwise in (("BYHOUR", 24 if frequency == "HOURLY" else 1), ("BYMINUTE", 1), ("BYSECOND", 1)):
        a_day *= len(set(parts[name].split(","))) if name in parts else otherwise
    return a_day <= _MOST_A_DAY
