"""Statutory days off and make-up workdays, as data: ``cn-YYYY.toml``.

    year = 2026
    [[holiday]]
    name = { zh = "元旦", en = "New Year's Day" }
    from = "2026-01-01"
    to = "2026-01-03"
    make_up = ["2026-01-04"]

A notice for one year may reach into the year before (a New Year's break that begins on 30 December).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from desk.calendars.amounts import Name
from desk.calendars.reading import Table, parse_date, parse_name, read_toml


@dataclass(frozen=True, slots=True)
class Statutory:
    """The days off and the make-up workdays one year's notice publishes."""

    year: int
    off: Mapping[date, Name]
    make_up: Mapping[date, Name]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, file: str) -> Statutory:
        """Read one year's table. Refuses, code ``calendar.*``, with file and key named."""
        table = Table(data, file=file, valid=("year", "source", "holiday"))
        year = table.integer("year")
        off: dict[date, Name] = {}
        make_up: dict[date, Name] = {}
        for entry in table.tables("holiday", valid=("name", "from", "to", "make_up")):
            name = parse_name(entry)
            first, last = entry.date("from"), entry.date("to")
            if last < first or first.year not in (year - 1, year) or last.year != year:
                expected = f"{first}…{year}-12-31"
                raise entry.refuse("calendar.bad_value", "to", text=str(last), expected=expected)
            off.update((first + timedelta(n), name) for n in range((last - first).days + 1))
            for text in entry.strings("make_up"):
                make_up[parse_date(entry, "make_up", text)] = name
        for day in off.keys() & make_up.keys():
            raise table.refuse("calendar.day_twice", "holiday", text=day.isoformat())
        return cls(year, off, make_up)


def load_statutory(path: Path) -> Statutory:
    """Read one ``cn-YYYY.toml``. Refuses, code ``calendar.*``, with file and key named."""
    return Statutory.from_dict(read_toml(path), file=path.name)


def statutory_years(folder: Path) -> dict[int, Statutory]:
    """Every ``cn-*.toml`` of a folder, by year."""
    years = (load_statutory(path) for path in sorted(folder.glob("cn-*.toml")))
    return {year.year: year for year in years}
