"""Who does it: told by the desk, claimed from the pool or given out; chased, reported, escalated; linked orders.

Sources: S0-23, S0-24, S0-44; S4-05, S4-06, S4-08, S4-11, S4-14, S4-19, S4-20, S4-23, S4-35, S4-47, S4-49, S4-50, S4-53.
How long each may take and who is asked next is the rulebook's; here is what can be recorded and when it makes sense.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_
from sqlmodel import col, select

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger, Row, rows
from desk.models import Deadline, Staff, Ticket
from desk.procedures.intake import Intake, open_in
from desk.procedures.verbs import (
    MEANS,
    NOTE,
    WORK,
    Param,
    Values,
    Verb,
    dispatched,
    live,
    not_cancelled,
    notes,
    owned_by,
    present,
    tell,
    unfinished,
)
from desk.rulebook import Rulebook

# -- told, given out, claimed --------------------------------------------------------------------------------


def assign(entry: Entry, ticket: Ticket, values: Values) -> None:
    """A supervisor gives the work to somebody, or the customer asked for that person (S4-06, S4-11, S4-20)."""
    worker = entry.staff(values["assignee"])
    if worker.id == ticket.assignee and ticket.status in ("assigned", "accepted", "working"):
        raise Refusal("assign.same", number=ticket.number, who=worker.name)
    named = values.get("named", worker.name == ticket.facts.get("named_worker"))
    sets: dict[str, Any] = {"assignee": worker.id, **owned_by(entry, ticket, worker.id)}
    if ticket.status in ("open", "accepted"):
        sets["status"] = "assigned"
    entry.on(ticket, "ticket.assigned", sets=sets, facts={"named": named}, words={"note": values.get("note")})


def _claim(entry: Entry, ticket: Ticket, values: Values) -> None:
    who = values.get("assignee") or entry.doing.by
    if who is None:
        raise Refusal("value.missing", name="assignee", title=N_("Who claims it"))
    worker = entry.staff(who)
    duty = _claimed_by(entry.ledger, ticket)
    if duty and duty not in worker.duties:
        raise Refusal("claim.not_theirs", who=worker.name, duty=duty)
    entry.on(
        ticket,
        "ticket.claimed",
        sets={"assignee": worker.id, "status": "accepted", **owned_by(entry, ticket, worker.id)},
        facts={"busy": _busy(entry, worker.id, ticket.id)},
        words={"note": values.get("note")},
    )


# Asked at every claim: putting it together would cost more than asking it.
_OTHER_WORK = (
    select(Ticket)
    .where(
        col(Ticket.estate_id) == bindparam("estate"),
        col(Ticket.assignee) == bindparam("worker"),
        or_(*(col(Ticket.status) == status for status in ("assigned", "accepted", "working"))),
        col(Ticket.id) != bindparam("ticket"),
    )
    .limit(1)
)


def _busy(entry: Entry, staff_id: UUID, ticket_id: UUID) -> bool:
    """Whether somebody has other work in hand or given (S4-49)."""
    asked = {"estate": entry.estate_id, "worker": staff_id, "ticket": ticket_id}
    return bool(entry.session.some(Ticket, _OTHER_WORK, asked))


def _may_claim(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if ticket.assignee is not None and ticket.status in ("assigned", "accepted", "working"):
        return Refusal("ticket.claimed_already", number=ticket.number, who=ticket.assignee)
    return unfinished(book, ticket)


def _accept(entry: Entry, ticket: Ticket, values: Values) -> None:
    """Whoever was given it takes it (S4-08, S4-20, S4-38)."""
    worker = values.get("assignee") or ticket.assignee or entry.doing.by
    sets: dict[str, Any] = {"status": "accepted"}
    if worker is not None:
        sets["assignee"] = entry.staff(worker).id
    entry.on(ticket, "ticket.accepted", sets=sets, words={"note": values.get("note")})


def _may_accept(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if ticket.status in ("accepted", "working"):
        return Refusal("ticket.accepted_already", number=ticket.number, who=ticket.assignee)
    if ticket.status == "open":
        return Refusal("ticket.not_given", number=ticket.number)
    return unfinished(book, ticket)


def ask_help(entry: Entry, ticket: Ticket, values: Values) -> None:
    """The worker cannot start in time: the leader is told, and arranges people (S4-50)."""
    whom = values.get("whom")
    if whom is not None:
        entry.staff(whom)
    entry.on(ticket, "ticket.help_asked", facts={"whom": whom}, words={"note": values.get("note")})


# -- orders that belong together -----------------------------------------------------------------------------


def _extra_order(entry: Entry, ticket: Ticket, values: Values) -> None:
    """Other work the worker can't do: an order of its own, linked (S4-53)."""
    _link(entry, ticket, ticket.kind, values["extra"], None)


