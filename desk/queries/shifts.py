"""Who is on duty when, where nobody is, and the briefing read before a duty. Times are aware UTC.

Sources: S0-20…S0-22, S0-27; T-01.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from desk.ledger import Ledger
from desk.models import Shift
from desk.queries.due import DueRow, due_page
from desk.queries.handovers import HandoverRow, past
from desk.queries.naming import names_of
from desk.queries.sheets import LIMIT, NoteLine, OpenLine, count_between, sheet

#: no shift is longer; one that began earlier is over
_LONGEST = timedelta(hours=26)
#: whoever has not signed off is still there this long after the end
_OVERSTAY = timedelta(hours=2)
_DAY = timedelta(days=1)

#: what the briefing counts of the day before
_COUNTED = (
    "ticket.opened ticket.urged ticket.joined ticket.completed ticket.cancelled ticket.reopened ticket.carried_over "
    "callback.done callback.stopped complaint.graded complaint.result_told duty.missed"
).split()


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift on the roster and what became of it."""

    id: UUID
    staff_id: UUID
    staff: str
    name: str
    starts_at: datetime
    ends_at: datetime
    arrived_at: datetime | None
    briefed_at: datetime | None
    left_at: datetime | None
    #: to be rung, not at the desk; 1 is rung first
    on_call: bool = False
    rank: int = 0

    @property
    def late(self) -> bool:
        """Whether the person came after the shift had begun."""
        return self.arrived_at is not None and self.arrived_at > self.starts_at


@dataclass(frozen=True, slots=True)
class Gap:
    """Open hours for which nobody is rostered."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Briefing:
    """What to know before a duty: the day before, what was carried over, what is due today (S0-22)."""

    day: date
    #: the last day on which the desk was open
    former_day: date | None
    #: counts of that day, by event
    former: dict[str, int]
    #: notes in the log since then, those that whoever comes must know first
    notes: tuple[NoteLine, ...]
    carried: tuple[OpenLine, ...]
    emergencies: tuple[OpenLine, ...]
    #: overdue, and due until the end of today
    due: tuple[DueRow, ...]
    #: the latest handover, signed for or not
    handover: HandoverRow | None
    #: who is on duty today
    roster: tuple[ShiftRow, ...]
    gaps: tuple[Gap, ...]


def roster(ledger: Ledger, session: Session, start: datetime, end: datetime) -> list[ShiftRow]:
    """Shifts that touch the time from ``start`` to ``end``, cancelled ones apart, in the order they begin.

    Those on call come after whoever is at the desk.
    """
    return _rows(ledger, session, _shifts(ledger, session, start, end, on_call=True))


def on_duty(ledger: Ledger, session: Session, now: datetime) -> list[ShiftRow]:
    """Who has come and not gone."""
    there = [
        shift
        for shift in _shifts(ledger, session, now - _OVERSTAY, now + _DAY)
        if shift.arrived_at is not None and shift.arrived_at <= now and (shift.left_at is None or shift.left_at > now)
    ]
    return _rows(ledger, session, there)


def current(ledger: Ledger, session: Session, staff_id: UUID, now: datetime) -> ShiftRow | None:
    """The person's shift now: the one they have come for, else the one on the roster (or the next within 4 hours)."""
    theirs = [
        shift
        for shift in _shifts(ledger, session, now - _OVERSTAY, now + timedelta(hours=4))
        if shift.staff_id == staff_id and shift.left_at is None
    ]
    present = [shift for shift in theirs if shift.arrived_at is not None]
    planned = [shift for shift in theirs if shift.arrived_at is None and shift.ends_at > now]
    chosen = present[-1:] or planned[:1]
    return _rows(ledger, session, chosen)[0] if chosen else None


