"""What points where: every id of another row is that of a row that is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Table, and_, literal, or_
from sqlalchemy import select as columns
from sqlmodel import Session, SQLModel, func, select

from desk import rules
from desk.ledger import deadlines, rows
from desk.ledger.found import Checked
from desk.models import Event

_EVENT = SQLModel.metadata.tables["event"]

#: a column of ids, and the table that must hold it
_POINTS: tuple[tuple[str, str], ...] = (
    *(("occupancy.person_id", "person"), ("occupancy.room_id", "room"), ("phone.person_id", "person")),
    *(("shift.staff_id", "staff"), ("draft.staff_id", "staff")),
    *(("ticket.room_id", "room"), ("ticket.person_id", "person"), ("ticket.linked_to", "ticket")),
    *(("ticket.first_contact", "staff"), ("ticket.owner", "staff"), ("ticket.assignee", "staff")),
    *(("appointment.ticket_id", "ticket"), ("callback.ticket_id", "ticket")),
    *(("visit.served_by", "staff"), ("visit.host", "staff"), ("visit.led_to", "ticket")),
    *(("handover.outgoing", "staff"), ("handover.incoming", "staff")),
    *(
        ("event.done_by", "staff"),
        ("event.recorded_by", "staff"),
        ("event.corrects", "event"),
        ("event.batch", "event"),
    ),
    *(("eventword.event_id", "event"), ("deadline.opened_by", "event"), ("deadline.staff_id", "staff")),
)


class _Point(NamedTuple):
    """A column of ids, and the table that must hold them."""

    table: Table
    column: str
    to: Table
    #: of the table's rows only these
    where: ColumnElement[bool] | None = None

    @property
    def nowhere(self) -> ColumnElement[bool]:
        """Whether a row's id points at nothing."""
        own, other = self.table.c[self.column], self.to.alias("target")
        key = other.c.id if "id" in other.c else other.c.estate_id
        same = key == own
        if self.column != "estate_id":
            same = and_(other.c.estate_id == self.table.c.estate_id, same)
        tests = [own.is_not(None), *([self.where] if self.where is not None else [])]
        if self.to is self.table:
            tests.append(own != self.table.c.id)  # it is there itself
        return and_(*tests, ~columns(literal(1)).where(same).correlate(self.table).exists())


def _points() -> list[_Point]:
    """All of them, in the order in which they are told of."""
    tables = SQLModel.metadata.tables
    found = []
    for point, to in _POINTS:
        name, _, column = point.partition(".")
        found.append(_Point(tables[name], column, tables[to]))
    search = tables["searchkey"]
    for kind, to in (("person", "person"), ("phone", "person"), ("room", "room")):
        found.append(_Point(search, "owner_id", tables[to], search.c.owner_type == kind))
    estate = tables["estate"]
    return found + [_Point(table, "estate_id", estate) for table in tables.values() if table is not estate]


def look(session: Session, found: Checked, progress: Callable[[str, int, int], None]) -> None:
    """Every id points at a row that is there, and what events are about has its row.

    A table is gone through once; only where something is amiss each column is asked what.
    """
    points = _points()
    tables = list(dict.fromkeys(point.table for point in points))
    subjects, without = _subjects(session), False
    amiss = set()
    for done, table in enumerate(tables):
        progress("references", done, len(tables))
        tests = [point.nowhere for point in points if point.table is table]
        if table is _EVENT:
            without = _any(session, table, [*tests, *subjects.values()])
            if not without:
                continue
        if _any(session, table, tests):
            amiss.add(table)
    for point in points:
        if point.table in amiss:
            own = point.table.c[point.column]
            where = {"table": point.table.name, "column": point.column, "to": point.to.name}
            query = columns(own, func.count()).where(point.nowhere).group_by(own)
            for ident, count in session.connection().execute(query):
                found.add("reference", **where, id=str(ident), count=count)
    if without:
        _without_row(session, found, subjects)
    progress("references", len(tables), len(tables))


def _any(session: Session, table: Table, tests: list[ColumnElement[bool]]) -> bool:
    """Whether any test holds for any row."""
    query = columns(literal(1)).select_from(table).where(or_(*tests)).limit(1)
    return session.connection().execute(query).first() is not None


def _subjects(session: Session) -> dict[str, ColumnElement[bool]]:
    """For each kind of what events are about, whether an event's has no row."""
    kinds = columns(_EVENT.c.subject_type).distinct()
    found = {}
    for kind in list(session.connection().execute(kinds).scalars()):
        if kind in ("estate", "day", "log", "import"):
            continue
        own = "subject" if kind not in rows.TABLES and kind not in ("person", "room", "staff") else kind
        other = SQLModel.metadata.tables[own].alias("target")
        same = and_(other.c.estate_id == _EVENT.c.estate_id, other.c.id == _EVENT.c.subject_id)
        there = columns(literal(1)).where(same).correlate(_EVENT).exists()
        found[kind] = and_(_EVENT.c.subject_type == kind, ~there)
    return found


def _without_row(session: Session, found: Checked, subjects: dict[str, ColumnElement[bool]]) -> None:
    """What events are about has its row, unless all that was said of it has been taken back."""
    for kind, test in subjects.items():
        query = columns(_EVENT.c.estate_id, _EVENT.c.subject_id).where(test).distinct()
        for estate_id, ident in session.connection().execute(query).all():
            events = session.exec(select(Event).where(Event.estate_id == estate_id, Event.subject_id == ident)).all()
            if rules.effective(deadlines.happening(event) for event in events):
                found.add("subject", type=kind, id=str(ident), seq=events[0].seq)
