"""Deadlines as rows: reading a root's events for the rules, writing what they return, rebuilding a present row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlmodel
from sqlalchemy import bindparam
from sqlalchemy import select as columns
from sqlmodel import col, select

from desk import rules
from desk.ledger import rows
from desk.models import Deadline, Event, EventWord, new_id
from desk.rules import Fired, Happening, Standing
from desk.store import Question, Session

Ref = tuple[str, UUID]

#: what the rules decide of a row: its columns, in the order of :func:`said`
SAID = (
    "then by staff_id starts_at due_at warn_at met_at cancelled_at cancelled_why paused open level fires_at count "
    "provisional"
).split()
_LAID = (*SAID, "rulebook_version", "calendar_version")
# Made once: putting a question together costs more than asking it.
_OF_ROOT = "id seq name happened_at subject_type subject_id root_type root_id facts own sets corrects rulebook_version"
_PAST = (
    columns(*(getattr(Event, name) for name in _OF_ROOT.split()))
    .where(col(Event.estate_id) == bindparam("estate"), col(Event.root_id) == bindparam("root"))
    .order_by(col(Event.seq))
)
_ROWS = columns(*(getattr(Deadline, name) for name in ("id", "rule_id", "opened_by", "step", *_LAID))).where(
    col(Deadline.estate_id) == bindparam("estate"), col(Deadline.root_id) == bindparam("root")
)


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


#: a root's rows, by rule, opening event and step
Present = dict[tuple[str, UUID, int], Mapping[str, Any]]


def history(session: sqlmodel.Session, estate_id: UUID, root: Ref) -> list[Happening]:
    """All events of a root and its children, in the order they were written."""
    found = session.connection().execute(_PAST, {"estate": estate_id, "root": root[1]})
    return [_happened(row) for row in found.mappings()]


def asked_of(estate_id: UUID, root: Ref) -> tuple[Question, Question]:
    """What :func:`past` asks the store."""
    asked = {"estate": estate_id, "root": root[1]}
    return (_PAST, asked), (_ROWS, asked)


def past(session: Session, estate_id: UUID, root: Ref) -> tuple[list[Happening], int | None, Present]:
    """The same; the rulebook version the root was opened under, or was last reckoned by anew, which its deadlines keep
    (None without events); and its rows."""
    happened, lines = session.ask(*asked_of(estate_id, root))
    version = happened[-1]["rulebook_version"] if happened else None
    return [_happened(row) for row in happened], version, _by_key(lines)


def _happened(row: Any) -> Happening:
    return Happening(
        id=row["id"],
        seq=row["seq"],
        name=row["name"],
        at=row["happened_at"],
        subject=(row["subject_type"], row["subject_id"]),
        root=(row["root_type"], row["root_id"]),
        facts=row["facts"],
        own=frozenset(row["own"]),
        sets=row["sets"],
        corrects=row["corrects"],
    )


def version_of(session: sqlmodel.Session, estate_id: UUID, root: Ref) -> int | None:
    """That version alone."""
    query = (
        select(Event.rulebook_version)
        .where(Event.estate_id == estate_id, Event.root_id == root[1])
        .order_by(col(Event.seq).desc())
        .limit(1)
    )
    return session.exec(query).first()


def write(
    session: Session,
    estate_id: UUID,
    root: Ref,
    standings: Iterable[Standing],
    version: int,
    calendar_version: str,
    present: Present | None = None,
) -> list[Deadline]:
    """Make the root's rows say what ``standings`` say. Returns the steps that have just come up.

    ``present`` are the rows, where they have been read and nothing was written since.
    """
    present = _present(session, estate_id, root) if present is None else dict(present)
    fired: list[Deadline] = []
    for standing in standings:
        opening = (standing.rule.id, standing.opened_by)
        for step in (None, *standing.steps):
            number = step.number if step is not None else 0
            values = dict(zip(_LAID, (*said(standing, step), version, calendar_version), strict=True))
            was = present.pop((*opening, number), None)
            if was is None:
                ident = new_id()
                session.put(Deadline, {**_whose(estate_id, standing, number), "id": ident, **values})
            else:
                ident = was["id"]
                _change(session, estate_id, was, values)
            if step is not None and (was is None or step.count > was["count"]):
                fired.append(Deadline(**_whose(estate_id, standing, number), id=ident, **values))
        for key in [key for key in present if key[:2] == opening and key[2] > 0]:
            # came up, but what was written down late shows it was done in time
            _cancel(session, estate_id, present.pop(key), standing.ended_at, "in_time")
    for line in present.values():
        if line["open"]:
            _cancel(session, estate_id, line, None, "gone")
    return fired


def _present(session: Session, estate_id: UUID, root: Ref) -> Present:
    session.write_rows(of=Deadline)
    return _by_key(session.ask((_ROWS, {"estate": estate_id, "root": root[1]}))[0])


def _by_key(lines: Iterable[Mapping[str, Any]]) -> Present:
    return {(line["rule_id"], line["opened_by"], line["step"]): line for line in lines}


def _change(session: Session, estate_id: UUID, was: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Set what is another value than it was."""
    changed = {name: value for name, value in values.items() if was[name] != value}
    if changed:
        session.change(Deadline, (estate_id, was["id"]), changed)


def _cancel(session: Session, estate_id: UUID, was: Mapping[str, Any], at: datetime | None, why: str) -> None:
    at = was["cancelled_at"] or at or was["starts_at"]
    cancelled = {"open": False, "fires_at": None, "cancelled_why": why, "cancelled_at": at}
    _change(session, estate_id, was, cancelled)


def unwritten(estate_id: UUID, standing: Standing) -> list[Deadline]:
    """The rows a standing and its steps would be written as: for looking, never added to a session."""
    found = []
    for step in (None, *standing.steps):
        whose = _whose(estate_id, standing, step.number if step is not None else 0)
        found.append(Deadline(**whose, **dict(zip(SAID, said(standing, step), strict=True))))
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


def _whose(estate_id: UUID, standing: Standing, step: int) -> dict[str, Any]:
    """What a row is of: the columns that never change, without its id."""
    return {
        "estate_id": estate_id,
        "rule_id": standing.rule.id,
        "step": step,
        "opened_by": standing.opened_by,
        "subject_type": standing.subject[0],
        "subject_id": standing.subject[1],
        "root_type": standing.root[0],
        "root_id": standing.root[1],
    }


def rebuild(session: sqlmodel.Session, estate_id: UUID, subject: Ref, row: rows.Row) -> None:
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


def words_of(session: sqlmodel.Session, estate_id: UUID, events: list[UUID]) -> dict[UUID, dict[str, str | None]]:
    """The words of several events, by event and name; a forgotten word is None."""
    found: dict[UUID, dict[str, str | None]] = {}
    for start in range(0, len(events), 500):
        part = events[start : start + 500]
        query = select(EventWord).where(EventWord.estate_id == estate_id, col(EventWord.event_id).in_(part))
        for word in session.exec(query):
            found.setdefault(word.event_id, {})[word.name] = word.text
    return found
