"""The callback queue: whom to call, by when, and what was tried. Times are aware UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from desk.errors import Refusal
from desk.ledger import Ledger
from desk.ledger.deadlines import words_of
from desk.models import Callback, Deadline, Event, Person, Room, Ticket
from desk.queries.look import HOUR
from desk.queries.naming import names_of, parts
from desk.queries.page import ROWS, Key, Page

Text = Mapping[str, str]

#: how far back the supervisor's list looks
REVIEWED_WITHIN = timedelta(days=31)
#: those drawn from a former month may have been opened long before they were made
_DRAWN_WITHIN = timedelta(days=92)


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
    #: what the handler said when heard before the call
    heard: str
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
    ledger: Ledger,
    session: Session,
    now: datetime,
    *,
    kind: str | None = None,
    limit: int = ROWS,
    after: Key | None = None,
) -> Page[CallbackRow]:
    """Open callbacks, the one whose window ends first on top; what no rule gives a window comes last."""
    window = _window(ledger)
    query = select(Callback.id, Callback.opened_at, window).where(
        Callback.estate_id == ledger.estate_id, Callback.status == "open"
    )
    if kind is not None:
        same = and_(col(Ticket.estate_id) == Callback.estate_id, col(Ticket.id) == Callback.ticket_id)
        query = query.join(Ticket, same).where(Ticket.kind == kind)
    keys = sorted((due is None, due or opened, ident) for ident, opened, due in session.exec(query))
    keys = [key for key in keys if after is None or key > after]
    wanted = [ident for _none, _at, ident in keys[:limit]]
    found = {each[0].id: each for each in session.exec(_query(ledger).where(col(Callback.id).in_(wanted)))}
    rows = _rows(ledger, session, [found[ident] for ident in wanted], now)
    return Page(tuple(rows), keys[limit - 1] if len(keys) > limit else None)


def to_review(ledger: Ledger, session: Session, now: datetime, *, limit: int = ROWS) -> Page[CallbackRow]:
    """Callbacks of the last month that are over and that no supervisor has looked at, the latest first (S0-82).

    Where the manual has only those reviewed that were drawn (S2-28), only they are shown.
    """
    found: list[_Found] = []
    rules = ledger.book.rules.values()
    opening = {name for rule in rules if "callback.reviewed" in rule.until for name, _where in rule.on}
    drawn_only = opening == {"callback.drawn"}
    since = now - (_DRAWN_WITHIN if drawn_only else REVIEWED_WITHIN)
    for status in ("done", "stopped"):  # each by its own stretch of the index
        query = _query(ledger).where(
            Callback.status == status,
            col(Callback.opened_at) >= since,
            col(Callback.reviewed_at).is_(None),
        )
        if drawn_only:
            query = query.where(col(Callback.facts)["sample"].as_string().is_not(None))
        found += session.exec(query.order_by(col(Callback.opened_at).desc()).limit(limit)).all()
    found.sort(key=lambda each: (each[0].opened_at, each[0].id), reverse=True)
    return Page(tuple(_rows(ledger, session, found[:limit], now)))


def one(ledger: Ledger, session: Session, callback_id: UUID, now: datetime) -> CallbackRow:
    """A callback, open or not. Raises :class:`Refusal` ``subject.unknown``."""
    found = session.exec(_query(ledger).where(Callback.id == callback_id)).all()
    if not found:
        raise Refusal("subject.unknown", type="callback", id=str(callback_id))
    return _rows(ledger, session, found, now)[0]


def open_for(session: Session, estate_id: UUID, ticket_id: UUID) -> UUID:
    """The ticket's open callback. Raises :class:`Refusal` ``callback.none``."""
    query = select(Callback.id).where(
        Callback.estate_id == estate_id, Callback.ticket_id == ticket_id, Callback.status == "open"
    )
    found = session.exec(query).first()
    if found is None:
        ticket = session.get(Ticket, (estate_id, ticket_id))
        raise Refusal("callback.none", number=ticket.number if ticket else str(ticket_id))
    return found


#: a callback, its ticket, the room's code, the person's name, and the end of its window
_Found = tuple[Callback, Ticket, str | None, str | None, datetime | None]


