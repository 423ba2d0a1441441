"""Taking back the last act, and correcting an entry. Nothing written is ever changed: both are events of their own.

What was done together is taken back together, by whoever wrote it, as long as nothing that came later rests on it. An
entry is corrected in its time, its facts or its words; the former version stays readable, and the deadlines and the
present row are reckoned anew from the corrected history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from desk import rules
from desk.errors import Refusal
from desk.ledger import Act, Doing, Entry, Ledger, deadlines
from desk.ledger.meanwhile import UNTOUCHING
from desk.ledger.rows import plain_fact
from desk.models import Event, Staff, Ticket, Visit
from desk.procedures.verbs import LONG, SHORT
from desk.rules import Happening
from desk.text import clean
from desk.vocabulary import EVENTS, FACTS, nearest

#: groups of events that are taken back and corrected by means of their own, if at all. A draw never is: one would draw
#: until it pleases
_APART = frozenset("handover estate rulebook import person room staff event sample pin act".split())
#: events on which nothing rests
_LIGHT = frozenset(("ticket.noted", "escalation.fired", *UNTOUCHING))
#: events an act has at most
_LONGEST = 5000
#: facts that make a ticket what it is: another value would be another ticket
_FIXED = frozenset(("kind", "status", "number"))


@dataclass(frozen=True, slots=True)
class LastAct:
    """What a person did last: the names of its events, the ticket's number, and why it can't be taken back, if so."""

    batch: UUID
    names: tuple[str, ...]
    number: str | None
    happened_at: datetime
    refusal: Refusal | None = None


def last_act(ledger: Ledger, staff_id: UUID, root: UUID | None = None) -> LastAct | None:
    """What ``staff_id`` wrote down last and has not taken back, on one root or anywhere; None if nothing."""
    with ledger.store.read() as session:
        query = (
            select(Event)
            .where(Event.estate_id == ledger.estate_id, Event.recorded_by == staff_id)
            .order_by(col(Event.seq).desc())
            .limit(200)
        )
        if root is not None:
            query = query.where(Event.root_id == root)
        for event in session.exec(query):
            if EVENTS[event.name].effect in ("corrects", "retracts") or event.name in UNTOUCHING:
                continue
            if _retracted(session, event):
                continue
            events = _batch(session, ledger.estate_id, event.batch)
            refusal = _why_not(session, events, (staff_id,))
            names = tuple(each.name for each in events if each.recorded_by is not None)
            return LastAct(event.batch, names, _number(session, events), events[0].happened_at, refusal)
    return None


def undo(ledger: Ledger, batch: UUID, doing: Doing, reason: str | None = None) -> None:
    """Take back everything done in one act (:func:`last_act` names it).

    Raises :class:`Refusal`: ``undo.none``, ``undo.already``, ``undo.other`` (somebody else's), ``undo.opened`` (a
    ticket is cancelled instead), ``undo.apart``, ``undo.later`` (something rests on it).
    """
    why = clean(reason, SHORT) if reason else None
    with ledger.write(doing) as entry:
        events = _batch(entry.session, entry.estate_id, batch)
        refusal = _why_not(entry.session, events, (doing.by, doing.recorded_by))
        if refusal is not None:
            raise refusal
        for event in reversed(events):
            if event.name != "escalation.fired":
                subject, root = (event.subject_type, event.subject_id), (event.root_type, event.root_id)
                entry.record(Act("event.retracted", subject, root, words={"reason": why}), corrects=event.id)


def correct_event(
    ledger: Ledger,
    event_id: UUID,
    doing: Doing,
    *,
    at: datetime | None = None,
    facts: Mapping[str, Any] | None = None,
    words: Mapping[str, str] | None = None,
    reason: str | None = None,
) -> None:
    """Correct an entry: when it happened (aware), facts it had or set, words. What was done with it moves with it.

    Raises :class:`Refusal`: ``correct.nothing``, ``correct.unknown``, ``correct.retracted``, ``correct.apart``,
    ``correct.no_such`` (a fact or word the entry hasn't), ``correct.order`` (before what it rests on), ``value.*``.
    """
    with ledger.write(doing) as entry:
        event = _original(entry, event_id)
        own, sets = _facts(event, facts or {})
        said = _words(event, words or {})
        moves = at is not None and at != _now_at(entry, event)
        if not (own or sets or said or moves):
            raise Refusal("correct.nothing")
        why = {"correction": clean(reason, SHORT) if reason else None}
        moved = _together(entry, event) if moves else [event]
        if moves:
            assert at is not None
            _check_order(entry, moved, at)
        for each in moved:
            then = _now_at(entry, each)
            mine = (own, sets, said) if each.id == event.id else ({}, {}, {})
            act = Act(
                "event.corrected",
                (each.subject_type, each.subject_id),
                (each.root_type, each.root_id),
                sets={**(_repeats(each, at) if moves and at is not None else {}), **mine[1]},
                facts=mine[0],
                words={**mine[2], **why},
            )
            entry.record(act, corrects=each.id, at=at if moves else then)


# -- taking back --------------------------------------------------------------------------------------------


def _why_not(session: Session, events: Sequence[Event], who: Sequence[UUID | None]) -> Refusal | None:
    if not events:
        return Refusal("undo.none")
    number = _number(session, events)
    writers = {event.recorded_by for event in events if event.recorded_by is not None}
    if not writers & set(who):
        names = [staff.name for ident in writers if (staff := session.get(Staff, (events[0].estate_id, ident)))]
        return Refusal("undo.other", name=", ".join(names))
    for event in events:
        if _retracted(session, event):
            return Refusal("undo.already")
        if event.name == "ticket.opened":
            return Refusal("undo.opened", number=event.sets.get("number", number))
        word = EVENTS[event.name]
        if word.group in _APART and event.recorded_by is not None:
            return Refusal("undo.apart", event=word.title)
    mine = {event.id for event in events}
    last = events[-1].seq
    for root in {(event.root_type, event.root_id) for event in events}:
        for later in rules.effective(deadlines.history(session, events[0].estate_id, root)):
            if later.seq > last and later.id not in mine and later.name not in _LIGHT:
                return Refusal("undo.later", event=EVENTS[later.name].title, number=number)
    return None


def _batch(session: Session, estate_id: UUID, batch: UUID) -> list[Event]:
    # events of an act stand in one row: the first bears the batch's id
    first = session.get(Event, (estate_id, batch))
    if first is None:
        return []
    near = col(Event.seq).between(first.seq, first.seq + _LONGEST)
    query = select(Event).where(Event.estate_id == estate_id, near, Event.batch == batch).order_by(col(Event.seq))
    return list(session.exec(query))


def _retracted(session: Session, event: Event) -> bool:
    query = select(Event.id).where(
        Event.estate_id == event.estate_id,
        Event.root_id == event.root_id,
        Event.corrects == event.id,
        Event.name == "event.retracted",
    )
    return session.exec(query).first() is not None


def _number(session: Session, events: Sequence[Event]) -> str | None:
    for event in events:
        if event.root_type == "ticket":
            ticket = session.get(Ticket, (event.estate_id, event.root_id))
            return ticket.number if ticket is not None else None
        if event.root_type == "visit":
            visit = session.get(Visit, (event.estate_id, event.root_id))
            return visit.number if visit is not None else None
    return None


# -- correcting ---------------------------------------------------------------------------------------------


def _original(entry: Entry, event_id: UUID) -> Event:
    """The entry meant: of a correction, the one it corrects."""
    event = entry.session.get(Event, (entry.estate_id, event_id))
    while event is not None and event.name == "event.corrected" and event.corrects is not None:
        event = entry.session.get(Event, (entry.estate_id, event.corrects))
    if event is None:
        raise Refusal("correct.unknown")
    word = EVENTS[event.name]
    if word.group in _APART or event.recorded_by is None:
        raise Refusal("correct.apart", event=word.title)
    if _retracted(entry.session, event):
        raise Refusal("correct.retracted", event=word.title)
    return event


def _history(entry: Entry, event: Event) -> list[Happening]:
    root = (event.root_type, event.root_id)
    return rules.effective(deadlines.history(entry.session, entry.estate_id, root))


def _now_at(entry: Entry, event: Event) -> datetime:
    """When it happened, former corrections taken into account."""
    return next((each.at for each in _history(entry, event) if each.id == event.id), event.happened_at)


def _together(entry: Entry, event: Event) -> list[Event]:
    """The entry and what was done with it at the same moment: a completion and the callback it brought."""
    then = event.happened_at
    same = _batch(entry.session, entry.estate_id, event.batch)
    return [
        each
        for each in same
        if each.id == event.id or (each.happened_at == then and each.recorded_by is not None and each.name in EVENTS)
    ]


def _repeats(event: Event, at: datetime) -> dict[str, Any]:
    """What the entry set to the moment at which it happened (``completed_at``, ``opened_at``) moves with it."""
    found = {}
    for name, value in event.sets.items():
        if not isinstance(value, str) or name in FACTS:
            continue
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            continue
        if moment.tzinfo is not None and moment == event.happened_at:
            found[name] = at.astimezone(UTC)
    return found


def _check_order(entry: Entry, moved: Sequence[Event], at: datetime) -> None:
    """Nothing may come to have happened before what it rests on: its subject's opening, or its root's."""
    ids = {event.id for event in moved}
    for event in moved:
        others = [each for each in _history(entry, event) if each.id not in ids and each.name not in _LIGHT]
        firsts = sorted((each for each in _history(entry, event)), key=lambda each: each.seq)
        for subject in {(event.subject_type, event.subject_id), (event.root_type, event.root_id)}:
            about = [each for each in firsts if subject in (each.subject, each.root)]
            opening = next((each for each in about if each.subject == subject), None)
            if opening is None:
                continue
            if opening.id in ids:
                early = next((each for each in others if subject in (each.subject, each.root) and each.at < at), None)
                if early is not None:
                    raise Refusal("correct.order", event=EVENTS[early.name].title, at=early.at)
            elif at < opening.at:
                raise Refusal("correct.order", event=EVENTS[opening.name].title, at=opening.at)


def _facts(event: Event, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is corrected of the act's own facts, and of what it set."""
    own: dict[str, Any] = {}
    sets: dict[str, Any] = {}
    known = sorted({name for name in (*event.own, *event.sets) if name in FACTS and name not in _FIXED})
    for name, value in given.items():
        if name not in known:
            raise Refusal("correct.no_such", name=name, known=known, nearest=nearest(name, known))
        _check_value(name, value)
        if name in event.own:
            own[name] = plain_fact(value)
        if name in event.sets:
            sets[name] = plain_fact(value)
    return own, sets


def _check_value(name: str, value: Any) -> None:
    word = FACTS[name]
    fits = {
        "choice": isinstance(value, str) and (not word.values or value in word.values),
        "flag": isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "time": isinstance(value, datetime) and value.tzinfo is not None,
        "staff": isinstance(value, UUID),
    }
    if not fits.get(word.type, isinstance(value, str)):
        raise Refusal("value.wrong", name=name, title=word.title, value=value, known=list(word.values))


def _words(event: Event, given: Mapping[str, str]) -> dict[str, str]:
    said = {}
    for name, text in given.items():
        if name not in event.digests:
            raise Refusal(
                "correct.no_such", name=name, known=sorted(event.digests), nearest=nearest(name, event.digests)
            )
        said[name] = clean(text, LONG, lines=True)
    return said
