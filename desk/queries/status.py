"""The status line: where, when, who, and what presses. Times are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from desk.calendars import Name
from desk.ledger import Ledger
from desk.models import Shift, Staff
from desk.queries.due import DueCounts, counts

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line shows; ``overdue``, ``soon`` and ``next`` are in ``due``."""

    estate: str
    zone: ZoneInfo
    #: name of the season whose hours are in force; None in the plain weekly hours
    season: Text | None
    #: a statutory day off or make-up day, by name; None on an ordinary day
    day_name: Text | None
    open_now: bool
    #: when the desk closes (open) or opens (closed) next
    changes_at: datetime | None
    #: the signed-in person's name, and their shift as rostered
    staff: str
    shift: str
    shift_starts_at: datetime | None
    shift_ends_at: datetime | None
    due: DueCounts


def status(ledger: Ledger, session: Session, now: datetime, staff_id: UUID | None = None) -> Status:
    """Everything the status line shows at ``now``."""
    calendar = ledger.calendar
    today = calendar.day(calendar.local(now).date())
    open_now = calendar.is_open(now)
    staff = session.get(Staff, (ledger.estate_id, staff_id)) if staff_id else None
    shift = _shift(ledger, session, staff_id, now) if staff_id else None
    return Status(
        estate=ledger.name,
        zone=calendar.timezone,
        season=_text(today.name) if today.why == "season" else None,
        day_name=_text(today.name) if today.why in ("holiday", "make_up") else None,
        open_now=open_now,
        changes_at=next((end for start, end in today.intervals if start <= now < end), None)
        if open_now
        else calendar.next_opening(now),
        staff=staff.name if staff else "",
        shift=shift.name if shift else "",
        shift_starts_at=shift.starts_at if shift else None,
        shift_ends_at=shift.ends_at if shift else None,
        due=counts(ledger, session, now),
    )


def _text(name: Name | None) -> Text | None:
    return name._asdict() if name is not None else None


def _shift(ledger: Ledger, session: Session, staff_id: UUID, now: datetime) -> Shift | None:
    """The person's shift now; one may come an hour early or leave late."""
    query = (
        select(Shift)
        .where(
            Shift.estate_id == ledger.estate_id,
            Shift.staff_id == staff_id,
            col(Shift.cancelled_at).is_(None),
            col(Shift.starts_at) <= now + timedelta(hours=1),
            col(Shift.starts_at) >= now - timedelta(days=2),
        )
        .order_by(col(Shift.starts_at).desc())
    )
    return next((shift for shift in session.exec(query) if shift.left_at is None and shift.ends_at >= now), None)
