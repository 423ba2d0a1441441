"""Registers and totals of a period: the repair register, the complaint register, the month. Times are aware UTC.

Sources: S0-31, S0-43, S0-46, S0-83; forms F-03, F-06, F-16.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func
from sqlmodel import Session, col, select

from desk.ledger import Ledger
from desk.ledger.deadlines import words_of
from desk.models import Callback, Event, Occupancy, Person, Phone, Room, Ticket
from desk.queries.naming import names_of, parts
from desk.queries.page import ROWS, Key, Page

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A line of the repair register (F-03) or the complaint register (F-06)."""

    ticket_id: UUID
    number: str
    opened_at: datetime
    kind: str
    room: str
    person: str
    phone: str
    what: str
    place: str
    convenient_time: str
    warranty: str | None
    repair_class: str | None
    grade: str | None
    #: told, or complained of
    department: str
    assignee: str
    appointment: datetime | None
    status: str
    completed_at: datetime | None
    result: str
    #: of the callback
    outcome: str | None
    opinion: str


@dataclass(frozen=True, slots=True)
class Total:
    """A kind in a period."""

    kind: str
    title: Text
    opened: int
    #: completed, or answered and closed without; not what was cancelled
    completed: int
    cancelled: int
    #: opened in the period and still open
    unfinished: int
    called_back: int
    satisfied: int
    unsatisfied: int
    #: mean time until then
    mean: timedelta | None


def register(
    ledger: Ledger,
    session: Session,
    kinds: Iterable[str],
    since: datetime,
    until: datetime,
    *,
    limit: int = ROWS,
    after: Key | None = None,
) -> Page[RegisterRow]:
    """Tickets of ``kinds`` opened from ``since`` up to, not including, ``until``, in the order they came."""
    at, ident = col(Ticket.opened_at), col(Ticket.id)
    query = (
        select(Ticket, Room.code, Person.name)
        .join(Room, and_(col(Room.estate_id) == Ticket.estate_id, col(Room.id) == Ticket.room_id), isouter=True)
        .join(Person, and_(col(Person.estate_id) == Ticket.estate_id, col(Person.id) == Ticket.person_id), isouter=True)
        .where(Ticket.estate_id == ledger.estate_id, col(Ticket.kind).in_(list(kinds)), at >= since, at < until)
    )
    if after is not None:
        query = query.where(at >= after[0], (at > after[0]) | (ident > after[1]))
    found = session.exec(query.order_by(at, ident).limit(limit + 1)).all()
    rows = _rows(ledger, session, found[:limit])
    return Page(tuple(rows), (rows[-1].opened_at, rows[-1].ticket_id) if len(found) > limit else None)


def _rows(ledger: Ledger, session: Session, found: Sequence[Any]) -> list[RegisterRow]:
    estate_id = ledger.estate_id
    ids = [ticket.id for ticket, _code, _name in found]
    names = names_of(session, estate_id, [ticket.assignee for ticket, _code, _name in found])
    results: dict[UUID, str] = {}
    calls: dict[UUID, Callback] = {}
    for part in parts(ids):
        done = select(Event).where(
            Event.estate_id == estate_id, col(Event.root_id).in_(part), Event.name == "ticket.completed"
        )
        events = sorted(session.exec(done), key=lambda event: event.seq)
        words = words_of(session, estate_id, [event.id for event in events])
        results |= {event.root_id: words.get(event.id, {}).get("result") or "" for event in events}
        query = select(Callback).where(Callback.estate_id == estate_id, col(Callback.ticket_id).in_(part))
        calls |= {each.ticket_id: each for each in session.exec(query.order_by(col(Callback.opened_at)))}
    return [
        RegisterRow(
            ticket_id=ticket.id,
            number=ticket.number,
            opened_at=ticket.opened_at,
            kind=ticket.kind,
            room=code or ticket.room_text or "",
            person=ticket.person_name or name or "",
            phone=ticket.phone or "",
            what=ticket.what or "",
            place=ticket.place or "",
            convenient_time=ticket.convenient_time or "",
            warranty=ticket.facts.get("warranty"),
            repair_class=ticket.facts.get("repair_class"),
            grade=ticket.facts.get("grade"),
            department=ticket.facts.get("complained_department") or ticket.department or "",
            assignee=names.get(ticket.assignee, "") if ticket.assignee else "",
            appointment=ticket.appointment,
            status=ticket.status,
            completed_at=ticket.completed_at,
            result=results.get(ticket.id, ""),
            outcome=calls[ticket.id].outcome if ticket.id in calls else None,
            opinion=(calls[ticket.id].opinion or calls[ticket.id].why or "") if ticket.id in calls else "",
        )
        for ticket, code, name in found
    ]


