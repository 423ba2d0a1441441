"""What is held about one person: their record, their matters and visits, and every entry about them.

A matter is theirs where their record stands on it, or where nobody's does and it gives one of their telephone numbers
(and no other name), or their name at one of their rooms. Entries of others' matters that give one of their numbers are
found as well: a neighbour who urged. Times are aware UTC.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from desk.errors import Refusal
from desk.models import Draft, Event, EventWord, Occupancy, Person, Phone, Room, Ticket, Visit
from desk.privacy import spoken_to
from desk.queries.finding import find_people
from desk.queries.log import EventRow, event_rows
from desk.queries.naming import parts
from desk.text import fold, phone_digits, room_code
from desk.vocabulary import LIVE

#: digits by which a number is looked for, however it is written; fewer are an extension of the house
_TAIL = 7
_WHICH = 8


@dataclass(frozen=True, slots=True)
class Matter:
    """A ticket or visit of theirs."""

    root_type: str
    id: UUID
    number: str
    #: still asks for something
    live: bool


@dataclass(frozen=True, slots=True)
class Held:
    """Everything held about one person."""

    person_id: UUID
    name: str
    note: str
    phones: tuple[str, ...]
    #: room and what they are there
    rooms: tuple[tuple[str, str], ...]
    matters: tuple[Matter, ...]
    #: words of other entries that give one of their numbers: event and name of the word
    mentions: tuple[tuple[UUID, str], ...]
    drafts: tuple[UUID, ...]

    @property
    def roots(self) -> tuple[UUID, ...]:
        """Their record's own events, and their matters'."""
        return (self.person_id, *(each.id for each in self.matters))


def person_meant(session: Session, estate_id: UUID, text: str) -> UUID:
    """The person meant by a whole name, a telephone number or an id.

    Raises :class:`Refusal` ``person.no_such``, ``person.which`` where several are.
    """
    try:
        ident = UUID(text.strip())
    except ValueError:
        pass
    else:
        found = session.get(Person, (estate_id, ident))
        if found is None or not found.name:
            raise Refusal("person.no_such", text=text)
        return ident
    number = phone_digits(text)
    if number and not any(sign.isalpha() for sign in text):
        same = col(Phone.reversed) == number[::-1]
        ids = set(session.exec(select(Phone.person_id).where(Phone.estate_id == estate_id, same)))
    else:
        ids = set(session.exec(select(Person.id).where(Person.estate_id == estate_id, Person.name == text.strip())))
        if not ids:
            hits = find_people(session, estate_id, text, 50)
            ids = {hit.person_id for hit in hits if fold(hit.name) == fold(text)}
    if len(ids) == 1:
        return ids.pop()
    if not ids:
        raise Refusal("person.no_such", text=text)
    people = [each for ident in sorted(ids)[:_WHICH] if (each := session.get(Person, (estate_id, ident))) is not None]
    raise Refusal("person.which", text=text, people=[f"{_homes(session, each)} {each.id}".strip() for each in people])


def _homes(session: Session, person: Person) -> str:
    return ", ".join(code for code, _role in _rooms(session, person.estate_id, person.id))


def _rooms(session: Session, estate_id: UUID, person_id: UUID) -> list[tuple[str, str]]:
    query = (
        select(Room.code, Occupancy.role)
        .join(Occupancy, (col(Occupancy.room_id) == col(Room.id)) & (col(Occupancy.estate_id) == col(Room.estate_id)))
        .where(Occupancy.estate_id == estate_id, Occupancy.person_id == person_id)
        .order_by(col(Room.code))
    )
    return list(session.exec(query))


def held(session: Session, estate_id: UUID, person_id: UUID) -> Held:
    """What is held about a person. Looks through whole tables: for rare questions.

    Raises :class:`Refusal` ``person.unknown``, also for one who has been forgotten.
    """
    person = session.get(Person, (estate_id, person_id))
    if person is None or not person.name:
        raise Refusal("person.unknown", id=str(person_id))
    phones = tuple(
        session.exec(
            select(Phone.number)
            .where(Phone.estate_id == estate_id, Phone.person_id == person_id)
            .order_by(col(Phone.position))
        )
    )
    rooms = _rooms(session, estate_id, person_id)
    numbers = tuple(number for phone in phones if len(number := phone_digits(phone)) >= _TAIL)
    matters = _matters(session, person, numbers, {code for code, _role in rooms})
    return Held(
        person_id,
        person.name,
        person.note,
        phones,
        tuple(rooms),
        tuple(matters),
        tuple(_mentions(session, estate_id, numbers, {person_id, *(each.id for each in matters)})),
        tuple(_drafts(session, person, numbers)),
    )


def _gives(column: Any, numbers: Sequence[str]) -> ColumnElement[bool]:
    """Whether a text gives one of the numbers, set apart by blanks or dashes or not."""
    bare = func.replace(func.replace(column, " ", ""), "-", "")
    return or_(*(bare.like(f"%{number}%") for number in numbers))


def _matters(session: Session, person: Person, numbers: Sequence[str], rooms: set[str]) -> list[Matter]:
    here, found = person.estate_id, []
    own = [col(Ticket.person_id) == person.id]
    nobodys = col(Ticket.person_id).is_(None)
    if numbers:
        own.append(nobodys & _gives(col(Ticket.phone), numbers))
    own.append(nobodys & (col(Ticket.person_name) == person.name))
    for ticket in session.exec(select(Ticket).where(Ticket.estate_id == here, or_(*own)).order_by(col(Ticket.number))):
        room = session.get(Room, (here, ticket.room_id)) if ticket.room_id is not None else None
        code = room.code if room is not None else room_code(ticket.room_text or "")
        if ticket.person_id is not None or _same(person, ticket.person_name, ticket.phone, code, numbers, rooms):
            found.append(Matter("ticket", ticket.id, ticket.number, ticket.status in LIVE))
    mine = {each.id for each in found}
    seen = [col(Visit.person_name) == person.name, *(col(Visit.led_to).in_(part) for part in parts(mine))]
    if numbers:
        seen.append(_gives(col(Visit.phone), numbers))
    for visit in session.exec(select(Visit).where(Visit.estate_id == here, or_(*seen)).order_by(col(Visit.number))):
        came = _same(person, visit.person_name, visit.phone, room_code(visit.room_text or ""), numbers, rooms)
        if came or visit.led_to in mine:
            found.append(Matter("visit", visit.id, visit.number, visit.ended_at is None))
    return found


def _same(
    person: Person, name: str | None, phone: str | None, room: str, numbers: Sequence[str], rooms: set[str]
) -> bool:
    """Whether what was taken down of somebody not on record is this person."""
    if phone and phone_digits(phone) in numbers:
        return not name or spoken_to(name, person.name)
    return name is not None and fold(name) == fold(person.name) and not phone and room in rooms


def _mentions(session: Session, estate_id: UUID, numbers: Sequence[str], roots: set[UUID]) -> list[tuple[UUID, str]]:
    if not numbers:
        return []
    query = (
        select(EventWord.event_id, EventWord.name, Event.root_id)
        .join(Event, (col(Event.estate_id) == EventWord.estate_id) & (col(Event.id) == EventWord.event_id))
        .where(EventWord.estate_id == estate_id, _gives(col(EventWord.text), numbers))
        .where(col(Event.subject_type).not_in(("person", "staff")))
    )
    found: set[tuple[UUID, str]] = set()
    for event_id, name, root_id in session.exec(query):
        if root_id not in roots:
            found.add((event_id, name))
            # whose number it is stands beside it
            if name == "caller_phone":
                found.add((event_id, "caller"))
            elif name == "phone":
                found.add((event_id, "person_name"))
    return sorted(found, key=str)


def _drafts(session: Session, person: Person, numbers: Sequence[str]) -> list[UUID]:
    found = []
    for draft in session.exec(select(Draft).where(Draft.estate_id == person.estate_id)):
        text = json.dumps(draft.content, ensure_ascii=False)
        if str(person.id) in text or any(number in text for number in numbers):
            found.append(draft.id)
    return found


def told(session: Session, estate_id: UUID, what: Held) -> dict[str, list[dict[str, Any]]]:
    """All of it, table by table, each row JSON-plain but for times (aware UTC) and ids."""
    tables: dict[str, list[dict[str, Any]]] = {
        "person": [{"id": what.person_id, "name": what.name, "note": what.note}],
        "phones": [{"number": number} for number in what.phones],
        "rooms": [{"room": code, "role": role} for code, role in what.rooms],
        "tickets": _rows(session, Ticket, estate_id, [each.id for each in what.matters if each.root_type == "ticket"]),
        "visits": _rows(session, Visit, estate_id, [each.id for each in what.matters if each.root_type == "visit"]),
        "entries": [_entry(row) for row in _entries(session, estate_id, what)],
    }
    drafts = [session.get_one(Draft, (estate_id, ident)) for ident in what.drafts]
    tables["drafts"] = [{"form": each.form, "updated_at": each.updated_at, "content": each.content} for each in drafts]
    return tables


def _rows(session: Session, table: Any, estate_id: UUID, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    found = [session.get_one(table, (estate_id, ident)) for ident in ids]
    return [{name: getattr(row, name) for name in table.model_fields if name != "estate_id"} for row in found]


def _entries(session: Session, estate_id: UUID, what: Held) -> list[EventRow]:
    events: list[Event] = []
    for part in parts(what.roots):
        events += session.exec(select(Event).where(Event.estate_id == estate_id, col(Event.root_id).in_(part)))
    for part in parts({event for event, _name in what.mentions}):
        events += session.exec(select(Event).where(Event.estate_id == estate_id, col(Event.id).in_(part)))
    return event_rows(session, estate_id, sorted(events, key=lambda event: event.seq))


def _entry(row: EventRow) -> dict[str, Any]:
    said: Mapping[str, Any] = {**row.sets, **row.facts}
    return {
        "seq": row.seq,
        "happened_at": row.happened_at,
        "number": row.number,
        "name": row.name,
        "done_by": row.done_by,
        "recorded_by": row.recorded_by,
        "facts": said,
        "words": dict(row.words),
    }
