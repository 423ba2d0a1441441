"""Intake: what callers and visitors bring is taken down and opens a ticket, with its appointment.

Sources: S0-23, S0-42, S0-43, S0-62, S4-03, S4-33.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from desk import rules
from desk.errors import Refusal
from desk.ledger import Act, Doing, Entry, Ledger
from desk.models import Appointment, Room, Ticket, new_id
from desk.procedures.verbs import LONG, SHORT, bookable_from
from desk.rulebook import Guard, Kind
from desk.text import clean
from desk.vocabulary import FACTS

#: intake values that are words (free text or personal data), never facts
WORDS = (
    "what",
    "place",
    "person_name",
    "phone",
    "room_text",
    "convenient_time",
    "event_time",
    "complained_person",
    "demand",
    "service",
    "fee",
)

#: sources that are the house itself (S3-03, S3-12); what others pass on may be anybody's
INSIDE = ("self_inspection", "internal")


@dataclass(frozen=True, slots=True)
class Intake:
    """What the desk takes down. ``values`` by field name; unknown people and rooms may be plain text."""

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)
    room_id: UUID | None = None
    person_id: UUID | None = None
    #: the number and clock are the desk's; an import brings its own
    number: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket just opened and what saving it brought."""

    id: UUID
    number: str
    said: tuple[Guard, ...] = ()
    #: the verification code, to be read out where no message is sent (S4-04)
    code: str | None = None


def open_ticket(ledger: Ledger, intake: Intake, doing: Doing) -> Opened:
    """Open a ticket with everything taken down, its deadlines included.

    Raises :class:`Refusal`: ``kind.unknown``, ``value.*``, ``room.unknown``, ``guard.*``, ``store.*``.
    """
    asked = ("open", repr(intake), doing.by, doing.recorded_by)
    with ledger.write(doing, asked) as entry:
        if events := entry.repeated(asked):
            ticket = entry.session.get_one(Ticket, (ledger.estate_id, events[0].root_id))
            return Opened(ticket.id, ticket.number, (), ticket.facts.get("code"))
        ticket = open_in(entry, intake)
        return Opened(ticket.id, ticket.number, tuple(entry.said), ticket.facts.get("code"))


def open_in(entry: Entry, intake: Intake) -> Ticket:
    """Open a ticket inside a running act: for linked orders, imports, and :func:`open_ticket`."""
    ledger, doing = entry.ledger, entry.doing
    kind = ledger.book.kinds.get(intake.kind)
    if kind is None:
        raise Refusal("kind.unknown", kind=intake.kind, known=list(ledger.book.kinds))
    values = _checked(kind, intake)
    facts = ticket_facts(entry, kind, intake, values)
    words = {name: values.get(name) for name in WORDS if values.get(name)}
    at = doing.happened_at
    number = intake.number or entry.number(kind.number, at)
    # a colleague away from the desk may have heard it first (S3-13)
    first = entry.staff(facts["first_contact"]).id if facts.get("first_contact") else doing.by
    ticket = Ticket(estate_id=ledger.estate_id, id=new_id(), number=number, kind=kind.id, opened_at=at)
    sets = {
        **facts,
        "number": number,
        "kind": kind.id,
        "status": "open",
        "opened_at": at,
        "room_id": intake.room_id,
        "person_id": intake.person_id,
        "first_contact": first,
        "owner": facts.get("owner") or first,
    }
    if kind.code and facts.get("area") != "public":
        sets["code"] = f"{secrets.randbelow(10_000):04d}"
        sets["code_state"] = "made"
    entry.add(ticket)
    _came_in(entry, ticket, facts)
    entry.record(Act("ticket.opened", ("ticket", ticket.id), sets=sets, words=words))
    if values.get("appointment") is not None:
        appoint(entry, ticket, values["appointment"])
    return ticket


def _came_in(entry: Entry, ticket: Ticket, facts: Mapping[str, Any]) -> None:
    """When it came in, where that was before it was entered: the entering has a limit too (S3-16)."""
    at = facts.get("received_at")
    if at is not None and at < entry.doing.happened_at:
        subject, source = ("ticket", ticket.id), {"source": facts.get("source")}
        entry.record(Act("ticket.came_in", subject, sets={"received_at": at}, facts=source), at=at)


