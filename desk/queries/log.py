"""The duty log: events as they happened, by pages, with their words. Times are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from desk.ledger import Ledger
from desk.ledger.deadlines import words_of
from desk.models import Event, EventWord, Person, Shift, Ticket, Visit
from desk.queries.adopted import RulesChange, change_of
from desk.queries.naming import matters_of, names_of, parts, staff_in, with_names
from desk.queries.page import ESCAPE, ROWS, Key, Page, like
from desk.vocabulary import EVENTS


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as people read it; :func:`desk.wording.summary` makes one line of it."""

    id: UUID
    seq: int
    name: str
    #: message id of what happened: show it with ``_``
    title: str
    happened_at: datetime
    recorded_at: datetime
    #: written up after the fact
    late: bool
    #: who did it and who wrote it, by name; empty for what the machine itself noted
    done_by: str
    recorded_by: str
    subject_type: str
    subject_id: UUID
    root_type: str
    root_id: UUID
    #: of the ticket or visit it belongs to
    number: str | None
    #: facts of this act alone, members of staff by name
    facts: Mapping[str, Any]
    #: what it changed, members of staff by name
    sets: Mapping[str, Any]
    #: free text and personal data; a forgotten word is None
    words: Mapping[str, str | None]
    corrects: UUID | None = None
    batch: UUID | None = None
    #: what came of it: "" | ``corrected`` | ``retracted``
    undone: str = ""
    #: of rules adopted: what they changed of those before
    changed: RulesChange | None = None
    #: whom it is about, where nothing else in the row says so: a colleague (whose PIN, whose shift), a resident
    whom: str = ""
    person: str = ""
    #: when the shift it is about begins
    begins: datetime | None = None


def log_page(
    ledger: Ledger,
    session: Session,
    *,
    day: date | None = None,
    text: str | None = None,
    group: str | None = None,
    name: str | None = None,
    by: UUID | None = None,
    root: UUID | None = None,
    system: bool = True,
    oldest_first: bool = False,
    limit: int = ROWS,
    after: Key | None = None,
) -> Page[EventRow]:
    """Events, the latest first unless ``oldest_first``.

    ``day`` is a local date; ``text`` is looked for in the words; ``group`` is the first part of a name (``ticket``,
    ``callback``); ``system=False`` leaves out what the machine noted by itself, and who saw a number in full.
    """
    query = select(Event).where(*_tests(ledger, day, text, group, name, by, root, system))
    at, seq = col(Event.happened_at), col(Event.seq)
    if after is not None:
        same = seq > after[1] if oldest_first else seq < after[1]
        beyond = at > after[0] if oldest_first else at < after[0]
        query = query.where(at >= after[0] if oldest_first else at <= after[0], or_(beyond, same))
    if root is None:
        order = (at, seq) if oldest_first else (at.desc(), seq.desc())
        events = list(session.exec(query.order_by(*order).limit(limit + 1)))
    else:
        # one root's events are few; asked for in order, the engine would walk through the whole log
        events = sorted(session.exec(query), key=lambda e: (e.happened_at, e.seq), reverse=not oldest_first)
    more = len(events) > limit
    rows = event_rows(session, ledger.estate_id, events[:limit])
    return Page(tuple(rows), (rows[-1].happened_at, rows[-1].seq) if more else None)


def event_rows(session: Session, estate_id: UUID, events: Sequence[Event]) -> list[EventRow]:
    """Events with their words, names and numbers, in the order given."""
    words = words_of(session, estate_id, [event.id for event in events])
    matters = matters_of(
        session, estate_id, {event.root_id for event in events if event.root_type in ("ticket", "visit")}
    )
    people = {ident for event in events for ident in (event.done_by, event.recorded_by)}
    people |= {ident for event in events for facts in (event.facts, event.sets) for ident in staff_in(facts)}
    people |= {event.subject_id for event in events if event.subject_type == "staff"}
    shifts = _shifts(session, estate_id, {event.subject_id for event in events if event.subject_type == "shift"})
    people |= {shift.staff_id for shift in shifts.values()}
    seen = _residents(session, estate_id, {e.subject_id for e in events if e.name == "person.revealed"})
    names = names_of(session, estate_id, people)
    undone = _undone(session, estate_id, events)
    return [
        EventRow(
            id=event.id,
            seq=event.seq,
            name=event.name,
            title=EVENTS[event.name].title if event.name in EVENTS else event.name,
            happened_at=event.happened_at,
            recorded_at=event.recorded_at,
            late=event.late,
            done_by=names.get(event.done_by, "") if event.done_by else "",
            recorded_by=names.get(event.recorded_by, "") if event.recorded_by else "",
            subject_type=event.subject_type,
            subject_id=event.subject_id,
            root_type=event.root_type,
            root_id=event.root_id,
            number=matters[event.root_id].number if event.root_id in matters else None,
            facts=with_names({key: event.facts[key] for key in _own(event) if key in event.facts}, names),
            sets=with_names(event.sets, names),
            words=words.get(event.id, {}),
            corrects=event.corrects,
            batch=event.batch,
            undone=undone.get(event.id, ""),
            changed=_changed(session, event) if event.name == "rulebook.adopted" else None,
            whom=names.get(shifts[event.subject_id].staff_id if event.subject_id in shifts else event.subject_id, ""),
            person=seen.get(event.subject_id, ""),
            begins=shifts[event.subject_id].starts_at if event.subject_id in shifts else None,
        )
        for event in events
    ]


