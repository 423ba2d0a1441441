"""Complaints: grading, the work contact sheet, who decides, liability and remedies, the result told, the papers filed.

A manual's rulebook says which of these steps it knows: a step is offered where a rule or guard speaks of it (or of one
of its fellows). Grading may come at any time after opening; facts change, and rules match anew from the opening.
Sources: S0-30…S0-35, S0-62…S0-76; S4-33…S4-41.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import select

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger, Row
from desk.models import Callback, Ticket
from desk.procedures.verbs import BY_PHONE, NOTE, Param, Values, Verb, live, notes, spoken_of
from desk.rulebook import Rulebook

Applies = Callable[[Rulebook, Ticket], bool]

_GRADES = ("grade", "large_effect", "beyond_department")


def is_complaint(book: Rulebook, ticket: Ticket) -> bool:
    """Whether the ticket is a complaint: :func:`complaint_kinds`."""
    return ticket.kind in complaint_kinds(book)


def complaint_kinds(book: Rulebook) -> Collection[str]:
    """The kinds that are complaints: ``settings.complaints``, else ``complaint``."""
    kinds: Collection[str] = book.settings.get("complaints", ("complaint",))
    return kinds


def _step(*events: str) -> Applies:
    """A step of a complaint's way under manuals that speak of one of ``events``."""
    spoken = spoken_of(*events)
    return lambda book, ticket: is_complaint(book, ticket) and spoken(book, ticket)


def _grade(entry: Entry, ticket: Ticket, values: Values) -> None:
    sets = {name: values[name] for name in _GRADES if values.get(name) is not None}
    if not sets:
        raise Refusal("complaint.grade_nothing", number=ticket.number)
    entry.on(ticket, "complaint.graded", sets=sets, words={"note": values.get("note")})


# -- the department, the manager, the head ------------------------------------------------------------------


def _send_sheet(entry: Entry, ticket: Ticket, values: Values) -> None:
    """A work contact sheet charges a department; its number is the complaint's with a count (S0-32)."""
    count = int(ticket.facts.get("sheets", 0)) + 1
    sets: dict[str, Any] = {"sheets": count, "sheet_open": True, "department": values["department"]}
    if "due" in values:
        _ahead(entry, values["due"], "due", N_("Reply by"))
        sets["sheet_due"] = values["due"]
    words = {"sheet": f"{ticket.number}-{count}", "matter": values.get("matter"), "note": values.get("note")}
    entry.on(ticket, "complaint.sheet_sent", sets=sets, words=words)


