"""A ticket's life: intake, joining, notes, ownership, pause, completion, cancelling, reopening, closing.

Sources: S0-23, S0-42, S0-43, S0-62, S4-03, S4-13, S4-33; first-contact ownership S3-04.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import select

from desk import rules
from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Act, Doing, Entry, Ledger
from desk.ledger.deadlines import history
from desk.models import Appointment, Callback, Room, Ticket, new_id
from desk.procedures.verbs import LONG, NOTE, SHORT, WHY, Param, Values, Verb, bookable_from, live, notes, unfinished
from desk.rulebook import Guard, Kind, Rulebook
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

#: what gives whoever brought a matter their reply
REPLIES = frozenset(
    "complaint.reply_given complaint.result_told ticket.answered ticket.customer_told ticket.source_answered "
    "callback.done".split()
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
    entry.session.add(ticket)
    entry.session.flush()
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
    entry.session.add(visit)
    entry.session.flush()
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


def join(entry: Entry, ticket: Ticket, values: Values) -> None:
    """A second caller about the same thing: joins the open ticket, counts as an urge."""
    entry.on(
        ticket,
        "ticket.joined",
        sets={"urges": ticket.urges + 1},
        facts={"channel": values.get("channel", "phone")},
        words={"caller": values.get("caller"), "caller_phone": values.get("phone"), "note": values.get("note")},
    )


def _urge(entry: Entry, ticket: Ticket, values: Values) -> None:
    entry.on(
        ticket,
        "ticket.urged",
        sets={"urges": ticket.urges + 1},
        facts={"channel": values.get("channel", "phone")},
        words={"note": values.get("note")},
    )


_CORRECTABLE = ("what", "place", "phone", "person_name", "convenient_time")


def _correct(entry: Entry, ticket: Ticket, values: Values) -> None:
    words = {name: values[name] for name in _CORRECTABLE if name in values}
    sets = {name: value for name, value in values.items() if name not in words and name != "note"}
    if not words and not sets:
        raise Refusal("correct.nothing")
    if "urgent" in sets and "ticket.reclassified" in entry.ledger.book.mentioned:
        # a manual that counts from when it was known wants that said apart
        urgent, note = bool(sets.pop("urgent")), {"note": values.get("note")} if not words and not sets else {}
        if urgent != ticket.urgent:
            facts = {"made_urgent": urgent or None}
            entry.on(ticket, "ticket.reclassified", sets={"urgent": urgent}, facts=facts, words=note)
    if words or sets:
        entry.on(ticket, "ticket.corrected", sets=sets, words={**words, "note": values.get("note")})


def _pause(entry: Entry, ticket: Ticket, values: Values) -> None:
    entry.on(
        ticket,
        "ticket.paused",
        sets={"paused_at": entry.doing.happened_at},
        facts={"reason": values["reason"]},
        words={"pause_reason": values["reason"], "note": values.get("note")},
    )


def _resume(entry: Entry, ticket: Ticket, values: Values) -> None:
    entry.on(
        ticket, "ticket.resumed", sets={"paused_at": None, "pause_reason": None}, words={"note": values.get("note")}
    )


def _transfer(entry: Entry, ticket: Ticket, values: Values) -> None:
    to = values["to"]
    entry.staff(to)
    if to == ticket.owner:
        raise Refusal("transfer.same", number=ticket.number)
    entry.on(
        ticket, "ticket.transferred", sets={"offered_to": to}, facts={"to": to}, words={"reason": values.get("reason")}
    )


def _take_over(entry: Entry, ticket: Ticket, values: Values) -> None:
    taker = UUID(ticket.facts["offered_to"])
    if ticket.facts.get("delegated") and entry.doing.by != taker:
        raise Refusal("transfer.not_theirs", number=ticket.number, who=taker)
    # everybody who answered for it in turn: the first of them is never lost (S3-04)
    chain = [*ticket.facts.get("chain", [str(ticket.owner)]), str(taker)]
    entry.on(
        ticket,
        "ticket.transfer_accepted",
        sets={"owner": taker, "offered_to": None, "delegated": None, "chain": chain},
        words={"note": values.get("note")},
    )


def _decline(entry: Entry, ticket: Ticket, values: Values) -> None:
    sets = {"offered_to": None, "delegated": None}
    entry.on(ticket, "ticket.transfer_declined", sets=sets, words={"reason": values["reason"]})


def complete(entry: Entry, ticket: Ticket, values: Values) -> None:
    """The work is done: a callback is due where the kind calls back (S4-21), else the ticket can be closed."""
    at = entry.doing.happened_at
    callback = ticket.facts.get("callback", "none")
    status = "closed" if callback == "after_close" else "done"
    sets: dict[str, Any] = {"status": status, "completed_at": at, "paused_at": None}
    if values.get("charge") is not None:
        if values["charge"] < 0:
            raise Refusal("value.negative", name="charge", title=N_("Amount charged"), value=values["charge"])
        sets["charge"] = values["charge"]
    if status == "closed":
        sets["closed_at"] = at
    entry.on(
        ticket,
        "ticket.completed",
        sets=sets,
        words={"result": values.get("result"), "materials": values.get("materials")},
    )
    if callback != "none":
        open_callback(entry, ticket)


def open_callback(entry: Entry, ticket: Ticket) -> Callback:
    """Put the ticket on the callback queue, once."""
    query = select(Callback).where(
        Callback.estate_id == entry.estate_id, Callback.ticket_id == ticket.id, Callback.status == "open"
    )
    callback = entry.session.exec(query).first()
    if callback is not None:
        return callback
    at = entry.doing.happened_at
    callback = Callback(estate_id=entry.estate_id, id=new_id(), ticket_id=ticket.id, opened_at=at)
    entry.session.add(callback)
    entry.session.flush()
    sets = {"ticket_id": ticket.id, "opened_at": at, "status": "open", "kind": ticket.kind}
    entry.on(callback, "callback.opened", sets=sets)
    return callback


def drop_callback(entry: Entry, ticket: Ticket) -> None:
    """Take the ticket off the callback queue: what is open again, or void, is not called back for."""
    query = select(Callback).where(
        Callback.estate_id == entry.estate_id, Callback.ticket_id == ticket.id, Callback.status == "open"
    )
    for callback in entry.session.exec(query).all():
        entry.on(callback, "callback.stopped", sets={"status": "stopped", "done_at": entry.doing.happened_at})


def close(entry: Entry, ticket: Ticket, values: Values, *, reason: str | None = None) -> None:
    """Close by hand, or for a ``reason`` that is a word of ours (``callback``, ``answered`` …)."""
    entry.on(
        ticket,
        "ticket.closed",
        sets={"status": "closed", "closed_at": entry.doing.happened_at},
        facts={"reason": reason, "replied": _replied(entry, ticket) if reason is None else None},
        words={"reason": values.get("reason"), "result": values.get("result")},
    )


def _replied(entry: Entry, ticket: Ticket) -> bool:
    """Whether whoever brought it has had a reply: a rulebook may ask before it is closed by hand (S2-26)."""
    happened = rules.effective(history(entry.session, entry.estate_id, ("ticket", ticket.id)))
    return any(each.name in REPLIES for each in happened)


def _may_close(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if (refusal := live(book, ticket)) is not None:
        return refusal
    if ticket.facts.get("callback") == "before_close":
        return Refusal("ticket.callback_first", number=ticket.number)
    return None


def _cancel(entry: Entry, ticket: Ticket, values: Values) -> None:
    drop_callback(entry, ticket)
    entry.on(
        ticket,
        "ticket.cancelled",
        sets={"status": "cancelled", "closed_at": entry.doing.happened_at},
        words={"reason": values["reason"]},
    )


def reopen(entry: Entry, ticket: Ticket, values: Values, *, sets: Mapping[str, Any] | None = None) -> None:
    """Take the matter up again: after a bad callback, a wrong closing, a cancelled one that was needed."""
    drop_callback(entry, ticket)
    entry.on(
        ticket,
        "ticket.reopened",
        sets={
            "status": "open",
            "closed_at": None,
            "completed_at": None,
            "paused_at": None,
            "reopened": ticket.facts.get("reopened", 0) + 1,
            **_begun_anew(ticket),
            # what is taken up again has another result to tell
            **({"result_told": False} if "result_told" in ticket.facts else {}),
            **(sets or {}),
        },
        words={"reason": values["reason"]},
    )


def _begun_anew(ticket: Ticket) -> dict[str, Any]:
    """Facts of the first handling that say nothing about the second: agreed anew, planned, signed and filed anew."""
    facts = ticket.facts
    states = ("source_agreed", "plan_agreed", "slip_signed", "copy_left", "on_site")
    found: dict[str, Any] = {name: False for name in states if name in facts}
    # a slip still out stays with whoever has it
    return {**found, "slip": "none"} if facts.get("slip") in ("returned", "checked") else found


def _over(book: Rulebook, ticket: Ticket) -> Refusal | None:
    return (
        None if ticket.status in ("closed", "cancelled", "done") else Refusal("ticket.not_over", number=ticket.number)
    )


def _offered(book: Rulebook, ticket: Ticket) -> Refusal | None:
    return None if ticket.facts.get("offered_to") else Refusal("transfer.none", number=ticket.number)


def _may_pause(book: Rulebook, ticket: Ticket) -> Refusal | None:
    return Refusal("ticket.paused", number=ticket.number) if ticket.paused_at else unfinished(book, ticket)


def _may_resume(book: Rulebook, ticket: Ticket) -> Refusal | None:
    return live(book, ticket) if ticket.paused_at else Refusal("ticket.not_paused", number=ticket.number)


VERBS = (
    Verb(
        "join",
        "ticket.joined",
        N_("Join another caller"),
        join,
        may=live,
        params=(
            Param("caller", "text", N_("Caller"), required=True),
            Param("phone", "text", N_("Telephone")),
            NOTE,
            Param("channel", "choice", N_("Channel")),
        ),
    ),
    Verb(
        "urge",
        "ticket.urged",
        N_("Note an urge"),
        _urge,
        params=(NOTE, Param("channel", "choice", N_("Channel"))),
        may=live,
    ),
    Verb(
        "note",
        "ticket.noted",
        N_("Write a note"),
        notes("ticket.noted"),
        params=(Param("note", "prose", N_("Note"), required=True),),
    ),
    Verb(
        "correct",
        "ticket.corrected",
        N_("Correct the entries"),
        _correct,
        params=(
            Param("what", "prose", N_("What"), start=lambda ledger, row, doing: row.what),  # type: ignore[union-attr]
            Param("place", "text", N_("Place"), start=lambda ledger, row, doing: row.place),  # type: ignore[union-attr]
            Param("person_name", "text", N_("Name"), start=lambda ledger, row, doing: row.person_name),  # type: ignore[union-attr]
            Param("phone", "text", N_("Telephone"), start=lambda ledger, row, doing: row.phone),  # type: ignore[union-attr]
            Param("repair_class", "choice", N_("Repair class")),
            Param("area", "choice", N_("Area")),
            Param("warranty", "choice", N_("Warranty")),
            Param("urgent", "flag", N_("Urgent")),
            Param("emergency", "flag", N_("Emergency")),
            Param("resident_limit", "time", N_("Resident's own limit")),
            NOTE,
        ),
    ),
    Verb(
        "pause",
        "ticket.paused",
        N_("Pause"),
        _pause,
        may=_may_pause,
        params=(
            Param(
                "reason",
                "choice",
                N_("Reason"),
                required=True,
                choices=("parts", "long_work", "leftover", "customer", "other"),
            ),
            NOTE,
        ),
    ),
    Verb("resume", "ticket.resumed", N_("Resume"), _resume, params=(NOTE,), may=_may_resume),
    Verb(
        "transfer",
        "ticket.transferred",
        N_("Hand to another"),
        _transfer,
        # where a manual delegates step by step, that is the way to hand on
        applies=lambda book, ticket: "ticket.delegated" not in book.mentioned,
        may=live,
        params=(Param("to", "staff", N_("To"), required=True), Param("reason", "text", N_("Reason"))),
    ),
    Verb("take-over", "ticket.transfer_accepted", N_("Take over"), _take_over, params=(NOTE,), may=_offered),
    Verb("decline", "ticket.transfer_declined", N_("Decline to take over"), _decline, params=(WHY,), may=_offered),
    Verb(
        "complete",
        "ticket.completed",
        N_("Complete"),
        complete,
        may=unfinished,
        params=(
            Param("result", "prose", N_("Result")),
            Param("materials", "text", N_("Materials used")),
            Param("charge", "number", N_("Amount charged")),
        ),
    ),
    Verb(
        "close",
        "ticket.closed",
        N_("Close"),
        close,
        may=_may_close,
        grave=True,
        params=(Param("result", "prose", N_("Result")),),
    ),
    Verb("cancel", "ticket.cancelled", N_("Cancel the ticket"), _cancel, params=(WHY,), may=live, grave=True),
    Verb("reopen", "ticket.reopened", N_("Reopen"), reopen, params=(WHY,), may=_over),
)
