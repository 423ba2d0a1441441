"""A repair taken at the counter: ours or not, whose parts, what it may cost, when somebody will look (S1-29…S1-38).

The minutes told are a promise with a deadline; a second promise has a time of its own and must be kept (S1-37).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Entry
from desk.models import Ticket
from desk.procedures.tickets import close
from desk.procedures.verbs import NOTE, Param, Values, Verb, unfinished
from desk.rulebook import Rulebook


def _asks(field: str) -> Callable[[Rulebook, Ticket], bool]:
    """Kinds whose intake asks for ``field``."""

    def applies(book: Rulebook, ticket: Ticket) -> bool:
        kind = book.kinds.get(ticket.kind)
        return kind is not None and field in kind.fields

    return applies


def _tell_minutes(entry: Entry, ticket: Ticket, values: Values) -> None:
    """The customer is told when somebody comes to look; without minutes, the estate's usual ones (S1-32)."""
    at, times = entry.doing.happened_at, int(ticket.facts.get("told_times", 0)) + 1
    minutes, told_at = values.get("minutes"), values.get("told_at")
    if told_at is None and minutes is not None:
        if not 0 < minutes <= 100_000:
            raise Refusal("value.number", name="minutes", title=N_("Minutes"), value=minutes)
        told_at = at + timedelta(minutes=minutes)
    if told_at is None and times > 1:
        # the usual minutes were told and not kept: whoever promises again says when
        raise Refusal("repair.when", number=ticket.number)
    if told_at is not None and told_at <= at:
        raise Refusal("value.past", name="told_at", title=N_("Time told to the customer"), value=told_at)
    sets: dict[str, Any] = {"told_at": told_at, "told_usual": told_at is None, "told_times": times}
    words = {"reason": values.get("reason"), "note": values.get("note")}
    entry.on(ticket, "ticket.arrival_told", sets=sets, words=words)


def _show_prices(entry: Entry, ticket: Ticket, values: Values) -> None:
    entry.on(ticket, "ticket.prices_shown", sets={"price_shown": True}, words={"note": values.get("note")})


def _say_parts(entry: Entry, ticket: Ticket, values: Values) -> None:
    entry.on(ticket, "ticket.parts_said", sets={"parts": values["parts"]}, words={"note": values.get("note")})


def _refer(entry: Entry, ticket: Ticket, values: Values) -> None:
    """Beyond our ability: the trade's number is written down for the customer, and the matter is over (S1-38)."""
    entry.on(
        ticket,
        "ticket.referred",
        sets={"in_house": False},
        words={"trade": values["trade"], "number_given": values["number_given"], "note": values.get("note")},
    )
    close(entry, ticket, {}, reason="referred")


VERBS = (
    Verb(
        "tell-minutes",
        "ticket.arrival_told",
        N_("Tell when somebody comes to look"),
        _tell_minutes,
        params=(
            Param("minutes", "number", N_("In how many minutes")),
            Param("told_at", "time", N_("Or at what time")),
            Param("reason", "text", N_("Reason, if it was told before")),
            NOTE,
        ),
        applies=_asks("in_house"),
        may=unfinished,
    ),
    Verb(
        "show-prices",
        "ticket.prices_shown",
        N_("Show the price list"),
        _show_prices,
        params=(NOTE,),
        applies=_asks("in_house"),
        may=unfinished,
    ),
    Verb(
        "say-parts",
        "ticket.parts_said",
        N_("Say who supplies the parts"),
        _say_parts,
        params=(
            Param(
                "parts",
                "choice",
                N_("Parts supplied by"),
                required=True,
                start=lambda ledger, row, doing: row.facts.get("parts"),
            ),
            NOTE,
        ),
        applies=_asks("parts"),
        may=unfinished,
    ),
    Verb(
        "refer-out",
        "ticket.referred",
        N_("Give an outside specialist's number"),
        _refer,
        params=(
            Param("trade", "text", N_("Trade"), required=True),
            Param("number_given", "text", N_("Telephone number given"), required=True),
            NOTE,
        ),
        applies=_asks("in_house"),
        may=unfinished,
    ),
)
