"""Deadlines as rows: reading a root's events for the rules, writing what they return, rebuilding a present row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from desk import rules
from desk.ledger import rows
from desk.models import Deadline, Event, EventWord
from desk.rules import Fired, Happening, Standing

Ref = tuple[str, UUID]

#: what the rules decide of a row: its columns, in the order of :func:`said`
SAID = (
    "then by staff_id starts_at due_at warn_at met_at cancelled_at cancelled_why paused open level fires_at count "
    "provisional"
).split()


def happening(event: Event) -> Happening:
    """An event as the rules see it."""
    return Happening(
        id=event.id,
        seq=event.seq,
        name=event.name,
        at=event.happened_at,
        subject=(event.subject_type, event.subject_id),
        root=(event.root_type, event.root_id),
        facts=event.facts,
        own=frozenset(event.own),
        sets=event.sets,
        corrects=event.corrects,
    )


def history(session: Session, estate_id: UUID, root: Ref) -> list[Happening]:
    """All events of a root and its children, in the order they were written."""
    query = select(Event).where(Event.estate_id == estate_id, Event.root_id == root[1]).order_by(col(Event.seq))
    return [happening(event) for event in session.exec(query)]


def version_of(session: Session, estate_id: UUID, root: Ref) -> int | None:
    """The rulebook version a root was opened under, or was last reckoned by anew: its deadlines keep it."""
    query = (
        select(Event.rulebook_version)
        .where(Event.estate_id == estate_id, Event.root_id == root[1])
        .order_by(col(Event.seq).desc())
        .limit(1)
    )
    return session.exec(query).first()


def write(
    session: Session, estate_id: UUID, root: Ref, standings: Iterable[Standing], version: int, calendar_version: str
) -> list[Deadline]:
    """Make the root's rows say what ``standings`` say. Returns the steps that have just come up."""
    query = select(Deadline).where(Deadline.estate_id == estate_id, Deadline.root_id == root[1])
    present = {(row.rule_id, row.opened_by, row.step): row for row in session.exec(query)}
    fired: list[Deadline] = []
    for standing in standings:
        key = (standing.rule.id, standing.opened_by, 0)
        row = present.pop(key, None) or _new(estate_id, standing, 0)
        _lay(row, said(standing))
        row.rulebook_version, row.calendar_version = version, calendar_version
        session.add(row)
        for step in standing.steps:
            was = present.pop((standing.rule.id, standing.opened_by, step.number), None)
            line = was or _new(estate_id, standing, step.number)
            if was is None or step.count > was.count:
                fired.append(line)
            _lay(line, said(standing, step))
            line.rulebook_version, line.calendar_version = version, calendar_version
            session.add(line)
        for step_row in [r for (rule_id, by, n), r in present.items() if (rule_id, by) == key[:2] and n > 0]:
            # came up, but what was written down late shows it was done in time
            present.pop((step_row.rule_id, step_row.opened_by, step_row.step))
            _cancel(step_row, standing, "in_time")
            session.add(step_row)
    for row in present.values():
        if row.open:
            _cancel(row, None, "gone")
            session.add(row)
    return fired


def unwritten(estate_id: UUID, standing: Standing) -> list[Deadline]:
    """The rows a standing and its steps would be written as: for looking, never added to a session."""
    found = []
    for step in (None, *standing.steps):
        row = _new(estate_id, standing, step.number if step is not None else 0)
        _lay(row, said(standing, step))
        found.append(row)
    return found


def said(standing: Standing, step: Fired | None = None) -> tuple[Any, ...]:
    """What the row of a standing, or of one of its steps, says: the values of :data:`SAID`."""
    if step is None:
        return (
            *(None, standing.by, standing.staff_id, standing.starts_at, standing.due_at, standing.warn_at),
            *(standing.met_at, standing.cancelled_at, standing.cancelled_why, standing.paused, standing.open),
            *(len(standing.steps), standing.fires_at, 1, standing.provisional),
        )
    why = "original" if step.cancelled_at else None
    return (
        *(step.step.then, step.by, step.staff_id, step.at, step.due_at, None),
        *(step.met_at, step.cancelled_at, why, False, step.open),
        *(0, None, step.count, False),
    )


def _new(estate_id: UUID, standing: Standing, step: int) -> Deadline:
    return Deadline(
        estate_id=estate_id,
        rule_id=standing.rule.id,
        step=step,
        opened_by=standing.opened_by,
        subject_type=standing.subject[0],
        subject_id=standing.subject[1],
        root_type=standing.root[0],
        root_id=standing.root[1],
        starts_at=standing.starts_at,
    )


def _lay(row: Deadline, values: tuple[Any, ...]) -> None:
    for name, value in zip(SAID, values, strict=True):
        setattr(row, name, value)


def _cancel(row: Deadline, standing: Standing | None, why: str) -> None:
    row.open, row.fires_at = False, None
    row.cancelled_why = why
    row.cancelled_at = row.cancelled_at or (standing.ended_at if standing and standing.ended_at else row.starts_at)


def rebuild(session: Session, estate_id: UUID, subject: Ref, row: rows.Row) -> None:
    """Lay a subject's events on its row again, in the order they happened: after a correction or a late entry."""
    query = select(Event).where(Event.estate_id == estate_id, Event.subject_id == subject[1]).order_by(col(Event.seq))
    events = list(session.exec(query))
    said = words_of(session, estate_id, [event.id for event in events])
    corrections: dict[UUID, list[UUID]] = {}
    for event in events:
        if event.corrects is not None:
            corrections.setdefault(event.corrects, []).append(event.id)
    order = rules.effective(happening(event) for event in events)
    if not order:
        session.delete(row)
        return
    rows.reset(row)
    for told in order:
        words = dict(said.get(told.id, {}))
        for later in corrections.get(told.id, ()):
            words.update(said.get(later, {}))
        rows.apply(row, told.sets, words)
    session.add(row)


def words_of(session: Session, estate_id: UUID, events: list[UUID]) -> dict[UUID, dict[str, str | None]]:
    """The words of several events, by event and name; a forgotten word is None."""
    found: dict[UUID, dict[str, str | None]] = {}
    for start in range(0, len(events), 500):
        part = events[start : start + 500]
        query = select(EventWord).where(EventWord.estate_id == estate_id, col(EventWord.event_id).in_(part))
        for word in session.exec(query):
            found.setdefault(word.event_id, {})[word.name] = word.text
    return found
