"""Finding people and rooms as one types.

A search is words in any order: the start of a room, name, pinyin, initials or telephone number, or the
last digits of one. Each word becomes a few ranges of an index; nothing scans a table. The statements are
written out, because a key press leaves no time to build them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Executable, Uuid, bindparam, func, select, text
from sqlmodel import Session, col

from desk.models import Ticket
from desk.text import LINE, fold, phone_digits, room_code
from desk.vocabulary import LIVE

#: matches of one word that are looked at before ranking: more than a screen shows, few enough for a key press
_LOOKED_AT: Final = 60
#: matches counted to tell the rarer word
_COUNTED: Final = 300
#: words of a search that count
_WORDS: Final = 4
#: digits from which a word may be a telephone number
_PHONE: Final = 3
_LAST: Final = "\U0010ffff"
_SPLIT: Final = re.compile(r"[\s,;/]+")
_NUMBER: Final = re.compile(r"\+?[\d()-]+")
_DIGITS: Final = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class PersonHit:
    """A person at one of their rooms (``room_id`` None: at none)."""

    person_id: UUID
    room_id: UUID | None
    name: str
    #: the room's code, or empty
    room: str
    #: ``owner`` | ``tenant`` | ``family``, or empty
    role: str
    #: the number to call first, or empty
    phone: str
    #: of the room; of the person, where there is none
    open_tickets: int


@dataclass(frozen=True, slots=True)
class RoomHit:
    """A home, shop or public area."""

    room_id: UUID
    code: str
    #: ``home`` | ``shop`` | ``public``
    kind: str
    project: str
    people: int
    open_tickets: int


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a search: what a room, name or pinyin begins with, and the digits of a number."""

    prefix: str
    phone: str

    @property
    def means(self) -> tuple[str, ...]:
        """What it may be meant as, by the names of :data:`_SOURCES`."""
        named = () if self.prefix[0].isdigit() else ("person",)
        return ("room", *named, *(("phone", "tail") if self.phone else ()))

    def bounds(self, place: int) -> dict[str, str]:
        """The ranges it stands for, as parameters of the search's statement."""
        starts = {"key": self.prefix, "tel": self.phone, "tail": self.phone[::-1]}
        return {
            f"{name}{place}_{end}": text + ("" if end == "lo" else _LAST)
            for name, text in starts.items()
            for end in ("lo", "hi")
            if text
        }


# What a word may be meant as: the person, what was found, and a FROM and WHERE that read one range of one
# index.
_KEY_RANGE: Final = "k.owner_type = '{1}' AND k.estate_id = :estate AND k.key >= :{2}{0}_lo AND k.key < :{2}{0}_hi"
# CROSS JOIN tells SQLite to keep the order; its planner, without statistics, would start from the whole estate.
_AT_HOME: Final = (
    "searchkey k CROSS JOIN occupancy o WHERE o.estate_id = :estate AND o.room_id = k.owner_id AND "
)
_LIVES: Final = "{} k LEFT JOIN occupancy o ON o.estate_id = :estate AND o.person_id = k.{} WHERE "
_TAIL_RANGE: Final = "k.estate_id = :estate AND k.reversed >= :tail{0}_lo AND k.reversed < :tail{0}_hi"
_KEYED_LIVES: Final = _LIVES.format("searchkey", "owner_id")
_SOURCES: Final = {
    "room": ("o.person_id", "k.key", _AT_HOME + _KEY_RANGE.format("{0}", "room", "key")),
    "person": ("k.owner_id", "k.key", _KEYED_LIVES + _KEY_RANGE.format("{0}", "person", "key")),
    "phone": ("k.owner_id", "k.key", _KEYED_LIVES + _KEY_RANGE.format("{0}", "phone", "tel")),
    "tail": ("k.person_id", "''", _LIVES.format("phone", "person_id") + _TAIL_RANGE),
}
# The same, asked of a person and room already found.
_KEYED: Final = (
    "EXISTS (SELECT 1 FROM searchkey f WHERE f.estate_id = :estate AND f.owner_id = {1}"
    " AND f.key >= :{2}{0}_lo AND f.key < :{2}{0}_hi)"
)
_FITS: Final = {
    "room": _KEYED.replace("{1}", "o.room_id").replace("{2}", "key"),
    "person": _KEYED.replace("{2}", "key"),
    "phone": _KEYED.replace("{2}", "tel"),
    "tail": (
        "EXISTS (SELECT 1 FROM phone f WHERE f.estate_id = :estate AND f.person_id = {1}"
        " AND f.reversed >= :tail{0}_lo AND f.reversed < :tail{0}_hi)"
    ),
}


