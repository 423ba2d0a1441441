"""Orders that will not be finished today: explained, promised, swept at the day's end, published after too long.

The sweep is one sheet and one act: every unfinished order of the day with what its acceptor answers, then the day's
``day.swept``. What is overdue for publishing is whatever stands past a rule whose step is ``publish``: no figure is
written here. Sources: S4-12, S4-13, S4-25…S4-29.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from desk.errors import Refusal
from desk.i18n import N_, _
from desk.ledger import Doing, Entry, Ledger
from desk.models import Deadline, Event, Room, Staff, Subject, Ticket
from desk.procedures.verbs import (
    BY_PHONE,
    NOTE,
    WORK,
    Param,
    Values,
    Verb,
    day_id,
    live,
    notes,
    present,
    unfinished,
    whole,
)
from desk.rulebook import Rulebook
from desk.vocabulary import UNFINISHED
from desk.when import show_date

DELAYS = ("parts", "long_work", "leftover", "customer", "other")

# -- one order -----------------------------------------------------------------------------------------------


def explain(entry: Entry, ticket: Ticket, values: Values) -> None:
    """The customer is told why, or when somebody will roughly be there (S4-12, S4-13, S4-28)."""
    sets = {"expected_at": values["expected_at"]} if "expected_at" in values else {}
    entry.on(
        ticket,
        "ticket.customer_told",
        sets=sets,
        facts={"means": values.get("means", "phone")},
        words={"note": values["note"]},
    )


def tell_unfinished(entry: Entry, ticket: Ticket, values: Values) -> None:
    """It will not be done today: team leader and centre are told before leaving work (S4-25)."""
    entry.on(
        ticket,
        "ticket.unfinished_told",
        facts={"reason": values["reason"], "whom": values.get("whom")},
        words={"note": values.get("note")},
    )


def promise(entry: Entry, ticket: Ticket, values: Values) -> None:
    """A definite time by which it will be finished (S4-27)."""
    at: datetime = values["promised_at"]
    if at <= entry.doing.happened_at:
        raise Refusal("promise.past", number=ticket.number, at=at)
    entry.on(ticket, "ticket.promised", sets={"promised_at": at}, words={"note": values.get("note")})


# -- the day's sheet -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An order on the sheet. Times are aware UTC; ``told`` is when the customer was last told, ``reason`` a word."""

    id: UUID
    number: str
    kind: str
    status: str
    room: str
    what: str
    assignee: str
    opened_at: datetime
    promised_at: datetime | None
    reason: str | None
    told: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the acceptor of one unfinished order said, and what the customer was told."""

    ticket: UUID
    promised_at: datetime
    #: why it is not done, a word of ``DELAYS``; None where it was told before
    reason: str | None = None
    note: str | None = None
    #: what was explained to the customer; None where nobody was told yet
    told: str | None = None


def sweep_sheet(ledger: Ledger, session: Session, now: datetime) -> list[Unfinished]:
    """The orders opened on the local day of ``now`` and not finished, in the order of their numbers (S4-26)."""
    query = select(Ticket).where(Ticket.opened_at >= _midnight(ledger, now), Ticket.opened_at <= now)
    return _sheet(ledger, session, query)


def publish_sheet(ledger: Ledger, session: Session, now: datetime) -> list[Unfinished]:
    """The orders that stand past a rule whose missed step is to publish them (S4-29)."""
    rules = [rule.id for rule in ledger.book.rules.values() if any(step.then == "publish" for step in rule.missed)]
    overdue = select(Deadline.root_id).where(
        Deadline.estate_id == ledger.estate_id,
        Deadline.step == 0,
        col(Deadline.open).is_(True),
        col(Deadline.due_at) <= now,
        col(Deadline.rule_id).in_(rules),
    )
    return _sheet(ledger, session, select(Ticket).where(col(Ticket.id).in_(overdue)))


def _sheet(ledger: Ledger, session: Session, query: SelectOfScalar[Ticket]) -> list[Unfinished]:
    """Lines for the unfinished orders among the tickets of ``query``: four queries, however many there are."""
    query = query.where(Ticket.estate_id == ledger.estate_id, col(Ticket.status).in_(UNFINISHED))
    found = [each for each in session.exec(query.order_by(col(Ticket.opened_at), col(Ticket.number))) if _order(each)]
    staff = session.exec(select(Staff.id, Staff.name).where(Staff.estate_id == ledger.estate_id))
    names = dict(staff.all())
    rooms = select(Room.id, Room.code).where(
        Room.estate_id == ledger.estate_id, col(Room.id).in_(query.with_only_columns(col(Ticket.room_id)))
    )
    codes = dict(session.exec(rooms).all())
    events = select(Event).where(
        Event.estate_id == ledger.estate_id,
        col(Event.subject_id).in_(query.with_only_columns(col(Ticket.id))),
        col(Event.name).in_(("ticket.customer_told", "ticket.unfinished_told")),
    )
    last = {(each.subject_id, each.name): each for each in session.exec(events.order_by(col(Event.happened_at)))}
    return [_line(each, codes, names, last) for each in found]


def _order(ticket: Ticket) -> bool:
    """Whether it is work somebody goes and does, rather than a question or a to-do."""
    return str(ticket.facts.get("dispatch", "none")) != "none"


def _line(
    ticket: Ticket, codes: dict[UUID, str], names: dict[UUID, str], last: dict[tuple[UUID, str], Event]
) -> Unfinished:
    told, why = last.get((ticket.id, "ticket.customer_told")), last.get((ticket.id, "ticket.unfinished_told"))
    return Unfinished(
        id=ticket.id,
        number=ticket.number,
        kind=ticket.kind,
        status=ticket.status,
        room=codes.get(ticket.room_id, "") if ticket.room_id else ticket.room_text or ticket.place or "",
        what=ticket.what or "",
        assignee=names.get(ticket.assignee, "") if ticket.assignee else "",
        opened_at=ticket.opened_at,
        promised_at=ticket.promised_at,
        reason=ticket.pause_reason or (why.facts.get("reason") if why is not None else None),
        told=told.happened_at if told is not None else None,
    )


def group_text(
    ledger: Ledger, orders: Sequence[Unfinished], now: datetime, *, published: bool = False, whom: str = ""
) -> str:
    """What to paste into the group: unfinished orders of the day, or those ``published`` as too old (S4-28, S4-29).

    It names room, matter, worker and promised time, by its date: a group reads it tomorrow too. Never the resident or a
    telephone number.
    """
    day = f"{now.astimezone(ledger.zone):%Y-%m-%d}"
    if published:
        title = _("{day} Orders unfinished for too long: {count}").format(day=day, count=len(orders))
    else:
        title = _("{day} Orders unfinished today: {count}").format(day=day, count=len(orders))
    lines = [f"@{whom} {title}" if whom else title]
    for place, order in enumerate(orders, 1):
        lines.append(f"{place}. " + " ".join(part for part in _parts(ledger, order, now, published) if part))
    if not orders:
        lines.append(_("None. Thank you."))
    return "\n".join(lines)


def _parts(ledger: Ledger, order: Unfinished, now: datetime, published: bool) -> list[str]:
    what = order.what.replace("\n", " ")
    parts = [order.number, order.room, what, order.assignee or _("nobody yet")]
    if published:
        hours = int((now - order.opened_at).total_seconds() // 3600)
        parts.append(_("open for {hours} h").format(hours=hours))
    if order.reason in _REASONS:
        parts.append(_("because of {reason}").format(reason=_(_REASONS[order.reason])))
    if order.promised_at is not None:
        parts.append(_("promised {time}").format(time=show_date(order.promised_at, ledger.zone, now)))
    else:
        parts.append(_("no time promised yet"))
    return parts


_REASONS = {
    "parts": N_("parts to buy"),
    "long_work": N_("long work"),
    "leftover": N_("a leftover problem"),
    "customer": N_("the customer"),
    "other": N_("other reasons"),
}


# -- sweeping and publishing ---------------------------------------------------------------------------------


def sweep(ledger: Ledger, answers: Sequence[Answer], doing: Doing) -> int:
    """Write down what every acceptor answered and that the day was swept; returns how many stay without a time.

    Raises :class:`Refusal` ``promise.past``, ``ticket.not_unfinished``, ``guard.*``. Nothing is written then.
    """
    with ledger.write(doing) as entry:
        for answer in answers:
            ticket = entry.row("ticket", answer.ticket)
            assert isinstance(ticket, Ticket)
            if (refusal := unfinished(ledger.book, ticket)) is not None:
                raise refusal
            if answer.reason is not None:
                tell_unfinished(entry, ticket, {"reason": answer.reason, "note": answer.note})
            if answer.promised_at != ticket.promised_at:
                promise(entry, ticket, {"promised_at": answer.promised_at})
            if answer.told is not None:
                explain(entry, ticket, {"note": answer.told})
        day = whole(entry, "day", day_id(ledger, doing))
        return _sweep_day(entry, day)


def _sweep(entry: Entry, day: Subject, values: Values) -> None:
    _sweep_day(entry, day, values.get("note"))


def _sweep_day(entry: Entry, day: Subject, note: str | None = None) -> int:
    """The day was swept; how many orders it left open, and how many of them without a definite time (S4-27)."""
    at = entry.doing.happened_at
    sheet = sweep_sheet(entry.ledger, entry.session, at)
    unchecked = sum(1 for each in sheet if each.promised_at is None or each.promised_at <= at)
    entry.on(day, "day.swept", facts={"listed": len(sheet), "unchecked": unchecked}, words={"note": note})
    return unchecked


def _publish_day(entry: Entry, day: Subject, values: Values) -> None:
    """The list was put before everybody: each order on it has been published today (S4-29)."""
    sheet = publish_sheet(entry.ledger, entry.session, entry.doing.happened_at)
    entry.on(day, "day.published", facts={"listed": len(sheet)}, words={"note": values.get("note")})
    for order in sheet:
        ticket = entry.row("ticket", order.id)
        entry.on(ticket, "ticket.published")


def _published(book: Rulebook, row: Subject | Ticket) -> bool:
    """Whether this manual publishes unfinished orders at all."""
    steps = (step.then for rule in book.rules.values() for step in rule.missed)
    return "publish" in steps and (not isinstance(row, Ticket) or _order(row))


def _midnight(ledger: Ledger, now: datetime) -> datetime:
    local = now.astimezone(ledger.zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


VERBS = (
    Verb(
        "explain",
        "ticket.customer_told",
        N_("Explain to the customer"),
        explain,
        params=(
            Param("note", "prose", N_("What was said"), required=True),
            Param("expected_at", "time", N_("Expected arrival")),
            BY_PHONE,
        ),
        may=live,
    ),
    Verb(
        "promise",
        "ticket.promised",
        N_("Promise a finish time"),
        promise,
        params=(
            Param("promised_at", "time", N_("Promised finish"), required=True, start=present("promised_at")),
            NOTE,
        ),
        may=unfinished,
    ),
    Verb(
        "tell-unfinished",
        "ticket.unfinished_told",
        N_("Tell leader and centre it stays unfinished"),
        tell_unfinished,
        params=(
            Param("reason", "choice", N_("Reason"), required=True, choices=DELAYS),
            Param("whom", "staff", N_("Team leader told"), duty="repair_team_leader"),
            NOTE,
        ),
        applies=WORK,
        may=unfinished,
    ),
    Verb(
        "publish",
        "ticket.published",
        N_("Publish as unfinished"),
        notes("ticket.published"),
        params=(NOTE,),
        applies=_published,
        may=unfinished,
    ),
    Verb(
        "sweep",
        "day.swept",
        N_("Sweep the day's orders"),
        _sweep,
        params=(NOTE,),
        subject="day",
        of=day_id,
    ),
    Verb(
        "publish-day",
        "day.published",
        N_("Publish the unfinished orders"),
        _publish_day,
        params=(NOTE,),
        subject="day",
        applies=_published,
        of=day_id,
    ),
)
