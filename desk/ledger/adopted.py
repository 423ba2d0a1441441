"""The rulebook and calendar an estate has adopted: kept in its store, with versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlmodel import Session

from desk import resources, rulebook
from desk.calendars import Calendar, statutory_years
from desk.errors import Refusal
from desk.models import Estate, RulebookVersion
from desk.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Adopted:
    version: int
    book: Rulebook
    calendar: Calendar


def make_adopted(
    version: int, name: str, book: dict[str, Any], calendar_name: str, calendar: dict[str, Any]
) -> Adopted:
    """Rulebook and calendar from their plain tables. Raises :class:`Refusal` as their loaders do."""
    return Adopted(
        version,
        rulebook.build(book, name=name, file=name),
        Calendar.from_dict(calendar, name=calendar_name, statutory=statutory_years(resources.path("calendars"))),
    )


def load_adopted(session: Session, estate_id: UUID, version: int) -> Adopted:
    """An adopted version. Raises :class:`Refusal` ``rulebook.no_version``."""
    row = session.get(RulebookVersion, (estate_id, version))
    if row is None:
        raise Refusal("rulebook.no_version", version=version)
    calendar = row.calendar
    newest = session.get_one(Estate, estate_id).rulebook_version
    if version != newest:
        # Which days are off is no rule: what has been imported since holds for what was opened before, too.
        latest = session.get_one(RulebookVersion, (estate_id, newest)).calendar
        calendar = {**calendar, **years_in(calendar, latest)}
    tables = json.dumps((row.rulebook, calendar))
    shipped = tuple((path.name, path.stat().st_mtime_ns) for path in resources.path("calendars").glob("cn-*.toml"))
    return _read_once(version, row.name, row.calendar_name, tables, shipped)


@lru_cache(maxsize=16)
def _read_once(version: int, name: str, calendar_name: str, tables: str, shipped: object) -> Adopted:
    """:func:`make_adopted` of tables as JSON, beside statutory years as they were ``shipped``.

    Several ledgers of one process stand on the same manual as a rule, and reading it, and laying out the years of its
    calendar, costs more than a small act. Rulebooks and calendars never change.
    """
    book, calendar = json.loads(tables)
    return make_adopted(version, name, book, calendar_name, calendar)


def years_in(*calendars: Mapping[str, Any]) -> dict[str, Any]:
    """The statutory years calendars' tables carry, as such a table; of two for one year the later calendar's."""
    years = {year["year"]: year for tables in calendars for year in tables.get("statutory", ())}
    return {"statutory": [years[year] for year in sorted(years)]} if years else {}
