"""Checking the arithmetic against a table of cases, ours or other projects'.

A case is a JSON object: ``timezone``, ``hours`` by weekday as ``[["09:00", "17:00"], …]``, ``holidays`` as
dates; optionally ``seasons`` (``from``, ``to``, ``hours``), ``days`` (exact dates), ``closed`` (spans within
a date), ``pauses`` as pairs of instants, ``day_ends``; ``start``, ``add`` and ``unit``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from desk.calendars.amounts import UNITS, Amount, Name, Unit
from desk.calendars.calendar import Calendar
from desk.calendars.reading import Table, parse_date
from desk.calendars.statutory import Statutory

_UNITS: Mapping[str, Unit] = {unit if unit.startswith("working_") else f"elapsed_{unit}": unit for unit in UNITS}


def verify(case: Mapping[str, Any]) -> datetime:
    """When the case's amount is used up, in the zone of its calendar.

    Raises Refusal ``calendar.*`` for a case that cannot be read; unknown keys such as ``id``, ``source`` and
    ``expected`` are left alone.
    """
    calendar = calendar_of_case(case)
    table = Table(case, file=str(case.get("id", "")), valid=None)
    unit = table.string("unit")
    if unit not in _UNITS:
        raise table.refuse("calendar.bad_value", "unit", text=unit, expected=", ".join(_UNITS))
    pauses = [
        (_instant(table, "pauses", start), None if end is None else _instant(table, "pauses", end))
        for start, end in case.get("pauses") or ()
    ]
    due = calendar.add(
        _instant(table, "start", table.string("start")),
        Amount(table.integer("add"), _UNITS[unit]),
        pauses=pauses,
        counts_from=case.get("counts_from"),
    ).due_at
    return calendar.local(due)


def calendar_of_case(case: Mapping[str, Any]) -> Calendar:
    """The calendar a case describes. Cases that share one may share what this returns."""
    name = str(case.get("id", ""))
    table = Table(case, file=name, valid=None)
    off: dict[int, dict[date, Name]] = {}
    for text in case.get("holidays") or ():
        day = parse_date(table, "holidays", str(text))
        off.setdefault(day.year, {})[day] = Name(str(text), str(text))
    data: dict[str, Any] = {
        "timezone": table.string("timezone"),
        "holidays": "CN" if off else "none",
        "hours": _week(case.get("hours") or {}),
        "season": [
            {
                "name": str(season.get("name", number)),
                "from": season["from"],
                "to": season["to"],
                "hours": _week(season["hours"]),
            }
            for number, season in enumerate(case.get("seasons") or (), 1)
        ],
        "days": _week(case.get("days") or {}),
        "closed": _week(case.get("closed") or {}),
    }
    data["day_ends"] = case.get("day_ends", "24:00")
    years = {year: Statutory(year, days, {}) for year, days in off.items()}
    return Calendar.from_dict(data, name=name, statutory=years)


def _week(hours: Mapping[str, Any]) -> dict[str, Any]:
    """Pairs of times, as lists or as a table, as a calendar file writes them; the rest stays as it is."""
    return {key: _spans(value) for key, value in hours.items()}


def _spans(value: object) -> object:
    pairs = list(value.items()) if isinstance(value, Mapping) else value
    if not isinstance(pairs, list):
        return value
    return [pair if isinstance(pair, str) else "-".join(map(str, pair)) for pair in pairs]


def _instant(table: Table, key: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        at = None
    if at is None or at.tzinfo is None:
        raise table.refuse("calendar.bad_value", key, text=str(text), expected="2026-03-10T09:00:00+08:00")
    return at
