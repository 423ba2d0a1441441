"""Finding people and rooms as one types.

A search is words in any order: the start of a room, name, pinyin, initials or telephone number, or the
last digits of one. Each word becomes a few ranges of an index; nothing scans a table. The statements are
written out, because a key press leaves no time to build them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel import Session

from desk.text import LINE, fold, phone_digits, room_code
from desk.vocabulary import LIVE

#: matches of a word that are looked at beyond the number asked for: one person may match by several keys
_SPARE: Final = 10
#: matches counted to tell the rarer word
_COUNTED: Final = 2000
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


# What a word may be meant as: the range of one index that holds it, the person found by it, and what it found.
_KEYS: Final = "k.estate_id = :estate AND k.owner_type = '{1}' AND k.key >= :{2}{0}_lo AND k.key < :{2}{0}_hi"
_RANGES: Final = {
    "room": ("searchkey", _KEYS.format("{0}", "room", "key")),
    "person": ("searchkey", _KEYS.format("{0}", "person", "key")),
    "phone": ("searchkey", _KEYS.format("{0}", "phone", "tel")),
    "tail": ("phone", "k.estate_id = :estate AND k.reversed >= :tail{0}_lo AND k.reversed < :tail{0}_hi"),
}
_FOUND: Final = {
    "room": ("o.person_id", "k.key"),
    "person": ("k.owner_id", "k.key"),
    "phone": ("k.owner_id", "k.key"),
    "tail": ("k.person_id", "''"),
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
    whole = {word.prefix for word in asked} | {word.phone for word in asked if word.phone}
    best: dict[tuple[Any, Any], tuple[Any, Any]] = {}
    for row in session.connection().execute(*_statement(session, estate_id, asked, limit)):
        person_id, room_id, found, name, code, *_ = row
        # what fits whole, then the end of a telephone number, then what only begins so
        fit = 0 if found in whole else 1 if not found else 2
        rank = (fit, natural(code or ""), name, person_id)
        former = best.get((person_id, room_id))
        if former is None or rank < former[0]:
            best[person_id, room_id] = (rank, row)
    ordered = sorted(best.values(), key=itemgetter(0))[:limit]
    return [
        PersonHit(_uuid(person_id), room_id and _uuid(room_id), name, code or "", role or "", phone or "", tickets)
        for _, (person_id, room_id, _, name, code, role, phone, tickets) in ordered
    ]


def statement(session: Session, estate_id: UUID, typed: str, limit: int) -> tuple[TextClause, dict[str, Any]]:
    """The statement :func:`find_people` runs, with its values; for measuring. ``typed`` may not be empty."""
    return _statement(session, estate_id, _words(typed), limit)


def _statement(
    session: Session, estate_id: UUID, asked: Sequence[_Word], limit: int
) -> tuple[TextClause, dict[str, Any]]:
    values = _values(session, estate_id, limit)
    for place, word in enumerate(asked):
        values |= word.bounds(place)
    means = tuple(word.means for word in asked)
    drive = _rarest(session, means, values) if len(means) > 1 else 0
    return _people_sql(means, drive), values


def find_rooms(session: Session, estate_id: UUID, typed: str, limit: int = 20) -> list[RoomHit]:
    """Rooms that ``typed`` fits, homes, shops and public areas alike; those that fit whole come first."""
    prefix = fold(room_code(typed[:LINE])).rstrip("…")
    if not prefix.strip("-"):
        return []
    values = _values(session, estate_id, limit) | {"lo": prefix, "hi": prefix + _LAST}
    best: dict[str, tuple[Any, RoomHit]] = {}
    for found, room_id, code, *row in session.connection().execute(_ROOMS, values):
        rank = (found != prefix, natural(code), code)
        if code not in best or rank < best[code][0]:
            best[code] = (rank, RoomHit(_uuid(room_id), code, *row))
    return [hit for _, hit in sorted(best.values(), key=itemgetter(0))[:limit]]


def _values(session: Session, estate_id: UUID, limit: int) -> dict[str, Any]:
    # Ids go in and come out as the driver has them: typed columns would cost as much as the search itself.
    plain = session.get_bind().dialect.name == "sqlite"
    return {"estate": estate_id.hex if plain else estate_id, "most": limit + _SPARE}


def _uuid(found: str | UUID) -> UUID:
    return found if isinstance(found, UUID) else UUID(found)


_LIVE: Final = ", ".join(f"'{status}'" for status in LIVE)
# Open tickets of the room found, or of the person where there is none.
_OPEN: Final = (
    "CASE WHEN h.room_id IS NULL THEN (SELECT count(*) FROM ticket x WHERE x.estate_id = :estate"
    f" AND x.person_id = h.person_id AND x.status IN ({_LIVE})) ELSE (SELECT count(*) FROM ticket x"
    f" WHERE x.estate_id = :estate AND x.room_id = h.room_id AND x.status IN ({_LIVE})) END"
)
_ROOMS: Final = text(
    "SELECT k.key, r.id, r.code, r.kind, r.project,"
    " (SELECT count(*) FROM occupancy o WHERE o.estate_id = :estate AND o.room_id = r.id),"
    f" (SELECT count(*) FROM ticket x WHERE x.estate_id = :estate AND x.room_id = r.id AND x.status IN ({_LIVE}))"
    " FROM searchkey k LEFT JOIN room r ON r.estate_id = :estate AND r.id = k.owner_id"
    " WHERE k.owner_type = 'room' AND k.estate_id = :estate AND k.key >= :lo AND k.key < :hi"
    " ORDER BY k.key, k.owner_id LIMIT :most"
)


@cache
def _people_sql(means: tuple[tuple[str, ...], ...], drive: int) -> TextClause:
    """The search for words so meant: that at ``drive`` is read from its ranges, the others asked."""
    branches = []
    for number, meant in enumerate(means[drive]):
        person, found = _FOUND[meant]
        table, within = _RANGES[meant]
        # CROSS JOIN holds SQLite to this order: without statistics its planner might begin with the whole estate
        home = (
            "CROSS JOIN occupancy o WHERE o.estate_id = :estate AND o.room_id = k.owner_id AND"
            if meant == "room"
            else f"LEFT JOIN occupancy o ON o.estate_id = :estate AND o.person_id = {person} WHERE"
        )
        tests = [within.format(drive)]
        for place, word in enumerate(means):
            if place != drive:
                tests.append("({})".format(" OR ".join(_FITS[each].format(place, person) for each in word)))
        order = "k.reversed, k.person_id" if meant == "tail" else "k.key, k.owner_id"
        branches.append(
            f"SELECT person_id, room_id, found FROM (SELECT {person} AS person_id, o.room_id AS room_id,"
            f" {found} AS found FROM {table} k {home} {' AND '.join(tests)} ORDER BY {order} LIMIT :most) AS b{number}"
        )
    return text(
        f"SELECT h.person_id, h.room_id, h.found, p.name, r.code, o.role, t.number, {_OPEN}"
        f" FROM ({' UNION ALL '.join(branches)}) AS h"
        " LEFT JOIN person p ON p.estate_id = :estate AND p.id = h.person_id"
        " LEFT JOIN room r ON r.estate_id = :estate AND r.id = h.room_id"
        " LEFT JOIN occupancy o"
        " ON o.estate_id = :estate AND o.person_id = h.person_id AND o.room_id = h.room_id"
        " LEFT JOIN phone t ON t.estate_id = :estate AND t.person_id = h.person_id AND t.position = 0"
    )


def _within(meant: str, place: int) -> str:
    table, within = _RANGES[meant]
    return f"{table} k WHERE {within.format(place)}"


def _rarest(session: Session, means: Sequence[Sequence[str]], values: dict[str, Any]) -> int:
    """The word with the fewest matches, as far as is worth counting: the others are then asked of few."""
    counts = ", ".join(
        " + ".join(
            f"(SELECT count(*) FROM (SELECT 1 FROM {_within(meant, place)} LIMIT {_COUNTED}) AS c)" for meant in word
        )
        for place, word in enumerate(means)
    )
    found = session.connection().execute(text(f"SELECT {counts}"), values).one()
    return min(range(len(means)), key=found.__getitem__)


@lru_cache(4096)
def natural(code: str) -> tuple[tuple[int, int, str], ...]:
    """Room codes in the order people count: ``3-2-9`` before ``3-2-10``; no room last."""
    parts = [part for part in _DIGITS.split(code) if part]
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts) or ((2, 0, ""),)
