"""What is known of a room and of a person, and finding them (:mod:`desk.queries.finding`). Times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session, col

from desk.errors import Refusal
from desk.models import Deadline, Occupancy, Person, Phone, Room, Ticket
from desk.queries.finding import PersonHit, RoomHit, find_people, find_rooms, natural
from desk.vocabulary import LIVE

__all__ = [
    "PersonCard",
    "PersonHit",
    "RoomCard",
    "RoomHit",
    "TicketLine",
    "find_people",
    "find_rooms",
    "person_card",
    "room_card",
]

#: open tickets a card shows
_SHOWN = 60
_ORDER = {"owner": 0, "tenant": 1, "family": 2}


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A ticket as a card shows it; ``due_at`` is its next open deadline, UTC, if it has one."""

    id: UUID
    number: str
    kind: str
    what: str
    status: str
    opened_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoomCard:
    """What is known of a room."""

    room_id: UUID
    code: str
    kind: str
    project: str
    handed_over_on: date | None
    note: str
    people: tuple[PersonHit, ...]
    #: open tickets, the next due first
    tickets: tuple[TicketLine, ...]


@dataclass(frozen=True, slots=True)
class PersonCard:
    """What is known of a person."""

    person_id: UUID
    name: str
    note: str
    #: the one to call first comes first
    phones: tuple[str, ...]
    rooms: tuple[PersonHit, ...]
    #: open tickets of the person or their rooms, the next due first
    tickets: tuple[TicketLine, ...]


def room_card(session: Session, estate_id: UUID, room_id: UUID) -> RoomCard:
    """A room with its people and open tickets. Raises :class:`Refusal` ``room.unknown``."""
    room = session.get(Room, (estate_id, room_id))
    if room is None:
        raise Refusal("room.unknown", id=str(room_id))
    return RoomCard(
        room_id=room.id,
        code=room.code,
        kind=room.kind,
        project=room.project,
        handed_over_on=room.handed_over_on,
        note=room.note,
        people=_living(session, estate_id, col(Occupancy.room_id) == room_id),
        tickets=_tickets(session, estate_id, col(Ticket.room_id) == room_id),
    )


def person_card(session: Session, estate_id: UUID, person_id: UUID) -> PersonCard:
    """A person with telephone numbers, rooms and open tickets. Raises :class:`Refusal` ``person.unknown``."""
    person = session.get(Person, (estate_id, person_id))
    if person is None:
        raise Refusal("person.unknown", id=str(person_id))
    numbers = (
        select(col(Phone.number))
        .where(col(Phone.estate_id) == estate_id, col(Phone.person_id) == person_id)
        .order_by(col(Phone.position))
    )
    rooms = _living(session, estate_id, col(Occupancy.person_id) == person_id)
    own = col(Ticket.person_id) == person_id
    at_home = col(Ticket.room_id).in_([hit.room_id for hit in rooms])
    return PersonCard(
        person_id=person.id,
        name=person.name,
        note=person.note,
        phones=tuple(session.connection().execute(numbers).scalars()),
        rooms=rooms,
        tickets=_tickets(session, estate_id, or_(own, at_home)),
    )


def _living(session: Session, estate_id: UUID, which: ColumnElement[bool]) -> tuple[PersonHit, ...]:
    """People at rooms: room by room, owners first."""
    person = and_(col(Person.estate_id) == estate_id, col(Person.id) == col(Occupancy.person_id))
    room = and_(col(Room.estate_id) == estate_id, col(Room.id) == col(Occupancy.room_id))
    first = and_(
        col(Phone.estate_id) == estate_id,
        col(Phone.person_id) == col(Occupancy.person_id),
        col(Phone.position) == 0,
    )
    tickets = (
        select(func.count())
        .where(
            col(Ticket.estate_id) == estate_id,
            col(Ticket.room_id) == col(Occupancy.room_id),
            col(Ticket.status).in_(LIVE),
        )
        .scalar_subquery()
    )
    name, code, role = col(Person.name), col(Room.code), col(Occupancy.role)
    number = func.coalesce(col(Phone.number), "")
    query = (
        select(col(Person.id), col(Room.id), name, code, role, number, tickets)
        .select_from(Occupancy)
        .join(Person, person)
        .join(Room, room)
        .outerjoin(Phone, first)
        .where(col(Occupancy.estate_id) == estate_id, which)
    )
    hits = [PersonHit(*row) for row in session.connection().execute(query)]
    hits.sort(key=lambda hit: (natural(hit.room), _ORDER.get(hit.role, len(_ORDER)), hit.name, hit.person_id))
    return tuple(hits)


def _tickets(session: Session, estate_id: UUID, which: ColumnElement[bool]) -> tuple[TicketLine, ...]:
    """Open tickets, the next due first."""
    due = (
        select(func.min(col(Deadline.due_at)))
        .where(
            col(Deadline.estate_id) == estate_id,
            col(Deadline.root_id) == col(Ticket.id),
            col(Deadline.open).is_(True),
            col(Deadline.step) == 0,
        )
        .scalar_subquery()
    )
    query = (
        select(
            col(Ticket.id),
            col(Ticket.number),
            col(Ticket.kind),
            col(Ticket.what),
            col(Ticket.status),
            col(Ticket.opened_at),
            due,
        )
        .where(col(Ticket.estate_id) == estate_id, which, col(Ticket.status).in_(LIVE))
        .order_by(col(Ticket.opened_at).desc())
        .limit(_SHOWN)
    )
    lines = [TicketLine(*row[:3], row.what or "", *row[4:]) for row in session.connection().execute(query)]
    lines.sort(key=lambda line: (line.due_at is None, line.due_at or line.opened_at, line.number))
    return tuple(lines)