def appoint(entry: Entry, ticket: Ticket, at: datetime, note: str | None = None) -> Appointment:
    """Agree a visit; one before the time from which visits may be booked is a fact a guard can ask about (S4-16)."""
    visit = Appointment(estate_id=entry.estate_id, id=new_id(), ticket_id=ticket.id, at=at)
    entry.add(visit)
    entry.on(
        visit,
        "appointment.made",
        sets={"ticket_id": ticket.id, "at": at, "status": "made"},
        facts={"appointment": at, "before_bookable": before_bookable(entry, ticket, at)},
        words={"note": note},
    )
    return visit


def before_bookable(entry: Entry, ticket: Ticket, at: datetime) -> bool | None:
    """True for a visit ``at`` before the time that may be booked while the workload of the ticket's project is full,
    else None (no fact)."""
    earliest = bookable_from(entry, ticket.facts.get("project"))
    return True if earliest is not None and at < earliest else None


def ticket_facts(entry: Entry | None, kind: Kind, intake: Intake, values: Mapping[str, Any]) -> dict[str, Any]:
    """The facts a ticket opens with: what was taken down, what the room says, what the kind says."""
    facts = kind.opening
    room = None
    if entry is not None and intake.room_id is not None:
        room = entry.session.get(Room, (entry.estate_id, intake.room_id))
        if room is None:
            raise Refusal("room.unknown", id=str(intake.room_id))
    if room is not None:
        facts["room_kind"] = room.kind
        facts["residential"] = room.kind == "home"
        if room.project:
            facts["project"] = room.project
        if room.kind == "public":
            facts["area"] = "public"
        if room.building and entry is not None and entry.ledger.book.by_building:
            facts["building"] = room.building
    for name, value in values.items():
        if name in FACTS and name not in WORDS and value is not None:
            facts[name] = value
    if (
        entry is not None
        and kind.dispatch != "none"
        and (earliest := bookable_from(entry, facts.get("project"))) is not None
    ):
        facts["saturated"], facts["bookable_from"] = True, earliest
    if facts.get("trapped") or facts.get("harm"):
        facts["emergency"] = True
    if "booked" in facts:
        facts["booked"] = values.get("appointment") is not None
    if "customer" in facts and facts.get("source") in INSIDE:
        facts["customer"] = "inside"
    return {**facts, **intake.facts}


def preview(ledger: Ledger, intake: Intake, now: datetime) -> list[rules.Standing]:
    """The deadlines saving would open, as far as what has been taken down says. Writes nothing."""
    kind = ledger.book.kinds.get(intake.kind)
    if kind is None:
        return []
    facts = ticket_facts(None, kind, intake, intake.values)
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in facts.items()}
    found = rules.preview(ledger.book, ledger.calendar, "ticket.opened", plain, now)
    if plain.get("appointment"):
        found += rules.preview(ledger.book, ledger.calendar, "appointment.made", plain, now)
    return sorted(found, key=lambda s: (s.due_at is None, s.due_at))


def _checked(kind: Kind, intake: Intake) -> dict[str, Any]:
    """Clean the values; complain about the first that is missing or can't be right."""
    values: dict[str, Any] = {}
    for name, value in intake.values.items():
        if isinstance(value, str):
            value = (
                clean(value, LONG if name in ("what", "demand") else SHORT, lines=name in ("what", "demand")) or None
            )
        if value is None:
            continue
        word = FACTS.get(name)
        if word is not None and name not in WORDS:
            if word.type == "choice" and word.values and value not in word.values:
                raise Refusal("value.choice", name=name, title=word.title, value=value, known=list(word.values))
            if word.type == "flag" and not isinstance(value, bool):
                raise Refusal("value.flag", name=name, title=word.title, value=value)
            if word.type == "time" and not (isinstance(value, datetime) and value.tzinfo is not None):
                raise Refusal("value.time", name=name, title=word.title, value=value)
        elif name not in WORDS:
            raise Refusal("value.unknown", name=name, verb="open", known=list(kind.fields))
        values[name] = value
    present = {
        "room": intake.room_id or values.get("room_text"),
        "person": intake.person_id or values.get("person_name"),
        **values,
    }
    for name in kind.required:
        if present.get(name) is None:
            raise Refusal("value.missing", name=name, title=name)
    return values
