"""Checking the arithmetic against a table of cases, ours or other projects'.

A case is a JSON object: ``timezone``, ``hours`` by weekday as ``[["09:00", "17:00"], …]``, ``holidays`` as
dates; optionally ``make_up`` (make-up workdays), ``seasons`` (``from``, ``to``, ``hours``), ``days`` (exact
dates), ``closed`` (spans within a date), ``pauses`` as pairs of instants, ``day_ends``; ``start``, ``add`` and
``unit``; ``expected``. Projects spell these alike but not the same: a weekday may be written out, a span be an
object, midnight to midnight mean the whole day; ``0.5`` hours are 30 minutes; an instant without a zone is the
case's wall clock. What has two readings is refused, for that case alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from desk.calendars.amounts import SPAN_UNITS, UNITS, Amount, Name, Unit
from desk.calendars.calendar import Calendar
from desk.calendars.pauses import Pause
from desk.calendars.reading import DAY, WEEKDAYS, Table, parse_clock, parse_date
from desk.calendars.statutory import Statutory
from desk.errors import Refusal

_UNITS: Mapping[str, Unit] = {unit if unit.startswith("working_") else f"elapsed_{unit}": unit for unit in UNITS}
_WEEKDAYS: Final = {
    f"{word}{end}": word
    for word, ends in zip(WEEKDAYS, ("day", "sday", "nesday", "rsday", "day", "urday", "day"), strict=True)
    for end in ("", ends)
} | {"tues": "tue", "weds": "wed", "thur": "thu", "thurs": "thu"}
_CALENDAR: Final = ("timezone", "hours", "holidays", "make_up", "seasons", "days", "closed", "day_ends")
_ENDS: Final = (("start", "end"), ("from", "to"), ("begin", "end"), ("open", "close"), ("opens", "closes"))
_NUMBER: Final = re.compile(r"[+-]?\d{1,18}(\.\d{1,9})?", re.ASCII)
_OFFSET: Final = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?00)?", re.ASCII)
#: for a case that leaves out what its reckoning does not ask
_ALWAYS: Final[Mapping[str, Any]] = {"timezone": "Etc/UTC", "hours": {"mon-sun": ["00:00-24:00"]}}


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one case. Instants are in the zone the case was written in.

    ``due`` is None for a case that was refused, for the reason ``refusal``. ``agrees`` is None for one that
    expects nothing; one that expects ``null`` expects to be refused.
    """

    id: str
    due: datetime | None
    expected: str | None
    agrees: bool | None
    refusal: Refusal | None = None


def check(case: object, number: int, calendar: Calendar | None = None) -> Checked:
    """Reckon one case, the ``number``-th of its table, and hold it against what it expects. Refuses nothing.

    ``calendar`` is that of a case that describes none of its own.
    """
    given: Mapping[str, Any] = case if isinstance(case, Mapping) else {}
    name = _id(given, number)
    expected = given.get("expected")
    text = None if expected is None else str(expected)
    try:
        if not given:
            raise Refusal("cases.no_case", file=name)
        table = Table(given, file=name, valid=None)
        made = _calendar_for(table, calendar)
        at = _as_written(_reckon(table, made), given.get("start"), made)
        wanted = None if expected is None else _instant(table, "expected", expected, made)
    except Refusal as refusal:
        agrees = "expected" in given and expected is None
        return Checked(name, None, text, agrees, refusal)
    return Checked(name, at, text, None if "expected" not in given else at == wanted)


def verify(case: Mapping[str, Any]) -> datetime:
    """When the case's amount is used up, in the zone of its calendar.

    Raises Refusal ``calendar.*`` for a case that cannot be read; unknown keys such as ``id``, ``source`` and
    ``expected`` are left alone.
    """
    table = Table(case, file=_id(case, 1), valid=None)
    made = _calendar_for(table, None)
    return _as_written(_reckon(table, made), None, made)


def calendar_of_case(case: Mapping[str, Any]) -> Calendar:
    """The calendar a case describes; cases that describe the same one share it."""
    return _calendar_for(Table(case, file=_id(case, 1), valid=None), None)


def _id(case: Mapping[str, Any], number: int) -> str:
    found = case.get("id")
    return str(number) if found is None or found == "" else str(found)


# -- reckoning --------------------------------------------------------------------------------------


def _reckon(table: Table, calendar: Calendar) -> datetime:
    counts_from = table.data.get("counts_from")
    if counts_from not in (None, "start", "opening"):
        raise table.refuse("calendar.bad_value", "counts_from", text=str(counts_from), expected='"opening"')
    start = _instant(table, "start", table.data.get("start"), calendar)
    try:
        return calendar.add(
            start,
            _amount(table),
            pauses=list(_pauses(table, calendar)),
            counts_from="opening" if counts_from == "opening" else None,
            runs_through_pauses=table.data.get("runs_through_pauses") is True,
        ).due_at
    except OverflowError:
        raise Refusal("calendar.too_far") from None


