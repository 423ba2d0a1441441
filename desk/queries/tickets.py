"""Tickets: lists, finding one by its number, and everything about one. Times are aware UTC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlmodel import Session

from desk.errors import Refusal
from desk.ledger import Ledger
from desk.queries.due import DueRow
from desk.queries.log import EventRow
from desk.queries.page import ROWS, Key, Page
from desk.rulebook import Rulebook

Text = Mapping[str, str]


class VerbLike(Protocol):
    """What this room needs of a verb; the verbs themselves are the procedures'."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def applies(self) -> Callable[[Rulebook, Any], bool]: ...
    @property
    def may(self) -> Callable[[Rulebook, Any], Refusal | None]: ...


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
    limit: int = ROWS,
    after: Key | None = None,
) -> Page[TicketRow]:
    """Tickets, the latest first. ``text`` is looked for in number, matter, place, name and room."""
    raise NotImplementedError


def by_number(session: Session, estate_id: UUID, text: str) -> UUID:
    """The ticket people mean by ``R-261122-017``, ``R-1122-017`` (the latest such) or ``r1122017``.

    Raises :class:`Refusal` ``ticket.no_such``.
    """
    raise NotImplementedError


def ticket_view(
    ledger: Ledger, session: Session, ticket_id: UUID, now: datetime, verbs: Iterable[VerbLike] = ()
) -> TicketView:
    """One ticket with everything about it. Raises :class:`Refusal` ``subject.unknown``."""
    raise NotImplementedError
