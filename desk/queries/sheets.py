"""The handover sheet: what stands open, overdue, promised when one person leaves and another comes.

The sheet read before signing and the one kept afterwards are the same thing: a snapshot of numbers, times and ids, and
the words that stood beside them at the chain's head it names. So the snapshot never changes, and yet no name or
telephone number lies in it that could not be forgotten. Times are aware UTC. Source: S0-29.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from desk.ledger import Ledger
from desk.models import Appointment, Callback, Draft, Estate, Event, Ticket
from desk.queries.due import counts, due_page
from desk.queries.naming import names_of, shown_by
from desk.queries.sheet_visits import WORDS, VisitLine, freeze_visits, frozen_visits, thaw_visits
from desk.queries.then import rooms_of, texts_then, words_then
from desk.vocabulary import UNFINISHED

Text = Mapping[str, str]

#: rows of one section; the totals count all of them
LIMIT = 200

#: the form in which whoever leaves writes their notes
NOTES = "handover-out"

#: what is counted of the time since they came
COUNTED = (
    "ticket.opened ticket.joined ticket.completed ticket.closed ticket.cancelled ticket.reopened ticket.carried_over "
    "callback.done callback.tried callback.stopped visit.arrived visit.upgraded visit.sent_off visit.gone"
).split()


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A matter whose work is not done."""

    ticket_id: UUID
    number: str
    kind: str
    status: str
    opened_at: datetime
    room: str
    what: str
    #: who does it, else who answers for it
    who: str
    urgent: bool
    emergency: bool
    carried: bool
    paused: bool


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """A deadline missed, or a step of one. ``number`` is None for what belongs to no ticket."""

    number: str | None
    title: Text
    #: what a step asks for
    then: str | None
    due_at: datetime | None
    who: str
    what: str
    #: how many it stands for
    count: int


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """A time a resident was told. ``sort``: ``promised`` | ``reply`` | ``appointment``."""

    number: str
    sort: str
    at: datetime
    room: str
    what: str


@dataclass(frozen=True, slots=True)
class CallbackLine:
    number: str
    opened_at: datetime
    attempts: int
    room: str
    what: str


@dataclass(frozen=True, slots=True)
class DraftLine:
    id: UUID
    form: str
    who: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note in the log. ``text`` is None where it has been forgotten."""

    at: datetime
    by: str
    urgent: bool
    text: str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A handover sheet. ``snapshot`` is what is signed; everything else is read out of it."""

    estate: str
    staff_id: UUID
    staff: str
    since: datetime
    at: datetime
    head_seq: int
    head_hash: str
    #: visitors still there, and who left a message not passed on yet; empty under a manual without visitors
    visits: tuple[VisitLine, ...]
    messages: tuple[VisitLine, ...]
    open: tuple[OpenLine, ...]
    overdue: tuple[OverdueLine, ...]
    promised: tuple[PromiseLine, ...]
    callbacks: tuple[CallbackLine, ...]
    drafts: tuple[DraftLine, ...]
    notes: tuple[NoteLine, ...]
    #: how many there are of each section, ``emergencies``, ``carried`` and ``uncarried`` besides; no ``visits`` and
    #: ``messages`` under a manual without visitors
    totals: Mapping[str, int]
    #: what was done since they came, by event
    done: Mapping[str, int]
    snapshot: Mapping[str, Any] = field(repr=False)


def sheet(ledger: Ledger, session: Session, staff_id: UUID, since: datetime, now: datetime) -> Sheet:
    """The sheet of a person who leaves at ``now``, having come at ``since``. Writes nothing."""
    return thaw(ledger, session, freeze(ledger, session, staff_id, since, now))


