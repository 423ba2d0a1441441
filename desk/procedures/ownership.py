"""First-contact ownership: whoever heard it first answers for it until its source agrees that it is closed.

The first contact never changes. Who follows it up now (the owner) may be handed down step by step, each step taken over
by the one it was offered to, and passes on with the shift (``settings.owner``); the chain of all of them is kept.
Sources: S3-04, S3-05, S3-06, S3-08, S3-09, S3-41; annex (a) 6.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger, Row
from desk.models import Callback, Ticket
from desk.procedures.tickets import close
from desk.procedures.verbs import MEANS, NOTE, Param, Values, Verb, live, not_cancelled, notes, spoken_of


def _delegate(entry: Entry, ticket: Ticket, values: Values) -> None:
    """Handed down one step; it stays with whoever has it until the other takes it over (S3-04, S3-08)."""
    to = entry.staff(values["to"])
    if to.id == ticket.owner:
        raise Refusal("transfer.same", number=ticket.number)
    entry.on(
        ticket,
        "ticket.delegated",
        sets={"offered_to": to.id, "delegated": True},
        facts={"to": to.id},
        words={"node": values.get("node"), "reason": values.get("reason")},
    )


def agree(entry: Entry, ticket: Ticket, means: str | None, words: dict[str, Any]) -> None:
    """The source agrees: what was only waiting for that is closed (S3-05, S3-41)."""
    entry.on(ticket, "ticket.source_agreed", sets={"source_agreed": True}, facts={"means": means}, words=words)


def _source_agrees(entry: Entry, ticket: Ticket, values: Values) -> None:
    agree(entry, ticket, values.get("means"), {"who": values.get("who"), "note": values.get("note")})
    if ticket.status == "done" and not _to_call(entry, ticket):
        close(entry, ticket, {}, reason="source_agreed")


def _to_call(entry: Entry, ticket: Ticket) -> bool:
    """Whether the callback is still to be made."""
    query = select(Callback.id).where(
        Callback.estate_id == entry.estate_id, Callback.ticket_id == ticket.id, Callback.status == "open"
    )
    return entry.session.exec(query.limit(1)).first() is not None


def _who_told_us(ledger: Ledger, row: Row, doing: Doing) -> str | None:
    return getattr(row, "person_name", None)


VERBS = (
    Verb(
        "delegate",
        "ticket.delegated",
        N_("Delegate"),
        _delegate,
        applies=spoken_of("ticket.delegated"),
        may=live,
        params=(
            Param("to", "staff", N_("To"), required=True),
            Param("node", "text", N_("For which part")),
            Param("reason", "text", N_("Reason")),
        ),
    ),
    Verb(
        "ask-supervisor",
        "ticket.supervisor_asked",
        N_("Ask the supervisor"),
        notes("ticket.supervisor_asked", "question"),
        applies=spoken_of("ticket.supervisor_asked"),
        may=live,
        params=(
            Param("whom", "staff", N_("Who was asked"), duty="supervisor"),
            Param("question", "prose", N_("Question")),
        ),
    ),
    Verb(
        "answer-source",
        "ticket.source_answered",
        N_("Reply to the source"),
        notes("ticket.source_answered", "answer"),
        applies=spoken_of("ticket.source_answered"),
        may=live,
        params=(Param("answer", "prose", N_("Reply"), required=True), MEANS),
    ),
    Verb(
        "source-agrees",
        "ticket.source_agreed",
        N_("Source agrees to close"),
        _source_agrees,
        applies=spoken_of("ticket.source_agreed"),
        may=not_cancelled,
        params=(Param("who", "text", N_("Who agreed"), start=_who_told_us), MEANS, NOTE),
    ),
)
