"""Visitors on the handover sheet: who is still there, and whose message has not been passed on (S0-29, S1-54, S1-60).

Like the rest of the sheet it is frozen as ids, states and times; the words are read as the chain's head had them.
Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from desk.i18n import N_, _
from desk.ledger import Ledger
from desk.queries.waiting import VisitRow, board
from desk.vocabulary import CHANNELS, MATTERS, VISIT_STATUSES

#: the sections of the sheet, in order: still there, and gone with a message left
SECTIONS = {"visits": N_("Visitors still here"), "messages": N_("Messages to pass on")}
HOST_BUSY = N_("Host busy")
#: what visitors said that the sheet shows
WORDS = ("what", "room_text", "person_name", "message")


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visitor or caller the one who comes must know of."""

    visit_id: UUID
    #: ``W-261122-003``
    number: str
    came_at: datetime
    #: ``waiting`` | ``served`` | ``upgraded`` | ``with_host`` | ``left``
    status: str
    #: ``visit`` at the counter | ``phone``
    channel: str
    #: one of the seven kinds of S1-02, or None while it is not known
    matter: str | None
    urgent: bool
    #: waiting for a host who is busy: the desk has done its part
    for_host: bool
    #: who is with them; of those with a message, and of those who wait for a host, the host
    who: str
    #: when the most pressing of their limits ends, or ended
    due_at: datetime | None
    name: str
    room: str
    what: str
    #: the message they left, ``""`` where there is none or it has been forgotten
    message: str


def freeze_visits(ledger: Ledger, session: Session, now: datetime, limit: int) -> dict[str, Any]:
    """The two sections as plain ids and states, and ``totals`` of both; empty under a manual without visitors."""
    if not ledger.book.visitors:
        return {}
    shown = board(ledger, session, now)
    both = {"visits": shown.rows, "messages": shown.messages}
    frozen = {section: [_frozen(row) for row in rows[:limit]] for section, rows in both.items()}
    return {**frozen, "totals": {section: len(rows) for section, rows in both.items()}}


def _frozen(row: VisitRow) -> dict[str, Any]:
    staff = row.served_by_id or row.host_id
    return {
        "visit": str(row.id),
        "number": row.number,
        "came_at": row.came_at.isoformat(),
        "status": row.status,
        "channel": row.channel,
        "matter": row.matter,
        "urgent": row.urgent,
        "for_host": row.status == "waiting" and row.host_state == "busy",
        "staff": str(staff) if staff else None,
        "due_at": row.next.due_at.isoformat() if row.next is not None and row.next.due_at is not None else None,
    }


def frozen_visits(snapshot: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The rows of both sections of a snapshot."""
    for section in SECTIONS:
        yield from snapshot.get(section, ())


def thaw_visits(
    rows: Sequence[Mapping[str, Any]], said: Mapping[str, Mapping[str, str]], names: Mapping[UUID, str]
) -> tuple[VisitLine, ...]:
    """One section to read, with what visitors ``said`` (by id) and the ``names`` of staff."""
    return tuple(
        VisitLine(
            visit_id=UUID(row["visit"]),
            number=row["number"],
            came_at=datetime.fromisoformat(row["came_at"]),
            status=row["status"],
            channel=row["channel"],
            matter=row["matter"],
            urgent=row["urgent"],
            for_host=row["for_host"],
            who=names.get(UUID(row["staff"]), "") if row["staff"] else "",
            due_at=datetime.fromisoformat(row["due_at"]) if row["due_at"] else None,
            name=(words := said.get(row["visit"], {})).get("person_name", ""),
            room=words.get("room_text", ""),
            what=words.get("what", ""),
            message=words.get("message", ""),
        )
        for row in rows
    )


def said_of(line: VisitLine) -> list[str]:
    """What is said of a visitor besides number and times, in the language in force: state, matter, who, what."""
    gone = line.status == "left"
    status = HOST_BUSY if line.for_host else VISIT_STATUSES[line.status]
    state = [CHANNELS["phone"] if line.channel == "phone" else "", "" if gone else status]
    found = [_("Urgent") if line.urgent else "", *(_(word) for word in state if word)]
    found += [_(MATTERS[line.matter]) if line.matter else "", " ".join(filter(None, (line.room, line.name)))]
    found += [line.what, _("Message: {text}").format(text=line.message) if line.message else ""]
    return [words for words in found if words]