def freeze(ledger: Ledger, session: Session, staff_id: UUID, since: datetime, now: datetime) -> dict[str, Any]:
    """How things stand at ``now``, JSON-plain and without a word of free text: what a handover keeps."""
    estate = session.get_one(Estate, ledger.estate_id)
    overdue = [row for row in due_page(ledger, session, now, limit=LIMIT).rows if row.state == "overdue"]
    promises = _promises(ledger, session)
    callbacks = _callbacks(ledger, session)
    drafts = session.exec(
        select(Draft)
        # the notes being written for this very sheet go with it: they are nothing left unfinished
        .where(
            Draft.estate_id == ledger.estate_id,
            (col(Draft.form) != NOTES) | col(Draft.staff_id).is_distinct_from(staff_id),
        )
        .order_by(col(Draft.updated_at))
    ).all()
    notes = _since(ledger, "log.noted", since, now)
    noted = session.exec(select(Event).where(*notes).order_by(col(Event.happened_at)).limit(LIMIT)).all()
    unfinished = _unfinished(ledger)
    carried = col(Ticket.facts)["carried"].as_boolean()

    def total(*tests: Any) -> int:
        return session.exec(select(func.count()).select_from(Ticket).where(*unfinished, *tests)).one()

    standing = total()
    there = freeze_visits(ledger, session, now, LIMIT)
    waiting = session.exec(select(func.count()).select_from(Callback).where(*_waiting_callbacks(ledger))).one()
    totals = {
        **there.pop("totals", {}),
        "open": standing,
        "overdue": counts(ledger, session, now).overdue,
        "promised": len(promises),
        **({"callbacks": waiting} if waiting or ledger.book.callbacks else {}),
        "drafts": len(drafts),
        "notes": session.exec(select(func.count()).select_from(Event).where(*notes)).one(),
        "emergencies": total(col(Ticket.emergency).is_(True)),
        "carried": (on := total(carried.is_(True))),
        "uncarried": standing - on,
    }
    return {
        "staff": str(staff_id),
        "since": since.astimezone(UTC).isoformat(),
        "at": now.astimezone(UTC).isoformat(),
        "head_seq": estate.head_seq,
        "head_hash": estate.head_hash,
        "totals": totals,
        "done": {name: n for name in COUNTED if (n := count_between(ledger, session, name, since, now))},
        **there,
        "open": [_open(ticket) for ticket in _matters(ledger, session)],
        "overdue": [
            {
                "ticket": str(row.ticket_id) if row.ticket_id else None,
                "visit": str(row.root_id) if row.root_type == "visit" and row.gathered == 1 else None,
                "number": row.number,
                "title": dict(row.title),
                "rule": row.rule_id,
                "step": row.step,
                "then": row.then,
                "due_at": row.due_at.isoformat() if row.due_at else None,
                "by": row.by,
                "staff": str(row.staff_id) if row.staff_id else None,
                "count": row.gathered,
            }
            for row in overdue
        ],
        "promised": [
            {"ticket": str(ticket.id), "number": ticket.number, "sort": sort, "at": at.isoformat()}
            for at, sort, ticket in promises[:LIMIT]
        ],
        "callbacks": [
            {
                "ticket": str(ticket.id),
                "number": ticket.number,
                "opened_at": callback.opened_at.isoformat(),
                "attempts": callback.attempts,
            }
            for callback, ticket in callbacks
        ],
        "drafts": [
            {
                "id": str(draft.id),
                "form": draft.form,
                "staff": str(draft.staff_id) if draft.staff_id else None,
                "updated_at": draft.updated_at.isoformat(),
            }
            for draft in drafts
        ],
        "notes": [
            {
                "event": str(event.id),
                "at": event.happened_at.isoformat(),
                "by": str(event.done_by) if event.done_by else None,
                "urgent": bool(event.facts.get("urgent")),
            }
            for event in noted
        ],
    }


def thaw(ledger: Ledger, session: Session, snapshot: Mapping[str, Any]) -> Sheet:
    """A sheet to read: the snapshot with the words that stood beside it at its head."""
    head = int(snapshot["head_seq"])
    tickets = {row["ticket"] for part in ("open", "overdue", "promised", "callbacks") for row in snapshot[part]}
    said = words_then(session, ledger.estate_id, [UUID(each) for each in tickets if each], head)
    rooms = rooms_of(session, ledger.estate_id, [row["room"] for row in snapshot["open"] if row["room"]])
    guests = {row["visit"] for row in (*frozen_visits(snapshot), *snapshot["overdue"]) if row.get("visit")}
    said |= words_then(session, ledger.estate_id, [UUID(each) for each in guests], head, WORDS)
    texts = texts_then(session, ledger.estate_id, [UUID(row["event"]) for row in snapshot["notes"]], head)
    people = {snapshot["staff"]}
    for part in ("open", "overdue", "drafts"):
        people.update(row["staff"] for row in snapshot[part])
    people.update(row["by"] for row in snapshot["notes"])
    people.update(row["staff"] for row in frozen_visits(snapshot))
    names = names_of(session, ledger.estate_id, [UUID(each) for each in people if each])

    def who(ident: str | None, otherwise: str = "") -> str:
        return names.get(UUID(ident), otherwise) if ident else otherwise

    def of(row: Mapping[str, Any]) -> tuple[str, str]:
        words = said.get(row["ticket"] or row.get("visit") or "", {})
        said_what = " ".join(filter(None, (words.get("person_name"), words.get("what"))))
        return words.get("room") or words.get("room_text") or "", said_what

    for row in snapshot["open"]:
        if row["room"] in rooms:
            said.setdefault(row["ticket"], {})["room"] = rooms[row["room"]]
    return Sheet(
        estate=ledger.name,
        staff_id=UUID(snapshot["staff"]),
        staff=who(snapshot["staff"]),
        since=_time(snapshot["since"]),
        at=_time(snapshot["at"]),
        head_seq=head,
        head_hash=snapshot["head_hash"],
        visits=thaw_visits(snapshot.get("visits", ()), said, names),
        messages=thaw_visits(snapshot.get("messages", ()), said, names),
        open=tuple(
            OpenLine(
                ticket_id=UUID(row["ticket"]),
                number=row["number"],
                kind=row["kind"],
                status=row["status"],
                opened_at=_time(row["opened_at"]),
                room=of(row)[0],
                what=of(row)[1],
                who=who(row["staff"]),
                urgent=row["urgent"],
                emergency=row["emergency"],
                carried=row["carried"],
                paused=row["paused"],
            )
            for row in snapshot["open"]
        ),
        overdue=tuple(
            OverdueLine(
                number=row["number"],
                title=row["title"],
                then=row["then"],
                due_at=_time(row["due_at"]) if row["due_at"] else None,
                who=who(row["staff"], shown_by(row["by"])),
                what=of(row)[1],
                count=row["count"],
            )
            for row in snapshot["overdue"]
        ),
        promised=tuple(
            PromiseLine(row["number"], row["sort"], _time(row["at"]), *of(row)) for row in snapshot["promised"]
        ),
        callbacks=tuple(
            CallbackLine(row["number"], _time(row["opened_at"]), row["attempts"], *of(row))
            for row in snapshot["callbacks"]
        ),
        drafts=tuple(
            DraftLine(UUID(row["id"]), row["form"], who(row["staff"]), _time(row["updated_at"]))
            for row in snapshot["drafts"]
        ),
        notes=tuple(
            NoteLine(_time(row["at"]), who(row["by"]), row["urgent"], texts.get(row["event"]))
            for row in snapshot["notes"]
        ),
        totals=snapshot["totals"],
        done=snapshot["done"],
        snapshot=snapshot,
    )