def _link_repair(entry: Entry, ticket: Ticket, values: Values) -> None:
    """The matter needs repair staff: an order of its own, given out at once where it is known to whom (S4-23)."""
    _link(entry, ticket, repair_kind(entry.ledger.book), values["order"], values.get("assignee"))


def _link(entry: Entry, ticket: Ticket, kind: str, what: str, assignee: UUID | None) -> None:
    fields = entry.ledger.book.kinds[kind].fields if kind in entry.ledger.book.kinds else ()
    known = {name: getattr(ticket, name) for name in ("room_text", "person_name", "phone", "place")}
    given = {name: value for name, value in known.items() if value}
    if "area" in fields and "area" in ticket.facts:
        given["area"] = ticket.facts["area"]
    intake = Intake(
        kind,
        {**given, "what": what},
        room_id=ticket.room_id,
        person_id=ticket.person_id,
        facts={"linked_to": str(ticket.id)},
    )
    linked = open_in(entry, intake)
    entry.on(ticket, "ticket.linked", facts={"number": linked.number})
    if assignee is not None:
        assign(entry, linked, {"assignee": assignee})


def repair_kind(book: Rulebook) -> str:
    """The kind of ticket that repair staff work on."""
    return str(book.settings.get("repair_kind", "repair"))


def _needs_repair(book: Rulebook, ticket: Ticket) -> bool:
    return repair_kind(book) in book.kinds and ticket.kind != repair_kind(book)


# -- chasing, reporting, escalating --------------------------------------------------------------------------


def _pressed(event: str, note: str) -> Any:
    """Chased, reported, escalated: who was spoken to and what they said, in the manner of ``event``."""

    def do(entry: Entry, ticket: Ticket, values: Values) -> None:
        whom = values.get("whom")
        if whom is None and not values.get("who"):
            raise Refusal("press.whom", number=ticket.number)
        if whom is not None:
            entry.staff(whom)
        entry.on(ticket, event, facts={"whom": whom}, words={"who": values.get("who"), note: values.get(note)})

    return do


def _asked(then: str) -> Any:
    """The person the open step of a missed deadline would have spoken to, for the form to begin with."""

    def start(ledger: Ledger, row: Row, doing: Doing) -> UUID | None:
        with ledger.store.read() as session:
            query = (
                select(Deadline)
                .where(Deadline.estate_id == ledger.estate_id, Deadline.root_id == row.id, Deadline.then == then)
                .where(col(Deadline.open).is_(True))
                .order_by(col(Deadline.starts_at))
            )
            step = session.exec(query).first()
        if step is None:
            return None
        return step.staff_id or with_duty(ledger, step.by)

    return start


def with_duty(ledger: Ledger, duty: str) -> UUID | None:
    """The member of staff with ``duty`` (``duty@department``), if just one has it."""
    name, _, department = duty.partition("@")
    with ledger.store.read() as session:
        query = select(Staff).where(Staff.estate_id == ledger.estate_id, col(Staff.active).is_(True))
        found = [each.id for each in session.exec(query) if name in each.duties and department in ("", each.department)]
    return found[0] if len(found) == 1 else None


def _who_accepts(ledger: Ledger, row: Row, doing: Doing) -> UUID | None:
    """Whom to tell: who would have to accept it then, by the manual; else whose work it is (S4-19, S4-35)."""
    assert isinstance(row, Ticket)
    if row.assignee is not None:
        return row.assignee
    facts = rows.facts_of(row)
    for rule in ledger.book.opening.get("ticket.told", ()):
        if "ticket.accepted" in rule.until and rule.where.matches(facts):
            return with_duty(ledger, rule.by)
    kind = ledger.book.kinds.get(row.kind)
    return with_duty(ledger, kind.duty) if kind is not None and kind.duty else None


def _claimed_by(ledger: Ledger, ticket: Ticket) -> str:
    """The duty whoever claims the ticket must have; empty where anybody may."""
    kind = ledger.book.kinds.get(ticket.kind)
    return (kind.duty or "").partition("@")[0] if kind is not None else ""


