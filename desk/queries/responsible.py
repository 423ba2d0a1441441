"""Who answers for a matter: the responsibility table of the rulebook, and in an emergency the list of those to ring.

A line of the table names a duty; here stand the people who have it, those on the roster now first. Times are aware
UTC. Sources: S3-18, S3-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from desk import rules
from desk.ledger import Ledger
from desk.ledger.deadlines import history
from desk.ledger.rows import facts_of
from desk.models import Shift, Staff, Ticket
from desk.rulebook import Responsible, Rulebook


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody who answers for the matter (``responsible``) or stands above them (``superior``)."""

    role: str
    #: ``duty`` or ``duty@department``, as the table says
    duty: str
    staff_id: UUID | None
    name: str
    phone: str
    #: on the roster now
    on_duty: bool = False
    #: the only one the line can mean
    sure: bool = False
    #: when last rung about this matter, and when they answered
    rung_at: datetime | None = None
    answered_at: datetime | None = None


def row_for(book: Rulebook, facts: Mapping[str, Any]) -> Responsible | None:
    """The line of the table for a matter: the one that says most of it; of equals the later, an estate's own."""
    fits = [row for row in book.responsible if row.where.matches(facts)]
    return max(reversed(fits), key=lambda row: len(row.where.tests), default=None)


def responsible(ledger: Ledger, session: Session, facts: Mapping[str, Any], now: datetime) -> list[Call]:
    """Everybody the table means for a matter with these ``facts``: who answers for it first, then who stands above."""
    row = row_for(ledger.book, facts)
    if row is None:
        return []
    found = _people(ledger, session, "responsible", row.who, now)
    return found + (_people(ledger, session, "superior", row.superior, now) if row.superior else [])


def _people(ledger: Ledger, session: Session, role: str, duty: str, now: datetime) -> list[Call]:
    name, _at, department = duty.partition("@")
    query = select(Staff).where(Staff.estate_id == ledger.estate_id, col(Staff.active).is_(True))
    fit = [each for each in session.exec(query.order_by(col(Staff.number), col(Staff.name))) if name in each.duties]
    # a department nobody is entered under narrows nothing: better somebody than nobody
    fit = [each for each in fit if each.department == department] or fit if department else fit
    there = _rostered(ledger, session, [each.id for each in fit], now)
    on_duty = [each for each in fit if each.id in there]
    sure = on_duty if len(on_duty) == 1 else fit if len(fit) == 1 else []
    calls = [
        Call(role, duty, each.id, each.name, each.phone, each.id in there, each in sure)
        for each in sorted(fit, key=lambda each: each.id not in there)
    ]
    return calls or [Call(role, duty, None, "", "")]


def _rostered(ledger: Ledger, session: Session, people: Sequence[UUID], now: datetime) -> set[UUID]:
    query = select(Shift.staff_id).where(
        Shift.estate_id == ledger.estate_id,
        col(Shift.staff_id).in_(people),
        Shift.starts_at <= now,
        Shift.ends_at > now,
        col(Shift.cancelled_at).is_(None),
        col(Shift.left_at).is_(None),
    )
    return set(session.exec(query))


def call_list(ledger: Ledger, session: Session, ticket: Ticket, now: datetime) -> list[Call]:
    """Whom to ring about an urgent matter, in order, with who was rung and who answered."""
    calls = responsible(ledger, session, facts_of(ticket), now)
    rung: dict[str, tuple[datetime, datetime | None]] = {}
    for event in rules.effective(history(session, ledger.estate_id, ("ticket", ticket.id))):
        if event.name in ("ticket.rung", "ticket.not_reached") and (whom := event.facts.get("whom")):
            rung[whom] = (event.at, event.at if event.name == "ticket.rung" else rung.get(whom, (None, None))[1])
    return [
        replace(call, rung_at=rung[key][0], answered_at=rung[key][1]) if (key := str(call.staff_id)) in rung else call
        for call in calls
    ]
