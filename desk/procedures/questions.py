"""Questions beyond the desk, and people who come or call on business.

A specialist is consulted and a time for the reply agreed, which is a promise with a deadline (S0-38). Who comes for
somebody is passed on to them (S0-39); a caller holds until the right person is there (S0-41). Offered for kinds whose
intake asks for it (``specialist``; ``official`` or ``host``).
"""

from __future__ import annotations

from collections.abc import Callable

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Entry
from desk.models import Ticket
from desk.procedures.tickets import close
from desk.procedures.verbs import NOTE, Param, Values, Verb, unfinished
from desk.rulebook import Rulebook


def _asks(*fields: str) -> Callable[[Rulebook, Ticket], bool]:
    """Kinds whose intake asks for one of ``fields``."""

    def applies(book: Rulebook, ticket: Ticket) -> bool:
        kind = book.kinds.get(ticket.kind)
        return kind is not None and not set(fields).isdisjoint(kind.fields)

    return applies


def _consult(entry: Entry, ticket: Ticket, values: Values) -> None:
    """Whom we asked may be no member of staff: then it is their name, among the words."""
    if not values.get("whom") and not values.get("specialist"):
        raise Refusal("question.whom", number=ticket.number)
    entry.on(
        ticket,
        "ticket.consulted",
        sets={"specialist": True},
        facts={"whom": values.get("whom")},
        words={"specialist_name": values.get("specialist"), "note": values.get("note")},
    )


def _agree_reply(entry: Entry, ticket: Ticket, values: Values) -> None:
    at = values["reply_at"]
    if at <= entry.doing.happened_at:
        raise Refusal("value.past", name="reply_at", title=N_("Agreed reply time"), value=at)
    entry.on(ticket, "ticket.reply_agreed", sets={"reply_at": at}, words={"note": values.get("note")})


def _answer(entry: Entry, ticket: Ticket, values: Values) -> None:
    entry.on(ticket, "ticket.answered", words={"answer": values["answer"]})
    _over(entry, ticket, values, "answered")


def _pass_on(entry: Entry, ticket: Ticket, values: Values) -> None:
    if not values.get("whom") and not values.get("host"):
        raise Refusal("visit.whom", number=ticket.number)
    words = {"host_name": values.get("host"), "note": values.get("note")}
    entry.on(ticket, "ticket.passed_on", facts={"whom": values.get("whom")}, words=words)


def _receive(entry: Entry, ticket: Ticket, values: Values) -> None:
    entry.on(ticket, "ticket.received", words={"note": values.get("note")})
    _over(entry, ticket, values, "received")


def _over(entry: Entry, ticket: Ticket, values: Values, reason: str) -> None:
    """What is answered or received is done with, unless it is kept open or must be called back for."""
    if not values.get("keep_open") and ticket.facts.get("callback", "none") == "none":
        close(entry, ticket, {}, reason=reason)


_QUESTION, _VISIT = _asks("specialist"), _asks("official", "host")
_KEEP = Param("keep_open", "flag", N_("Keep it open"))

VERBS = (
    Verb(
        "consult",
        "ticket.consulted",
        N_("Consult a specialist"),
        _consult,
        applies=_QUESTION,
        may=unfinished,
        params=(
            Param("whom", "staff", N_("Specialist"), duty="specialist"),
            Param("specialist", "text", N_("Specialist from elsewhere")),
            NOTE,
        ),
    ),
    Verb(
        "agree-reply",
        "ticket.reply_agreed",
        N_("Agree a reply time"),
        _agree_reply,
        applies=_QUESTION,
        may=unfinished,
        params=(Param("reply_at", "time", N_("Agreed reply time"), required=True), NOTE),
    ),
    Verb(
        "answer",
        "ticket.answered",
        N_("Answer"),
        _answer,
        applies=_QUESTION,
        may=unfinished,
        params=(Param("answer", "prose", N_("Answer"), required=True), _KEEP),
    ),
    Verb(
        "pass-on",
        "ticket.passed_on",
        N_("Tell the host"),
        _pass_on,
        applies=_VISIT,
        may=unfinished,
        params=(
            Param("whom", "staff", N_("Host")),
            Param("host", "text", N_("Host from elsewhere")),
            NOTE,
        ),
    ),
    Verb(
        "receive",
        "ticket.received",
        N_("Note that the host received them"),
        _receive,
        applies=_VISIT,
        may=unfinished,
        params=(NOTE, _KEEP),
    ),
)
