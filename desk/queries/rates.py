"""What the desk is measured by: a rulebook's targets, and what they have come to. Times are aware UTC.

Every share says what it is a share of (``vocabulary.SHARES``): the manuals name rates and give no formulas. Sources:
S0-45, S3-42, S4-42; R-30, T-14, T-15.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from desk.ledger import Ledger
from desk.ledger.rows import facts_of
from desk.models import Callback, Deadline, Event, Ticket
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
    #: a share (``vocabulary.SHARES``), a number in a row (callback_attempts), people (on_duty)
    value: float | None
    #: how many cases it was measured on: of a share the denominator
    count: int
    #: of a share, how many of them
    part: int | None
    at_least: float | None
    below: float | None
    met: bool | None


def rates(ledger: Ledger, session: Session, now: datetime, since: datetime | None = None) -> list[Rate]:
    """Every target of the rulebook from ``since`` (else as it says ``per``: the month, else the day) to ``now``."""
    found = []
    for target in ledger.book.targets:
        begin = since or _begin(ledger, target, now)
        part = None
        if target.measure in _SHARES:
            part, count = _SHARES[target.measure](ledger, session, target, begin, now)
            value = part / count if count else None
        else:
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
                part=part,
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


def _share(
    session: Session, target: Target, good: Any, tests: Sequence[Any], table: Any = None, on: Any = None
) -> tuple[int, int]:
    """How many tickets (or rows of ``table``, joined ``on``) pass ``tests`` and the target's own, and of them ``good``.

    What the target asks beyond the kind is asked ticket by ticket: facts are no columns.
    """
    kinds, rest = _kinds(target)
    wanted = [*tests, *([col(Ticket.kind).in_(kinds)] if kinds else [])]
    query: Any = select(Ticket, good) if rest else select(func.count(), func.sum(case((good, 1), else_=0)))
    query = query.select_from(Ticket) if table is None else query.select_from(Ticket).join(table, on)
    found = session.exec(query.where(*wanted))
    if not rest:
        count, part = found.one()
        return int(part or 0), count
    fits = [bool(well) for ticket, well in found if target.where.matches(facts_of(ticket))]
    return sum(fits), len(fits)


def _callback_rate(
    ledger: Ledger, session: Session, target: Target, since: datetime, until: datetime
) -> tuple[int, int]:
    """Of the callbacks of the tickets done in the period, those made: answered, or tried as often as asked.

    One dropped because the matter was taken up again before anybody called counts neither way.
    """
    tests = _completed(ledger, since, until)
    tests.append(or_(col(Callback.status) == "open", col(Callback.outcome).is_not(None)))
    return _share(session, target, col(Callback.status) != "open", tests, Callback, _called(ledger))


def _satisfaction(
    ledger: Ledger, session: Session, target: Target, since: datetime, until: datetime
) -> tuple[int, int]:
    """Of the callbacks of the period in which the source spoke about the work, those that were satisfied."""
    tests = [
        Ticket.estate_id == ledger.estate_id,
        col(Callback.done_at) >= since,
        col(Callback.done_at) <= until,
        col(Callback.outcome).in_(("satisfied", "unsatisfied")),
    ]
    return _share(session, target, col(Callback.outcome) == "satisfied", tests, Callback, _called(ledger))


def _timeliness(ledger: Ledger, session: Session, target: Target, since: datetime, until: datetime) -> tuple[int, int]:
    """Of the limits of tickets that fell due in the period and were not withdrawn, those that were kept."""
    same = and_(col(Deadline.estate_id) == ledger.estate_id, col(Deadline.root_id) == Ticket.id)
    tests = [
        Ticket.estate_id == ledger.estate_id,
        Deadline.step == 0,
        col(Deadline.due_at) >= since,
        col(Deadline.due_at) <= until,
        col(Deadline.cancelled_at).is_(None),
        # a limit kept counts as soon as it is kept; one still open only once it is overdue
        or_(col(Deadline.met_at).is_not(None), col(Deadline.due_at) < until),
    ]
    good = and_(col(Deadline.met_at).is_not(None), col(Deadline.met_at) <= col(Deadline.due_at))
    return _share(session, target, good, tests, Deadline, same)


def _pass_rate(ledger: Ledger, session: Session, target: Target, since: datetime, until: datetime) -> tuple[int, int]:
    """Of the tickets done in the period, those that were never taken up a second time, up to its end (S3-38)."""
    undone = aliased(Event)
    again = select(Event.id).where(
        Event.estate_id == ledger.estate_id,
        Event.root_id == Ticket.id,
        Event.name == "ticket.reopened",
        col(Event.happened_at) <= until,
        ~select(undone.id)
        .where(undone.estate_id == ledger.estate_id, undone.root_id == Event.root_id, undone.corrects == Event.id)
        .where(undone.name == "event.retracted")
        .exists(),
    )
    return _share(session, target, ~again.exists(), _completed(ledger, since, until))


def _called(ledger: Ledger) -> Any:
    return and_(col(Callback.estate_id) == ledger.estate_id, col(Callback.ticket_id) == Ticket.id)


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


_MEASURES = {"callback_attempts": _callback_attempts, "on_duty": _on_duty}
_SHARES = {
    "callback_rate": _callback_rate,
    "satisfaction": _satisfaction,
    "timeliness": _timeliness,
    "pass_rate": _pass_rate,
}


def shares(ledger: Ledger, session: Session, now: datetime, since: datetime) -> list[Rate]:
    """The rates that are shares, of a period: what a manual wants counted by week and by month (S3-42)."""
    return [rate for rate in rates(ledger, session, now, since) if rate.measure in _SHARES]


@dataclass(frozen=True, slots=True)
class Period:
    """A week or a month, cut where the month it is shown in begins and ends, and its rates."""

    first: date
    last: date
    rates: Sequence[Rate]


def by_week(ledger: Ledger, session: Session, month: date, now: datetime) -> list[Period]:
    """The rates of each week of a local month, Monday to Sunday, those that have begun by ``now``."""
    first = month.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    found, day = [], first
    while day < following:
        after = min(day + timedelta(days=7 - day.weekday()), following)
        begin, end = midnight(ledger, day), midnight(ledger, after)
        if begin > now:
            break
        upto = min(now, end - timedelta(microseconds=1))
        found.append(Period(day, after - timedelta(days=1), shares(ledger, session, upto, begin)))
        day = after
    return found


def midnight(ledger: Ledger, day: date) -> datetime:
    """The beginning of a local date."""
    return datetime(day.year, day.month, day.day, tzinfo=ledger.zone).astimezone(UTC)


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