def _sheet_out(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if (refusal := live(book, ticket)) is not None:
        return refusal
    return None if ticket.facts.get("sheet_open") else Refusal("complaint.no_sheet", number=ticket.number)


def _ahead(entry: Entry, at: datetime, name: str, title: str) -> None:
    if at <= entry.doing.happened_at:
        raise Refusal("value.past", name=name, title=title, value=at)


# -- liability and remedies ---------------------------------------------------------------------------------


def _set_liability(entry: Entry, ticket: Ticket, values: Values) -> None:
    sets = {"liability": values["liability"]}
    entry.on(ticket, "complaint.liability_set", sets=sets, words={"note": values.get("note")})


def _remedy(entry: Entry, ticket: Ticket, values: Values) -> None:
    """One of several ways to put it right, each with its cost in the estate's currency (S0-68)."""
    count, cost = int(ticket.facts.get("remedies", 0)) + 1, values.get("cost")
    if cost is not None and cost < 0:
        raise Refusal("value.negative", name="cost", title=N_("Cost"), value=cost)
    entry.on(
        ticket,
        "complaint.remedy_drafted",
        sets={"remedies": count, f"remedy_{count}_cost": cost},
        facts={"remedy": count, "cost": cost},
        words={"draft": values["draft"]},
    )


def _choose_remedy(entry: Entry, ticket: Ticket, values: Values) -> None:
    drafted, number = int(ticket.facts.get("remedies", 0)), values.get("remedy", 1)
    if number not in range(1, drafted + 1):
        raise Refusal("complaint.no_such_remedy", number=ticket.number, remedy=number, drafted=drafted)
    number = int(number)
    cost = ticket.facts.get(f"remedy_{number}_cost")
    entry.on(
        ticket,
        "complaint.remedy_chosen",
        sets={"chosen_remedy": number},
        facts={"remedy": number, "cost": cost},
        words={"note": values.get("note")},
    )


def _has_remedy(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if (refusal := live(book, ticket)) is not None:
        return refusal
    return None if ticket.facts.get("remedies") else Refusal("complaint.no_remedy", number=ticket.number)


# -- agitated, harm, invalid --------------------------------------------------------------------------------


def _is_agitated(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if (refusal := live(book, ticket)) is not None:
        return refusal
    return None if ticket.facts.get("agitated") else Refusal("complaint.not_agitated", number=ticket.number)


def _stop_harm(entry: Entry, ticket: Ticket, values: Values) -> None:
    """Once it is stopped the complaint takes its ordinary course, unless it still is an emergency (S0-75)."""
    still = bool(values.get("emergency", ticket.facts.get("trapped", False)))
    sets = {"harm": False, "emergency": still}
    entry.on(ticket, "complaint.harm_stopped", sets=sets, words={"measure": values["measure"]})


def _harm_goes_on(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if (refusal := live(book, ticket)) is not None:
        return refusal
    return None if ticket.facts.get("harm") else Refusal("complaint.no_harm", number=ticket.number)


# -- the papers ---------------------------------------------------------------------------------------------


def _file(entry: Entry, ticket: Ticket, values: Values) -> None:
    query = select(Callback.id).where(
        Callback.estate_id == entry.estate_id, Callback.ticket_id == ticket.id, Callback.status == "open"
    )
    if entry.session.exec(query).first() is not None:
        raise Refusal("complaint.callback_first", number=ticket.number)
    words = {"folder": values.get("folder"), "note": values.get("note")}
    entry.on(ticket, "complaint.filed", sets={"filed": True}, words=words)


def _may_file(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if ticket.facts.get("filed"):
        return Refusal("complaint.filed_already", number=ticket.number)
    # a complaint closes by its callback: what is not closed has not been called back for (S0-35)
    return None if ticket.status == "closed" else Refusal("complaint.callback_first", number=ticket.number)


def _what(ledger: Ledger, row: Row, doing: Doing) -> Any:
    return getattr(row, "what", None)


def _department(ledger: Ledger, row: Row, doing: Doing) -> Any:
    facts = row.facts
    return facts.get("complained_department") or getattr(row, "department", None) or facts.get("department")


_SHEET = _step("complaint.sheet_sent", "complaint.sheet_answered")
_REPORT = _step("complaint.handling_reported", "complaint.result_told")
_LIABILITY = _step("complaint.liability_set")
_REMEDY = _step("complaint.remedy_drafted", "complaint.remedy_chosen")
_AGITATED = _step("complaint.agitated", "complaint.received_apart")
_HARM = _step("complaint.harm_seen", "complaint.harm_stopped")


def _decided(book: Rulebook, ticket: Ticket) -> bool:
    """A complaint above the desk (S4-36), or any matter before the managers' meeting (S3-33)."""
    return "ticket.decided" in book.mentioned and (is_complaint(book, ticket) or "meeting" in ticket.facts)


def _decide(entry: Entry, ticket: Ticket, values: Values) -> None:
    sets = {"meeting": "decided"} if "meeting" in ticket.facts else {}
    entry.on(ticket, "ticket.decided", sets=sets, words={"decision": values["decision"]})


def _may_be_agitated(book: Rulebook, ticket: Ticket) -> bool:
    kind = book.kinds.get(ticket.kind)
    return _AGITATED(book, ticket) or bool(kind and "agitated" in kind.fields)


VERBS = (
    Verb(
        "grade",
        "complaint.graded",
        N_("Grade the complaint"),
        _grade,
        applies=is_complaint,
        may=live,
        params=(
            Param("grade", "choice", N_("Grade"), start=lambda ledger, row, doing: row.facts.get("grade")),
            Param("large_effect", "flag", N_("Large effect")),
            Param("beyond_department", "flag", N_("Beyond one department")),
            NOTE,
        ),
    ),
    Verb(
        "send-sheet",
        "complaint.sheet_sent",
        N_("Send a work contact sheet"),
        _send_sheet,
        applies=_SHEET,
        may=live,
        params=(
            Param("department", "text", N_("Department"), required=True, start=_department),
            Param("matter", "prose", N_("Matter"), start=_what),
            Param("due", "time", N_("Reply by")),
            NOTE,
        ),
    ),
    Verb(
        "answer-sheet",
        "complaint.sheet_answered",
        N_("Note the sheet's answer"),
        notes("complaint.sheet_answered", "reply", sheet_open=False, sheet_due=None),
        applies=_SHEET,
        may=_sheet_out,
        params=(Param("reply", "prose", N_("Reply"), required=True),),
    ),
    Verb(
        "put-to-manager",
        "complaint.put_to_manager",
        N_("Put it before the manager"),
        notes("complaint.put_to_manager"),
        applies=_step("complaint.put_to_manager"),
        may=live,
        params=(Param("whom", "staff", N_("Whom"), duty="manager"), NOTE),
    ),
    Verb(
        "pass-to-head",
        "complaint.passed_to_head",
        N_("Pass to the department head"),
        notes("complaint.passed_to_head"),
        applies=_step("complaint.passed_to_head"),
        may=live,
        params=(Param("whom", "staff", N_("Whom"), duty="department_head"), NOTE),
    ),
    Verb(
        "decide",
        "ticket.decided",
        N_("Note the decision"),
        _decide,
        applies=_decided,
        may=live,
        params=(Param("decision", "prose", N_("Decision"), required=True),),
    ),
    Verb(
        "reply",
        "complaint.reply_given",
        N_("Give a clear answer"),
        notes("complaint.reply_given", "answer"),
        applies=_step("complaint.reply_given"),
        may=live,
        params=(
            Param("answer", "prose", N_("Answer"), required=True),
            BY_PHONE,
        ),
    ),
    Verb(
        "set-liability",
        "complaint.liability_set",
        N_("State the liability"),
        _set_liability,
        applies=_LIABILITY,
        may=live,
        params=(Param("liability", "choice", N_("Liability"), required=True), NOTE),
    ),
    Verb(
        "call-heads",
        "complaint.heads_called",
        N_("Call the department heads"),
        notes("complaint.heads_called"),
        applies=_LIABILITY,
        may=live,
        params=(Param("departments", "text", N_("Departments"), required=True), NOTE),
    ),
    Verb(
        "head-arrived",
        "complaint.head_arrived",
        N_("Department head has arrived"),
        notes("complaint.head_arrived", "head"),
        applies=_LIABILITY,
        may=live,
        params=(
            Param("department", "text", N_("Department"), required=True),
            Param("head", "text", N_("Department head")),
            NOTE,
        ),
    ),
    Verb(
        "remedy",
        "complaint.remedy_drafted",
        N_("Draft a remedy"),
        _remedy,
        applies=_REMEDY,
        may=live,
        params=(Param("draft", "prose", N_("Remedy"), required=True), Param("cost", "number", N_("Cost"))),
    ),
    Verb(
        "choose-remedy",
        "complaint.remedy_chosen",
        N_("Choose the remedy"),
        _choose_remedy,
        applies=_REMEDY,
        may=_has_remedy,
        params=(Param("remedy", "number", N_("Number of the remedy"), start=lambda ledger, row, doing: 1), NOTE),
    ),
    Verb(
        "mediate",
        "complaint.mediated",
        N_("Explain and mediate"),
        notes("complaint.mediated"),
        applies=_LIABILITY,
        may=live,
        params=(Param("note", "prose", N_("Note"), required=True),),
    ),
    Verb(
        "call-supervisor",
        "complaint.agitated",
        N_("Agitated: call the supervisor"),
        notes("complaint.agitated", agitated=True),
        applies=_may_be_agitated,
        may=live,
        params=(Param("whom", "staff", N_("Whom"), duty="supervisor"), NOTE),
    ),
    Verb(
        "receive-apart",
        "complaint.received_apart",
        N_("Receive apart"),
        notes("complaint.received_apart", "meeting_room", agitated=False),
        applies=_may_be_agitated,
        may=_is_agitated,
        params=(Param("meeting_room", "text", N_("Meeting room")), NOTE),
    ),
    Verb(
        "harm",
        "complaint.harm_seen",
        N_("Harm is going on"),
        notes("complaint.harm_seen", harm=True, emergency=True),
        applies=_HARM,
        may=live,
        params=(NOTE,),
    ),
    Verb(
        "stop-harm",
        "complaint.harm_stopped",
        N_("Stop the harm"),
        _stop_harm,
        applies=_HARM,
        may=_harm_goes_on,
        params=(
            Param("measure", "prose", N_("Measure taken"), required=True),
            Param("emergency", "flag", N_("Still an emergency")),
        ),
    ),
    Verb(
        "invalid",
        "complaint.judged_invalid",
        N_("Judge invalid, serve all the same"),
        notes("complaint.judged_invalid", "reason", "served", valid=False),
        applies=_LIABILITY,
        may=live,
        params=(
            Param("reason", "text", N_("Reason"), required=True),
            Param("served", "prose", N_("What was done for the resident"), required=True),
        ),
    ),
    Verb(
        "report-handling",
        "complaint.handling_reported",
        N_("Note how it was handled"),
        notes("complaint.handling_reported", "handling", result_told=False),
        applies=_REPORT,
        may=live,
        params=(Param("handling", "prose", N_("How it was handled"), required=True),),
    ),
    Verb(
        "tell-result",
        "complaint.result_told",
        N_("Tell the complainant the result"),
        notes("complaint.result_told", "result", result_told=True),
        applies=_REPORT,
        params=(
            replace(BY_PHONE, required=True, choices=("phone", "visit")),
            Param("result", "prose", N_("Result")),
        ),
    ),
    Verb(
        "file",
        "complaint.filed",
        N_("File the papers"),
        _file,
        applies=_step("complaint.filed"),
        may=_may_file,
        params=(Param("folder", "text", N_("Where they are filed")), NOTE),
    ),
)
