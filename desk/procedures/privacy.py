"""Personal data: seen in full, forgotten, kept for so long and no longer.

What is forgotten are words; that something happened, when, and within which limit it was done, stays, and so does the
chain (design, section 1). A person who has been forgotten leaves an empty row behind for what points at them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from desk.calendars.calendar import add_months
from desk.errors import Refusal
from desk.ledger import Act, Doing, Entry, Ledger
from desk.ledger.forget import scrub, take_roots, take_words, words_of_roots
from desk.models import (
    Draft,
    Estate,
    Event,
    EventWord,
    Handover,
    Occupancy,
    Person,
    Phone,
    SearchKey,
    Shift,
    Ticket,
    Visit,
)
from desk.queries.held import Held, held

#: who is on no roster sees a person's number in full once in so long
_DUTY: Final = timedelta(hours=12)
#: months of the longest retention
LONGEST: Final = 1200
#: what besides the kinds of tickets is kept for so long
OTHERS: Final = ("visitors", "notes", "handovers", "people")
_ENDED: Final = ("closed", "cancelled")
_TOGETHER: Final = 500


# -- seen in full --------------------------------------------------------------------------------------------


def reveal(ledger: Ledger, subject: tuple[str, UUID], doing: Doing) -> bool:
    """Record that whoever acts has seen a number in full: once for each person (or matter) and shift.

    ``subject`` is the person, or the ticket or visit of somebody not on record. False where it was recorded before.
    The right ``telephone`` is asked for where the number is shown. Raises :class:`Refusal` ``store.*``.
    """
    who = doing.recorded_by or doing.by
    with ledger.store.read() as session:
        if subject[0] == "ticket":
            ticket = session.get(Ticket, (ledger.estate_id, subject[1]))
            if ticket is not None and ticket.person_id is not None:
                subject = ("person", ticket.person_id)
        since = _on_duty_since(session, ledger.estate_id, who, doing.now)
        before = select(Event.id).where(
            Event.estate_id == ledger.estate_id,
            Event.subject_id == subject[1],
            Event.name == "person.revealed",
            Event.recorded_by == who,
            col(Event.happened_at) >= since,
        )
        if session.exec(before).first() is not None:
            return False
    with ledger.write(doing) as entry:
        entry.record(Act("person.revealed", subject))
    return True


def _on_duty_since(session: Session, estate_id: UUID, who: UUID | None, now: datetime) -> datetime:
    query = (
        select(Shift.arrived_at)
        .where(
            Shift.estate_id == estate_id,
            Shift.staff_id == who,
            col(Shift.arrived_at).is_not(None),
            col(Shift.arrived_at) <= now,
            or_(col(Shift.left_at).is_(None), col(Shift.left_at) > now),
        )
        .order_by(col(Shift.arrived_at).desc())
    )
    came = session.exec(query).first()
    return came if came is not None and now - came < 2 * _DUTY else now - _DUTY


def exported(ledger: Ledger, what: str, rows: int, doing: Doing, *, full: bool, person_id: UUID | None = None) -> None:
    """Record that records left in a file: which (``tickets`` | ``events`` | ``people`` | ``person``), how many rows,
    and whether with numbers and names in full. Raises :class:`Refusal` ``store.*``."""
    with ledger.write(doing) as entry:
        subject = ("person", person_id) if person_id is not None else ("estate", entry.estate_id)
        entry.record(Act("records.exported", subject, facts={"exported": what, "rows": rows, "full": full}))


# -- forgotten -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went with a person, or by retention: how many matters, and how many words of theirs."""

    roots: int = 0
    words: int = 0
    drafts: int = 0
    people: int = 0


def would_go(session: Session, estate_id: UUID, what: Held) -> Forgotten:
    """What :func:`forget_person` would take away."""
    words = words_of_roots(session, estate_id, what.roots) + len(what.mentions)
    return Forgotten(len(what.matters), words, len(what.drafts), 1)


def refuse_open(what: Held) -> None:
    """Raises :class:`Refusal` ``forget.open`` while something of theirs still asks for something."""
    live = [each.number for each in what.matters if each.live]
    if live:
        raise Refusal("forget.open", name=what.name, numbers=live)


