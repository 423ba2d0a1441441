"""What the desk is measured by: a rulebook's targets, and what they have come to. Times are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func
from sqlmodel import Session, col, select

from desk.ledger import Ledger
from desk.ledger.rows import facts_of
from desk.models import Callback, Ticket
from desk.queries.shifts import gaps
from desk.rulebook import Target

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rate:
    """A target and what it came to. ``met`` is None where nothing was to be measured."""

    id: str
    title: Text
    source: tuple[str, ...]
    measure: str
    since: datetime
    until: datetime
    #: a share (callback_rate), a number in a row (callback_attempts), people (on_duty)
    value: float | None
    #: how many cases it was measured on
    count: int
    at_least: float | None
    below: float | None
    met: bool | None


def rates(ledger: Ledger, session: Session, now: datetime, since: datetime | None = None) -> list[Rate]:
    """Every target of the rulebook from ``since`` (else as it says ``per``: the month, else the day) to ``now``."""
    found = []
    for target in ledger.book.targets:
        begin = since or _begin(ledger, target, now)
        value, count = _MEASURES[target.measure](ledger, session, target, begin, now)
        found.append(
            Rate(
                id=target.id,
                title=target.title,
                source=target.source,
                measure=target.measure,
                since=begin,
                until=now,
                value=value,
                count=count,
                at_least=target.at_least,
                below=target.below,
                met=_met(target, value),
            )
        )
    return found


def _met(target: Target, value: float | None) -> bool | None:
    if value is None:
        return None
    if target.at_least is not None and value < target.at_least:
        return False
    return not (target.below is not None and value >= target.below)


def _begin(ledger: Ledger, target: Target, now: datetime) -> datetime:
    local = now.astimezone(ledger.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if target.per == "week":
        local -= timedelta(days=local.weekday())
    elif target.per in ("month", "year"):
        local = local.replace(day=1)
        if target.per == "year":
            local = local.replace(month=1)
    return local.astimezone(UTC)


def _callback_rate(
    ledger: Ledger, session: Session, target: Target, since: datetime, until: datetime
) -> tuple[float | None, int]:
    """Of the period's completed tickets that are called back, those that were: done, or tried as often as asked."""
    made = func.sum(case((col(Callback.status) != "open", 1), else_=0))
    tests = _completed(ledger, since, until)
    kinds, rest = _kinds(target)
    if kinds:
        tests.append(col(Ticket.kind).in_(kinds))
    same = and_(col(Callback.estate_id) == ledger.estate_id, col(Callback.ticket_id) == Ticket.id)
    if not rest:
        count, done = session.exec(
            select(func.count(), made).select_from(Ticket).join(Callback, same).where(*tests)
        ).one()
    else:
        count = done = 0
        for ticket, status in session.exec(select(Ticket, Callback.status).join(Callback, same).where(*tests)):
            if target.where.matches(facts_of(ticket)):
                count, done = count + 1, done + (status != "open")
    return (int(done or 0) / count if count else None), count


def _callback_attempts(
    ledger: Ledger, session: Session, target: Target, since: datetime, until: datetime
) -> tuple[float | None, int]:
    """The most calls unanswered in a row among the callbacks of the period."""
    query = select(func.max(Callback.unanswered), func.count()).where(
        Callback.estate_id == ledger.estate_id, Callback.opened_at >= since, Callback.opened_at <= until
    )
    most, count = session.exec(query).one()
    return (float(most) if count else None), count


def _on_duty(
    ledger: Ledger, session: Session, target: Target, since: datetime, until: datetime
) -> tuple[float | None, int]:
    """Whether somebody was on the roster in all open hours: 1, or 0 with the number of gaps."""
    found = gaps(ledger, session, since, until)
    return (0.0 if found else 1.0), len(found)


_MEASURES = {"callback_rate": _callback_rate, "callback_attempts": _callback_attempts, "on_duty": _on_duty}


def _completed(ledger: Ledger, since: datetime, until: datetime) -> list[Any]:
    return [
        Ticket.estate_id == ledger.estate_id,
        col(Ticket.completed_at) >= since,
        col(Ticket.completed_at) <= until,
    ]


def _kinds(target: Target) -> tuple[list[str], bool]:
    """The kinds a target asks for, where it says them plainly (else none), and whether it asks for anything else."""
    tests = dict(target.where.tests)
    kind = tests.pop("kind", ())
    if isinstance(kind, Mapping):
        return [], True
    return [kind] if isinstance(kind, str) else list(kind), bool(tests)


def missing_callbacks(ledger: Ledger, session: Session, since: datetime, until: datetime) -> list[UUID]:
    """Tickets completed in the period that have not been called back yet."""
    query = (
        select(Ticket.id)
        .join(Callback, and_(col(Callback.estate_id) == ledger.estate_id, col(Callback.ticket_id) == Ticket.id))
        .where(*_completed(ledger, since, until), Callback.status == "open")
    )
    return list(session.exec(query))