def gaps(ledger: Ledger, session: Session, start: datetime, end: datetime) -> list[Gap]:
    """Open hours between ``start`` and ``end`` for which nobody is on the roster (T-01: at least one, always)."""
    taken = sorted((shift.starts_at, shift.ends_at) for shift in _shifts(ledger, session, start, end))
    found: list[Gap] = []
    day = start.astimezone(ledger.zone).date() - _DAY
    while day <= end.astimezone(ledger.zone).date():
        for opens, closes in ledger.calendar.intervals(day):
            at, until = max(opens, start), min(closes, end)
            for begin, finish in taken:
                if at >= until or begin >= until:
                    break
                if begin > at:
                    found.append(Gap(at, begin))
                at = max(at, finish)
            if at < until:
                found.append(Gap(at, until))
        day += _DAY
    return _joined(found)


def briefing(ledger: Ledger, session: Session, staff_id: UUID, now: datetime) -> Briefing:
    """Everything ``staff_id`` must read before a duty that begins about ``now``.

    The former day itself, event by event, is :func:`desk.queries.log.log_page` of ``former_day``.
    """
    today = now.astimezone(ledger.zone).date()
    midnight, tomorrow = _midnight(ledger, today), _midnight(ledger, today + _DAY)
    former_day = next((day for n in range(1, 32) if ledger.calendar.intervals(day := today - n * _DAY)), None)
    begin = _midnight(ledger, former_day) if former_day is not None else midnight
    end = _midnight(ledger, former_day + _DAY) if former_day is not None else midnight
    standing = sheet(ledger, session, staff_id, begin, now)
    handovers = past(ledger, session, limit=1).rows
    page = due_page(ledger, session, now, limit=LIMIT)
    return Briefing(
        day=today,
        former_day=former_day,
        former={name: n for name in _COUNTED if (n := count_between(ledger, session, name, begin, end))},
        notes=tuple(sorted(standing.notes, key=lambda note: (not note.urgent, note.at))),
        carried=tuple(line for line in standing.open if line.carried),
        emergencies=tuple(line for line in standing.open if line.emergency),
        due=tuple(row for row in page.rows if row.due_at is not None and row.due_at < tomorrow and not row.paused),
        handover=handovers[0] if handovers else None,
        roster=tuple(roster(ledger, session, midnight, tomorrow)),
        gaps=tuple(gaps(ledger, session, max(now, midnight), tomorrow)),
    )


def _midnight(ledger: Ledger, day: date) -> datetime:
    return datetime.combine(day, time(), ledger.zone).astimezone(UTC)


def _shifts(ledger: Ledger, session: Session, start: datetime, end: datetime, *, on_call: bool = False) -> list[Shift]:
    """Duties at the desk; with ``on_call`` also those of whoever is to be rung."""
    query = (
        select(Shift)
        .where(Shift.estate_id == ledger.estate_id, col(Shift.cancelled_at).is_(None))
        .where(col(Shift.starts_at) < end, col(Shift.starts_at) > start - _LONGEST, col(Shift.ends_at) > start)
        .order_by(col(Shift.on_call), col(Shift.starts_at), col(Shift.rank), col(Shift.id))
    )
    if not on_call:
        query = query.where(col(Shift.on_call).is_(False))
    return list(session.exec(query))


def _rows(ledger: Ledger, session: Session, shifts: Sequence[Shift]) -> list[ShiftRow]:
    names = names_of(session, ledger.estate_id, [shift.staff_id for shift in shifts])
    return [
        ShiftRow(
            id=shift.id,
            staff_id=shift.staff_id,
            staff=names.get(shift.staff_id, ""),
            name=shift.name,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            arrived_at=shift.arrived_at,
            briefed_at=shift.briefed_at,
            left_at=shift.left_at,
            on_call=shift.on_call,
            rank=shift.rank,
        )
        for shift in shifts
    ]


def _joined(found: list[Gap]) -> list[Gap]:
    """Gaps that meet, as at the midnight of a desk that never closes, are one."""
    out: list[Gap] = []
    for gap in found:
        if out and out[-1].end >= gap.start:
            out[-1] = Gap(out[-1].start, max(out[-1].end, gap.end))
        else:
            out.append(gap)
    return out