def _words(typed: str) -> list[_Word]:
    """The words of a search. Full-width characters and spoken rooms (``3栋2单元``) count."""
    found = []
    for part in _SPLIT.split(room_code(typed[:LINE])):
        number = phone_digits(part) if _NUMBER.fullmatch(part) else ""
        word = _Word(fold(part).rstrip("…"), number if len(number) >= _PHONE else "")
        if word.prefix.strip("-"):
            found.append(word)
    return found[:_WORDS]


def find_people(session: Session, estate_id: UUID, typed: str, limit: int = 20) -> list[PersonHit]:
    """People whom every word of ``typed`` fits, best first: what fits whole, then by room and name.

    The same search on the same store always answers the same. An empty search finds nobody.
    """
    asked = _words(typed)
    if not asked:
        return []
    values: dict[str, Any] = {"estate": estate_id}
    for place, word in enumerate(asked):
        values |= word.bounds(place)
    means = tuple(word.means for word in asked)
    drive = _rarest(session, means, values) if len(means) > 1 else 0
    whole = {word.prefix for word in asked} | {word.phone for word in asked if word.phone}
    best: dict[tuple[UUID, UUID | None], tuple[Any, PersonHit]] = {}
    for person_id, room_id, found, name, code, role, phone in session.connection().execute(
        _people_sql(means, drive), values
    ):
        # what fits whole, then the end of a telephone number, then what only begins so
        fit = 0 if found in whole else 1 if not found else 2
        rank = (fit, natural(code or ""), name, person_id)
        at = (person_id, room_id)
        if at not in best or rank < best[at][0]:
            best[at] = (rank, PersonHit(person_id, room_id, name, code or "", role or "", phone or "", 0))
    ordered = sorted(best.values(), key=lambda pair: pair[0])
    return counted(session, estate_id, [hit for _, hit in ordered[:limit]])


def find_rooms(session: Session, estate_id: UUID, typed: str, limit: int = 20) -> list[RoomHit]:
    """Rooms that ``typed`` fits, homes, shops and public areas alike; those that fit whole come first."""
    prefix = fold(room_code(typed[:LINE])).rstrip("…")
    if not prefix.strip("-"):
        return []
    values = {"estate": estate_id, "lo": prefix, "hi": prefix + _LAST}
    best: dict[UUID, tuple[Any, RoomHit]] = {}
    for found, *row in session.connection().execute(_ROOMS, values):
        hit = RoomHit(*row)
        rank = (found != prefix, natural(hit.code), hit.room_id)
        if hit.room_id not in best or rank < best[hit.room_id][0]:
            best[hit.room_id] = (rank, hit)
    return [hit for _, hit in sorted(best.values(), key=lambda pair: pair[0])[:limit]]


