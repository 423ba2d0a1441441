"""The waiting board: who is at the counter or on the line, since when, with whom, and what must be done about it next.

Looking writes nothing; what has come up by ``now`` and is not written yet is worked out in memory. Times are aware UTC.
Sources: S1-02, S1-05…S1-10, S1-52…S1-60.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from desk.errors import Refusal
from desk.ledger import Ledger
from desk.models import Deadline, Ticket, Visit
from desk.queries.due import DueRow, of_roots
from desk.queries.naming import names_of, parts
from desk.text import narrow

#: statuses of whoever is still there
THERE = ("waiting", "served", "upgraded", "with_host")


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visitor or caller. Words are as they were taken down, ``""`` where nothing was."""

    id: UUID
    #: ``W-261122-003``
    number: str
    #: ``visit`` at the counter | ``phone``
    channel: str
    #: ``waiting`` | ``served`` | ``upgraded`` | ``with_host`` | ``left``
    status: str
    came_at: datetime
    name: str
    room: str
    phone: str
    #: one of the seven kinds of S1-02, or None while it is not known: show it with ``value("matter", …)``
    matter: str | None
    what: str
    urgent: bool
    #: who is with them now; ``""`` while nobody is
    served_by: str
    served_by_id: UUID | None
    #: when somebody first was with them: waiting ends here
    served_at: datetime | None
    #: 0 a colleague, 1 the customer-service director, 2 the management-office director
    level: int
    #: whom they came to see, and whether that one is ``in`` | ``out`` | ``busy``, as found at ``host_since``
    host: str
    host_id: UUID | None
    host_state: str | None
    host_since: datetime | None
    #: since when a question is explained without a clear answer, and since when a caller is on hold
    explained_since: datetime | None
    held_since: datetime | None
    #: ``taken`` | ``passed``, or None
    message: str | None
    #: number of the ticket that came of it
    ticket: str
    ended_at: datetime | None
    #: seen out, asked whether satisfied; None: not asked
    satisfied: bool | None
    #: every open deadline and step of the visit, the most pressing first
    due: tuple[DueRow, ...] = ()

    @property
    def next(self) -> DueRow | None:
        """What must be done next: a step that has come up before the deadline it came up for."""
        steps = [row for row in self.due if row.step and row.due_at is not None]
        return min(steps, key=lambda row: row.due_at or row.starts_at) if steps else next(iter(self.due), None)

    @property
    def doing(self) -> str:
        """What is going on with them, as the prompt cards name it: ``card(book, "visit", row.doing)``."""
        if self.status == "left":
            return "leaving"
        if self.status == "with_host":
            return "host_in"
        if self.status == "waiting":
            return "host_busy" if self.host_state == "busy" else "urgent" if self.urgent else "waiting"
        if self.held_since is not None:
            return "hold"
        if self.level:
            return "director" if self.level == 1 else "office_director"
        if self.status == "upgraded":
            return "upgraded"
        if self.explained_since is not None:
            return "explaining"
        if self.host_state == "out":
            return "host_phone" if self.urgent else "host_out"
        if self.matter == "question" and self.channel == "visit":
            return "answered"  # to be with them was to explain, and that is over
        return self.matter or ("call" if self.channel == "phone" else "greeting")

    def waited(self, now: datetime) -> timedelta:
        """How long they have waited, or did wait, until somebody was with them (D-22, D-23)."""
        return (self.served_at or self.ended_at or now) - self.came_at


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody of the staff who is with a visitor or on the line (S1-05, S1-07)."""

    staff_id: UUID
    name: str
    #: with whom
    visit: VisitRow

    @property
    def phone(self) -> bool:
        """On the line, nobody on hold."""
        return self.visit.channel == "phone" and self.visit.held_since is None


@dataclass(frozen=True, slots=True)
class Board:
    """Everybody who is there: those who wait first (urgent ones before all), then those who are being looked after."""

    rows: tuple[VisitRow, ...]
    busy: tuple[Busy, ...]
    #: gone, their message not passed on yet (S1-54)
    messages: tuple[VisitRow, ...] = ()

    @property
    def waiting(self) -> tuple[VisitRow, ...]:
        """Those nobody is with."""
        return tuple(row for row in self.rows if row.status == "waiting")


def board(ledger: Ledger, session: Session, now: datetime) -> Board:
    """Everybody at the counter and on the line at ``now``, with what must be done about each."""
    query = select(Visit).where(
        Visit.estate_id == ledger.estate_id, col(Visit.status).in_(THERE), col(Visit.came_at) <= now
    )
    rows = sorted(_rows(ledger, session, session.exec(query).all(), now), key=_order)
    busy = [Busy(row.served_by_id, row.served_by, row) for row in rows if row.served_by_id is not None]
    return Board(tuple(rows), tuple(busy), tuple(_messages(ledger, session, now)))


def _order(row: VisitRow) -> tuple[bool, bool, datetime, str]:
    return row.status != "waiting", not row.urgent, row.came_at, row.number


def _messages(ledger: Ledger, session: Session, now: datetime) -> list[VisitRow]:
    """Visits that are over with something still to be done; found by their open deadlines, not among all visits."""
    asking = select(Deadline.root_id).where(
        Deadline.estate_id == ledger.estate_id, col(Deadline.open).is_(True), Deadline.root_type == "visit"
    )
    query = select(Visit).where(Visit.estate_id == ledger.estate_id, col(Visit.id).in_(asking), Visit.status == "left")
    found = _rows(ledger, session, session.exec(query).all(), now)
    return sorted((row for row in found if row.message == "taken"), key=lambda row: row.came_at)


def visit_page(
    ledger: Ledger, session: Session, since: datetime, until: datetime, now: datetime, *, limit: int = 200
) -> list[VisitRow]:
    """Visits that began from ``since`` to before ``until``, the earliest first, at most ``limit``."""
    query = (
        select(Visit)
        .where(Visit.estate_id == ledger.estate_id, col(Visit.came_at) >= since, col(Visit.came_at) < until)
        .order_by(col(Visit.came_at), col(Visit.number))
        .limit(limit)
    )
    return _rows(ledger, session, session.exec(query).all(), now)


def visit_row(ledger: Ledger, session: Session, visit_id: UUID, now: datetime) -> VisitRow:
    """One visit. Raises :class:`Refusal` ``subject.unknown``."""
    visit = session.get(Visit, (ledger.estate_id, visit_id))
    if visit is None:
        raise Refusal("subject.unknown", type="visit", id=str(visit_id))
    return _rows(ledger, session, [visit], now)[0]


#: typed in one, the last three digits are the number: W0302001 is no 1 of day 0200
_NUMBER = re.compile(r"(?:W-?)?(?:(\d\d)?(\d{4})(?:-|(?=\d{3}$)))?(\d{1,4})")


def visit_numbered(ledger: Ledger, session: Session, text: str, now: datetime) -> UUID:
    """The visit people mean by ``W-261122-003``, ``W-1122-003``, or ``W-003`` and ``3`` of the day of ``now``.

    Raises :class:`Refusal` ``visit.unknown``.
    """
    asked = re.sub(r"\s", "", narrow(text)).upper()
    found = _NUMBER.fullmatch(asked)
    if found is not None:
        year, day, number = found.groups()
        local = now.astimezone(ledger.zone)
        scope = f"W-{year or f'{local:%y}'}{day or f'{local:%m%d}'}"
        asked = f"{scope}-{int(number):03d}"
    ident = session.exec(select(Visit.id).where(Visit.estate_id == ledger.estate_id, Visit.number == asked)).first()
    if ident is None:
        raise Refusal("visit.unknown", number=text)
    return ident


# -- as people read it ---------------------------------------------------------------------------------------


def _rows(ledger: Ledger, session: Session, visits: Sequence[Visit], now: datetime) -> list[VisitRow]:
    names = names_of(session, ledger.estate_id, {each for v in visits for each in (v.served_by, v.host)})
    tickets = _tickets(ledger, session, (visit.led_to for visit in visits))
    # a day's list needs no reckoning of what is over
    asking = [visit.id for visit in visits if visit.status != "left" or visit.facts.get("message") == "taken"]
    due = of_roots(ledger, session, asking, now)
    return [
        VisitRow(
            id=visit.id,
            number=visit.number,
            channel=visit.channel,
            status=visit.status,
            came_at=visit.came_at,
            name=visit.person_name or "",
            room=visit.room_text or "",
            phone=visit.phone or "",
            matter=visit.matter,
            what=visit.what or "",
            urgent=visit.urgent,
            served_by=names.get(visit.served_by, "") if visit.served_by else "",
            served_by_id=visit.served_by,
            served_at=visit.served_at,
            level=visit.level,
            host=names.get(visit.host, "") if visit.host else "",
            host_id=visit.host,
            host_state=visit.host_state,
            host_since=visit.host_since,
            explained_since=visit.explained_since,
            held_since=visit.held_since,
            message=visit.facts.get("message"),
            ticket=tickets.get(visit.led_to, "") if visit.led_to else "",
            ended_at=visit.ended_at,
            satisfied=visit.facts.get("satisfied"),
            due=tuple(row for row in due.get(visit.id, ()) if row.met_at is None and row.cancelled_at is None),
        )
        for visit in visits
    ]


def _tickets(ledger: Ledger, session: Session, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for part in parts({ident for ident in ids if ident is not None}):
        query = select(Ticket.id, Ticket.number).where(Ticket.estate_id == ledger.estate_id, col(Ticket.id).in_(part))
        found |= dict(session.exec(query).all())
    return found
