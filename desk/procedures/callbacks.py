"""Calling back: was it done well? Every call is one event; what follows from the answer is the rulebook's to say.

``settings.callback_attempts``: unanswered calls in a row after which nobody calls again (2).
``settings.handler_first``: kinds where whoever did the work is heard before. ``settings.unsatisfied``: by kind, what
becomes of the ticket: ``reopen`` (back to those who did it), ``route`` (to whoever directs the work, away from the
pool), ``escalate`` (above them); the rules then ask for the telling.
Sources: S0-35, S0-45…S0-47, S0-78, S0-82; S4-15, S4-40…S4-46.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from desk import rules
from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Entry
from desk.ledger.rows import facts_of
from desk.models import Callback, Ticket
from desk.procedures.tickets import close, reopen
from desk.procedures.verbs import BY_PHONE, NOTE, Param, Values, Verb, notes
from desk.rulebook import Rulebook

#: outcomes of a call in which the resident spoke about the work
_ANSWERED = ("satisfied", "unsatisfied")


def _open(book: Rulebook, callback: Callback) -> Refusal | None:
    return None if callback.status == "open" else Refusal("callback.over", status=callback.status)


def _may_call(book: Rulebook, callback: Callback) -> Refusal | None:
    if (refusal := _open(book, callback)) is not None:
        return refusal
    # two steps: first the handler's own account, then the customer's (S4-40)
    if needs_handler(book, callback) and not callback.facts.get("handler_heard"):
        return Refusal("callback.handler_first")
    return None


def needs_handler(book: Rulebook, callback: Callback) -> bool:
    """Whether the handler is to be heard before this call."""
    return callback.facts.get("kind") in book.settings.get("handler_first", ())


def _call(entry: Entry, callback: Callback, values: Values) -> None:
    """One call. An answer ends the callback; so do a hang-up, a refusal and the last unanswered call."""
    ticket = entry.row("ticket", callback.ticket_id)
    assert isinstance(ticket, Ticket)
    outcome = values["outcome"]
    facts: dict[str, Any] = {"outcome": outcome, "means": values.get("means", "phone")}
    if values.get("opinion"):
        facts["opinion_given"] = True  # a rule asks for it to be passed on (S2-19, S2-76); what was said stays a word
    words = {name: values.get(name) for name in ("opinion", "why", "handling", "note")}
    sets: dict[str, Any] = {"attempts": callback.attempts + 1, "channel": facts["means"]}
    at = entry.doing.happened_at
    if outcome in _ANSWERED:
        if outcome == "unsatisfied" and not values.get("why"):
            raise Refusal("callback.why", number=ticket.number)
        sets |= {"unanswered": 0, "outcome": outcome, "status": "done", "done_at": at}
        sets |= _answers(entry, ticket, values.get("answers"))
        entry.on(callback, "callback.done", sets=sets, facts=facts, words=words)
        if outcome == "satisfied":
            _hear_agreement(entry, ticket, facts["means"], sets.get("answers", {}))
            _settle(entry, ticket, "callback")
        else:
            _take_up(entry, ticket, values["why"])
        return
    sets["unanswered"] = callback.unanswered + 1 if outcome == "unanswered" else callback.unanswered
    if outcome == "unanswered" and sets["unanswered"] < entry.ledger.book.settings.get("callback_attempts", 2):
        entry.on(callback, "callback.tried", sets=sets, facts=facts, words=words)
        return
    sets |= {"outcome": outcome, "status": "stopped", "done_at": at}
    entry.on(callback, "callback.stopped", sets=sets, facts=facts, words=words)
    _settle(entry, ticket, "no_callback")


def _answers(entry: Entry, ticket: Ticket, given: object) -> dict[str, Any]:
    """The answers to the kind's questions, by question: True is good. Facts, so that they can be counted (S0-46)."""
    if given is None:
        return {}
    kind = entry.ledger.book.kinds.get(ticket.kind)
    known = [ident for ident, _ in kind.questions] if kind else []
    if not isinstance(given, Mapping):
        raise Refusal("callback.answers", known=known)
    for name, value in given.items():
        if name not in known:
            raise Refusal("callback.question_unknown", name=name, known=known)
        if not isinstance(value, bool):
            raise Refusal("callback.answers", known=known)
    return {"answers": dict(given)}


def _hear_agreement(entry: Entry, ticket: Ticket, means: str, answers: Mapping[str, bool]) -> None:
    """Whoever is content agrees that it is closed, unless they said no to that very question (S3-05, S3-41)."""
    if "ticket.source_agreed" in entry.ledger.book.mentioned and answers.get("agrees", True):
        entry.on(ticket, "ticket.source_agreed", sets={"source_agreed": True}, facts={"means": means})


def _settle(entry: Entry, ticket: Ticket, reason: str) -> None:
    """Close what waited for the callback only (S0-35, S4-41); what closed before it stays closed.

    What the rulebook keeps open stays open: nobody answered, so the source has not agreed (S3-05).
    """
    kept = rules.guards(entry.ledger.book, "ticket.closed", facts_of(ticket))
    if ticket.status == "done" and not any(guard.do == "refuse" for guard in kept):
        close(entry, ticket, {}, reason=reason)


def _take_up(entry: Entry, ticket: Ticket, why: str) -> None:
    """Not satisfied: the matter is open again, and goes where the rulebook says (S0-47, S4-41, S4-44)."""
    if ticket.status not in ("done", "closed"):
        return
    manner = entry.ledger.book.settings.get("unsatisfied", {}).get(ticket.kind, "reopen")
    # whoever directs the work gives it out anew; it does not go back to the pool by itself
    away = {"assignee": None, "dispatch": "told"} if manner in ("route", "escalate") else {}
    reopen(entry, ticket, {"reason": why}, sets={"unsatisfied": manner, **away})


def _review(entry: Entry, callback: Callback, values: Values) -> None:
    entry.on(
        callback,
        "callback.reviewed",
        sets={"reviewed_at": entry.doing.happened_at},
        words={"comment": values.get("comment")},
    )


def _may_review(book: Rulebook, callback: Callback) -> Refusal | None:
    if callback.status == "open":
        return Refusal("callback.not_over")
    return Refusal("callback.reviewed") if callback.reviewed_at else None


VERBS = (
    Verb(
        "callback",
        "callback.done",
        N_("Call back"),
        _call,
        subject="callback",
        may=_may_call,
        params=(
            Param("outcome", "choice", N_("Outcome"), required=True),
            replace(BY_PHONE, choices=("phone", "visit")),
            Param("answers", "answers", N_("Answers")),
            Param("opinion", "prose", N_("Resident's opinion")),
            Param("why", "text", N_("Why not satisfied")),
            Param("handling", "prose", N_("Opinion on how it was handled")),
            NOTE,
        ),
    ),
    Verb(
        "hear-handler",
        "callback.handler_heard",
        N_("Hear the handler"),
        notes("callback.handler_heard", "account", handler_heard=True),
        subject="callback",
        applies=needs_handler,
        may=_open,
        params=(Param("account", "prose", N_("Handler's account"), required=True),),
    ),
    Verb(
        "review-callback",
        "callback.reviewed",
        N_("Review the callback"),
        _review,
        subject="callback",
        may=_may_review,
        params=(Param("comment", "prose", N_("Comment")),),
    ),
)