@cache
def _people_sql(means: tuple[tuple[str, ...], ...], drive: int) -> Executable:
    """The search for words so meant: that at ``drive`` is read from its ranges, the others asked."""
    branches = []
    for number, source in enumerate(means[drive]):
        person, found, rest = _SOURCES[source]
        tests = [
            f"({' OR '.join(_FITS[meant].format(place, person) for meant in word)})"
            for place, word in enumerate(means)
            if place != drive
        ]
        condition = " AND ".join([rest.format(drive), *tests])
        order = "k.reversed, k.person_id" if source == "tail" else "k.key, k.owner_id"
        branches.append(
            f"SELECT person_id, room_id, found FROM (SELECT {person} AS person_id, o.room_id AS room_id,"
            f" {found} AS found FROM {condition} ORDER BY {order} LIMIT {_LOOKED_AT}) AS b{number}"
        )
    sql = (
        "SELECT h.person_id, h.room_id, h.found, p.name, r.code, o.role, t.number"
        f" FROM ({' UNION ALL '.join(branches)}) AS h"
        " JOIN person p ON p.estate_id = :estate AND p.id = h.person_id"
        " LEFT JOIN room r ON r.estate_id = :estate AND r.id = h.room_id"
        " LEFT JOIN occupancy o"
        " ON o.estate_id = :estate AND o.person_id = h.person_id AND o.room_id = h.room_id"
        " LEFT JOIN phone t ON t.estate_id = :estate AND t.person_id = h.person_id AND t.position = 0"
    )
    return _typed(sql, person_id=Uuid(), room_id=Uuid())


def _rarest(session: Session, means: Sequence[Sequence[str]], values: dict[str, Any]) -> int:
    """The word with the fewest matches, as far as is worth counting: the others are then asked of few."""
    counts = ", ".join(
        " + ".join(
            f"(SELECT count(*) FROM (SELECT 1 FROM {_SOURCES[meant][2].format(place)} LIMIT {_COUNTED}) AS c)"
            for meant in word
        )
        for place, word in enumerate(means)
    )
    found = session.connection().execute(_typed(f"SELECT {counts}"), values).one()
    return min(range(len(means)), key=lambda place: found[place])


def _typed(sql: str, **ids: Uuid[Any]) -> Executable:
    """A statement whose ids go in and come out as UUIDs on either engine."""
    statement = text(sql).bindparams(bindparam("estate", type_=Uuid()))
    return statement.columns(**ids) if ids else statement


_ROOMS: Final = _typed(
    "SELECT k.key, r.id, r.code, r.kind, r.project,"
    " (SELECT count(*) FROM occupancy o WHERE o.estate_id = :estate AND o.room_id = r.id),"
    " (SELECT count(*) FROM ticket t WHERE t.estate_id = :estate AND t.room_id = r.id AND t.status IN ({}))"
    " FROM searchkey k JOIN room r ON r.estate_id = :estate AND r.id = k.owner_id"
    " WHERE k.owner_type = 'room' AND k.estate_id = :estate AND k.key >= :lo AND k.key < :hi"
    " ORDER BY k.key, k.owner_id LIMIT {}".format(", ".join(f"'{status}'" for status in LIVE), _LOOKED_AT),
    id=Uuid(),
)


def natural(code: str) -> tuple[tuple[int, int, str], ...]:
    """Room codes in the order people count: ``3-2-9`` before ``3-2-10``; no room last."""
    parts = [part for part in _DIGITS.split(code) if part]
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts) or ((2, 0, ""),)


def counted(session: Session, estate_id: UUID, hits: Sequence[PersonHit]) -> list[PersonHit]:
    """The hits with the open tickets of their rooms; of the person, where there is no room."""
    rooms = {hit.room_id for hit in hits if hit.room_id is not None}
    alone = {hit.person_id for hit in hits if hit.room_id is None}
    counts: dict[UUID | None, int] = {}
    for column, ids in ((col(Ticket.room_id), rooms), (col(Ticket.person_id), alone)):
        if ids:
            query = (
                select(column, func.count())
                .where(col(Ticket.estate_id) == estate_id, column.in_(ids), col(Ticket.status).in_(LIVE))
                .group_by(column)
            )
            for ident, number in session.connection().execute(query):
                counts[ident] = number
    return [replace(hit, open_tickets=counts.get(hit.room_id or hit.person_id, 0)) for hit in hits]