# -- what the sheet is made of ------------------------------------------------------------------------------


def _unfinished(ledger: Ledger) -> tuple[Any, ...]:
    return Ticket.estate_id == ledger.estate_id, col(Ticket.status).in_(UNFINISHED)


def _matters(ledger: Ledger, session: Session) -> Sequence[Ticket]:
    """Unfinished matters, emergencies and urgent ones first, then the oldest."""
    order = (col(Ticket.emergency).desc(), col(Ticket.urgent).desc(), col(Ticket.opened_at), col(Ticket.id))
    return session.exec(select(Ticket).where(*_unfinished(ledger)).order_by(*order).limit(LIMIT)).all()


def _open(ticket: Ticket) -> dict[str, Any]:
    staff = ticket.assignee or ticket.owner
    return {
        "ticket": str(ticket.id),
        "number": ticket.number,
        "kind": ticket.kind,
        "status": ticket.status,
        "opened_at": ticket.opened_at.isoformat(),
        "room": str(ticket.room_id) if ticket.room_id else None,
        "staff": str(staff) if staff else None,
        "urgent": ticket.urgent,
        "emergency": ticket.emergency,
        "carried": bool(ticket.facts.get("carried")),
        "paused": ticket.paused_at is not None,
    }


def _promises(ledger: Ledger, session: Session) -> list[tuple[datetime, str, Ticket]]:
    """Times residents were told, on matters not done: finishing, replying, coming."""
    unfinished = select(Ticket).where(*_unfinished(ledger))
    reply = col(Ticket.facts)["reply_at"].as_string()
    found = [
        (ticket.promised_at, "promised", ticket)
        for ticket in session.exec(unfinished.where(col(Ticket.promised_at).is_not(None)))
        if ticket.promised_at is not None
    ]
    found += [
        (_time(ticket.facts["reply_at"]), "reply", ticket)
        for ticket in session.exec(unfinished.where(reply.is_not(None)))
        if ticket.facts.get("reply_at")
    ]
    visits = (
        select(Appointment, Ticket)
        .join(Ticket, (col(Ticket.estate_id) == Appointment.estate_id) & (col(Ticket.id) == Appointment.ticket_id))
        .where(*_unfinished(ledger), col(Appointment.status).in_(("made", "confirmed")))
    )
    found += [(visit.at, "appointment", ticket) for visit, ticket in session.exec(visits)]
    return sorted(found, key=lambda each: (each[0], each[2].number))


def _waiting_callbacks(ledger: Ledger) -> tuple[Any, ...]:
    return Callback.estate_id == ledger.estate_id, Callback.status == "open"


def _callbacks(ledger: Ledger, session: Session) -> Sequence[tuple[Callback, Ticket]]:
    query = (
        select(Callback, Ticket)
        .join(Ticket, (col(Ticket.estate_id) == Callback.estate_id) & (col(Ticket.id) == Callback.ticket_id))
        .where(*_waiting_callbacks(ledger))
        .order_by(col(Callback.opened_at))
        .limit(LIMIT)
    )
    return session.exec(query).all()


def _since(ledger: Ledger, name: str, since: datetime, now: datetime) -> tuple[Any, ...]:
    happened = col(Event.happened_at)
    return Event.estate_id == ledger.estate_id, Event.name == name, happened >= since, happened <= now


def count_between(ledger: Ledger, session: Session, name: str, since: datetime, now: datetime) -> int:
    return session.exec(select(func.count()).select_from(Event).where(*_since(ledger, name, since, now))).one()


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