def _who_claims(ledger: Ledger, row: Row, doing: Doing) -> UUID | None:
    """Where just one person has the duty of the kind, nobody else can claim it."""
    assert isinstance(row, Ticket)
    kind = ledger.book.kinds.get(row.kind)
    return with_duty(ledger, kind.duty) if kind is not None and kind.duty else None


def _not_theirs(ledger: Ledger, row: Row, doing: Doing) -> bool:
    """Whether whoever notes the claim can't be the one who claims it."""
    assert isinstance(row, Ticket)
    duty = _claimed_by(ledger, row)
    if not duty or doing.by is None:
        return doing.by is None
    with ledger.store.read() as session:
        person = session.get(Staff, (ledger.estate_id, doing.by))
    return person is None or duty not in person.duties


def _asked_for(ledger: Ledger, row: Row, doing: Doing) -> UUID | None:
    """The worker the customer asked for, if that is one of the staff (S4-11)."""
    wanted = row.facts.get("named_worker")
    if not wanted:
        return None
    with ledger.store.read() as session:
        query = select(Staff.id).where(Staff.estate_id == ledger.estate_id, Staff.name == wanted)
        return session.exec(query).first()


_WHO = Param("who", "text", N_("Name, if not on the staff list"))


def _whom(then: str, title: str, duty: str | None = None) -> Param:
    return Param("whom", "staff", title, start=_asked(then), duty=duty)


VERBS = (
    Verb(
        "tell",
        "ticket.told",
        N_("Tell who must act"),
        tell,
        params=(
            Param("to", "staff", N_("Who was told"), start=_who_accepts),
            Param("department", "text", N_("Department"), start=present("department")),
            _WHO,
            MEANS,
            NOTE,
        ),
        one_of=("to", "department", "who"),
        may=not_cancelled,
    ),
    Verb(
        "assign",
        "ticket.assigned",
        N_("Give it out"),
        assign,
        params=(
            Param("assignee", "staff", N_("To whom"), required=True, duty="technician", start=_asked_for),
            Param("named", "flag", N_("Named by the customer")),
            NOTE,
        ),
        may=unfinished,
    ),
    Verb(
        "claim",
        "ticket.claimed",
        N_("Claim"),
        _claim,
        params=(
            Param("assignee", "staff", N_("Who claims it"), duty="technician", start=_who_claims, must=_not_theirs),
            NOTE,
        ),
        applies=dispatched("pool"),
        may=_may_claim,
    ),
    Verb(
        "accept",
        "ticket.accepted",
        N_("Accept"),
        _accept,
        params=(Param("assignee", "staff", N_("Who accepts it"), start=present("assignee")), NOTE),
        may=_may_accept,
    ),
    Verb(
        "chase",
        "ticket.chased",
        N_("Chase"),
        _pressed("ticket.chased", "answer"),
        params=(_whom("chase", N_("Who was chased")), _WHO, Param("answer", "prose", N_("Their answer"))),
        may=not_cancelled,
    ),
    Verb(
        "report",
        "ticket.reported",
        N_("Report up"),
        _pressed("ticket.reported", "note"),
        params=(_whom("report", N_("Reported to")), _WHO, NOTE),
        may=not_cancelled,
    ),
    Verb(
        "escalate",
        "ticket.escalated",
        N_("Escalate"),
        _pressed("ticket.escalated", "note"),
        params=(_whom("escalate", N_("Escalated to")), _WHO, NOTE),
        may=not_cancelled,
    ),
    Verb(
        "feedback",
        "ticket.feedback",
        N_("Worker's feedback"),
        notes("ticket.feedback"),
        params=(Param("note", "prose", N_("What the worker said"), required=True),),
        may=live,
    ),
    Verb(
        "ask-help",
        "ticket.help_asked",
        N_("Ask the leader for help"),
        ask_help,
        params=(Param("whom", "staff", N_("Leader asked"), duty="repair_team_leader"), NOTE),
        applies=WORK,
        may=unfinished,
    ),
    Verb(
        "extra-order",
        "ticket.linked",
        N_("Extra work as an order of its own"),
        _extra_order,
        params=(Param("extra", "prose", N_("Extra work"), required=True),),
        applies=WORK,
        may=live,
    ),
    Verb(
        "link-repair",
        "ticket.linked",
        N_("Open a repair order for it"),
        _link_repair,
        params=(
            Param("order", "prose", N_("What is to be repaired"), required=True, start=present("what")),
            Param("assignee", "staff", N_("Give it out to"), duty="technician"),
        ),
        applies=_needs_repair,
        may=live,
    ),
)