def _shifts(session: Session, estate_id: UUID, ids: set[UUID]) -> dict[UUID, Shift]:
    found: dict[UUID, Shift] = {}
    for part in parts(ids):
        query = select(Shift).where(Shift.estate_id == estate_id, col(Shift.id).in_(part))
        found |= {shift.id: shift for shift in session.exec(query)}
    return found


def _residents(session: Session, estate_id: UUID, ids: set[UUID]) -> dict[UUID, str]:
    """Names of residents, as they are called now."""
    found: dict[UUID, str] = {}
    for part in parts(ids):
        query = select(Person.id, Person.name).where(Person.estate_id == estate_id, col(Person.id).in_(part))
        found |= dict(session.exec(query).all())
    return found


def _changed(session: Session, event: Event) -> RulesChange | None:
    version = event.sets.get("version")
    return change_of(session, event.estate_id, version) if isinstance(version, int) else None


def _own(event: Event) -> list[str]:
    """What the act itself said; of a duty always which one it is: it has no number to be known by."""
    return [*event.own, "rule"] if event.subject_type == "duty" and "rule" not in event.own else list(event.own)


def _tests(
    ledger: Ledger,
    day: date | None,
    text: str | None,
    group: str | None,
    name: str | None,
    by: UUID | None,
    root: UUID | None,
    system: bool,
) -> list[ColumnElement[bool]]:
    found = [col(Event.estate_id) == ledger.estate_id]
    if day is not None:
        calendar = ledger.calendar
        begin, end = calendar.end_of_day(day - timedelta(days=1)), calendar.end_of_day(day)
        found += [col(Event.happened_at) >= begin, col(Event.happened_at) < end]
    if root is not None:
        found.append(col(Event.root_id) == root)
    if name is not None:
        found.append(col(Event.name) == name)
    if group is not None:
        found += [col(Event.name) >= f"{group}.", col(Event.name) < f"{group}/"]
    if by is not None:
        found.append(or_(col(Event.done_by) == by, col(Event.recorded_by) == by))
    if not system:
        found += [col(Event.recorded_by).is_not(None), col(Event.name) != "person.revealed"]
    if text:
        pattern = like(text)
        spoken = select(EventWord.event_id).where(
            EventWord.estate_id == ledger.estate_id,
            EventWord.event_id == Event.id,
            col(EventWord.text).like(pattern, escape=ESCAPE),
        )
        numbered = select(Ticket.id).where(
            Ticket.estate_id == ledger.estate_id,
            Ticket.id == Event.root_id,
            col(Ticket.number).like(like(text.upper()), escape=ESCAPE),
        )
        visit = select(Visit.id).where(
            Visit.estate_id == ledger.estate_id,
            Visit.id == Event.root_id,
            col(Visit.number).like(like(text.upper()), escape=ESCAPE),
        )
        found.append(or_(spoken.exists(), numbered.exists(), visit.exists()))
    return found


def _undone(session: Session, estate_id: UUID, events: Sequence[Event]) -> dict[UUID, str]:
    """Which of these events a later one corrected or took back: it stands under the same root."""
    found: dict[UUID, str] = {}
    ids = {event.id for event in events}
    for part in parts({event.root_id for event in events}):
        query = select(Event.seq, Event.corrects, Event.name).where(
            Event.estate_id == estate_id, col(Event.root_id).in_(part), col(Event.corrects).is_not(None)
        )
        for _seq, ident, name in sorted(session.exec(query)):
            if ident in ids:
                found[ident] = "retracted" if name == "event.retracted" else "corrected"
    return found
