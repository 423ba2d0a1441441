"""At the customer's: contacted before going, arrived, the code at the door, the work begun, helpers, extra work.

Sources: S0-44, S0-45; S4-04, S4-09, S4-10, S4-48, S4-51, S4-52.
"""

from __future__ import annotations

import hmac

from sqlmodel import col, select

from desk import rules
from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Entry
from desk.ledger.deadlines import history, words_of
from desk.models import Appointment, Event, Ticket
from desk.procedures.verbs import BY_PHONE, NOTE, WHY, WORK, Param, Values, Verb, live, notes, unfinished
from desk.rulebook import Rulebook
from desk.text import digits
from desk.vocabulary import UNFINISHED

# -- contact, code, arrival, start ---------------------------------------------------------------------------


def _contact(entry: Entry, ticket: Ticket, values: Values) -> None:
    entry.on(
        ticket,
        "ticket.contacted",
        facts={"means": values.get("means", "phone"), "consent": values.get("consent")},
        words={"note": values.get("note")},
    )


def _has_code(book: Rulebook, ticket: Ticket) -> bool:
    return "code" in ticket.facts


def _tell_code(entry: Entry, ticket: Ticket, values: Values) -> None:
    entry.on(
        ticket, "ticket.code_told", sets={"code_state": "told"}, facts={"means": values.get("means", "phone")},
    )  # fmt: skip