def _window(ledger: Ledger) -> Any:
    """When the callback's window ends: the first open deadline on its ticket that a callback meets."""
    calls = [rule.id for rule in ledger.book.rules.values() if "callback.done" in rule.until]
    return (
        select(func.min(Deadline.due_at))
        .where(
            Deadline.estate_id == ledger.estate_id,
            Deadline.root_id == Callback.ticket_id,
            Deadline.step == 0,
            col(Deadline.open).is_(True),
            col(Deadline.paused).is_(False),
            col(Deadline.rule_id).in_(calls),
        )
        .correlate(Callback)
        .scalar_subquery()
    )


def _query(ledger: Ledger) -> Any:
    estate_id = ledger.estate_id
    return (
        select(Callback, Ticket, Room.code, Person.name, _window(ledger))  # type: ignore[call-overload]
        .join(Ticket, and_(col(Ticket.estate_id) == estate_id, col(Ticket.id) == Callback.ticket_id))
        .join(Room, and_(col(Room.estate_id) == estate_id, col(Room.id) == Ticket.room_id), isouter=True)
        .join(Person, and_(col(Person.estate_id) == estate_id, col(Person.id) == Ticket.person_id), isouter=True)
        .where(Callback.estate_id == estate_id)
    )


def _rows(ledger: Ledger, session: Session, found: Sequence[_Found], now: datetime) -> list[CallbackRow]:
    book = ledger.book
    heard: dict[UUID, str] = {}
    results: dict[UUID, str] = {}
    tries = _tries(ledger, session, {each[0].ticket_id for each in found}, heard, results)
    names = names_of(session, ledger.estate_id, [each[1].assignee for each in found])
    first = book.settings.get("handler_first", ())
    rows = []
    for callback, ticket, code, name, due in found:
        kind = book.kinds.get(ticket.kind)
        facts = ticket.facts
        rows.append(
            CallbackRow(
                id=callback.id,
                ticket_id=ticket.id,
                number=ticket.number,
                kind=ticket.kind,
                kind_title=kind.title if kind else {"en": ticket.kind},
                what=ticket.what or "",
                room=code or ticket.room_text or "",
                person=ticket.person_name or name or "",
                phone=ticket.phone or "",
                handler=names.get(ticket.assignee, "") if ticket.assignee else ticket.department or "",
                handler_heard=callback.id in heard,
                handler_first=ticket.kind in first,
                grade=facts.get("grade"),
                result=results.get(ticket.id, ""),
                heard=heard.get(callback.id, ""),
                completed_at=ticket.completed_at,
                opened_at=callback.opened_at,
                due_at=due,
                state=_state(callback, due, now),
                status=callback.status,
                attempts=callback.attempts,
                unanswered=callback.unanswered,
                outcome=callback.outcome,
                history=tuple(tries.get(callback.id, ())),
                questions=kind.questions if kind else (),
            )
        )
    return rows


def _tries(
    ledger: Ledger, session: Session, tickets: Iterable[UUID], heard: dict[UUID, str], results: dict[UUID, str]
) -> dict[UUID, list[Attempt]]:
    """Every call of these tickets by callback; fills what handlers said before the call, and wrote as result."""
    found: dict[UUID, list[Attempt]] = {}
    wanted = ("callback.tried", "callback.done", "callback.stopped", "callback.handler_heard", "ticket.completed")
    for part in parts(tickets):
        query = select(Event).where(
            Event.estate_id == ledger.estate_id, col(Event.root_id).in_(part), col(Event.name).in_(wanted)
        )
        # put in order here: the engine would rather walk through the whole log by time
        events = sorted(session.exec(query), key=lambda event: (event.happened_at, event.seq))
        words = words_of(session, ledger.estate_id, [event.id for event in events])
        names = names_of(session, ledger.estate_id, [event.done_by for event in events])
        for event in events:
            said = words.get(event.id, {})
            if event.name == "ticket.completed":
                results[event.root_id] = said.get("result") or ""
            elif event.name == "callback.handler_heard":
                heard[event.subject_id] = next((text for text in said.values() if text), "")
            elif event.name != "callback.stopped" or "outcome" in event.own:
                note = said.get("opinion") or said.get("why") or said.get("note") or ""
                by = names.get(event.done_by, "") if event.done_by else ""
                means, outcome = event.facts.get("means", ""), event.facts.get("outcome", "")
                found.setdefault(event.subject_id, []).append(Attempt(event.happened_at, by, outcome, means, note))
    return found


def _state(callback: Callback, due: datetime | None, now: datetime) -> str:
    if due is None or callback.status != "open":
        return "later"
    if due < now:
        return "overdue"
    return "soon" if due - now <= HOUR else "later"
