"""The roster: who is on duty when, their coming, the briefing read, their going.

``settings.shifts`` of a rulebook cuts the day: ``[{ name = "早班", from = "07:00", to = "15:00" }, …]``; where it says
nothing, a duty runs from the day's first opening to its last closing. A planned shift's beginning and end are anchors
(``@shift_start``, ``@shift_end``). Whoever is on call is on the roster too, but not at the desk; ``settings.on_call``
cuts their turns, from midnight to midnight where it says nothing.
Sources: S0-20…S0-22, S0-27, S0-29, S2-24; D-01, D-02; T-01.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from desk.calendars import Calendar
from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger
from desk.models import Shift, new_id
from desk.procedures.verbs import WHY, Values, Verb
from desk.rulebook import Rulebook
from desk.text import clean

#: no duty is longer: a day, and the hour more that a clock change may give it
LONGEST = timedelta(hours=25)
#: days planned at one go
LONGEST_ROSTER = 92

#: whoever comes so early comes for that shift
_EARLY = timedelta(hours=4)

Turn = tuple[str, datetime, datetime]


def plan_shift(
    ledger: Ledger, staff_id: UUID, starts_at: datetime, ends_at: datetime, doing: Doing, name: str = "", rank: int = 0
) -> UUID:
    """Put a person on the roster from ``starts_at`` to ``ends_at`` (aware); with a ``rank`` on call, 1 is rung first.

    Raises :class:`Refusal` ``staff.unknown``, ``shift.ends_before``, ``shift.too_long``, ``shift.overlaps``.
    """
    with ledger.write(doing) as entry:
        return _plan(entry, staff_id, starts_at, ends_at, clean(name, 40), rank=max(0, rank)).id


def plan_roster(
    ledger: Ledger, staff: Sequence[UUID], first_day: date, days: int, doing: Doing, *, everyone: bool = False
) -> list[UUID]:
    """Plan ``days`` days from ``first_day`` along the calendar: one person a turn, in turn, or ``everyone`` each time.

    A turn that is already somebody's is left alone, so that planning again only fills up. Returns the new shifts.
    Raises :class:`Refusal` ``staff.unknown``, ``roster.nobody``, ``roster.days``.
    """
    if not staff:
        raise Refusal("roster.nobody")
    if not 1 <= days <= LONGEST_ROSTER:
        raise Refusal("roster.days", days=days)
    planned: list[UUID] = []
    with ledger.write(doing) as entry:
        count = 0
        for day in (first_day + timedelta(days=n) for n in range(days)):
            for name, start, end in turns(ledger.book, ledger.calendar, day):
                on = staff if everyone else [staff[count % len(staff)]]
                count += 1
                taken = {shift.staff_id for shift in _between(entry, start, end)}
                if taken and not everyone:
                    continue
                planned += [_plan(entry, each, start, end, name).id for each in on if each not in taken]
    return planned


def turns(book: Rulebook, calendar: Calendar, day: date) -> list[Turn]:
    """The duties of a local day: name, begin and end (UTC). None on a day without open hours."""
    hours = calendar.intervals(day)
    if not hours:
        return []
    return _turns(book.settings.get("shifts", ()), calendar, day) or [("", hours[0][0], hours[-1][1])]


def on_call_turns(book: Rulebook, calendar: Calendar, day: date) -> list[Turn]:
    """The on-call duties of a local day, whether the desk is open or not."""
    return _turns(book.settings.get("on_call", ({"from": "00:00", "to": "00:00"},)), calendar, day)


def _turns(rows: Sequence[Mapping[str, str]], calendar: Calendar, day: date) -> list[Turn]:
    found: list[Turn] = []
    for row in rows:
        start, end = (calendar.wall(datetime.combine(day, time.fromisoformat(row[key]))) for key in ("from", "to"))
        if end <= start:
            end = calendar.wall(datetime.combine(day + timedelta(days=1), time.fromisoformat(row["to"])))
        found.append((str(row.get("name", "")), start, end))
    return found


def plan_on_call(
    ledger: Ledger, staff: Sequence[UUID], first_day: date, days: int, doing: Doing, *, rotate: bool = True
) -> list[UUID]:
    """Put ``staff`` on call for ``days`` days from ``first_day``, to be rung in this order.

    ``rotate`` lets the first of one turn be the last of the next. A turn for which somebody is on call already is left
    alone. Returns the new duties. Raises :class:`Refusal` ``staff.unknown``, ``roster.nobody``, ``roster.days``.
    """
    if not staff:
        raise Refusal("roster.nobody")
    if not 1 <= days <= LONGEST_ROSTER:
        raise Refusal("roster.days", days=days)
    order, planned = list(dict.fromkeys(staff)), []
    with ledger.write(doing) as entry:
        for day in (first_day + timedelta(days=n) for n in range(days)):
            for name, start, end in on_call_turns(ledger.book, ledger.calendar, day):
                if not _between(entry, start, end, on_call=True):
                    planned += [_plan(entry, each, start, end, name, rank=n).id for n, each in enumerate(order, 1)]
                if rotate:
                    order = [*order[1:], order[0]]
    return planned


def come(ledger: Ledger, doing: Doing) -> UUID:
    """Whoever acts comes on duty: for the shift planned for them, or for one until the end of duty. Returns it.

    Doing it again changes nothing. Raises :class:`Refusal` ``staff.unknown``.
    """
    with ledger.write(doing) as entry:
        assert doing.by is not None
        at = doing.happened_at
        query = (
            select(Shift)
            .where(Shift.estate_id == entry.estate_id, Shift.staff_id == doing.by)
            .where(col(Shift.starts_at) <= at + _EARLY, col(Shift.ends_at) > at)
            .where(col(Shift.cancelled_at).is_(None), col(Shift.left_at).is_(None), col(Shift.on_call).is_(False))
            .order_by(col(Shift.starts_at))
        )
        shift = entry.session.exec(query).first()
        if shift is None:
            # nobody could be early for what was never planned: no anchor, and so nothing overdue
            shift = _plan(entry, doing.by, at, ledger.calendar.end_of_duty(at), "", planned=False)
        if shift.arrived_at is None:
            _arrive(entry, shift, {})
        return shift.id


def _plan(
    entry: Entry,
    staff_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    name: str,
    *,
    planned: bool = True,
    rank: int = 0,
) -> Shift:
    """A duty at the desk, or with a ``rank`` one on call: it asks nobody to be there, so it is an event of its own."""
    person = entry.staff(staff_id)
    if ends_at <= starts_at:
        raise Refusal("shift.ends_before", starts_at=starts_at, ends_at=ends_at)
    if ends_at - starts_at > LONGEST:
        raise Refusal("shift.too_long", starts_at=starts_at, ends_at=ends_at)
    for other in _between(entry, starts_at, ends_at, on_call=bool(rank)):
        if other.staff_id == staff_id:
            raise Refusal("shift.overlaps", name=person.name, starts_at=other.starts_at, ends_at=other.ends_at)
    starts_at, ends_at = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    shift = Shift(
        estate_id=entry.estate_id,
        id=new_id(),
        staff_id=staff_id,
        name=name,
        on_call=bool(rank),
        rank=rank,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    # the person is the owner of what their shift asks for: a rule may say ``by = "@owner"``
    sets: dict[str, Any] = {"staff_id": staff_id, "name": name, "starts_at": starts_at, "ends_at": ends_at}
    sets |= {"owner": staff_id, "on_call": shift.on_call, "rank": rank}
    anchors = {"shift_start": starts_at, "shift_end": ends_at} if planned else {}
    entry.add(shift)
    if rank:
        entry.on(shift, "oncall.planned", sets=sets)
    else:
        entry.on(shift, "shift.planned", sets=sets, facts=anchors)
    return shift


def _between(entry: Entry, start: datetime, end: datetime, *, on_call: bool = False) -> list[Shift]:
    query = (
        select(Shift)
        .where(Shift.estate_id == entry.estate_id, col(Shift.cancelled_at).is_(None), Shift.on_call == on_call)
        .where(col(Shift.starts_at) < end, col(Shift.ends_at) > start, col(Shift.starts_at) > start - LONGEST)
    )
    return list(entry.session.exec(query))


def _arrive(entry: Entry, shift: Shift, values: Values) -> None:
    entry.on(shift, "shift.arrived", sets={"arrived_at": entry.doing.happened_at})


def _brief(entry: Entry, shift: Shift, values: Values) -> None:
    """Yesterday and today read; who reads it is there (S0-22)."""
    if shift.arrived_at is None:
        _arrive(entry, shift, values)
    entry.on(shift, "shift.briefed", sets={"briefed_at": entry.doing.happened_at})


def _leave(entry: Entry, shift: Shift, values: Values) -> None:
    entry.on(shift, "shift.left", sets={"left_at": entry.doing.happened_at})


def _cancel(entry: Entry, shift: Shift, values: Values) -> None:
    sets = {"cancelled_at": entry.doing.happened_at}
    entry.on(shift, "shift.cancelled", sets=sets, words={"reason": values["reason"]})


def _standing(book: Rulebook, shift: Shift) -> Refusal | None:
    if shift.cancelled_at is not None:
        return Refusal("shift.cancelled")
    return Refusal("shift.left") if shift.left_at is not None else None


def _may_arrive(book: Rulebook, shift: Shift) -> Refusal | None:
    return Refusal("shift.arrived", at=shift.arrived_at) if shift.arrived_at else _standing(book, shift)


def _may_brief(book: Rulebook, shift: Shift) -> Refusal | None:
    return Refusal("shift.briefed", at=shift.briefed_at) if shift.briefed_at else _standing(book, shift)


def _may_leave(book: Rulebook, shift: Shift) -> Refusal | None:
    return _standing(book, shift) or (None if shift.arrived_at else Refusal("shift.not_arrived"))


def _may_cancel(book: Rulebook, shift: Shift) -> Refusal | None:
    return Refusal("shift.arrived", at=shift.arrived_at) if shift.arrived_at else _standing(book, shift)


def _briefs(book: Rulebook, shift: Shift) -> bool:
    return "shift.briefed" in book.mentioned and not shift.on_call


def _at_desk(book: Rulebook, shift: Shift) -> bool:
    return not shift.on_call


VERBS = (
    Verb(
        "arrive-shift",
        "shift.arrived",
        N_("Arrive for duty"),
        _arrive,
        subject="shift",
        applies=_at_desk,
        may=_may_arrive,
    ),
    Verb("brief", "shift.briefed", N_("Read the briefing"), _brief, subject="shift", applies=_briefs, may=_may_brief),
    Verb("leave-shift", "shift.left", N_("Leave duty"), _leave, subject="shift", applies=_at_desk, may=_may_leave),
    Verb(
        "cancel-shift",
        "shift.cancelled",
        N_("Cancel the shift"),
        _cancel,
        subject="shift",
        may=_may_cancel,
        params=(WHY,),
        grave=True,
    ),
)
