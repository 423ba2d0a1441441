"""What must be done, in order: every open deadline, with the steps that have come up by ``now``.

Looking writes nothing. What the clock's hand has not written yet (steps of deadlines missed since, occurrences of
recurring duties) is worked out in memory with the same functions, so a board is right whatever the machine was doing.
Pages are cut by the index over open deadlines: a page costs the same over a million tickets. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from desk.ledger import Ledger
from desk.models import Deadline, Shift
from desk.queries.look import Line, Look, Root, key_of, standings_of, state_of, unwritten
from desk.queries.naming import matters_of, names_of, parts, shown_by
from desk.queries.page import ROWS, Key, Page
from desk.rulebook import Rule
from desk.vocabulary import STEPS

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DueRow:
    """One thing to do. ``number`` is None for a duty of no ticket or visit and for a gathered row."""

    deadline_id: UUID
    number: str | None
    #: None where it is no ticket's
    ticket_id: UUID | None
    kind: str | None
    subject_type: str
    subject_id: UUID
    root_type: str
    root_id: UUID
    rule_id: str
    #: the rule's, in every language: show it with :func:`desk.i18n.pick`
    title: Text
    what: str
    room: str
    #: name of the one who must do it, else the title of the duty or fact the rule names, translated
    who: str
    #: as the rule says it: ``agent``, ``@assignee``, ``technician@Repairs``
    by: str
    staff_id: UUID | None
    source: tuple[str, ...]
    starts_at: datetime
    #: None while an anchor is not known, and for a notice that only wants acknowledging
    due_at: datetime | None
    warn_at: datetime | None
    #: ``overdue`` | ``soon`` (warned, within the hour, or a notice) | ``later``; on a ticket's page also ``met`` and
    #: ``cancelled``
    state: str
    #: steps that have come up by now; of a step, its own number
    level: int
    #: 0 the deadline itself; 1, 2 … its steps
    step: int
    #: what a step asks for: ``chase``, ``report`` …
    then: str | None
    paused: bool
    provisional: bool
    #: how many this row stands for (``gather``); 1 otherwise
    gathered: int
    #: procedure that does it, where the rule names one
    form: str | None
    #: events whose recording meets it
    until: tuple[str, ...]
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    #: the fact or figure without which the limit can't be reckoned
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class DueCounts:
    """For the status line: ``next`` is the next timed thing to come, overdue ones apart."""

    overdue: int
    soon: int
    next: DueRow | None


def due_page(
    ledger: Ledger,
    session: Session,
    now: datetime,
    *,
    limit: int = ROWS,
    after: Key | None = None,
    who: UUID | str | None = None,
    kind: str | None = None,
    text: str | None = None,
) -> Page[DueRow]:
    """Open deadlines in the order in which they are due; what has no time (or stands still) comes last.

    ``who`` is a member of staff (everything of theirs and of their duties) or a duty; ``kind`` a ticket's kind;
    ``text`` is looked for in what is to be done and in the ticket's number, matter, place, name and room.
    """
    look = Look(ledger, session, now, who=who, kind=kind, text=text)
    lines = look.lines(after, limit)
    rows = _shown(ledger, session, now, lines[:limit])
    return Page(tuple(rows), key_of(lines[limit - 1][0]) if len(lines) > limit else None)


def counts(ledger: Ledger, session: Session, now: datetime) -> DueCounts:
    """How much is overdue, how much is due within the hour or warned of, and the next thing due."""
    look = Look(ledger, session, now)
    overdue, soon = look.counted()
    coming = look.coming()
    return DueCounts(overdue, soon, _shown(ledger, session, now, [coming])[0] if coming else None)


def of_root(ledger: Ledger, session: Session, root: Root, now: datetime) -> list[DueRow]:
    """Every deadline of a ticket (or another root), met and cancelled ones included, in the order they are due."""
    return of_roots(ledger, session, [root[1]], now)[root[1]]


def of_roots(ledger: Ledger, session: Session, roots: Sequence[UUID], now: datetime) -> dict[UUID, list[DueRow]]:
    """The same of several roots, read together: by root, empty for one without a deadline."""
    stored: dict[tuple[str, UUID, int], UUID] = {}
    for part in parts(roots):
        query = select(Deadline.rule_id, Deadline.opened_by, Deadline.step, Deadline.id).where(
            Deadline.estate_id == ledger.estate_id, col(Deadline.root_id).in_(part)
        )
        stored |= {(rule, opened, step): ident for rule, opened, step, ident in session.exec(query)}
    lines: list[Line] = []
    missing: dict[UUID, str] = {}
    for standings, version in standings_of(ledger, session, roots, now):
        for standing in standings:
            for row in unwritten(ledger, standing, version, stored):
                lines.append((row, 1))
                if row.step == 0 and standing.missing and standing.open:
                    missing[row.id] = standing.missing
    lines.sort(key=lambda line: key_of(line[0]))
    found: dict[UUID, list[DueRow]] = {root: [] for root in roots}
    for shown in _shown(ledger, session, now, lines):
        unknown = missing.get(shown.deadline_id)
        found[shown.root_id].append(replace(shown, missing=unknown) if unknown else shown)
    return found


def of_no_ticket(ledger: Ledger, session: Session, now: datetime, *types: str) -> list[DueRow]:
    """What is open of recurring duties and of other roots of ``types`` that are no tickets, in the order it is due."""
    query = select(Deadline.root_type, Deadline.root_id).where(
        Deadline.estate_id == ledger.estate_id, col(Deadline.open).is_(True), col(Deadline.root_type).in_(types)
    )
    roots = session.exec(query.distinct()).all()
    rows = [row for found in of_roots(ledger, session, [root for _type, root in roots], now).values() for row in found]
    return sorted(
        (row for row in rows if row.met_at is None and row.cancelled_at is None),
        key=lambda row: (row.due_at is None, row.due_at, row.step),
    )


# -- as people read it ---------------------------------------------------------------------------------------


#: roots that have a number and a matter
_MATTERS = ("ticket", "visit")


def _shown(ledger: Ledger, session: Session, now: datetime, lines: Sequence[Line]) -> list[DueRow]:
    rows = [row for row, _n in lines]
    matters = matters_of(session, ledger.estate_id, {row.root_id for row in rows if row.root_type in _MATTERS})
    shifts = {row.subject_id for row in rows if row.subject_type == "shift"}
    on_duty: dict[UUID, UUID] = {}
    for part in parts(shifts):
        query = select(Shift.id, Shift.staff_id).where(Shift.estate_id == ledger.estate_id, col(Shift.id).in_(part))
        on_duty |= dict(session.exec(query).all())
    names = names_of(session, ledger.estate_id, {row.staff_id for row in rows} | set(on_duty.values()))
    found = []
    for row, n in lines:
        rule = ledger.adopted(session, row.rulebook_version or ledger.version).book.rules.get(row.rule_id)
        matter = matters.get(row.root_id) if n == 1 else None
        staff_id = row.staff_id or on_duty.get(row.subject_id)
        found.append(
            DueRow(
                deadline_id=row.id,
                number=matter.number if matter else None,
                ticket_id=row.root_id if matter and row.root_type == "ticket" else None,
                kind=matter.kind or None if matter else None,
                subject_type=row.subject_type,
                subject_id=row.subject_id,
                root_type=row.root_type,
                root_id=row.root_id,
                rule_id=row.rule_id,
                title=rule.title if rule else {"en": row.rule_id},
                what=matter.what if matter else "",
                room=matter.room if matter else "",
                who=names.get(staff_id, "") if staff_id and (row.staff_id or row.step == 0) else shown_by(row.by),
                by=row.by,
                staff_id=row.staff_id,
                source=rule.source if rule else (),
                starts_at=row.starts_at,
                due_at=row.due_at,
                warn_at=row.warn_at,
                state=state_of(row, now),
                level=row.step or row.level,
                step=row.step,
                then=row.then,
                paused=row.paused,
                provisional=row.provisional,
                gathered=n,
                form=rule.form if rule else None,
                until=_until(rule, row),
                met_at=row.met_at,
                cancelled_at=row.cancelled_at,
            )
        )
    return found


def _until(rule: Rule | None, row: Deadline) -> tuple[str, ...]:
    if row.step:
        return STEPS[row.then][1] if row.then in STEPS else ()
    if rule is None:
        return ()
    return (*rule.until, "duty.done") if rule.recurring else rule.until