def _as_written(due: datetime, start: object, calendar: Calendar) -> datetime:
    """A case whose start is written in UTC is answered in UTC, any other on its calendar's wall clock."""
    in_utc = isinstance(start, str) and start.rstrip()[-1:] in ("Z", "z")
    try:
        return due if in_utc else calendar.local(due)
    except OverflowError:
        raise Refusal("calendar.too_far") from None


def _amount(table: Table) -> Amount:
    unit, value = _unit(table), _number(table)
    if value == int(value):
        return Amount(int(value), unit)
    step = SPAN_UNITS.get(unit)
    seconds = value * int(step.total_seconds()) if step is not None else value
    if seconds != int(seconds):
        raise table.refuse("calendar.bad_value", "add", text=str(value), expected="a number")
    return Amount(int(seconds), "working_seconds" if unit.startswith("working_") else "seconds")


def _unit(table: Table) -> Unit:
    given = table.string("unit")
    word = given.strip().lower().replace(" ", "_").replace("-", "_")
    for unit in (word, f"{word}s", f"elapsed_{word}", f"elapsed_{word}s"):
        if unit in _UNITS:
            return _UNITS[unit]
    raise table.refuse("calendar.bad_value", "unit", text=given, expected=", ".join(_UNITS))


def _number(table: Table) -> Decimal:
    """The amount, exactly as it is written: half hours are minutes, never nearly so."""
    value = table.data.get("add")
    if isinstance(value, str | float) and _NUMBER.fullmatch(str(value).strip()):
        return Decimal(str(value).strip())
    return Decimal(table.integer("add"))


def _pauses(table: Table, calendar: Calendar) -> Iterator[Pause]:
    for item in _list(table, "pauses"):
        start, end = _pair(table, "pauses", item)
        yield (
            _instant(table, "pauses", start, calendar),
            None if end is None else _instant(table, "pauses", end, calendar),
        )


def _instant(table: Table, key: str, value: object, calendar: Calendar) -> datetime:
    """An instant; without a zone, of the case's wall clock."""
    at = None
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value.strip())
            if at.tzinfo is None:
                return calendar.wall(at)
            return at.astimezone(UTC)
        except ValueError:
            at = None
        except OverflowError:
            raise Refusal("calendar.too_far") from None
    if value is None and key not in table.data:
        raise table.refuse("calendar.missing_key", key)
    raise table.refuse("calendar.bad_value", key, text=str(value), expected="2026-03-10T09:00:00+08:00")


# -- the calendar of a case -------------------------------------------------------------------------


def _calendar_for(table: Table, calendar: Calendar | None) -> Calendar:
    described = {key: table.data[key] for key in _CALENDAR if table.data.get(key) is not None}
    if calendar is not None and not described:
        return calendar
    unasked = _unasked(table)
    described = {**{key: value for key, value in _ALWAYS.items() if key in unasked}, **described}
    text = json.dumps(described, default=str)
    try:
        return _made(text)
    except Refusal as refusal:
        # the same calendar may be another case's: this one's name goes into the message
        raise Refusal(refusal.code, **{**refusal.params, "file": table.file}) from None


def _unasked(table: Table) -> tuple[str, ...]:
    """What the reckoning does not ask of the calendar, so that a case may leave it out."""
    try:
        unit = _unit(table)
    except Refusal:
        return ()
    if unit.startswith("working_") or table.data.get("counts_from") is not None:
        return ()
    return ("hours", "timezone") if unit in SPAN_UNITS else ("hours",)


@lru_cache(maxsize=256)
def _made(text: str) -> Calendar:
    table = Table(json.loads(text), file="", valid=None)
    off, make_up = dict(_dates(table, "holidays")), dict(_dates(table, "make_up"))
    years = sorted({day.year for day in (*off, *make_up)})
    statutory = {
        year: Statutory(
            year,
            {day: name for day, name in off.items() if day.year == year},
            {day: name for day, name in make_up.items() if day.year == year},
        )
        for year in years
    }
    data: dict[str, Any] = {
        "timezone": _zone(table),
        "holidays": "CN" if statutory else "none",
        "hours": _week(table, "hours", table.data.get("hours")),
        "season": [
            {
                "name": str(season.get("name") or number),
                "from": season.get("from"),
                "to": season.get("to"),
                "hours": _week(table, "seasons", season.get("hours")),
            }
            for number, season in enumerate(map(_object, _list(table, "seasons")), 1)
        ],
        "days": dict(_exact(table)),
        "closed": _closed(table),
        "day_ends": table.data.get("day_ends", "24:00"),
    }
    return Calendar.from_dict(data, name="", statutory=statutory)


def _zone(table: Table) -> str:
    """The zone by name; a whole-hour offset is one too."""
    given = table.string("timezone").strip()
    if found := _OFFSET.fullmatch(given):
        # POSIX counts west of Greenwich as positive
        return f"Etc/GMT{'-' if found[1] == '+' else '+'}{int(found[2])}"
    return "Etc/UTC" if given in ("Z", "utc", "gmt") else given


