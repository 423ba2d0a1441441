"""The callback queue: whom to call, by when, and what was tried. Times are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from desk.ledger import Ledger
from desk.queries.page import ROWS, Key, Page

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call: who and when (S4-45), and what came of it."""

    at: datetime
    by: str
    outcome: str
    means: str
    note: str


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """A callback with what the one who calls must know."""

    id: UUID
    ticket_id: UUID
    number: str
    kind: str
    kind_title: Text
    what: str
    room: str
    person: str
    phone: str
    #: who did the work, and whether they have been heard first (S4-40)
    handler: str
    handler_heard: bool
    handler_first: bool
    grade: str | None
    #: what the handler wrote as result
    result: str
    completed_at: datetime | None
    opened_at: datetime
    #: end of the window the rules give
    due_at: datetime | None
    #: ``overdue`` | ``soon`` | ``later``
    state: str
    status: str
    attempts: int
    unanswered: int
    outcome: str | None
    history: tuple[Attempt, ...]
    #: what the kind asks at callback: (id, text)
    questions: tuple[tuple[str, Text], ...]


def queue(
    ledger: Ledger, session: Session, now: datetime, *, kind: str | None = None, limit: int = ROWS, after: Key | None = None
) -> Page[CallbackRow]:
    """Open callbacks, the one whose window ends first on top."""
    raise NotImplementedError


def one(ledger: Ledger, session: Session, callback_id: UUID, now: datetime) -> CallbackRow:
    """A callback, open or not. Raises :class:`Refusal` ``subject.unknown``."""
    raise NotImplementedError


def open_for(session: Session, estate_id: UUID, ticket_id: UUID) -> UUID:
    """The ticket's open callback. Raises :class:`Refusal` ``callback.none``."""
    raise NotImplementedError
