"""Reading tables of a calendar file: every mistake is refused with file, key and the nearest valid word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from desk import files
from desk.calendars.amounts import Name
from desk.errors import Refusal

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY: Final = timedelta(days=1)

Row = tuple[tuple[timedelta, timedelta], ...]
"""A day's hours as offsets from its local midnight, sorted; an end above 24 h runs into the next day."""

_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")


def nearest(word: str, valid: Sequence[str]) -> str:
    """The valid word most like this one, or "" when none is alike."""
    return next(iter(difflib.get_close_matches(word, valid, n=1, cutoff=0.5)), "")


def read_toml(path: Path) -> dict[str, Any]:
    """Parse a file; refuses one that cannot be read or is no TOML (``calendar.unreadable``)."""
    return parse_toml(read_text(path), path.name)


def read_text(path: Path) -> str:
    """A file's text; refuses one that is no text or far too large for a calendar (``calendar.unreadable``)."""
    try:
        return files.read_text(path)
    except OSError as error:
        raise Refusal("calendar.unreadable", file=path.name, reason=error.strerror or str(error)) from error
    except ValueError as error:
        raise Refusal("calendar.unreadable", file=path.name, reason=str(error)) from error


def parse_toml(text: str, file: str) -> dict[str, Any]:
    """The tables of a TOML text; refuses what is none (``calendar.unreadable``)."""
    try:
        return files.toml(text)
    except files.Malformed as error:
        raise Refusal("calendar.unreadable", file=file, reason=str(error)) from error


class Table:
    """One table of a file, with its place for the messages; unknown keys are refused on sight."""

    def __init__(self, data: object, *, file: str, valid: Sequence[str] | None, at: str = "") -> None:
        self.file, self.at = file, at
        if not isinstance(data, Mapping):
            raise self.refuse("calendar.bad_value", "", text=str(data), expected="a table")
        self.data: Mapping[str, Any] = data
        for key in data:
            if valid is not None and key not in valid:
                raise self.unknown(str(key), valid)

    def refuse(self, code: str, key: str, **params: object) -> Refusal:
        """A refusal that names file and key."""
        return Refusal(code, file=self.file, key=".".join(part for part in (self.at, key) if part), **params)

    def unknown(self, key: str, valid: Sequence[str]) -> Refusal:
        """A refusal of a key that is none of the valid ones."""
        close = nearest(key, valid)
        return self.refuse("calendar.unknown_key", key, nearest=close, valid=", ".join(valid))

    def table(self, key: str, *, valid: Sequence[str] | None) -> Table:
        at = f"{self.at}.{key}" if self.at else key
        return Table(self.data.get(key, {}), file=self.file, valid=valid, at=at)

    def tables(self, key: str, *, valid: Sequence[str]) -> Iterator[Table]:
        entries = self.data.get(key, [])
        if not isinstance(entries, list):
            raise self.refuse("calendar.bad_value", key, text=str(entries), expected=f"[[{key}]]")
        for number, entry in enumerate(entries, 1):
            yield Table(entry, file=self.file, valid=valid, at=f"{key}[{number}]")

    def string(self, key: str) -> str:
        if key not in self.data:
            raise self.refuse("calendar.missing_key", key)
        value = self.data[key]
        if not isinstance(value, str):
            raise self.refuse("calendar.bad_value", key, text=str(value), expected="a text")
        return value

    def integer(self, key: str) -> int:
        if key not in self.data:
            raise self.refuse("calendar.missing_key", key)
        value = self.data[key]
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.refuse("calendar.bad_value", key, text=str(value), expected="a number")
        return value

    def strings(self, key: str) -> list[str]:
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.refuse("calendar.bad_value", key, text=str(value), expected='["…", "…"]')
        return value

    def date(self, key: str) -> date:
        return parse_date(self, key, self.string(key))


def parse_date(table: Table, key: str, text: str) -> date:
    """An ISO date (``2026-02-14``)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise table.refuse("calendar.bad_value", key, text=text, expected="2026-02-14") from None


def parse_name(table: Table) -> Name:
    """The key ``name``: one text for both languages, or ``{ zh = …, en = … }``."""
    value = table.data.get("name")
    if isinstance(value, str):
        return Name(value, value)
    both = table.table("name", valid=Name._fields)
    return Name(both.string("zh"), both.string("en"))


def parse_clock(table: Table, key: str, text: str) -> timedelta:
    """A wall-clock time ``00:00`` … ``24:00`` as the offset from midnight."""
    match = _CLOCK.fullmatch(text.strip())
    if match:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        if minutes < 60 and seconds < 60 and offset <= DAY:
            return offset
    raise table.refuse("calendar.bad_hours", key, text=text)


def parse_row(table: Table, key: str, value: object, *, within_day: bool = False) -> Row:
    """A day's hours: a list of ``"08:00-12:00"``. An end not after its beginning is on the next day."""
    if not isinstance(value, list):
        raise table.refuse("calendar.bad_hours", key, text=str(value))
    row = []
    for item in value:
        opening, dash, closing = str(item).partition("-")
        if not dash:
            raise table.refuse("calendar.bad_hours", key, text=str(item))
        start, end = parse_clock(table, key, opening), parse_clock(table, key, closing)
        if end < start and not within_day:
            end += DAY
        if end <= start or start >= DAY:
            raise table.refuse("calendar.bad_hours", key, text=str(item))
        row.append((start, end))
    row.sort()
    for (_, end), (start, _) in pairwise(row):
        if start < end:
            raise table.refuse("calendar.hours_overlap", key, text=str(value))
    return tuple(row)


def parse_week(table: Table) -> dict[int, Row]:
    """``mon-fri = [...]``, ``sat = [...]`` by weekday (Monday 0); a weekday named twice is refused."""
    week: dict[int, Row] = {}
    for key, value in table.data.items():
        first, dash, last = key.partition("-")
        for word in (first, last) if dash else (first,):
            if word not in WEEKDAYS:
                raise table.unknown(key, (*WEEKDAYS, "mon-fri", "sat-sun", "mon-sun"))
        row = parse_row(table, key, value)
        start = WEEKDAYS.index(first)
        length = (WEEKDAYS.index(last) - start) % 7 + 1 if dash else 1
        for weekday in ((start + step) % 7 for step in range(length)):
            if weekday in week:
                raise table.refuse("calendar.day_twice", key, text=WEEKDAYS[weekday])
            week[weekday] = row
    return week
