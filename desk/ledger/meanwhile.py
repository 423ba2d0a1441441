"""What others did to a thing between a person's looking at it and their saving."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlmodel import Session, col, select

from desk.errors import Refusal
from desk.models import Estate, Event, Staff
from desk.vocabulary import EVENTS

if TYPE_CHECKING:
    from desk.ledger.acts import Doing

#: so many are named; there are hardly ever more
_MOST = 5
#: what is noted of a thing and changes nothing about it
UNTOUCHING = ("act.refused", "person.revealed", "records.exported")


def head(session: Session, estate_id: UUID) -> int:
    """How far the ledger has come: what one looks at now is as of then."""
    return session.get_one(Estate, estate_id).head_seq


def look(session: Session, estate_id: UUID, root: tuple[str, UUID], doing: Doing) -> None:
    """Raises :class:`Refusal` ``act.meanwhile`` where another has done something to ``root`` since ``doing.seen``.

    It holds ``events`` (title, who, when in UTC; the newest last) and the ``head`` that whoever reads them has seen.
    """
    if doing.seen is None:
        return
    writer = doing.recorded_by or doing.by
    query = (
        select(Event, Staff.name)
        .join(Staff, (col(Staff.estate_id) == Event.estate_id) & (col(Staff.id) == Event.recorded_by))
        .where(
            Event.estate_id == estate_id,
            Event.root_id == root[1],
            Event.seq > doing.seen,
            Event.recorded_by != writer,
            col(Event.name).not_in(UNTOUCHING),
        )
        .order_by(col(Event.seq))
    )
    found = session.exec(query).all()
    if found:
        events = [(EVENTS[event.name].title, name, event.recorded_at) for event, name in found[-_MOST:]]
        raise Refusal("act.meanwhile", events=events, more=len(found) - len(events), head=found[-1][0].seq)
