"""The on-call list for emergencies round the clock: who is rung, in what order, and who answered (S2-24).

The list is kept in the roster: duties planned as on call (:func:`desk.procedures.shifts.plan_on_call`), each with its
place in the order of ringing. Every call is written down; whoever says they are coming has the ticket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from desk import rules
from desk.i18n import N_, _
from desk.ledger import Doing, Entry, Ledger, Row
from desk.ledger.deadlines import history
from desk.models import Shift, Staff, Ticket
from desk.procedures.verbs import NOTE, Param, Values, Verb, unfinished
from desk.rulebook import Rulebook
from desk.vocabulary import ANSWERS

_CALLS = ("oncall.rung", "oncall.coming")


@dataclass(frozen=True, slots=True)
class OnCall:
    """Somebody on call, and what came of ringing them about the ticket asked for."""

    staff_id: UUID
    name: str
    phone: str
    #: 1 is rung first
    rank: int
    turn: str
    until: datetime
    #: ``coming`` | ``unanswered`` | ``cannot_come``, of the last call; None: not rung yet
    answer: str | None = None
    rung_at: datetime | None = None


def on_call(ledger: Ledger, session: Session, now: datetime, ticket_id: UUID | None = None) -> list[OnCall]:
    """Who is on call at ``now``, in the order in which to ring, each once; with what was answered about a ticket."""
    query = (
        select(Shift, Staff)
        .join(Staff, (col(Staff.estate_id) == Shift.estate_id) & (col(Staff.id) == Shift.staff_id))
        .where(Shift.estate_id == ledger.estate_id, col(Shift.on_call).is_(True), col(Shift.cancelled_at).is_(None))
        .where(col(Shift.starts_at) <= now, col(Shift.ends_at) > now)
        .order_by(col(Shift.rank), col(Shift.starts_at), col(Shift.id))
    )
    calls = _calls(ledger, session, ticket_id) if ticket_id is not None else {}
    found: dict[UUID, OnCall] = {}
    for shift, person in session.exec(query):
        answer, rung_at = calls.get(person.id, (None, None))
        row = OnCall(person.id, person.name, person.phone, shift.rank, shift.name, shift.ends_at, answer, rung_at)
        found.setdefault(person.id, row)
    return list(found.values())


def _calls(ledger: Ledger, session: Session, ticket_id: UUID) -> dict[UUID, tuple[str, datetime]]:
    """The last answer of each who was rung; calls taken back left out."""
    happened = rules.effective(history(session, ledger.estate_id, ("ticket", ticket_id)))
    return {UUID(each.facts["whom"]): (each.facts["answer"], each.at) for each in happened if each.name in _CALLS}


def _call_out(entry: Entry, ticket: Ticket, values: Values) -> None:
    """One call. Anybody may be rung; the list only says who comes next."""
    whom, answer = entry.staff(values["whom"]).id, values["answer"]
    listed = on_call(entry.ledger, entry.session, entry.doing.happened_at, ticket.id)
    rank = next((each.rank for each in listed if each.staff_id == whom), None)
    facts: dict[str, Any] = {"whom": whom, "answer": answer, "rank": rank}
    words = {"note": values.get("note")}
    if answer == "coming":
        sets: dict[str, Any] = {"assignee": whom}
        if ticket.status == "open":
            sets["status"] = "assigned"
        entry.on(ticket, "oncall.coming", sets=sets, facts=facts, words=words)
        return
    facts["on_call_left"] = sum(1 for each in listed if each.answer is None and each.staff_id != whom)
    entry.on(ticket, "oncall.rung", facts=facts, words=words)


def _calls_out(book: Rulebook, ticket: Ticket) -> bool:
    return ticket.emergency and not book.mentioned.isdisjoint(_CALLS)


def on_call_text(ledger: Ledger, rows: Sequence[OnCall]) -> str:
    """The list in lines, in the order in which to ring, telephones in full: it is there to be rung."""
    lines = []
    for row in rows:
        answer = _(ANSWERS[row.answer]) if row.answer else ""
        at = f"{row.rung_at.astimezone(ledger.zone):%H:%M}" if row.rung_at else ""
        lines.append(" ".join(filter(None, (f"{row.rank}.", row.name, row.phone, at, answer))))
    return "\n".join(lines or [_("Nobody is on call now: ring the supervisor.")])


def _list(ledger: Ledger, row: Row | None, doing: Doing) -> str:
    with ledger.store.read() as session:
        found = on_call(ledger, session, doing.happened_at, row.id if row is not None else None)
    return on_call_text(ledger, found)


def _next(ledger: Ledger, row: Row, doing: Doing) -> UUID | None:
    """Whoever comes next: not rung yet, else the first."""
    with ledger.store.read() as session:
        listed = on_call(ledger, session, doing.happened_at, row.id)
    waiting = [each for each in listed if each.answer is None] or listed
    return waiting[0].staff_id if waiting else None


VERBS = (
    Verb(
        "call-out",
        "oncall.coming",
        N_("Ring who is on call"),
        _call_out,
        params=(
            Param("whom", "staff", N_("Whom"), required=True, start=_next),
            Param("answer", "choice", N_("Their answer"), required=True),
            NOTE,
        ),
        applies=_calls_out,
        may=unfinished,
        shows=_list,
    ),
)
