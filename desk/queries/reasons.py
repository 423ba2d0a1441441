"""Why a deadline is due when it is, and what comes after it: the reckoning behind a row, as plain data.

Looking writes nothing. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from desk import rules
from desk.errors import Refusal
from desk.ledger import Ledger
from desk.ledger.adopted import Adopted
from desk.limits import Limit, LimitResult, Lookup
from desk.models import Deadline, Event
from desk.queries.due import DueRow, due_page, of_root
from desk.queries.look import duty_of, standings_of
from desk.queries.naming import names_of
from desk.rulebook import Rule, Step
from desk.rules import Standing


@dataclass(frozen=True, slots=True)
class StepTime:
    """A step of a missed deadline: when it came up, or will if nobody does what is due."""

    number: int
    step: Step
    at: datetime
    due_at: datetime | None
    came_up: bool
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a deadline is due when it is; :func:`desk.wording.explain_deadline` makes sentences of it."""

    rule: Rule
    standing: Standing
    #: the step that is explained, and its limit; of the deadline itself, None and the rule's own
    step: Step | None
    limit: Limit | None
    starts_at: datetime
    result: LimitResult
    zone: ZoneInfo
    figures: dict[str, str]
    #: the event that opened it, and who did that; empty for an occurrence not yet written
    event: str = ""
    who: str = ""
    #: the steps of a miss, in order; of a step that is explained, none
    steps: tuple[StepTime, ...] = ()
    #: version of the rules and of the opening hours it is reckoned by
    version: int = 0
    hours: str = ""
    #: where a table gives the limit: what it was asked for, and the amount it gave
    looked_up: tuple[str, str] | None = None


def reasons(ledger: Ledger, session: Session, row: DueRow, now: datetime) -> Reasons | None:
    """The reckoning behind a row, span by span; None when it has gone meanwhile, and for a gathered row."""
    if row.gathered > 1:
        return None
    standings, version = standings_of(ledger, session, [row.root_id], now)[0]
    adopted = ledger.adopted(session, version)
    if not standings and row.root_type == "duty":
        standings = [found for rule in adopted.book.recurring if (found := duty_of(ledger, session, rule, now))]
    for standing in standings:
        if (standing.rule.id, standing.subject[1]) != (row.rule_id, row.subject_id):
            continue
        if row.step == 0 and standing.starts_at == row.starts_at:
            event, who = _opening(session, ledger.estate_id, standing.opened_by)
            why = _reasons(standing, None, standing, adopted)
            return replace(why, event=event, who=who, steps=tuple(_steps(standing, adopted)))
        for fired in standing.steps:
            if fired.number == row.step and fired.at == row.starts_at:
                base = standing._replace(starts_at=fired.at, pauses=())
                return _reasons(standing, fired.step, base, adopted)
    return None


def rows_of(ledger: Ledger, session: Session, what: str, now: datetime) -> list[DueRow] | None:
    """The open rows ``what`` means: a deadline by its id, or every one of a rule; None where it is neither.

    Raises :class:`Refusal` ``deadline.unknown`` for an id that is no deadline's.
    """
    try:
        ident = UUID(what)
    except ValueError:
        if what not in ledger.book.rules:
            return None
        return [row for row in _board(ledger, session, now) if row.rule_id == what]
    query = select(Deadline).where(Deadline.estate_id == ledger.estate_id, Deadline.id == ident)
    stored = session.exec(query).first()
    board = (
        _board(ledger, session, now)
        if stored is None
        else of_root(ledger, session, (stored.root_type, stored.root_id), now)
    )
    for row in board:
        if row.deadline_id == ident:
            return [row]
    raise Refusal("deadline.unknown", id=what)


def _board(ledger: Ledger, session: Session, now: datetime) -> Iterator[DueRow]:
    after = None
    while True:
        page = due_page(ledger, session, now, after=after)
        yield from page.rows
        if page.next is None:
            return
        after = page.next


def _reasons(standing: Standing, step: Step | None, base: Standing, adopted: Adopted) -> Reasons:
    """``base`` is the standing the limit counts for: that of a step starts at its miss."""
    book, calendar = adopted.book, adopted.calendar
    limit = step.within if step is not None else standing.rule.within
    result = rules.reckon(limit, base, book, calendar, explain=True) if limit is not None else LimitResult(None)
    floor = standing.rule.not_before
    if step is None and floor is not None and result.due_at is not None:
        bound = rules.reckon(floor, base, book, calendar, explain=True)
        if bound.due_at is not None and bound.due_at > result.due_at:
            limit, result = floor, bound
    return Reasons(
        standing.rule,
        standing,
        step,
        limit,
        base.starts_at,
        result,
        calendar.timezone,
        dict(book.figures),
        version=adopted.version,
        hours=calendar.name,
        looked_up=_looked_up(limit, base, adopted),
    )


def _looked_up(limit: Limit | None, base: Standing, adopted: Adopted) -> tuple[str, str] | None:
    if not isinstance(limit, Lookup):
        return None
    asked = str(base.facts.get(limit.key) or "")
    text = adopted.book.tables.get(limit.table, {}).get(asked)
    return (asked, text) if text else None


def _opening(session: Session, estate_id: UUID, ident: UUID) -> tuple[str, str]:
    event = session.exec(select(Event).where(Event.estate_id == estate_id, col(Event.id) == ident)).first()
    if event is None:
        return "", ""
    by = event.done_by
    return event.name, names_of(session, estate_id, [by]).get(by, "") if by is not None else ""


def _steps(standing: Standing, adopted: Adopted) -> Iterator[StepTime]:
    """The steps that came up, then, while it is open, those still to come if nothing is done."""
    at = standing.due_at
    for fired in standing.steps:
        yield StepTime(
            fired.number, fired.step, fired.at, fired.due_at, True, fired.met_at, fired.cancelled_at, fired.count
        )
        met_in_time = fired.met_at is not None and fired.due_at is not None and fired.met_at <= fired.due_at
        at = None if met_in_time or fired.step.repeat else fired.due_at or at
    if not standing.open or standing.paused:
        return
    for number, step in enumerate(standing.rule.missed[len(standing.steps) :], len(standing.steps) + 1):
        if at is None:
            return
        due = None
        if step.within is not None:
            base = standing._replace(starts_at=at, pauses=())
            due = rules.reckon(step.within, base, adopted.book, adopted.calendar).due_at
        yield StepTime(number, step, at, due, False)
        if step.repeat:
            return
        at = due or at
