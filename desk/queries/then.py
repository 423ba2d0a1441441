"""Words as the ledger had them when its chain stood at a certain event: what a snapshot names but does not hold.

A word that has been forgotten since is None, or empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from desk.models import Event, EventWord, Room
from desk.queries.naming import parts


def words_then(
    session: Session, estate_id: UUID, subjects: list[UUID], head: int, names: Iterable[str] = ("what", "room_text")
) -> dict[str, dict[str, str]]:
    """What tickets or visits said, their matter and room text, as the ledger had it up to event ``head``."""
    found: dict[str, dict[str, str]] = {}
    for part in parts(subjects):
        taken_back = select(Event.corrects).where(
            Event.estate_id == estate_id,
            col(Event.root_id).in_(part),
            Event.name == "event.retracted",
            col(Event.seq) <= head,
        )
        gone = set(session.exec(taken_back))
        query = (
            select(Event.id, Event.subject_id, EventWord.name, EventWord.text)
            .join(EventWord, (col(EventWord.estate_id) == Event.estate_id) & (col(EventWord.event_id) == Event.id))
            .where(Event.estate_id == estate_id, col(Event.subject_id).in_(part), col(Event.seq) <= head)
            .where(col(EventWord.name).in_(tuple(names)))
            .order_by(col(Event.happened_at), col(Event.seq))
        )
        for event, subject, name, text in session.exec(query):
            if event not in gone:
                found.setdefault(str(subject), {})[name] = text or ""
    return found


def texts_then(
    session: Session, estate_id: UUID, events: list[UUID], head: int | None, name: str = "note"
) -> dict[str, str | None]:
    """One word of several events, as corrected up to event ``head``."""
    found: dict[str, str | None] = {}
    for part in parts(events):
        query = (
            select(Event.id, Event.corrects, EventWord.text)
            .join(EventWord, (col(EventWord.estate_id) == Event.estate_id) & (col(EventWord.event_id) == Event.id))
            .where(Event.estate_id == estate_id, EventWord.name == name)
            .where(col(Event.id).in_(part) | col(Event.corrects).in_(part))
            .order_by(col(Event.seq))
        )
        if head is not None:
            query = query.where(col(Event.seq) <= head)
        for event, corrected, text in session.exec(query):
            found[str(corrected or event)] = text
    return found


def rooms_of(session: Session, estate_id: UUID, ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts(UUID(ident) for ident in ids):
        query = select(Room.id, Room.code).where(Room.estate_id == estate_id, col(Room.id).in_(part))
        found |= {str(ident): code for ident, code in session.exec(query)}
    return found
