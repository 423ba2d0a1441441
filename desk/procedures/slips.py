"""An information handling slip's life: signed out at the desk, diagnosed, planned, explained, signed, back, checked.

Arriving, beginning and completing are the general verbs; here is what a slip adds to them. In an emergency one goes
first and signs afterwards. Sources: S3-22…S3-39; form F-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk import rules
from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger, Row
from desk.ledger.deadlines import history, words_of
from desk.models import Ticket
from desk.procedures.tickets import reopen
from desk.procedures.verbs import (
    NOTE,
    WHY,
    Param,
    Values,
    Verb,
    dispatched,
    live,
    not_cancelled,
    notes,
    present,
    spoken_of,
    unfinished,
)
from desk.queries.slips import POINTS
from desk.rulebook import Rulebook

#: what a slip must hold before it is filed, in the order in which it is written (S3-35, S3-39)
CONTENTS = {
    "result": N_("Result"),
    "materials": N_("Materials used"),
    "charge": N_("Amount charged"),
    "signed_by": N_("Signed by"),
    "copy_left": N_("Customer's copy left"),
}

SLIP = dispatched("signed_out")

# -- signed out ----------------------------------------------------------------------------------------------


def _sign_out(entry: Entry, ticket: Ticket, values: Values) -> None:
    """The one responsible signs for the slip; who went first in an emergency signs afterwards (S3-22…S3-24)."""
    who = values.get("assignee") or ticket.assignee or entry.doing.by
    if who is None:
        raise Refusal("value.missing", name="assignee", title=N_("Who signs for it"))
    late = bool(ticket.facts.get("on_site")) and _arrived_before(entry, ticket)
    sets: dict[str, Any] = {"slip": "out", "assignee": entry.staff(who).id}
    if ticket.status in ("open", "assigned"):
        sets["status"] = "accepted"
    entry.on(
        ticket,
        "ticket.signed_out",
        sets=sets,
        facts={"signed_late": True if late else None},
        words={"note": values.get("note")},
    )


def _arrived_before(entry: Entry, ticket: Ticket) -> bool:
    """Whether somebody was on site before the slip was signed for, whenever either was written down."""
    happened = rules.effective(history(entry.session, entry.estate_id, ("ticket", ticket.id)))
    return any(each.name == "ticket.arrived" and each.at <= entry.doing.happened_at for each in happened)


def _may_sign_out(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if ticket.facts.get("slip") in ("out", "returned", "checked"):
        return Refusal("slip.out", number=ticket.number, who=ticket.assignee)
    return live(book, ticket)


def _whose_turn(ledger: Ledger, row: Row, doing: Doing) -> Any:
    return getattr(row, "assignee", None) or doing.by


# -- on the spot ---------------------------------------------------------------------------------------------


def _explain_plan(entry: Entry, ticket: Ticket, values: Values) -> None:
    """Each of the five points as it was said; how many were is a fact a guard may ask (S3-29, S3-30)."""
    said = {name: values.get(name) for name in POINTS}
    entry.on(
        ticket,
        "ticket.plan_explained",
        sets={"plan_agreed": bool(values.get("agreed", True))},
        facts={
            "points": sum(1 for text in said.values() if text),
            "chargeable": bool(values.get("chargeable", False)),
            "price_shown": bool(values.get("price_shown", False)),
        },
        words={**said, "note": values.get("note")},
    )


def _may_be_put(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if ticket.facts.get("meeting") == "listed":
        return Refusal("meeting.listed", number=ticket.number)
    return live(book, ticket)


# -- accepted, returned, checked -----------------------------------------------------------------------------


def _sign_off(entry: Entry, ticket: Ticket, values: Values) -> None:
    """The source inspects, writes an opinion, signs, and keeps its copy (S3-34, S3-36)."""
    entry.on(
        ticket,
        "ticket.inspected",
        sets={"slip_signed": True, "copy_left": bool(values.get("copy_left", True))},
        words={"opinion": values.get("opinion"), "signed_by": values.get("signed_by")},
    )


def _may_inspect(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if ticket.status != "done":
        return Refusal("slip.not_done", number=ticket.number)
    return Refusal("slip.signed", number=ticket.number) if ticket.facts.get("slip_signed") else None


def _reject(entry: Entry, ticket: Ticket, values: Values) -> None:
    """Not accepted: noted at the desk, and handled a second time by the same hands, plan and all (S3-38)."""
    turn = int(ticket.facts.get("reopened", 0)) + 2
    entry.on(ticket, "ticket.rejected", facts={"round": turn}, words={"reason": values["reason"]})
    reopen(entry, ticket, values, sets={"status": "accepted" if ticket.assignee else "open"})


def _may_reject(book: Rulebook, ticket: Ticket) -> Refusal | None:
    return None if ticket.status == "done" else Refusal("slip.not_done", number=ticket.number)


def _is_out(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if (refusal := not_cancelled(book, ticket)) is not None:
        return refusal
    return None if ticket.facts.get("slip") == "out" else Refusal("slip.not_out", number=ticket.number)


def _check_slip(entry: Entry, ticket: Ticket, values: Values) -> None:
    """The desk goes through the slip; what was left out is filled in now, or the slip is not checked (S3-39)."""
    found = {**contents(entry, ticket), **{k: v for k, v in values.items() if k in CONTENTS and v is not None}}
    # nothing charged is an amount too
    gaps = [title for name, title in CONTENTS.items() if found.get(name) is False or found.get(name) in (None, "")]
    if gaps:
        raise Refusal("slip.incomplete", number=ticket.number, gaps=gaps)
    sets = {"slip": "checked", "slip_signed": True, "copy_left": True, "charge": found["charge"]}
    words = {name: values.get(name) for name in ("result", "materials", "signed_by", "opinion")}
    entry.on(ticket, "ticket.slip_checked", sets=sets, words={**words, "note": values.get("note")})


def contents(entry: Entry, ticket: Ticket) -> Mapping[str, Any]:
    """What stands on the slip of this round: :data:`CONTENTS` by name."""
    wanted = ("ticket.completed", "ticket.inspected")
    happened = rules.effective(history(entry.session, entry.estate_id, ("ticket", ticket.id)))
    last = {each.name: each.id for each in happened if each.name in wanted}
    said: dict[str, Any] = {}
    for words in words_of(entry.session, entry.estate_id, list(last.values())).values():
        said |= {name: text for name, text in words.items() if text}
    facts = ticket.facts
    if not facts.get("slip_signed"):
        said.pop("signed_by", None)
    return {**said, "charge": facts.get("charge"), "copy_left": facts.get("copy_left")}


def _is_returned(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if (refusal := not_cancelled(book, ticket)) is not None:
        return refusal
    return None if ticket.facts.get("slip") == "returned" else Refusal("slip.not_back", number=ticket.number)


def _contact(ledger: Ledger, row: Row, doing: Doing) -> str | None:
    return getattr(row, "person_name", None)


def _on_slips(*events: str) -> Any:
    """Steps of a slip's life, where the manual speaks of one of ``events``."""
    spoken = spoken_of(*events)
    return lambda book, ticket: SLIP(book, ticket) and spoken(book, ticket)


