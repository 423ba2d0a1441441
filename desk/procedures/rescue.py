"""A lift out of order or people trapped: calmed, maintenance told, rescuers sent and arrived, people freed (S4-24)."""

from __future__ import annotations

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger, Row
from desk.models import Ticket
from desk.procedures.verbs import MEANS, NOTE, Param, Values, Verb, unfinished
from desk.rulebook import Rulebook


def _calm(entry: Entry, ticket: Ticket, values: Values) -> None:
    entry.on(ticket, "rescue.calmed", facts={"means": values.get("means")}, words={"note": values.get("note")})


def _tell_lift(entry: Entry, ticket: Ticket, values: Values) -> None:
    """The lift-maintenance contact may be somebody outside: a name, never a fact."""
    entry.on(
        ticket,
        "rescue.lift_contact_told",
        facts={"means": values.get("means")},
        words={"contact": values.get("contact"), "note": values.get("note")},
    )


def _send(entry: Entry, ticket: Ticket, values: Values) -> None:
    whom = values.get("whom")
    if whom is not None:
        entry.staff(whom)
    entry.on(
        ticket,
        "rescue.sent",
        sets={"rescue": "sent"},
        facts={"whom": whom},
        words={"who": values.get("who"), "note": values.get("note")},
    )


def _arrived(entry: Entry, ticket: Ticket, values: Values) -> None:
    entry.on(ticket, "rescue.arrived", sets={"rescue": "arrived"}, words={"note": values.get("note")})


def _freed(entry: Entry, ticket: Ticket, values: Values) -> None:
    """They are out. That people were trapped stays a fact of the ticket."""
    entry.on(ticket, "rescue.freed", sets={"rescue": "freed"}, words={"note": values.get("note")})


def _lift(book: Rulebook, ticket: Ticket) -> bool:
    return bool(ticket.facts.get("lift") or ticket.facts.get("trapped"))


def _trapped(book: Rulebook, ticket: Ticket) -> bool:
    return bool(ticket.facts.get("trapped"))


def _not_freed(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if ticket.facts.get("rescue") == "freed":
        return Refusal("rescue.over", number=ticket.number)
    return unfinished(book, ticket)


def _contact(ledger: Ledger, row: Row, doing: Doing) -> str | None:
    """The contact this estate keeps for its lifts (``settings.lift_contact``)."""
    return ledger.book.settings.get("lift_contact")


VERBS = (
    Verb(
        "calm",
        "rescue.calmed",
        N_("Trapped person calmed"),
        _calm,
        params=(MEANS, NOTE),
        applies=_trapped,
        may=_not_freed,
    ),
    Verb(
        "tell-lift",
        "rescue.lift_contact_told",
        N_("Tell lift maintenance"),
        _tell_lift,
        params=(Param("contact", "text", N_("Lift-maintenance contact"), start=_contact), MEANS, NOTE),
        applies=_lift,
        may=unfinished,
    ),
    Verb(
        "send-rescue",
        "rescue.sent",
        N_("Send rescuers"),
        _send,
        params=(
            Param("whom", "staff", N_("Who was sent"), duty="technician"),
            Param("who", "text", N_("Name, if not on the staff list")),
            NOTE,
        ),
        applies=_lift,
        may=_not_freed,
    ),
    Verb(
        "rescue-arrived",
        "rescue.arrived",
        N_("Rescuers arrived"),
        _arrived,
        params=(NOTE,),
        applies=_lift,
        may=_not_freed,
    ),
    Verb("freed", "rescue.freed", N_("People freed"), _freed, params=(NOTE,), applies=_trapped, may=_not_freed),
)