def _dates(table: Table, key: str) -> Iterator[tuple[date, Name]]:
    """Dates as a list, each alone or with its name, or by name."""
    given = table.data.get(key) or []
    for item in given.items() if isinstance(given, Mapping) else _list(table, key):
        text, name = item if isinstance(item, tuple) else (item, "")
        if isinstance(item, Mapping):
            text, name = item.get("date"), item.get("name", "")
        day = parse_date(table, key, str(text)[:10] if "T" in str(text) else str(text))
        called = str(name or text)
        yield day, Name(called, called)


def _week(table: Table, key: str, given: object) -> dict[str, list[str]]:
    """Hours by weekday as a calendar file writes them."""
    if given is None:
        return {}
    week: dict[str, list[str]] = {}
    for word, value in Table(given, file=table.file, valid=None, at=key).data.items():
        first, dash, last = str(word).strip().lower().partition("-")
        names = [_WEEKDAYS.get(part, part) for part in ((first, last) if dash else (first,))]
        name = "-".join(names)
        if name in week:
            raise table.refuse("calendar.day_twice", f"{key}.{word}", text=name)
        week[name] = _hours(table, f"{key}.{word}", value)
    return week


def _exact(table: Table) -> Iterator[tuple[str, list[str]]]:
    for day, value in _object(table.data.get("days") or {}, table, "days").items():
        yield str(day), _hours(table, f"days.{day}", value)


def _hours(table: Table, key: str, value: object) -> list[str]:
    """A day's hours: pairs in a list, objects, or one by its opening; overlapping ones are made one."""
    spans: list[tuple[timedelta, timedelta]] = []
    for start, end in sorted(_clocks(table, key, value)):
        if spans and start < spans[-1][1]:
            start, end = spans[-1][0], max(spans.pop()[1], end)
        spans.append((start, end))
    if any(end - start > DAY or (start and end - start == DAY) for start, end in spans):
        raise table.refuse("calendar.hours_overlap", key, text=str(value))
    return [f"{_clock(start)}-{_clock(end)}" for start, end in spans]


def _clocks(table: Table, key: str, value: object) -> Iterator[tuple[timedelta, timedelta]]:
    """Openings and closings as offsets from midnight; an end not after its beginning is on the next day."""
    if value is None or value in ("closed", False):
        return
    items: Iterable[object] = value.items() if isinstance(value, Mapping) else _list_of(table, key, value)
    for item in items:
        opening, closing = _pair(table, key, item.split("-") if isinstance(item, str) else item)
        start, end = parse_clock(table, key, str(opening)), parse_clock(table, key, str(closing))
        # from midnight to midnight is the whole day; from eight to eight may as well be nothing
        if start == DAY or (start == end and start):
            raise table.refuse("calendar.bad_hours", key, text=f"{opening}-{closing}")
        yield start, end if end > start else end + DAY


def _closed(table: Table) -> dict[str, list[str]]:
    """Spans within dates, by date; one over midnight is cut there."""
    given = table.data.get("closed") or {}
    spans: dict[str, list[str]] = {}
    for day, value in _object(given, table, "closed").items():
        on = parse_date(table, f"closed.{day}", str(day))
        if value in ("closed", True):
            value = [["00:00", "24:00"]]
        for start, end in _clocks(table, f"closed.{day}", value):
            spans.setdefault(on.isoformat(), []).append(f"{_clock(start)}-{_clock(min(end, DAY))}")
            if end > DAY:
                spans.setdefault((on + DAY).isoformat(), []).append(f"00:00-{_clock(end - DAY)}")
    return {day: _hours(table, f"closed.{day}", rows) for day, rows in spans.items()}


# -- small forms ------------------------------------------------------------------------------------


def _clock(offset: timedelta) -> str:
    """An offset from midnight on the clock; what lies beyond 24:00 on the next day's."""
    return "24:00" if offset == DAY else (datetime.combine(date(2000, 1, 1), time()) + offset).strftime("%H:%M:%S")


def _pair(table: Table, key: str, item: object) -> tuple[Any, Any]:
    """Two things: of a list, or of an object by the names people give a beginning and an end."""
    if isinstance(item, Mapping):
        for first, last in _ENDS:
            if first in item:
                return item[first], item.get(last)
    elif isinstance(item, list | tuple) and len(item) == 2:
        return item[0], item[1]
    code = "calendar.bad_value" if key == "pauses" else "calendar.bad_hours"
    raise table.refuse(code, key, text=str(item), expected='["…", "…"]')


def _list(table: Table, key: str) -> list[Any]:
    return _list_of(table, key, table.data.get(key) or [])


def _list_of(table: Table, key: str, value: object) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise table.refuse("calendar.bad_value", key, text=str(value), expected='["…", "…"]')
    return list(value)


def _object(value: object, table: Table | None = None, key: str = "seasons[]") -> Mapping[str, Any]:
    return Table(value, file=table.file if table is not None else "", valid=None, at=key).data
