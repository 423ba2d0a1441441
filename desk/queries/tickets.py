"""Tickets: lists, finding one by its number, and everything about one. Times are aware UTC."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import and_, case, func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from desk.errors import Refusal
from desk.ledger import Ledger, permits
from desk.ledger.rows import facts_of
from desk.models import Appointment, Callback, Deadline, Event, Person, Room, Ticket
from desk.queries.due import DueRow, of_root
from desk.queries.log import EventRow, event_rows
from desk.queries.naming import names_of, parts, staff_in, with_names
from desk.queries.page import ESCAPE, ROWS, Key, Page, like
from desk.rulebook import Rulebook
from desk.text import narrow, room_code
from desk.vocabulary import LIVE

Text = Mapping[str, str]


class VerbLike(Protocol):
    """What this room needs of a verb; the verbs themselves are the procedures'."""

    @property
    def name(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def applies(self) -> Callable[[Rulebook, Any], bool]: ...
    @property
    def may(self) -> Callable[[Rulebook, Any], Refusal | None]: ...
    @property
    def yet(self) -> Callable[[Session, Any, datetime], Refusal | None]: ...


@dataclass(frozen=True, slots=True)
class VerbState:
    """A verb that makes sense here; ``refusal`` says why it can't be done now. ``subject_id`` is what it is done to."""

    verb: Any
    subject_id: UUID
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket in a list. ``due_at`` is the next thing due on it."""

    id: UUID
    number: str
    kind: str
    kind_title: Text
    status: str
    opened_at: datetime
    what: str
    room: str
    room_id: UUID | None
    person: str
    person_id: UUID | None
    phone: str
    place: str
    owner: str
    assignee: str
    urgent: bool
    emergency: bool
    paused: bool
    urges: int
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    id: UUID
    at: datetime
    status: str
    rebooked: int
    missed: int


@dataclass(frozen=True, slots=True)
class CallbackState:
    """A ticket's callback, as its page shows it; the queue is :mod:`desk.queries.callbacks`."""

    id: UUID
    status: str
    opened_at: datetime
    done_at: datetime | None
    attempts: int
    outcome: str | None
    opinion: str
    why: str
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TicketView:
    """Everything about one ticket."""

    row: TicketRow
    #: every fact known of it, members of staff by name
    facts: Mapping[str, Any]
    convenient_time: str
    completed_at: datetime | None
    closed_at: datetime | None
    appointment: datetime | None
    promised_at: datetime | None
    pause_reason: str
    first_contact: str
    department: str
    #: oldest first
    events: Sequence[EventRow]
    #: open, met and cancelled ones, in the order they are due
    deadlines: Sequence[DueRow]
    callbacks: Sequence[CallbackState]
    appointments: Sequence[AppointmentRow]
    #: tickets linked to this one, either way
    links: Sequence[TicketRow]
    verbs: Sequence[VerbState]


def ticket_page(
    ledger: Ledger,
    session: Session,
    *,
    status: Iterable[str] | None = None,
    kind: str | None = None,
    text: str | None = None,
    room: UUID | str | None = None,
    person: UUID | None = None,
    staff: UUID | None = None,
    limit: int = ROWS,
    after: Key | None = None,
    until: Key | None = None,
) -> Page[TicketRow]:
    """Tickets, the latest first. ``text`` is looked for in number, matter, place, name and room; ``staff`` is whoever
    works on them or answers for them. With ``until`` (see :func:`back`) none older than it is looked at."""
    query = _query(ledger.estate_id)
    if status is not None:
        query = query.where(col(Ticket.status).in_(list(status)))
    if kind is not None:
        query = query.where(Ticket.kind == kind)
    if person is not None:
        query = query.where(Ticket.person_id == person)
    if staff is not None:
        query = query.where(or_(col(Ticket.assignee) == staff, col(Ticket.owner) == staff))
    if isinstance(room, UUID):
        query = query.where(Ticket.room_id == room)
    elif room:
        query = query.where(or_(col(Room.code) == room_code(room), col(Ticket.room_text) == room))
    if text:
        pattern = like(text)
        looked = (Ticket.what, Ticket.place, Ticket.person_name, Ticket.room_text, Ticket.phone, Room.code, Person.name)
        tests = [col(column).like(pattern, escape=ESCAPE) for column in looked]
        query = query.where(or_(col(Ticket.number).like(like(narrow(text).upper()), escape=ESCAPE), *tests))
    at, ident = col(Ticket.opened_at), col(Ticket.id)
    if after is not None:
        query = query.where(at <= after[0], or_(at < after[0], ident < after[1]))
    if until is not None:
        query = query.where(at >= until[0], or_(at > until[0], ident >= until[1]))
    found = session.exec(query.order_by(at.desc(), ident.desc()).limit(limit + 1)).all()
    rows = _rows(ledger, session, found[:limit])
    return Page(tuple(rows), (rows[-1].opened_at, rows[-1].id) if len(found) > limit else None)


def back(ledger: Ledger, session: Session, after: Key | None, count: int) -> Key | None:
    """The place ``count`` tickets back from ``after`` (None: from the latest); None where fewer are left.

    A search through a million tickets goes by such stretches, and can be stopped between two.
    """
    at, ident = col(Ticket.opened_at), col(Ticket.id)
    query = select(Ticket.opened_at, Ticket.id).where(Ticket.estate_id == ledger.estate_id)
    if after is not None:
        query = query.where(at <= after[0], or_(at < after[0], ident < after[1]))
    found = session.exec(query.order_by(at.desc(), ident.desc()).offset(count - 1).limit(1)).first()
    return (found[0], found[1]) if found is not None else None


def ticket_rows(ledger: Ledger, session: Session, ids: Iterable[UUID]) -> list[tuple[Ticket, TicketRow]]:
    """These tickets, each with its line in a list."""
    found = session.exec(_query(ledger.estate_id).where(col(Ticket.id).in_(list(ids)))).all()
    return list(zip((ticket for ticket, _code, _name in found), _rows(ledger, session, found), strict=True))


#: letter, perhaps the year, month and day, number of the day
_NUMBER = re.compile(r"([A-Z]{1,3})-?(\d{2})?(\d{4})-?(\d{3}|(?<=-)\d{1,9})")
_YEARS = range(100)


def by_number(session: Session, estate_id: UUID, text: str) -> UUID:
    """The ticket people mean by ``R-261122-017``, ``R-1122-017`` (the latest such) or ``r1122017``.

    Raises :class:`Refusal` ``ticket.no_such``.
    """
    asked = re.sub(r"\s", "", narrow(text)).upper()
    candidates = [asked, text.strip()]
    if found := _NUMBER.fullmatch(asked):
        letter, year, day, number = found.groups()
        years = [year] if year else [f"{y:02d}" for y in _YEARS]
        candidates += [f"{letter}-{y}{day}-{each}" for y in years for each in {number, f"{int(number):03d}"}]
    # put in order here: the engine would rather walk through all tickets by time
    query = select(Ticket.opened_at, Ticket.id).where(Ticket.estate_id == estate_id, col(Ticket.number).in_(candidates))
    tickets = list(session.exec(query))
    if not tickets:
        raise Refusal("ticket.no_such", number=text)
    return max(tickets)[1]


def ticket_view(
    ledger: Ledger, session: Session, ticket_id: UUID, now: datetime, verbs: Iterable[VerbLike] = ()
) -> TicketView:
    """One ticket with everything about it. Raises :class:`Refusal` ``subject.unknown``."""
    estate_id = ledger.estate_id
    found = session.exec(_query(estate_id).where(Ticket.id == ticket_id)).first()
    if found is None:
        raise Refusal("subject.unknown", type="ticket", id=str(ticket_id))
    ticket = found[0]
    facts = facts_of(ticket)
    names = names_of(session, estate_id, [*staff_in(facts), ticket.first_contact])
    of_ticket = select(Event).where(Event.estate_id == estate_id, Event.root_id == ticket_id)
    events = sorted(session.exec(of_ticket), key=lambda event: (event.happened_at, event.seq))
    callbacks = session.exec(
        select(Callback)
        .where(Callback.estate_id == estate_id, Callback.ticket_id == ticket_id)
        .order_by(col(Callback.opened_at))
    ).all()
    appointments = session.exec(
        select(Appointment)
        .where(Appointment.estate_id == estate_id, Appointment.ticket_id == ticket_id)
        .order_by(col(Appointment.id))
    ).all()
    numbers = [str(event.facts.get("number")) for event in events if event.name == "ticket.linked"]
    links = list(session.exec(_query(estate_id).where(col(Ticket.number).in_(numbers)))) if numbers else []
    if ticket.linked_to is not None:
        links = [*session.exec(_query(estate_id).where(Ticket.id == ticket.linked_to)), *links]
    return TicketView(
        row=_rows(ledger, session, [found])[0],
        facts=with_names(facts, names),
        convenient_time=ticket.convenient_time or "",
        completed_at=ticket.completed_at,
        closed_at=ticket.closed_at,
        appointment=ticket.appointment,
        promised_at=ticket.promised_at,
        pause_reason=ticket.pause_reason or "",
        first_contact=names.get(ticket.first_contact, "") if ticket.first_contact else "",
        department=ticket.department or "",
        events=event_rows(session, estate_id, events),
        deadlines=of_root(ledger, session, ("ticket", ticket_id), now),
        callbacks=[
            CallbackState(
                id=c.id,
                status=c.status,
                opened_at=c.opened_at,
                done_at=c.done_at,
                attempts=c.attempts,
                outcome=c.outcome,
                opinion=c.opinion or "",
                why=c.why or "",
                reviewed_at=c.reviewed_at,
            )
            for c in callbacks
        ],
        appointments=[AppointmentRow(a.id, a.at, a.status, a.rebooked, a.missed) for a in appointments],
        links=_rows(ledger, session, links),
        verbs=_states(ledger, session, ticket, callbacks, appointments, verbs, now),
    )


def _states(
    ledger: Ledger,
    session: Session,
    ticket: Ticket,
    callbacks: Sequence[Callback],
    appointments: Sequence[Appointment],
    verbs: Iterable[VerbLike],
    now: datetime,
) -> list[VerbState]:
    """What can be done now, and what cannot; verbs of the callback and the appointment stand for the latest one."""
    latest: dict[str, Ticket | Callback | Appointment] = {"ticket": ticket}
    if callbacks:
        latest["callback"] = callbacks[-1]
    if appointments:
        latest["appointment"] = appointments[-1]
    found = []
    for verb in verbs:
        row = latest.get(verb.subject)
        if row is not None and verb.applies(ledger.book, row):
            denied = permits.why_not_event(ledger, session, verb.event)
            refusal = denied or verb.may(ledger.book, row) or verb.yet(session, row, now)
            found.append(VerbState(verb, row.id, refusal))
    return found


def _query(estate_id: UUID) -> SelectOfScalar[Any]:
    """Tickets with the code of their room and the name of their person."""
    return (
        select(Ticket, Room.code, Person.name)  # type: ignore[return-value]
        .join(Room, and_(col(Room.estate_id) == Ticket.estate_id, col(Room.id) == Ticket.room_id), isouter=True)
        .join(Person, and_(col(Person.estate_id) == Ticket.estate_id, col(Person.id) == Ticket.person_id), isouter=True)
        .where(Ticket.estate_id == estate_id)
    )


def _rows(ledger: Ledger, session: Session, found: Sequence[tuple[Ticket, str | None, str | None]]) -> list[TicketRow]:
    tickets = [ticket for ticket, _code, _name in found]
    names = names_of(session, ledger.estate_id, [i for ticket in tickets for i in (ticket.owner, ticket.assignee)])
    due: dict[UUID, datetime] = {}
    for part in parts(ticket.id for ticket in tickets if ticket.status in LIVE):
        runs = and_(col(Deadline.open).is_(True), col(Deadline.paused).is_(False))
        query = (
            select(Deadline.root_id, func.min(case((runs, Deadline.due_at), else_=None)))
            .where(Deadline.estate_id == ledger.estate_id, col(Deadline.root_id).in_(part))
            .group_by(col(Deadline.root_id))
        )
        due |= {ident: at for ident, at in session.exec(query) if at is not None}
    kinds = ledger.book.kinds
    return [
        TicketRow(
            id=ticket.id,
            number=ticket.number,
            kind=ticket.kind,
            kind_title=kinds[ticket.kind].title if ticket.kind in kinds else {"en": ticket.kind},
            status=ticket.status,
            opened_at=ticket.opened_at,
            what=ticket.what or "",
            room=code or ticket.room_text or "",
            room_id=ticket.room_id,
            person=ticket.person_name or name or "",
            person_id=ticket.person_id,
            phone=ticket.phone or "",
            place=ticket.place or "",
            owner=names.get(ticket.owner, "") if ticket.owner else "",
            assignee=names.get(ticket.assignee, "") if ticket.assignee else "",
            urgent=ticket.urgent,
            emergency=ticket.emergency,
            paused=ticket.paused_at is not None,
            urges=ticket.urges,
            due_at=due.get(ticket.id),
        )
        for ticket, code, name in found
    ]
