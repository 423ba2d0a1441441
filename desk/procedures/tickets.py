"""A ticket's life after intake: joining, notes, ownership, pause, completion, cancelling, reopening, closing.

Sources: S4-13; first-contact ownership S3-04.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from desk import rules
from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Entry
from desk.ledger.deadlines import history
from desk.models import Callback, Ticket, new_id
from desk.procedures.verbs import NOTE, WHY, Param, Values, Verb, live, notes, unfinished
from desk.rulebook import Rulebook

#: what gives whoever brought a matter their reply
REPLIES = frozenset(
    "complaint.reply_given complaint.result_told ticket.answered ticket.customer_told ticket.source_answered "
    "callback.done".split()
)


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


def _stands(ticket: Any, name: str) -> Any:
    """What the ticket says now: some facts have a column of their own."""
    return getattr(ticket, name) if hasattr(ticket, name) else ticket.facts.get(name)


def _standing(name: str) -> Any:
    return lambda ledger, row, doing: _stands(row, name)


def _correct(entry: Entry, ticket: Ticket, values: Values) -> None:
    # a form gives back what stood in it: what is still so was not corrected
    words = {
        name: values[name] for name in _CORRECTABLE if name in values and values[name] != getattr(ticket, name, None)
    }
    sets = {
        name: value
        for name, value in values.items()
        if name not in (*_CORRECTABLE, "note") and value != _stands(ticket, name)
    }
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


# Asked at every completion: putting it together would cost more than asking it.
_OPEN = select(Callback).where(
    col(Callback.estate_id) == bindparam("estate"),
    col(Callback.ticket_id) == bindparam("ticket"),
    Callback.status == "open",
)


def _open(entry: Entry, ticket: Ticket) -> list[Callback]:
    return entry.session.some(Callback, _OPEN, {"estate": entry.estate_id, "ticket": ticket.id})


def open_callback(entry: Entry, ticket: Ticket) -> Callback:
    """Put the ticket on the callback queue, once."""
    if already := _open(entry, ticket):
        return already[0]
    at = entry.doing.happened_at
    callback = Callback(estate_id=entry.estate_id, id=new_id(), ticket_id=ticket.id, opened_at=at)
    entry.add(callback)
    sets = {"ticket_id": ticket.id, "opened_at": at, "status": "open", "kind": ticket.kind}
    entry.on(callback, "callback.opened", sets=sets)
    return callback


def drop_callback(entry: Entry, ticket: Ticket) -> None:
    """Take the ticket off the callback queue: what is open again, or void, is not called back for."""
    for callback in _open(entry, ticket):
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
            Param("repair_class", "choice", N_("Repair class"), start=_standing("repair_class")),
            Param("area", "choice", N_("Area"), start=_standing("area")),
            Param("warranty", "choice", N_("Warranty"), start=_standing("warranty")),
            Param("urgent", "flag", N_("Urgent"), start=_standing("urgent")),
            Param("emergency", "flag", N_("Emergency"), start=_standing("emergency")),
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
