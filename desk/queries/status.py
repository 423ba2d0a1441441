"""The status line: where, when, who, and what presses. Times are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from desk.ledger import Ledger
from desk.queries.due import DueCounts

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
    raise NotImplementedError
