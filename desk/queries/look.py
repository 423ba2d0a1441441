"""One look at the deadlines: what is stored, and in memory what the clock's hand has not written yet.

Pages are cut by the index over open deadlines; no read loads more rows than it hands out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, and_, func, not_, or_, tuple_
from sqlmodel import Session, col, select

from desk import rules
from desk.ledger import Ledger, deadlines, tick
from desk.models import Deadline, Event, Room, Staff, Ticket, Visit
from desk.queries.naming import Matter, matters_of, parts
from desk.queries.page import ESCAPE, Key, like
from desk.rulebook import Rule
from desk.rules import Happening, Standing
from desk.text import fold, narrow, short_number

Root = tuple[str, UUID]

#: what is due within it is due soon
HOUR = timedelta(hours=1)
#: roots whose missed steps are worked out at one look; the console ticks before it looks, so only a command on a
#: store left alone for long meets more
_STALE = 500

#: a row and how many it stands for
Line = tuple[Deadline, int]


def key_of(row: Deadline) -> Key:
    """Where a row stands: by the time it is due or, a notice, has come up; what has no time, after all else."""
    if row.due_at is not None and not row.paused:
        return (0, row.due_at, row.step, row.id)
    return (0 if row.due_at is None and row.step else 1, row.starts_at, row.step, row.id)


class Look:
    """The board at one moment: stored rows, and in memory what the clock's hand has not written yet."""

    def __init__(
        self,
        ledger: Ledger,
        session: Session,
        now: datetime,
        *,
        who: UUID | str | None = None,
        kind: str | None = None,
        text: str | None = None,
    ) -> None:
        self.ledger, self.session, self.now = ledger, session, now
        self.who, self.kind, self.text = who, kind, text
        #: rules whose title contains the text
        self.titled = [
            rule.id for rule in ledger.book.rules.values() if text and fold(text) in fold(" ".join(rule.title.values()))
        ]
        self.gather = [
            (rule.id, number)
            for rule in ledger.book.rules.values()
            for number, step in enumerate(rule.missed, 1)
            if step.gather
        ]
        #: those of them that have a limit of their own
        self.timed = {(rule, n) for rule, n in self.gather if ledger.book.rules[rule].missed[n - 1].within is not None}
        duties = [duty for rule in ledger.book.recurring if (duty := duty_of(ledger, session, rule, now)) is not None]
        #: the newest occurrence stands: what is stored of these rules has been missed
        self.passed = [duty.rule.id for duty in duties]
        folded = self._stale()
        self.folded = list(folded)
        lines = [(row, 1) for standings in folded.values() for row in standings if row.open]
        lines += [(row, 1) for duty in duties for row in unwritten(ledger, duty, ledger.version, {}) if row.open]
        lines = self._wanted([(r, n) for r, n in lines if r.rule_id not in self.passed or r.opened_by.int == 0])
        #: rows that are nowhere written as they stand
        self.unwritten = [(r, n) for r, n in lines if (r.rule_id, r.step) not in self.gather]
        self.gathered = self._gathered([r for r, _n in lines if (r.rule_id, r.step) in self.gather])

    def lines(self, after: Key | None, limit: int) -> list[Line]:
        """Rows after ``after`` in order: one more than ``limit`` where there are more."""
        found = [line for line in (*self.unwritten, *self.gathered) if after is None or key_of(line[0]) > after]
        if after is None or after[0] == 0:
            found += self._read(col(Deadline.due_at), self._timed(), after, limit)
            found += self._read(col(Deadline.starts_at), self._notice(), after, limit)
        if len([line for line in found if key_of(line[0])[0] == 0]) <= limit:
            bound = after if after is not None and after[0] == 1 else None
            for test in (self._unknown(), self._still()):
                found += self._read(col(Deadline.starts_at), test, bound, limit)
        return sorted(found, key=lambda line: key_of(line[0]))[: limit + 1]

    def counted(self) -> tuple[int, int]:
        """Overdue, and soon."""
        timed = self._timed()
        due, warn = col(Deadline.due_at), col(Deadline.warn_at)
        overdue = self._count(timed, due < self.now)
        soon = self._count(timed, due >= self.now, due <= self.now + HOUR)
        soon += self._count(timed, due > self.now + HOUR, warn <= self.now)
        soon += self._count(self._notice())
        states = [state_of(row, self.now) for row, _n in (*self.unwritten, *self.gathered)]
        return overdue + states.count("overdue"), soon + states.count("soon")

    def coming(self) -> Line | None:
        """The next row that is due from now on."""
        after = (0, self.now, -1, UUID(int=0))
        found = [(r, n) for r, n in (*self.unwritten, *self.gathered) if r.due_at is not None and not r.paused]
        found = [line for line in found if key_of(line[0]) > after]
        found += self._read(col(Deadline.due_at), self._timed(), after, 1)
        return min(found, key=lambda line: key_of(line[0]), default=None)

    # -- what is stored ----------------------------------------------------------------------------------

    def _timed(self) -> ColumnElement[bool]:
        return and_(col(Deadline.due_at).is_not(None), col(Deadline.paused).is_(False))

    def _notice(self) -> ColumnElement[bool]:
        return and_(col(Deadline.due_at).is_(None), col(Deadline.step) > 0)

    def _unknown(self) -> ColumnElement[bool]:
        return and_(col(Deadline.due_at).is_(None), col(Deadline.step) == 0)

    def _still(self) -> ColumnElement[bool]:
        return and_(col(Deadline.due_at).is_not(None), col(Deadline.paused).is_(True))

    def _open(self, *tests: ColumnElement[bool], gathered: bool = False) -> list[ColumnElement[bool]]:
        """Conditions every read has: open, not replaced in memory, wanted by the filters."""
        found = [col(Deadline.estate_id) == self.ledger.estate_id, col(Deadline.open).is_(True), *tests]
        if self.folded:
            found.append(col(Deadline.root_id).not_in(self.folded))
        if self.passed:
            found.append(col(Deadline.rule_id).not_in(self.passed))
        if self.gather and not gathered:
            found.append(not_(tuple_(col(Deadline.rule_id), col(Deadline.step)).in_(self.gather)))
        if self.who is not None:
            found.append(self._theirs())
        if self.kind is not None:
            of_kind = select(Ticket.id).where(
                Ticket.estate_id == self.ledger.estate_id, Ticket.id == Deadline.root_id, Ticket.kind == self.kind
            )
            found.append(of_kind.exists())
        if self.text:
            found.append(or_(col(Deadline.rule_id).in_(self.titled), self._about(self.text)))
        return found

    def _about(self, text: str) -> ColumnElement[bool]:
        """The ticket's or visit's number, matter, place, name or room contains ``text``."""
        looked = (Ticket.what, Ticket.place, Ticket.person_name, Ticket.room_text, Room.code)
        tests = [col(column).like(like(text), escape=ESCAPE) for column in looked]
        # people leave out the dashes, and the year
        number = re.sub(r"^%([A-Z]+)(?=\d)", r"%\1%", like(narrow(text).upper().replace("-", "")))
        tests.append(func.replace(col(Ticket.number), "-", "").like(number, escape=ESCAPE))
        said = (Visit.what, Visit.person_name, Visit.room_text)
        visit_tests = [col(column).like(like(text), escape=ESCAPE) for column in said]
        visit_tests.append(func.replace(col(Visit.number), "-", "").like(number, escape=ESCAPE))
        visit = select(Visit.id).where(
            Visit.estate_id == self.ledger.estate_id, Visit.id == Deadline.root_id, or_(*visit_tests)
        )
        ticket = (
            select(Ticket.id)
            .join(Room, and_(col(Room.estate_id) == Ticket.estate_id, col(Room.id) == Ticket.room_id), isouter=True)
            .where(Ticket.estate_id == self.ledger.estate_id, Ticket.id == Deadline.root_id, or_(*tests))
        )
        return or_(ticket.exists(), visit.exists())

    def _read(self, at: Any, test: ColumnElement[bool], after: Key | None, limit: int) -> list[Line]:
        step, ident = col(Deadline.step), col(Deadline.id)
        query = select(Deadline).where(*self._open(test)).order_by(at, step, ident).limit(limit + 1)
        if after is not None:
            later = or_(step > after[2], and_(step == after[2], ident > after[3]))
            query = query.where(at >= after[1], or_(at > after[1], later))
        return [(row, 1) for row in self.session.exec(query)]

    def _count(self, *tests: ColumnElement[bool]) -> int:
        return self.session.exec(select(func.count()).select_from(Deadline).where(*self._open(*tests))).one()

    def _theirs(self) -> ColumnElement[bool]:
        by = col(Deadline.by)
        if isinstance(self.who, UUID):
            exact, unnamed = self._duties(), col(Deadline.staff_id).is_(None)
            return or_(col(Deadline.staff_id) == self.who, and_(unnamed, by.in_(exact)))
        return or_(by == self.who, by.like(f"{self.who}@%"))

    def _duties(self) -> list[str]:
        """What a rule may call the member of staff the board is for."""
        staff = self.session.get(Staff, (self.ledger.estate_id, self.who))
        if staff is None:
            return []
        return [*staff.duties, *(f"{duty}@{staff.department}" for duty in staff.duties)]

    # -- what is not written yet -------------------------------------------------------------------------

    def _stale(self) -> dict[UUID, list[Deadline]]:
        """Rows as they stand of the roots on which a step has come up since the last tick."""
        estate_id = self.ledger.estate_id
        query = (
            select(Deadline.root_id, func.min(Deadline.fires_at))
            .where(Deadline.estate_id == estate_id, col(Deadline.fires_at).is_not(None))
            # nearly all have none: a store somebody ran ANALYZE on would else think the index of no use
            .where(col(Deadline.fires_at) < self.now)
            .group_by(col(Deadline.root_id))
            .order_by(func.min(Deadline.fires_at))
            .limit(_STALE)
        )
        roots = [ident for ident, _at in self.session.exec(query)]
        stored = {
            (row.rule_id, row.opened_by, row.step): row.id
            for part in parts(roots)
            for row in self.session.exec(
                select(Deadline).where(Deadline.estate_id == estate_id, col(Deadline.root_id).in_(part))
            )
        }
        found: dict[UUID, list[Deadline]] = {}
        for part in parts(roots):
            events = select(Event).where(Event.estate_id == estate_id, col(Event.root_id).in_(part))
            histories: dict[UUID, list[Event]] = {}
            for event in self.session.exec(events.order_by(col(Event.seq))):
                histories.setdefault(event.root_id, []).append(event)
            for root, history in histories.items():
                version = history[-1].rulebook_version
                adopted = self.ledger.adopted(self.session, version)
                past = [deadlines.happening(event) for event in history]
                standings = rules.fold(past, adopted.book, adopted.calendar, self.now)
                found[root] = [row for each in standings for row in unwritten(self.ledger, each, version, stored)]
        return found

    def _wanted(self, lines: list[Line]) -> list[Line]:
        """Those of rows in memory that the filters let through."""
        if isinstance(self.who, UUID):
            duties = self._duties()
            lines = [
                (row, n) for row, n in lines if row.staff_id == self.who or (row.staff_id is None and row.by in duties)
            ]
        elif self.who is not None:
            lines = [(row, n) for row, n in lines if row.by.partition("@")[0] == self.who]
        if self.kind is not None:
            matters = matters_of(self.session, self.ledger.estate_id, {row.root_id for row, _n in lines})
            lines = [(row, n) for row, n in lines if row.root_id in matters and matters[row.root_id].kind == self.kind]
        if self.text:
            found = matters_of(self.session, self.ledger.estate_id, {row.root_id for row, _n in lines})
            wanted = fold(self.text).replace("-", "")
            lines = [
                (row, n)
                for row, n in lines
                if row.rule_id in self.titled or (row.root_id in found and wanted in _said(found[row.root_id]))
            ]
        return lines

    def _gathered(self, unwritten: list[Deadline]) -> list[Line]:
        """One line for each rule whose steps are gathered: the oldest row, and how many there are."""
        found: dict[tuple[str, int], tuple[Deadline, int]] = {}
        for rule_id, step in self.gather:
            tests = [col(Deadline.rule_id) == rule_id, col(Deadline.step) == step]
            if (rule_id, step) not in self.timed:
                # said beforehand, that leads the engine to the index over what is open
                tests.append(col(Deadline.due_at).is_(None))
            stands = select(func.count(), func.min(Deadline.starts_at)).select_from(Deadline)
            count, at = self.session.exec(stands.where(*self._open(*tests, gathered=True))).one()
            if count:
                oldest = select(Deadline).where(*self._open(*tests, gathered=True), Deadline.starts_at == at)
                found[rule_id, step] = (self.session.exec(oldest.limit(1)).one(), count)
        for row in unwritten:
            first, count = found.get((row.rule_id, row.step), (row, 0))
            found[row.rule_id, row.step] = (min(first, row, key=key_of), count + 1)
        return list(found.values())