_COPY = Param("copy_left", "flag", N_("Customer's copy left"), start=lambda ledger, row, doing: True)

VERBS = (
    Verb(
        "sign-out",
        "ticket.signed_out",
        N_("Sign the slip out"),
        _sign_out,
        params=(Param("assignee", "staff", N_("Who signs for it"), start=_whose_turn), NOTE),
        applies=SLIP,
        may=_may_sign_out,
    ),
    Verb(
        "diagnose",
        "ticket.diagnosed",
        N_("Diagnose on the spot"),
        notes("ticket.diagnosed", "diagnosis"),
        params=(Param("diagnosis", "prose", N_("Diagnosis"), required=True),),
        applies=_on_slips("ticket.diagnosed"),
        may=unfinished,
    ),
    Verb(
        "plan",
        "ticket.planned",
        N_("Make a plan"),
        # a new plan is agreed anew
        notes("ticket.planned", "plan", "instruction", plan_agreed=False),
        params=(
            Param("plan", "prose", N_("Plan"), required=True),
            Param("instruction", "text", N_("Work instruction")),
        ),
        applies=_on_slips("ticket.planned"),
        may=unfinished,
    ),
    Verb(
        "explain-plan",
        "ticket.plan_explained",
        N_("Explain the plan to the customer"),
        _explain_plan,
        params=(
            *(Param(name, "text", title) for name, title in POINTS.items()),
            Param("chargeable", "flag", N_("To be paid for")),
            Param("price_shown", "flag", N_("Price list shown")),
            Param("agreed", "flag", N_("The customer agrees"), start=lambda ledger, row, doing: True),
            NOTE,
        ),
        applies=_on_slips("ticket.plan_explained"),
        may=unfinished,
    ),
    Verb(
        "cannot",
        "ticket.stuck",
        N_("Note that it cannot be handled"),
        notes("ticket.stuck", "reason"),
        params=(WHY, Param("beyond", "flag", N_("Beyond the day or the department"))),
        applies=spoken_of("ticket.stuck"),
        may=unfinished,
    ),
    Verb(
        "to-meeting",
        "ticket.put_to_meeting",
        N_("Put to the managers' meeting"),
        notes("ticket.put_to_meeting", "matter", "reason", meeting="listed"),
        params=(Param("matter", "prose", N_("Matter"), start=present("what")), Param("reason", "text", N_("Reason"))),
        applies=spoken_of("ticket.put_to_meeting"),
        may=_may_be_put,
    ),
    Verb(
        "sign-off",
        "ticket.inspected",
        N_("Accepted and signed by the source"),
        _sign_off,
        params=(
            Param("signed_by", "text", N_("Signed by"), start=_contact),
            Param("opinion", "prose", N_("Opinion on the slip")),
            _COPY,
        ),
        applies=_on_slips("ticket.inspected"),
        may=_may_inspect,
    ),
    Verb(
        "reject",
        "ticket.rejected",
        N_("Not accepted: second handling"),
        _reject,
        params=(WHY,),
        applies=_on_slips("ticket.rejected"),
        may=_may_reject,
    ),
    Verb(
        "return-slip",
        "ticket.slip_returned",
        N_("Slip back at the desk"),
        notes("ticket.slip_returned", slip="returned"),
        params=(NOTE,),
        applies=_on_slips("ticket.slip_returned"),
        may=_is_out,
    ),
    Verb(
        "check-slip",
        "ticket.slip_checked",
        N_("Check the slip"),
        _check_slip,
        params=(
            Param("result", "prose", N_("Result, if left out")),
            Param("materials", "text", N_("Materials used, if left out")),
            Param("charge", "number", N_("Amount charged, if left out")),
            Param("signed_by", "text", N_("Signed by, if left out")),
            Param("copy_left", "flag", N_("Customer's copy left")),
            NOTE,
        ),
        applies=_on_slips("ticket.slip_checked"),
        may=_is_returned,
    ),
)