def forget_person(ledger: Ledger, person_id: UUID, doing: Doing) -> Forgotten:
    """Take away a person: their record, the words of their matters and visits, drafts about them.

    Raises :class:`Refusal` ``grant.denied``, ``person.unknown``, ``forget.open`` while a matter of theirs is open.
    """
    with ledger.write(doing) as entry:
        entry.permit("person.forgotten", ("person", person_id))
        what = held(entry.session, entry.estate_id, person_id)
        refuse_open(what)
        gone = _forget(entry, what)
        entry.record(Act("person.forgotten", ("person", person_id), facts={"roots": gone.roots, "words": gone.words}))
    ledger.store.rewrite()
    return gone


def _forget(entry: Entry, what: Held) -> Forgotten:
    session, here = entry.session, entry.estate_id
    words = take_roots(entry, what.roots) + take_words(entry, what.mentions)
    for table, owner in ((Phone, Phone.person_id), (Occupancy, Occupancy.person_id), (SearchKey, SearchKey.owner_id)):
        session.execute(delete(table).where(col(table.estate_id) == here, col(owner) == what.person_id))
    for part in (what.drafts[at : at + _TOGETHER] for at in range(0, len(what.drafts), _TOGETHER)):
        session.execute(delete(Draft).where(col(Draft.estate_id) == here, col(Draft.id).in_(part)))
    person = session.get_one(Person, (here, what.person_id))
    person.name, person.note = "", ""
    session.add(person)
    session.flush()
    return Forgotten(len(what.matters), words, len(what.drafts), 1)


# -- kept for so long ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One kind's retention: ``months`` None keeps it for good. ``due`` counts what would lose its words now."""

    kind: str
    months: int | None
    #: what ended before this moment (UTC) loses its words
    before: datetime | None
    due: int


def kinds(ledger: Ledger) -> tuple[str, ...]:
    """What a retention can be said of: the manual's kinds, visits, log notes, handovers, people who have moved out."""
    return (*ledger.book.kinds, *OTHERS)


def retention_of(session: Session, estate_id: UUID) -> dict[str, int]:
    """Months by kind, as far as the estate has said."""
    settings = session.get_one(Estate, estate_id).settings or {}
    return {str(kind): int(months) for kind, months in settings.get("retention", {}).items()}


def keep_for(ledger: Ledger, said: Mapping[str, int], doing: Doing) -> None:
    """Keep the words of each kind for so many months after it ended; 0: for good.

    Raises :class:`Refusal` ``grant.denied``, ``retention.kind``, ``retention.months``.
    """
    known = kinds(ledger)
    for kind, months in said.items():
        if kind not in known:
            raise Refusal("retention.kind", kind=kind, known=list(known))
        if not 0 <= months <= LONGEST:
            raise Refusal("retention.months", most=LONGEST)
    with ledger.write(doing) as entry:
        entry.permit("retention.set", ("estate", entry.estate_id))
        estate = entry.head
        kept = {**retention_of(entry.session, entry.estate_id), **said}
        kept = {kind: months for kind, months in kept.items() if months}
        estate.settings = {**(estate.settings or {}), "retention": kept}
        entry.session.add(estate)
        entry.record(Act("retention.set", ("estate", entry.estate_id), sets={"retention": kept}))


def retention(ledger: Ledger, session: Session, now: datetime) -> list[Line]:
    """Every kind with how long it is kept and how many would lose their words now; nothing is changed."""
    said, lines = retention_of(session, ledger.estate_id), []
    for kind in kinds(ledger):
        months = said.get(kind)
        if months is None:
            lines.append(Line(kind, None, None, 0))
        else:
            day = add_months(now.astimezone(ledger.zone).date(), -months)
            before = datetime.combine(day, time(), ledger.zone).astimezone(UTC)
            lines.append(Line(kind, months, before, len(_over(ledger, session, kind, before))))
    return lines


