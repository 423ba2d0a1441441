"""Visits agreed with the resident: made, confirmed, moved, missed, withdrawn (S0-44, S4-07, S4-12, S4-16).

A visit is a subject of its own under its ticket. The time it is agreed for stands on the ticket too, kept by
``ticket.scheduled`` beside each act that moves it. That the visit was kept is recorded by arriving.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Entry
from desk.models import Appointment, Ticket
from desk.procedures import intake
from desk.procedures.verbs import NOTE, WHY, WORK, Param, Values, Verb, notes, unfinished
from desk.rulebook import Rulebook

_OPEN = ("made", "confirmed")


def _appoint(entry: Entry, ticket: Ticket, values: Values) -> None:
    at = values["appointment"]
    if at <= entry.doing.happened_at:
        raise Refusal("appointment.past", number=ticket.number, at=at)
    intake.appoint(entry, ticket, at, note=values.get("note"))
    # now it is a booked service, where the manual tells it from an immediate one (S3-25, S3-26)
    booked = {"booked": True} if "booked" in ticket.facts else {}
    _schedule(entry, ticket, {"appointment": at, **booked})


def _alone(session: Session, ticket: Ticket, at: datetime) -> Refusal | None:
    """One appointment at a time: what stands is moved, what was missed is agreed anew."""
    if (waiting := _of(session, ticket, *_OPEN)) is not None:
        return Refusal("appointment.already", number=ticket.number, at=waiting.at)
    if (missed := _of(session, ticket, "missed")) is not None:
        # a new one beside it would be a first one: what must be kept the second time is agreed anew (S1-37)
        return Refusal("appointment.was_missed", number=ticket.number, at=missed.at)
    return None


def _of(session: Session, ticket: Ticket, *statuses: str) -> Appointment | None:
    query = select(Appointment).where(
        Appointment.estate_id == ticket.estate_id,
        Appointment.ticket_id == ticket.id,
        col(Appointment.status).in_(statuses),
    )
    return session.exec(query).first()


def _rebook(entry: Entry, visit: Appointment, values: Values) -> None:
    """Another time, agreed with the owner; the former one and why are kept (S4-07).

    What the customer names instead of the time we offered lies after it (S1-36).
    """
    ticket, at, offered = _ticket(entry, visit), values["appointment"], values.get("offered")
    if at == visit.at:
        raise Refusal("appointment.same", number=ticket.number, at=at)
    if at <= entry.doing.happened_at:
        raise Refusal("appointment.past", number=ticket.number, at=at)
    if offered is not None and at < offered:
        raise Refusal("appointment.before_offered", number=ticket.number, at=at, offered=offered)
    entry.on(
        visit,
        "appointment.rebooked",
        sets={"at": at, "status": "made", "rebooked": visit.rebooked + 1},
        facts={
            "appointment": at,
            "former": visit.at,
            "offered": offered,
            "before_bookable": intake.before_bookable(entry, ticket, at),
        },
        words={"reason": values["reason"], "agreed_by": values.get("agreed_by")},
    )
    _schedule(entry, ticket, {"appointment": at})


def _miss(entry: Entry, visit: Appointment, values: Values) -> None:
    """Nobody came, or nobody was in. How often is counted on the ticket."""
    ticket = _ticket(entry, visit)
    times = int(ticket.facts.get("missed_appointments", 0)) + 1
    entry.on(
        visit,
        "appointment.missed",
        sets={"status": "missed", "missed": visit.missed + 1},
        facts={"missed_appointments": times},
        words={"reason": values["reason"]},
    )
    _schedule(entry, ticket, {"missed_appointments": times})


def _withdraw(entry: Entry, visit: Appointment, values: Values) -> None:
    ticket = _ticket(entry, visit)
    entry.on(visit, "appointment.cancelled", sets={"status": "cancelled"}, words={"reason": values["reason"]})
    booked = {"booked": False} if "booked" in ticket.facts else {}
    _schedule(entry, ticket, {"appointment": None, **booked})


def _schedule(entry: Entry, ticket: Ticket, sets: dict[str, Any]) -> None:
    entry.on(ticket, "ticket.scheduled", sets=sets)


def _ticket(entry: Entry, visit: Appointment) -> Ticket:
    ticket = entry.row("ticket", visit.ticket_id)
    assert isinstance(ticket, Ticket)
    return ticket


def _open(book: Rulebook, visit: Appointment) -> Refusal | None:
    return None if visit.status in _OPEN else Refusal("appointment.not_open", at=visit.at, status=visit.status)


def _may_confirm(book: Rulebook, visit: Appointment) -> Refusal | None:
    return None if visit.status == "made" else Refusal("appointment.not_open", at=visit.at, status=visit.status)


def _its_time(session: Session, visit: Appointment, at: datetime) -> Refusal | None:
    """Nobody can have missed what is still to come; who knows that nobody will be there agrees another time."""
    return Refusal("appointment.not_yet", at=visit.at) if at < visit.at else None


def _may_rebook(book: Rulebook, visit: Appointment) -> Refusal | None:
    return None if visit.status == "missed" else _open(book, visit)


VERBS = (
    Verb(
        "appoint",
        "appointment.made",
        N_("Make an appointment"),
        _appoint,
        params=(Param("appointment", "time", N_("Time agreed"), required=True), NOTE),
        applies=WORK,
        may=unfinished,
        yet=_alone,
    ),
    Verb(
        "confirm",
        "appointment.confirmed",
        N_("Confirm the appointment"),
        notes("appointment.confirmed", status="confirmed"),
        params=(NOTE,),
        subject="appointment",
        may=_may_confirm,
    ),
    Verb(
        "rebook",
        "appointment.rebooked",
        N_("Agree another time"),
        _rebook,
        params=(
            Param("appointment", "time", N_("New time"), required=True),
            WHY,
            Param("agreed_by", "text", N_("Agreed with")),
            Param("offered", "time", N_("Time we offered, if they chose their own")),
        ),
        subject="appointment",
        may=_may_rebook,
    ),
    Verb(
        "miss",
        "appointment.missed",
        N_("Appointment missed"),
        _miss,
        params=(WHY,),
        subject="appointment",
        may=_open,
        yet=_its_time,
    ),
    Verb(
        "cancel-appointment",
        "appointment.cancelled",
        N_("Cancel the appointment"),
        _withdraw,
        params=(WHY,),
        subject="appointment",
        may=_open,
    ),
)
