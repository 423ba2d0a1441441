"""A lift out of order or people trapped: calmed, maintenance told, rescuers sent and arrived, people freed (S4-24)."""

from __future__ import annotations

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Ledger, Row
from desk.models import Ticket
from desk.procedures.verbs import MEANS, NOTE, Param, Verb, notes, unfinished
from desk.rulebook import Rulebook


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
        notes("rescue.calmed"),
        params=(MEANS, NOTE),
        applies=_trapped,
        may=_not_freed,
    ),
    Verb(
        "tell-lift",
        "rescue.lift_contact_told",
        N_("Tell lift maintenance"),
        notes("rescue.lift_contact_told", "contact"),
        params=(Param("contact", "text", N_("Lift-maintenance contact"), start=_contact), MEANS, NOTE),
        applies=_lift,
        may=unfinished,
    ),
    Verb(
        "send-rescue",
        "rescue.sent",
        N_("Send rescuers"),
        notes("rescue.sent", "who", rescue="sent"),
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
        notes("rescue.arrived", rescue="arrived"),
        params=(NOTE,),
        applies=_lift,
        may=_not_freed,
    ),
    Verb(
        "freed",
        "rescue.freed",
        N_("People freed"),
        notes("rescue.freed", rescue="freed"),
        params=(NOTE,),
        applies=_trapped,
        may=_not_freed,
    ),
)