def apply_retention(
    ledger: Ledger, doing: Doing, progress: Callable[[str, int, int], None] = lambda what, done, of: None
) -> Forgotten:
    """Take away the words of whatever has been kept long enough, and forget those who moved out long enough ago.

    Raises :class:`Refusal` ``grant.denied``, ``retention.nothing`` where nothing is to go. In transactions of some
    hundred matters: what stops in between goes on where it stopped, the next time.
    """
    with ledger.write(doing) as entry:
        entry.permit("retention.done", ("estate", entry.estate_id))
    with ledger.store.read() as session:
        lines = [line for line in retention(ledger, session, doing.now) if line.before is not None and line.due]
        over = {line.kind: _over(ledger, session, line.kind, line.before) for line in lines if line.before is not None}
    if not over:
        raise Refusal("retention.nothing")
    done, of, roots, words, people = 0, sum(map(len, over.values())), 0, 0, 0
    for kind, ids in over.items():
        for part in (ids[at : at + _TOGETHER] for at in range(0, len(ids), _TOGETHER)):
            progress("retention", done, of)
            with ledger.write(doing) as entry:
                gone = _apply(entry, kind, part)
                roots, words, people = roots + gone.roots, words + gone.words, people + gone.people
                facts = {"roots": gone.roots, "words": gone.words}
                sets = {"kind": kind}
                entry.record(Act("retention.done", ("estate", entry.estate_id), sets=sets, facts=facts))
            done += len(part)
    ledger.store.rewrite()
    progress("retention", of, of)
    return Forgotten(roots, words, 0, people)


def _apply(entry: Entry, kind: str, ids: Sequence[UUID]) -> Forgotten:
    if kind != "people":
        return Forgotten(len(ids), take_roots(entry, ids))
    scrub(entry.session)
    every = [_forget(entry, held(entry.session, entry.estate_id, ident)) for ident in ids]
    return Forgotten(sum(each.roots for each in every), sum(each.words for each in every), 0, len(every))


def _over(ledger: Ledger, session: Session, kind: str, before: datetime) -> list[UUID]:
    """What of a kind ended before and still has words; of people, who has moved out and was heard of last before."""
    here = ledger.estate_id
    if kind == "people":
        return _moved_out(session, here, before)
    if kind == "visitors":
        query = select(Visit.id).where(Visit.estate_id == here, col(Visit.ended_at) < before, _speaks(Visit.id))
    elif kind == "notes":
        query = select(Event.root_id).where(
            Event.estate_id == here, Event.name == "log.noted", col(Event.happened_at) < before, _speaks(Event.root_id)
        )
    elif kind == "handovers":
        query = select(Handover.id).where(
            Handover.estate_id == here, col(Handover.signed_out_at) < before, _speaks(Handover.id)
        )
    else:
        ended = func.coalesce(col(Ticket.closed_at), col(Ticket.completed_at), col(Ticket.opened_at))
        query = select(Ticket.id).where(
            Ticket.estate_id == here,
            Ticket.kind == kind,
            col(Ticket.status).in_(_ENDED),
            ended < before,
            _speaks(Ticket.id),
        )
    return list(session.exec(query))


def _speaks(root: Any) -> ColumnElement[bool]:
    """Whether any word stands in what happened under ``root``."""
    told = aliased(Event)
    return (
        select(EventWord.name)
        .join(told, (col(told.estate_id) == EventWord.estate_id) & (col(told.id) == EventWord.event_id))
        .where(col(told.root_id) == root, col(EventWord.text).is_not(None))
        .exists()
    )


def _moved_out(session: Session, here: UUID, before: datetime) -> list[UUID]:
    """People without a room, about whom nothing has happened since ``before`` and nothing is open."""
    home = select(Occupancy.room_id).where(Occupancy.estate_id == here, Occupancy.person_id == Person.id)
    lately = select(Event.id).where(
        Event.estate_id == here, Event.subject_id == Person.id, col(Event.happened_at) >= before
    )
    called = select(Ticket.id).where(
        Ticket.estate_id == here,
        Ticket.person_id == Person.id,
        or_(col(Ticket.status).not_in(_ENDED), col(Ticket.opened_at) >= before),
    )
    told = select(Event.id).where(Event.estate_id == here, Event.subject_id == Person.id)
    query = select(Person.id).where(
        Person.estate_id == here, Person.name != "", told.exists(), ~home.exists(), ~lately.exists(), ~called.exists()
    )
    found = list(session.exec(query))
    return [ident for ident in found if not any(each.live for each in held(session, here, ident).matters)]
