"""What waits for the managers' meeting (S3-33; F-66). Times are aware UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from desk.ledger import Ledger
from desk.ledger.deadlines import words_of
from desk.models import Event
from desk.queries.naming import parts
from desk.queries.tickets import ticket_rows


@dataclass(frozen=True, slots=True)
class MeetingItem:
    """A matter before the meeting."""

    ticket_id: UUID
    number: str
    put_at: datetime
    room: str
    department: str
    #: as it was put, else what was taken down
    matter: str
    reason: str


def meeting_list(ledger: Ledger, session: Session) -> list[MeetingItem]:
    """Every open matter put to the meeting and not decided, the longest waiting first."""
    put: dict[UUID, Event] = {}
    names = ("ticket.put_to_meeting", "ticket.decided")
    query = select(Event).where(Event.estate_id == ledger.estate_id, col(Event.name).in_(names))
    for event in session.exec(query.order_by(col(Event.happened_at), col(Event.seq))):
        if event.name == "ticket.put_to_meeting":
            put[event.root_id] = event
        else:
            put.pop(event.root_id, None)
    found: list[MeetingItem] = []
    words = words_of(session, ledger.estate_id, [event.id for event in put.values()])
    for part in parts(put):
        for ticket, row in ticket_rows(ledger, session, part):
            event = put[ticket.id]
            # taken back, or cancelled: then it waits for nobody
            if ticket.facts.get("meeting") != "listed" or ticket.status in ("closed", "cancelled"):
                continue
            said = words.get(event.id, {})
            found.append(
                MeetingItem(
                    ticket_id=ticket.id,
                    number=row.number,
                    put_at=event.happened_at,
                    room=row.room,
                    department=ticket.department or "",
                    matter=said.get("matter") or row.what,
                    reason=said.get("reason") or "",
                )
            )
    return sorted(found, key=lambda item: item.put_at)
