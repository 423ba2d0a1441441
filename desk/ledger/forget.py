"""Taking words away: what an event said, and its salt. Its digest stands, so the chain holds (design, section 1).

Facts, times and deadlines stay: they name nobody. In a file the places are written over, so that nothing of it can
be read out of the file afterwards; copies made before still hold it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlmodel import Session, col, func, select, update

from desk.ledger import rows
from desk.ledger.record import Entry
from desk.models import Event, EventWord

_TOGETHER = 400


def scrub(session: Session) -> None:
    """What is deleted or replaced in this transaction is written over in the file."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")


def words_of_roots(session: Session, estate_id: UUID, roots: Collection[UUID]) -> int:
    """How many words stand in everything that happened under ``roots``."""
    count = 0
    for part in _parts(roots):
        query = (
            select(func.count())
            .select_from(Event)
            .join(EventWord, (col(EventWord.estate_id) == Event.estate_id) & (col(EventWord.event_id) == Event.id))
            .where(Event.estate_id == estate_id, col(Event.root_id).in_(part), col(EventWord.text).is_not(None))
        )
        count += session.exec(query).one()
    return count


def take_roots(entry: Entry, roots: Collection[UUID]) -> int:
    """Take away every word of everything that happened under ``roots``; returns how many."""
    session, count = entry.session, 0
    scrub(session)
    for part in _parts(roots):
        query = (
            select(Event.id, Event.subject_type, Event.subject_id, Event.digests)
            .where(Event.estate_id == entry.estate_id, col(Event.root_id).in_(part))
            .order_by(col(Event.seq))
        )
        said: dict[tuple[str, UUID], set[str]] = {}
        events = []
        for ident, subject_type, subject_id, digests in session.exec(query):
            if digests:
                events.append(ident)
                said.setdefault((subject_type, subject_id), set()).update(digests)
        count += _take(entry, events)
        for (subject_type, subject_id), names in said.items():
            row = rows.find(session, entry.estate_id, subject_type, subject_id)
            if row is not None:
                rows.blank(row, names)
                session.add(row)
    session.flush()
    return count


def take_words(entry: Entry, words: Iterable[tuple[UUID, str]]) -> int:
    """Take away single words, by event and name, and with them what they laid on the present row."""
    session, count = entry.session, 0
    scrub(session)
    for event_id, name in words:
        count += _take(entry, [event_id], name)
        event = session.get_one(Event, (entry.estate_id, event_id))
        row = rows.find(session, entry.estate_id, event.subject_type, event.subject_id)
        if row is not None:
            rows.blank(row, {name})
            session.add(row)
    session.flush()
    return count


def _take(entry: Entry, events: Sequence[UUID], name: str | None = None) -> int:
    count = 0
    for part in _parts(events):
        which = [
            col(EventWord.estate_id) == entry.estate_id,
            col(EventWord.event_id).in_(part),
            col(EventWord.text).is_not(None),
        ]
        if name is not None:
            which.append(col(EventWord.name) == name)
        count += entry.session.exec(select(func.count()).select_from(EventWord).where(*which)).one()
        gone = update(EventWord).where(*which).values(text=None, salt="")
        entry.session.execute(gone.execution_options(synchronize_session=False))
    return count


def _parts(ids: Collection[UUID]) -> Iterable[list[UUID]]:
    every = list(ids)
    for start in range(0, len(every), _TOGETHER):
        yield every[start : start + _TOGETHER]