def _said(matter: Matter) -> str:
    return fold(f"{matter.number} {short_number(matter.number)} {matter.room} {matter.what}").replace("-", "")


def duty_of(ledger: Ledger, session: Session, rule: Rule, now: datetime) -> Standing | None:
    """The newest occurrence of a recurring duty that has come up and is not opened yet."""
    came = tick.pending(session, ledger, rule, now)
    if not came:
        return None
    at = came[-1]
    subject = ("duty", tick.duty_id(ledger.estate_id, rule.id, at))
    facts = {"rule": rule.id, "occurrence": at.isoformat()}
    opened = Happening(UUID(int=0), 0, "duty.opened", at, subject, subject, facts, own=frozenset(facts))
    found = rules.fold([opened], ledger.book, ledger.calendar, now)
    return next((standing for standing in found if standing.rule.id == rule.id), None)


def standings_of(
    ledger: Ledger, session: Session, roots: Sequence[UUID], now: datetime
) -> list[tuple[list[Standing], int]]:
    """Each root's deadlines as they stand, with the version of the rulebook it keeps."""
    histories: dict[UUID, list[Event]] = {root: [] for root in roots}
    for part in parts(roots):
        query = select(Event).where(Event.estate_id == ledger.estate_id, col(Event.root_id).in_(part))
        for event in session.exec(query.order_by(col(Event.root_id), col(Event.seq))):
            histories[event.root_id].append(event)
    found = []
    for events in histories.values():
        version = (events[-1].rulebook_version if events else 0) or ledger.version
        adopted = ledger.adopted(session, version)
        found.append((rules.fold(map(deadlines.happening, events), adopted.book, adopted.calendar, now), version))
    return found


def unwritten(
    ledger: Ledger, standing: Standing, version: int, stored: Mapping[tuple[str, UUID, int], UUID]
) -> list[Deadline]:
    """Rows as a standing says; one that is stored keeps its id, another gets the same one at every look."""
    found = deadlines.unwritten(ledger.estate_id, standing)
    for row in found:
        known = stored.get((row.rule_id, row.opened_by, row.step))
        row.id = known or uuid5(row.root_id, f"{row.rule_id}/{row.opened_by}/{row.step}")
        row.rulebook_version = version
    return found


def state_of(row: Deadline, now: datetime) -> str:
    """``overdue`` | ``soon`` | ``later`` | ``met`` | ``cancelled`` at ``now``."""
    if row.met_at is not None:
        return "met"
    if row.cancelled_at is not None or not row.open:
        return "cancelled"
    if row.paused:
        return "later"
    if row.due_at is None:
        return "soon" if row.step else "later"
    if row.due_at < now:
        return "overdue"
    warned = row.warn_at is not None and row.warn_at <= now
    return "soon" if warned or row.due_at - now <= HOUR else "later"