def totals(ledger: Ledger, session: Session, since: datetime, until: datetime) -> list[Total]:
    """What came in from ``since`` up to, not including, ``until``, and what became of it, a kind a line."""
    opened = and_(
        col(Ticket.estate_id) == ledger.estate_id, col(Ticket.opened_at) >= since, col(Ticket.opened_at) < until
    )
    count = _count
    tickets = {
        kind: (number, done or 0, gone or 0)
        for kind, number, done, gone in session.exec(
            select(
                Ticket.kind,
                func.count(),
                count(_done()),
                count(col(Ticket.status) == "cancelled"),
            )
            .where(opened)
            .group_by(Ticket.kind)
        )
    }
    same = and_(col(Callback.estate_id) == ledger.estate_id, col(Callback.ticket_id) == Ticket.id)
    called = {
        kind: (made or 0, good or 0, bad or 0)
        for kind, made, good, bad in session.exec(
            select(
                Ticket.kind,
                count(col(Callback.status) != "open"),
                count(col(Callback.outcome) == "satisfied"),
                count(col(Callback.outcome) == "unsatisfied"),
            )
            .join(Callback, same)
            .where(opened)
            .group_by(Ticket.kind)
        )
    }
    means = _means(session, opened)
    kinds = ledger.book.kinds
    order = [*kinds, *sorted(set(tickets) - set(kinds))]
    return [
        Total(
            kind=kind,
            title=kinds[kind].title if kind in kinds else {"en": kind},
            opened=tickets[kind][0],
            completed=tickets[kind][1],
            cancelled=tickets[kind][2],
            unfinished=tickets[kind][0] - tickets[kind][1] - tickets[kind][2],
            called_back=called.get(kind, (0, 0, 0))[0],
            satisfied=called.get(kind, (0, 0, 0))[1],
            unsatisfied=called.get(kind, (0, 0, 0))[2],
            mean=means.get(kind),
        )
        for kind in order
        if kind in tickets
    ]


def _means(session: Session, opened: Any) -> dict[str, timedelta]:
    """Mean length by kind: reckoned in seconds by the engine, whichever it is."""
    end = func.coalesce(col(Ticket.completed_at), col(Ticket.closed_at))
    if session.get_bind().dialect.name == "sqlite":
        length: Any = (func.julianday(end) - func.julianday(Ticket.opened_at)) * 86400.0
    else:
        length = func.extract("epoch", end - col(Ticket.opened_at))
    query = select(Ticket.kind, func.avg(length)).where(opened, _done())
    return {
        kind: timedelta(seconds=round(float(mean)))
        for kind, mean in session.exec(query.group_by(Ticket.kind))
        if mean is not None
    }


def _done() -> Any:
    """What came to its end: an inquiry is answered and closed, and never completed."""
    ended = col(Ticket.completed_at).is_not(None) | (col(Ticket.status) == "closed")
    return ended & (col(Ticket.status) != "cancelled")


def _count(test: Any) -> Any:
    return func.sum(case((test, 1), else_=0))


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person at one of their rooms."""

    room: str
    #: ``owner`` | ``tenant`` | ``family``, or empty
    role: str
    name: str
    #: the one to call first comes first
    phones: tuple[str, ...]
    note: str


def people(ledger: Ledger, session: Session, *, limit: int = ROWS, after: Key | None = None) -> Page[PersonRow]:
    """Everybody the estate serves, room by room of each; those of no room come once."""
    estate_id, ident = ledger.estate_id, col(Person.id)
    at_room = and_(col(Occupancy.estate_id) == estate_id, col(Occupancy.person_id) == ident)
    room = and_(col(Room.estate_id) == estate_id, col(Room.id) == Occupancy.room_id)
    query = select(Person.id).where(Person.estate_id == estate_id, Person.name != "").order_by(ident).limit(limit + 1)
    if after is not None:
        query = query.where(ident > after[0])
    ids = list(session.exec(query))
    shown = ids[:limit]
    rows: list[PersonRow] = []
    for part in parts(shown):
        numbers: dict[UUID, list[str]] = {}
        phones = select(Phone.person_id, Phone.number).where(
            Phone.estate_id == estate_id, col(Phone.person_id).in_(part)
        )
        for person, number in session.exec(phones.order_by(col(Phone.position))):
            numbers.setdefault(person, []).append(number)
        found = (
            select(Person, Occupancy.role, Room.code)
            .join(Occupancy, at_room, isouter=True)
            .join(Room, room, isouter=True)
            .where(Person.estate_id == estate_id, ident.in_(part))
            .order_by(ident, col(Room.code))
        )
        rows += [
            PersonRow(code or "", role or "", person.name, tuple(numbers.get(person.id, ())), person.note)
            for person, role, code in session.exec(found)
        ]
    return Page(tuple(rows), (shown[-1],) if len(ids) > limit else None)


def month_of(ledger: Ledger, day: date) -> tuple[datetime, datetime]:
    """The beginning of a local date's month and of the next."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return _midnight(ledger, first), _midnight(ledger, following)


def day_of(ledger: Ledger, day: date) -> tuple[datetime, datetime]:
    """The beginning of a local date and of the next."""
    return _midnight(ledger, day), _midnight(ledger, day + timedelta(days=1))


def _midnight(ledger: Ledger, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ledger.zone).astimezone(UTC)
