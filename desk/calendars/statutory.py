"""Statutory days off and make-up workdays, as data: ``cn-YYYY.toml``.

    year = 2026
    [[holiday]]
    name = { zh = "元旦", en = "New Year's Day" }
    from = "2026-01-01"
    to = "2026-01-03"
    make_up = ["2026-01-04"]

A notice for one year may reach into the year before (a New Year's break that begins on 30 December). An entry may
also name make-up workdays alone. A calendar an estate has adopted carries the years imported since in the same form,
as ``[[statutory]]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from desk import files
from desk.calendars.amounts import Name
from desk.calendars.reading import DAY, Table, parse_date, parse_name, parse_toml, read_text, read_toml
from desk.errors import Refusal
from desk.text import clean

_PUBLISHED: Final = '[{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]'
_ENGLISH: Final = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-autumn Festival",
    "国庆节": "National Day",
}


@dataclass(frozen=True, slots=True)
class Statutory:
    """The days off and the make-up workdays one year's notice publishes."""

    year: int
    off: Mapping[date, Name]
    make_up: Mapping[date, Name]

    @classmethod
    def from_dict(cls, data: object, *, file: str, at: str = "") -> Statutory:
        """Read one year's table. Refuses, code ``calendar.*``, with file and key named."""
        table = Table(data, file=file, valid=("year", "source", "holiday"), at=at)
        year = table.integer("year")
        if not 1900 <= year <= 2999:
            raise table.refuse("calendar.bad_value", "year", text=str(year), expected="2027")
        off: dict[date, Name] = {}
        make_up: dict[date, Name] = {}
        for entry in table.tables("holiday", valid=("name", "from", "to", "make_up")):
            name = parse_name(entry)
            worked = [parse_date(entry, "make_up", text) for text in entry.strings("make_up")]
            make_up |= dict.fromkeys(worked, name)
            if worked and not entry.data.keys() & {"from", "to"}:
                continue
            first, last = entry.date("from"), entry.date("to")
            if last < first or first.year not in (year - 1, year) or last.year != year:
                expected = f"{first}…{year}-12-31"
                raise entry.refuse("calendar.bad_value", "to", text=str(last), expected=expected)
            off.update((first + timedelta(n), name) for n in range((last - first).days + 1))
        for day in off.keys() & make_up.keys():
            raise table.refuse("calendar.day_twice", "holiday", text=day.isoformat())
        return cls(year, off, make_up)

    def as_dict(self) -> dict[str, Any]:
        """The table :meth:`from_dict` reads: days in a row of one name are one holiday."""
        holidays: list[dict[str, Any]] = []
        for day, name in sorted(self.off.items()):
            former = holidays[-1] if holidays else None
            if former and former["name"] == name._asdict() and former["to"] == (day - DAY).isoformat():
                former["to"] = day.isoformat()
            else:
                holidays.append({"name": name._asdict(), "from": day.isoformat(), "to": day.isoformat()})
        for day, name in sorted(self.make_up.items()):
            own = next((each for each in holidays if each["name"] == name._asdict()), None)
            if own is None:
                own = {"name": name._asdict()}
                holidays.append(own)
            own.setdefault("make_up", []).append(day.isoformat())
        return {"year": self.year, "holiday": holidays}

    @classmethod
    def published(cls, data: object, *, file: str) -> Statutory:
        """Read the JSON of the public lists: ``{"year": 2026, "days": [{"name", "date", "isOffDay"}, …]}``.

        Refuses, code ``calendar.*``, with file and key named.
        """
        table = Table(data, file=file, valid=None)
        days = table.data.get("days")
        if not isinstance(days, list) or not days:
            raise table.refuse("calendar.bad_value", "days", text=str(days)[:40], expected=_PUBLISHED)
        off: dict[date, Name] = {}
        make_up: dict[date, Name] = {}
        for number, each in enumerate(days, 1):
            entry = Table(each, file=file, valid=None, at=f"days[{number}]")
            day, is_off = entry.date("date"), entry.data.get("isOffDay")
            if not isinstance(is_off, bool):
                raise entry.refuse("calendar.bad_value", "isOffDay", text=str(is_off), expected="true, false")
            if day in off or day in make_up:
                raise entry.refuse("calendar.day_twice", "date", text=day.isoformat())
            (off if is_off else make_up)[day] = _name(entry.string("name"))
        # read again as our own form: what holds there holds here
        return cls.from_dict(cls(table.integer("year"), off, make_up).as_dict(), file=file)


def load_statutory(path: Path) -> Statutory:
    """Read one ``cn-YYYY.toml``. Refuses, code ``calendar.*``, with file and key named."""
    return Statutory.from_dict(read_toml(path), file=path.name)


def statutory_years(folder: Path) -> dict[int, Statutory]:
    """Every ``cn-*.toml`` of a folder, by year."""
    years = (load_statutory(path) for path in sorted(folder.glob("cn-*.toml")))
    return {year.year: year for year in years}


def read_year(path: Path) -> Statutory:
    """A year's published days from a file, our own TOML or the JSON of the public lists.

    Refuses, code ``calendar.*``, with file and key named.
    """
    text = read_text(path)
    if text.lstrip()[:1] not in ("{", "["):
        return Statutory.from_dict(parse_toml(text, path.name), file=path.name)
    try:
        data = files.json_value(text)
    except files.Malformed as fault:
        raise Refusal("calendar.unreadable", file=path.name, reason=str(fault)) from fault
    return Statutory.published(data, file=path.name)


def years_of(data: Mapping[str, Any], *, file: str) -> dict[int, Statutory]:
    """The years a calendar's tables carry themselves. Refuses, code ``calendar.*``, with file and key named."""
    rows = Table(data, file=file, valid=None).tables("statutory", valid=("year", "source", "holiday"))
    years = [Statutory.from_dict(row.data, file=file, at=row.at) for row in rows]
    return {year.year: year for year in years}


def all_days(years: Iterable[Statutory]) -> tuple[dict[date, Name], dict[date, Name]]:
    """Days off and make-up workdays of several years; of two notices on one date the later year's holds."""
    off: dict[date, Name] = {}
    make_up: dict[date, Name] = {}
    for year in sorted(years, key=lambda each: each.year):
        said = year.off.keys() | year.make_up.keys()
        off = {day: name for day, name in off.items() if day not in said} | dict(year.off)
        make_up = {day: name for day, name in make_up.items() if day not in said} | dict(year.make_up)
    return off, make_up


def _name(text: str) -> Name:
    """A holiday's name, with the English for those we know: ``国庆节、中秋节``."""
    words = clean(text, 40)
    english = [_ENGLISH.get(part, part) for part in re.split("[、,，]", words)]
    return Name(words, " and ".join(english))