def _code_open(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if ticket.facts.get("code_state") not in ("made", "told"):
        return Refusal("code.checked", number=ticket.number)
    return unfinished(book, ticket)


def _arrive(entry: Entry, ticket: Ticket, values: Values) -> None:
    """On site; the visit agreed is kept (S0-44)."""
    visits = _open_visits(entry, ticket)
    # whole minutes before the time agreed: too early is no better than late (S3-26)
    early = [int((visit.at - entry.doing.happened_at).total_seconds() // 60) for visit in visits]
    entry.on(
        ticket,
        "ticket.arrived",
        sets={"on_site": True} if "slip" in ticket.facts else {},
        facts={"early": early[0] if early else None},
        words={"note": values.get("note")},
    )
    for visit in visits:
        entry.on(visit, "appointment.kept", sets={"status": "kept"})


def _open_visits(entry: Entry, ticket: Ticket) -> list[Appointment]:
    query = select(Appointment).where(
        Appointment.estate_id == entry.estate_id,
        Appointment.ticket_id == ticket.id,
        col(Appointment.status).in_(("made", "confirmed")),
    )
    return list(entry.session.exec(query))


def _start(entry: Entry, ticket: Ticket, values: Values) -> None:
    entry.on(ticket, "ticket.started", sets={"status": "working"}, words={"note": values.get("note")})


def _begin(entry: Entry, ticket: Ticket) -> None:
    """The code is right: whoever checks it is there, and begins (S4-09)."""
    query = select(Event.id).where(
        Event.estate_id == entry.estate_id, Event.subject_id == ticket.id, Event.name == "ticket.arrived"
    )
    if _open_visits(entry, ticket) or entry.session.exec(query.limit(1)).first() is None:
        _arrive(entry, ticket, {})
    if ticket.status != "working":
        _start(entry, ticket, {})


def _verify(entry: Entry, ticket: Ticket, values: Values) -> None:
    """The code the customer gave is entered; the right one starts the work (S4-09)."""
    if not hmac.compare_digest(digits(values["code"]).encode(), str(ticket.facts["code"]).encode()):
        raise Refusal("code.wrong", number=ticket.number)
    entry.on(ticket, "ticket.code_verified", sets={"code_state": "verified"})
    _begin(entry, ticket)


def _override(entry: Entry, ticket: Ticket, values: Values) -> None:
    """No code to be had: the worker phones, the desk verifies, and says why (S4-10)."""
    entry.on(
        ticket, "ticket.code_overridden", sets={"code_state": "overridden"}, words={"reason": values["reason"]},
    )  # fmt: skip
    _begin(entry, ticket)


def _taken(book: Rulebook, ticket: Ticket) -> Refusal | None:
    """Work from the pool is somebody's before it begins."""
    if ticket.status == "open" and ticket.facts.get("dispatch") == "pool":
        return Refusal("ticket.unclaimed", number=ticket.number)
    return unfinished(book, ticket)


def _may_check_code(book: Rulebook, ticket: Ticket) -> Refusal | None:
    return _code_open(book, ticket) or _taken(book, ticket)


def _may_start(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if ticket.status == "working":
        return Refusal("ticket.working", number=ticket.number)
    if ticket.facts.get("code_state") in ("made", "told") and ticket.status in UNFINISHED:
        return Refusal("code.first", number=ticket.number)
    return _taken(book, ticket)


# -- helpers and extra work ----------------------------------------------------------------------------------


def _helper(entry: Entry, ticket: Ticket, values: Values) -> None:
    """Somebody comes to help: the name is words, the time is when it happened (S4-51)."""
    if values["helper"] in helpers_there(entry, ticket):
        raise Refusal("helper.there", number=ticket.number, who=values["helper"])
    entry.on(ticket, "ticket.helper_came", words={"helper": values["helper"], "note": values.get("note")})


def _helper_left(entry: Entry, ticket: Ticket, values: Values) -> None:
    there = helpers_there(entry, ticket)
    who = values.get("helper") or (there[0] if len(there) == 1 else None)
    if who is None and there:
        raise Refusal("helper.which", number=ticket.number, names=there)
    if who is None or who not in there:
        raise Refusal("helper.none", number=ticket.number, who=who or "")
    entry.on(ticket, "ticket.helper_left", words={"helper": who, "note": values.get("note")})


def helpers_there(entry: Entry, ticket: Ticket) -> list[str]:
    """Names of those who came to help and have not left, first come first."""
    happened = rules.effective(history(entry.session, entry.estate_id, ("ticket", ticket.id)))
    moves = [each for each in happened if each.name in ("ticket.helper_came", "ticket.helper_left")]
    said = words_of(entry.session, entry.estate_id, [each.id for each in moves])
    there: dict[str, None] = {}
    for each in moves:
        name = said.get(each.id, {}).get("helper") or ""
        if each.name == "ticket.helper_came":
            there[name] = None
        else:
            there.pop(name, None)
    return [name for name in there if name]


def _leaks(book: Rulebook, ticket: Ticket) -> bool:
    return ticket.facts.get("repair_class") == "leak"


VERBS = (
    Verb(
        "contact",
        "ticket.contacted",
        N_("Customer contacted"),
        _contact,
        params=(BY_PHONE, Param("consent", "flag", N_("Consent")), NOTE),
        may=live,
    ),
    Verb(
        "tell-code",
        "ticket.code_told",
        N_("Tell the code"),
        _tell_code,
        params=(BY_PHONE,),
        applies=_has_code,
        may=_code_open,
    ),
    Verb("arrive", "ticket.arrived", N_("Arrived on site"), _arrive, params=(NOTE,), applies=WORK, may=_taken),
    Verb(
        "verify",
        "ticket.code_verified",
        N_("Check the code and start"),
        _verify,
        params=(Param("code", "text", N_("Verification code"), required=True),),
        applies=_has_code,
        may=_may_check_code,
    ),
    Verb(
        "override",
        "ticket.code_overridden",
        N_("Verify by telephone and start"),
        _override,
        params=(WHY,),
        applies=_has_code,
        may=_may_check_code,
    ),
    Verb("start", "ticket.started", N_("Start work"), _start, params=(NOTE,), applies=WORK, may=_may_start),
    Verb(
        "helper",
        "ticket.helper_came",
        N_("Helper starts"),
        _helper,
        params=(Param("helper", "text", N_("Helper"), required=True), NOTE),
        applies=WORK,
        may=unfinished,
    ),
    Verb(
        "helper-left",
        "ticket.helper_left",
        N_("Helper leaves"),
        _helper_left,
        params=(Param("helper", "text", N_("Helper")), NOTE),
        applies=WORK,
        may=live,
    ),
    Verb(
        "extra",
        "ticket.extra_work",
        N_("Extra work done on the spot"),
        notes("ticket.extra_work", "extra"),
        params=(Param("extra", "prose", N_("Extra work"), required=True),),
        applies=WORK,
        may=live,
    ),
    Verb(
        "leak-test",
        "ticket.leak_tested",
        N_("Leak test done"),
        notes("ticket.leak_tested", "result", leak_tested=True),
        params=(Param("result", "prose", N_("Result")),),
        applies=_leaks,
        may=live,
    ),
)
